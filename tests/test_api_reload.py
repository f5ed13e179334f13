"""The law is replaced while it serves: whole, when its files change and pass, and never by one with a fault."""

import itertools
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from gate.api.edition import Editions
from gate.compiled import load
from gate.errors import LawError
from gate.law import Law
from policy.files import BUILT_IN, FAMILIES
from tests.service import JSON, chair, purchase, server, service

ROOT = Path(__file__).parents[1]

TEMPLATE = BUILT_IN / "template"


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    """A policy folder of our own: the template's prohibition, vendor and cases."""
    folder = tmp_path / "policy"
    for family in FAMILIES:
        if (TEMPLATE / family).is_dir():
            shutil.copytree(TEMPLATE / family, folder / family)
    return folder


def a_file(policy: Path) -> Path:
    return next((policy / "prohibitions").rglob("*.toml"))


def test_a_changed_law_serves_once_it_passes(policy: Path) -> None:
    editions = Editions([str(policy)], [], [])
    assert editions.refresh()
    first = editions.in_force()
    assert not editions.refresh()
    path = a_file(policy)
    path.write_text(path.read_text().replace('title = "', 'title = "Amended: ', 1))
    assert editions.refresh()
    assert editions.in_force().law.digest != first.law.digest
    assert first.law.digest  # whoever still decides by the old one goes on with it, whole


@pytest.mark.parametrize("fault", ["starts = yesterday", "", "[[clauses]]\nunknown = 1"])
def test_a_law_with_a_fault_is_refused_and_the_old_one_goes_on(fault: str, policy: Path) -> None:
    editions = Editions([str(policy)], [], [])
    editions.refresh()
    before = editions.in_force()
    path = a_file(policy)
    good = path.read_text()
    path.write_text(good + "\n" + fault if fault else "")
    assert not editions.refresh()
    assert editions.in_force() is before
    assert _fault(editions) is not None
    path.write_text(good)
    editions.refresh()
    assert _fault(editions) is None
    assert editions.in_force() is before


def _fault(editions: Editions) -> str | None:
    return editions.fault


def test_files_that_change_while_they_are_read_are_read_anew(policy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that starts just then would else have no law, and with GATE_RELOAD_SECONDS=0 for ever."""
    path, writes = a_file(policy), iter(range(3))
    good = path.read_text()

    def slowly(*arguments: Any, **more: Any) -> Law:
        try:
            return load(*arguments, **more)
        finally:  # somebody writes the file, in three steps
            number = next(writes, None)
            if number is not None:
                path.write_text(good + "\n#" * number if number else "")

    monkeypatch.setattr("gate.api.edition.load", slowly)
    editions = Editions([str(policy)], [], [])
    assert editions.refresh()
    assert (editions.in_force().law.digest, editions.is_unsettled) == (load([policy]).digest, False)


def test_files_that_never_rest_are_left_for_the_next_look(
    policy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "shared").mkdir()
    first = Editions([str(policy)], [], [], str(tmp_path / "shared"))
    first.refresh()
    path, number = a_file(policy), itertools.count(1)
    good = path.read_text()

    def restlessly(*arguments: Any, **more: Any) -> Law:
        law = load(*arguments, **more)
        path.write_text(good + "\n" * next(number))
        return law

    monkeypatch.setattr("gate.api.edition.load", restlessly)
    later = Editions([str(policy)], [], [], str(tmp_path / "shared"))
    later.refresh()
    assert later.is_unsettled
    assert later.in_force().law.digest == first.in_force().law.digest  # by what the process before it has found good
    monkeypatch.undo()
    later.refresh()
    assert (later.is_unsettled, _fault(later)) == (False, None)
    alone = Editions([str(policy)], [], [])
    monkeypatch.setattr("gate.api.edition.load", restlessly)
    assert not alone.refresh()
    with pytest.raises(LawError, match="change whenever"):
        alone.in_force()


def test_a_retry_gets_the_decision_it_did_not_hear_whatever_the_law_is_by_then(policy: Path, tmp_path: Path) -> None:
    url, body, headers = f"sqlite:///{tmp_path}/gate.db", purchase(chair()), {"Idempotency-Key": "one"}
    with service(url) as before:
        first = before.post("/v1/decisions", json=body, headers=headers)
    with service(url, policy=(str(policy),)) as after:
        again = after.post("/v1/decisions", json=body, headers=headers)
        assert (again.content, again.headers["idempotency-replayed"]) == (first.content, "true")
        anew = after.post("/v1/decisions", json=body, headers={"Idempotency-Key": "two"})
        assert anew.json()["policy"]["digest"] != first.json()["policy"]["digest"]


def test_a_law_that_does_not_pass_lint_is_refused(policy: Path) -> None:
    editions = Editions([str(policy)], [], [])
    editions.refresh()
    before = editions.in_force()
    shutil.rmtree(policy / "cases")
    path = a_file(policy)
    path.write_text(path.read_text().replace('title = "', 'title = "Amended: ', 1))
    assert not editions.refresh()
    assert editions.in_force() is before
    assert "lint" in (editions.fault or "")


def test_a_service_that_never_had_a_law_gives_no_verdict(tmp_path: Path) -> None:
    with pytest.raises(LawError):
        Editions([str(tmp_path)], [], []).in_force()
    with service(policy=(str(tmp_path / "nothing"),)) as client:
        assert client.get("/readyz").status_code == 503
        answer = client.post("/v1/decisions", json=purchase())
        assert answer.status_code == 503
        assert str(tmp_path) not in answer.text


def bundle(policy: Path, out: Path, key: Path) -> None:
    command = [sys.executable, "-m", "gate", "policy", "bundle", "--policy", str(policy), "--out", str(out)]
    subprocess.run([*command, "--key", str(key)], check=True, capture_output=True)


@pytest.fixture
def keys(tmp_path: Path) -> tuple[Path, Path]:
    made = []
    for name in ("ours", "theirs"):
        path = tmp_path / f"{name}.pem"
        subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", path], check=True)  # noqa: S607
        made.append(path)
    public = tmp_path / "ours.pub.pem"
    subprocess.run(["openssl", "pkey", "-in", made[0], "-pubout", "-out", public], check=True)  # noqa: S607
    return made[0], made[1]


def test_where_a_key_is_trusted_only_what_it_signed_replaces_the_law(
    policy: Path, keys: tuple[Path, Path], tmp_path: Path
) -> None:
    out = tmp_path / "law.bundle"
    bundle(policy, out, keys[0])
    editions = Editions([str(out)], [], [str(tmp_path / "ours.pub.pem")])
    assert editions.refresh()
    before = editions.in_force()
    path = a_file(policy)
    path.write_text(path.read_text().replace('title = "', 'title = "Amended: ', 1))
    bundle(policy, out, keys[1])
    assert not editions.refresh()
    assert editions.in_force() is before
    bundle(policy, out, keys[0])
    assert editions.refresh()
    assert editions.in_force().law.digest != before.law.digest


def within(seconds: float, what: Callable[[], bool]) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if what():
            return True
        time.sleep(0.1)
    return False


def digests(url: str) -> set[str]:
    """Of the law that serves, asked so often that each process has surely answered."""
    return {httpx.get(f"{url}/readyz").json()["checks"]["law"]["digest"] for _ in range(12)}


def test_a_running_server_takes_a_new_law_on_change_and_by_signal_and_refuses_a_bad_one(
    policy: Path, tmp_path: Path
) -> None:
    arguments = ("--policy", str(policy), "--workers", "2", "--database-url", "none")
    with server(tmp_path, *arguments, GATE_RELOAD_SECONDS="0.2") as running:
        [first], workers = digests(running.url), running.workers()
        path = a_file(policy)
        good = path.read_text()
        path.write_text(good.replace('title = "', 'title = "Amended: ', 1))
        assert within(20, lambda: first not in digests(running.url))
        second = digests(running.url)
        path.write_text("nonsense")
        assert within(20, lambda: httpx.get(f"{running.url}/readyz").json()["checks"]["law"]["newest_refused"])
        assert digests(running.url) == second
        assert within(20, lambda: "gate_law_refused 1.0" in httpx.get(f"{running.url}/metrics").text)
        answer = httpx.post(f"{running.url}/v1/decisions", json=purchase(), headers=JSON)
        assert answer.json()["policy"]["digest"] in second
        path.write_text(good)
        running.process.send_signal(signal.SIGHUP)
        assert within(20, lambda: digests(running.url) == {first})
        assert running.workers() == workers  # nobody was started anew


def test_told_by_post_every_process_has_the_new_law_before_it_is_answered(policy: Path, tmp_path: Path) -> None:
    arguments = ("--policy", str(policy), "--workers", "2", "--database-url", "none")
    with server(tmp_path, *arguments, GATE_RELOAD_SECONDS="0") as running:
        path = a_file(policy)
        good = path.read_text()
        [first] = digests(running.url)
        seen = {first}
        for title in ("Amended: ", "Amended again: "):
            path.write_text(good.replace('title = "', f'title = "{title}', 1))
            said = httpx.post(f"{running.url}/v1/law/reload", timeout=30).json()
            assert (said["changed"], said["processes"], said["current"]) == (True, 2, 2)
            assert said["digest"] not in seen
            seen = digests(running.url)
            assert seen == {said["digest"]}
        path.write_text("nonsense")
        refused = httpx.post(f"{running.url}/v1/law/reload", timeout=30).json()
        assert (refused["changed"], {refused["digest"]}, refused["current"]) == (False, seen, 2)
        assert "fault" in refused
        assert digests(running.url) == seen
