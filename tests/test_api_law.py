"""The law over HTTP: what is in force, one prohibition, vendors, the calendar; health, metrics and the description."""

import json
from pathlib import Path

import msgspec
import pytest
from icalendar import Calendar
from prometheus_client.parser import text_string_to_metric_families

from gate.api.openapi.shape import REQUEST, SBOM_EXAMPLE
from gate.api.openapi.struct import schemas
from gate.decision import Decision
from gate.law import Law
from tests.service import JSON, Client, chair, kaspersky, purchase, service


def test_the_law_of_a_day_is_that_of_the_command_line(client: Client, capsys: pytest.CaptureFixture[str]) -> None:
    from gate.cli import main

    main(["law", "--on", "2024-08-01", "--for", "us-person", "--format", "json"])
    answer = client.get("/v1/law?on=2024-08-01&for=us-person")
    assert answer.json() == json.loads(capsys.readouterr().out)


def test_what_was_published_later_is_not_in_the_law_known_before(client: Client) -> None:
    codes = [
        {clause["code"] for clause in client.get(f"/v1/law?on=2025-01-01&known={known}").json()["clauses"]}
        for known in ("2024-06-01", "2024-07-01")
    ]
    assert {code.partition("/")[0] for code in codes[1] - codes[0]} >= {"us-commerce-icts-2021-002-kaspersky"}


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "text/html", "text/calendar", "image/svg+xml"])
def test_the_law_is_drawn_as_it_is_asked_for(kind: str, client: Client) -> None:
    answer = client.get("/v1/law", headers={"Accept": kind})
    assert answer.headers["content-type"].partition(";")[0] == kind
    assert answer.content


def test_the_calendar_can_be_subscribed_to_and_stays_the_same(client: Client) -> None:
    first, second = client.get("/v1/calendar.ics?for=us-person"), client.get("/v1/calendar.ics?for=us-person")
    assert first.content == second.content
    assert Calendar.from_ical(first.content).walk("VEVENT")


def test_a_prohibition_is_told_with_its_clauses_and_citations(client: Client) -> None:
    found = client.get("/v1/prohibitions/us-commerce-icts-2021-002-kaspersky").json()
    assert {clause["code"].partition("/")[0] for clause in found["clauses"]} == {"us-commerce-icts-2021-002-kaspersky"}
    assert all(clause["citation"] for clause in found["clauses"])
    assert client.get("/v1/prohibitions/us-nothing").status_code == 404


def test_a_name_is_screened_with_the_words_that_met(client: Client, law: Law) -> None:
    [found] = client.get("/v1/vendors", params={"q": "Kaspersky Lab, Inc."}).json()["items"]
    assert (found["id"], found["certain"]) == ("kaspersky", True)
    assert found["evidence"][0]["said"] == "Kaspersky Lab, Inc."
    assert "us-commerce-icts-2021-002-kaspersky" in found["prohibitions"]["named"]
    assert "us-commerce-icts-2021-002-kaspersky" not in found["prohibitions"]["anybody"]
    assert client.get("/v1/vendors", params={"q": "Steelcase Inc."}).json()["items"] == []
    assert len(client.get("/v1/vendors").json()["items"]) == len(law.vendors)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/v1/law?on=soon", 422),
        ("/v1/law?for=us-persn", 422),
        ("/v1/law?known=2190-01-01", 422),
        ("/v1/vendors?q=", 422),
    ],
)
def test_what_cannot_be_meant_is_refused(path: str, status: int, client: Client) -> None:
    assert client.get(path).status_code == status


def test_ready_says_which_law_serves_and_how_old_it_is(client: Client, law: Law) -> None:
    checks = client.get("/readyz").json()["checks"]
    assert checks["law"]["digest"] == law.digest
    assert checks["age"]["ok"]
    assert client.get("/healthz").json() == {"status": "ok"}


def test_a_law_too_old_to_be_trusted_is_not_ready() -> None:
    with service(law_max_age=-1) as client:
        answer = client.get("/readyz")
        assert answer.status_code == 503
        assert answer.json()["checks"]["age"]["ok"] is False


def test_metrics_count_decisions_and_show_the_law_and_what_nobody_identified(tmp_path: Path, law: Law) -> None:
    with service(f"sqlite:///{tmp_path}/gate.db") as client:
        for body in (purchase(chair()), purchase(kaspersky()), purchase(kaspersky())):
            client.post("/v1/decisions", content=json.dumps(body), headers=JSON)
        families = {one.name: one for one in text_string_to_metric_families(client.get("/metrics").text)}
    counted = {s.labels["decision"]: s.value for s in families["gate_decisions"].samples}
    assert counted == {"allow": 1.0, "deny": 2.0}
    assert families["gate_law_info"].samples[0].labels == {"version": law.version, "digest": law.digest}
    assert {s.labels["state"]: s.value for s in families["gate_waivers"].samples}["granted"] == 0.0
    assert {"gate_decision_duration_seconds", "gate_law_age_days", "gate_components_unidentified"} <= families.keys()
    assert families["gate_law_next_change_timestamp_seconds"].samples[0].value > 1.7e9


def test_the_description_is_openapi_3_1_and_every_reference_in_it_leads_somewhere(client: Client) -> None:
    document = client.get("/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    text = json.dumps(document)
    names = {part.partition('"')[0] for part in text.split('"#/components/schemas/')[1:]}
    assert names <= document["components"]["schemas"].keys()


def test_every_route_says_what_it_is_for_what_it_answers_and_what_it_refuses(client: Client) -> None:
    for path, methods in client.get("/openapi.json").json()["paths"].items():
        for method, route in methods.items():
            assert route["summary"], path
            assert route["description"], path
            answers = route["responses"]
            assert any(status.startswith("2") for status in answers), path
            assert "500" in answers, path
            for status, answer in answers.items():
                if status >= "400" and path != "/readyz":
                    assert answer["content"]["application/problem+json"]["examples"], (path, method, status)


def test_the_examples_of_the_description_are_judged(client: Client) -> None:
    assert client.post("/v1/decisions", content=json.dumps(REQUEST), headers=JSON).json()["decision"] == "deny"
    assert client.post("/v1/decisions", content=json.dumps(SBOM_EXAMPLE), headers=JSON).status_code == 200


def test_a_decision_is_as_its_schema_says(client: Client) -> None:
    import jsonschema_rs

    document = client.get("/openapi.json").json()
    schema = {"$ref": "#/components/schemas/Decision", "components": document["components"]}
    answer = client.post("/v1/decisions", content=json.dumps(purchase(kaspersky())), headers=JSON).json()
    jsonschema_rs.validate(schema, answer)
    del answer["policy"]
    with pytest.raises(jsonschema_rs.ValidationError):
        jsonschema_rs.validate(schema, answer)


def test_the_schema_of_a_struct_has_every_field_of_it() -> None:
    found = schemas([Decision])["Decision"]["properties"]
    assert set(found) == {field.encode_name for field in msgspec.structs.fields(Decision)}
