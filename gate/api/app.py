"""The application: settings in, ASGI out. `gate serve` runs it in each of its processes."""

import asyncio
import contextlib
import gc
import logging
import logging.config
import signal
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.routing import Match

from gate.api import authzen, decisions, health, hooks, law, opa, sboms, telemetry, waivers
from gate.api.authzen import Evaluating
from gate.api.decisions import Deciding
from gate.api.edge import Edge
from gate.api.edition import Editions
from gate.api.exchange import CALLER, Caller, answer_of
from gate.api.log import OUT, configuration
from gate.api.metrics import Metrics
from gate.api.opa import Querying
from gate.api.openapi import shape
from gate.api.problem import Problem, problem_for
from gate.api.route import response_of
from gate.api.service import Service
from gate.api.settings import Settings, from_environment
from gate.errors import GateError, StoreError, UsageError
from gate.guard.guard import Guard
from gate.guard.oidc import Tokens
from gate.guard.rate import Rate
from gate.law import Law
from gate.store import Store, open_store
from gate.version import VERSION
from gate.workflow.outbox import keep_emptying
from gate.workflow.settings import Arranged

log = logging.getLogger("gate.service")

ROUTERS = (
    *(decisions.router, hooks.router, sboms.router, law.router, waivers.router, authzen.router, opa.router),
    health.router,
)

REFRESH = 1.0
"""Seconds after which a waiver or key that another process changed counts here, where no decision shows it earlier."""

KINDS = {400: "malformed", 404: "unknown", 405: "method"}
"""Status of the routes' framework -> our problem."""

SAID = {
    "missing": "It is missing",
    "extra_forbidden": "Nothing of that name is known here",
    "json_invalid": "The body is no JSON",
    "model_attributes_type": "A JSON object is expected, with Content-Type: application/json",
}
"""What pydantic finds -> our words; the rest of its words stand as they are."""


def create(settings: Settings | None = None) -> Edge:
    """The application. Without settings those in the environment. Raises GateError if it cannot serve at all."""
    if settings is None:
        settings = from_environment()
        logging.config.dictConfig(configuration())
    demand_guarded(settings)
    telemetry.start()
    looked, editions = time.monotonic_ns(), _editions(settings)
    store = _store(settings)
    if store is not None:
        waivers = store.waivers
        editions.fits = lambda law: waivers.in_force(law, datetime.now(UTC))
    metrics = Metrics(editions, None if store is None else store.waivers.counted)
    service = Service(settings, editions, store, metrics)
    service.say(looked)
    plan = hooks.plan(None if editions.edition is None else editions.edition.law.profiles)
    routes = _routes(service, plan)
    keys = None if store is None else store.keys
    guard = Guard(is_open=not settings.guarded, keys=keys, tokens=_tokens(settings))
    service.guard = guard
    edge = Edge(routes, guard, Rate(settings.limit_rate), metrics, settings)
    evaluating, querying = Evaluating(service), Querying(service)
    edge.busiest = {
        ("POST", decisions.PATH): Deciding(service, plan),
        ("POST", authzen.EVALUATION): evaluating.one,
        ("POST", authzen.EVALUATIONS): evaluating.many,
        ("POST", opa.DECISION): querying.decision,
        ("POST", opa.ALLOW): querying.allow,
    }
    return edge


def demand_guarded(settings: Settings) -> None:
    """Raises UsageError for a service without a guard that others than this machine could reach."""
    if not settings.guarded and not settings.is_loopback:
        raise UsageError(
            f"Without keys or an identity provider the service does not listen on {settings.host}",
            remedy="Make a key with `gate key create`, or set GATE_OIDC_ISSUER and GATE_OIDC_AUDIENCE.",
        )
    if settings.oidc_issuer is not None and settings.oidc_audience is None:
        raise UsageError("GATE_OIDC_AUDIENCE is not set, so a token for any other service would do", remedy="Set it.")


def rehearse(settings: Settings) -> Law:
    """Do once what each process does at its start, so that what is refused is refused before there are any.

    Returns the law that will serve. Raises GateError.
    """
    demand_guarded(settings)
    law = _editions(settings).in_force().law
    if settings.profile is not None and settings.profile not in law.profiles:
        known = ", ".join(sorted(law.profiles))
        raise UsageError(f"There is no profile {settings.profile!r}", remedy=f"Known are {known}.")
    hooks.plan(law.profiles)
    _tokens(settings)
    store = _store(settings)
    if store is not None:
        store.close()
    return law


def _editions(settings: Settings) -> Editions:
    editions = Editions(settings.policy, settings.only_policy, settings.policy_key, settings.shared_folder)
    editions.refresh()
    return editions


def _store(settings: Settings) -> Store | None:
    if settings.database_url == "none":
        return None
    return open_store(settings.database_url, signer=settings.audit_key)


def _tokens(settings: Settings) -> Tokens | None:
    if settings.oidc_issuer is None or settings.oidc_audience is None:
        return None
    return Tokens(settings.oidc_issuer, settings.oidc_audience, settings.oidc_jwks_url, settings.oidc_roles_claim)


def _routes(service: Service, plan: Arranged | None) -> FastAPI:
    routes = FastAPI(
        title="procurement-gate",
        version=VERSION,
        lifespan=_lifespan,
        docs_url=None,  # their pages load scripts from elsewhere
        redoc_url=None,
        openapi_url="/openapi.json",
        redirect_slashes=False,
    )
    routes.state.service = service
    routes.state.plan = plan
    for router in ROUTERS:
        routes.include_router(router)
    routes.add_exception_handler(HTTPException, _refused)
    routes.add_exception_handler(RequestValidationError, _invalid)
    routes.add_exception_handler(Problem, _problem)
    routes.add_exception_handler(GateError, _problem)
    routes.add_exception_handler(Exception, _problem)  # the framework raises it again, and the edge logs it
    routes.openapi = lambda: openapi(routes)  # type: ignore[method-assign]  # as the framework's manual has it
    return routes


def openapi(routes: FastAPI) -> dict[str, Any]:
    """The description of the interface, OpenAPI 3.1: the routes', with the schemas of the structs they answer with."""
    if routes.openapi_schema is None:
        found = get_openapi(
            title=routes.title,
            version=routes.version,
            summary="May we buy this, may we ship this, and which law says no, from which day on?",
            description="Allow and deny are both HTTP 200. Every other status is no verdict, and never an allow.",
            license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
            routes=routes.routes,
        )
        found["components"].setdefault("schemas", {}).update(shape.components())
        found["components"]["examples"] = shape.examples()
        for name in ("HTTPValidationError", "ValidationError"):  # the framework's own; ours is Problem
            found["components"]["schemas"].pop(name, None)
        found["components"]["securitySchemes"] = {
            "bearer": {"type": "http", "scheme": "bearer", "description": "An API key, or a token of the issuer"},
            "key": {"type": "apiKey", "in": "header", "name": "X-Api-Key"},
        }
        found["security"] = [{"bearer": []}, {"key": []}]
        routes.openapi_schema = found
    return routes.openapi_schema


def _caller(request: Request) -> Caller:
    found: Caller = request.scope[CALLER]
    return found


async def _refused(request: Request, error: Exception) -> Response:
    """What the routes' framework refuses, as a problem."""
    if isinstance(error.__cause__, Problem):  # it was raised while the framework read the body
        return await _problem(request, error.__cause__)
    status = getattr(error, "status_code", 400)
    methods = ", ".join(_methods(request)) if status == 405 else ""
    headers = {"Allow": methods} if methods else getattr(error, "headers", None)
    is_body = KINDS.get(status, "malformed") == "malformed"
    what = "The body cannot be read as JSON." if is_body else "There is no such path, or not for this method."
    problem = Problem(KINDS.get(status, "malformed"), what, headers=headers)
    return response_of(answer_of(problem, _caller(request).request_id))


def _methods(request: Request) -> list[str]:
    """All that the path has: the framework knows those of the first route alone (RFC 9110, section 15.5.6)."""
    routes = (one for router in ROUTERS for one in router.routes if isinstance(one, APIRoute))
    here = (one.methods or () for one in routes if one.matches(request.scope)[0] is not Match.NONE)
    return sorted({name for methods in here for name in methods})


async def _problem(request: Request, error: Exception) -> Response:
    """What a route raised, as a problem."""
    return response_of(answer_of(problem_for(error), _caller(request).request_id))


async def _invalid(request: Request, error: Exception) -> Response:
    """The first parameter or field that does not fit, and where it is; never what it says."""
    assert isinstance(error, RequestValidationError)  # noqa: S101 - it is registered for these alone
    fault = error.errors()[0]
    where, *path = (str(part) for part in fault["loc"])
    kind = "malformed" if fault["type"] == "json_invalid" else "usage"
    is_within = where == "body" and kind == "usage"  # else the place is a number of letters
    pointer = "".join(f"/{part}" for part in path) if is_within else None
    name = f"{path[0]}: " if path and where != "body" else ""
    what = name + SAID.get(fault["type"], fault["msg"].removeprefix("Value error, ")) + "."
    return response_of(answer_of(Problem(kind, what, pointer=pointer), _caller(request).request_id))


@contextlib.asynccontextmanager
async def _lifespan(routes: FastAPI) -> AsyncIterator[None]:
    service: Service = routes.state.service
    if not service.settings.guarded:
        log.warning("NOT GUARDED: whoever reaches this address may ask anything, and act in every role")
    wake = asyncio.Event()
    loop = asyncio.get_running_loop()
    with contextlib.suppress(NotImplementedError, RuntimeError, ValueError):  # no signals there, or another thread
        loop.add_signal_handler(signal.SIGHUP, wake.set)
    tasks = [loop.create_task(_watch_law(service, wake)), loop.create_task(_write_log())]
    if service.store is not None:
        tasks.append(loop.create_task(_watch_store(service)))
        if routes.state.plan is not None:
            tasks.append(loop.create_task(keep_emptying(service.store, routes.state.plan)))
    gc.collect()
    gc.freeze()  # modules and law stay: to go through them again would hold up every answer for 30 ms
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await service.finish()
        await asyncio.to_thread(telemetry.finish)
        OUT.flush()


async def _watch_law(service: Service, wake: asyncio.Event) -> None:
    """Look at the law's files now and then, and when told."""
    editions = service.editions

    def look(anew: bool) -> None:
        looked = time.monotonic_ns()
        editions.refresh(anew=anew)
        service.say(looked)

    while True:
        told = True
        every = service.settings.reload_seconds or (REFRESH if editions.is_unsettled else None)
        try:
            async with asyncio.timeout(every):
                await wake.wait()
        except TimeoutError:
            told = False
        wake.clear()
        try:
            await asyncio.to_thread(look, told)
        except Exception:
            log.exception("the law could not be looked at")


async def _write_log() -> None:
    while True:
        await asyncio.sleep(REFRESH)
        OUT.flush()


async def _watch_store(service: Service) -> None:
    """Take in what other processes changed."""
    while True:
        try:
            await asyncio.to_thread(service.take_in)
        except StoreError as error:
            log.warning("the store does not answer", extra={"why": str(error)})
        await asyncio.sleep(REFRESH)
