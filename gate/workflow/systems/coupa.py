"""Coupa: `/api/approvals` lists what waits; approve, hold and reject act on one. Comments are a resource of their own.

As documented for the Coupa Core API: Approvals API, Requisitions API, Comments API, OAuth 2.0 with client credentials.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import httpx

from gate.workflow.address import secure
from gate.workflow.call import call, json_of
from gate.workflow.faults import Unreachable
from gate.workflow.settings import Coupa
from gate.workflow.systems.task import Act, Reach, Waiting

PAGE = 50
"""The most that Coupa lists at a time."""

MOST = 2000

PATH = {"approve": "approve", "hold": "hold", "reject": "reject"}
"""Action -> that of an approval. No objection is no action, but a comment."""


async def token(using: httpx.AsyncClient, settings: Coupa) -> Reach:
    """A way in. Raises Unreachable."""
    url = _url(settings, "/oauth2/token")
    form = {
        "grant_type": "client_credentials",
        "client_id": settings.client_id,
        "client_secret": settings.client_secret.read(),
        "scope": settings.scope,
    }
    headers = {"content-type": "application/x-www-form-urlencoded", "accept": "application/json"}
    answer = json_of(await call(using, "POST", url, headers=headers, content=urlencode(form).encode()), url)
    value = answer.get("access_token") if isinstance(answer, dict) else None
    if not isinstance(value, str) or not value:
        raise Unreachable(f"{url.host} gives no access token")
    return Reach(using, settings, {"authorization": f"Bearer {value}", "accept": "application/json"})


async def waiting(reach: Reach) -> list[Waiting]:
    """The approvals of requisitions that wait for the gate's own user."""
    found: list[Waiting] = []
    for offset in range(0, MOST, PAGE):
        query = urlencode({"status": "pending_approval", "limit": PAGE, "offset": offset})
        page = await reach.get(_url(reach.settings, f"/api/approvals?{query}"))
        if not isinstance(page, list):
            raise Unreachable("Coupa lists approvals in a form that is not known")
        found += [one for raw in page if (one := _mine(raw, reach.settings)) is not None]
        if len(page) < PAGE:
            break
    return found


def _mine(raw: Any, settings: Coupa) -> Waiting | None:
    """An approval that is the gate's to answer. Looked at here too: a query that is ignored lists everybody's."""
    try:
        approver = raw["approver"]
        login = approver.get("login") if isinstance(approver, Mapping) else None
        if raw["status"] != "pending_approval" or raw["approvable-type"] != "RequisitionHeader":
            return None
        return Waiting(str(int(raw["id"])), str(int(raw["approvable-id"]))) if login == settings.approver else None
    except (KeyError, TypeError, ValueError) as error:
        raise Unreachable("Coupa lists an approval in a form that is not known") from error


async def document(reach: Reach, one: Waiting) -> Mapping[str, Any]:
    """The requisition."""
    found = await reach.get(_url(reach.settings, f"/api/requisitions/{one.document}"))
    if not isinstance(found, dict) or str(found.get("id")) != one.document:
        raise Unreachable(f"Coupa gives another thing than requisition {one.document}")
    return found


async def act(reach: Reach, one: Act) -> None:
    """Give the answer."""
    if one.action in PATH:
        # Coupa's documents call the reason `note` as an element and `reason` as a parameter; it takes what it knows.
        url = _url(reach.settings, f"/api/approvals/{one.approval}/{PATH[one.action]}")
        await reach.send("PUT", url, {"reason": one.text, "note": one.text})
    else:
        await reach.send("POST", _comments(reach, one), {"comments": one.text})


async def was_done(reach: Reach, one: Act) -> bool:
    """Whether it was: an approval that is acted on waits no more, and a comment names its decision."""
    if one.action in PATH:
        found = await reach.get(_url(reach.settings, f"/api/approvals/{one.approval}"))
        return not (isinstance(found, dict) and found.get("status") == "pending_approval")
    comments = await reach.get(_comments(reach, one))
    if not isinstance(comments, list):
        raise Unreachable("Coupa lists comments in a form that is not known")
    return any(one.decision in str(raw.get("comments")) for raw in comments if isinstance(raw, dict))


def _comments(reach: Reach, one: Act) -> httpx.URL:
    return _url(reach.settings, f"/api/requisitions/{one.document}/comments")


def _url(settings: Coupa, path: str) -> httpx.URL:
    return secure(settings.url.rstrip("/") + path)
