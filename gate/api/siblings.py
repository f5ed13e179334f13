"""The processes of one server: each writes down by which law it decides, and one of them can have all look anew."""

import multiprocessing
import os
import signal
import tempfile
from pathlib import Path

import msgspec

_PREFIX = "process-"


class Serving(msgspec.Struct, frozen=True):
    """What a process says of itself."""

    looked: int  # when it began to look at the law's files: `time.monotonic_ns`, which processes share and nobody sets
    digest: str | None  # of the law it decides by


class Siblings:
    """The processes that `gate serve` started together, this one among them. Elsewhere there are none."""

    def __init__(self, folder: str | None) -> None:
        """`folder` is of this server's processes alone."""
        parent = multiprocessing.parent_process()
        self._parent = None if parent is None or folder is None else parent.pid
        self._folder = Path(folder or os.devnull)

    def __bool__(self) -> bool:
        return self._parent is not None

    def say(self, serving: Serving) -> None:
        """Write down what this process decides by, whole."""
        if not self:
            return
        with tempfile.NamedTemporaryFile(dir=self._folder, prefix="new-", delete=False) as file:
            file.write(msgspec.json.encode(serving))
        Path(file.name).replace(self._folder / f"{_PREFIX}{os.getpid()}")

    def call(self) -> None:
        """Have every process look at the law's files: the one that started them passes SIGHUP on."""
        if self._parent is not None:
            os.kill(self._parent, signal.SIGHUP)

    def said(self) -> list[Serving]:
        """What each living process said last."""
        found = []
        for path in self._folder.glob(f"{_PREFIX}*") if self else ():
            try:
                os.kill(int(path.name.removeprefix(_PREFIX)), 0)  # no signal: it asks whether there is such a process
                found.append(msgspec.json.decode(path.read_bytes(), type=Serving))
            except ProcessLookupError:
                path.unlink(missing_ok=True)
            except FileNotFoundError:  # another process has just seen that it is gone
                continue
        return found
