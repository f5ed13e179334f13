"""`/v1/waivers`: asked for by one person, granted by another, within what the instrument lets anybody waive."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

import msgspec
from fastapi import APIRouter, Body, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, StringConstraints

from gate.api.exchange import Answer
from gate.api.openapi.example import WANTED
from gate.api.route import CLOSED, UNIQUE, answers, caller_of, problems, response_of, service_of
from gate.guard.role import READERS, Actor, Role
from gate.store import Who
from gate.store.waivers import Waived, Waivers

router = APIRouter(tags=["waivers"])

PATH = "/v1/waivers"

Name = Annotated[str, Path(pattern="^[A-Za-z0-9._:-]+$", max_length=80)]
Line = Annotated[str, StringConstraints(min_length=1, max_length=500, pattern=r"^[^\x00-\x1f]*$")]


class Wanted(BaseModel):
    """A waiver that is asked for: the fields of a waiver file (policy/README.md), without who approves it."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": WANTED},
    )

    prohibitions: Annotated[list[Line], Body(min_length=1, max_length=50)]
    vendors: Annotated[list[Line], Body(min_length=1, max_length=50)]
    products: list[Line] = []
    purls: list[Line] = []
    requests: list[Line] = []
    granted_by: Line
    authority: Line
    ticket: Line | None = None
    reason: Line
    starts: Annotated[str, StringConstraints(min_length=10, max_length=40)]
    ends: Annotated[str, StringConstraints(min_length=10, max_length=40)]


class Why(BaseModel):
    """Why a waiver is rejected or revoked."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"reason": "The cameras can be replaced this year."}}
    )

    reason: Line


CHANGES = problems("malformed", "unreadable", "unknown", "conflict", "usage", "no-law", "no-store")
WAIVER = answers("The waiver", "Waived")


@router.post(
    PATH,
    operation_id="request_waiver",
    dependencies=UNIQUE,
    summary="Ask for a waiver",
    status_code=201,
    responses={
        201: {**WAIVER[200], "description": "It is asked for, and waives nothing yet"},
        **problems("malformed", "unreadable", "usage", "no-law", "no-store"),
    },
)
async def request_(request: Request, wanted: Wanted) -> Response:
    """It waives nothing until somebody else approves it. What the law does not permit is refused with its limit."""
    caller = caller_of(request)
    actor = caller.demand(Role.REQUESTER)
    service = service_of(request)
    store, law = service.needs_store(), service.editions.in_force().law
    body = {name: value for name, value in wanted.model_dump().items() if value not in (None, [])}
    found = await service.act(caller, lambda who: store.waivers.request(body, law, who, datetime.now(UTC)))
    return response_of(Answer(_body(found, actor), status=201, headers={"Location": f"{PATH}/{found.id}"}))


@router.get(
    PATH,
    operation_id="list_waivers",
    dependencies=CLOSED,
    summary="Waivers, those first that end first",
    responses={**answers("A page of waivers", "WaiverPage"), **problems("usage", "no-store")},
)
async def many(
    request: Request,
    state: Literal["requested", "granted", "rejected", "revoked"] | None = None,
    expiring: Annotated[
        int | None, Query(ge=0, le=3650, description="Granted ones that end within so many days, or another `state`")
    ] = None,
    size: Annotated[int, Query(ge=1, le=200)] = 50,
    page_token: Annotated[str | None, Query(max_length=2000)] = None,
) -> Response:
    """`expiring=30` lists what soon waives nothing any more."""
    actor = caller_of(request).demand(*READERS)
    service = service_of(request)
    store = service.needs_store()
    before = after = None
    if expiring is not None:
        now, state = datetime.now(UTC), state or "granted"
        # A day ends last twelve hours after it does in UTC: until then it may still waive something.
        before, after = now + timedelta(days=expiring), now - timedelta(hours=12)
    found = await service.on_side(
        lambda: store.waivers.page(state=state, ends_before=before, ends_after=after, size=size, token=page_token)
    )
    body = {"items": [msgspec.Raw(_body(one, actor)) for one in found.items], "next_page_token": found.next}
    return response_of(Answer(msgspec.json.encode(body)))


@router.get(
    PATH + "/{name}",
    operation_id="get_waiver",
    summary="One waiver",
    responses={**WAIVER, **problems("unknown", "usage", "no-store")},
)
async def one(request: Request, name: Name) -> Response:
    """With its state, and who asked for and granted it."""
    actor = caller_of(request).demand(*READERS)
    service = service_of(request)
    store = service.needs_store()
    found = await service.on_side(lambda: store.waivers.named(name))
    return response_of(Answer(_body(found, actor)))


@router.post(
    PATH + "/{name}/approve", operation_id="approve_waiver", summary="Grant a waiver", responses={**WAIVER, **CHANGES}
)
async def approve(request: Request, name: Name) -> Response:
    """The approver is not the requester; and what the law does not permit nobody grants."""
    caller = caller_of(request)
    actor = caller.demand(Role.APPROVER)
    service = service_of(request)
    store, law = service.needs_store(), service.editions.in_force().law
    found = await service.act(caller, lambda who: store.waivers.approve(name, law, who, datetime.now(UTC)))
    return response_of(Answer(_body(found, actor)))


@router.post(
    PATH + "/{name}/reject",
    operation_id="reject_waiver",
    dependencies=UNIQUE,
    summary="Refuse a waiver",
    responses={**WAIVER, **CHANGES},
)
async def reject(request: Request, name: Name, why: Why) -> Response:
    """It stays in the record, with the reason."""
    return await _ended(request, name, why, Waivers.reject)


@router.post(
    PATH + "/{name}/revoke",
    operation_id="revoke_waiver",
    dependencies=UNIQUE,
    summary="Take a waiver back",
    responses={**WAIVER, **CHANGES},
)
async def revoke(request: Request, name: Name, why: Why) -> Response:
    """From the next decision on it waives nothing."""
    return await _ended(request, name, why, Waivers.revoke)


async def _ended(
    request: Request, name: str, why: Why, end: Callable[[Waivers, str, str, Who, datetime], Waived]
) -> Response:
    caller = caller_of(request)
    actor = caller.demand(Role.APPROVER)
    service = service_of(request)
    store = service.needs_store()
    found = await service.act(caller, lambda who: end(store.waivers, name, why.reason, who, datetime.now(UTC)))
    return response_of(Answer(_body(found, actor)))


def _body(waiver: Waived, actor: Actor) -> bytes:
    body: dict[str, Any] = msgspec.to_builtins(waiver)
    body["yours"] = waiver.requester == actor.id
    return msgspec.json.encode(body)
