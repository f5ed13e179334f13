"""AuthZEN, Authorization API 1.0: each test quotes the sentence of the specification that it holds the service to.

https://openid.net/specs/authorization-api-1_0.html
"""

import hashlib
import json
import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from gate.api import authzen, opa
from gate.api.inline import INLINE
from gate.read.twice import refuse_twice
from tests.service import HERE, JSON, Client, Json, chair, kaspersky, purchase, sbom, service, sonic

BUYER = {"type": "buyer", "id": "Example LLC", "properties": {"roles": ["us-person"]}}


def product(line: Json) -> Json:
    return {"type": "product", "id": line["product"], "properties": line}


def access(line: Json | None = None, **changes: Any) -> Json:
    return {"subject": BUYER, "action": {"name": "acquire"}, "resource": product(line or kaspersky()), **changes}


def post(client: Client, body: Any, path: str = "/access/v1/evaluation", **headers: str) -> httpx.Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return client.post(path, content=content, headers={**JSON, **headers})


def many(client: Client, body: Json) -> httpx.Response:
    return post(client, body, "/access/v1/evaluations")


def test_a_decision_is_a_boolean_with_its_reasons_in_the_context(client: Client) -> None:
    """Section 5.5: "Decision is an object that contains a REQUIRED `decision` key with a `boolean` value, and an
    OPTIONAL `context` key with an object value."
    """
    denied, allowed = post(client, access()).json(), post(client, access(chair())).json()
    assert (denied["decision"], allowed["decision"]) == (False, True)
    assert denied["context"]["reasons"][0]["code"].startswith("us-")
    assert client.get(f"/v1/decisions/{denied['context']['id']}").json()["decision"] == "deny"


def test_a_denial_is_200(client: Client) -> None:
    """Section 10.1.2: "A successful request that results in a "deny" is indicated by a 200 OK status code with a
    { "decision": false } payload."
    """
    assert post(client, access()).status_code == 200


@pytest.mark.parametrize("missing", ["subject", "action", "resource"])
def test_what_is_required_and_omitted_is_a_bad_request(missing: str, client: Client) -> None:
    """Section 10.1.1: "If a required attribute in the information model is omitted, the server MUST return a "Bad
    Request" error."
    """
    body = access()
    del body[missing]
    assert post(client, body).status_code == 400
    assert many(client, {**body, "evaluations": [{"context": {}}]}).status_code == 400


@pytest.mark.parametrize(
    "body",
    [
        access(subject={"id": "x"}),
        access(subject={"type": "buyer"}),
        access(action={}),
        access(resource={"type": "product"}),
        access(resource={"type": 1, "id": "x"}),
        access(context=[]),
        [],
        b"{",
        b'{"subject": {"type": "a", "id": "b"}, "subject": {"type": "a", "id": "c"}}',
    ],
)
def test_what_has_not_the_required_keys_is_a_bad_request(body: Any, client: Client) -> None:
    """Section 5.1: "A Subject is an object that contains two REQUIRED keys, `type` and `id`"."""
    assert post(client, body).status_code == 400


def test_unknown_fields_are_ignored(client: Client) -> None:
    """Section 10.1.1: "receivers MUST ignore unknown fields present in request or response bodies"."""
    body = access(chair(), more=1)
    body["subject"] = {**BUYER, "more": 1}
    body["context"] = {"schema": "https://schema.example.com/access-request.schema.json"}
    assert post(client, body).json()["decision"] is True


def test_several_are_answered_in_the_same_order(client: Client) -> None:
    """Section 7.2: "an `evaluations` array that lists the decisions in the same order they were provided"."""
    lines = (kaspersky(), chair(), kaspersky())
    answer = many(client, {"evaluations": [access(line) for line in lines]}).json()
    assert [one["decision"] for one in answer["evaluations"]] == [False, True, False]
    assert "decision" not in answer  # "it is RECOMMENDED that the `decision` key of the response be omitted"


def test_top_level_keys_are_defaults_that_an_evaluation_overrides(client: Client) -> None:
    """Section 7.1.1: "Any of these keys specified within an individual evaluation object overrides the corresponding
    top-level default."
    """
    body = {**access(), "evaluations": [{}, {"resource": product(chair())}]}
    assert [one["decision"] for one in many(client, body).json()["evaluations"]] == [False, True]


@pytest.mark.parametrize("evaluations", [{}, {"evaluations": []}])
def test_without_evaluations_it_is_a_single_one(evaluations: Json, client: Client) -> None:
    """Section 7.1: "If an `evaluations` array is NOT present or is empty, the Access Evaluations Request behaves in a
    backwards-compatible manner with the (single) Access Evaluation API Request".
    """
    answer = many(client, {**access(), **evaluations}).json()
    assert answer["decision"] is False
    assert "evaluations" not in answer


@pytest.mark.parametrize(
    ("semantic", "decisions"),
    [
        (None, [True, False, True]),
        ("execute_all", [True, False, True]),
        ("deny_on_first_deny", [True, False]),
        ("permit_on_first_permit", [True]),
    ],
)
def test_the_three_semantics(semantic: str | None, decisions: list[bool], client: Client) -> None:
    """Section 7.1.2.1: "`execute_all` is the default semantic"; deny on first denial "essentially works like the `&&`
    operator", permit on first permit "like the `||` operator in programming languages".
    """
    body: Json = {"evaluations": [access(chair()), access(), access(chair())]}
    if semantic is not None:
        body["options"] = {"evaluations_semantic": semantic, "another_option": "value"}
    assert [one["decision"] for one in many(client, body).json()["evaluations"]] == decisions


def test_an_unknown_semantic_is_refused(client: Client) -> None:
    """Section 7.1.2.1: "with exactly one of the following values"."""
    unknown: list[Any] = ["permit_all", [], {}, None, 1]
    for semantic in unknown:
        body = {"evaluations": [access()], "options": {"evaluations_semantic": semantic}}
        assert many(client, body).status_code == 400
    others: list[Any] = [[], ["deny_on_first_deny"], "deny_on_first_deny", 1, False]
    for options in others:
        assert many(client, {"evaluations": [access()], "options": options}).status_code == 400


def test_several_evaluations_where_one_is_answered_are_refused(client: Client) -> None:
    answer = post(client, {**access(chair()), "evaluations": [{"resource": product(kaspersky())}]})
    assert answer.status_code == 400
    assert "decision" not in answer.json()


def test_an_evaluation_that_fails_is_closed_and_says_why(client: Client) -> None:
    """Section 7.2.1: "Decisions default to *closed* (i.e. `false`), but the `context` field can include errors that are
    specific to that request."
    """
    bad = [
        access(action={"name": "can_read"}),
        access(resource={"type": "document", "id": "boxcarring.md"}),
        access({**chair(), "suplier": {}}),
        access(resource={"type": "sbom", "id": "sha256:0"}),
    ]
    answer = many(client, {"evaluations": [*bad, access(chair())]}).json()["evaluations"]
    assert [one["decision"] for one in answer] == [False] * 4 + [True]
    assert all(one["context"]["error"]["status"] in (400, 422) for one in answer[:4])
    assert all(one["context"]["error"]["message"] for one in answer[:4])


@pytest.mark.parametrize("kind", ["product", "purchase-request"])
@pytest.mark.parametrize("acts", [["retain"], ["acquire", "retain"], [{"act": "acquire", "on": "2150-02-01"}], "x"])
def test_a_line_does_not_replace_the_action_that_is_asked(kind: str, acts: Any, client: Client) -> None:
    """Section 5.3: an Action is "the type of access that the requester intends to perform": no other is answered."""
    line = {**chair(), "acts": acts}
    body = {name: value for name, value in purchase(line).items() if name != "buyer"}
    resource = product(line) if kind == "product" else {"type": kind, "id": "PR-1", "properties": body}
    answer = post(client, access(resource=resource))
    assert answer.status_code == 422
    assert "decision" not in answer.json()
    line["acts"] = ["acquire"]
    assert post(client, access(resource=resource)).json()["decision"] is True


@pytest.mark.parametrize("properties", [{}, {"product": None}, {"product": ""}, {"product": " "}, {"product": "N/A"}])
def test_a_product_that_the_properties_leave_empty_is_named_by_the_id(properties: Json, client: Client) -> None:
    line = {**properties, "manufacturer": {"name": "CDW LLC"}}
    resource = {"type": "product", "id": "Kaspersky Endpoint Security", "properties": line}
    assert post(client, access(resource=resource)).json()["decision"] is False


def test_what_somebody_asked_is_no_sbom_to_ask_about(client: Client) -> None:
    raw = json.dumps(purchase(chair())).encode()
    assert client.post("/v1/decisions", content=raw, headers=JSON).status_code == 200
    for action in ("judge", "acquire"):
        resource = {"type": "sbom", "id": "sha256:" + hashlib.sha256(raw).hexdigest()}
        answer = post(client, access(action={"name": action}, resource=resource))
        assert (answer.status_code, answer.json()["detail"]) == (400, "No SBOM is kept under that digest.")


def test_each_of_several_evaluations_counts() -> None:
    with service(limit_rate=10.0) as limited:
        assert many(limited, {"evaluations": [access(chair())] * 8}).status_code == 200
        answer = many(limited, {"evaluations": [access(chair())] * 8})
        assert answer.status_code == 429
        assert int(answer.headers["retry-after"]) > 0


@pytest.mark.parametrize("path", ["/access/v1/evaluation", "/access/v1/evaluations", "/v1/data/gate/allow"])
def test_a_large_body_is_read_beside_the_event_loop(path: str, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    names: list[str] = []

    def watched(raw: bytes, name: str) -> None:
        names.append(threading.current_thread().name)
        refuse_twice(raw, name)

    for module in (authzen, opa):
        monkeypatch.setattr(module, "refuse_twice", watched)
    body: Json = {**access(chair()), "input": purchase(chair())}
    for more in ("", "x" * INLINE):
        asks = {**body, "more": more} if "access" in path else {"input": body["input"], "more": more}
        assert post(client, asks, path).status_code == 200
    assert [name.startswith("judge") for name in names] == [False, True]


def test_a_failure_ends_deny_on_first_deny(client: Client) -> None:
    """Section 7.1.2.1: "with any denial (error, or `"decision": false`) "short-circuiting" the evaluations call"."""
    body = {
        "evaluations": [access(action={"name": "can_read"}), access(chair())],
        "options": {"evaluations_semantic": "deny_on_first_deny"},
    }
    assert len(many(client, body).json()["evaluations"]) == 1


def test_the_request_identifier_is_given_back(client: Client) -> None:
    """Section 10.1.3: "If the PEP specified a request identifier in the request, the PDP MUST include the same
    identifier in the response to that request."
    """
    name = "bfe9eb29-ab87-4ca3-be83-a1d5d8305716"
    assert post(client, access(), **{"X-Request-ID": name}).headers["x-request-id"] == name


def test_the_body_is_json(client: Client) -> None:
    """Section 10.1: "Requests MUST include a `Content-Type` header with the value `application/json`"."""
    assert post(client, access(), **{"Content-Type": "text/plain"}).status_code == 415
    assert post(client, access()).headers["content-type"] == "application/json"


def test_the_metadata_name_the_decision_point_as_it_was_asked(client: Client) -> None:
    """Section 9.2.3: "The `policy_decision_point` value returned MUST be identical to the Policy Decision Point
    identifier value into which the well-known URI string was inserted"; 9.2.2: "Parameters that have no values MUST be
    omitted".
    """
    answer = client.get("/.well-known/authzen-configuration")
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == {
        "policy_decision_point": HERE,
        "access_evaluation_endpoint": f"{HERE}/access/v1/evaluation",
        "access_evaluations_endpoint": f"{HERE}/access/v1/evaluations",
    }
    with service(public_url="https://gate.example.com/") as named:
        found = named.get("/.well-known/authzen-configuration").json()
    assert found["policy_decision_point"] == "https://gate.example.com"


def test_a_request_is_judged_as_it_says(client: Client) -> None:
    whole = {"type": "purchase-request", "id": "PR-9", "properties": purchase()}
    body = access(subject={"type": "user", "id": "ada"}, action={"name": "judge"}, resource=whole)
    found = post(client, body).json()
    assert found["decision"] is False
    assert client.get(f"/v1/decisions/{found['context']['id']}").json()["subject"]["name"] == "PR-1"


def test_what_the_request_says_is_not_said_otherwise_beside_it(client: Client) -> None:
    whole = {"type": "purchase-request", "id": "PR-9", "properties": purchase(acts=["use"])}
    for changes in ({"action": {"name": "acquire"}, "subject": {"type": "user", "id": "ada"}}, {"subject": BUYER}):
        assert post(client, access(resource=whole, **changes)).status_code == 422


def test_an_sbom_is_judged_as_it_is_sent_or_by_its_digest(client: Client) -> None:
    digest = client.put("/v1/sboms", content=json.dumps(sbom(sonic())), headers=JSON).json()["digest"]
    sent = {"type": "sbom", "id": "app", "properties": {"document": sbom(sonic())}}
    kept = {"type": "sbom", "id": digest}
    for resource in (sent, kept):
        body = access(action={"name": "judge"}, resource=resource, context={"profile": "us-federal-contractor"})
        body["subject"] = {"type": "pipeline", "id": "ci"}
        answer = post(client, body)
        assert answer.status_code == 200, answer.text
        found = client.get(f"/v1/decisions/{answer.json()['context']['id']}").json()
        assert (found["buyer"]["profile"], found["coverage"]["components"]) == ("us-federal-contractor", 1)


def test_the_time_of_the_context_is_when_it_is_done_and_about_now_is_now(client: Client) -> None:
    kept = {"type": "sbom", "id": "app", "properties": {"document": sbom(sonic())}}

    def asked(time: str) -> httpx.Response:
        return post(client, access(resource=kept, context={"time": time}))

    assert asked("2150-01-01T00:00:00Z").status_code == 200
    assert asked((datetime.now(UTC) - timedelta(seconds=30)).isoformat()).status_code == 200
    assert asked("1985-10-26T01:22-07:00").status_code == 422
    assert asked("1985-10-26").status_code == 422
    assert asked("noon").status_code == 422


def test_too_many_evaluations_name_the_limit(client: Client) -> None:
    answer = many(client, {"evaluations": [access(chair())] * 201})
    assert (answer.status_code, answer.json()["limit"]) == (413, 200)
