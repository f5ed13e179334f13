"""`/v1/hooks/{name}`: a signed webhook asks, 202 says that it is decided and stored, a signed callback answers it.

And `/v1/decisions/{name}/approval`: that a purchase was made, so that the watch looks after it.
"""

import hashlib
import logging
from collections.abc import Container
from datetime import UTC, datetime, timedelta
from typing import Annotated

import msgspec
from fastapi import APIRouter, Path, Request, Response

from gate.api.asked import Asked
from gate.api.body import whole
from gate.api.callback import demand_listed
from gate.api.decisions import PATH as DECISIONS
from gate.api.exchange import Answer, Caller
from gate.api.inline import INLINE
from gate.api.judge import Judged
from gate.api.openapi import example
from gate.api.problem import Problem
from gate.api.route import answers, caller_of, plan_of, problems, response_of, service_of, takes
from gate.api.service import Ask, MakeMessages, Outcome, Service
from gate.digest import sha256
from gate.errors import UsageError
from gate.guard.role import Actor, Role
from gate.store import Conflict, Delivery, Store, Who
from gate.workflow import callback
from gate.workflow.action import answer_to
from gate.workflow.event import DECIDED, Event, written
from gate.workflow.faults import Unproven
from gate.workflow.purchase import bought
from gate.workflow.request import Mapped, mapped
from gate.workflow.schemes import WINDOW, Mark, proven
from gate.workflow.schemes import Delivery as Arrival
from gate.workflow.schemes.standard import key_in
from gate.workflow.settings import Arranged, Hook, arranged, is_arranged

log = logging.getLogger("gate.hooks")

router = APIRouter(tags=["workflows"])

PATH = "/v1/hooks"

Name = Annotated[str, Path(pattern="^[a-z0-9]+(-[a-z0-9]+)*$", max_length=80)]
Id = Annotated[str, Path(pattern="^[0-9a-f-]{36}$")]

EVER = timedelta(days=3650)
"""How long the content of a delivery without a date is remembered: a replay of it is known by nothing else."""

LIMIT = 1 << 20
"""The most bytes of a payload: a webhook is a notice, and is read before others are served."""

TURN = timedelta(minutes=2)
"""How long a delivery is in the hands of who took it. If that process dies, the sender's next attempt is taken."""

TAKEN = {
    "type": "object",
    "required": ["id", "location", "duplicate"],
    "properties": {
        "id": {"type": "string", "description": "The decision's id"},
        "location": {"type": "string", "description": "Where it is looked up"},
        "duplicate": {"type": "boolean", "description": "It had been taken before, and nothing was done again"},
        "dry_run": {
            "type": "object",
            "required": ["action", "text"],
            "properties": {"action": {"type": "string"}, "text": {"type": "string"}},
            "description": "Where the hook is a dry run: what its callback would have said. Nobody is told",
        },
    },
}


def plan(profiles: Container[str] | None = None) -> Arranged | None:
    """The workflow file that GATE_WORKFLOW names; None if it names none.

    Raises UsageError for one with a fault, for a secret that is missing or cannot sign, and for a hook whose profile
    the law does not have (None: there is no law yet): better now than with each delivery.
    """
    if not is_arranged():
        return None
    found = arranged(None)
    for name, hook in found.workflow.hooks.items():
        if hook.profile is not None and profiles is not None and hook.profile not in profiles:
            raise UsageError(f"hooks.{name}: the law has no profile {hook.profile!r}", file=found.file)
        for secret in hook.secrets:
            if hook.scheme == "standard":
                key_in(secret.read())
            else:
                secret.read()
        if hook.callback_secret is not None:
            key_in(hook.callback_secret.read())
    if found.workflow.callbacks is not None:
        key_in(found.workflow.callbacks.secret.read())
    return found


@router.post(
    PATH + "/{name}",
    operation_id="receive_webhook",
    summary="A signed webhook of a system that asks",
    status_code=202,
    responses={
        202: {
            "description": "It is decided and stored; the answer comes by callback, if one is arranged",
            "headers": {"Location": {"description": "The decision", "schema": {"type": "string"}}},
            "content": {"application/json": {"schema": TAKEN, "example": example.TAKEN}},
        },
        **problems(
            *("unreadable", "malformed", "unauthenticated", "forbidden", "unknown", "conflict", "too-large"),
            *("usage", "reused-key", "no-law", "no-store", "too-slow", "busy"),
            guarded=False,
        ),
    },
    openapi_extra={
        **takes("The system's own payload, as its mapping reads it", {"type": "object"}, example.PAYLOAD),
        "security": [],  # the message itself is signed
    },
)
async def receive(request: Request, name: Name) -> Response:
    """Nobody's key is asked for: the signature proves the sender, over the raw bytes and within five minutes.

    The same delivery again is answered as before, and nothing is done twice; a replayed one is refused (409). A hook
    with `dry_run` decides and stores, calls nobody back, and says here what it would have answered.
    """
    caller, service = caller_of(request), service_of(request)
    store = service.needs_store()
    arrangement = plan_of(request)
    hook = arrangement.workflow.hooks.get(name) if arrangement is not None else None
    if arrangement is None or hook is None:
        raise Problem("unknown", "There is no such hook.")
    limited = msgspec.structs.replace(service.settings, limit_body=min(service.settings.limit_body, LIMIT))
    raw = await whole(request.receive, caller.headers, limited)
    now = datetime.now(UTC)
    mark = _proven(caller, raw, hook, now)
    actor = Actor(f"hook:{name}", frozenset({Role.REQUESTER}), "hook")
    asks = _Asking(name, hook, arrangement, service, store, actor, mark)
    try:
        kept = await asks.decided(raw, caller.request_id, now)
    except Conflict:
        what = "The id of this delivery was used before, for another payload."
        raise Problem("reused-key", what, remedy="Take a new id for each new payload.") from None
    found = msgspec.json.decode(kept.body, type=_Named).id
    location = f"{DECISIONS}/{found}"
    body: dict[str, object] = {"id": found, "location": location, "duplicate": kept.again}
    if hook.dry_run:
        would = answer_to(kept.body, hook.on_allow)
        body["dry_run"] = {"action": would.action, "text": would.text}
    return response_of(Answer(msgspec.json.encode(body), status=202, headers={"Location": location}))


class _Named(msgspec.Struct):
    id: str


def _proven(caller: Caller, raw: bytes, hook: Hook, now: datetime) -> Mark:
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in caller.headers.items()}
    try:
        return proven(Arrival(headers, raw), hook.scheme, [one.read() for one in hook.secrets], now)
    except Unproven as error:
        raise Problem("unauthenticated", f"{error.what}.", remedy=error.remedy) from None
    except UsageError as error:
        log.exception("hook without a secret")
        raise Problem("internal", "The secret of this hook cannot be used; the operator can see why.") from error


class _Asking:
    """One delivery on its way to a decision."""

    def __init__(
        self,
        name: str,
        hook: Hook,
        arrangement: Arranged,
        service: Service,
        store: Store,
        actor: Actor,
        mark: Mark,
    ) -> None:
        self._name, self._hook, self._arrangement = name, hook, arrangement
        self._service, self._store, self._actor, self._mark = service, store, actor, mark
        # What a dry run has seen is new to the hook once it acts: else a purchase that was sent again had no answer.
        self._memory = f"{name}/dry-run" if hook.dry_run else name
        if not mark.is_numbered:  # the same purchase, asked again under another law, is to be judged by that one
            self._memory += f"/{service.editions.in_force().law.digest[-16:]}"

    async def decided(self, raw: bytes, request_id: str, now: datetime) -> Outcome:
        """The decision, made once. Raises Problem for a replay."""
        mapping = self._arrangement.mappings[self._hook.mapping]
        if len(raw) <= INLINE:
            request = mapped(raw, mapping, self._name, now)
        else:
            request = await self._service.on_side(lambda: mapped(raw, mapping, self._name, now))
        ask = self._ask(raw, request, request_id)
        url = self._callback(request)
        earlier = await self._service.earlier(ask)
        if earlier is not None and not self._mark.is_dated:
            # The sender tries again, or it is a replay: that cannot be told, and nothing is decided or sent again.
            await self._watched(earlier, now)
            return earlier
        seen = f"{self._memory}/{self._mark.proof}"
        if not await self._service.on_side(lambda: self._store.seen.is_new(seen, now, now + TURN)):
            remedy = "Sign each attempt anew." if self._mark.is_dated else "It is being decided: try again in a minute."
            raise Problem("conflict", "This delivery was received before, as it is.", remedy=remedy)
        try:
            kept = earlier or (await self._service.decide(ask, self._telling(request, url)))[0]
            await self._watched(kept, now)
        except BaseException:
            await self._service.on_side(lambda: self._store.seen.forget(seen))
            raise
        until = now + (2 * WINDOW if self._mark.is_dated else EVER)
        await self._service.on_side(lambda: self._remember(seen, now, until))
        return kept

    def _remember(self, seen: str, now: datetime, until: datetime) -> None:
        self._store.seen.forget(seen)  # it was noted for our own turn alone
        self._store.seen.is_new(seen, now, until)

    def _ask(self, raw: bytes, request: Mapped, request_id: str) -> Ask:
        caller = Caller(request_id, {b"content-type": b"application/json"}, self._actor)
        asked = Asked(name=f"hook/{self._name}", profile=self._hook.profile)
        key = hashlib.sha256(f"{self._memory}\n{self._mark.id}".encode()).hexdigest()
        return Ask(request.data, caller, self._actor, asked, key, sha256(raw))

    def _callback(self, request: Mapped) -> str | None:
        """Where the answer goes. An address that the payload names is hostile until it is found on the list."""
        url = request.callback or self._hook.callback
        if url is not None:
            demand_listed(url, self._arrangement)
        return url

    def _telling(self, request: Mapped, url: str | None) -> MakeMessages:
        def told(one: Judged) -> tuple[Delivery, ...]:
            if url is None or self._hook.dry_run:
                return ()
            answer = answer_to(one.body, self._hook.on_allow)
            data = {
                "reference": request.reference,
                "answer": {"action": answer.action, "text": answer.text},
                "location": f"{DECISIONS}/{one.record.id}",
                "decision": msgspec.Raw(one.body),
            }
            source, subject = self._arrangement.workflow.source, one.record.decision.subject.name
            event = Event(f"hook-{one.record.id}", source, DECIDED, subject, one.record.evaluated_at, data)
            return (Delivery(event.id, f"{callback.HOOK}{self._name}", url, written(event)),)

        return told

    async def _watched(self, kept: Outcome, now: datetime) -> None:
        """Watch what was allowed, if the hook says that it is bought then. Once more changes nothing: what an approver
        closed stays closed, for a delivery that is sent again, or replayed, says nothing new.
        """
        if self._hook.dry_run or not self._hook.watch:
            return
        if answer_to(kept.body, self._hook.on_allow).action in ("no-objection", "approve"):
            decision = msgspec.json.decode(kept.body, type=_Named).id
            who = Who(self._actor.id)
            await self._service.on_side(lambda: bought(self._store, decision, who, now, reopens=False))


@router.put(
    DECISIONS + "/{name}/approval",
    operation_id="approve_purchase",
    summary="Say that what was allowed was bought, so that it is watched",
    responses={
        **answers("It is watched", "Purchase"),
        **problems("unknown", "conflict", "gone", "usage", "no-store"),
    },
)
async def approve(request: Request, name: Id) -> Response:
    """From then on `gate watch` announces when a law, or the end of a waiver, forbids it. For approvers."""
    caller, service = caller_of(request), service_of(request)
    caller.demand(Role.APPROVER)
    store, now = service.needs_store(), datetime.now(UTC)
    found = await service.act(caller, lambda who: bought(store, name, who, now))
    return response_of(Answer(msgspec.json.encode(found)))


@router.delete(
    DECISIONS + "/{name}/approval",
    operation_id="close_purchase",
    summary="Say that a purchase is over, so that it is watched no longer",
    status_code=204,
    responses={204: {"description": "It is watched no longer"}, **problems("unknown", "usage", "no-store")},
)
async def close(request: Request, name: Id) -> Response:
    """Returned, cancelled, or used up. For approvers."""
    caller, service = caller_of(request), service_of(request)
    caller.demand(Role.APPROVER)
    store, now = service.needs_store(), datetime.now(UTC)
    await service.act(caller, lambda who: store.purchases.close(name, who, now))
    return Response(status_code=204)
