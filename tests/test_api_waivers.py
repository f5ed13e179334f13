"""Waivers of the service: asked for by one, granted by another, within the instrument's limits."""

import asyncio
import json
import re
import shutil
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import Engine, event, update

from gate.api import app
from gate.store import Who, open_store, tables
from tests.service import JSON, Client, Json, chair, key, purchase, service

WANTED: Json = {
    "prohibitions": ["us-ndaa-fy2019-889-a1a"],
    "vendors": ["hikvision"],
    "granted_by": "director-of-national-intelligence",
    "authority": "Pub. L. 115-232 sec. 889(d)(2)",
    "reason": "The cameras are replaced.",
    "starts": "2026-01-01",
    "ends": "2151-01-01",
}
"""What the Director of National Intelligence may waive without a last day."""

CAMERA = {
    "product": "DS-2CD2143G2 camera",
    "category": "video-surveillance-equipment",
    "supplier": {"name": "CDW LLC"},
    "manufacturer": {"name": "Hangzhou Hikvision Digital Technology Co., Ltd."},
}


class People:
    """The service, and one person for each role."""

    def __init__(self, client: Client, url: str) -> None:
        self.client = client
        self.requester, self.approver, self.other = (
            key(url, "requester"),
            key(url, "approver"),
            key(url, "requester", "approver"),
        )

    def post(self, who: dict[str, str], path: str, body: Any = None) -> Any:
        return self.client.post(path, content=json.dumps(body or {}), headers={**JSON, **who})


@pytest.fixture
def people(tmp_path: Path) -> Iterator[People]:
    url = f"sqlite:///{tmp_path}/gate.db"
    key(url, "operator")
    with service(url, guarded=True) as client:
        yield People(client, url)


def wanted(people: People, who: dict[str, str] | None = None, **changes: object) -> Any:
    return people.post(who or people.requester, "/v1/waivers", {**WANTED, **changes})


def judged(people: People) -> Json:
    body = purchase(CAMERA, buyer={"name": "Agency", "roles": ["us-federal-agency"]}, supplier_uses=[])
    found: Json = people.post(people.requester, "/v1/decisions", body).json()
    return found


def waived(decision: Json) -> set[str]:
    return {r["waiver"]["id"] for r in decision["reasons"] if r["waiver"] and r["waiver"]["refused"] is None}


def test_a_waiver_counts_from_the_second_signature_until_it_is_revoked(people: People) -> None:
    asked = wanted(people)
    assert (asked.status_code, asked.json()["state"]) == (201, "requested")
    name = asked.json()["id"]
    assert waived(judged(people)) == set()
    granted = people.post(people.approver, f"/v1/waivers/{name}/approve")
    assert (granted.status_code, granted.json()["state"]) == (200, "granted")
    assert waived(judged(people)) == {name}
    revoked = people.post(people.approver, f"/v1/waivers/{name}/revoke", {"reason": "The need has gone."})
    assert revoked.json()["state"] == "revoked"
    assert waived(judged(people)) == set()


def test_who_asks_does_not_grant(people: People) -> None:
    name = wanted(people, people.other).json()["id"]
    assert people.post(people.other, f"/v1/waivers/{name}/approve").status_code == 403
    assert people.post(people.requester, f"/v1/waivers/{name}/approve").status_code == 403
    assert people.client.get(f"/v1/waivers/{name}", headers=people.requester).json()["state"] == "requested"
    assert people.client.get(f"/v1/waivers/{name}", headers=people.other).json()["yours"] is True


@pytest.mark.parametrize("step", ["approve", "reject"])
def test_nor_does_another_key_of_the_same_person(step: str, people: People, tmp_path: Path) -> None:
    again = key(f"sqlite:///{tmp_path}/gate.db", "requester", "approver")  # of the name that the other key has
    asked = wanted(people, people.other).json()
    name = asked["id"]
    for who in (people.other, again):
        answer = people.post(who, f"/v1/waivers/{name}/{step}", {"reason": "It is mine."})
        assert (answer.status_code, answer.json()["type"].rpartition(":")[2]) == (403, "forbidden")
        assert f"was asked for by {asked['requester']}" in answer.json()["detail"]
    assert people.post(people.approver, f"/v1/waivers/{name}/{step}", {"reason": "Not mine."}).status_code == 200


def test_a_step_that_comes_too_late_may_still_be_taken_and_is_said_so(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/gate.db"
    asks, grants = key(url, "requester"), key(url, "approver")
    with service(url, guarded=True, limit_seconds=0.5) as client:
        name = client.post("/v1/waivers", json=WANTED, headers=asks).json()["id"]
        other = open_store(url)
        with other.database.writing() as connection:
            other.chain.lock(connection)
            answer = client.post(f"/v1/waivers/{name}/approve", headers=grants)
        other.close()
        assert (answer.status_code, answer.json()["type"].rpartition(":")[2]) == (503, "no-store")
        assert "nobody knows" in answer.json()["detail"]


@pytest.mark.parametrize("step", ["approve", "reject", "revoke"])
def test_a_waiver_that_is_not_there_is_404(step: str, people: People) -> None:
    assert people.post(people.approver, f"/v1/waivers/none/{step}", {"reason": "It is none."}).status_code == 404


def test_a_waiver_that_was_rejected_or_revoked_is_granted_no_more(people: People) -> None:
    name = wanted(people).json()["id"]
    people.post(people.approver, f"/v1/waivers/{name}/reject", {"reason": "Buy another camera."})
    answer = people.post(people.approver, f"/v1/waivers/{name}/approve")
    assert (answer.status_code, answer.json()["type"].rpartition(":")[2]) == (409, "conflict")


@pytest.mark.parametrize(
    "change",
    [
        {"prohibitions": ["us-nothing"]},
        {"products": ["*"]},
        {"products": ["N/A"]},
        {"purls": ["x"]},
        {"purls": ["pkg:npm"]},
        {"prohibitions": []},
        {"vendors": ["nobody-of-the-register"]},
        {"ends": "2025-01-01"},
        {"ends": "soon"},
        {"starts": "2026-01-01T00:00:00"},
        {"granted_by": ""},
        {"approver": "myself"},
        {"state": "granted"},
    ],
)
def test_a_waiver_that_is_not_whole_or_names_what_there_is_not_is_refused(change: Json, people: People) -> None:
    answer = wanted(people, **change)
    assert answer.status_code == 422, answer.text
    assert people.client.get("/v1/waivers", headers=people.requester).json()["items"] == []
    assert not re.search(r"Value error|inputs|Field", answer.json()["detail"])  # they are not our words


@pytest.mark.parametrize(
    ("body", "headers", "status", "said"),
    [
        (b'{"reason": "One.", "reason": "Two."}', JSON, 400, "twice"),
        (b'{"reason": ', JSON, 400, "The body is no JSON."),
        (b"\xff", JSON, 400, "The body cannot be read as JSON."),
        (b"[]", JSON, 422, "A JSON object is expected"),
        (b'{"reason": "One."}', {"Content-Type": "text/plain"}, 422, "with Content-Type: application/json"),
    ],
)
def test_a_body_that_says_nothing_for_sure_is_refused_as_what_it_is(
    body: bytes, headers: dict[str, str], status: int, said: str, people: People
) -> None:
    """RFC 8259, section 4: where a name is not unique "the behavior of software that receives such an object is
    unpredictable".
    """
    name = wanted(people).json()["id"]
    for path in ("/v1/waivers", f"/v1/waivers/{name}/reject", f"/v1/waivers/{name}/revoke"):
        who = people.requester if path == "/v1/waivers" else people.approver
        answer = people.client.post(path, content=body, headers={**headers, **who})
        assert answer.status_code == status, answer.text
        assert answer.json().get("pointer") in (None, "", "/reason")  # and no number of letters
        assert said in answer.json()["detail"]


@pytest.mark.parametrize(
    ("change", "pointer", "limit"),
    [
        ({"granted_by": "agency-head"}, "/ends", "2021-08-13"),  # FAR 4.2104
        (
            {"prohibitions": ["us-ndaa-fy2019-889-a1b"], "granted_by": "agency-head", "ends": "2099-01-01"},
            "/ends",
            "2022-08-13",
        ),
        ({"granted_by": "mickey-mouse"}, "/granted_by", "director-of-national-intelligence"),
        (
            {"prohibitions": ["us-ndaa-fy2018-1634-kaspersky"], "granted_by": "contracting-officer"},
            "/prohibitions",
            "nobody",
        ),
    ],
)
def test_a_waiver_beyond_what_the_law_lets_anybody_waive_is_refused_with_the_limit(
    change: Json, pointer: str, limit: str, people: People
) -> None:
    answer = wanted(people, **change)
    assert (answer.status_code, answer.json()["pointer"]) == (422, pointer), answer.text
    assert limit in answer.json()["detail"] + answer.json().get("remedy", "")
    assert people.client.get("/v1/waivers", headers=people.requester).json()["items"] == []


def test_what_the_law_lets_nobody_waive_any_more_is_not_granted(people: People, tmp_path: Path) -> None:
    """It was asked for while another law was in force, or written into the store by somebody."""
    name = wanted(people).json()["id"]
    store = open_store(f"sqlite:///{tmp_path}/gate.db")
    for change, told in (({"granted_by": "agency-head"}, "2021-08-13"), ({"vendors": ["nobody"]}, "nobody")):
        body = msgspec.json.encode({**WANTED, **change})
        with store.database.writing() as connection:
            connection.execute(update(tables.waivers).values(body=body))
        answer = people.post(people.approver, f"/v1/waivers/{name}/approve")
        assert answer.status_code == 422, answer.text
        assert told in answer.text
    store.close()
    assert people.client.get(f"/v1/waivers/{name}", headers=people.requester).json()["state"] == "requested"


def test_the_waivers_that_soon_end_are_listed(people: People) -> None:
    soon, over = (str((datetime.now(UTC) + timedelta(days=days)).date()) for days in (30, -5))
    for ends, then in (
        (soon, "approve"),
        ("2151-01-01", "approve"),
        (over, "approve"),
        (soon, "reject"),
        (soon, "leave"),
    ):
        name = wanted(people, ends=ends, starts="2025-01-01").json()["id"]
        if then != "leave":
            people.post(people.approver, f"/v1/waivers/{name}/{then}", {"reason": "It is one of five."})

    def listed(query: str) -> list[tuple[str, str]]:
        items = people.client.get(f"/v1/waivers{query}", headers=people.approver).json()["items"]
        return [(one["body"]["ends"], one["state"]) for one in items]

    assert listed("?expiring=90") == listed("?state=granted&expiring=90") == [(soon, "granted")]
    assert listed("?state=rejected&expiring=90") == [(soon, "rejected")]
    assert len(listed("")) == 5
    assert people.client.get("/v1/waivers/none", headers=people.approver).status_code == 404


def test_waivers_are_listed_page_by_page(people: People) -> None:
    names = [wanted(people, ends=f"21{50 - number // 2}-01-01").json()["id"] for number in range(7)]
    for name in names[:3]:
        people.post(people.approver, f"/v1/waivers/{name}/approve")
    whole = people.client.get("/v1/waivers", headers=people.approver).json()
    assert (sorted(one["id"] for one in whole["items"]), whole["next_page_token"]) == (sorted(names), None)
    assert [one["body"]["ends"][2:4] for one in whole["items"]] == ["47", "48", "48", "49", "49", "50", "50"]

    def page(**query: Any) -> Any:
        return people.client.get("/v1/waivers", params={"size": 2, **query}, headers=people.approver)

    seen, token = [], None
    while True:
        found = page(**({} if token is None else {"page_token": token})).json()
        seen += found["items"]
        token = found["next_page_token"]
        if token is None:
            break
    assert seen == whole["items"]
    expiring = page(expiring=3650, state="requested").json()
    assert (expiring["items"], expiring["next_page_token"]) == ([], None)
    token = page(state="granted").json()["next_page_token"]
    assert len(page(state="granted", page_token=token).json()["items"]) == 1
    for query in ({}, {"state": "requested"}):
        refused = page(page_token=token, **query)
        assert (refused.status_code, refused.json()["type"].rpartition(":")[2]) == (422, "usage")


def revoke(url: str, role: str) -> None:
    """As another process does."""
    store = open_store(url)
    [one] = [one for one in store.keys.all() if one.name == role]
    store.keys.revoke(one.id, Who("cli:test"), datetime.now(UTC))
    store.close()


class TestAKeyThatAnotherProcessRevoked:
    """From the moment that it is revoked: not when this process looks the next time."""

    @pytest.fixture
    def people(self, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[People]:
        monkeypatch.setattr(app, "REFRESH", 3600)
        key(database_url, "operator")
        with service(database_url, guarded=True) as client:
            yield People(client, database_url)

    def test_grants_rejects_and_revokes_nothing(self, people: People, database_url: str) -> None:
        asked, granted = (wanted(people).json()["id"] for _ in range(2))
        assert people.post(people.approver, f"/v1/waivers/{granted}/approve").status_code == 200
        revoke(database_url, "approver")
        for path in (f"{asked}/approve", f"{asked}/reject", f"{granted}/revoke"):
            answer = people.post(people.approver, f"/v1/waivers/{path}", {"reason": "None"})
            assert answer.status_code == 401, path
        states = {
            one["id"]: one["state"] for one in people.client.get("/v1/waivers", headers=people.other).json()["items"]
        }
        assert states == {asked: "requested", granted: "granted"}

    def test_asks_for_no_waiver(self, people: People, database_url: str) -> None:
        assert people.client.get("/v1/waivers", headers=people.requester).status_code == 200
        revoke(database_url, "requester")
        assert wanted(people).status_code == 401
        assert people.client.get("/v1/waivers", headers=people.other).json()["items"] == []

    def test_says_of_nothing_that_it_was_bought_or_is_over(self, people: People, database_url: str) -> None:
        names = [people.post(people.requester, "/v1/decisions", purchase(chair())).json()["id"] for _ in range(2)]
        paths = [f"/v1/decisions/{name}/approval" for name in names]
        assert people.client.put(paths[0], headers=people.approver).status_code == 200
        revoke(database_url, "approver")
        assert people.client.put(paths[1], headers=people.approver).status_code == 401
        assert people.client.request("DELETE", paths[0], headers=people.approver).status_code == 401
        store = open_store(database_url)
        assert [one.id for one in store.purchases.all()] == names[:1]
        store.close()

    def test_has_no_decision_that_is_stored(self, people: People, database_url: str) -> None:
        assert people.post(people.requester, "/v1/decisions", purchase(chair())).status_code == 200
        revoke(database_url, "requester")
        assert people.post(people.requester, "/v1/decisions", purchase(chair())).status_code == 401
        assert len(people.client.get("/v1/decisions", headers=people.approver).json()["items"]) == 1

    def test_keeps_nobody_else_from_what_they_may(self, people: People, database_url: str) -> None:
        names = [wanted(people).json()["id"] for _ in range(2)]
        revoke(database_url, "approver")
        assert people.post(people.other, f"/v1/waivers/{names[0]}/approve").status_code == 200
        key(database_url, "auditor")
        assert people.post(people.other, f"/v1/waivers/{names[1]}/reject", {"reason": "None"}).status_code == 200


def test_a_key_that_was_revoked_while_the_body_came_decides_nothing(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where this process has learnt of it meanwhile: it was let in before."""
    monkeypatch.setattr(app, "REFRESH", 0.05)
    key(database_url, "operator")
    with service(database_url, guarded=True) as client:
        requester = key(database_url, "requester")

        async def slowly() -> Any:
            yield b"{"
            await asyncio.to_thread(revoke, database_url, "requester")
            await asyncio.sleep(0.5)
            yield json.dumps(purchase(chair())).encode()[1:]

        answer = client.post("/v1/decisions?store=false", content=slowly(), headers={**JSON, **requester})
        assert answer.status_code == 401


def test_the_event_loop_never_waits_for_the_database(people: People, tmp_path: Path) -> None:
    """Whatever changed here or in another process: what is not known yet is looked up on a thread."""
    asked: set[str] = set()

    def note(*_: object) -> None:
        asked.add(threading.current_thread().name)

    url = f"sqlite:///{tmp_path}/gate.db"
    event.listen(Engine, "before_cursor_execute", note)
    try:
        name = wanted(people).json()["id"]
        assert people.post(people.approver, f"/v1/waivers/{name}/approve").status_code == 200
        assert waived(judged(people)) == {name}
        auditor = key(url, "auditor")
        assert people.client.get("/v1/waivers", headers=auditor).status_code == 200
        revoke(url, "approver")
        assert people.post(people.approver, f"/v1/waivers/{name}/revoke", {"reason": "None"}).status_code == 401
        assert people.post(people.other, f"/v1/waivers/{name}/revoke", {"reason": "None"}).status_code == 200
        assert waived(judged(people)) == set()
        assert people.client.get("/readyz").status_code == 200
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    assert "MainThread" in asked  # where the test changes keys
    assert {name for name in asked if name.startswith("store")}
    assert people.client.thread not in asked


class TestALawThatLostAWaiversProhibition:
    """Rule 2: nothing is waived by guessing, and nobody finds out by decisions that fail while probes are green."""

    def waiver(self, client: Client, who: dict[str, dict[str, str]], ends: str) -> str:
        body = {"prohibitions": ["xx-example-ban"], "vendors": ["template-vendor"], "granted_by": "minister"}
        body |= {"authority": "An order", "reason": "None left", "starts": "2020-11-01", "ends": ends}
        asked = client.post("/v1/waivers", content=json.dumps(body), headers={**JSON, **who["requester"]})
        assert asked.status_code == 201, asked.text
        name: str = asked.json()["id"]
        assert client.post(f"/v1/waivers/{name}/approve", headers=who["approver"]).status_code == 200
        return name

    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        folder = Path(shutil.copytree("policy/template", tmp_path / "own"))
        ban = folder / "prohibitions" / "xx" / "xx-example-ban.toml"
        ban.write_text(ban.read_text("utf-8").replace("until = 2022-01-01 ", "until = 2150-01-01 "), "utf-8")
        return folder

    def decided(self, client: Client, who: dict[str, dict[str, str]]) -> int:
        body = json.dumps(purchase(chair()))
        return client.post("/v1/decisions", content=body, headers={**JSON, **who["requester"]}).status_code

    def test_is_no_hindrance_once_the_waiver_is_over(self, tmp_path: Path, folder: Path) -> None:
        url = f"sqlite:///{tmp_path}/gate.db"
        who = {role: key(url, role) for role in ("requester", "approver")}
        with service(url, guarded=True, policy=(str(folder),)) as client:
            self.waiver(client, who, "2020-12-01")
        with service(url, guarded=True) as client:
            assert self.decided(client, who) == 200
            assert client.get("/readyz").status_code == 200

    def test_is_refused_while_another_serves_and_told_where_none_does(self, tmp_path: Path, folder: Path) -> None:
        url = f"sqlite:///{tmp_path}/gate.db"
        who = {role: key(url, role) for role in ("requester", "approver", "operator")}
        with service(url, guarded=True, policy=(str(folder),)) as client:
            name = self.waiver(client, who, "2149-12-01")
            for path in folder.rglob("*.toml"):
                path.unlink()
            reloaded = client.post("/v1/law/reload", headers=who["operator"]).json()
            assert (reloaded["changed"], name in reloaded["fault"]) == (False, True)
            assert self.decided(client, who) == 200
        with service(url, guarded=True) as client:
            assert self.decided(client, who) == 503
            ready = client.get("/readyz")
            assert (ready.status_code, name in ready.json()["checks"]["waivers"]["why"]) == (503, True)
            revoked = client.post(
                f"/v1/waivers/{name}/revoke", content='{"reason": "No law"}', headers={**JSON, **who["approver"]}
            )
            assert revoked.status_code == 200
            assert self.decided(client, who) == 200
            assert client.get("/readyz").status_code == 200
