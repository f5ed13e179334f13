"""Threads for what would hold up the event loop: few at once, few that wait for one, and nobody waits for ever."""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Any, TypeVar

from gate.api.problem import LATER, Problem

T = TypeVar("T")


class Pool:
    """So many threads, and `most` pieces of work that run or wait for one: more are refused, and the caller asks again.

    `busy` says so; `late` says that something takes longer than `seconds`.
    """

    def __init__(
        self, threads: int, name: str, most: int, seconds: float, *, busy: str, late: Callable[[], Problem]
    ) -> None:
        self._executor = ThreadPoolExecutor(threads, name)
        self._most = most
        self._seconds = seconds
        self._busy = busy
        self._late = late
        self._count = 0

    async def run(
        self, work: Callable[[], T], within: float | None = None, late: Callable[[], Problem] | None = None
    ) -> T:
        """Do it, within the trace of whoever asks. Raises Problem; `late` in place of the pool's own.

        What is late keeps its thread until it has ended. What has not begun by then does not begin: nobody waits.
        """
        seconds, late = within or self._seconds, late or self._late
        longest = time.monotonic() + seconds

        def begun() -> T:
            if time.monotonic() > longest:
                raise late()
            return work()

        if self._count >= self._most:
            raise Problem("busy", self._busy, headers=LATER)
        self._count += 1
        future = asyncio.get_running_loop().run_in_executor(self._executor, copy_context().run, begun)
        future.add_done_callback(self._over)
        try:
            return await asyncio.wait_for(asyncio.shield(future), seconds)
        except TimeoutError:
            raise late() from None

    def _over(self, future: "asyncio.Future[Any]") -> None:
        self._count -= 1
        if not future.cancelled():
            future.exception()  # somebody else may have waited for it, or nobody any more

    def close(self) -> None:
        """Start nothing more, and do not wait for what runs."""
        self._executor.shutdown(wait=False, cancel_futures=True)
