"""Approved purchases, which are watched: a later law, or the end of a waiver, may forbid what was allowed."""

from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from gate.store.entry import Who

if TYPE_CHECKING:
    from gate.store.engine import Database


class Purchase(msgspec.Struct, frozen=True):
    """A purchase that was allowed and approved."""

    id: str  # of the decision that allowed it
    subject: str
    ends: datetime | None  # the first instant after its term
    next_change: datetime | None  # from when on the last look said otherwise
    looked_at: datetime | None
    law: str | None  # the digest of the law of the last look
    announced: str | None  # what was announced last, so that it is announced once
    approved_at: datetime


class Purchases:
    """The approved purchases of a store."""

    def __init__(self, database: "Database") -> None:
        self._database = database

    def approve(self, id: str, ends: datetime | None, who: Who, at: datetime) -> Purchase:  # noqa: A002
        """Watch the purchase of that decision from now on. Raises UsageError if there is none, or it was denied."""
        raise NotImplementedError

    def all(self, *, running_at: datetime | None = None) -> list[Purchase]:
        """Purchases, oldest first; those alone whose term is not over at an instant."""
        raise NotImplementedError

    def looked(
        self, id: str, at: datetime, law: str, next_change: datetime | None, announced: str | None  # noqa: A002
    ) -> None:
        """Note what the last look found."""
        raise NotImplementedError

    def close(self, id: str, who: Who, at: datetime) -> None:  # noqa: A002
        """It is watched no longer: returned, cancelled, or used up."""
        raise NotImplementedError
