"""A decision made again from what was stored: the same document, law and times give the same bytes."""

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from gate.store.store import Store


class Difference(msgspec.Struct, frozen=True):
    """Where the two decisions differ."""

    pointer: str
    stored: object
    replayed: object


class Replay(msgspec.Struct, frozen=True):
    """What came of it."""

    id: str
    same: bool
    stored: bytes  # the wire object as it was answered
    replayed: bytes  # the wire object as it is made now, with the stored id, clock and engine
    law: str  # by which both were made
    engine: str  # by which it was made now
    differences: tuple[Difference, ...] = ()


def replay(store: "Store", id: str) -> Replay:  # noqa: A002 - it is the decision's `id`
    """Decide again. Raises UsageError if there is no such decision, or what it was made from was erased."""
    raise NotImplementedError
