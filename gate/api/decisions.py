"""`/v1/decisions`: decide, look up, list, decide again."""

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Path, Query, Request, Response

from gate.api import accept, callback
from gate.api.asked import asked, moment
from gate.api.body import MULTIPART, Receive, media_type_of, parts, whole
from gate.api.exchange import Answer, Caller, Scope
from gate.api.openapi import shape
from gate.api.openapi.example import reported
from gate.api.problem import Problem
from gate.api.route import CLOSED, answers, caller_of, plan_of, problems, response_of, service_of
from gate.api.service import Ask, Outcome, Service, body_hash
from gate.digest import sha256
from gate.errors import Unknown, UsageError
from gate.guard.role import READERS, SEES_ALL, Role
from gate.record import Record, Run
from gate.report import report
from gate.store import Filter, Store, Stored
from gate.store.replay import replay
from gate.store.retold import retold
from gate.workflow.settings import Arranged
from policy.dates import instant

router = APIRouter(tags=["decisions"])

PATH = "/v1/decisions"

Name = Annotated[str, Path(pattern="^[0-9a-f-]{36}$", max_length=36, description="A decision's id")]
Word = Query(max_length=500, pattern=r"^[^\x00-\x1f\x7f]*$")

DECIDING = ("malformed", "unreadable", "unacceptable", "too-large", "media-type", "usage", "reused-key")
STORED: dict[str, Any] = {
    **answers("The decision, byte for byte, or a report of it", "Decision")[200],
    "headers": {
        "Gate-Input": {"description": "Digest of what was judged", "schema": {"type": "string"}},
        "Gate-Law": {"description": "Digest of the stored law", "schema": {"type": "string"}},
    },
}
STORED["content"] |= {
    kind: {"schema": {}, "example": reported(form)} for form, kind in accept.MEDIA_TYPES.items() if form != "json"
}

UNABLE = ("no-law", "too-slow", "no-store", "busy")


class Deciding:
    """`POST /v1/decisions`, as the edge calls it: bytes in, bytes out."""

    def __init__(self, service: Service, plan: Arranged | None) -> None:
        self._service = service
        self._plan = plan

    async def __call__(self, caller: Caller, scope: Scope, receive: Receive) -> Answer:
        """Decide on a body."""
        actor = caller.demand(Role.REQUESTER, Role.AUDITOR)
        form = accept.wanted(caller.headers.get(b"accept", b""))
        question = asked(scope["query_string"])
        if not question.allow_past:  # to judge the past is the auditor's, and nothing else is
            caller.demand(Role.REQUESTER)
        raw = await whole(receive, caller.headers, self._service.settings)
        key = _key(caller)
        keeps = self._service.store is not None
        if key is not None and not (keeps and question.store):
            raise Problem(
                "usage",
                "What is not stored cannot be answered again under an idempotency key.",
                remedy="Leave out Idempotency-Key or store=false." if keeps else "Leave out Idempotency-Key.",
            )
        hashed = await self._hashed(caller, scope["query_string"], raw) if key is not None else ""
        ask = Ask(raw, caller, actor, question, key, hashed)
        if b"respond-async" in caller.headers.get(b"prefer", b"").lower():
            return await self._later(ask)
        if question.callback is not None:
            raise Problem("usage", "A callback tells what comes later.", remedy="Add `Prefer: respond-async`.")
        earlier = await self._service.earlier(ask)
        return await self._answer([earlier] if earlier is not None else await self._service.decide(ask), form)

    async def _hashed(self, caller: Caller, query: bytes, raw: bytes) -> str:
        """The whole question. The boundary of several parts is none of it: clients draw one for each attempt."""
        service, media_type = self._service, caller.headers.get(b"content-type", b"")
        if media_type_of(caller.headers)[0] == MULTIPART:
            found = await service.on_thread(lambda: parts(raw, caller.headers, service.settings))
            media_type = MULTIPART.encode()
            raw = msgspec.json.encode([(sha256(part.data), part.name, part.media_type) for part in found])
        return body_hash("POST", PATH, query, media_type, raw)

    async def _answer(self, kept: list[Outcome], form: str) -> Answer:
        headers = {"Idempotency-Replayed": "true"} if any(one.again for one in kept) else {}
        if form == "json":
            body = kept[0].body if len(kept) == 1 else b"[" + b",".join(one.body for one in kept) + b"]"
            return Answer(body, headers=headers)
        records = [one.judged.record if one.judged is not None else await self._earlier(one) for one in kept]
        return Answer(report(form)(Run(tuple(records)), False), accept.content_type(form), headers=headers)

    async def _earlier(self, one: Outcome) -> Record:
        """The record of what was answered before, for a report of it."""
        store, name = self._service.needs_store(), msgspec.json.decode(one.body, type=_Named).id
        found = await self._service.on_side(lambda: store.decisions.one(name))
        if found is None:
            raise Problem("no-store", "What was answered before is not found.")
        return await self._service.on_side(lambda: _retold(found, store))

    async def _later(self, ask: Ask) -> Answer:
        """202 once the decision is stored, so that nothing accepted is ever lost; the callback tells what it is."""
        service, url = self._service, ask.asked.callback
        service.needs_store()
        if not ask.asked.store:
            raise Problem("usage", "An answer that comes later has to be stored.", remedy="Leave store=false out.")
        if url is not None:
            callback.demand_sendable(url, self._plan)
        earlier = await service.earlier(ask)
        if earlier is None:
            one_at_a_time = msgspec.structs.replace(ask, is_single=True)
            [earlier] = await service.decide(one_at_a_time, callback.telling(url, PATH) if url is not None else None)
        name = msgspec.json.decode(earlier.body, type=_Named).id
        headers = {"Location": f"{PATH}/{name}", "Preference-Applied": "respond-async"}
        return Answer(b"{}", status=202, headers=headers)


class _Named(msgspec.Struct):
    id: str


def _key(caller: Caller) -> str | None:
    said = caller.headers.get(b"idempotency-key")
    if said is None:
        return None
    text = said.decode("latin-1").strip().strip('"')  # the IETF's draft has it in quotes, most clients do not
    if not 0 < len(text) <= 255 or not (text.isascii() and text.isprintable()):
        raise Problem("usage", "The idempotency key is empty, too long or not plain text.", remedy="Send a UUID.")
    return text


def _retold(found: Stored, store: Store) -> Record:
    """The record of a stored decision. Raises Problem where it is there no more, as a report shows it."""
    try:
        return retold(found, store.blobs)
    except UsageError as error:
        raise Problem("unacceptable", f"{error.what}.", remedy=error.remedy) from None


@router.post(
    PATH,
    operation_id="decide",
    summary="Decide on a purchase request or an SBOM",
    responses={**shape.DECIDED, **problems(*DECIDING, *UNABLE)},
    openapi_extra=shape.DECIDE,
)
async def decide(request: Request) -> Response:
    """Allow and deny are both 200: the verdict is `decision` in the body, and everything else is no verdict.

    The body is the document itself, plain or gzip; several SBOMs, or a request with the SBOMs of its lines, come as
    multipart/form-data. `Accept` chooses any report of the gate.
    """
    deciding = Deciding(service_of(request), plan_of(request))
    answer = await deciding(caller_of(request), request.scope, request.receive)
    return response_of(answer)


@router.get(
    PATH,
    operation_id="list_decisions",
    dependencies=CLOSED,
    summary="List decisions, newest first",
    responses={**answers("A page of decisions", "DecisionPage"), **problems("usage", "no-store")},
)
async def many(
    request: Request,
    vendor: Annotated[str | None, Word] = None,
    code: Annotated[str | None, Word] = None,
    verdict: Annotated[str | None, Query(pattern="^(allow|deny|review)$")] = None,
    subject: Annotated[str | None, Word] = None,
    since: Annotated[str | None, Query(max_length=40, description="From this day (UTC) or instant on")] = None,
    before: Annotated[str | None, Query(max_length=40, description="Before this day (UTC) or instant")] = None,
    size: Annotated[int, Query(ge=1, le=200)] = 50,
    page_token: Annotated[str | None, Query(max_length=2000)] = None,
) -> Response:
    """By a vendor's id, a reason's code or an instrument's id, a subject's name or digest, and half-open in time.

    Approvers and auditors see all, a requester the own ones.
    """
    actor = caller_of(request).demand(*READERS)
    service = service_of(request)
    store = service.needs_store()
    first, end = (None if day is None else instant(day, "UTC") for day in (moment(since), moment(before)))
    is_review = verdict == "review"
    wanted = Filter(
        vendor=vendor,
        code=code,
        verdict=None if is_review else verdict,
        outcome="review" if is_review else None,
        subject=subject,
        since=first,
        before=end,
        actor=None if actor.may(*SEES_ALL) else actor.id,
    )
    found = await service.on_side(lambda: store.decisions.page(wanted, size=size, token=page_token))
    return response_of(Answer(msgspec.json.encode({"items": found.items, "next_page_token": found.next})))


@router.get(
    PATH + "/{name}",
    operation_id="get_decision",
    summary="A decision as it was answered",
    responses={200: STORED, **problems("unknown", "unacceptable", "usage", "no-store")},
)
async def one(request: Request, name: Name) -> Response:
    """A requester sees the own ones. `Accept` chooses any report of the gate, as when it was decided."""
    caller = caller_of(request)
    actor = caller.demand(*READERS)
    form = accept.wanted(caller.headers.get(b"accept", b""))
    service = service_of(request)
    store = service.needs_store()
    found = await service.on_side(lambda: store.decisions.one(name))
    if found is None or (found.actor != actor.id and not actor.may(*SEES_ALL)):
        raise Unknown(f"There is no decision {name!r}")  # not even to whoever may not see it
    headers = {"Gate-Input": found.document, "Gate-Law": found.law}
    if form == "json":
        return response_of(Answer(found.body, headers=headers))
    kept = found
    body = await service.on_side(lambda: report(form)(Run((_retold(kept, store),)), False))
    return response_of(Answer(body, accept.content_type(form), headers=headers))


@router.post(
    PATH + "/{name}/replay",
    operation_id="replay_decision",
    summary="Decide again from what was stored, and compare",
    responses={**answers("What came of it", "Replay"), **problems("unknown", "gone", "usage", "no-store")},
)
async def replay_decision(request: Request, name: Name) -> Response:
    """The stored document, law and times give the same bytes, or the differences are shown. For auditors."""
    caller_of(request).demand(Role.AUDITOR)
    service = service_of(request)
    store = service.needs_store()
    found = await service.on_side(lambda: replay(store, name))
    body = {
        "id": found.id,
        "same": found.same,
        "law": found.law,
        "engine": found.engine,
        "differences": found.differences,
        "stored": msgspec.Raw(found.stored),
        "replayed": msgspec.Raw(found.replayed),
    }
    return response_of(Answer(msgspec.json.encode(body)))
