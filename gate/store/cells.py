"""Rows as the database holds them, whatever that is: a value that does not fit its column is told, and ends nothing.

SQLite lets any value stand in any column, and PostgreSQL has instants that Python has not. Whoever changed a row so
would else hide what was done to all others.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

from sqlalchemy import Column, Connection, LargeBinary, Text, cast, select, type_coerce
from sqlalchemy.types import NullType

from gate.store.tables import Instant, as_instant


class RawRow(SimpleNamespace):
    """A row: its columns by their names, and in `odd` the names of those whose value is of another kind."""

    odd: tuple[str, ...]


@contextmanager
def lenient(connection: Connection) -> Iterator[None]:
    """While it lasts, SQLite's text that is no UTF-8 is read with its bytes escaped, and not refused."""
    driver: Any = connection.connection.driver_connection
    if connection.dialect.name == "postgresql":
        yield
        return
    usual = driver.text_factory
    driver.text_factory = lambda data: data.decode("utf-8", "surrogateescape")
    try:
        yield
    finally:
        driver.text_factory = usual


def lines(
    connection: Connection, columns: Sequence[Column[Any]], *conditions: Any, together: int = 500
) -> Iterator[RawRow]:
    """Rows of some columns in the order of their table's keys, `together` of them in memory at once."""
    is_postgres = connection.dialect.name == "postgresql"
    # PostgreSQL's text of an instant is ISO 8601, as psycopg demands too; it may also be `infinity`.
    held = [
        cast(one, Text) if is_postgres and isinstance(one.type, Instant) else type_coerce(one, NullType())
        for one in columns
    ]
    query = select(*(cell.label(one.name) for cell, one in zip(held, columns, strict=True)))
    query = query.where(*conditions).order_by(*(one for one in columns if one.primary_key))
    for row in connection.execute(query, execution_options={"yield_per": together}):
        line, odd = RawRow(), []
        for column, value in zip(columns, row, strict=True):
            try:
                fitting = _fitting(column, value)
            except (TypeError, ValueError, OverflowError):
                fitting = value
                odd.append(column.name)
            setattr(line, column.name, fitting)
        line.odd = tuple(odd)
        yield line


def _fitting(column: Column[Any], value: Any) -> object:
    """The value as the rest of the store has it. Raises TypeError, ValueError or OverflowError for another kind."""
    if value is None and column.nullable:
        return None
    kind = bytes if isinstance(column.type, LargeBinary) else str if isinstance(column.type, Text | Instant) else int
    if not isinstance(value, kind):
        raise TypeError
    if isinstance(value, str):
        value.encode()  # escaped bytes cannot be
        return as_instant(value) if isinstance(column.type, Instant) else value
    return value
