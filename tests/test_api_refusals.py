"""What the service refuses, and how it says so: problem documents (RFC 9457), limits, and nothing reads as allow."""

import asyncio
import gzip
import json
import re
import threading
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from gate.api import service as services
from gate.api.app import create
from gate.api.inline import INLINE
from gate.api.judge import judge
from gate.api.problem import PROBLEMS, Problem
from gate.api.settings import Settings
from tests.service import HERE, JSON, Client, Json, chair, kaspersky, purchase, sbom, service, sonic

PROBLEM = "application/problem+json"


@pytest.fixture(scope="module")
def client(_cache_home: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    url = f"sqlite:///{tmp_path_factory.mktemp('store')}/gate.db"
    with service(url, limit_body=200_000, limit_unpacked=400_000, limit_components=50) as found:
        yield found


def refused(client: Client, status: int, body: Any = None, path: str = "/v1/decisions", **headers: str) -> Any:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    answer = client.post(path, content=content, headers={**JSON, **headers})
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == PROBLEM
    problem = answer.json()
    assert "decision" not in problem
    assert PROBLEMS[problem["type"].rpartition(":")[2]] == (status, problem["title"])
    assert problem["request_id"] == answer.headers["x-request-id"]
    return problem


def test_a_fault_is_told_with_its_line_its_pointer_and_a_remedy(client: Client) -> None:
    """RFC 9457, section 3.1: type, title, status and detail; section 3.2 allows more members."""
    body = json.dumps(purchase({**chair(), "category": "sofware"}), indent=1).encode()
    problem = refused(client, 400, body)
    assert problem["pointer"] == "/lines/0/category"
    assert body.splitlines()[problem["line"] - 1].strip().startswith(b'"category"')
    assert problem["remedy"] == "Did you mean 'software'?"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"[]",
        b"null",
        b"{",
        b"\xff\xfe{",
        b'{"spdxVersion": "SPDX-2.3"}',
        b'{"bomFormat": "CycloneDX"}',
        b'{"bomFormat": "CycloneDX", "bomFormat": "CycloneDX", "specVersion": "1.6"}',
        b"<html/>",
        b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
        b"[" * 100_000,
    ],
)
def test_what_is_no_document_gets_no_verdict(body: bytes, client: Client) -> None:
    refused(client, 400, body)


def test_an_sbom_of_nothing_gets_no_verdict(client: Client) -> None:
    refused(client, 422, {"bomFormat": "CycloneDX", "specVersion": "1.6", "components": []})


@pytest.mark.parametrize(
    "query",
    [
        "profil=us-company",
        "profile=us-agency",
        "profile=",
        "role=us-persn",
        "act=buy",
        "as_of=yesterday",
        "as_of=2024-07-20T00:00:00",
        "as_of=2020-01-01",
        "known_at=2020-01-01",
        "known_at=2190-01-01",
        "on_review=pass",
        "allow_past=1",
        "profile=us-company&profile=us-federal-agency",
        "callback=https://example.com/",
    ],
)
def test_a_word_nobody_knows_is_refused_and_falls_to_no_default(query: str, client: Client) -> None:
    refused(client, 422, sbom(sonic()), f"/v1/decisions?{query}")


@pytest.mark.parametrize(
    ("document", "query"),
    [
        (sbom(sonic()), "as_of=2020-01-01"),
        (sbom(sonic()), "known_at=2020-01-01"),
        (sbom({"type": "application", "name": "KES", "publisher": "Kaspersky Lab"}), ""),
        (sbom({"type": "library", "name": ""}), "profile=us-company"),
        ({**sbom(), "version": "one"}, "validate=true"),
        ({**sbom(), "components": "none"}, ""),
        (purchase(ordered="2020-01-01"), ""),
        (purchase(acts=["use"]), "act=acquire"),
        (purchase(kaspersky(), buyer={"name": "Example"}), ""),
    ],
    ids=range(9),
)
@pytest.mark.parametrize("form", ["application/json", "text/plain", "text/markdown"])
def test_no_answer_tells_of_flags_of_the_command_line(form: str, document: Json, query: str, client: Client) -> None:
    answer = client.post(f"/v1/decisions?{query}", content=json.dumps(document), headers={**JSON, "Accept": form})
    assert answer.status_code in (200, 400, 422)
    assert re.search(r'review|"remedy":"', answer.text), "it is about what people are told to do"
    told = re.sub(r"gate law\s+--profiles", "", answer.text)  # a whole command, to be looked up with
    assert re.findall(r"--[a-z][a-z-]+", told) == []


def test_an_offset_whose_plus_a_url_lost_is_told_how_to_write_it(client: Client) -> None:
    """URL Standard, section 5.1: "Replace any 0x2B (+) in name and value with 0x20 (SP).\""""
    problem = refused(client, 422, sbom(), path="/v1/decisions?as_of=2150-01-01T00:00:00+02:00")
    assert problem["remedy"] == "Write + as %2B in a URL."


def test_acts_are_not_said_beside_a_request_that_says_them(client: Client) -> None:
    refused(client, 422, purchase(acts=["use"]), "/v1/decisions?act=acquire")


def test_a_type_that_is_no_document_is_415(client: Client) -> None:
    refused(client, 415, purchase(), **{"Content-Type": "text/plain"})
    refused(client, 415, purchase(), **{"Content-Encoding": "br"})


def test_413_names_the_limit(client: Client) -> None:
    assert refused(client, 413, b" " * 200_001)["limit"] == 200_000
    packed = gzip.compress(b" " * 400_001)
    unpacked = refused(client, 413, packed, **{"Content-Encoding": "gzip"})
    assert (unpacked["limit"], unpacked["remedy"]) == (400_000, "Split it.")
    assert refused(client, 413, sbom(*[sonic()] * 51))["limit"] == 50


def test_a_body_that_says_no_length_is_cut_off_at_the_limit(client: Client) -> None:
    async def chunks() -> Any:
        for _ in range(300):
            yield b" " * 1000

    answer = client.post("/v1/decisions", content=chunks(), headers=JSON)
    assert answer.status_code == 413


@pytest.mark.parametrize("packed", [b"\x1f\x8bno", gzip.compress(b"{}")[:-4], gzip.compress(b"{}") + b"more"])
def test_broken_packing_is_refused(packed: bytes, client: Client) -> None:
    refused(client, 400, packed)


def test_multipart_has_a_limit_of_parts_and_a_boundary(client: Client) -> None:
    files = [("file", (f"{number}.json", "{}", "application/json")) for number in range(201)]
    assert client.post("/v1/decisions", files=files).status_code == 413
    refused(client, 400, b"no part", **{"Content-Type": "multipart/form-data; boundary=x"})
    for body in (b"no part", b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n{}\r\n--x--'):
        problem = refused(client, 400, body, **{"Content-Type": "multipart/form-data"})
        assert problem["detail"] == "Content-Type does not say the boundary of the multipart body."


def test_a_multipart_body_that_breaks_off_or_goes_on_after_its_end_is_refused(client: Client) -> None:
    """RFC 2046, section 5.1.1: "The boundary delimiter line following the last body part is a distinguished delimiter
    that indicates that no further body parts will follow."
    """
    part = b'--x\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n'
    one, two = (part % (name, json.dumps(sbom()).encode()) for name in (b"a", b"b"))
    whole, form = one + two + b"--x--", {"Content-Type": "multipart/form-data; boundary=x"}
    for end in (b"", b"\r\n", b" \r\n\r\n"):
        answer = client.post("/v1/decisions", content=whole + end, headers=form)
        assert [one["subject"]["name"] for one in answer.json()] == ["a", "b"]
    for cut in range(len(one) - 2, len(whole)):
        refused(client, 400, whole[:cut], **form)
    for more in (b"\r\nmore", b"\r\n" + two, b"\r\n" + two + b"--x--", b"\r\n--x--"):
        refused(client, 400, whole + more, **form)


def test_every_route_that_reads_a_body_counts_it(client: Client) -> None:
    async def chunks() -> Any:
        for _ in range(300):
            yield b" " * 1000

    for path in ("/v1/waivers", f"/v1/waivers/{'0' * 8}-0000-7000-8000-{'0' * 12}/reject", "/v1/data/gate/allow"):
        assert refused(client, 413, b" " * 200_001, path)["limit"] == 200_000
        assert client.post(path, content=chunks(), headers=JSON).status_code == 413, path


@pytest.mark.parametrize("path", ["/v1/decisions", "/v1/waivers", "/access/v1/evaluation"])
def test_a_body_that_never_ends_is_408_and_holds_nothing(path: str) -> None:
    async def drips() -> Any:
        for _ in range(100):
            yield b" "
            await asyncio.sleep(0.1)

    async def stalls() -> Any:
        yield b"{"
        await asyncio.sleep(20)

    with service(limit_upload=0.3) as client:
        for body in (drips(), stalls()):
            answer = client.post(path, content=body, headers=JSON)
            assert (answer.status_code, answer.headers["connection"]) == (408, "close")


def many_questions(lines: int) -> bytes:
    """A small body of very many questions: each line asks for each act on a day of its own."""
    acts = ["acquire", "use", "retain", "install", "operate"]
    days = [(date(2150, 1, 1) + timedelta(days=number)).isoformat() for number in range(lines)]
    return json.dumps(purchase(*[{**kaspersky(), "ordered": day} for day in days], acts=acts)).encode()


def test_a_decision_that_nobody_waits_for_any_more_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    ended = threading.Event()

    def watched(matter: Any) -> Any:
        try:
            return judge(matter)
        except Problem:
            ended.set()
            raise

    monkeypatch.setattr(services, "judge", watched)
    with service(limit_seconds=0.1) as client:
        assert refused(client, 503, many_questions(900))["type"].endswith(":too-slow")
        assert ended.wait(20)


def test_the_busiest_paths_are_described_as_routes_which_answer_alike() -> None:
    """Each is answered before the framework, and stands in its table too, so that OpenAPI has it."""
    edge = create(Settings(guarded=False, database_url="none"))
    described, hot = edge.routes.openapi()["paths"], dict(edge.busiest)
    assert [one for one in hot if one[0].lower() not in described.get(one[1], {})] == []

    async def answers() -> dict[str, Any]:
        found = {}
        async with httpx.AsyncClient(transport=httpx.ASGITransport(edge), base_url=HERE) as client:
            for method, path in hot:
                for body in (b"{}", json.dumps({"input": purchase(chair())}).encode()):
                    answer = await client.request(method, path, content=body, headers=JSON)
                    found[f"{path} {body!r}"] = answer.status_code, without_clock(answer.json())
        return found

    before = asyncio.run(answers())
    edge.busiest.clear()
    assert asyncio.run(answers()) == before
    assert {status for status, _ in before.values()} == {200, 400}


def without_clock(value: Any) -> Any:
    """An answer without what each has of its own."""
    if isinstance(value, dict):
        own = {"request_id", "decision_id", "id", "evaluated_at", "known_at", "as_of", "digest"}
        return {key: without_clock(one) for key, one in value.items() if key not in own}
    return [without_clock(one) for one in value] if isinstance(value, list) else value


def test_each_of_several_documents_in_one_body_counts() -> None:
    files = [("file", (f"{number}.json", json.dumps(sbom()), "application/json")) for number in range(8)]
    attached = {"request": json.dumps(purchase({**chair(), "sbom": {"path": "0.json"}})), "0.json": json.dumps(sbom())}
    whole = [("file", (name, body, "application/json")) for name, body in attached.items()]
    with service(limit_rate=10.0) as limited:
        assert limited.post("/v1/decisions", files=files).status_code == 200
        assert limited.post("/v1/decisions", files=whole).status_code == 200, "a request with its SBOMs is one"
        answer = limited.post("/v1/decisions", files=files)
        assert (answer.status_code, answer.json()["type"].rpartition(":")[2]) == (429, "too-often")


def test_a_small_body_of_many_questions_is_judged_beside_the_event_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    names: list[str] = []

    def watched(matter: Any) -> Any:
        names.append(threading.current_thread().name)
        return judge(matter)

    monkeypatch.setattr(services, "judge", watched)
    monkeypatch.setattr(services, "SECONDS", 60)
    with service() as client:
        for body in (
            many_questions(30),
            json.dumps(purchase()).encode(),
            many_questions(1).replace(b"acq", b"\\u0061cq"),
        ):
            assert len(body) <= INLINE
            assert client.post("/v1/decisions", content=body, headers=JSON).status_code == 200
    assert [name.startswith("judge") for name in names] == [True, False, True]


def test_a_body_that_takes_longer_than_it_looks_is_judged_anew_beside_the_event_loop(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    names: list[str] = []

    def watched(matter: Any) -> Any:
        names.append(threading.current_thread().name)
        return judge(matter)

    monkeypatch.setattr(services, "judge", watched)
    monkeypatch.setattr(services, "SECONDS", -1)
    with service() as client:
        assert client.post("/v1/decisions", json=purchase(kaspersky())).json()["decision"] == "deny"
    assert [name.startswith("judge") for name in names] == [False, True]


def test_two_requests_in_one_body_are_refused(client: Client) -> None:
    files = [("file", (f"{number}.json", json.dumps(purchase()), "application/json")) for number in range(2)]
    assert client.post("/v1/decisions", files=files).status_code == 422


def test_an_idempotency_key_is_plain_text_and_for_one_decision(client: Client) -> None:
    refused(client, 422, purchase(), **{"Idempotency-Key": ""})
    refused(client, 422, purchase(), **{"Idempotency-Key": "x" * 256})
    files = [("file", (f"{number}.json", json.dumps(sbom()), "application/json")) for number in range(2)]
    answer = client.post("/v1/decisions", files=files, headers={"Idempotency-Key": "one"})
    assert answer.status_code == 422


def test_what_takes_too_long_is_no_verdict_and_the_service_goes_on(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    slow = judge

    def slower(matter: Any) -> Any:
        time.sleep(1.5)
        return slow(matter)

    with service(f"sqlite:///{tmp_path}/gate.db", limit_seconds=0.5) as client:
        monkeypatch.setattr(services, "judge", slower)
        problem = refused(client, 503, sbom(*[sonic()] * 200))
        assert problem["type"].endswith(":too-slow")
        monkeypatch.setattr(services, "judge", slow)
        assert client.post("/v1/decisions", content=json.dumps(purchase()), headers=JSON).status_code == 200
        assert len(client.get("/v1/decisions").json()["items"]) == 1  # what was not answered was not stored


def test_without_a_store_decisions_are_answered_and_nothing_is_kept() -> None:
    with service() as client:
        assert client.post("/v1/decisions", content=json.dumps(purchase()), headers=JSON).json()["decision"] == "deny"
        assert client.get("/v1/decisions").status_code == 503
        assert client.get("/readyz").status_code == 200


def test_without_a_store_no_idempotency_key_is_taken_for_there_would_be_another_decision() -> None:
    with service() as client:
        problem = refused(client, 422, purchase(), **{"Idempotency-Key": "one"})
        assert problem["remedy"] == "Leave out Idempotency-Key."


def test_a_store_that_fails_gives_no_verdict_and_shows_no_address(tmp_path: Path) -> None:
    path = tmp_path / "gate.db"
    with service(f"sqlite:///{path}") as client:
        import sqlite3

        with sqlite3.connect(path) as database:
            database.execute("ALTER TABLE records RENAME TO gone")
            database.execute("ALTER TABLE head RENAME TO gone_too")
        database.close()
        answer = client.post("/v1/decisions", content=json.dumps(purchase(chair())), headers=JSON)
        assert answer.status_code == 503
        assert str(path) not in answer.text
        ready = client.get("/readyz")
        assert ready.status_code == 503
        assert ready.json()["checks"]["store"]["why"] == "The store has a fault, which the operator can see."


def test_an_internal_fault_is_a_problem_that_quotes_nothing(
    monkeypatch: pytest.MonkeyPatch, client: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(_: Any) -> Any:
        raise RuntimeError("the buyer is Ada Lovelace")

    monkeypatch.setattr(services, "judge", broken)
    problem = refused(client, 500, purchase())
    assert "Ada" not in json.dumps(problem)
    from gate.api.log import OUT

    OUT.flush()
    assert "Ada" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 404),
        ("GET", "/v1/decision", 404),
        ("GET", "/v1/decisions/", 404),
        ("DELETE", "/v1/decisions", 405),
        ("GET", "/docs", 404),
        ("GET", "/v1/decisions/x", 422),
        ("GET", "/v1/sboms/sha256:0", 422),
        ("GET", "/v1/decisions?size=0", 422),
        ("GET", "/v1/decisions?since=2024-01-01T00:00:00", 422),
        ("GET", "/v1/decisions?since=2024", 422),
        ("GET", "/v1/decisions?before=20240101", 422),
    ],
)
def test_other_paths_and_methods_are_problems_too(method: str, path: str, status: int, client: Client) -> None:
    answer = client.request(method, path)
    assert (answer.status_code, answer.headers["content-type"]) == (status, PROBLEM)


@pytest.mark.parametrize(
    ("method", "path", "methods"),
    [
        ("DELETE", "/v1/decisions", "GET, POST"),
        ("POST", "/v1/decisions/x/approval", "DELETE, PUT"),
        ("GET", "/v1/data/gate/allow", "POST"),
    ],
)
def test_405_says_every_method_that_there_is(method: str, path: str, methods: str, client: Client) -> None:
    """RFC 9110, section 15.5.6: Allow holds "a list of the target resource's currently supported methods"."""
    answer = client.request(method, path)
    assert (answer.status_code, answer.headers["allow"]) == (405, methods)


def test_decisions_are_listed_by_days_and_by_instants(client: Client) -> None:
    client.post("/v1/decisions", content=json.dumps(purchase(chair())), headers=JSON)
    for span, is_any in (
        ("since=2024-01-01", True),
        ("before=2024-01-01", False),
        ("since=2024-01-01T00:00:00Z", True),
    ):
        assert bool(client.get(f"/v1/decisions?{span}").json()["items"]) is is_any


def test_every_answer_has_the_security_headers_and_none_allows_another_origin(client: Client) -> None:
    for answer in (client.get("/healthz"), client.post("/v1/decisions", content=b"{}"), client.get("/nowhere")):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["cache-control"] == "no-store"
        assert "access-control-allow-origin" not in answer.headers


def test_the_callers_request_id_is_answered_and_a_hostile_one_is_not(client: Client) -> None:
    assert client.get("/healthz", headers={"X-Request-ID": "PR-17 b"}).headers["x-request-id"] == "PR-17 b"
    for hostile in ("x" * 129, "caf\xe9"):
        answer = client.get("/healthz", headers={"X-Request-ID": hostile.encode("latin-1")})
        assert answer.headers["x-request-id"] != hostile


@pytest.mark.parametrize("name", ["Authorization", "X-Api-Key", "Content-Type", "Idempotency-Key", "Origin"])
def test_a_header_field_that_says_one_thing_is_not_given_twice(name: str, client: Client) -> None:
    """RFC 9110, section 5.3: of two, whoever looked at the first has not seen what counts."""
    twice = [*JSON.items(), (name, "one"), (name, "two")]
    answer = client.post("/v1/decisions", content=json.dumps(purchase(chair())), headers=twice)
    assert (answer.status_code, "decision" in answer.json()) == (400, False)
    several = [*JSON.items(), ("Accept", "application/json"), ("Accept", "*/*"), ("Via", "a"), ("Via", "b")]
    assert client.post("/v1/decisions", content=json.dumps(purchase(chair())), headers=several).status_code == 200


def test_a_server_without_a_guard_answers_to_its_loopback_name_alone(client: Client) -> None:
    for headers, status in (
        ({"Host": "evil.example"}, 403),
        ({"Host": "127.0.0.1.evil.example:8080"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Host": "localhost:8080", "Origin": "http://localhost:8080"}, 200),
        ({"Host": "[::1]:8080"}, 200),
    ):
        answer = client.post("/v1/decisions", content=json.dumps(purchase(kaspersky())), headers={**JSON, **headers})
        assert answer.status_code == status, headers


@pytest.mark.parametrize(
    "path",
    [
        "/v1/decisions?decision=deny",
        "/v1/decisions?vendors=kaspersky",
        "/v1/waivers?expires=30",
        "/v1/law?role=us-person",
        "/v1/vendors?name=Kaspersky",
        "/v1/calendar.ics?profile=us-company",
        "/v1/prohibitions/us-ndaa-fy2019-889-a1b?on=2024-01-01",
    ],
)
def test_a_parameter_that_is_misspelt_shows_nothing_rather_than_everything(path: str, client: Client) -> None:
    answer = client.get(path)
    assert answer.status_code == 422
    assert answer.json()["type"].endswith(":usage")
    assert answer.json()["detail"].startswith("There is no parameter '")
