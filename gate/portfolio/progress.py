"""How far a scan has come: on a terminal, with its rate and the time left; elsewhere it says nothing."""

import sys
import time
from typing import TextIO

EVERY = 0.2
"""Seconds between two lines: reading them must not slow the work."""


class Progress:
    """A line that overwrites itself and leaves nothing behind."""

    def __init__(self, total: int | None, out: TextIO | None = None) -> None:
        self._out = out if out is not None else sys.stderr
        self._total = total
        self._done = 0
        self._started = self._shown = time.monotonic()

    def advance(self, count: int) -> None:
        """So many documents more are done."""
        self._done += count
        clock = time.monotonic()
        if self._total is not None and clock - self._shown >= EVERY:
            self._shown = clock
            print(f"\r\x1b[K{line(self._done, self._total, clock - self._started)}", end="", file=self._out, flush=True)

    def close(self) -> None:
        """Wipe the line."""
        if self._total is not None:
            print("\r\x1b[K", end="", file=self._out, flush=True)


def line(done: int, total: int, seconds: float) -> str:
    """What is shown. An archive counts as one until its members are known, so the total may grow."""
    total = max(total, done)
    rate = done / seconds if seconds > 0 else 0.0
    left = f", {_clock((total - done) / rate)} left" if rate else ""
    return f"{done:,} of {total:,}, {rate:,.0f}/s{left}"


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
