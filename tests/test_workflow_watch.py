"""The watch: what was allowed and no longer is, or will not be, is found and announced, each once."""

import base64
import json
import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from cloudevents.core.bindings.http import HTTPMessage, from_structured_event
from standardwebhooks import Webhook

from gate.asking import Asking
from gate.check import check
from gate.cli import main
from gate.compiled import load
from gate.law import Law
from gate.read import read
from gate.read.locate import Source
from gate.record import record
from gate.store import Document, Store, Who, decided, open_store
from gate.workflow.purchase import bought
from gate.workflow.settings import Workflow, arranged
from gate.workflow.watch import Looked, look
from tests.bans import granted, own, proven
from tests.stores import empty_store
from tests.systems import Server

SECRET = "whsec_" + base64.b64encode(b"a callback's secret 24 b").decode()
NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
DAY = timedelta(days=1)
LAW = load()

Json = dict[str, Any]

SMIC = "Semiconductor Manufacturing International Corporation"


@pytest.fixture
def plan(tmp_path: Path, receiver: Server, monkeypatch: pytest.MonkeyPatch) -> Workflow:
    monkeypatch.setenv("TEST_SECRET", SECRET)
    file = tmp_path / "workflow.toml"
    file.write_text(
        f'hosts = ["{receiver.host}"]\n[watch]\ncallback = "{receiver.url}/w"\nsecret = {{ env = "TEST_SECRET" }}\n'
    )
    return arranged(str(file)).workflow


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(empty_store(tmp_path))
    yield opened
    opened.close()


def request(product: str, maker: str, name: str = "PR-17", **more: Any) -> Json:
    line = {"product": product, "supplier": {"name": maker}, "manufacturer": {"name": maker}, "category": "software"}
    body: Json = {"id": name, "ordered": "2026-11-27T12:00:00+00:00", "agreement": "new", "lines": [line], **more}
    body["buyer"] = {"roles": ["us-person", "us-federal-agency"]}
    return body


def buy(store: Store, law: Law, body: Json, at: datetime = NOW) -> str:
    """The purchase is allowed, stored and approved; the decision's id."""
    data = json.dumps(body).encode()
    asking = Asking(now=at, waivers=store.waivers.in_force(law, at))
    made = record(check(read(data, "x", now=at), law, asking), Source(data, {}), at, "x")
    assert made.decision.decision == "allow", made.decision.reasons
    entry = decided(made, Document(data, "x", "application/json"), asking, store.laws.put(law, at), Who("test"))
    store.writer.append(entry).result()
    bought(store, made.id, Who("test"), at)
    return made.id


def chip() -> Json:
    body = request("28 nm wafer", SMIC)
    body["lines"][0]["category"] = "semiconductor"
    return body


def messages(store: Store) -> list[Json]:
    return [json.loads(letter.body) for letter in store.outbox.all()]


def test_pr_17_was_allowed_and_from_2027_12_23_it_is_not(store: Store, plan: Workflow) -> None:
    decision = buy(store, LAW, chip())
    found = look(store, LAW, plan, NOW)
    assert [str(change) for change in found.changes] == [
        "PR-17 was allowed; from 2027-12-23 it is not (a law takes effect)"
    ]
    [event] = messages(store)
    told = from_structured_event(HTTPMessage({}, store.outbox.all()[0].body))
    assert told.get_time() == NOW
    assert (event["specversion"], event["type"]) == ("1.0", "procurement-gate.purchase.changing.v1")
    assert (event["subject"], event["source"]) == ("PR-17", "procurement-gate")
    assert event["data"]["since"] == "2027-12-23"
    assert event["data"]["decision"] == decision
    assert {one["code"] for one in event["data"]["reasons"]} == {"us-ndaa-fy2023-5949/procurement"}
    assert event["data"]["reasons"][0]["citation"]


def test_each_change_is_announced_once(store: Store, plan: Workflow) -> None:
    buy(store, LAW, chip())
    for day in range(3):
        found = look(store, LAW, plan, NOW + day * DAY)
        assert (len(found.changes), found.known) == ((1, 0) if day == 0 else (0, 1))
    assert len(messages(store)) == 1


def test_when_the_day_has_come_it_is_not_announced_again(store: Store, plan: Workflow) -> None:
    buy(store, LAW, chip())
    look(store, LAW, plan, NOW)
    for day in (date(2027, 12, 22), date(2027, 12, 24), date(2029, 1, 1)):
        assert look(store, LAW, plan, datetime(day.year, day.month, day.day, 12, tzinfo=UTC)).changes == []
    assert len(messages(store)) == 1


def test_a_crash_between_announcing_and_noting_it_announces_nothing_twice(store: Store, plan: Workflow) -> None:
    name = buy(store, LAW, chip())
    look(store, LAW, plan, NOW)
    store.purchases.looked(name, NOW, LAW.digest, None, None)
    look(store, LAW, plan, NOW + DAY)
    assert len(messages(store)) == 1


def test_a_term_that_is_over_before_the_change_is_left_alone(store: Store, plan: Workflow, tmp_path: Path) -> None:
    law = own(tmp_path / "policy", starts="2027-06-01")
    for number, ends in enumerate(("2027-05-31", "2027-06-01"), 1):
        body = request("Suite", "Acme Software", f"PR-{number}", term={"starts": "2026-12-01", "ends": ends})
        buy(store, law, body)
    assert look(store, law, plan, NOW).changes == []


def test_what_is_used_without_a_term_is_used_when_the_law_takes_effect(
    store: Store, plan: Workflow, tmp_path: Path
) -> None:
    law = own(tmp_path / "policy", starts="2027-06-01")
    buy(store, law, request("Suite", "Acme Software"))
    [change] = look(store, law, plan, NOW).changes
    assert (change.since, change.cause) == ("2027-06-01", "law-takes-effect")
    assert [one["act"] for one in change.reasons] == ["use"]


def test_a_law_published_afterwards_that_meets_the_term_is_announced(
    store: Store, plan: Workflow, tmp_path: Path
) -> None:
    before = own(tmp_path / "old", starts="2029-01-01")
    term = {"starts": "2026-12-01", "ends": "2028-12-01"}
    buy(store, before, request("Suite", "Acme Software", term=term))
    assert look(store, before, plan, NOW).changes == []
    law = own(tmp_path / "new", published="2026-12-05", starts="2027-06-01")
    later = NOW + 10 * DAY
    [change] = look(store, law, plan, later).changes
    assert (change.since, change.cause) == ("2027-06-01", "law-published")
    assert look(store, law, plan, later + DAY).changes == []


def test_a_law_that_is_in_force_at_once_is_announced_without_a_day_to_come(
    store: Store, plan: Workflow, tmp_path: Path
) -> None:
    buy(store, own(tmp_path / "old", starts="2029-01-01"), request("Suite", "Acme Software"))
    law = own(tmp_path / "new", published="2026-12-05", starts="2026-12-05")
    [change] = look(store, law, plan, NOW + 10 * DAY).changes
    assert (change.since, change.cause, change.becomes) == (None, "law-published", "deny")
    assert str(change).startswith("PR-17 was allowed; it no longer is")
    assert look(store, law, plan, NOW + 11 * DAY).changes == [], "it is the same change the day after"


def test_the_end_of_a_waiver_is_announced_before_it_comes(store: Store, plan: Workflow, tmp_path: Path) -> None:
    law = own(tmp_path / "policy", starts="2026-06-01")
    granted(store, law, "2027-03-01", NOW)
    buy(store, law, request("Suite", "Acme Software"))
    [change] = look(store, law, plan, NOW).changes
    assert (change.since, change.cause) == ("2027-03-01", "waiver-ends")
    after = datetime(2027, 3, 2, 12, tzinfo=UTC)
    assert look(store, law, plan, after).changes == []
    assert len(messages(store)) == 1


def test_a_waiver_that_is_revoked_is_announced(store: Store, plan: Workflow, tmp_path: Path) -> None:
    law = own(tmp_path / "policy", starts="2026-06-01")
    granted(store, law, "2030-01-01", NOW)
    buy(store, law, request("Suite", "Acme Software", term={"starts": "2026-12-01", "ends": "2028-12-01"}))
    assert look(store, law, plan, NOW).changes == []
    store.waivers.revoke(store.waivers.granted()[0].id, "No longer needed", Who("somebody else"), NOW)
    [change] = look(store, law, plan, NOW + DAY).changes
    assert (change.since, change.cause) == (None, "changed")


def test_what_was_announced_passed_and_comes_again_is_announced_again(
    store: Store, plan: Workflow, tmp_path: Path
) -> None:
    before, law = own(tmp_path / "old", starts="2031-01-01"), own(tmp_path / "new", starts="2026-06-01")
    buy(store, before, request("Suite", "Acme Software", term={"starts": "2026-12-01", "ends": "2028-12-01"}))
    for day in range(4):
        assert len(look(store, law, plan, NOW + 2 * day * DAY).changes) == 1, "the draft is tried"
        assert look(store, law, plan, NOW + 2 * day * DAY).known == 1
        assert look(store, before, plan, NOW + (2 * day + 1) * DAY).changes == [], "and taken back"
        assert len(messages(store)) == day + 1


def test_what_stays_allowed_is_not_announced(store: Store, plan: Workflow) -> None:
    buy(store, LAW, request("Desk", "Example Furniture Inc."))
    assert look(store, LAW, plan, NOW) == Looked(purchases=1)
    assert messages(store) == []


def test_what_is_over_is_not_looked_at(store: Store, plan: Workflow) -> None:
    name = buy(store, LAW, chip())
    store.purchases.close(name, Who("test"), NOW)
    assert look(store, LAW, plan, NOW).purchases == 0


def test_a_dry_run_announces_and_notes_nothing(store: Store, plan: Workflow) -> None:
    buy(store, LAW, chip())
    for _ in range(2):
        assert len(look(store, LAW, plan, NOW, dry_run=True).changes) == 1
    assert messages(store) == []
    assert store.purchases.all()[0].looked_at is None


def test_a_purchase_that_cannot_be_judged_is_told_and_the_others_are_looked_at(store: Store, plan: Workflow) -> None:
    buy(store, LAW, chip())
    law = msgspec.structs.replace(LAW, profiles={})
    data = json.dumps(chip()).encode()
    asking = Asking(now=NOW, profile=LAW.profiles["us-federal-agency"])
    made = record(check(read(data, "y", now=NOW), LAW, asking), Source(data, {}), NOW, "y")
    entry = decided(made, Document(data, "y", "application/json"), asking, store.laws.put(LAW, NOW), Who("test"))
    store.writer.append(entry).result()
    bought(store, made.id, Who("test"), NOW)
    found = look(store, law, plan, NOW)
    assert len(found.changes) == 1
    assert "no profile 'us-federal-agency' any more" in found.faults[0]


@pytest.mark.usefixtures("plan")
def test_the_command_announces_by_signed_webhook(
    tmp_path: Path, store: Store, receiver: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    buy(store, LAW, chip())
    flags = ["--workflow", str(tmp_path / "workflow.toml"), "--store", f"sqlite:///{tmp_path / 'gate.db'}"]
    assert main(["watch", "--dry-run", *flags]) == 0
    assert "PR-17 was allowed; from 2027-12-23 it is not" in capsys.readouterr().out
    assert receiver.calls == []
    assert main(["watch", *flags]) == 0
    assert "1 new, 0 told before\noutbox: 1 sent" in capsys.readouterr().out
    [came] = receiver.calls
    event = Webhook(SECRET).verify(came.body, came.headers)
    assert event["data"]["text"].startswith("PR-17 was allowed; from 2027-12-23 it is not")
    assert main(["watch", *flags]) == 0
    assert "0 new, 1 told before" in capsys.readouterr().out
    assert len(receiver.calls) == 1


@pytest.fixture
def acme(tmp_path: Path, store: Store) -> Path:
    """A policy folder that bans from today on what was bought, and that the built-in law does not have."""
    folder = tmp_path / "own"
    own(folder, starts="2026-01-01")
    proven(folder)
    buy(store, LAW, request("Suite", "Acme Software"))
    return folder


@pytest.mark.usefixtures("plan")
@pytest.mark.parametrize("named", ["GATE_POLICY", "GATE_ONLY_POLICY", "--policy", "--only-policy"])
def test_the_command_judges_by_the_law_of_the_service(
    named: str, tmp_path: Path, acme: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    flags = ["--workflow", str(tmp_path / "workflow.toml"), "--store", f"sqlite:///{tmp_path / 'gate.db'}"]
    assert main(["watch", "--dry-run", *flags]) == 0
    assert "0 new" in capsys.readouterr().out
    if named.startswith("--"):
        flags += [named, str(acme)]
        monkeypatch.setenv(f"GATE_{named[2:].upper().replace('-', '_')}", str(tmp_path / "nowhere"))
    else:
        monkeypatch.setenv(named, str(acme))
    assert main(["watch", "--dry-run", *flags]) == 0
    assert "1 new" in capsys.readouterr().out


@pytest.mark.usefixtures("plan")
def test_a_law_of_the_service_that_the_trusted_key_did_not_sign_is_refused(
    tmp_path: Path, acme: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    key = tmp_path / "key.pub.pem"
    command = f"openssl genpkey -algorithm ed25519 | openssl pkey -pubout -out {key}"
    subprocess.run(["sh", "-c", command], check=True)  # noqa: S607
    monkeypatch.setenv("GATE_POLICY", str(acme))
    monkeypatch.setenv("GATE_POLICY_KEY", str(key))
    flags = ["--workflow", str(tmp_path / "workflow.toml"), "--store", f"sqlite:///{tmp_path / 'gate.db'}"]
    assert main(["watch", *flags]) == 2
    assert str(acme) in capsys.readouterr().err


@pytest.mark.usefixtures("plan")
def test_a_law_that_the_service_refuses_to_serve_is_refused_by_the_commands_beside_it(
    tmp_path: Path, acme: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Else a poller approved by a law that nobody proved, while the service still denies by the one before."""
    shutil.rmtree(acme / "cases")
    monkeypatch.setenv("GATE_POLICY", str(acme))
    flags = ["--workflow", str(tmp_path / "workflow.toml"), "--store", f"sqlite:///{tmp_path / 'gate.db'}"]
    assert main(["watch", "--dry-run", *flags]) == 2
    said = capfd.readouterr().err
    assert said.startswith("gate: The policy does not pass `gate policy lint`:\n")
    assert said.endswith("x-own-ban has no cases.\n")


def test_what_could_not_be_sent_is_named_with_the_reason(
    tmp_path: Path, store: Store, plan: Workflow, receiver: Server, capfd: pytest.CaptureFixture[str]
) -> None:
    assert plan.watch is not None
    buy(store, LAW, chip())
    receiver.answer = lambda _: (503, None)
    flags = ["--workflow", str(tmp_path / "workflow.toml"), "--store", f"sqlite:///{tmp_path / 'gate.db'}"]
    assert main(["watch", *flags]) == 0
    letter = store.outbox.all("waiting")[0]
    assert capfd.readouterr().err == f"gate: {letter.id}: not sent: {letter.last_error}\n"
