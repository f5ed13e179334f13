"""The service's description shows an example of whatever is asked and answered, and each is what it is said to be."""

import base64
import json
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest

from gate.api.openapi import example, shape
from tests.service import JSON, Client, Json, chair, purchase, service


@pytest.fixture(name="client", scope="module")
def _client(_cache_home: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with service(f"sqlite:///{tmp_path_factory.mktemp('openapi')}/gate.db") as found:
        yield found


@pytest.fixture(name="document", scope="module")
def _document(client: Client) -> Json:
    found: Json = client.get("/openapi.json").json()
    return found


def contents(document: Json) -> Iterator[tuple[str, Json]]:
    """What is asked, and answered with 2xx, by every operation: its name, and what is said of a media type."""
    for path, methods in document["paths"].items():
        for method, route in methods.items():
            for kind, content in route.get("requestBody", {}).get("content", {}).items():
                yield f"{method} {path} takes {kind}", content
            for status, answer in route["responses"].items():
                for kind, content in answer.get("content", {}).items() if status.startswith("2") else ():
                    yield f"{method} {path} answers {status} {kind}", content


def shown(content: Json, document: Json) -> list[Any]:
    """The examples of a media type, or of its schema."""
    schema = content["schema"]
    named = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
    known = document["components"]["examples"]
    several = [
        (known[one["$ref"].rpartition("/")[2]] if "$ref" in one else one)["value"]
        for one in content.get("examples", {}).values()
    ]
    return several + [one["example"] for one in (content, named) if "example" in one]


def test_every_body_and_every_answer_has_an_example(document: Json) -> None:
    assert [name for name, content in contents(document) if not shown(content, document)] == []


def test_every_example_is_as_its_schema_says(document: Json) -> None:
    for name, content in contents(document):
        schema = {**content["schema"], "components": document["components"]}
        for value in shown(content, document):
            try:
                jsonschema_rs.validate(schema, value)
            except jsonschema_rs.ValidationError as error:
                pytest.fail(f"{name}: {error}")


@pytest.mark.parametrize("path", ["/metrics", "/v1/calendar.ics", "/v1/law", "/readyz", "/v1/vendors", "/v1/waivers"])
def test_what_is_answered_is_of_a_kind_that_is_described(client: Client, document: Json, path: str) -> None:
    described = document["paths"][path]["get"]["responses"]["200"]["content"]
    assert client.get(path).headers["content-type"].partition(";")[0] in described
    for kind in described:
        assert client.get(path, headers={"Accept": kind}).headers["content-type"].partition(";")[0] == kind


def test_every_kind_of_document_that_is_shown_is_judged(client: Client) -> None:
    def decided(**asked: Any) -> Json:
        answer = client.post("/v1/decisions", **asked)
        assert answer.status_code == 200, answer.text
        found: Json = answer.json()
        return found

    xml = decided(content=shape.SBOM_XML, headers={"Content-Type": "application/xml"})
    packed = decided(content=base64.b64decode(shape.SBOM_GZIP), headers={"Content-Type": "application/gzip"})
    plain = decided(content=json.dumps(shape.SBOM_EXAMPLE), headers=JSON)
    vendors = [
        {reason["vendor"]["id"] for reason in one["reasons"] if reason["vendor"]} for one in (xml, packed, plain)
    ]
    assert vendors == [{"bytedance"}] * 3
    files = [(name, (None, text, "application/json")) for name, text in shape.PARTS.items()]
    assert decided(files=files)["subject"]["kind"] == "request"


def test_the_answers_that_are_shown_have_the_fields_of_those_that_are_given(client: Client) -> None:
    given = client.post("/v1/decisions", content=json.dumps(shape.REQUEST), headers=JSON).json()
    shown_ = example.DECISION
    assert (shown_.keys(), shown_["decision"]) == (given.keys(), given["decision"])
    assert shown_["reasons"][0].keys() == given["reasons"][0].keys()
    assert shown_["reasons"][0]["code"] == given["reasons"][0]["code"]
    sbom = client.put("/v1/sboms", content=json.dumps(shape.SBOM_EXAMPLE, separators=(",", ":")), headers=JSON).json()
    assert {**sbom, "digest": None} == {**example.ANSWERS["Kept"], "digest": None}
    body = example.ANSWERS["Waived"]["body"]
    waiver = client.post("/v1/waivers", content=json.dumps(body), headers=JSON)
    assert waiver.status_code == 201, waiver.text
    assert waiver.json().keys() == example.ANSWERS["Waived"].keys()
    allowed = client.post("/v1/decisions", content=json.dumps(purchase(chair())), headers=JSON).json()
    bought = client.put(f"/v1/decisions/{allowed['id']}/approval").json()
    assert bought.keys() == example.ANSWERS["Purchase"].keys()
    for path, name in (
        ("/v1/decisions", "DecisionPage"),
        ("/readyz", "Readiness"),
        ("/v1/vendors?q=huawei", "Vendors"),
    ):
        answer, said = client.get(path).json(), example.ANSWERS[name]
        assert answer.keys() == said.keys()
        if "items" in said:
            assert answer["items"][0].keys() == said["items"][0].keys()
