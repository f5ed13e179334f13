"""OPA's data API, so that a system that asks OPA can ask the gate: `input` is the document itself.

https://www.openpolicyagent.org/docs/rest-api#get-a-document-with-input. A document that cannot be judged is an error,
as an evaluation that fails is in OPA; `result` is never left out, for a caller may read "undefined" as it likes.
"""

import msgspec
from fastapi import APIRouter, Request, Response

from gate.api.asked import asked
from gate.api.body import Receive, whole
from gate.api.exchange import Answer, Caller, Scope
from gate.api.openapi import shape
from gate.api.problem import Problem
from gate.api.route import answers, caller_of, problems, response_of, service_of
from gate.api.service import Ask, Service
from gate.guard.role import Role
from gate.read.twice import refuse_twice

router = APIRouter(tags=["OPA"])

DECISION = "/v1/data/gate/decision"
ALLOW = "/v1/data/gate/allow"

HINTS = frozenset({"pretty", "provenance", "explain", "metrics", "instrument", "strict-builtin-errors"})
"""Parameters of OPA that change what is told about an evaluation, never its result; they are passed over."""


class _Query(msgspec.Struct):
    input: msgspec.Raw


class Querying:
    """The two documents."""

    def __init__(self, service: Service) -> None:
        self._service = service

    async def decision(self, caller: Caller, scope: Scope, receive: Receive) -> Answer:
        """The whole decision."""
        body = await self._decided(caller, scope, receive)
        return Answer(b'{"decision_id":' + _name(body) + b',"result":' + body + b"}")

    async def allow(self, caller: Caller, scope: Scope, receive: Receive) -> Answer:
        """true or false; a review is false unless the profile says otherwise."""
        body = await self._decided(caller, scope, receive)
        is_allowed = msgspec.json.decode(body, type=_Verdict).decision == "allow"
        return Answer(b'{"decision_id":' + _name(body) + b',"result":' + (b"true" if is_allowed else b"false") + b"}")

    async def _decided(self, caller: Caller, scope: Scope, receive: Receive) -> bytes:
        actor = caller.demand(Role.REQUESTER)
        raw = await whole(receive, caller.headers, self._service.settings)
        document = await self._service.by_size(len(raw), lambda: _input(raw))
        words = [word for word in scope["query_string"].split(b"&") if word.partition(b"=")[0].decode() not in HINTS]
        inner = caller.about_json()
        [one] = await self._service.decide(Ask(document, inner, actor, asked(b"&".join(words))))
        return one.body


def _input(raw: bytes) -> bytes:
    refuse_twice(raw, "body")
    try:
        return bytes(msgspec.json.decode(raw, type=_Query).input)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise Problem(
            "malformed",
            f"The body is no query of OPA: {str(error).replace('`', chr(39))[:200]}.",
            remedy='Send {"input": ...} with a purchase request or an SBOM.',
        ) from None


class _Verdict(msgspec.Struct):
    id: str
    decision: str


def _name(body: bytes) -> bytes:
    return msgspec.json.encode(msgspec.json.decode(body, type=_Verdict).id)


REFUSED = ("malformed", "unreadable", "too-large", "usage", "no-law", "no-store", "too-slow", "busy")


@router.post(
    DECISION,
    operation_id="query_decision",
    summary="The decision on `input`, as OPA would answer",
    responses={**answers("The decision as `result`", "OpaDecision"), **problems(*REFUSED)},
    openapi_extra=shape.OPA,
)
async def decision(request: Request) -> Response:
    """`data.gate.decision`."""
    return response_of(await Querying(service_of(request)).decision(caller_of(request), request.scope, request.receive))


@router.post(
    ALLOW,
    operation_id="query_allow",
    summary="Whether `input` is allowed, as OPA would answer",
    responses={**answers("true or false as `result`", "OpaAllow"), **problems(*REFUSED)},
    openapi_extra=shape.OPA,
)
async def allow(request: Request) -> Response:
    """`data.gate.allow`."""
    return response_of(await Querying(service_of(request)).allow(caller_of(request), request.scope, request.receive))
