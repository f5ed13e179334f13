"""Empty stores in SQLite, each a copy of one that was made once: making the tables takes longer than most tests."""

import shutil
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from gate.store import open_store


@cache
def _template() -> Path:
    path = Path(mkdtemp(prefix="gate-store-")) / "gate.db"
    open_store(f"sqlite:///{path}", upgrade=True).close()
    return path


def empty_store(folder: Path) -> str:
    """The URL of a new store in a folder."""
    path = folder / "gate.db"
    shutil.copy(_template(), path)
    return f"sqlite:///{path}"
