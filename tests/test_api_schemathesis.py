"""schemathesis asks the real server what its description says can be asked, and much that it does not say."""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from gate.guard.role import Role
from tests.service import Server, key, server

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
def running(_cache_home: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, dict[str, str]]]:
    folder = tmp_path_factory.mktemp("schemathesis")
    opens = key(f"sqlite:///{folder}/gate.db", *(role.value for role in Role))
    with server(folder) as found:
        yield found, opens


def test_every_operation_answers_as_it_is_described(running: tuple[Server, dict[str, str]]) -> None:
    found, opens = running
    description = schemathesis.openapi.from_url(f"{found.url}/openapi.json")
    asked = 0
    for one in description.get_all_operations():
        assert isinstance(one, Ok)
        operation = one.ok()

        @given(operation.as_strategy())
        @settings(max_examples=EXAMPLES)
        def ask(case: schemathesis.Case[Any]) -> None:
            case.call_and_validate(checks=CHECKS, headers=opens, timeout=30)

        ask()
        asked += 1
    assert asked > 20
