"""Where a decision may be announced, and the message that announces it; `gate/workflow` signs and sends it."""

import re
from collections.abc import Sequence
from urllib.parse import SplitResult, urlsplit

import msgspec

from gate.api.judge import Judged
from gate.api.problem import Problem
from gate.api.service import MakeMessages
from gate.store import Delivery

KIND = "callback"
"""The kind of message in the outbox."""

TYPE = "decision.made.v1"

_HIDING = re.compile(r"%(2e|2f|5c)|\\", re.IGNORECASE)
"""A dot or a slash that only the receiver may read as one: the path it then serves is not the one looked at here."""


def demand_allowed(url: str, prefixes: Sequence[str]) -> None:
    """Raises Problem unless the operator named the address: the server would else reach whatever a caller names."""
    there = _parts(url)
    for prefix in prefixes:
        allowed = urlsplit(prefix)
        folder = allowed.path if allowed.path.endswith("/") else f"{allowed.path}/"
        is_same = (there.scheme, there.netloc) == (allowed.scheme, allowed.netloc)
        if is_same and (there.path == allowed.path or f"{there.path}/".startswith(folder)) and ".." not in there.path:
            return
    raise Problem(
        "forbidden", "Decisions are not sent to that address.", remedy="The operator sets GATE_CALLBACK_URLS."
    )


def _parts(url: str) -> SplitResult:
    try:
        found = urlsplit(url)
        is_whole = found.scheme in ("https", "http") and bool(found.hostname) and "@" not in found.netloc
    except ValueError:
        is_whole, found = False, urlsplit("")
    if not is_whole or not url.isascii() or not url.isprintable() or "%" in found.netloc or _HIDING.search(found.path):
        raise Problem("usage", "The callback is no address of HTTP.")
    return found


def telling(url: str, where: str) -> MakeMessages:
    """What sends a decision to the address; `where` is the path of decisions here."""

    def told(one: Judged) -> tuple[Delivery, ...]:
        name = one.record.id
        body = {
            "type": TYPE,
            "timestamp": one.record.evaluated_at,
            "data": {"location": f"{where}/{name}", "decision": msgspec.Raw(one.body)},
        }
        return (Delivery(f"{KIND}-{name}", KIND, url, msgspec.json.encode(body), {"content-type": "application/json"}),)

    return told
