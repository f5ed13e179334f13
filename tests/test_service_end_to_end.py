"""The real server, two processes on a free port, asked over real connections: its whole day, and its sudden death."""

import json
import multiprocessing
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from gate.store import open_store
from tests import postgres
from tests.service import JSON, chair, ended, kaspersky, purchase, sbom, server, sonic

DEATHS = 21
"""Of two processes on each of the two databases, under load."""

WHOLE_DEATHS = 4
"""Of `gate serve` itself on each of the two, under load: half of them with its processes, half of them alone."""


@contextmanager
def database(kind: str, folder: Path) -> Iterator[str]:
    if kind == "sqlite":
        yield f"sqlite:///{folder}/gate.db"
    else:
        with postgres.database() as url:
            yield url


def verified(url: str, folder: Path) -> bool:
    """Whether `gate audit verify` finds the chain whole."""
    command = [sys.executable, "-m", "gate", "audit", "verify"]
    done = subprocess.run(
        command, cwd=folder, env={**os.environ, "GATE_DATABASE_URL": url}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return True


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_day_of_the_service(kind: str, tmp_path: Path) -> None:
    with database(kind, tmp_path) as url, server(tmp_path, "--workers", "2", "--database-url", url) as running:
        with httpx.Client(base_url=running.url, headers=JSON) as client:
            denied = client.post("/v1/decisions", json=purchase(), headers={"Idempotency-Key": "1"})
            again = client.post("/v1/decisions", json=purchase(), headers={"Idempotency-Key": "1"})
            assert (denied.json()["decision"], again.content) == ("deny", denied.content)
            digest = client.put("/v1/sboms", json=sbom(sonic())).json()["digest"]
            line = {**chair(), "sbom": {"path": "app.cdx.json", "digest": digest}}
            allowed = client.post("/v1/decisions", json=purchase(line, id="PR-2"))
            assert allowed.json()["coverage"]["components"] == 2
            large = client.post("/v1/decisions?profile=us-company", json=sbom(*[sonic()] * 5000))
            assert large.json()["coverage"]["components"] == 5000
            page = client.get("/v1/decisions?size=2").json()
            rest = client.get("/v1/decisions", params={"size": 2, "page_token": page["next_page_token"]}).json()
            assert len(page["items"] + rest["items"]) == 3
            for one in page["items"]:
                assert client.post(f"/v1/decisions/{one['id']}/replay").json()["same"] is True
            assert client.get("/readyz").status_code == 200
            counted = client.get("/metrics").text
            assert 'gate_decisions_total{decision="deny",kind="request",review="false"} 1.0' in counted
        assert len(running.workers()) == 2
        assert running.end() == 0
        lines = running.lines()
        said = [line for line in lines if line["message"] == "answered" and line["path"] == "/v1/decisions"]
        assert len(said) == 6
        assert "Kaspersky" not in running.log.read_text()
        assert verified(url, tmp_path)


def test_a_worker_that_dies_is_replaced_and_nothing_answered_is_lost(tmp_path: Path) -> None:
    with server(tmp_path, "--workers", "2") as running:
        first = httpx.post(f"{running.url}/v1/decisions", json=purchase(), headers=JSON).json()["id"]
        dead = running.workers()[0]
        os.kill(dead, signal.SIGKILL)
        for _ in range(200):
            workers = running.workers()
            if len(workers) == 2 and dead not in workers:
                break
            time.sleep(0.1)
        assert dead not in running.workers()
        assert httpx.get(f"{running.url}/v1/decisions/{first}").status_code == 200


class Load:
    """Clients that ask without a pause, and remember every decision they were answered."""

    def __init__(self) -> None:
        self.answered: set[str] = set()
        self._number = 0

    def ask(self, url: str, ends: threading.Event) -> None:
        """Until the server is gone."""
        with httpx.Client(base_url=url, headers=JSON, timeout=20) as client:
            while not ends.is_set():
                self._number += 1
                body = purchase(random.choice((chair(), kaspersky())), id=f"PR-{self._number}")  # noqa: S311
                try:
                    answer = client.post("/v1/decisions", content=json.dumps(body))
                except httpx.HTTPError:
                    return
                if answer.status_code == 200:
                    self.answered.add(answer.json()["id"])

    @contextmanager
    def on(self, url: str) -> Iterator[None]:
        """Six clients ask until the block, which kills the server, is over; it begins when ten were answered."""
        ends = threading.Event()
        clients = [threading.Thread(target=self.ask, args=(url, ends)) for _ in range(6)]
        before = len(self.answered)
        for client in clients:
            client.start()
        while len(self.answered) < before + 10:
            time.sleep(0.002)
        time.sleep(random.uniform(0, 0.03))  # noqa: S311
        yield
        ends.set()
        for client in clients:
            client.join()


def all_kept(load: Load, url: str, folder: Path) -> bool:
    """Whether every decision that was answered is stored, in a chain that is whole."""
    store = open_store(url)
    try:
        assert [name for name in load.answered if store.decisions.one(name) is None] == []
    finally:
        store.close()
    return verified(url, folder)


def serve(url: str, listening: socket.socket) -> None:
    """One process of the server, as uvicorn runs it for `gate serve`."""
    import uvicorn

    from gate.api.app import create
    from gate.api.settings import Settings

    settings = Settings(guarded=False, database_url=url, limit_rate=0)
    config = uvicorn.Config(lambda: create(settings), factory=True, log_config=None, access_log=False)
    uvicorn.Server(config).run(sockets=[listening])


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_sudden_death_under_load_loses_no_decision_that_was_answered(kind: str, tmp_path: Path) -> None:
    """Two processes with one socket and one store decide and commit, and are killed at any instant, again and again.

    They are forked from a process that has imported the service, so that a start takes no second.
    """
    forks = multiprocessing.get_context("forkserver")
    forks.set_forkserver_preload(["gate.api.app", "uvicorn", "tests.test_service_end_to_end"])
    load = Load()
    with database(kind, tmp_path) as url:
        open_store(url, upgrade=True).close()
        for _ in range(DEATHS):
            with socket.create_server(("127.0.0.1", 0)) as listening:
                processes = [forks.Process(target=serve, args=(url, listening)) for _ in range(2)]
                for process in processes:
                    process.start()
                with load.on(f"http://127.0.0.1:{listening.getsockname()[1]}"):
                    for process in processes:
                        process.kill()
            for process in processes:
                process.join()
        assert len(load.answered) >= 10 * DEATHS
        assert all_kept(load, url, tmp_path)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_sudden_death_of_gate_serve_loses_no_decision_that_was_answered(kind: str, tmp_path: Path) -> None:
    """Killed with its processes, as by a machine that fails, or alone, as by the kernel that lacks memory: then they
    end what they were asked and themselves. The same port serves again at once.
    """
    load, port = Load(), "0"
    with database(kind, tmp_path) as url:
        for number in range(WHOLE_DEATHS):
            arguments = ("--workers", "2", "--port", port, "--database-url", url)
            with server(tmp_path, *arguments) as running:
                port = running.url.rpartition(":")[2]
                with load.on(running.url):
                    if number % 2:
                        os.killpg(running.process.pid, signal.SIGKILL)
                    else:
                        workers = running.workers()
                        running.process.kill()
                        running.process.wait(10)
                        assert ended(workers)
        assert len(load.answered) >= 10 * WHOLE_DEATHS
        assert all_kept(load, url, tmp_path)
