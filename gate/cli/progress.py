"""How far a long run has come: one line on a terminal, overwritten by the next, of which nothing is left behind."""

import contextlib
import sys
import time
from pathlib import Path

from gate.terminal import safe

LARGE = 20_000_000
"""Bytes from which on a file takes long enough to be named while it is read."""

MANY = 20
"""So many files are counted from the first on; fewer only once it takes long."""

LONG = 1.0
"""Seconds after which a run of several files is one that takes long."""


class Progress:
    """What is shown on standard error while files are judged, if it is a terminal; else nothing is."""

    def __init__(self, files: int) -> None:
        self._files = files
        self._number = 0
        self._began = time.monotonic()
        self._is_seen = sys.stderr.isatty()
        self._is_large = self._is_shown = False

    def reads(self, name: str) -> None:
        """The next file is read."""
        self._number += 1
        if not self._is_seen:
            return
        size = 0
        with contextlib.suppress(OSError, ValueError):  # whoever reads it says what is wrong with it
            size = Path(name).stat().st_size if name != "-" else 0
        self._is_large = size >= LARGE
        self._show(f"reading {_short(name)}, {size / 1_000_000:,.0f} MB" if self._is_large else "")

    def judges(self, name: str) -> None:
        """The file has been read, and is judged."""
        if self._is_seen and self._is_large:
            self._show(f"judging {_short(name)}")

    def clear(self) -> None:
        """Take the line away, before something else is written or because all is done."""
        if self._is_shown:
            self._is_shown = False
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)

    def _show(self, what: str) -> None:
        takes_long = self._files >= MANY or time.monotonic() - self._began >= LONG
        counts = self._files > 1 and (takes_long or bool(what))
        text = ": ".join(part for part in (f"{self._number} of {self._files}" if counts else "", what) if part)
        if text:
            self._is_shown = True
            print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)
        else:
            self.clear()


def _short(name: str) -> str:
    name = safe(name)
    return name if len(name) <= 40 else f"...{name[-37:]}"
