"""The one thread of a process that appends: what arrives while it commits is written in the next commit, together."""

import asyncio
import contextlib
import threading
from collections.abc import Callable
from concurrent.futures import Future
from queue import Empty, SimpleQueue

from gate.errors import GateError, StoreError
from gate.store.chain import Chain
from gate.store.engine import Refused
from gate.store.entry import Answered, Entry

BATCH = 500
"""The most entries in one commit: more would let the first of them wait without writing quicker."""

BYTES = 64 * 1024**2
"""The most bytes of documents in one commit, but for one entry that has more by itself."""

_Told = Callable[[Answered | GateError], None]


class Writer:
    """Group commit. An entry's future is done when the entry is on the disk, and never before.

    It fails with Conflict, Outdated, or StoreError (then it is unknown whether it was stored: ask by the same key).
    """

    def __init__(self, chain: Chain) -> None:
        self._chain = chain
        self._queue: SimpleQueue[tuple[Entry, _Told] | None] = SimpleQueue()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._is_closed = False

    def append(self, entry: Entry) -> "Future[Answered]":
        """Queue an entry; for threads."""
        future: Future[Answered] = Future()
        future.set_running_or_notify_cancel()  # what is queued is written: nobody can cancel it any more

        def tell(outcome: Answered | GateError) -> None:
            if isinstance(outcome, Answered):
                future.set_result(outcome)
            else:
                future.set_exception(outcome)

        self._put(entry, tell)
        return future

    async def appended(self, entry: Entry) -> Answered:
        """Queue an entry and wait until it is stored. Raises as the future of `append` does."""
        return await asyncio.wrap_future(self.append(entry))

    def is_alive(self) -> bool:
        """Whether it still writes."""
        return not self._is_closed and (self._thread is None or self._thread.is_alive())

    def close(self) -> None:
        """Write what is queued, and end the thread."""
        with self._lock:
            self._is_closed = True
            self._queue.put(None)
            thread = self._thread
        if thread is not None:
            thread.join()

    def _put(self, entry: Entry, tell: _Told) -> None:
        with self._lock:
            if self._is_closed:
                raise StoreError("The store is closed")
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="gate-writer", daemon=True)
                self._thread.start()
            self._queue.put((entry, tell))

    def _run(self) -> None:
        while (first := self._queue.get()) is not None:
            batch = [first]
            size = _size(first[0])
            ends = False
            with contextlib.suppress(Empty):
                while len(batch) < BATCH and size < BYTES:
                    another = self._queue.get_nowait()
                    if another is None:
                        ends = True
                        break
                    batch.append(another)
                    size += _size(another[0])
            self._write(batch)
            if ends:
                return

    def _write(self, batch: list[tuple[Entry, _Told]]) -> None:
        outcomes: list[Answered | GateError]
        try:
            with self._chain.database.writing() as connection:
                outcomes = self._chain.append(connection, [entry for entry, _ in batch])
        except GateError as error:
            if len(batch) > 1 and isinstance(
                error, Refused
            ):  # one of them is bad, and the others are not to pay for it
                for one in batch:
                    self._write([one])
                return
            outcomes = [StoreError(error.what, remedy=error.remedy) for _ in batch]
        except Exception as error:  # noqa: BLE001 - whoever waits would wait for ever
            outcomes = [StoreError(f"The writer fails: {type(error).__name__}: {error}") for _ in batch]
        for (_, tell), outcome in zip(batch, outcomes, strict=True):
            tell(outcome)


def _size(entry: Entry) -> int:
    return sum(len(data) for _, data in entry.blobs.values())
