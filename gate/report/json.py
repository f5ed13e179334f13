"""The decision as JSON: the same object that the service answers and stores. Several inputs give a list."""

import msgspec

from gate.record import Run, wire
from gate.terminal import defused


def render(run: Run, colour: bool) -> bytes:  # noqa: ARG001 - the family's contract
    """One object for one input, a list for several."""
    bodies = [wire(record) for record in run.records]
    if not bodies:  # an empty list would read as if there were nothing to say
        return b""
    body = bodies[0] if len(bodies) == 1 else bodies
    return defused(msgspec.json.format(msgspec.json.encode(body), indent=2)) + b"\n"
