"""Probes and metrics: alive, ready to decide, and the numbers."""

from datetime import UTC, datetime

import msgspec
from fastapi import APIRouter, Request, Response

from gate.api.exchange import Answer
from gate.api.openapi import example
from gate.api.problem import Problem, problem_of
from gate.api.route import answers, caller_of, problems, response_of, service_of
from gate.errors import GateError, LawError
from gate.guard.role import Role

router = APIRouter(tags=["operation"])

PATIENCE = 2.0
"""Seconds that a probe waits for the store: whoever asks gives up soon."""

METRICS = "text/plain; version=0.0.4; charset=utf-8"


@router.get(
    "/healthz",
    operation_id="get_health",
    summary="Whether the process answers",
    responses={**answers("It does", "Health"), **problems(guarded=False)},
)
async def healthy() -> Response:
    """It says nothing about law and store: a restart would mend neither."""
    return response_of(Answer(b'{"status":"ok"}'))


@router.get("/health", include_in_schema=False)
async def healthy_to_opa_clients() -> Response:
    """Where clients of OPA look (https://www.openpolicyagent.org/docs/rest-api#health-api)."""
    return response_of(Answer(b"{}"))


@router.get(
    "/readyz",
    operation_id="get_readiness",
    summary="Whether the service can decide: store, law, age of the law",
    responses={
        **answers("It can", "Readiness"),
        503: {**answers("It cannot", "Readiness", example.UNABLE)[200]},
        **problems(guarded=False),
    },
)
async def ready(request: Request) -> Response:
    """A law whose newest files are refused still decides: it is told, and is no reason to send nobody here."""
    service = service_of(request)
    editions, edition, now = service.editions, service.editions.edition, datetime.now(UTC)
    checks: dict[str, dict[str, object]] = {"store": {"ok": True}, "law": {"ok": edition is not None}}
    if service.store is not None:
        store = service.store
        try:
            await service.on_side(store.ready, PATIENCE)
        except (GateError, Problem) as error:
            checks["store"] = _unable(error)
        if edition is not None and checks["store"]["ok"]:
            try:
                await service.on_side(lambda: store.waivers.in_force(edition.law, now), PATIENCE)
            except LawError as error:
                checks["waivers"] = {"ok": False, "why": str(error)}  # which waiver it is, and what to do
            except (GateError, Problem) as error:
                checks["waivers"] = _unable(error)
    if edition is not None:
        checks["law"] |= {
            "version": edition.law.version,
            "digest": edition.law.digest,
            "loaded_at": edition.loaded_at,
            "newest_refused": editions.fault is not None,
        }
        age = edition.age(now)
        checks["age"] = {"ok": age is not None and age <= service.settings.law_max_age, "days": age}
        if age is None:
            checks["age"]["why"] = f"The law's version is {edition.law.version!r} and no day, so nobody knows its age"
    is_ready = all(check["ok"] for check in checks.values())
    body = {"status": "ok" if is_ready else "unable", "checks": checks}
    return response_of(Answer(msgspec.json.encode(body), status=200 if is_ready else 503))


def _unable(error: GateError | Problem) -> dict[str, object]:
    """What is told of a fault of the store: anybody may ask, so not where it is."""
    return {"ok": False, "why": (problem_of(error) if isinstance(error, GateError) else error).detail}


@router.get(
    "/metrics",
    operation_id="get_metrics",
    summary="The numbers, for Prometheus",
    responses={
        **answers("Prometheus' text format", {"type": "string"}, example.METRICS, "text/plain"),
        **problems("no-store"),
    },
    response_class=Response,  # else the framework adds an application/json that is never sent
)
async def metrics(request: Request) -> Response:
    """All processes of this server added up. For operators."""
    caller_of(request).demand(Role.OPERATOR)
    service = service_of(request)
    now = datetime.now(UTC)
    return response_of(Answer(await service.on_side(lambda: service.metrics.page(now)), METRICS))


@router.post(
    "/v1/law/reload",
    operation_id="reload_law",
    summary="Look at the law's files now",
    responses={**answers("What serves now", "Reloaded"), **problems("no-law")},
)
async def reload(request: Request) -> Response:
    """Every process of this server looks. A law with a fault is refused, and the old one goes on.

    `current` of `processes` decide by the law of the answer: fewer, if one has not come to it within 15 seconds.
    """
    caller_of(request).demand(Role.OPERATOR)
    service = service_of(request)
    before = service.editions.edition
    current = await service.reload()
    edition = service.editions.in_force()
    body: dict[str, object] = {
        "changed": before is None or edition.law.digest != before.law.digest,
        "digest": edition.law.digest,
        "version": edition.law.version,
        "processes": service.settings.workers if service.siblings else 1,
        "current": current,
    }
    if service.editions.fault is not None:
        body["fault"] = service.editions.fault
    return response_of(Answer(msgspec.json.encode(body)))
