"""The shapes of the interface for OpenAPI: taken from the structs themselves where there are any, with examples."""

import base64
import gzip
from typing import Any

import msgspec

from gate.api.accept import MEDIA_TYPES
from gate.api.openapi.example import ANSWERS, DIGEST, reported
from gate.api.openapi.struct import schemas
from gate.api.route import Json, answers, takes
from gate.decision import Decision
from gate.reach import WAYS
from gate.store.decisions import Summary
from gate.store.purchases import Purchase
from gate.store.replay import Difference
from gate.store.waivers import Waived

REQUEST: Json = {
    "id": "PR-2027-0117",
    "buyer": {"name": "Example Manufacturing LLC", "roles": ["us-person"]},
    "agreement": "new",
    "ordered": "2027-03-01",
    "lines": [
        {
            "id": "1",
            "product": "Kaspersky Endpoint Security for Business",
            "supplier": {"name": "Kaspersky Lab, Inc."},
            "manufacturer": {"name": "Kaspersky Lab, Inc."},
        }
    ],
}

SBOM_EXAMPLE: Json = {
    "bomFormat": "CycloneDX",
    "specVersion": "1.6",
    "components": [{"type": "library", "name": "sonic", "purl": "pkg:golang/github.com/bytedance/sonic@1.14.2"}],
}

SBOM_XML = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<bom xmlns="http://cyclonedx.org/schema/bom/1.6" version="1"><components>'
    '<component type="library"><name>sonic</name><purl>pkg:golang/github.com/bytedance/sonic@1.14.2</purl></component>'
    "</components></bom>"
)

SBOM_GZIP = base64.b64encode(gzip.compress(msgspec.json.encode(SBOM_EXAMPLE), mtime=0)).decode()


def _with_sbom(named: Json) -> Json:
    return {**REQUEST, "lines": [{**REQUEST["lines"][0], "sbom": named}]}


PARTS = {
    "request": msgspec.json.encode(_with_sbom({"path": "sbom"})).decode(),
    "sbom": msgspec.json.encode(SBOM_EXAMPLE).decode(),
}
"""A request, and the SBOM that its line names as the part of the form is called."""

ACCESS_REQUEST = {
    "subject": {"type": "buyer", "id": "Example Manufacturing LLC", "properties": {"roles": ["us-person"]}},
    "action": {"name": "acquire"},
    "resource": {
        "type": "product",
        "id": "Kaspersky Endpoint Security for Business",
        "properties": {"manufacturer": {"name": "Kaspersky Lab, Inc."}, "supplier": {"name": "Kaspersky Lab, Inc."}},
    },
}

_TEXT: Json = {"type": "string"}
_FLAG: Json = {"type": "boolean"}
_COUNT: Json = {"type": "integer"}
_WORDS: Json = {"type": "array", "items": _TEXT}
_ANY: Json = {"type": "object", "additionalProperties": True}


def _query(name: str, what: str, schema: Json | None = None) -> Json:
    return {"name": name, "in": "query", "required": False, "description": what, "schema": schema or _TEXT}


def _header(name: str, what: str) -> Json:
    return {"name": name, "in": "header", "required": False, "description": what, "schema": _TEXT}


ASKED = [
    _query("name", "What an SBOM is called in the decision"),
    _query("profile", "Who is asking: a profile of the law"),
    _query("role", "A capacity of the buyer; may be given again", _WORDS),
    _query("act", "What is done with an SBOM, in place of the profile's acts; may be given again", _WORDS),
    _query("as_of", "When it is done: a day, or an instant with its offset"),
    _query("known_at", "By the law published by then"),
    _query("allow_past", "Let a past date be chosen; takes the role auditor", _FLAG),
    _query("on_review", "What a decision that needs a review is meanwhile; `allow` takes the role approver"),
    _query("validate", "Check SBOMs against the official schema first", _FLAG),
    _query("store", "false: only answer, keep nothing", _FLAG),
]
"""The parameters of a question."""

_MULTIPART: Json = {
    "schema": {"type": "object", "additionalProperties": {"type": "string", "contentMediaType": "application/json"}},
    "examples": {
        "request and SBOM": {
            "summary": "A request, and the SBOM that its line names by the part's name",
            "value": PARTS,
        }
    },
}

_XML: Json = {"schema": {"type": "string", "contentMediaType": "application/xml"}, "example": SBOM_XML}

_GZIP: Json = {
    "schema": {"type": "string", "contentMediaType": "application/gzip"},
    "examples": {
        "sbom": {
            "summary": "What `gzip --stdout bom.cdx.json` writes; base64 here, sent as the bytes",
            "value": SBOM_GZIP,
        }
    },
}

_OTHERWISE: Json = {
    "application/vnd.cyclonedx+json": {"schema": _ANY, "example": SBOM_EXAMPLE},
    "application/xml": _XML,
    "application/vnd.cyclonedx+xml": _XML,
    "application/gzip": _GZIP,
}
"""What an SBOM may be sent as besides plain JSON."""

DECIDE: Json = {
    "parameters": [
        *ASKED,
        _query("callback", "Where the decision is sent, with `Prefer: respond-async`"),
        _header("Idempotency-Key", "The same key and body get the same decision, and it is not decided again"),
        _header("Prefer", "`respond-async`: 202, `Location`, and a signed message to `callback`"),
    ],
    "requestBody": {
        "required": True,
        "description": "A purchase request or a CycloneDX SBOM, plain or gzip; or several documents as multipart",
        "content": {
            "application/json": {
                "schema": _ANY,
                "examples": {
                    "request": {"value": REQUEST},
                    "SBOM": {"value": SBOM_EXAMPLE},
                    "a line whose SBOM is kept": {"value": _with_sbom({"digest": DIGEST})},
                },
            },
            **_OTHERWISE,
            "multipart/form-data": _MULTIPART,
        },
    },
}

DECIDED: dict[int | str, Json] = {
    200: {
        "description": "Decided: `decision` is allow or deny. Several documents give a list",
        "headers": {
            "Idempotency-Replayed": {"description": "true: it was decided before", "schema": _TEXT},
        },
        "content": {
            "application/json": {
                "schema": {
                    "anyOf": [
                        {"$ref": "#/components/schemas/Decision"},
                        {"type": "array", "items": {"$ref": "#/components/schemas/Decision"}},
                    ]
                },
                "examples": {"Decision": {"$ref": "#/components/examples/Decision"}},
            },
            **{kind: {"schema": {}, "example": reported(form)} for form, kind in MEDIA_TYPES.items() if form != "json"},
        },
    },
    202: {
        "description": "Decided and stored; `callback` is told",
        "headers": {"Location": {"description": "Where the decision is", "schema": _TEXT}},
        "content": {"application/json": {"schema": _ANY, "example": {}}},
    },
}

SBOM = takes("A CycloneDX SBOM, plain or gzip", _ANY, SBOM_EXAMPLE)
SBOM["requestBody"]["content"] |= _OTHERWISE

STORED = answers("The bytes as they came, of the media type they came with", {}, SBOM_EXAMPLE)
STORED[200]["content"] |= {
    "application/vnd.cyclonedx+json": {"schema": {}, "example": SBOM_EXAMPLE},
    "application/xml": _XML,
    "application/vnd.cyclonedx+xml": _XML,
    "*/*": {"schema": {}, "example": SBOM_EXAMPLE},
}
"""An SBOM that was kept. Whoever sent it said what it is, so it may be said to be anything that is read."""

ACCESS = takes("An access evaluation request", "AccessRequest", ACCESS_REQUEST)
ACCESSES = takes(
    "Defaults, and evaluations that override them",
    "AccessRequests",
    {**ACCESS_REQUEST, "evaluations": [{"action": {"name": "use"}}, {"action": {"name": "resell"}}]},
)
OPA: Json = {
    "parameters": list(ASKED),
    **takes(
        "`input` is a purchase request or an SBOM",
        {"type": "object", "required": ["input"], "properties": {"input": _ANY}},
        {"input": REQUEST},
    ),
}


def _object(required: dict[str, Json], optional: dict[str, Json] | None = None) -> Json:
    return {"type": "object", "required": list(required), "properties": {**required, **(optional or {})}}


def _list(name: str) -> Json:
    return {"type": "array", "items": {"$ref": f"#/components/schemas/{name}"}}


def _nullable(schema: Json) -> Json:
    return {"anyOf": [schema, {"type": "null"}]}


_ENTITY = _object({"type": _TEXT, "id": _TEXT}, {"properties": _ANY})
_ACCESS = {"subject": _ENTITY, "action": _object({"name": _TEXT}, {"properties": _ANY}), "resource": _ENTITY}
_ANSWER = _object({"decision": _FLAG}, {"context": _ANY})
_VENDOR = _object(
    {"id": _TEXT, "name": _TEXT, "country": _nullable(_TEXT), "prohibitions": _object(dict.fromkeys(WAYS, _WORDS))},
    {"certain": _FLAG, "products": _WORDS, "evidence": _list("Evidence")},
)
_ALMANAC = _object(
    {"schema": _COUNT, "on": _TEXT, "law": _ANY, "roles": _WORDS}
    | {name: {"type": "array", "items": _ANY} for name in ("clauses", "terms", "next")}
)

_OURS: dict[str, Json] = {
    "Problem": _object(
        {"type": _TEXT, "title": _TEXT, "status": _COUNT, "detail": _TEXT, "request_id": _TEXT},
        {
            "document": _TEXT,
            "line": _COUNT,
            "pointer": {**_TEXT, "description": "RFC 6901"},
            "remedy": _TEXT,
            "limit": {"type": "number"},
        },
    ),
    "DecisionPage": _object({"items": _list("Summary"), "next_page_token": _nullable(_TEXT)}),
    "Replay": _object(
        {"id": _TEXT, "same": _FLAG, "law": _TEXT, "engine": _TEXT, "differences": _list("Difference")},
        {"stored": _ANY, "replayed": _ANY},
    ),
    "Kept": _object({"digest": _TEXT, "size": _COUNT, "components": _COUNT}),
    "WaiverPage": _object({"items": _list("Waived"), "next_page_token": _nullable(_TEXT)}),
    "Almanac": _ALMANAC,
    "Prohibition": _ALMANAC,
    "Vendors": _object({"items": {"type": "array", "items": _VENDOR}}),
    "AccessRequest": _object(_ACCESS, {"context": _ANY}),
    "AccessRequests": {
        "type": "object",
        "properties": {**_ACCESS, "context": _ANY, "evaluations": {"type": "array", "items": _ANY}, "options": _ANY},
    },
    "AccessDecision": _ANSWER,
    "AccessDecisions": {
        "anyOf": [_object({"evaluations": {"type": "array", "items": _ANSWER}}), _ANSWER],
    },
    "AuthzenConfiguration": _object(
        {
            "policy_decision_point": _TEXT,
            "access_evaluation_endpoint": _TEXT,
            "access_evaluations_endpoint": _TEXT,
        }
    ),
    "OpaDecision": _object({"decision_id": _TEXT, "result": {"$ref": "#/components/schemas/Decision"}}),
    "OpaAllow": _object({"decision_id": _TEXT, "result": _FLAG}),
    "Health": _object({"status": _TEXT}),
    "Readiness": _object({"status": _TEXT, "checks": _ANY}),
    "Reloaded": _object(
        {"changed": _FLAG, "digest": _TEXT, "version": _TEXT, "processes": _COUNT, "current": _COUNT},
        {"fault": _TEXT},
    ),
}
"""The schemas that no struct has."""


def components() -> dict[str, Any]:
    """Every schema by its name."""
    found = schemas((Decision, Summary, Difference, Waived, Purchase))
    decision = found["Decision"]
    decision["properties"] |= {
        "id": _TEXT,
        "evaluated_at": {"type": "string", "format": "date-time"},
        "engine": _object({"version": _TEXT}),
        "digest": _TEXT,
    }
    decision["required"] = sorted(decision["properties"])
    waived = found["Waived"]
    waived["properties"]["yours"] = {**_FLAG, "description": "Whether you asked for it, and so cannot grant it"}
    return {**found, **_OURS}


def examples() -> dict[str, Any]:
    """Every answer by the name of its schema. They stand apart: what the framework is given loses its nulls."""
    return {name: {"value": answer} for name, answer in ANSWERS.items()}
