"""How `gate serve` starts and ends: what cannot serve is refused before there are processes, and none outlives it."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from gate.cli import main
from tests.service import JSON, ended, purchase, server

WORKFLOW = """
hosts = ["hooks.example.com"]
[hooks.shop]
scheme = "standard"
secrets = [{ env = "GATE_TEST_SECRET" }]
mapping = "servicenow"
"""


def refused(folder: Path, *arguments: str, **environment: str) -> str:
    """What `gate serve` with two processes says when it refuses to start, which is not much."""
    done = subprocess.run(
        [sys.executable, "-m", "gate", "serve", "--port", "0", "--workers", "2", *arguments],
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    assert "serving law" not in done.stderr
    assert done.stderr.startswith("gate: ")
    return done.stderr


def test_a_hook_without_its_secret_is_refused_once(tmp_path: Path) -> None:
    (tmp_path / "workflow.toml").write_text(WORKFLOW)
    said = refused(tmp_path, GATE_WORKFLOW="workflow.toml")
    assert "GATE_TEST_SECRET" in said
    assert len(said.splitlines()) <= 2


@pytest.mark.parametrize(
    ("arguments", "environment", "why"),
    [
        (("--profile", "nobody"), {}, "no profile 'nobody'"),
        (("--policy", "nowhere"), {}, "nowhere"),
        ((), {"GATE_POLICY_KEY": "nowhere.pem"}, "nowhere.pem: The key cannot be read"),
        ((), {"GATE_WORKERS": "0"}, "GATE_WORKERS"),
        (("--workers", "0"), {}, "--workers"),
        ((), {"GATE_LIMIT_SECONDS": "0"}, "GATE_LIMIT_SECONDS"),
        ((), {"GATE_PUBLIC_URL": "gate.example.com"}, "GATE_PUBLIC_URL"),
        (("--public-url", "gate"), {}, "GATE_PUBLIC_URL cannot be used. It is an address"),
        ((), {"GATE_AUDIT_KEY": "no key"}, "GATE_AUDIT_KEY"),
        ((), {"GATE_DATABASE_URL": "sqlite:////dev/null/gate.db"}, "store"),
        ((), {"GATE_WORKFLOW": "nowhere.toml"}, "nowhere.toml"),
        ((), {"GATE_OIDC_ISSUER": "https://id.example.com"}, "GATE_OIDC_AUDIENCE"),
        ((), {"GATE_OIDC_ISSUER": "id.example.com"}, "GATE_OIDC_ISSUER cannot be used. It is an address"),
        ((), {"GATE_OIDC_JWKS_URL": "file:///keys.json"}, "GATE_OIDC_JWKS_URL cannot be used. It is an address"),
        (("--port", "70000"), {}, "GATE_PORT cannot be used. It is a whole number <= 65535."),
        (("--host", "192.0.2.1"), {}, "192.0.2.1"),
    ],
    ids=[
        "profile",
        "law",
        "key of the law",
        "no processes",
        "no processes by flag",
        "no time",
        "no URL",
        "no URL by flag",
        "signing key",
        "database",
        "workflow",
        "audience",
        "no issuer",
        "no address of keys",
        "port",
        "address",
    ],
)
def test_what_cannot_serve_is_refused_by_the_command_itself(
    arguments: tuple[str, ...],
    environment: dict[str, str],
    why: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert main(["serve", "--port", "0", "--workers", "2", *arguments]) == 2
    said = capsys.readouterr().err
    assert why in said
    assert "internal error" not in said
    assert said.startswith("gate: ")
    assert not said.endswith("..\n")


def test_without_a_guard_the_store_is_made_all_the_same(tmp_path: Path) -> None:
    with server(tmp_path, "--workers", "2", GATE_GUARDED="false") as running:
        assert httpx.post(f"{running.url}/v1/decisions", json=purchase(), headers=JSON).status_code == 200


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_port_in_use_is_refused_with_words_and_a_remedy(workers: str, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        said = refused(tmp_path, "--port", port, "--workers", workers)
    assert f"127.0.0.1:{port}" in said
    assert "another process has that port" in said
    assert "--port" in said
    assert not (tmp_path / "gate.db").exists()


def test_a_process_ends_with_the_one_that_started_it_and_its_port_is_free_again(tmp_path: Path) -> None:
    with server(tmp_path, "--workers", "2") as running:
        port, workers = running.url.rpartition(":")[2], running.workers()
        assert len(workers) == 2
        with httpx.Client(base_url=running.url) as client:  # an open connection keeps none alive
            assert client.get("/healthz").status_code == 200
            running.process.send_signal(signal.SIGKILL)
            running.process.wait(10)
            assert ended(workers)
        with server(tmp_path, "--workers", "2", "--port", port) as again:
            assert httpx.get(f"{again.url}/readyz").status_code == 200
