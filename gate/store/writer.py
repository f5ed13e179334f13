"""The one thread of a process that appends: what arrives while it commits is written in the next commit, together."""

from concurrent.futures import Future
from typing import TYPE_CHECKING

from gate.store.entry import Answered, Entry

if TYPE_CHECKING:
    from gate.store.engine import Database


class Writer:
    """Group commit. An entry's future is done when the entry is on the disk, and never before.

    It fails with Conflict, Outdated, or StoreError (then it is unknown whether it was stored: ask by the same key).
    """

    def __init__(self, database: "Database") -> None:
        self._database = database

    def append(self, entry: Entry) -> "Future[Answered]":
        """Queue an entry; for threads."""
        raise NotImplementedError

    async def appended(self, entry: Entry) -> Answered:
        """Queue an entry and wait until it is stored; wakes an event loop once per commit, not once per entry."""
        raise NotImplementedError

    def close(self) -> None:
        """Write what is queued, and end the thread."""
        raise NotImplementedError
