"""The database: an engine for SQLite or PostgreSQL, and transactions that read or write."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from gate.errors import StoreError, UsageError

DRIVERS = {"sqlite": "sqlite", "postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg"}
DRIVERS |= {driver: driver for driver in DRIVERS.values()}
"""How a URL begins -> what SQLAlchemy calls it."""

BUSY = 60
"""Seconds that SQLite waits for another process that writes: no batch takes that long."""


CONNECT = 10
"""Seconds that PostgreSQL may take to accept a connection."""

IDLE = 5
"""Seconds after which a connection that is kept may have been lost meanwhile, and is taken anew."""


class Refused(StoreError):
    """A value does not fit its table; what else was to be written with it may fit."""


class Database:
    """A database of the service. Faults of the driver leave it as StoreError, without the words of the statement."""

    def __init__(self, url: str) -> None:
        self.url = _url(url)
        self.is_postgres = self.url.get_backend_name() == "postgresql"
        self._driver = _driver(self.is_postgres)
        # What is bound to a statement is payload: it belongs into no message.
        self.engine = create_engine(self.url, pool_pre_ping=True, hide_parameters=True, **self._options())
        event.listen(self.engine, "connect", _on_postgres if self.is_postgres else _on_sqlite)
        if not self.is_postgres:
            event.listen(self.engine, "begin", _begin_on_sqlite)

    def _options(self) -> dict[str, Any]:
        if not self.is_postgres:
            return {"connect_args": {"timeout": BUSY}}
        # Whoever waited for the head's lock has to see what was committed meanwhile: at any other level it would fail.
        options = {"pool_size": 8, "max_overflow": 24, "isolation_level": "READ COMMITTED"}
        return {**options, "connect_args": {"connect_timeout": CONNECT}}

    def __str__(self) -> str:
        """The URL as it may be shown: without a password."""
        return self.url.render_as_string(hide_password=True)

    @property
    def is_there(self) -> bool:
        """Whether there is a file to open, which SQLite would make; a server says so itself."""
        return self.is_postgres or Path(self.url.database or "").exists()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that reads one state of the database. Raises StoreError."""
        with self.translated(), self.engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """The same for several statements: all see the state of the first. (In SQLite each reading is one.)"""
        options = {"isolation_level": "REPEATABLE READ"} if self.is_postgres else {}
        with self.translated(), self.engine.connect().execution_options(**options) as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that writes, durable when it is left without an exception. Raises StoreError."""
        with (
            self.translated(),
            self.engine.connect().execution_options(writes=True) as connection,
            connection.begin(),
        ):
            yield connection

    @contextmanager
    def line(self) -> Iterator["KeptConnection"]:
        """A connection for a thread that writes all the time."""
        line = KeptConnection(self)
        try:
            yield line
        finally:
            line.close()

    @contextmanager
    def translated(self) -> Iterator[None]:
        """The driver's faults, as StoreError."""
        try:
            yield
        except (SQLAlchemyError, self._driver.Error) as error:
            cause = getattr(error, "orig", None) or error
            said = type(error).__name__ if isinstance(cause, SQLAlchemyError) else str(cause).strip().partition("\n")[0]
            is_refused = isinstance(cause, (self._driver.IntegrityError, self._driver.DataError))
            raise (Refused if is_refused else StoreError)(f"The store {self} fails: {said}") from error


class KeptConnection:
    """A connection that one thread keeps: to get one from the pool, and to ask whether it is there, is a round trip."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._connection: Connection | None = None
        self._used = 0.0

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """As `Database.writing`."""
        if self._connection is not None and time.monotonic() - self._used > IDLE:
            self.close()
        try:
            with self._database.translated():
                if self._connection is None:
                    self._connection = self._database.engine.connect().execution_options(writes=True)
                with self._connection.begin():
                    yield self._connection
        except BaseException:
            self.close()  # whatever it is, the next transaction starts from a clean one
            raise
        self._used = time.monotonic()

    def close(self) -> None:
        """Give it back."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _driver(is_postgres: bool) -> Any:
    if not is_postgres:
        import sqlite3

        return sqlite3
    try:
        import psycopg
    except ImportError as error:
        remedy = "Install it: pip install 'procurement-gate[postgres]'."
        raise UsageError("PostgreSQL needs psycopg, which is not installed", remedy=remedy) from error
    return psycopg


def _url(text: str) -> URL:
    if text == "none":
        raise UsageError(
            "GATE_DATABASE_URL is none: such a service keeps nothing", remedy="Name a store, if there is one: gate.db."
        )
    if "://" not in text:
        return _file(URL.create("sqlite", database=text))
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        url = None
    name = "" if url is None else url.drivername
    if url is None or name not in DRIVERS:  # the text may hold a password
        raise UsageError(
            "The store's URL is not understood",
            remedy="Write gate.db, sqlite:////var/lib/gate/gate.db or postgresql://user@host/name.",
        )
    if name != "sqlite" and "@" in f"{url.host}{url.database}":  # it would be shown as where the server is
        raise UsageError(
            "The store's URL has an @ in its password", remedy="Write %40 for @ there, %2F for / and %25 for %."
        )
    url = url.set(drivername=DRIVERS[name])
    return _file(url) if name == "sqlite" else url


def _file(url: URL) -> URL:
    """A URL of a file whose folder exists. A store in memory would lose what was answered."""
    if not url.database or url.database == ":memory:" or url.database.startswith("file:"):
        raise UsageError("A store is a file, and none is named", remedy="Write gate.db or sqlite:///gate.db.")
    if not Path(url.database).parent.is_dir():
        raise UsageError("The store's folder does not exist", file=url.database, remedy="Make it first.")
    return url


def _on_sqlite(connection: Any, _: object) -> None:
    """Settings of a connection; https://www.sqlite.org/pragma.html.

    FULL: in WAL mode, NORMAL does not wait for the disk at a commit, and a power cut would take back what was answered.
    """
    connection.isolation_level = None  # this module begins transactions itself
    _write_ahead(connection)
    for pragma in (
        "synchronous=FULL",
        "foreign_keys=ON",
        "trusted_schema=OFF",
        "secure_delete=ON",  # what is erased is overwritten
        "wal_autocheckpoint=2000",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _write_ahead(connection: Any) -> None:
    """Have a write-ahead log. SQLite does not wait for this itself where another process is making the file."""
    for left in reversed(range(BUSY * 100)):
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or not left:
                raise
            time.sleep(0.01)
        else:
            return


def _begin_on_sqlite(connection: Connection) -> None:
    # A transaction that reads first and writes then would fail if another wrote between: so it locks at once.
    writes = connection.get_execution_options().get("writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _on_postgres(connection: Any, _: object) -> None:
    """`off` would let a crash take back what was answered; whatever else is set is at least as strict as `local`."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'"
        )
    connection.commit()
