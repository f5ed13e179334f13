"""The service for the tests: in this process on a real store, or as `gate serve` on a free port."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
from anyio.from_thread import BlockingPortal, start_blocking_portal

from gate.api.app import create
from gate.api.settings import Settings
from gate.store import Who, open_store

Json = dict[str, Any]

HERE = "http://127.0.0.1"
JSON = {"Content-Type": "application/json"}


def purchase(*lines: Json, **more: object) -> Json:
    """A purchase request, ordered far enough ahead that no test grows stale. No line: one of Kaspersky."""
    return {
        "id": "PR-1",
        "buyer": {"name": "Example LLC", "roles": ["us-person"]},
        "agreement": "new",
        "ordered": "2150-01-01",
        "lines": list(lines) or [kaspersky()],
        **more,
    }


def kaspersky() -> Json:
    """A line that is denied to a U.S. person."""
    maker = {"name": "Kaspersky Lab, Inc."}
    return {"product": "Kaspersky Endpoint Security for Business", "supplier": maker, "manufacturer": maker}


def chair() -> Json:
    """A line that nobody forbids."""
    return {"product": "Desk chair", "supplier": {"name": "CDW LLC"}, "manufacturer": {"name": "Steelcase Inc."}}


def sbom(*components: Json) -> Json:
    """An SBOM. No component: one that nobody forbids."""
    found = components or ({"type": "library", "name": "left-pad", "purl": "pkg:npm/left-pad@1.3.0"},)
    return {"bomFormat": "CycloneDX", "specVersion": "1.6", "components": list(found)}


def sonic() -> Json:
    """A component of a vendor of the law."""
    return {"type": "library", "name": "sonic", "purl": "pkg:golang/github.com/bytedance/sonic@1.14.2"}


class Client:
    """Asks the application in this process, over httpx's own way to one, on an event loop beside the test."""

    def __init__(self, portal: BlockingPortal, client: httpx.AsyncClient) -> None:
        self._portal = portal
        self._client = client

    @property
    def thread(self) -> str:
        """The name of the one that the event loop has."""
        return self._portal.call(lambda: threading.current_thread().name)

    def request(self, method: str, path: str, **more: Any) -> httpx.Response:
        """Any request."""
        return self._portal.call(lambda: self._client.request(method, path, **more))

    def get(self, path: str, **more: Any) -> httpx.Response:
        """GET."""
        return self.request("GET", path, **more)

    def post(self, path: str, **more: Any) -> httpx.Response:
        """POST."""
        return self.request("POST", path, **more)

    def put(self, path: str, **more: Any) -> httpx.Response:
        """PUT."""
        return self.request("PUT", path, **more)


@contextmanager
def service(url: str = "none", **settings: Any) -> Iterator[Client]:
    """The service in this process."""
    if url != "none":
        open_store(url, upgrade=True).close()
    chosen = {"guarded": False, "limit_rate": 0.0, "database_url": url, "reload_seconds": 0.0, **settings}
    app = create(Settings(**chosen))
    client = httpx.AsyncClient(transport=httpx.ASGITransport(app, raise_app_exceptions=False), base_url=HERE)
    with (
        start_blocking_portal("asyncio") as portal,
        portal.wrap_async_context_manager(app.routes.router.lifespan_context(app.routes)),
        portal.wrap_async_context_manager(client),
    ):
        yield Client(portal, client)


def key(url: str, *roles: str, **more: Any) -> dict[str, str]:
    """The header with a new API key in that store."""
    store = open_store(url, upgrade=True)
    try:
        _, secret = store.keys.create(
            " and ".join(roles), roles, Who("cli:test"), more.pop("at", datetime.now(UTC)), **more
        )
    finally:
        store.close()
    return {"Authorization": f"Bearer {secret}"}


class Server:
    """`gate serve` in processes of its own."""

    def __init__(self, process: "subprocess.Popen[str]", log: Path) -> None:
        self.process = process
        self.log = log
        self.url = self._said_url()

    def _said_url(self) -> str:
        for _ in range(600):
            for line in self.log.read_text("utf-8").splitlines():
                if line.startswith("gate: serving law"):
                    return line.rpartition(" ")[2]
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        raise AssertionError(self.log.read_text("utf-8"))

    def wait(self) -> "Server":
        """Until it answers."""
        for _ in range(600):
            try:
                if httpx.get(f"{self.url}/healthz", timeout=1).status_code == 200:
                    return self
            except httpx.HTTPError:
                time.sleep(0.05)
        raise AssertionError(self.log.read_text("utf-8"))

    def workers(self) -> list[int]:
        """The processes that serve."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        lines = {int(child): Path(f"/proc/{child}/cmdline").read_bytes() for child in children}
        return [child for child, line in lines.items() if b"spawn_main" in line]

    def lines(self) -> list[Json]:
        """What it logged."""
        return [json.loads(line) for line in self.log.read_text("utf-8").splitlines() if line.startswith("{")]

    def end(self) -> int:
        """Tell it to end, and wait."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30)


@contextmanager
def server(folder: Path, *arguments: str, **environment: str) -> Iterator[Server]:
    """`gate serve` on a free port; killed with all its processes afterwards."""
    log = folder / "serve.log"
    with log.open("w") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "gate", "serve", "--port", "0", *arguments],
            cwd=folder,
            env={**os.environ, "GATE_LIMIT_RATE": "0", **environment},
            stdout=out,
            stderr=out,
            text=True,
            start_new_session=True,
        )
    try:
        yield Server(process, log).wait()
    finally:
        kill(process)


def kill(process: "subprocess.Popen[str]") -> None:
    """SIGKILL to a server and its workers, which are a session of their own."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(10)


def ended(processes: list[int]) -> bool:
    """Whether all of them end by themselves, within a time that a busy machine needs."""
    for _ in range(400):
        if not any(map(_is_alive, processes)):
            return True
        time.sleep(0.05)
    return False


def _is_alive(process: int) -> bool:
    """Whether it runs: one that has ended and that nobody has asked about yet does not."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
