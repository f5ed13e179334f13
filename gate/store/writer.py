"""The one thread of a process that appends: what arrives while it commits is written in the next commit, together."""

import asyncio
import contextlib
import threading
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import Future
from queue import Empty, SimpleQueue
from typing import TypeVar

from gate.errors import GateError, StoreError
from gate.store.chain import Chain
from gate.store.engine import KeptConnection, Refused
from gate.store.entry import Answered, Entry
from gate.store.pack import packed

ENTRIES = 500
"""The most entries in one commit, but for one batch: more would let the first of them wait without writing quicker."""

BYTES = 64 * 1024**2
"""The most bytes of documents in one commit, but for one batch that has more by itself."""

LINGER = 0.002
"""Seconds that a commit waits for company, if the one before had any: a commit costs as much work as many entries."""

T = TypeVar("T")

_Loop = asyncio.AbstractEventLoop
_Waiter = Future[Answered] | tuple[_Loop, asyncio.Future[list[Answered]]]
_Outcome = list[Answered] | GateError
_Queued = tuple[Sequence[Entry], _Waiter]


class Writer:
    """Group commit. An entry's future is done when the entry is on the disk, and never before.

    It fails with Conflict, Outdated, or StoreError (then it is unknown whether it was stored: ask by the same key).
    """

    def __init__(self, chain: Chain) -> None:
        self._chain = chain
        self._queue: SimpleQueue[_Queued | None] = SimpleQueue()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._is_closed = False

    def append(self, entry: Entry) -> "Future[Answered]":
        """Queue an entry; for threads."""
        future: Future[Answered] = Future()
        future.set_running_or_notify_cancel()  # what is queued is written: nobody can cancel it any more
        self._put([entry], future)
        return future

    async def appended(self, *entries: Entry) -> list[Answered]:
        """Queue entries and wait until they are stored: all, or none. Raises as the future of `append` does.

        Whoever stops waiting does not stop the writing. An event loop is woken once for each commit, not each entry.
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[list[Answered]] = loop.create_future()
        self._put(entries, (loop, future))
        return await future

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

    def _put(self, entries: Sequence[Entry], waiter: _Waiter) -> None:
        with self._lock:
            if self._is_closed:
                raise StoreError("The store is closed")
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="gate-writer", daemon=True)
                self._thread.start()
            self._queue.put((entries, waiter))

    def _run(self) -> None:
        linger = False
        with self._chain.database.line() as line:
            while (first := self._queue.get()) is not None:
                if linger:
                    time.sleep(LINGER)
                queued, ends = self._together(first)
                self._write(queued, line)
                linger = len(queued) > 1
                if ends:
                    return

    def _together(self, first: _Queued) -> tuple[list[_Queued], bool]:
        """What is queued, as far as one commit goes; and whether it was the last."""
        queued, count, size = [first], len(first[0]), _size(first[0])
        with contextlib.suppress(Empty):
            while count < ENTRIES and size < BYTES:
                another = self._queue.get_nowait()
                if another is None:
                    return queued, True
                queued.append(another)
                count += len(another[0])
                size += _size(another[0])
        return queued, False

    def _write(self, queued: list[_Queued], line: KeptConnection) -> None:
        outcomes: list[_Outcome]
        batches = [[(entry, packed(entry.record)) for entry in entries] for entries, _ in queued]
        try:
            with line.writing() as connection:
                outcomes = self._chain.append(connection, batches, ends=True)
        except Refused as error:
            if len(queued) > 1:  # one of them is bad, and the others are not to pay for it
                for one in queued:
                    self._write([one], line)
                return
            outcomes = [error]
        except GateError as error:
            outcomes = [StoreError(error.what, remedy=error.remedy) for _ in queued]
        except Exception as error:  # noqa: BLE001 - whoever waits would wait for ever
            outcomes = [StoreError(f"The writer fails: {type(error).__name__}: {error}") for _ in queued]
        _tell(zip((waiter for _, waiter in queued), outcomes, strict=True))


def _size(entries: Sequence[Entry]) -> int:
    return sum(len(one.data) for entry in entries for one in entry.blobs)


def _tell(outcomes: Iterable[tuple[_Waiter, _Outcome]]) -> None:
    by_loop: dict[_Loop, list[tuple[asyncio.Future[list[Answered]], _Outcome]]] = {}
    for waiter, outcome in outcomes:
        if isinstance(waiter, tuple):
            by_loop.setdefault(waiter[0], []).append((waiter[1], outcome))
        else:
            _settle(waiter, outcome if isinstance(outcome, GateError) else outcome[0])
    for loop, some in by_loop.items():
        with contextlib.suppress(RuntimeError):  # the loop has ended, and nobody waits any more
            loop.call_soon_threadsafe(_settle_all, some)


def _settle_all(some: list[tuple["asyncio.Future[list[Answered]]", _Outcome]]) -> None:
    for future, outcome in some:
        if not future.done():  # whoever waited may have given up
            _settle(future, outcome)


def _settle(future: "Future[T] | asyncio.Future[T]", outcome: T | GateError) -> None:
    if isinstance(outcome, GateError):
        future.set_exception(outcome)
    else:
        future.set_result(outcome)
