"""The index: a row for each document, in one SQLite file that survives being killed.

SQLite, because it was measured (see the README here): it answers a question in the least time and memory. What is
committed stays, and what is not is gone: a killed scan goes on where its last batch was. For analysis there are the
Parquet files beside it.
"""

import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO

import msgspec

from gate.errors import UsageError
from gate.portfolio.row import Stamp
from gate.portfolio.texts import Screen

FILE = "index.db"

LOCK = "scan.lock"
"""Who holds this file locked writes; two scans of one folder would each take the other's systems for gone."""

LAYOUT = 4
"""The number of this layout; an index of another is made anew, for all it holds is made from the files."""

OURS = 0x67617465
"""By this SQLite's header says that the file is an index of the gate's."""

WRITTEN = "written"
"""Under this key stands the summary, once all files say what the index says."""

UNFINISHED = "unfinished"
"""Under this key stands something in a new index, and from a scan's first change to its end: it lacks systems."""

AS_OF = "as of"
"""Under this key stands the day that was chosen, if one was."""

TABLES = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS law (
    id INTEGER PRIMARY KEY, digest TEXT NOT NULL UNIQUE, version TEXT NOT NULL, body BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS document (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    archive TEXT,
    segment INTEGER,
    place INTEGER,
    stamp BLOB NOT NULL,
    digest TEXT NOT NULL,
    engine TEXT NOT NULL,
    asking TEXT NOT NULL,
    law INTEGER NOT NULL REFERENCES law (id),
    decided TEXT NOT NULL,
    until TEXT,
    kind TEXT NOT NULL,
    outcome TEXT NOT NULL,
    components INTEGER NOT NULL,
    identified INTEGER NOT NULL,
    vendors INTEGER NOT NULL,
    fault BLOB);
CREATE UNIQUE INDEX IF NOT EXISTS document_place ON document (segment, place);
CREATE INDEX IF NOT EXISTS document_archive ON document (archive) WHERE archive IS NOT NULL;
CREATE TABLE IF NOT EXISTS body (
    document INTEGER PRIMARY KEY, decision BLOB NOT NULL, subject BLOB NOT NULL, size INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS reason (
    document INTEGER NOT NULL, code TEXT NOT NULL, effect TEXT NOT NULL, act TEXT NOT NULL, vendor TEXT);
CREATE INDEX IF NOT EXISTS reason_document ON reason (document);
CREATE INDEX IF NOT EXISTS reason_code ON reason (code);
CREATE TABLE IF NOT EXISTS change (
    document INTEGER NOT NULL, at TEXT NOT NULL, decision TEXT NOT NULL, why BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS change_document ON change (document);
CREATE INDEX IF NOT EXISTS change_at ON change (at);
CREATE TABLE IF NOT EXISTS met (
    document INTEGER NOT NULL, vendor TEXT NOT NULL, ref TEXT NOT NULL, pointer TEXT NOT NULL,
    name TEXT, version TEXT, purl TEXT, evidence BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS met_document ON met (document);
CREATE INDEX IF NOT EXISTS met_vendor ON met (vendor);
CREATE TABLE IF NOT EXISTS text (
    segment INTEGER NOT NULL, field TEXT NOT NULL, first TEXT NOT NULL, said BLOB NOT NULL, size INTEGER NOT NULL,
    masks BLOB NOT NULL, PRIMARY KEY (segment, field, first)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS archive (name TEXT PRIMARY KEY, stamp BLOB NOT NULL) WITHOUT ROWID;
"""


class Known(msgspec.Struct, array_like=True):
    """What the index says of a document, as far as a scan asks whether it still holds."""

    id: int
    stamp: Stamp
    digest: str
    engine: str
    asking: str
    law: int
    decided: str
    until: str | None
    kind: str
    vendors: int


_KNOWN = "SELECT id, stamp, digest, engine, asking, law, decided, until, kind, vendors FROM document"
_STAMPS = msgspec.msgpack.Decoder(Stamp)


class Index:
    """An open index. Raises UsageError where it is no index, or not ours alone."""

    def __init__(self, folder: Path, *, is_new: bool) -> None:
        self.path = folder / FILE
        if not is_new and not self.path.is_file():
            raise UsageError(f"There is no index in {folder}", remedy="Make one: gate scan PATH --out DIR.")
        try:
            if is_new:
                folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            _demand_ours(self.path)
            with ExitStack() as opened:
                self._turn = opened.enter_context(_turn_in(folder)) if is_new else None
                self.db = _connected(self.path, is_new=is_new)
                opened.pop_all()
        except (OSError, sqlite3.Error) as error:
            raise UsageError(f"The index cannot be used: {error}", file=str(self.path)) from error

    def close(self) -> None:
        """Leave it as one file on the disk."""
        self.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self.db.close()
        if self._turn is not None:
            self._turn.close()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All of what is done within, or nothing of it."""
        self.db.execute("BEGIN IMMEDIATE")
        try:
            yield self.db
        except BaseException:
            self.db.execute("ROLLBACK")
            raise
        self.db.execute("COMMIT")

    def known(self, name: str) -> Known | None:
        """What is known of a document."""
        row = self.db.execute(f"{_KNOWN} WHERE name = ?", (name,)).fetchone()
        return None if row is None else _known(row)

    def members(self, archive: str) -> Iterator[tuple[str, Known]]:
        """What is known of an archive's members."""
        for name, *row in self.db.execute(f"SELECT name, {_KNOWN[7:]} WHERE archive = ?", (archive,)).fetchall():
            yield name, _known(row)

    def archived(self, archive: str) -> Stamp | None:
        """The stamp of an archive that was gone through to its end."""
        row = self.db.execute("SELECT stamp FROM archive WHERE name = ?", (archive,)).fetchone()
        return None if row is None else _STAMPS.decode(row[0])

    def subject(self, number: int) -> tuple[bytes, int]:
        """The subject that is kept of a document, packed, and its size."""
        row: tuple[bytes, int] = self.db.execute(
            "SELECT subject, size FROM body WHERE document = ?", (number,)
        ).fetchone()
        return row

    def names(self) -> Iterator[tuple[int, str]]:
        """Every document's number and name."""
        yield from self.db.execute("SELECT id, name FROM document")

    def masks(self, screen: Screen) -> Iterator[tuple[int, int]]:
        """Segment by segment, the places of the documents that a screen may mean."""
        found: dict[int, int] = {}
        for segment, field, packed, size, masks in self.db.execute(
            "SELECT segment, field, said, size, masks FROM text"
        ):
            said = unpacked(packed, size) if size else packed
            found[segment] = found.get(segment, 0) | screen.mask(field, said, masks)
        yield from found.items()

    def law(self, digest: str, version: str, body: bytes) -> int:
        """The number of a law, which is kept so that another can be compared with it."""
        with self.transaction() as db:
            db.execute("INSERT OR IGNORE INTO law (digest, version, body) VALUES (?, ?, ?)", (digest, version, body))
        number: int = self.db.execute("SELECT id FROM law WHERE digest = ?", (digest,)).fetchone()[0]
        return number

    def said(self, key: str) -> str | None:
        """What was noted under a key."""
        row = self.db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return None if row is None else str(row[0])

    def note(self, key: str, value: str) -> None:
        """Note something about the whole portfolio."""
        self.db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))


def unpacked(data: bytes, size: int) -> bytes:
    """What was packed; Arrow is loaded for it, which a question about a vendor or package has no time for."""
    from gate.portfolio.pack import unlz4

    return unlz4(data, size)


def _known(row: Iterable[object]) -> Known:
    number, stamp, *rest = row
    return Known(number, _STAMPS.decode(stamp), *rest)  # type: ignore[arg-type]


def _demand_ours(path: Path) -> None:
    """Who can write the index decides what is said to have been allowed."""
    if not path.exists() or not hasattr(os, "getuid"):
        return
    status = path.stat()
    if status.st_uid != os.getuid() or status.st_mode & 0o022:
        raise UsageError("Others may write this index", file=str(path), remedy="chown or chmod it, or remove it.")


def _turn_in(folder: Path) -> IO[bytes]:
    """The right to write into the folder, until it is closed or the process ends. Its workers do not inherit it."""
    file = (folder / LOCK).open("ab")
    try:
        import fcntl

        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except ImportError:  # on Windows, which has no such locks
        pass
    except BlockingIOError as error:
        file.close()
        raise UsageError(
            "Another scan writes there", file=str(folder), remedy="Wait for it, or name another folder: --out DIR."
        ) from error
    return file


def _connected(path: Path, *, is_new: bool) -> sqlite3.Connection:
    old = os.umask(0o077) if hasattr(os, "umask") else 0
    try:
        db = sqlite3.connect(path, timeout=60, isolation_level=None)
        layout = db.execute("PRAGMA user_version").fetchone()[0]
        ours = db.execute("PRAGMA application_id").fetchone()[0]
        is_empty = db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0
        if not is_empty and ours != OURS:
            raise UsageError("This is no index of the gate's", file=str(path))
        if not is_empty and layout != LAYOUT:
            db.close()
            if not is_new:
                raise UsageError("The index was made by another version", file=str(path), remedy="Scan again.")
            for suffix in ("", "-wal", "-shm"):
                Path(f"{path}{suffix}").unlink(missing_ok=True)
            return _connected(path, is_new=True)
        if is_new:
            db.execute("PRAGMA journal_mode = WAL")
            db.execute("PRAGMA synchronous = NORMAL")
            if is_empty:
                db.executescript(TABLES)
                db.execute("INSERT INTO meta VALUES (?, '')", (UNFINISHED,))
                db.execute(f"PRAGMA user_version = {LAYOUT}")
                db.execute(f"PRAGMA application_id = {OURS}")
    finally:
        if hasattr(os, "umask"):
            os.umask(old)
    return db
