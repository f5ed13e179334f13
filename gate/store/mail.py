"""Messages on their way out and in: the outbox, its dead letters, and the ids of webhooks that were seen."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import msgspec

from gate.store.entry import Delivery

if TYPE_CHECKING:
    from gate.store.engine import Database


class Letter(msgspec.Struct, frozen=True):
    """A message in the outbox."""

    id: str
    kind: str
    url: str
    body: bytes
    headers: dict[str, str]
    state: str  # waiting, sent, dead
    attempts: int  # that were begun
    next_at: datetime
    created_at: datetime
    last_error: str | None


class Outbox:
    """Messages that are sent until they arrive. Several processes may empty it."""

    def __init__(self, database: "Database") -> None:
        self._database = database

    def put(self, deliveries: Iterable[Delivery], at: datetime) -> None:
        """Add messages; one whose id is there already is left as it is. (Those of an Entry are added with it.)"""
        raise NotImplementedError

    def claim(self, at: datetime, lease: timedelta, *, limit: int = 20) -> list[Letter]:
        """Messages that are due, this caller's alone until `at` + `lease`; each claim is an attempt."""
        raise NotImplementedError

    def sent(self, id: str, at: datetime) -> None:  # noqa: A002
        """It arrived."""
        raise NotImplementedError

    def failed(self, id: str, error: str, next_at: datetime) -> None:  # noqa: A002
        """It did not arrive, and is due again at `next_at`."""
        raise NotImplementedError

    def dead(self, id: str, error: str, at: datetime) -> None:  # noqa: A002
        """It is given up, and kept for a person."""
        raise NotImplementedError

    def revive(self, id: str, at: datetime) -> None:  # noqa: A002
        """A dead one is tried anew. Raises UsageError for one that is not dead."""
        raise NotImplementedError

    def all(self, state: str | None = None) -> list[Letter]:
        """Messages, oldest first."""
        raise NotImplementedError

    def next_due(self) -> datetime | None:
        """When the next waiting message is due."""
        raise NotImplementedError

    def counted(self) -> dict[str, int]:
        """State -> how many."""
        raise NotImplementedError


class Seen:
    """The ids of inbound webhooks, so that a replayed one is known."""

    def __init__(self, database: "Database") -> None:
        self._database = database

    def is_new(self, id: str, at: datetime, until: datetime) -> bool:  # noqa: A002
        """Note the id until then; False if it was noted before and that time is not over at `at`. One caller wins."""
        raise NotImplementedError

    def forget(self, id: str) -> None:  # noqa: A002
        """Its handling failed before anything was stored, so that the sender may try again."""
        raise NotImplementedError
