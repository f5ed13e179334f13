"""POST /v1/decisions and what is stored of it: verdicts, formats, retries, lists, replays."""

import gzip
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from gate.api import keeping
from gate.api.accept import MEDIA_TYPES
from gate.asking import Asking
from gate.check import check
from gate.law import Law
from gate.read import read
from gate.read.locate import Source
from gate.record import record, wire, written
from gate.report import FORMATS
from gate.store import Entry, Who, decided, open_store
from gate.store.erase import erase
from tests import postgres
from tests.service import JSON, Client, Json, chair, kaspersky, key, purchase, sbom, service, sonic

ROOT = Path(__file__).parents[1]


@pytest.fixture(params=["sqlite", "postgresql"])
def stored(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Client]:
    if request.param == "sqlite":
        with service(f"sqlite:///{tmp_path}/gate.db") as found:
            yield found
    else:
        with postgres.database() as url, service(url) as found:
            yield found


def ask(client: Client, body: object, path: str = "/v1/decisions", **headers: str) -> httpx.Response:
    return client.post(path, content=json.dumps(body), headers={**JSON, **headers})


def test_allow_and_deny_are_both_200_and_the_verdict_stands_in_the_body(client: Client) -> None:
    allowed, denied = ask(client, purchase(chair())), ask(client, purchase(kaspersky()))
    assert (allowed.status_code, denied.status_code) == (200, 200)
    assert (allowed.json()["decision"], denied.json()["decision"]) == ("allow", "deny")
    assert "us-commerce-icts-2021-002-kaspersky/new-agreements" in [r["code"] for r in denied.json()["reasons"]]


def test_the_answer_is_the_record_of_the_command_line(client: Client, capsys: pytest.CaptureFixture[str]) -> None:
    from gate.cli import main

    path = ROOT / "sboms" / "webapp-hexa-ui.cyclonedx-npm.cdx.json"
    main(["check", str(path), "--profile", "us-federal-contractor", "--as-of", "2150-01-01", "--format", "json"])
    told = json.loads(capsys.readouterr().out)
    question = {"profile": "us-federal-contractor", "as_of": "2150-01-01", "name": told["subject"]["name"]}
    answered = client.post("/v1/decisions", params=question, content=path.read_bytes(), headers=JSON).json()
    clocks = {"id", "evaluated_at", "known_at", "digest"}
    assert told["reasons"]
    assert {k: v for k, v in answered.items() if k not in clocks} == {k: v for k, v in told.items() if k not in clocks}


def test_xml_and_gzip_are_read_like_json(client: Client) -> None:
    xml = (ROOT / "sboms" / "pyapp.cyclonedx-py.cdx.xml").read_bytes()
    plain = client.post("/v1/decisions", content=xml, headers={"Content-Type": "application/xml"})
    packed = client.post(
        "/v1/decisions",
        content=gzip.compress(xml),
        headers={"Content-Type": "application/xml", "Content-Encoding": "gzip"},
    )
    assert plain.status_code == packed.status_code == 200
    assert plain.json()["subject"]["digest"] == packed.json()["subject"]["digest"]


def test_several_sboms_in_one_body_are_judged_each_by_itself(client: Client) -> None:
    files = [
        ("file", (f"{name}.cdx.json", json.dumps(body), "application/json"))
        for name, body in {"good": sbom(), "bad": sbom(sonic())}.items()
    ]
    answer = client.post("/v1/decisions?profile=us-federal-contractor", files=files).json()
    assert [one["subject"]["name"] for one in answer] == ["good.cdx.json", "bad.cdx.json"]
    assert [one["coverage"]["components"] for one in answer] == [1, 1]


def with_sbom(path: str, digest: str | None = None) -> Json:
    return purchase({**chair(), "sbom": {"path": path} | ({"digest": digest} if digest else {})})


def test_the_documents_of_one_body_are_stored_all_or_none(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another process changes a key before the second is stored: both are judged anew, and nothing is there twice."""
    names: list[str] = []

    def meanwhile(*given: Any, **more: Any) -> Entry:
        names.append(given[1].name)
        if len(names) == 2:
            key(database_url, "auditor")
        return decided(*given, **more)

    files = [(name, (name, json.dumps(sbom(sonic())), "application/json")) for name in ("a.json", "b.json")]
    with service(database_url) as client:
        monkeypatch.setattr(keeping, "decided", meanwhile)
        answered = [one["id"] for one in client.post("/v1/decisions", files=files).json()]
        assert names == ["a.json", "b.json"] * 2
        assert [one["id"] for one in client.get("/v1/decisions").json()["items"]] == answered[::-1]


def test_a_request_is_judged_with_the_sboms_that_come_along(client: Client) -> None:
    files = [
        ("request", ("request.json", json.dumps(with_sbom("app.cdx.json")), "application/json")),
        ("sbom", ("app.cdx.json", json.dumps(sbom(sonic())), "application/json")),
    ]
    answer = client.post("/v1/decisions", files=files).json()
    assert answer["coverage"]["components"] == 2


def test_a_byte_order_mark_hides_no_document_in_a_body_of_several(client: Client) -> None:
    xml = (ROOT / "sboms" / "pyapp.cyclonedx-py.cdx.xml").read_bytes()
    marked = [
        ("request", ("request.json", b"\xef\xbb\xbf" + json.dumps(with_sbom("app.cdx.xml")).encode())),
        ("sbom", ("app.cdx.xml", b"\xef\xbb\xbf" + xml)),
    ]
    plain = [(field, (name, data.removeprefix(b"\xef\xbb\xbf"))) for field, (name, data) in marked]
    one, other = (client.post("/v1/decisions", files=files).json() for files in (marked, plain))
    assert one["coverage"] == other["coverage"]
    assert one["coverage"]["components"] > 2


def test_an_sbom_that_no_line_names_is_not_passed_over(client: Client) -> None:
    files = [
        ("request", ("request.json", json.dumps(purchase(chair())), "application/json")),
        ("sbom", ("app.cdx.json", json.dumps(sbom(sonic())), "application/json")),
    ]
    answer = client.post("/v1/decisions", files=files)
    assert answer.status_code == 400
    assert answer.json()["document"] == "app.cdx.json"


def test_a_line_names_a_kept_sbom_by_its_digest(client: Client) -> None:
    kept = client.put("/v1/sboms", content=json.dumps(sbom(sonic())), headers=JSON)
    digest = kept.json()["digest"]
    assert client.get(kept.headers["location"]).json() == sbom(sonic())
    answer = ask(client, with_sbom("app.cdx.json", digest))
    assert answer.json()["coverage"]["components"] == 2
    missing = ask(client, with_sbom("app.cdx.json", "sha256:" + "0" * 64))
    assert (missing.status_code, missing.json()["pointer"]) == (400, "/lines/0/sbom")


def test_a_digest_alone_names_a_kept_sbom_and_one_that_comes_along(stored: Client) -> None:
    text = json.dumps(sbom(sonic()))
    digest = stored.put("/v1/sboms", content=text, headers=JSON).json()["digest"]
    document = purchase({**chair(), "sbom": {"digest": digest}}, {**chair(), "sbom": {"digest": digest}})
    answer = ask(stored, document)
    assert answer.json()["coverage"]["components"] == 4
    replayed = stored.post(f"/v1/decisions/{answer.json()['id']}/replay").json()
    assert replayed["same"], replayed["differences"]
    files = [
        ("request", ("request.json", json.dumps(document), "application/json")),
        ("sbom", ("app.cdx.json", text, "application/json")),
    ]
    assert stored.post("/v1/decisions", files=files).json()["coverage"]["components"] == 4
    missing = ask(stored, purchase({**chair(), "sbom": {"digest": "sha256:" + "0" * 64}}))
    assert (missing.status_code, missing.json()["pointer"]) == (400, "/lines/0/sbom")
    unnamed = ask(stored, purchase({**chair(), "sbom": {}}))
    assert (unnamed.status_code, unnamed.json()["pointer"]) == (400, "/lines/0/sbom/path")


def test_two_sboms_of_one_name_are_not_taken_for_each_other(client: Client) -> None:
    digests = [
        client.put("/v1/sboms", content=json.dumps(one), headers=JSON).json()["digest"]
        for one in (sbom(), sbom(sonic()))
    ]
    document = purchase(*({**chair(), "sbom": {"path": "bom.json", "digest": digest}} for digest in digests))
    answer = ask(client, document)
    assert (answer.status_code, answer.json()["pointer"]) == (400, "/lines/1/sbom")
    assert ask(client, purchase(*({**chair(), "sbom": {"digest": one}} for one in digests))).status_code == 200


def test_what_is_no_sbom_is_not_kept_and_what_was_judged_is_not_given_out_as_one(client: Client) -> None:
    assert client.put("/v1/sboms", content=json.dumps(purchase()), headers=JSON).status_code == 400
    name = ask(client, purchase(chair())).json()["id"]
    digest = client.get(f"/v1/decisions/{name}").headers["gate-input"]
    assert client.get(f"/v1/sboms/{digest}").status_code == 404


def test_every_report_has_a_media_type_of_its_own() -> None:
    assert set(MEDIA_TYPES) == set(FORMATS)
    assert len(set(MEDIA_TYPES.values())) == len(FORMATS)


@pytest.mark.parametrize("form", FORMATS)
def test_accept_chooses_the_report(form: str, client: Client) -> None:
    answer = ask(client, purchase(kaspersky()), Accept=MEDIA_TYPES[form])
    assert answer.status_code == 200
    assert answer.headers["content-type"].partition(";")[0] == MEDIA_TYPES[form]
    assert answer.content


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("", "application/json"),
        ("*/*", "application/json"),
        ("text/html;q=0.5, text/csv", "text/csv"),
        ("text/*", "text/plain"),
        ("application/json;q=0, */*;q=0.1", "text/plain"),
    ],
)
def test_the_kind_wanted_most_wins(accept: str, kind: str, client: Client) -> None:
    """RFC 9110, section 12.5.1: "a quality value of 0 means 'not acceptable'"; the most specific range decides."""
    assert ask(client, purchase(chair()), Accept=accept).headers["content-type"].partition(";")[0] == kind


def test_a_kind_nobody_makes_is_406_and_says_what_there_is(client: Client) -> None:
    answer = ask(client, purchase(), Accept="image/png")
    assert answer.status_code == 406
    assert "application/sarif+json" in answer.json()["remedy"]


def test_a_retry_gets_the_same_decision_and_it_is_not_made_again(stored: Client) -> None:
    first = ask(stored, purchase(), **{"Idempotency-Key": "one"})
    again = ask(stored, purchase(), **{"Idempotency-Key": "one"})
    assert again.content == first.content
    assert ("idempotency-replayed" in first.headers, again.headers["idempotency-replayed"]) == (False, "true")
    assert len(stored.get("/v1/decisions").json()["items"]) == 1


def test_a_retry_in_parts_is_the_same_question_under_a_boundary_of_its_own(stored: Client) -> None:
    """RFC 2046, section 5.1.1 asks for a boundary that no part contains: clients draw one anew for each attempt."""

    def attempt(boundary: str, bom: bytes) -> httpx.Response:
        line = {**chair(), "sbom": {"path": "app.cdx.json"}}
        files = [("request", ("order.json", json.dumps(purchase(line)).encode(), "application/json"))]
        files.append(("sbom", ("app.cdx.json", bom, "application/json")))
        said = {"Content-Type": f"multipart/form-data; boundary={boundary}", "Idempotency-Key": "one"}
        return stored.post("/v1/decisions", files=files, headers=said)

    bom = json.dumps(sbom(sonic())).encode()
    first, again, other = attempt("a", bom), attempt("b", bom), attempt("b", bom + b" ")
    assert (first.status_code, again.content) == (200, first.content)
    assert again.headers["idempotency-replayed"] == "true"
    assert (other.status_code, other.json()["type"].rpartition(":")[2]) == (422, "reused-key")


@pytest.mark.parametrize("form", FORMATS)
def test_a_retry_gets_the_same_report_byte_for_byte(form: str, stored: Client) -> None:
    first, again = (
        ask(stored, purchase(), **{"Idempotency-Key": "one", "Accept": MEDIA_TYPES[form]}) for _ in range(2)
    )
    assert (again.status_code, again.content) == (200, first.content)
    assert again.headers["idempotency-replayed"] == "true"
    assert len(stored.get("/v1/decisions").json()["items"]) == 1


@pytest.mark.parametrize("path", ["/v1/decisions", "/v1/decisions?role=us-federal-agency"])
def test_a_key_that_is_used_for_another_question_is_422(path: str, stored: Client) -> None:
    ask(stored, purchase(), **{"Idempotency-Key": "one"})
    body = purchase(chair()) if path == "/v1/decisions" else purchase()
    answer = ask(stored, body, path, **{"Idempotency-Key": "one"})
    assert answer.status_code == 422
    assert answer.json()["type"].endswith(":reused-key")


def test_one_decision_is_looked_up_as_it_was_answered(stored: Client) -> None:
    answer = ask(stored, purchase())
    found = stored.get(f"/v1/decisions/{answer.json()['id']}")
    assert found.content == answer.content
    assert stored.get("/v1/decisions/00000000-0000-7000-8000-000000000000").status_code == 404


@pytest.mark.parametrize("form", FORMATS)
def test_a_stored_decision_gives_every_report_as_it_was_answered(form: str, client: Client) -> None:
    digest = client.put("/v1/sboms", content=json.dumps(sbom(sonic())), headers=JSON).json()["digest"]
    body = purchase(
        kaspersky(),
        {**chair(), "sbom": {"path": "app.cdx.json", "digest": digest}},
        {**chair(), "sbom": {"digest": digest}},
        ordered="2150-01-01T09:30:00-04:00",
        buyer={"name": "Agency", "roles": ["us-federal-agency", "us-person"]},
    )
    name = ""
    for document in (body, purchase(chair(), ordered="2150-01-01")):
        answer = ask(client, document, **{"Accept": MEDIA_TYPES[form], "Idempotency-Key": f"{form} {id(document)}"})
        name = client.get("/v1/decisions?size=1").json()["items"][0]["id"]
        found = client.get(f"/v1/decisions/{name}", headers={"Accept": MEDIA_TYPES[form]})
        assert (found.status_code, found.headers["content-type"]) == (200, answer.headers["content-type"]), found.text
        assert found.content == answer.content
        assert found.headers["gate-input"].startswith("sha256:")
        assert client.get(f"/v1/decisions/{name}", headers={"Accept": "image/png"}).status_code == 406


def test_what_an_erased_decision_cannot_show_is_406(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/gate.db"
    with service(url) as client:
        digest = client.put("/v1/sboms", content=json.dumps(sbom(sonic())), headers=JSON).json()["digest"]
        plain = ask(client, purchase(kaspersky())).json()["id"]
        attached = ask(client, purchase({**kaspersky(), "sbom": {"digest": digest}})).json()["id"]
        store = open_store(url)
        erase(store.chain, [plain, attached], "asked for", Who("cli:test"), datetime.now(UTC))
        store.close()
        html = client.get(f"/v1/decisions/{plain}", headers={"Accept": "text/html"})
        assert (html.status_code, "Example LLC" in html.text) == (200, False)
        refused = client.get(f"/v1/decisions/{attached}", headers={"Accept": "text/html"})
        assert (refused.status_code, refused.json()["remedy"]) == (406, "Ask for application/json.")
        assert client.get(f"/v1/decisions/{attached}").status_code == 200


def test_decisions_are_listed_by_what_they_are_about_page_by_page(stored: Client) -> None:
    for number in range(5):
        ask(stored, purchase(kaspersky() if number % 2 else chair(), id=f"PR-{number}"))
    query = "/v1/decisions?size=2&vendor=kaspersky"
    first = stored.get(query).json()
    assert [one["subject"] for one in first["items"]] == ["PR-3", "PR-1"]
    assert [one["subject"] for one in stored.get("/v1/decisions?verdict=allow").json()["items"]] == [
        "PR-4",
        "PR-2",
        "PR-0",
    ]
    page = stored.get("/v1/decisions?size=2").json()
    rest = stored.get("/v1/decisions", params={"size": 2, "page_token": page["next_page_token"]}).json()
    assert [one["subject"] for one in page["items"] + rest["items"]] == ["PR-4", "PR-3", "PR-2", "PR-1"]
    other = stored.get("/v1/decisions", params={"vendor": "kaspersky", "page_token": page["next_page_token"]})
    altered = stored.get("/v1/decisions", params={"size": 2, "page_token": page["next_page_token"][:-2] + "xx"})
    assert (other.status_code, altered.status_code) == (422, 422)


def test_a_replay_gives_the_same_bytes(stored: Client) -> None:
    name = ask(stored, purchase(), "/v1/decisions?role=us-federal-agency").json()["id"]
    found = stored.post(f"/v1/decisions/{name}/replay").json()
    assert found["same"] is True
    assert found["differences"] == []
    assert found["replayed"] == found["stored"]


def test_store_false_answers_and_keeps_nothing(stored: Client) -> None:
    answer = ask(stored, purchase(), "/v1/decisions?store=false")
    assert answer.json()["decision"] == "deny"
    assert stored.get(f"/v1/decisions/{answer.json()['id']}").status_code == 404
    assert stored.get("/v1/decisions").json()["items"] == []


def test_an_idempotency_key_is_not_passed_over_where_nothing_is_stored(stored: Client) -> None:
    answer = ask(stored, purchase(), "/v1/decisions?store=false", **{"Idempotency-Key": "k"})
    assert answer.status_code == 422
    assert "store=false" in answer.json()["remedy"]


def test_respond_async_is_202_once_the_decision_is_stored(stored: Client) -> None:
    """RFC 7240, section 4.1: "the client prefers the server to respond asynchronously"; 202 and where to look."""
    answer = ask(stored, purchase(), Prefer="respond-async")
    assert answer.status_code == 202
    assert answer.headers["preference-applied"] == "respond-async"
    assert stored.get(answer.headers["location"]).json()["decision"] == "deny"


def test_only_one_decision_comes_later(stored: Client) -> None:
    files = [("file", (f"{number}.json", json.dumps(sbom()), "application/json")) for number in range(2)]
    before = stored.get("/v1/decisions").json()["items"]
    assert stored.post("/v1/decisions", files=files, headers={"Prefer": "respond-async"}).status_code == 422
    assert stored.get("/v1/decisions").json()["items"] == before


def test_the_parameters_are_those_of_the_command_line(client: Client) -> None:
    answer = ask(
        client, sbom(sonic()), "/v1/decisions?profile=us-federal-contractor&act=use&as_of=2150-01-01&name=app"
    ).json()
    assert answer["buyer"]["profile"] == "us-federal-contractor"
    assert answer["as_of"] == "2150-01-01"
    assert answer["subject"]["name"] == "app"


def test_what_is_answered_is_the_record_as_the_report_has_it(law: Law) -> None:
    """Two ways to write a record are one: the quick one by its bytes, the other by its fields."""
    now = datetime.now(UTC)
    for body in (purchase(kaspersky()), purchase(chair()), purchase({**chair(), "product": ',"past_allowed":"'})):
        data = json.dumps(body).encode()
        one = record(check(read(data, "body", now=now), law, Asking(now=now)), Source(data), now, "body")
        assert written(one) == msgspec.json.encode(wire(one))
