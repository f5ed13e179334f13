"""OPA's data API, asked by a client from PyPI that nobody here wrote, over a real connection to a real server."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
import requests
from opa_client.opa import OpaClient

from tests.service import JSON, Server, chair, kaspersky, purchase, sbom, server, sonic


@pytest.fixture(scope="module")
def running(_cache_home: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with server(tmp_path_factory.mktemp("opa")) as found:
        yield found


@pytest.fixture
def client(running: Server) -> Iterator[OpaClient]:
    where = urlsplit(running.url)
    found = OpaClient(host=where.hostname, port=where.port)
    yield found
    found.close_connection()


def test_the_client_finds_it_healthy_and_waits_for_it(client: OpaClient) -> None:
    assert client.check_health() is True
    assert client.wait_for_ready(timeout=5) is True
    assert "gate_decisions_total" in client.get_metrics() or "gate_law_info" in client.get_metrics()


def test_a_rule_is_queried_by_its_package_and_name(client: OpaClient) -> None:
    assert client.query_rule(purchase(chair()), "gate", "allow")["result"] is True
    assert client.query_rule(purchase(kaspersky()), "gate", "allow")["result"] is False


def test_the_decision_is_the_result_with_its_id(client: OpaClient, running: Server) -> None:
    found = client.query_rule(purchase(kaspersky()), "gate", "decision", {"pretty": True, "metrics": True})
    assert found["result"]["decision"] == "deny"
    assert found["decision_id"] == found["result"]["id"]
    assert requests.get(f"{running.url}/v1/decisions/{found['decision_id']}", timeout=5).json() == found["result"]


def test_parameters_are_those_of_the_gate(client: OpaClient) -> None:
    found = client.query_rule(sbom(sonic()), "gate", "decision", {"profile": "us-federal-contractor"})
    assert found["result"]["buyer"]["profile"] == "us-federal-contractor"


@pytest.mark.parametrize("body", ["{}", '{"input": {}}', '{"input": null}', "[]", "", '{"input": {}, "input": {}}'])
def test_what_cannot_be_judged_is_an_error_and_never_an_undefined_result(body: str, running: Server) -> None:
    """In OPA a result that is not defined is left out, and a caller may take that for anything."""
    answer = requests.post(f"{running.url}/v1/data/gate/allow", data=body, headers=JSON, timeout=5)
    assert answer.status_code == 400
    assert "result" not in answer.json()


def test_another_document_is_not_there(client: OpaClient) -> None:
    with pytest.raises(requests.HTTPError, match="404"):
        client.query_rule(purchase(), "gate", "deny")
