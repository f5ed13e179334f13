"""The summary for programs."""

import msgspec

from gate.portfolio.summary.content import Summary
from gate.terminal import defused


def render(summary: Summary) -> bytes:
    """Schema 1."""
    body = msgspec.to_builtins(summary)
    body["faults"] = [
        {"system": one.system, **{field: getattr(one.fault, field) for field in one.fault.__struct_fields__}}
        for one in summary.faults
    ]
    return defused(msgspec.json.format(msgspec.json.encode({"schema": 1, **body}), indent=2)) + b"\n"
