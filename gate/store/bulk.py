"""Many rows at once, by the driver itself: the way each database takes them quickest, measured (tests/bench/store)."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import BigInteger, Connection, Integer, LargeBinary, Table, Text

from gate.store import tables
from gate.store.tables import Instant, as_text

ERASED_AGAIN_THERE = (
    "ON CONFLICT (digest) DO UPDATE SET data = excluded.data, stored_at = excluded.stored_at, erased_at = NULL "
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


def insert(connection: Connection, rows: Rows) -> None:
    """Insert them, within the connection's transaction; nothing is durable before its commit."""
    if connection.dialect.name == "postgresql":
        _into_postgres(connection, rows)
    else:
        _into_sqlite(connection, rows)


def _into_postgres(connection: Connection, rows: Rows) -> None:
    """One statement for each table, its columns as arrays, and all of them in one round trip."""
    driver: Any = connection.connection.driver_connection
    with driver.pipeline(), driver.cursor() as cursor:
        for table, some in rows.items():
            if some:
                cursor.execute(_POSTGRES[table], [list(column) for column in zip(*some, strict=True)])


def _into_sqlite(connection: Connection, rows: Rows) -> None:
    driver: Any = connection.connection.driver_connection
    for table, some in rows.items():
        if some:
            instants = _INSTANTS[table]
            driver.executemany(_SQLITE[table], [_textual(row, instants) for row in some] if instants else some)


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
