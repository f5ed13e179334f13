"""Where a command's answer goes: into the file that is named, else to standard output."""

import sys
from collections.abc import Iterable
from pathlib import Path

from gate.errors import UsageError


def write(data: Iterable[bytes], path: str | None, what: str = "It") -> None:
    """Write it, piece by piece. Raises UsageError for a file that cannot be written; `what` begins its words."""
    if path is None:
        sys.stdout.buffer.writelines(data)
        sys.stdout.buffer.flush()
        return
    try:
        with Path(path).open("wb") as file:
            file.writelines(data)
    except OSError as error:
        raise UsageError(f"{what} cannot be written: {error.strerror}", file=path) from error
