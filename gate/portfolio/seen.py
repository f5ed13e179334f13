"""The names that a scan has come across: on the disk, so that memory does not grow with the portfolio."""

import sqlite3


class Seen:
    """A set of names. SQLite keeps it in a file of its own that it removes, and in memory only what is in use."""

    def __init__(self) -> None:
        self._db = sqlite3.connect("", isolation_level=None)
        self._db.execute("PRAGMA cache_size = -8000")
        self._db.execute("CREATE TABLE seen (name TEXT PRIMARY KEY) WITHOUT ROWID")
        self._db.execute("BEGIN")  # it is never read by another, so nothing is ever committed

    def add(self, name: str) -> bool:
        """Add a name. False if it was there."""
        return self._db.execute("INSERT OR IGNORE INTO seen VALUES (?)", (name,)).rowcount == 1

    def __contains__(self, name: str) -> bool:
        return self._db.execute("SELECT 1 FROM seen WHERE name = ?", (name,)).fetchone() is not None

    def close(self) -> None:
        """Forget all."""
        self._db.close()
