"""Several processes write one chain: it never forks, and what one was told is stored survives its being killed."""

import subprocess
import sys
import time
from pathlib import Path

from gate.store import Filter, open_store
from gate.store.verify import verify

ROOT = Path(__file__).parents[1]


def _started(url: str, count: int) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "tests.store_process", url, str(count)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def _ids(url: str) -> set[str]:
    store = open_store(url)
    ids, token = set(), None
    while True:
        page = store.decisions.page(Filter(), size=500, token=token)
        ids |= {one.id for one in page.items}
        token = page.next
        if token is None:
            break
    assert verify(store.database).faults == []
    assert store.head().seq == len(ids)
    store.close()
    return ids


def test_several_processes_never_fork_the_chain(database_url: str) -> None:
    open_store(database_url, upgrade=True).close()
    told: list[str] = []
    processes = [_started(database_url, 100) for _ in range(3)]
    for process in processes:
        told += process.communicate(timeout=120)[0].split()
        assert process.returncode == 0
    assert len(told) == 300
    assert _ids(database_url) == set(told)


def test_what_was_answered_survives_a_kill(database_url: str) -> None:
    open_store(database_url, upgrade=True).close()
    told: list[str] = []
    for turn in range(3):
        processes = [_started(database_url, 0) for _ in range(2)]
        for process in processes:  # each has answered before any is killed
            assert process.stdout is not None
            told.append(process.stdout.readline())
        time.sleep(0.05 * turn)
        for process in processes:
            process.kill()
        for process in processes:
            assert process.stdout is not None
            told += process.stdout.read().rpartition("\n")[0].splitlines()  # the last line may be cut
            process.stdout.close()
            assert process.wait(60) == -9
    answered = {line.strip() for line in told}
    assert len(answered) >= 6
    assert answered <= _ids(database_url)
