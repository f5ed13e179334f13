"""The decision as JSON: the same object that the service answers and stores. Several inputs give a list."""

from collections.abc import Sequence

import msgspec

from gate.record import Record, wire


def render(records: Sequence[Record], colour: bool) -> bytes:  # noqa: ARG001 - the family's contract
    """One object for one input, a list for several."""
    bodies = [wire(record) for record in records]
    body = bodies[0] if len(bodies) == 1 else bodies
    return msgspec.json.format(msgspec.json.encode(body), indent=2) + b"\n"
