"""OpenID AuthZEN, Authorization API 1.0: any policy enforcement point can ask. `evaluation` says what means what.

https://openid.net/specs/authorization-api-1_0.html
"""

from datetime import UTC, datetime
from typing import Any

import msgspec
from fastapi import APIRouter, Request, Response

from gate.api.body import Receive, media_type_of, whole
from gate.api.evaluation import Access, Json, access_of, document
from gate.api.exchange import Answer, Caller, Scope
from gate.api.judge import Judged
from gate.api.openapi import shape
from gate.api.problem import Problem, problem_of
from gate.api.route import answers, caller_of, problems, response_of, service_of
from gate.api.service import Ask, Outcome, Service
from gate.errors import GateError, LawError, StoreError
from gate.guard.role import Role
from gate.read.twice import refuse_twice

router = APIRouter(tags=["AuthZEN"])

EVALUATION = "/access/v1/evaluation"
EVALUATIONS = "/access/v1/evaluations"

SEMANTICS = {"execute_all": None, "deny_on_first_deny": False, "permit_on_first_permit": True}
"""Evaluations semantic (section 7.1.2.1) -> the decision on which no further one is made."""

MOST = 200
"""Evaluations in one request."""


class Evaluating:
    """The two endpoints, as the edge calls the first."""

    def __init__(self, service: Service) -> None:
        self._service = service

    async def one(self, caller: Caller, _: Scope, receive: Receive) -> Answer:
        """One evaluation (section 6)."""
        caller.demand(Role.REQUESTER)
        body, size = await self._body(caller, receive)
        if body.get("evaluations"):
            raise Problem("malformed", "One evaluation is asked for here.", remedy=f"Send several to {EVALUATIONS}.")
        return Answer(msgspec.json.encode(await self._decided(caller, access_of(body), size)))

    async def many(self, caller: Caller, _: Scope, receive: Receive) -> Answer:
        """Several in one request (section 7); without any it is one.

        Each stands alone: it is stored by itself before the next is made, for an error in it denies nothing but itself
        (section 7.2.1), and the semantic may have the next one not made at all.
        """
        caller.demand(Role.REQUESTER)
        body, size = await self._body(caller, receive)
        given = body.get("evaluations")
        if given in (None, []):
            return Answer(msgspec.json.encode(await self._decided(caller, access_of(body), size)))
        if not isinstance(given, list):
            raise Problem("malformed", "evaluations is no list.")
        if len(given) > MOST:
            raise Problem("too-large", f"There are more than {MOST} evaluations.", limit=MOST)
        options = body.get("options")
        if not isinstance(options, dict | None):
            raise Problem("malformed", "options is no object.")
        semantic = (options or {}).get("evaluations_semantic", "execute_all")
        if not isinstance(semantic, str) or semantic not in SEMANTICS:
            raise Problem(
                "malformed",
                f"There is no semantic {str(semantic)[:40]!r}.",
                remedy=f"Known are {', '.join(SEMANTICS)}.",
            )
        defaults: Json = {name: body[name] for name in ("subject", "action", "resource", "context") if name in body}
        asked = [access_of(one, defaults) for one in given]  # a required part that lacks fails the whole request
        caller.charge(len(asked) - 1)  # the request itself was counted as one
        found: list[Json] = []
        for access in asked:
            found.append(await self._evaluated(caller, access, size))
            if found[-1]["decision"] is SEMANTICS[semantic]:
                break
        return Answer(msgspec.json.encode({"evaluations": found}))

    async def _body(self, caller: Caller, receive: Receive) -> tuple[Json, int]:
        """The body, and how many bytes it has."""
        if media_type_of(caller.headers)[0] != "application/json":
            raise Problem("media-type", "AuthZEN speaks application/json.")
        raw = await whole(receive, caller.headers, self._service.settings)
        return await self._service.by_size(len(raw), lambda: _object(raw)), len(raw)

    async def _evaluated(self, caller: Caller, access: Access, size: int) -> Json:
        """One of several: an error in it is a denial that says so (section 7.2.1), unless the service itself fails."""
        try:
            return await self._decided(caller, access, size)
        except (LawError, StoreError):
            raise
        except GateError as error:
            problem = problem_of(error)
        except Problem as caught:
            if caught.status >= 500:
                raise
            problem = caught
        return {"decision": False, "context": {"error": {"status": problem.status, "message": problem.detail}}}

    async def _decided(self, caller: Caller, access: Access, size: int) -> Json:
        service = self._service
        actor = caller.demand(Role.REQUESTER)
        kept = (lambda _: None) if service.store is None else service.store.blobs.data
        now = datetime.now(UTC)

        def made() -> Any:
            return document(access, now, kept)

        part, asked = (
            await service.on_side(made) if access.resource.type == "sbom" else await service.by_size(size, made)
        )
        # The document is the gate's own making, so the body's headers say nothing about it.
        inner = caller.about_json()
        [one] = await service.decide(Ask(part.data, inner, actor, asked))
        return _decision(one)


def _object(raw: bytes) -> Json:
    refuse_twice(raw, "body")
    try:
        body: Json = msgspec.json.decode(raw, type=dict[str, Any])
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise Problem("malformed", f"The body is no JSON object: {str(error)[:200]}.") from None
    return body


def _decision(kept: Outcome) -> Json:
    """Allow is true; a deny, also one that only needs a review, is false. Reasons are context (section 5.5.1)."""
    assert isinstance(kept.judged, Judged)  # noqa: S101 - without an idempotency key every one is judged
    one = kept.judged.record
    decision = one.decision
    return {
        "decision": decision.decision == "allow",
        "context": {
            "id": one.id,
            "review": decision.review,
            "as_of": decision.as_of,
            "law": decision.policy.digest,
            "reasons": [
                {
                    "code": reason.code,
                    "effect": reason.effect,
                    "message": reason.message,
                    "vendor": reason.vendor.id if reason.vendor else None,
                    "missing": reason.missing,
                    "citation": [citation.text for citation in reason.citation],
                    "remedy": reason.remedy,
                }
                for reason in decision.reasons
            ],
        },
    }


REFUSED = ("malformed", "unreadable", "too-large", "media-type", "usage", "no-law", "no-store", "too-slow", "busy")


@router.post(
    EVALUATION,
    operation_id="evaluate",
    summary="One access evaluation",
    responses={**answers("The decision", "AccessDecision"), **problems(*REFUSED)},
    openapi_extra=shape.ACCESS,
)
async def evaluation(request: Request) -> Response:
    """OpenID AuthZEN 1.0, section 6."""
    return response_of(await Evaluating(service_of(request)).one(caller_of(request), request.scope, request.receive))


@router.post(
    EVALUATIONS,
    operation_id="evaluate_many",
    summary="Several access evaluations in one request",
    responses={**answers("The decisions, in the same order", "AccessDecisions"), **problems(*REFUSED)},
    openapi_extra=shape.ACCESSES,
)
async def evaluations(request: Request) -> Response:
    """OpenID AuthZEN 1.0, section 7."""
    return response_of(await Evaluating(service_of(request)).many(caller_of(request), request.scope, request.receive))


@router.get(
    "/.well-known/authzen-configuration",
    operation_id="get_authzen_configuration",
    summary="Where the endpoints are",
    responses={**answers("The metadata", "AuthzenConfiguration"), **problems(guarded=False)},
)
async def configuration(request: Request) -> Response:
    """OpenID AuthZEN 1.0, section 9. The address is GATE_PUBLIC_URL, or as the request was addressed."""
    base = service_of(request).settings.public_url or f"{request.url.scheme}://{request.url.netloc}"
    base = base.rstrip("/")
    body = {
        "policy_decision_point": base,
        "access_evaluation_endpoint": base + EVALUATION,
        "access_evaluations_endpoint": base + EVALUATIONS,
    }
    return response_of(Answer(msgspec.json.encode(body)))
