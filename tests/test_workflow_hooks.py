"""Webhooks in: proven, mapped, decided and stored before 202 is said, answered by a signed callback, never twice."""

import asyncio
import base64
import hmac
import json
import shutil
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from cloudevents.core.bindings.http import HTTPMessage, from_structured_event
from standardwebhooks import Webhook

from gate.api.app import create
from gate.api.settings import Settings
from gate.errors import UsageError
from gate.store import Filter, Store, Who, open_store
from gate.store.erase import erase
from gate.workflow.outbox import empty
from gate.workflow.settings import arranged
from policy.files import BUILT_IN, FAMILIES
from tests.stores import empty_store
from tests.systems import Server

TEMPLATE = BUILT_IN / "template"
SAMPLES = Path(__file__).parent / "data" / "workflow"
SECRET = "whsec_" + base64.b64encode(b"an inbound secret of 24b").decode()
ANSWERS = "whsec_" + base64.b64encode(b"a callback's secret 24 b").decode()
SHARED = "It's a Secret to Everybody"

Json = dict[str, Any]

PLAN = """
source = "https://gate.example.com"
hosts = ["{host}", "shared.example.com/ours/"]

[callbacks]
secret = {{ env = "TEST_ANSWERS" }}

[hooks.servicenow]
scheme = "standard"
secrets = [{{ env = "TEST_INBOUND" }}]
mapping = "servicenow"
profile = "us-federal-agency"
callback = "{url}/answers"
callback_secret = {{ env = "TEST_ANSWERS" }}

[hooks.jira]
scheme = "jira"
secrets = [{{ file = "{folder}/jira.secret" }}]
mapping = "jira"
profile = "us-company"
watch = true

[hooks.own]
scheme = "github"
secrets = [{{ env = "TEST_SHARED" }}]
mapping = "own.toml"
callback_secret = {{ env = "TEST_ANSWERS" }}
"""

OWN = """
text = "A payload that says where the answer goes"
source = "This test"
callback = { at = "/answer_to" }
[request]
id = { at = "/id", needed = true }
ordered = { is = "now" }
[[lines]]
product = { at = "/product", needed = true }
"""


@contextmanager
def running(app: Any) -> Iterator[str]:
    """A real server of an application, and its address."""
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None, lifespan="on"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


@pytest.fixture
def database(tmp_path: Path, receiver: Server, monkeypatch: pytest.MonkeyPatch) -> str:
    """A store with its tables, and a workflow file that the environment names."""
    for name, value in (("INBOUND", SECRET), ("ANSWERS", ANSWERS), ("SHARED", SHARED)):
        monkeypatch.setenv(f"TEST_{name}", value)
    (tmp_path / "jira.secret").write_text(f"{SHARED}\n")
    (tmp_path / "own.toml").write_text(OWN)
    file = tmp_path / "workflow.toml"
    file.write_text(PLAN.format(host=receiver.host, url=receiver.url, folder=tmp_path))
    monkeypatch.setenv("GATE_WORKFLOW", str(file))
    return empty_store(tmp_path)


@pytest.fixture
def service(database: str) -> Iterator[httpx.Client]:
    with (
        running(create(Settings(database_url=database, guarded=False))) as url,
        httpx.Client(base_url=url, trust_env=False) as client,
    ):
        yield client


@pytest.fixture
def store(database: str) -> Iterator[Store]:
    opened = open_store(database)
    yield opened
    opened.close()


def servicenow(number: str = "msg_1", *, ago: float = 0, body: bytes | None = None) -> tuple[bytes, dict[str, str]]:
    """A delivery as a ServiceNow Flow would sign it."""
    data = (SAMPLES / "servicenow.json").read_bytes() if body is None else body
    at = datetime.now(UTC) - timedelta(seconds=ago)
    return data, {
        "webhook-id": number,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(SECRET).sign(number, at, data.decode()),
    }


def hub(header: str, number: tuple[str, str], body: bytes) -> tuple[bytes, dict[str, str]]:
    """A delivery as Jira or GitHub sign it."""
    value = hmac.digest(SHARED.encode(), body, "sha256").hex()
    return body, {header: f"sha256={value}", number[0]: number[1]}


def jira(number: str = "1", body: bytes | None = None) -> tuple[bytes, dict[str, str]]:
    data = (SAMPLES / "jira.json").read_bytes() if body is None else body
    return hub("X-Hub-Signature", ("X-Atlassian-Webhook-Identifier", number), data)


def post(service: httpx.Client, name: str, delivery: tuple[bytes, dict[str, str]]) -> httpx.Response:
    return service.post(f"/v1/hooks/{name}", content=delivery[0], headers=delivery[1])


def until(receiver: Server, number: int) -> None:
    for _ in range(500):
        if len(receiver.calls) >= number:
            return
        time.sleep(0.02)
    raise AssertionError("no callback came")


def test_a_signed_webhook_is_answered_202_and_finished_by_a_signed_callback(
    service: httpx.Client, receiver: Server
) -> None:
    taken = post(service, "servicenow", servicenow())
    assert taken.status_code == 202, taken.text
    stored = service.get(taken.headers["location"])
    assert stored.json()["id"] == taken.json()["id"]
    until(receiver, 1)
    [came] = receiver.calls
    event = Webhook(ANSWERS).verify(came.body, came.headers)
    told = from_structured_event(HTTPMessage(came.headers, came.body))
    assert (told.get_type(), told.get_subject()) == ("procurement-gate.decision.made.v1", "PO0010017")
    assert came.path == "/answers"
    assert event["specversion"] == "1.0"
    assert event["type"] == "procurement-gate.decision.made.v1"
    assert event["source"] == "https://gate.example.com"
    assert event["subject"] == "PO0010017"
    assert event["data"]["reference"] == "9d385017c611228701d22104cc95c371"
    assert event["data"]["answer"]["action"] == "reject"
    assert "us-ndaa-fy2018-1634-kaspersky" in event["data"]["answer"]["text"]
    assert event["data"]["decision"] == stored.json()


def test_a_replay_is_refused_and_a_senders_second_attempt_is_answered_as_the_first(
    service: httpx.Client, store: Store, receiver: Server
) -> None:
    first, replayed = servicenow(), None
    taken = post(service, "servicenow", first)
    replayed = post(service, "servicenow", first)
    assert replayed.status_code == 409
    assert "received before" in replayed.json()["detail"]
    again = post(service, "servicenow", servicenow(ago=-1))
    assert again.status_code == 202
    assert again.json() == {**taken.json(), "duplicate": True}
    assert store.decisions.count(Filter()) == 1
    until(receiver, 1)
    time.sleep(0.1)
    assert len(receiver.calls) == 1


def test_a_replay_under_another_number_is_refused_where_the_number_is_not_signed(
    service: httpx.Client, store: Store
) -> None:
    assert post(service, "jira", jira("1")).status_code == 202
    assert post(service, "jira", jira("1")).json()["duplicate"], "Jira tries again with the same number"
    assert post(service, "jira", jira("2")).status_code == 409
    assert store.decisions.count(Filter()) == 1


def test_a_delivery_that_is_sent_again_opens_no_purchase_that_was_closed_and_an_approver_does(
    service: httpx.Client, store: Store
) -> None:
    path = f"/v1/decisions/{post(service, 'jira', jira()).json()['id']}/approval"
    assert len(store.purchases.all()) == 1
    assert service.delete(path).status_code == 204
    entries = store.head().seq
    answer = post(service, "jira", jira())
    assert (answer.status_code, answer.json()["duplicate"]) == (202, True)
    assert (store.purchases.all(), store.head().seq) == ([], entries)
    assert service.put(path).json()["closed_at"] is None
    assert len(store.purchases.all()) == 1


def slack() -> tuple[bytes, dict[str, str]]:
    """A delivery as Slack signs it: dated, and without an id."""
    data = b'{"id": "PR-1", "product": "Desk chair"}'
    stamp = str(int(time.time()))
    value = hmac.digest(SHARED.encode(), b"v0:" + stamp.encode() + b":" + data, "sha256").hex()
    return data, {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={value}"}


def test_what_bears_no_signed_number_is_decided_anew_under_a_new_law(
    database: str, store: Store, tmp_path: Path
) -> None:
    (tmp_path / "workflow.toml").write_text(
        (tmp_path / "workflow.toml").read_text().replace('scheme = "github"', 'scheme = "slack"')
    )
    for family in FAMILIES:
        if (TEMPLATE / family).is_dir():
            shutil.copytree(TEMPLATE / family, tmp_path / "policy" / family)
    for policy in ((), (str(tmp_path / "policy"),)):
        settings = Settings(database_url=database, guarded=False, policy=policy)
        with running(create(settings)) as url, httpx.Client(base_url=url, trust_env=False) as client:
            for name, delivery in (
                ("jira", jira()),
                ("own", slack()),
                ("servicenow", servicenow(ago=len(policy) * 60)),
            ):
                answer = post(client, name, delivery)
                assert answer.status_code == 202, answer.text
                assert answer.json()["duplicate"] is (name == "servicenow" and policy != ())
            assert post(client, "jira", jira()).json()["duplicate"] is True
    assert store.decisions.count(Filter()) == 5


def test_many_at_once_of_the_same_delivery_are_decided_once(service: httpx.Client, store: Store) -> None:
    delivery = jira()
    with ThreadPoolExecutor(8) as pool:
        statuses = [one.status_code for one in pool.map(lambda _: post(service, "jira", delivery), range(16))]
    assert set(statuses) <= {202, 409}
    assert 202 in statuses
    assert store.decisions.count(Filter()) == 1


def test_a_number_used_again_for_something_else_is_refused(service: httpx.Client) -> None:
    assert post(service, "jira", jira("1")).status_code == 202
    other = json.loads((SAMPLES / "jira.json").read_bytes())
    other["issue"]["key"] = "PROC-18"
    answer = post(service, "jira", jira("1", json.dumps(other).encode()))
    assert answer.status_code == 422
    assert answer.json()["detail"] == "The id of this delivery was used before, for another payload."


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"webhook-signature": "v1,AAAA"}, 401),
        ({"webhook-signature": ""}, 401),
        ({"webhook-timestamp": "1"}, 401),
        ({"webhook-id": "another"}, 401),
    ],
)
def test_what_is_not_proven_is_not_even_read(
    service: httpx.Client, store: Store, change: dict[str, str], status: int
) -> None:
    body, headers = servicenow(body=b"{ this is no JSON")
    refused = post(service, "servicenow", (body, {**headers, **change}))
    assert refused.status_code == status
    assert refused.headers["content-type"].startswith("application/problem+json")
    assert store.decisions.count(Filter()) == 0


def test_a_delivery_of_ten_minutes_ago_is_refused(service: httpx.Client) -> None:
    assert post(service, "servicenow", servicenow(ago=600)).status_code == 401


def test_a_payload_that_lacks_a_field_is_refused_by_its_name_and_can_be_sent_again_corrected(
    service: httpx.Client, store: Store
) -> None:
    body = json.loads((SAMPLES / "servicenow.json").read_bytes())
    number = body["purchase_order"].pop("number")
    refused = post(service, "servicenow", servicenow(body=json.dumps(body).encode()))
    assert refused.status_code == 400
    assert "lacks id" in refused.json()["detail"]
    assert refused.json()["pointer"] == "/purchase_order/number/value"
    assert store.decisions.count(Filter()) == 0
    body["purchase_order"]["number"] = number
    assert post(service, "servicenow", servicenow(body=json.dumps(body).encode())).status_code == 202


def test_an_unknown_hook_is_404(service: httpx.Client) -> None:
    assert post(service, "sap", servicenow()).status_code == 404


def own(service: httpx.Client, url: str | None, number: str = "1") -> httpx.Response:
    body = json.dumps({"id": number, "product": "Desk", "answer_to": url}).encode()
    return post(service, "own", hub("X-Hub-Signature-256", ("X-GitHub-Delivery", number), body))


def test_an_address_that_the_payload_names_is_reached_only_if_it_is_listed(
    service: httpx.Client, receiver: Server, store: Store
) -> None:
    for url in ("http://169.254.169.254/latest/meta-data/", "https://evil.example/", "file:///etc/passwd"):
        assert own(service, url).status_code == 403
    assert store.decisions.count(Filter()) == 0
    assert own(service, f"{receiver.url}/mine").status_code == 202
    until(receiver, 1)
    assert receiver.calls[0].path == "/mine"


def test_without_an_address_the_decision_is_stored_and_nothing_is_sent(
    service: httpx.Client, receiver: Server, store: Store
) -> None:
    assert own(service, None).status_code == 202
    assert store.outbox.all() == []
    assert receiver.calls == []


def kind(answer: httpx.Response) -> str:
    found: str = answer.json()["type"].rpartition(":")[2]
    return found


def later(service: httpx.Client, url: str) -> httpx.Response:
    body = {"id": "PR-1", "ordered": "2150-01-01", "lines": [{"product": "Desk chair"}]}
    return service.post("/v1/decisions", params={"callback": url}, json=body, headers={"Prefer": "respond-async"})


def test_whoever_asks_over_http_may_have_the_decision_sent_signed(service: httpx.Client, receiver: Server) -> None:
    answer = later(service, f"{receiver.url}/told")
    assert answer.status_code == 202
    until(receiver, 1)
    [came] = receiver.calls
    told = Webhook(ANSWERS).verify(came.body, came.headers)
    assert told["data"]["location"] == answer.headers["location"]
    assert told["data"]["decision"] == service.get(answer.headers["location"]).json()


@pytest.mark.parametrize(
    "url",
    [
        "https://elsewhere.example.com/ours/",
        "https://shared.example.com/theirs",
        "http://shared.example.com/ours/",
        "file:///etc/passwd",
    ],
)
def test_a_callback_goes_only_where_the_workflow_file_lets_any_go(service: httpx.Client, url: str) -> None:
    refused = later(service, url)
    assert (refused.status_code, kind(refused)) == (403, "forbidden")
    assert service.get("/v1/decisions").json()["items"] == []


@pytest.mark.parametrize("plan", [None, 'hosts = ["127.0.0.1"]'])
def test_a_callback_that_nothing_would_send_is_refused_before_it_is_promised(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, plan: str | None
) -> None:
    if plan is None:
        monkeypatch.delenv("GATE_WORKFLOW")
    else:
        (tmp_path / "workflow.toml").write_text(plan)
    with (
        running(create(Settings(database_url=database, guarded=False))) as url,
        httpx.Client(base_url=url, trust_env=False) as client,
    ):
        refused = later(client, "https://127.0.0.1/told")
        assert (refused.status_code, kind(refused)) == (422, "usage")
        assert "[callbacks]" in refused.json()["remedy"]
        assert client.get("/v1/decisions").json()["items"] == []


def test_the_callback_survives_a_service_that_dies_before_it_is_sent(
    database: str, receiver: Server, store: Store
) -> None:
    """The message is stored with the decision; another process sends it."""
    receiver.answer = lambda _: (503, None)
    app = create(Settings(database_url=database, guarded=False))
    with running(app) as url, httpx.Client(base_url=url, trust_env=False) as client:
        assert post(client, "servicenow", servicenow()).status_code == 202
    assert [letter.state for letter in store.outbox.all()] == ["waiting"]
    receiver.answer = lambda _: (204, None)
    receiver.calls.clear()
    store.outbox.failed(store.outbox.all()[0].id, "x", datetime.now(UTC))
    done = asyncio.run(empty(store, arranged(None)))
    assert (done.sent, len(receiver.calls)) == (1, 1)


def test_what_a_hook_watches_is_watched_once_it_is_allowed(service: httpx.Client, store: Store) -> None:
    taken = post(service, "jira", jira())
    assert service.get(taken.headers["location"]).json()["decision"] == "allow"
    [purchase] = store.purchases.all()
    assert (purchase.id, purchase.subject) == (taken.json()["id"], "PROC-17")
    assert purchase.ends == datetime(2028, 1, 1, 12, tzinfo=UTC), "where that day begins last on Earth"


@pytest.fixture
def rehearsal(tmp_path: Path, database: str) -> Iterator[httpx.Client]:
    """The service while its hooks are dry runs."""
    file = tmp_path / "workflow.toml"
    acting = file.read_text()
    file.write_text(acting.replace("mapping =", "dry_run = true\nmapping ="))
    with (
        running(create(Settings(database_url=database, guarded=False))) as url,
        httpx.Client(base_url=url, trust_env=False) as client,
    ):
        file.write_text(acting)  # read by now; whoever starts next acts
        yield client


def test_a_dry_run_decides_and_answers_and_acts_on_nothing(
    rehearsal: httpx.Client, store: Store, receiver: Server
) -> None:
    denied, allowed = post(rehearsal, "servicenow", servicenow()), post(rehearsal, "jira", jira())
    assert denied.status_code == allowed.status_code == 202
    assert denied.json()["dry_run"]["action"] == "reject"
    assert "us-ndaa-fy2018-1634-kaspersky" in denied.json()["dry_run"]["text"]
    assert allowed.json()["dry_run"]["action"] == "no-objection"
    assert rehearsal.get(denied.headers["location"]).json()["decision"] == "deny"
    again = post(rehearsal, "servicenow", servicenow(ago=-1))
    assert again.json() == {**denied.json(), "duplicate": True}
    assert post(rehearsal, "jira", jira("2")).status_code == 409
    assert own(rehearsal, "https://evil.example/").status_code == 403
    assert own(rehearsal, f"{receiver.url}/mine").json()["dry_run"]["action"] == "no-objection"
    assert (store.outbox.all(), store.purchases.all(), receiver.calls) == ([], [], [])


def test_what_a_dry_run_has_seen_is_acted_on_when_it_is_sent_again_in_earnest(
    rehearsal: httpx.Client, service: httpx.Client, store: Store, receiver: Server
) -> None:
    first, bought = servicenow(), jira()
    assert "dry_run" in post(rehearsal, "servicenow", first).json()
    assert "dry_run" in post(rehearsal, "jira", bought).json()
    taken = post(service, "servicenow", first).json()
    assert (taken["duplicate"], "dry_run" in taken) == (False, False)
    until(receiver, 1)
    post(service, "jira", bought)
    assert len(store.purchases.all()) == 1


def test_an_approver_names_what_was_bought_and_when_it_is_over(service: httpx.Client, store: Store) -> None:
    made = own(service, None).json()
    path = f"/v1/decisions/{made['id']}/approval"
    assert service.put(path).status_code == 200
    assert service.put(path).status_code == 200, "approving it again changes nothing"
    assert [purchase.id for purchase in store.purchases.all()] == [made["id"]]
    assert service.delete(path).status_code == 204
    assert store.purchases.all() == []
    nowhere = f"/v1/decisions/{'0' * 36}/approval"
    for answer in (service.delete(path), service.delete(nowhere), service.put(nowhere)):
        assert (answer.status_code, kind(answer)) == (404, "unknown")


def test_what_was_denied_or_erased_is_not_approved(service: httpx.Client, store: Store) -> None:
    denied = post(service, "servicenow", servicenow()).json()["id"]
    erased = own(service, None).json()["id"]
    erase(store.chain, [erased], "asked for", Who("cli:test"), datetime.now(UTC))
    for name, status, word in ((denied, 409, "conflict"), (erased, 410, "gone")):
        answer = service.put(f"/v1/decisions/{name}/approval")
        assert (answer.status_code, kind(answer)) == (status, word), answer.text
    replayed = service.post(f"/v1/decisions/{erased}/replay")
    assert (replayed.status_code, kind(replayed)) == (410, "gone")
    assert store.purchases.all() == []


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('scheme = "standard"', 'scheme = "none"', "there is no scheme 'none'"),
        ('mapping = "servicenow"', 'mapping = "sap"', "There is no mapping 'sap'"),
        ('secrets = [{ env = "TEST_INBOUND" }]', "secrets = []", "hooks.servicenow.secrets"),
        ('secrets = [{ env = "TEST_INBOUND" }]', 'secrets = ["whsec_abc"]', "hooks.servicenow.secrets"),
        ('{ env = "TEST_INBOUND" }', "{ }", "a secret stands in"),
        ('callback_secret = { env = "TEST_ANSWERS" }', "", "needs a callback_secret"),
        ("/answers", "@evil.example/", "name and password"),
        ('profile = "us-federal-agency"', 'profile = "us-navy"', "no profile 'us-navy'"),
        ('hosts = ["', 'hosts = ["https://', "hosts.0: that is no host; write hooks.example.com"),
        ('hosts = ["', 'hosts = ["hooks.example.com/ours/../", "', "hosts.0: that is no host"),
        ('hosts = ["', 'hosts = ["hooks.example.com", "x', "may be sent to. The operator lists them as `hosts` in"),
        ('source = "', 'sauce = "', "sauce: unknown key"),
    ],
)
def test_a_workflow_file_with_a_fault_keeps_the_service_from_starting(
    tmp_path: Path, database: str, old: str, new: str, message: str
) -> None:
    file = tmp_path / "workflow.toml"
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))
    with pytest.raises(UsageError) as refusal:
        create(Settings(database_url=database, guarded=False))
    assert message in str(refusal.value)
    assert ".." not in str(refusal.value)
    assert "whsec_abc" not in str(refusal.value)


@pytest.mark.parametrize("name", ["TEST_INBOUND", "TEST_ANSWERS", "TEST_SHARED"])
def test_a_secret_that_is_missing_keeps_the_service_from_starting(
    name: str, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(name)
    with pytest.raises(UsageError, match=f"no secret in {name}"):
        create(Settings(database_url=database, guarded=False))
