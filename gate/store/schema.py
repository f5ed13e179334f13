"""The tables' version: made and moved on by Alembic, and nothing is read or written under another."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, inspect, text

from gate.errors import StoreError
from gate.store.engine import Database

MIGRATIONS = Path(__file__).parent / "migrations"

VERSION = "0002"
"""The newest migration. (A constant, so that opening a store need not load Alembic; a test compares.)"""

_LOCK = 0x67617465  # "gate"


def upgrade(database: Database) -> None:
    """Make the tables, or move them on. Several processes may call it at once. Raises StoreError."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    with _alone(database) as connection:
        found = version(connection)
        if found is not None and found > VERSION:
            raise _of_another(database, found)
        config.attributes["connection"] = connection
        command.upgrade(config, VERSION)


@contextmanager
def _alone(database: Database) -> Iterator[Connection]:
    """A transaction that no other upgrade runs beside: SQLite's writes are alone, PostgreSQL's take a lock."""
    with database.writing() as connection:
        if database.is_postgres:
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        yield connection


def demand_current(database: Database) -> None:
    """Raises StoreError unless the tables are of this version."""
    found = None
    if database.is_there:
        with database.reading() as connection:
            found = version(connection)
    if found is None:
        raise StoreError(f"The store {database} has no tables", remedy="Make them with `gate store upgrade`.")
    if found != VERSION:
        raise _of_another(database, found)


def version(connection: Connection) -> str | None:
    """The migration that a database is at; None if it has no tables."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return found


def _of_another(database: Database, found: str) -> StoreError:
    remedy = (
        "Run a newer version of the gate."
        if found > VERSION
        else "Move it on with `gate store upgrade` (back it up first)."
    )
    return StoreError(f"The store {database} is of version {found}, and this gate wants {VERSION}", remedy=remedy)
