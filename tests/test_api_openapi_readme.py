"""What the service's README shows is taken by the service as it stands there."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.service import JSON, Client, Json, key, service

README = (Path(__file__).parents[1] / "gate" / "api" / "README.md").read_text("utf-8")


def shown(name: str) -> str:
    """The JSON of an example."""
    found = re.search(rf"<!-- example: {name} -->\n```json\n(.*?)```", README, re.DOTALL)
    assert found, f"the README has no example {name!r}"
    return found[1]


class Asked:
    """The service, and who asks it: as in the README a requester, and somebody with all the other roles."""

    def __init__(self, client: Client, requester: dict[str, str], office: dict[str, str]) -> None:
        self.client, self.requester, self.office = client, {**JSON, **requester}, office


@pytest.fixture(name="asked", scope="module")
def _asked(_cache_home: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    url = f"sqlite:///{tmp_path_factory.mktemp('readme')}/gate.db"
    requester, office = key(url, "requester"), key(url, "approver", "auditor", "operator")
    with service(url, guarded=True) as found:
        yield Asked(found, requester, office)


def test_the_question_of_authzen_is_denied_and_says_by_what(asked: Asked) -> None:
    answer = asked.client.post("/access/v1/evaluation", content=shown("authzen"), headers=asked.requester).json()
    assert answer["decision"] is False
    assert "us-commerce-icts-2021-002-kaspersky/new-agreements" in {r["code"] for r in answer["context"]["reasons"]}


def test_the_question_of_opa_is_denied(asked: Asked) -> None:
    answer = asked.client.post("/v1/data/gate/allow", content=shown("opa"), headers=asked.requester)
    assert answer.json()["result"] is False


def test_the_waiver_is_asked_for_granted_by_another_and_listed(asked: Asked) -> None:
    client = asked.client
    waiver = client.post("/v1/waivers", content=shown("waiver"), headers=asked.requester)
    assert (waiver.status_code, waiver.json()["state"]) == (201, "requested"), waiver.text
    path = f"/v1/waivers/{waiver.json()['id']}"
    assert client.post(f"{path}/approve", headers=asked.requester).status_code == 403
    assert client.post(f"{path}/approve", headers=asked.office).json()["state"] == "granted"
    listed: Json = client.get("/v1/waivers?state=granted&expiring=3650", headers=asked.office).json()
    assert [one["id"] for one in listed["items"]] == [waiver.json()["id"]]
