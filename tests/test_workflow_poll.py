"""Polling: what waits in Coupa and Ariba is judged and answered, each once, also when a process dies on the way."""

import asyncio
import contextlib
import json
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from gate.cli import main
from gate.cli.poll import SYSTEMS as POLLED
from gate.compiled import load
from gate.store import Filter, Store, open_store
from gate.workflow.action import ACTIONS, LONGEST, answer_to
from gate.workflow.judge import Judge
from gate.workflow.outbox import Emptied, empty
from gate.workflow.poll import Answered, look
from gate.workflow.settings import Arranged, Poll, arranged
from gate.workflow.systems import SYSTEMS
from tests.bans import granted, own, proven
from tests.postgres import database
from tests.stores import empty_store
from tests.systems import Ariba, Call, Coupa, Server, serving

ROOT = Path(__file__).parents[1]
SAMPLES = Path(__file__).parent / "data" / "workflow"
LAW = load()

Json = dict[str, Any]

PLAN = """
[poll.coupa]
url = "{url}"
client_id = "gate"
client_secret = {{ env = "TEST_COUPA" }}
scope = "core.approval.write core.requisition.read"
approver = "gate"
profile = "{profile}"
on_allow = "{on_allow}"

[poll.ariba]
url = "{url}/api/approval/v2/prod"
token_url = "{url}/v2/oauth/token"
client_id = "gate"
client_secret = {{ env = "TEST_ARIBA" }}
api_key = {{ env = "TEST_ARIBA_KEY" }}
realm = "example-T"
user = "O'Gate"
profile = "us-federal-agency"
on_allow = "{on_allow}"
"""


def requisition(number: int, product: str, maker: str | None = None) -> Json:
    """A requisition of one line."""
    supplier = {"id": 9, "name": maker or "Example Supplies LLC"}
    line = {"line-num": 1, "description": product, "quantity": "1.0", "manufacturer-name": maker, "supplier": supplier}
    return {"id": number, "submitted-at": "2026-11-20T10:02:11-08:00", "requisition-lines": [line]}


DENIED = requisition(1, "Kaspersky Endpoint Security", "Kaspersky Lab, Inc.")
ALLOWED = requisition(2, "Desk", "Example Furniture Inc.")
UNCLEAR = requisition(3, "Network camera", "Hangzhou Hikvision Digital Technology Co., Ltd.")


@pytest.fixture
def coupa() -> Coupa:
    return Coupa()


@pytest.fixture
def server(coupa: Coupa) -> Iterator[Server]:
    with serving(coupa) as one:
        yield one


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(empty_store(tmp_path))
    yield opened
    opened.close()


@pytest.fixture
def plan(tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch) -> Arranged:
    return planned(tmp_path, server, monkeypatch)


def planned(
    folder: Path, server: Server, monkeypatch: pytest.MonkeyPatch, on_allow: str = "no-objection", **more: str
) -> Arranged:
    for name, value in (("COUPA", Coupa.SECRET), ("ARIBA", "ariba-secret"), ("ARIBA_KEY", "api-key")):
        monkeypatch.setenv(f"TEST_{name}", value)
    file = folder / "workflow.toml"
    file.write_text(PLAN.format(url=server.url, on_allow=on_allow, **{"profile": "us-federal-agency", **more}))
    return arranged(str(file))


def polled(plan: Arranged, store: Store, name: str = "coupa", *, dry_run: bool = False) -> list[Answered]:
    return asyncio.run(look(name, plan, Judge(LAW, store), dry_run=dry_run))


def delivered(plan: Arranged, store: Store) -> Emptied:
    return asyncio.run(empty(store, plan))


def actions(found: list[Answered]) -> dict[str, str]:
    return {one.document: one.answer.action if one.answer else "none" for one in found}


def test_the_commands_systems_are_those_of_the_table_and_of_the_file() -> None:
    assert set(POLLED) == set(SYSTEMS) == set(Poll.model_fields)


def test_deny_rejects_review_holds_and_allow_is_no_objection(
    plan: Arranged, store: Store, coupa: Coupa, server: Server
) -> None:
    for number, one in enumerate((DENIED, ALLOWED, UNCLEAR), 11):
        coupa.add(number, one)
    assert actions(polled(plan, store)) == {"1": "reject", "2": "no-objection", "3": "hold"}
    assert delivered(plan, store) == Emptied(sent=3)
    assert [one["status"] for one in coupa.approvals.values()] == ["rejected", "pending_approval", "on_hold"]
    assert "us-ndaa-fy2018-1634-kaspersky" in coupa.approvals[11]["note"]
    assert "us-ndaa-fy2019-889-a1a" in coupa.approvals[13]["note"]
    [comment] = coupa.comments[2]
    assert comment["comments"].startswith("No objection")
    assert {call.path for call in server.acts()} == {
        "/api/approvals/11/reject",
        "/api/approvals/13/hold",
        "/api/requisitions/2/comments",
    }


def test_an_allow_approves_only_if_the_operator_says_so(
    tmp_path: Path, server: Server, store: Store, coupa: Coupa, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = planned(tmp_path, server, monkeypatch, "approve")
    coupa.add(12, ALLOWED)
    [found] = polled(plan, store)
    assert store.purchases.all() == []
    delivered(plan, store)
    assert coupa.approvals[12]["status"] == "approved"
    assert found.answer is not None
    assert [purchase.id for purchase in store.purchases.all()] == [found.answer.decision], "it is watched from now on"


def test_the_answer_names_a_decision_that_is_stored(plan: Arranged, store: Store, coupa: Coupa) -> None:
    coupa.add(11, DENIED)
    [found] = polled(plan, store)
    delivered(plan, store)
    assert found.answer is not None
    stored = store.decisions.one(found.answer.decision)
    assert stored is not None
    assert stored.labels == {"system": "coupa", "approval": "11"}
    assert found.answer.decision in coupa.approvals[11]["note"]
    assert answer_to(stored.body, "no-objection") == found.answer


def test_nobody_is_told_the_same_twice(plan: Arranged, store: Store, coupa: Coupa, server: Server) -> None:
    coupa.add(12, ALLOWED)
    for _ in range(3):
        polled(plan, store)
        delivered(plan, store)
    assert len(server.acts()) == 1
    assert store.decisions.count(Filter()) == 1


def test_what_the_system_writes_into_the_requisition_meanwhile_makes_no_new_question(
    plan: Arranged, store: Store, coupa: Coupa, server: Server
) -> None:
    coupa.add(12, dict(ALLOWED))
    polled(plan, store)
    delivered(plan, store)
    coupa.requisitions[2] |= {"updated-at": "2026-11-21T00:00:00-08:00", "comments-count": 1}
    assert [one.is_new for one in polled(plan, store)] == [False]
    delivered(plan, store)
    assert len(server.acts()) == 1


def test_a_requisition_that_was_changed_is_judged_anew(plan: Arranged, store: Store, coupa: Coupa) -> None:
    coupa.add(12, ALLOWED)
    polled(plan, store)
    delivered(plan, store)
    coupa.requisitions[2] = {**DENIED, "id": 2}
    assert actions(polled(plan, store)) == {"2": "reject"}
    delivered(plan, store)
    assert coupa.approvals[12]["status"] == "rejected"


@pytest.mark.parametrize("on_allow", ["approve", "no-objection"])
def test_what_was_changed_after_it_was_judged_is_not_let_through(
    tmp_path: Path, server: Server, store: Store, coupa: Coupa, monkeypatch: pytest.MonkeyPatch, on_allow: str
) -> None:
    plan = planned(tmp_path, server, monkeypatch, on_allow)
    coupa.add(12, ALLOWED)
    assert actions(polled(plan, store)) == {"2": on_allow}
    coupa.requisitions[2] = {**DENIED, "id": 2}
    assert delivered(plan, store) == Emptied(failed=1)
    assert server.acts() == []
    assert list(store.purchases.all()) == []
    assert actions(polled(plan, store)) == {"2": "reject"}
    assert delivered(plan, store) == Emptied(sent=1)
    assert coupa.approvals[12]["status"] == "rejected"


def test_only_what_waits_for_the_gates_own_user_is_answered(plan: Arranged, store: Store, coupa: Coupa) -> None:
    coupa.add(11, DENIED, login="somebody-else")
    coupa.add(12, ALLOWED, **{"approvable-type": "InvoiceHeader"})
    coupa.add(13, UNCLEAR, status="approved")
    assert polled(plan, store) == []


def test_more_than_one_page_is_read(plan: Arranged, store: Store, coupa: Coupa) -> None:
    for number in range(1, 121):
        coupa.add(number, requisition(number, "Desk", "Example Furniture Inc."))
    assert len(polled(plan, store, dry_run=True)) == 120


def test_a_dry_run_stores_nothing_and_tells_nobody(plan: Arranged, store: Store, coupa: Coupa, server: Server) -> None:
    coupa.add(11, DENIED)
    assert actions(polled(plan, store, dry_run=True)) == {"1": "reject"}
    assert server.acts() == []
    assert store.decisions.count(Filter()) == 0
    assert store.outbox.all() == []


def test_what_cannot_be_judged_waits_on_and_the_others_are_answered(
    plan: Arranged, store: Store, coupa: Coupa, server: Server
) -> None:
    coupa.add(10, {"id": 9, "requisition-lines": []})
    coupa.add(11, DENIED)
    coupa.add(12, requisition(7, "Desk"))
    del coupa.requisitions[7]
    found = polled(plan, store)
    assert actions(found) == {"9": "none", "1": "reject", "7": "none"}
    assert "no line" in str(found[0])
    delivered(plan, store)
    assert len(server.acts()) == 1


# --- Crashes ----------------------------------------------------------------------------------------------------------


def died_on_the_way(store: Store) -> None:
    """A process takes the messages out, and is never heard of again; its lease is over."""
    ago = datetime.now(UTC) - timedelta(hours=1)
    for letter in store.outbox.all("waiting"):
        store.outbox.failed(letter.id, "", ago)
    assert store.outbox.claim(ago, timedelta(minutes=5))


@pytest.mark.parametrize("one", [DENIED, ALLOWED, UNCLEAR])
def test_after_a_crash_before_the_answer_it_is_given(
    plan: Arranged, store: Store, coupa: Coupa, server: Server, one: Json
) -> None:
    coupa.add(11, one)
    polled(plan, store)
    died_on_the_way(store)
    polled(plan, store)
    assert delivered(plan, store) == Emptied(sent=1)
    assert len(server.acts()) == 1


@pytest.mark.parametrize("one", [DENIED, ALLOWED, UNCLEAR])
def test_after_a_crash_behind_the_answer_it_is_not_given_again(
    plan: Arranged, store: Store, coupa: Coupa, server: Server, one: Json
) -> None:
    """The answer arrived, and the process died before it could note that."""
    coupa.add(11, one)
    polled(plan, store)
    delivered(plan, store)
    letter = store.outbox.all()[0]
    store.outbox.dead(letter.id, "", datetime.now(UTC))
    store.outbox.revive(letter.id, datetime.now(UTC))
    died_on_the_way(store)
    before = len(server.acts())
    polled(plan, store)
    assert delivered(plan, store) == Emptied(sent=1)
    assert len(server.acts()) == before


def test_a_waiver_that_is_granted_meanwhile_changes_the_answer(
    tmp_path: Path, server: Server, store: Store, coupa: Coupa, monkeypatch: pytest.MonkeyPatch
) -> None:
    law = own(tmp_path / "policy", starts="2026-06-01")
    plan = planned(tmp_path, server, monkeypatch, profile="us-company")
    coupa.add(12, requisition(7, "Suite", "Acme Software"))
    judge = Judge(law, store)
    assert actions(asyncio.run(look("coupa", plan, judge))) == {"7": "reject"}
    elsewhere = open_store(str(store.database))  # another process grants it
    granted(elsewhere, law, "2030-01-01", datetime.now(UTC))
    elsewhere.close()
    assert actions(asyncio.run(look("coupa", plan, judge))) == {"7": "no-objection"}


def test_an_approval_that_has_not_arrived_is_taken_back_once_the_law_forbids_it(
    tmp_path: Path, server: Server, store: Store, coupa: Coupa, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = planned(tmp_path, server, monkeypatch, "approve", profile="us-company")
    coupa.add(12, requisition(7, "Suite", "Acme Software"))
    assert actions(asyncio.run(look("coupa", plan, Judge(LAW, store)))) == {"7": "approve"}
    server.answer = lambda call: (503, {}) if call.method == "PUT" else coupa(call)
    assert delivered(plan, store) == Emptied(failed=1)
    server.answer = coupa
    judge = Judge(own(tmp_path / "policy", starts="2026-06-01"), store)
    assert actions(asyncio.run(look("coupa", plan, judge))) == {"7": "reject"}
    letters = {json.loads(letter.body)["action"]: letter.state for letter in store.outbox.all()}
    assert letters == {"approve": "withdrawn", "reject": "waiting"}
    assert delivered(plan, store) == Emptied(sent=1)
    assert coupa.approvals[12]["status"] == "rejected"


@pytest.mark.parametrize(("one", "on_allow"), [(ALLOWED, "approve"), (ALLOWED, "no-objection"), (DENIED, "approve")])
def test_what_was_held_up_for_long_lets_nothing_through_before_it_is_decided_anew(
    tmp_path: Path,
    server: Server,
    store: Store,
    coupa: Coupa,
    monkeypatch: pytest.MonkeyPatch,
    one: Json,
    on_allow: str,
) -> None:
    plan = planned(tmp_path, server, monkeypatch, on_allow)
    coupa.add(12, one)
    polled(plan, store)
    with monkeypatch.context() as later:
        later.setattr("gate.workflow.systems.FRESH", timedelta(0))
        given = delivered(plan, store)
    if one is DENIED:
        assert given == Emptied(sent=1), "a denial lets nothing through"
        return
    assert (given, server.acts()) == (Emptied(failed=1), [])
    assert delivered(plan, store) == Emptied()
    assert [found.is_new for found in polled(plan, store)] == [True]
    assert delivered(plan, store) == Emptied(sent=1)
    assert len(server.acts()) == 1


def test_on_postgresql_many_pollers_at_once_give_one_answer(plan: Arranged, coupa: Coupa, server: Server) -> None:
    for number in range(1, 6):
        coupa.add(number, requisition(number, "Desk", "Example Furniture Inc."))
    with database() as url, closing(open_store(url, upgrade=True)) as store, ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: polled(plan, store), range(4)))
        done = list(pool.map(lambda _: delivered(plan, store), range(4)))
        assert sum(one.sent for one in done) == 5
        assert store.decisions.count(Filter()) == 5
    assert len(server.acts()) == 5


def test_two_pollers_at_once_give_one_answer(plan: Arranged, store: Store, coupa: Coupa, server: Server) -> None:
    coupa.add(12, ALLOWED)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: polled(plan, store), range(4)))
        done = list(pool.map(lambda _: delivered(plan, store), range(4)))
    assert {actions(one)["2"] for one in found} == {"no-objection"}
    assert sum(one.sent for one in done) == 1
    assert len(server.acts()) == 1


@pytest.mark.parametrize("is_done", [True, False])
def test_a_poller_that_is_killed_while_it_answers_leaves_one_answer(
    tmp_path: Path, plan: Arranged, store: Store, coupa: Coupa, server: Server, is_done: bool
) -> None:
    """Killed before Coupa has done it, or after that and before the poller hears of it."""
    coupa.add(11, DENIED)
    came, go_on = threading.Event(), threading.Event()

    def answering(call: Call) -> Any:
        if call.method != "PUT":
            return coupa(call)
        found = coupa(call) if is_done else (503, {})
        came.set()
        go_on.wait(20)
        return found

    server.answer = answering
    flags = ["--workflow", str(tmp_path / "workflow.toml"), "--store", f"sqlite:///{tmp_path / 'gate.db'}"]
    with subprocess.Popen([sys.executable, "-m", "gate", "poll", "coupa", "--once", *flags], cwd=ROOT) as process:
        assert came.wait(20)
        process.kill()
    go_on.set()
    server.answer = coupa
    polled(plan, store)
    assert delivered(plan, store) == Emptied(), "it is still leased to the process that died"
    store.outbox.failed(store.outbox.all()[0].id, "", datetime.now(UTC))
    assert delivered(plan, store) == Emptied(sent=1)
    assert coupa.approvals[11]["status"] == "rejected"
    assert len(server.acts()) == (1 if is_done else 2)
    assert store.decisions.count(Filter()) == 1


def test_a_system_that_is_down_is_told_later(plan: Arranged, store: Store, coupa: Coupa, server: Server) -> None:
    coupa.add(11, DENIED)
    polled(plan, store)
    server.answer = lambda call: (503, {}) if call.method == "PUT" else coupa(call)
    assert delivered(plan, store) == Emptied(failed=1)
    server.answer = coupa
    store.outbox.failed(store.outbox.all()[0].id, "", datetime.now(UTC))
    assert delivered(plan, store) == Emptied(sent=1)
    assert coupa.approvals[11]["status"] == "rejected"


def test_when_a_person_was_quicker_nothing_is_done(plan: Arranged, store: Store, coupa: Coupa, server: Server) -> None:
    coupa.add(11, DENIED)
    polled(plan, store)
    coupa.approvals[11]["status"] = "approved"
    assert delivered(plan, store) == Emptied(failed=1), "Coupa says that the approval must be pending"
    store.outbox.failed(store.outbox.all()[0].id, "", datetime.now(UTC))
    assert delivered(plan, store) == Emptied(sent=1)
    assert coupa.approvals[11]["status"] == "approved"
    assert len(server.acts()) == 1


# --- Ariba ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def ariba(server: Server) -> Ariba:
    one = Ariba()
    server.answer = one
    one.pending["BgAA=1/2"] = json.loads((SAMPLES / "ariba.json").read_bytes())
    return one


def asking_for(one: Ariba, product: str, maker: str) -> None:
    line = {"numberInCollection": 1, "quantity": 1, "supplier": {"name": maker}}
    line["description"] = {"shortName": product, "manufacturerName": maker}
    one.pending = {"BgAA=1/2": {"uniqueName": "PR1", "lineItems": [line]}}


def test_ariba_knows_no_hold_so_a_review_is_a_comment_and_goes_on_waiting(
    plan: Arranged, store: Store, ariba: Ariba
) -> None:
    assert actions(polled(plan, store, "ariba")) == {"PR4711": "hold"}
    assert delivered(plan, store) == Emptied(sent=1)
    [comment] = ariba.comments["BgAA=1/2"]
    assert comment["text"].startswith("On hold")
    assert comment["visibleToSupplier"] is False
    assert ariba.states == {}


@pytest.mark.parametrize("arrives", [True, False])
def test_what_a_system_hears_last_is_what_holds(plan: Arranged, store: Store, ariba: Ariba, arrives: bool) -> None:
    """A review, no objection while a law is in force that says nothing of it, and a review again."""
    law = msgspec.structs.replace(LAW, clauses=(), digest="sha256:" + "0" * 64)
    told = []
    for judge in (Judge(LAW, store), Judge(law, store), Judge(LAW, store), Judge(LAW, store)):
        [found] = asyncio.run(look("ariba", plan, judge))
        told.append((found.answer.action if found.answer else None, found.is_new))
        if arrives:
            delivered(plan, store)
    assert told == [("hold", True), ("no-objection", True), ("hold", True), ("hold", False)]
    delivered(plan, store)
    heard = [comment["text"].partition(" ")[0] for comment in ariba.comments["BgAA=1/2"]]
    assert heard == (["On", "No", "On"] if arrives else ["On"])


def test_ariba_is_told_to_deny_in_the_name_of_the_gates_user(plan: Arranged, store: Store, ariba: Ariba) -> None:
    asking_for(ariba, "Kaspersky Endpoint Security", "Kaspersky Lab, Inc.")
    assert actions(polled(plan, store, "ariba")) == {"PR1": "reject"}
    assert delivered(plan, store) == Emptied(sent=1)
    assert ariba.states == {"BgAA=1/2": "deny"}


def test_ariba_is_told_to_approve_only_if_the_operator_says_so(
    tmp_path: Path, server: Server, store: Store, ariba: Ariba, monkeypatch: pytest.MonkeyPatch
) -> None:
    asking_for(ariba, "Desk", "Example Furniture Inc.")
    plan = planned(tmp_path, server, monkeypatch, "approve")
    polled(plan, store, "ariba")
    delivered(plan, store)
    assert ariba.states == {"BgAA=1/2": "approve"}


def test_a_comment_in_ariba_that_may_have_been_made_is_left_to_a_person(
    plan: Arranged, store: Store, ariba: Ariba, server: Server
) -> None:
    """Nothing tells whether it was: made twice is worse than a letter that somebody looks at."""
    polled(plan, store, "ariba")
    died_on_the_way(store)
    assert delivered(plan, store) == Emptied(dead=1)
    assert ariba.comments == {}
    assert "not known" in str(store.outbox.all("dead")[0].last_error)
    assert server.acts() == []


def test_a_denial_in_ariba_that_was_made_is_not_made_again(
    plan: Arranged, store: Store, ariba: Ariba, server: Server
) -> None:
    asking_for(ariba, "Kaspersky Endpoint Security", "Kaspersky Lab, Inc.")
    polled(plan, store, "ariba")
    died_on_the_way(store)
    ariba.pending.clear()
    assert delivered(plan, store) == Emptied(sent=1)
    assert server.acts() == []


# --- Answers, and the command -----------------------------------------------------------------------------------------


def test_an_answer_says_why_within_what_systems_take() -> None:
    reason = {"code": "a/b", "effect": "deny", "message": "No\x1b[31m " + "x" * 900, "citation": [{"text": "1 USC 1"}]}
    body = {"id": "D", "decision": "deny", "review": False, "subject": {"name": "PR-1"}, "reasons": [reason] * 7}
    answer = answer_to(json.dumps(body).encode(), "approve")
    assert answer.action == "reject"
    assert len(answer.text) <= LONGEST
    assert "\x1b" not in answer.text
    assert (
        "[a/b, 1 USC 1]" in answer_to(json.dumps({**body, "reasons": [{**reason, "message": "No"}]}).encode(), "").text
    )


@pytest.mark.parametrize("decision", ["allow", "deny"])
@pytest.mark.parametrize("review", [True, False])
@pytest.mark.parametrize("on_allow", ["no-objection", "approve"])
def test_what_needs_a_review_is_never_approved(decision: str, review: bool, on_allow: str) -> None:
    body = {"id": "D", "decision": decision, "review": review, "subject": {"name": "PR-1"}, "reasons": []}
    action = answer_to(json.dumps(body).encode(), on_allow).action
    assert action in ACTIONS
    assert action == ("hold" if review else on_allow if decision == "allow" else "reject")


@pytest.mark.usefixtures("plan")
def test_the_command_looks_once_and_tells(
    tmp_path: Path, store: Store, coupa: Coupa, capsys: pytest.CaptureFixture[str]
) -> None:
    coupa.add(11, DENIED)
    flags = ["--workflow", str(tmp_path / "workflow.toml"), "--store", f"sqlite:///{tmp_path / 'gate.db'}"]
    assert main(["poll", "coupa", "--dry-run", *flags]) == 0
    assert "would tell 1: reject" in capsys.readouterr().out
    assert coupa.approvals[11]["status"] == "pending_approval"
    assert main(["poll", "coupa", "--once", *flags]) == 0
    assert "1: reject" in capsys.readouterr().out
    assert coupa.approvals[11]["status"] == "rejected"
    coupa.add(12, {"id": 9, "requisition-lines": []})
    assert main(["poll", "coupa", "--once", *flags]) == 2
    assert "9: no verdict" in capsys.readouterr().out
    assert store.decisions.count(Filter()) == 1


@pytest.mark.usefixtures("store")
def test_the_command_judges_by_the_law_of_the_service(
    tmp_path: Path, coupa: Coupa, server: Server, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    coupa.add(11, requisition(1, "Suite", "Acme Software"))
    planned(tmp_path, server, monkeypatch, profile="us-company")
    own(tmp_path / "own", starts="2026-01-01")
    proven(tmp_path / "own")
    flags = ["--workflow", str(tmp_path / "workflow.toml"), "--store", f"sqlite:///{tmp_path / 'gate.db'}"]
    assert main(["poll", "coupa", "--dry-run", *flags]) == 0
    assert "would tell 1: no-objection" in capsys.readouterr().out
    monkeypatch.setenv("GATE_POLICY", str(tmp_path / "own"))
    assert main(["poll", "coupa", "--dry-run", *flags]) == 0
    assert "would tell 1: reject" in capsys.readouterr().out


def test_the_command_looks_until_it_is_stopped(tmp_path: Path, plan: Arranged, coupa: Coupa, server: Server) -> None:
    assert plan.workflow.poll.coupa is not None
    coupa.add(11, DENIED)
    file = tmp_path / "workflow.toml"
    file.write_text(file.read_text().replace("[poll.coupa]", "[poll.coupa]\nevery = 10"))
    url = empty_store(tmp_path)
    command = [sys.executable, "-m", "gate", "poll", "coupa", "--workflow", str(file), "--store", url]

    def heed() -> None:
        """What a shell starts in the background is told to ignore Ctrl-C, and so would all that these tests start."""
        signal.signal(signal.SIGINT, signal.SIG_DFL)

    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, preexec_fn=heed) as process:  # noqa: PLW1509
        assert process.stdout is not None
        assert process.stdout.readline() == "1: reject\n"
        assert process.stdout.readline() == "outbox: 1 sent, 0 to be tried again, 0 dead\n"
        for _ in range(20):  # one that comes while Python frees an object is lost, as a person sees who presses again
            process.send_signal(signal.SIGINT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(1)
                break
        assert process.wait(1) == 2
    assert coupa.approvals[11]["status"] == "rejected"
    assert len(server.acts()) == 1


@pytest.mark.parametrize("answer", [(401, {}), (500, {}), (200, b"<html>"), (200, {}), (200, [1]), (302, {})])
def test_a_system_that_answers_nonsense_is_no_verdict_and_no_crash(
    plan: Arranged, tmp_path: Path, server: Server, coupa: Coupa, capsys: pytest.CaptureFixture[str], answer: Any
) -> None:
    assert plan.workflow.poll.coupa is not None

    def answering(call: Call) -> Any:
        return coupa(call) if "oauth" in call.path else answer

    server.answer = answering
    url = f"sqlite:///{tmp_path / 'other.db'}"
    open_store(url, upgrade=True).close()
    assert main(["poll", "coupa", "--once", "--workflow", str(tmp_path / "workflow.toml"), "--store", url]) == 2
    said = capsys.readouterr().err
    assert "internal error" not in said
    assert Coupa.SECRET not in said


def test_a_wrong_secret_is_told_by_the_place_where_it_stands_alone(
    plan: Arranged, store: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    monkeypatch.setenv("TEST_COUPA", "a-wrong-secret")
    with pytest.raises(Exception, match=r"/oauth2/token with 401\. Look at the client's id") as refusal:
        polled(plan, store)
    assert "a-wrong-secret" not in str(refusal.value) + caplog.text
    monkeypatch.delenv("TEST_COUPA")
    with pytest.raises(Exception, match="no secret in TEST_COUPA"):
        polled(plan, store)


def test_what_is_approved_is_watched_whatever_happens_between(
    tmp_path: Path, server: Server, store: Store, coupa: Coupa, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An approval that nobody watches would be announced to nobody when a ban begins."""
    plan = planned(tmp_path, server, monkeypatch, "approve")
    coupa.add(12, ALLOWED)
    polled(plan, store)
    watched: list[int] = []

    def before(call: Call) -> None:
        if "approve" in call.path:
            watched.append(len(store.purchases.all()))

    server.before = before
    asyncio.run(empty(store, plan))
    assert (watched, coupa.approvals[12]["status"]) == ([1], "approved")
