"""The hot path in the drivers' own words: SQLAlchemy would cost more than the database for statements this small.

PostgreSQL gets each table's rows as arrays, all tables in one round trip; COPY, which knows no ON CONFLICT, takes one
for each, and SQLite takes many rows by `executemany`.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import BigInteger, Connection, Integer, LargeBinary, Table, Text

from gate.errors import StoreError
from gate.store import tables
from gate.store.tables import Instant, as_instant, as_text

ERASED_AGAIN_THERE = (
    "ON CONFLICT (digest) DO UPDATE SET data = excluded.data, media_type = excluded.media_type, "
    "stored_at = excluded.stored_at, erased_at = NULL "
    "WHERE blobs.data IS NULL"
)
"""A blob is stored once; one that was erased is there again when it comes again."""

ON_CONFLICT = {
    tables.blobs: ERASED_AGAIN_THERE,
    tables.outbox: "ON CONFLICT (id) DO NOTHING",
    tables.laws: "ON CONFLICT (reference) DO NOTHING",
}
"""Table -> what happens to a row whose key is there; for every other one it is an error."""

Rows = dict[Table, list[tuple[Any, ...]]]
"""Table -> rows, each with the table's columns in their order."""

_ARRAYS = {
    BigInteger: "int8[]",
    Integer: "int4[]",
    Instant: "timestamptz[]",
    LargeBinary: "bytea[]",
    Text: "text[]",
}

_HEAD = "SELECT chain, seq, hash, revision, signed, signed_at FROM head WHERE one = 1"
_MOVE = "UPDATE head SET seq = ?, hash = ?, revision = ?, signed = ?, signed_at = ? WHERE one = 1"
_EARLIER = "SELECT actor, key, body_hash, id, seq FROM idempotency WHERE actor = ? AND key = ?"
_EARLIER_OF_MANY = (
    "SELECT i.actor, i.key, body_hash, id, seq "
    "FROM idempotency i JOIN unnest(%b::text[], %b::text[]) AS k (actor, key) "
    'ON i.actor = k.actor COLLATE "C" AND i.key = k.key COLLATE "C"'
)


def lock(connection: Connection, keys: Sequence[tuple[str, str]]) -> tuple[tuple[Any, ...], list[tuple[Any, ...]]]:
    """The head's row, locked until the transaction ends; and what was answered under some idempotency keys.

    SQLite is locked since BEGIN IMMEDIATE. In PostgreSQL each statement sees what was committed before it began, so
    the second sees all that was written before the lock was had.
    """
    driver: Any = connection.connection.driver_connection
    if connection.dialect.name != "postgresql":
        earlier = [row for key in keys for row in driver.execute(_EARLIER, key)]
        return _instants(driver.execute(_HEAD).fetchone()), earlier
    with driver.pipeline():
        head = driver.execute(f"{_HEAD} FOR UPDATE")
        found = driver.execute(_EARLIER_OF_MANY, [list(part) for part in zip(*keys, strict=True)]) if keys else None
        return _instants(head.fetchone()), [] if found is None else found.fetchall()


def insert(connection: Connection, rows: Rows, moved: Sequence[Any] | None = None, *, ends: bool = False) -> None:
    """Insert them, within the connection's transaction; nothing is durable before its commit.

    `moved`: where the head goes: its `seq`, `hash`, `revision`, `signed` and `signed_at`. `ends`: nothing else belongs
    to the transaction. PostgreSQL then commits in the same round trip, and the next writer has the head so much sooner.
    """
    driver: Any = connection.connection.driver_connection
    if connection.dialect.name != "postgresql":
        for table, some in rows.items():
            instants = _INSTANTS[table]
            driver.executemany(_SQLITE[table], [_textual(row, instants) for row in some] if instants else some)
        if moved is not None:
            driver.execute(_MOVE, _textual(moved, frozenset({4})))
        return
    with driver.pipeline(), driver.cursor() as cursor:
        for table, some in rows.items():
            if some:
                cursor.execute(_POSTGRES[table], [list(column) for column in zip(*some, strict=True)])
        if moved is not None:
            cursor.execute(_MOVE.replace("?", "%b"), moved)
        if ends:
            driver.commit()  # skipped by the server if one of the others failed


def _instants(head: Sequence[Any] | None) -> tuple[Any, ...]:
    if head is None:
        raise StoreError("The store has no head", remedy="Restore it from a backup.")
    *others, signed_at = head
    return (*others, None if signed_at is None else as_instant(signed_at))


def _textual(row: Sequence[Any], instants: frozenset[int]) -> list[Any]:
    return [as_text(value) if n in instants and value is not None else value for n, value in enumerate(row)]


def _statement(table: Table, values: str) -> str:
    columns = ", ".join(column.name for column in table.columns)
    return f"INSERT INTO {table.name} ({columns}) {values} {ON_CONFLICT.get(table, '')}"


def _array(column: Any) -> str:
    return next(array for kind, array in _ARRAYS.items() if isinstance(column.type, kind))


_FILLED = (
    *(tables.blobs, tables.records, tables.personal, tables.mentions),
    *(tables.idempotency, tables.outbox, tables.signatures, tables.laws),
)

_SQLITE = {one: _statement(one, f"VALUES ({', '.join('?' for _ in one.columns)})") for one in _FILLED}
_POSTGRES = {
    one: _statement(one, "SELECT * FROM unnest(" + ", ".join(f"%b::{_array(c)}" for c in one.columns) + ")")  # noqa: S608
    for one in _FILLED
}
_INSTANTS = {
    one: frozenset(n for n, column in enumerate(one.columns) if isinstance(column.type, Instant)) for one in _FILLED
}
