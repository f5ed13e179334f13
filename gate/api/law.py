"""The law over HTTP: what is in force when, one prohibition, the register of vendors, the calendar."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated

import msgspec
from fastapi import APIRouter, Path, Query, Request, Response

from gate import chosen
from gate.almanac import DRAWINGS
from gate.almanac.content import Almanac, almanac
from gate.api.accept import content_type, preferred
from gate.api.asked import moment
from gate.api.exchange import Answer
from gate.api.openapi.example import drawn
from gate.api.problem import Problem
from gate.api.route import CLOSED, answers, caller_of, problems, response_of, service_of
from gate.guard.role import Role
from gate.inquiry import inquire
from gate.law import Law
from gate.match import Match, Matcher
from gate.reach import reach
from policy.dates import Moment
from policy.roles import Role as Capacity

router = APIRouter(tags=["law"], dependencies=CLOSED)

MEDIA_TYPES = {
    "json": "application/json",
    "text": "text/plain",
    "html": "text/html",
    "ics": "text/calendar",
    "svg": "image/svg+xml",
}
"""Format of the almanac -> the media type it is asked for by."""

ALMANAC = answers("The almanac", "Almanac")
ALMANAC[200]["content"] |= {
    kind: {"schema": {"type": "string"}, "example": drawn(form)} for form, kind in MEDIA_TYPES.items() if form != "json"
}

For = Annotated[list[Capacity], Query(alias="for")]
"""The roles of a buyer."""

Day = Annotated[str | None, Query(max_length=40, description="A day, or an instant with its offset")]


@router.get(
    "/v1/law",
    operation_id="get_law",
    summary="What is in force on a day, for whom, and what comes next",
    responses={**ALMANAC, **problems("unacceptable", "usage", "no-law")},
)
async def law(
    request: Request,
    on: Day = None,
    known: Annotated[str | None, Query(max_length=40, description="By the law published by then")] = None,
    roles: For = [],  # noqa: B006 - the framework copies it
) -> Response:
    """`Accept` chooses JSON, text, a page, a drawing (SVG) or a calendar."""
    caller = caller_of(request)
    caller.demand(*Role)
    form = preferred(caller.headers.get(b"accept", b""), MEDIA_TYPES)
    now = datetime.now(UTC)
    by = chosen.known_at(moment(known), now, allow_past=True)
    service = service_of(request)
    current = service.editions.in_force().law
    found = await service.on_side(lambda: _drawn(current, by, moment(on) or now.replace(microsecond=0), roles, form))
    return response_of(Answer(found, content_type(form, MEDIA_TYPES)))


@router.get(
    "/v1/calendar.ics",
    operation_id="get_calendar",
    summary="The days on which clauses start and end, to subscribe to",
    responses={
        **answers("RFC 5545", {"type": "string"}, drawn("ics"), MEDIA_TYPES["ics"]),
        **problems("usage", "no-law"),
    },
    response_class=Response,  # else the framework adds an application/json that is never sent
)
async def calendar(request: Request, roles: For = []) -> Response:  # noqa: B006 - the framework copies it
    """The same law gives the same bytes."""
    caller_of(request).demand(*Role)
    service = service_of(request)
    current = service.editions.in_force().law
    found = await service.on_side(lambda: _drawn(current, None, datetime.now(UTC), roles, "ics"))
    return response_of(Answer(found, content_type("ics", MEDIA_TYPES)))


@router.get(
    "/v1/prohibitions/{name}",
    operation_id="get_prohibition",
    summary="One instrument of the law: its clauses, dates and citations",
    responses={**answers("The instrument", "Prohibition"), **problems("unknown", "usage", "no-law")},
)
async def prohibition(
    request: Request, name: Annotated[str, Path(max_length=120, pattern="^[A-Za-z0-9._-]+$")]
) -> Response:
    """By the id that stands before the slash in a reason's code."""
    caller_of(request).demand(*Role)
    current = service_of(request).editions.in_force().law
    clauses = tuple(clause for clause in current.clauses if clause.instrument == name)
    if not clauses:
        raise Problem("unknown", "There is no such prohibition.")
    only = msgspec.structs.replace(current, clauses=clauses)
    return response_of(Answer(DRAWINGS["json"](almanac(only, datetime.now(UTC).replace(microsecond=0)))))


@router.get(
    "/v1/vendors",
    operation_id="screen_vendor",
    summary="Screen a name, package URL, CPE or domain; without one, list the register",
    responses={**answers("Vendors", "Vendors"), **problems("usage", "no-law")},
)
async def vendors(request: Request, q: Annotated[str | None, Query(min_length=1, max_length=500)] = None) -> Response:
    """Each match says which words met which, and how surely. Nothing found means: not in this register."""
    caller_of(request).demand(*Role)
    service = service_of(request)
    current = service.editions.in_force().law

    def work() -> bytes:
        if q is None:
            items = [_vendor(name, current) for name in sorted(current.vendors)]
        else:
            items = [_matched(match, current) for match in inquire(q, Matcher(current.register))]
        return msgspec.json.encode({"items": items})

    return response_of(Answer(await service.on_side(work)))


def _vendor(name: str, law: Law) -> dict[str, object]:
    vendor = law.vendors[name]
    return {"id": name, "name": vendor.name, "country": vendor.country, "prohibitions": reach(name, law)}


def _matched(match: Match, law: Law) -> dict[str, object]:
    products = [law.vendors[match.vendor].products[number].name for number in match.products]
    return {
        **_vendor(match.vendor, law),
        "certain": match.is_certain,
        "products": products,
        "evidence": match.evidence,
    }


def _drawn(law: Law, known: datetime | None, on: Moment, roles: list[Capacity], form: str) -> bytes:
    drawing: Callable[[Almanac], bytes] = DRAWINGS[form]
    return drawing(almanac(law if known is None else law.known(known), on, [role.value for role in roles]))
