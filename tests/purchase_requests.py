"""Purchase requests for the tests of reading them: how one is made, read and refused."""

import json
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from gate.errors import ReadError
from gate.read import read
from gate.subject import Component, Place, Subject
from policy.dates import Span
from tests.strategies import Json

NOW = datetime(2026, 1, 1, tzinfo=UTC)
NEW_YORK = timezone(timedelta(hours=-4))


DAY = date(2024, 7, 19)
DELIVERY = date(2024, 8, 1)
TERM = Span(date(2024, 8, 1), date(2025, 8, 1))


def request(*lines: Json, **more: object) -> Json:
    return {"id": "PR-1", "ordered": "2024-07-19", "lines": list(lines) or [{"product": "x"}], **more}


def read_request(document: Json | str | bytes) -> Subject:
    text = json.dumps(document, ensure_ascii=False, indent=1) if isinstance(document, dict) else document
    return read(text.encode() if isinstance(text, str) else text, "request.json", now=NOW)


def refusal(document: Json | str | bytes) -> ReadError:
    """Why a request is refused; it always says in which file."""
    with pytest.raises(ReadError) as caught:
        read_request(document)
    assert caught.value.file == "request.json"
    return caught.value


def refused_at(document: Json, pointer: str) -> ReadError:
    """Why a request is refused, at that place and on the line where it stands."""
    error = refusal(document)
    assert error.pointer == pointer
    value: object = document
    for step in pointer.split("/")[1:]:
        value = value[int(step)] if isinstance(value, list) else value[step] if isinstance(value, dict) else None
    # Written with one member to a line: the value stands on its line with what comes before it.
    lines = json.dumps(document, ensure_ascii=False, indent=1).splitlines()
    assert error.line is not None
    said = json.dumps(value, ensure_ascii=False, indent=1).splitlines()[0]
    assert lines[error.line - 1].rstrip(",").endswith(said)
    return error


def line_of(subject: Subject, number: int = 0) -> Component:
    return next(component for component in subject.components if component.pointer == f"/lines/{number}")


def acts(document: Json, number: int = 0) -> dict[str | None, Span]:
    place: Place = line_of(read_request(document), number).place
    found = {act.name: act.span for act in place.acts}
    assert len(found) == len(place.acts)
    return found


# The example of the design.

EXAMPLE: Json = {
    "id": "PR-2024-0117",
    "buyer": {"name": "Example Federal LLC", "roles": ["us-person", "us-federal-contractor"]},
    "agreement": "new",
    "ordered": "2024-07-19T23:59:00-04:00",
    "delivered": "2024-08-01",
    "term": {"starts": "2024-08-01", "ends": "2025-08-01"},
    "acts": ["acquire", "use"],
    "purposes": ["other"],
    "lines": [
        {
            "id": "1",
            "product": "Kaspersky Endpoint Security for Business",
            "version": "12.5",
            "quantity": 250,
            "category": "anti-virus",
            "supplier": {"name": "CDW LLC", "url": "https://www.cdw.com"},
            "manufacturer": {"name": "Kaspersky Lab, Inc.", "identifiers": {"lei": None, "uei": None, "duns": None}},
            "purl": None,
            "cpe": None,
        }
    ],
    "supplier_uses": [
        {
            "product": "S5720 switch",
            "manufacturer": {"name": "Huawei Technologies Co., Ltd."},
            "category": "telecommunications-equipment",
        }
    ],
}
