"""SAP Ariba buying: its Document Approval API v2 lists what waits; PATCH of a requisition approves, denies, comments.

It knows no hold, so a hold is a comment, and the requisition goes on waiting for the gate.
"""

import base64
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

import httpx
import msgspec

from gate.workflow.address import secure
from gate.workflow.call import call, json_of
from gate.workflow.faults import Unreachable
from gate.workflow.settings import Ariba
from gate.workflow.systems.task import Act, Reach, Waiting

PAGE = 100
"""The most that Ariba lists at a time."""

MOST = 2000

STATE = {"approve": "approve", "reject": "deny"}
"""Action -> the state that a requisition is given. The others are comments."""


async def token(using: httpx.AsyncClient, settings: Ariba) -> Reach:
    """A way in. Raises Unreachable."""
    url = secure(settings.token_url)
    pair = f"{settings.client_id}:{settings.client_secret.read()}".encode()
    headers = {
        "authorization": f"Basic {base64.b64encode(pair).decode()}",
        "content-type": "application/x-www-form-urlencoded",
        "accept": "application/json",
    }
    answer = json_of(await call(using, "POST", url, headers=headers, content=b"grant_type=client_credentials"), url)
    value = answer.get("access_token") if isinstance(answer, dict) else None
    if not isinstance(value, str) or not value:
        raise Unreachable(f"{url.host} gives no access token")
    return Reach(
        using,
        settings,
        {"authorization": f"Bearer {value}", "apikey": settings.api_key.read(), "accept": "application/json"},
    )


async def waiting(reach: Reach) -> list[Waiting]:
    """The requisitions that wait for the user the gate stands for."""
    user = reach.settings.user.replace("'", "''")  # as OData writes an apostrophe in a text
    found: list[Waiting] = []
    for skip in range(0, MOST, PAGE):
        query = {"$filter": f"user eq '{user}'", "$top": PAGE, "$skip": skip}
        page = await reach.get(_url(reach.settings, "/pendingApprovables", query))
        if not isinstance(page, list):
            raise Unreachable("Ariba lists approvables in a form that is not known")
        found += [one for raw in page if (one := _requisition(raw)) is not None]
        if len(page) < PAGE:
            break
    return found


def _requisition(raw: Any) -> Waiting | None:
    """What waits, if it is a requisition: invoices and user profiles may be listed with them."""
    try:
        kind = raw.get("approvableType") or raw.get("restResourceName") or "requisitions"
        if str(kind).lower() not in ("requisitions", "requisition"):
            return None
        return msgspec.convert({"id": raw["approvableId"], "document": raw["approvableUniqueName"]}, Waiting)
    except (AttributeError, KeyError, msgspec.ValidationError) as error:
        raise Unreachable("Ariba lists an approvable in a form that is not known") from error


async def document(reach: Reach, one: Waiting) -> Mapping[str, Any]:
    """The requisition."""
    found = await reach.get(_requisition_url(reach, one.id))
    if not isinstance(found, dict) or found.get("uniqueName") != one.document:
        raise Unreachable(f"Ariba gives another thing than requisition {one.document}")
    return found


async def act(reach: Reach, one: Act) -> None:
    """Give the answer, in the name of the user the gate stands for; the supplier does not see it."""
    body: dict[str, object] = {"comment": {"text": one.text, "visibleToSupplier": False}}
    if one.action in STATE:
        body["state"] = STATE[one.action]
    user = {"user": reach.settings.user, "passwordAdapter": reach.settings.password_adapter}
    await reach.send("PATCH", _requisition_url(reach, one.approval, user), body)


async def was_done(reach: Reach, one: Act) -> bool | None:
    """Whether it was: what is approved or denied waits no more. Of a comment it is not known how to tell."""
    if one.action not in STATE:
        return None
    return all(other.id != one.approval for other in await waiting(reach))


def _requisition_url(reach: Reach, number: str, query: Mapping[str, object] | None = None) -> httpx.URL:
    return _url(reach.settings, f"/requisitions/{quote(number, safe='')}", query or {})


def _url(settings: Ariba, path: str, query: Mapping[str, object]) -> httpx.URL:
    return secure(f"{settings.url.rstrip('/')}{path}?{urlencode({'realm': settings.realm, **query}, quote_via=quote)}")
