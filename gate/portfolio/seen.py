"""The names that a scan has come across: on the disk, so that memory does not grow with the portfolio."""

import sqlite3


class Seen:
    """Names, and the place of the first thing of each.

    SQLite keeps them in a file of its own that it removes, and in memory only what is in use.
    """

    def __init__(self) -> None:
        self._db = sqlite3.connect("", isolation_level=None)
        self._db.execute("PRAGMA cache_size = -8000")
        self._db.execute("CREATE TABLE seen (name TEXT PRIMARY KEY, place BLOB NOT NULL) WITHOUT ROWID")
        self._db.execute("BEGIN")  # it is never read by another, so nothing is ever committed

    def add(self, name: str, place: bytes = b"") -> bytes | None:
        """Add what is called so, and where it is. If something of that name was there: where that is."""
        if self._db.execute("INSERT OR IGNORE INTO seen VALUES (?, ?)", (name, place)).rowcount == 1:
            return None
        found: bytes = self._db.execute("SELECT place FROM seen WHERE name = ?", (name,)).fetchone()[0]
        return found

    def __contains__(self, name: str) -> bool:
        return self._db.execute("SELECT 1 FROM seen WHERE name = ?", (name,)).fetchone() is not None

    def close(self) -> None:
        """Forget all."""
        self._db.close()
