"""schemathesis asks the real server what its description says can be asked, and much that it does not say."""

from collections.abc import Iterator

import pytest
import schemathesis
from hypothesis import given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.service import Server, server

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
"""No 5xx, and every answer as it is described: status, type, headers and body."""

EXAMPLES = 20
"""For each operation."""


@pytest.fixture(scope="module")
def running(_cache_home: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with server(tmp_path_factory.mktemp("schemathesis")) as found:
        yield found


def test_every_operation_answers_as_it_is_described(running: Server) -> None:
    description = schemathesis.openapi.from_url(f"{running.url}/openapi.json")
    asked = 0
    for found in description.get_all_operations():
        operation = found.ok()

        @given(operation.as_strategy())
        @settings(max_examples=EXAMPLES)
        def ask(case: schemathesis.Case) -> None:
            case.call_and_validate(checks=CHECKS, timeout=30)

        ask()
        asked += 1
    assert asked > 20
