"""What goes into the index: batches, each wholly or not at all."""

import sqlite3

import msgspec

from gate.portfolio.index import AS_OF, UNFINISHED, WRITTEN, Index
from gate.portfolio.row import Batch, Row
from policy.dates import Moment

_Texts = tuple[int | None, int | None]
"""The segment in which a document's texts are kept, and its place there; nothing for one without texts."""


class Writer:
    """Writes what was decided by one engine, question and law at one time."""

    def __init__(self, index: Index, *, engine: str, asking: str, law: int, decided: str) -> None:
        self._index = index
        self._by = (engine, asking, law, decided)

    def commit(self, batch: Batch, archives: list[str | None]) -> None:
        """Put in what a task came to. `archives`: in which archive each document is."""
        with self._index.transaction() as db:
            if not all(row.is_same for row in batch.rows):
                outdate(db)
            segment = None
            if batch.texts:
                segment = db.execute("SELECT coalesce(max(segment), 0) + 1 FROM text").fetchone()[0]
                db.executemany(
                    "INSERT INTO text VALUES (?, ?, ?, ?, ?, ?)",
                    ((segment, one.field, one.first, one.said, one.size, one.masks) for one in batch.texts),
                )
            for place, (row, archive) in enumerate(zip(batch.rows, archives, strict=True)):
                self._put(db, row, archive, (segment, place) if row.subject and segment else (None, None))

    def _put(self, db: sqlite3.Connection, row: Row, archive: str | None, texts: _Texts) -> None:
        if row.is_same:
            db.execute("UPDATE document SET stamp = ? WHERE name = ?", (msgspec.msgpack.encode(row.stamp), row.name))
            return
        engine, asking, law, decided = self._by
        said = (
            *(engine, asking, law, decided, row.until, row.kind, row.outcome, row.components, row.identified),
            len({one.vendor for one in row.met}),
            None if row.fault is None else msgspec.msgpack.encode(row.fault),
        )
        number = _put_again(db, row, said) if row.stamp is None else _put_anew(db, row, archive, texts, said)
        _put_findings(db, number, row)


def _put_again(db: sqlite3.Connection, row: Row, said: tuple[object, ...]) -> int:
    """Put what was decided again about a document that is known; its number."""
    number: int = db.execute("SELECT id FROM document WHERE name = ?", (row.name,)).fetchone()[0]
    db.execute(
        "UPDATE document SET digest = iif(?, '', digest), engine=?, asking=?, law=?, decided=?, until=?,"
        " kind=?, outcome=?, components=?, identified=?, vendors=?, fault=? WHERE id = ?",
        (row.fault is not None, *said, number),
    )
    db.execute("UPDATE body SET decision = ? WHERE document = ?", (row.decision, number))
    return number


def _put_anew(db: sqlite3.Connection, row: Row, archive: str | None, texts: _Texts, said: tuple[object, ...]) -> int:
    """Put a document that was read in place of what was known by its name; its number."""
    found = db.execute("SELECT id, archive FROM document WHERE name = ?", (row.name,)).fetchone()
    if found is not None:
        forget(db, found[0])
        if found[1] != archive:  # so that what is known of it is no more all that it holds
            db.execute("DELETE FROM archive WHERE name = ?", (found[1],))
    number: int = db.execute(
        "INSERT INTO document (name, archive, segment, place, stamp, digest, engine, asking, law, decided,"
        " until, kind, outcome, components, identified, vendors, fault)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " RETURNING id",
        (row.name, archive, *texts, msgspec.msgpack.encode(row.stamp), row.digest, *said),
    ).fetchone()[0]
    db.execute("INSERT INTO body VALUES (?, ?, ?, ?)", (number, row.decision, row.subject, row.subject_size))
    return number


def _put_findings(db: sqlite3.Connection, number: int, row: Row) -> None:
    """Put what was found in a document in place of what was found before."""
    for table in ("reason", "change", "met"):
        db.execute(f"DELETE FROM {table} WHERE document = ?", (number,))  # noqa: S608 - a word of this line
    db.executemany("INSERT INTO reason VALUES (?, ?, ?, ?, ?)", ((number, *one) for one in row.reasons))
    db.executemany(
        "INSERT INTO change VALUES (?, ?, ?, ?)",
        ((number, one.at, one.decision, msgspec.msgpack.encode(one.why)) for one in row.changes),
    )
    db.executemany(
        "INSERT INTO met VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            (
                *(number, one.vendor, one.ref, one.pointer, one.name, one.version, one.purl),
                msgspec.msgpack.encode(one.evidence),
            )
            for one in row.met
        ),
    )


def outdate(db: sqlite3.Connection) -> None:
    """Note that what was written about the portfolio is of an earlier state of it, and that another is being made."""
    db.execute("DELETE FROM meta WHERE key = ?", (WRITTEN,))
    db.execute("INSERT OR REPLACE INTO meta VALUES (?, '')", (UNFINISHED,))


def forget(db: sqlite3.Connection, number: int) -> None:
    """Take a document out."""
    for table in ("reason", "change", "met", "body"):
        db.execute(f"DELETE FROM {table} WHERE document = ?", (number,))  # noqa: S608 - a word of this line
    db.execute("DELETE FROM document WHERE id = ?", (number,))


def end(db: sqlite3.Connection, as_of: Moment | None) -> None:
    """The index holds a whole scan now: as of which day it was asked for, if that was said."""
    db.execute("DELETE FROM meta WHERE key IN (?, ?)", (UNFINISHED, AS_OF))
    if as_of is not None:
        db.execute("INSERT INTO meta VALUES (?, ?)", (AS_OF, as_of.isoformat()))
