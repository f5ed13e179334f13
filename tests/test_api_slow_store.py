"""A store that is slow or hangs: nobody waits for it longer than the limit, and nobody is told what is not so."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psycopg
import pytest
from sqlalchemy.engine import make_url

from gate.api import health
from gate.store import open_store
from tests import postgres
from tests.service import JSON, Client, chair, purchase, service

BODY = json.dumps(purchase(chair()))


def ask(client: Client, **headers: str) -> int:
    return client.post("/v1/decisions", content=BODY, headers={**JSON, **headers}).status_code


def test_of_what_is_not_stored_in_time_nobody_is_told_that_it_never_will_be(database_url: str) -> None:
    """Another process writes for longer than the limit: the same key then finds the one decision that was made."""
    with service(database_url, limit_seconds=0.5) as client:
        assert ask(client) == 200  # from now on the law is stored
        other = open_store(database_url)
        with other.database.writing() as connection:
            other.chain.lock(connection)
            late = client.post("/v1/decisions", content=BODY, headers={**JSON, "Idempotency-Key": "order-1"})
        assert (late.status_code, late.json()["type"].rpartition(":")[2]) == (503, "no-store")
        assert "nobody knows" in late.json()["detail"]
        assert "Idempotency-Key" in late.json()["remedy"]
        assert ask(client, **{"Idempotency-Key": "order-1"}) == 200
        assert len(client.get("/v1/decisions").json()["items"]) == 2
        other.close()


class Wire:
    """What lies between the service and its PostgreSQL, and may be held."""

    def __init__(self, server: str | tuple[str, int]) -> None:
        self._server = server
        self.flows = threading.Event()
        self.flows.set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                far = socket.socket(socket.AF_UNIX if isinstance(self._server, str) else socket.AF_INET)
                far.connect(self._server)
                for one, other in ((near, far), (far, near)):
                    threading.Thread(target=self._carry, args=(one, other), daemon=True).start()

    def _carry(self, one: socket.socket, other: socket.socket) -> None:
        with one:
            with suppress(OSError):
                while data := one.recv(1 << 16):
                    self.flows.wait()
                    other.sendall(data)
            with suppress(OSError):
                other.shutdown(socket.SHUT_RDWR)

    def end(self) -> None:
        self.flows.set()
        self._listener.close()


@pytest.fixture
def wire() -> Iterator[Wire]:
    with psycopg.connect(postgres.server()) as connection:
        host, port = connection.info.host, connection.info.port
    one = Wire(f"{host}/.s.PGSQL.{port}" if host.startswith("/") else (host, port))
    yield one
    one.end()


@contextmanager
def behind(wire: Wire) -> Iterator[str]:
    with postgres.database() as url:
        near = make_url(url)
        yield near.set(host="127.0.0.1", port=wire.port, query={}).render_as_string(hide_password=False)


def test_a_database_that_hangs_holds_up_what_needs_it_and_nothing_else(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "PATIENCE", 0.2)
    with behind(wire) as url, service(url, limit_seconds=0.5) as client:
        assert ask(client) == 200
        wire.flows.clear()
        try:
            assert ask(client) == 503
            assert ask(client, **{"Idempotency-Key": "order-1"}) == 503
            assert client.get("/readyz").status_code == 503
            assert client.get("/healthz").status_code == 200
            answer = client.post("/v1/decisions?store=false", content=BODY, headers=JSON)
            assert (answer.status_code, answer.json()["decision"]) == (200, "allow")
        finally:
            wire.flows.set()
        for _ in range(100):  # until the threads that wait are back
            if client.get("/readyz").status_code == 200:
                break
        assert ask(client) == 200
