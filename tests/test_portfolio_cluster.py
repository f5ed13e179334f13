"""The same scan on a Dask cluster: a scheduler and workers as processes of their own, one of which is killed midway."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.portfolio import component, rows, sbom, tables, until

pytest.importorskip("distributed")

ROOT = Path(__file__).parents[1]

SYSTEMS = 128

Process = subprocess.Popen[bytes]


def run(*arguments: str) -> Process:
    """A process that finds the gate, as one on another machine would."""
    return subprocess.Popen(
        [sys.executable, "-m", *arguments],
        env={**os.environ, "PYTHONPATH": str(ROOT), "DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT": "5s"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


@pytest.fixture(name="cluster")
def _cluster(tmp_path: Path) -> Iterator[tuple[str, list[Process]]]:
    """The scheduler's address, and the processes: it, and two workers."""
    note = tmp_path / "scheduler.json"
    started = [run("dask", "scheduler", "--port", "0", "--no-dashboard", "--scheduler-file", str(note))]
    try:
        until(lambda: note.is_file() and bool(note.read_text()))
        address = json.loads(note.read_text())["address"]
        flags = ("--nthreads", "1", "--no-nanny", "--no-dashboard", "--local-directory", str(tmp_path / "dask"))
        started += [run("dask", "worker", address, *flags) for _ in range(2)]
        yield address, started
    finally:
        for process in started:
            process.kill()
            process.wait(timeout=30)


def test_a_worker_that_dies_midway_changes_nothing(tmp_path: Path, cluster: tuple[str, list[Process]]) -> None:
    address, (_, worker, _) = cluster
    files = tmp_path / "files"
    wide = [component(f"part-{number}", group=f"g{number}") for number in range(1000)]
    for number in range(SYSTEMS):
        theirs = [component("@kaspersky/hexa-ui")] if number % 5 == 0 else []
        sbom(files / f"system-{number:03}.cdx.json", *wide, component(f"own-{number}"), *theirs)
    how = ("gate", "scan", str(files), "--profile", "us-federal-contractor", "--out")
    many, one = tmp_path / "many", tmp_path / "one"
    wait_for_workers(address)
    scanning = run(*how, str(many), "--scheduler", address)
    until(lambda: rows(many) > 0 or scanning.poll() is not None)
    assert scanning.poll() is None, "it was done before a worker could be killed"
    worker.send_signal(signal.SIGKILL)
    assert scanning.wait(timeout=120) == 1
    assert run(*how, str(one), "--workers", "1").wait(timeout=120) == 1
    assert rows(many) == SYSTEMS
    assert tables(many) == tables(one)


def test_a_scheduler_that_dies_midway_is_told_once_and_the_scan_can_go_on(
    tmp_path: Path, cluster: tuple[str, list[Process]]
) -> None:
    address, (scheduler, *_) = cluster
    wide = [component(f"part-{number}", group=f"g{number}") for number in range(1000)]
    for number in range(SYSTEMS):
        sbom(tmp_path / "files" / f"system-{number:03}.cdx.json", *wide, component(f"own-{number}"))
    wait_for_workers(address)
    scanning = subprocess.Popen(
        [sys.executable, "-m", "gate", "scan", tmp_path / "files", "--out", tmp_path / "out", "--scheduler", address],
        cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    until(lambda: rows(tmp_path / "out") > 0 or scanning.poll() is not None)
    assert scanning.poll() is None, "it was done before the scheduler could be killed"
    scheduler.kill()
    _, said = scanning.communicate(timeout=120)
    assert scanning.returncode == 2
    assert said.count("gate: The workers failed: ") == 1  # distributed may log something of its own before


def wait_for_workers(address: str) -> None:
    """Both are known to the scheduler."""
    code = f"from distributed import Client\nwith Client({address!r}) as c: c.wait_for_workers(2, timeout=30)"
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, timeout=60)


def test_a_scheduler_that_is_not_there_is_said_plainly(tmp_path: Path) -> None:
    found = subprocess.run(
        [sys.executable, "-m", "gate", "scan", "sboms", "--out", str(tmp_path), "--scheduler", "tcp://127.0.0.1:1"],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert found.returncode == 2
    assert "No Dask scheduler answers" in found.stderr
    assert "Traceback" not in found.stderr
