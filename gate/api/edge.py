"""The outermost layer: who asks and how often, the request's id, the log, the metrics, and every fault as a problem.

One plain ASGI application around the routes. The busiest routes are called from here at once: what a router does for
each request takes longer than to decide on a small one.
"""

import logging
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

from fastapi import FastAPI

from gate.api.body import Receive, within_limits
from gate.api.exchange import CALLER, SECURITY, Answer, Caller, Scope, Send, answer_of
from gate.api.log import OUT
from gate.api.metrics import Metrics
from gate.api.pool import Pool
from gate.api.problem import LATER, Problem, problem_for
from gate.api.settings import Settings
from gate.api.telemetry import is_on, span
from gate.entropy import entropy
from gate.errors import GateError, IssuerError, LawError, StoreError
from gate.guard.guard import Guard, is_from_here
from gate.guard.rate import Rate
from gate.guard.role import OPEN, Actor

log = logging.getLogger("gate.request")

Handler = Callable[[Caller, Scope, Receive], Awaitable[Answer]]

UNGUARDED = frozenset({"/healthz", "/readyz", "/health", "/.well-known/authzen-configuration", "/openapi.json"})
"""Paths that say nothing about anybody: probes, metadata, the description of the interface."""

SIGNED = "/v1/hooks/"
"""Paths below which the message itself is signed."""

ONCE = frozenset(
    {b"authorization", b"x-api-key", b"host", b"origin", b"idempotency-key"}
    | {b"content-type", b"content-encoding", b"content-length"}
)
"""Header fields that say one thing: of two, a proxy may have looked at the other (RFC 9110, section 5.3)."""

LONGEST_ID = 128

MOST_UNKNOWN = 1024
"""Requests of one process of which a key or token is being looked up."""


class Edge:
    """The application that the server runs."""

    def __init__(self, routes: FastAPI, guard: Guard, rate: Rate, metrics: Metrics, settings: Settings) -> None:
        self.routes = routes
        self._settings = settings
        self._guard = guard
        self._rate = rate
        self._metrics = metrics
        # Two: whoever shows a key does not wait for the identity provider.
        self._by_key, self._by_token = (_asking(name, settings) for name in ("key", "token"))
        # Method and path -> what answers. Each is among the routes too, which call the same and describe it (OpenAPI).
        self.busiest: dict[tuple[str, str], Handler] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "lifespan":
            await self.routes(scope, receive, send)
            self._by_key.close()
            self._by_token.close()
        elif scope["type"] == "http":  # nothing here speaks over WebSockets
            await self._answered(scope, receive, send)

    async def _answered(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = time.perf_counter()
        headers: dict[bytes, bytes] = dict(scope["headers"])
        caller = Caller(_request_id(headers), headers, None, self._rate)
        scope[CALLER] = caller
        own = [*SECURITY, (b"x-request-id", caller.request_id.encode("latin-1"))]
        status = 0

        async def sending(message: Any) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], *own]
            await send(message)

        try:
            if is_on():
                with span(f"{scope['method']} {_route(scope)}", headers):
                    await self._answer(caller, scope, receive, sending)
            else:
                await self._answer(caller, scope, receive, sending)
        except Exception as error:
            if not isinstance(error, (Problem, GateError)):
                log.exception("internal error", extra={"request_id": caller.request_id})
            elif isinstance(error, IssuerError):  # of which a silent one makes one for each token
                log.warning("no issuer", extra={"request_id": caller.request_id, "why": str(error)})
            elif isinstance(error, (LawError, StoreError)):
                log.exception("no verdict", extra={"request_id": caller.request_id, "why": str(error)})
            if not status:  # else the answer has begun, and the broken connection tells
                await answer_of(problem_for(error), caller.request_id).send(sending)
        finally:
            self._metrics.answered(scope["method"], status)
            _log_answered(caller, scope, status, time.perf_counter() - started)

    async def _answer(self, caller: Caller, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        if len(caller.headers) < len(scope["headers"]):
            _refuse_doubled(scope["headers"])
        if path not in UNGUARDED and not path.startswith(SIGNED):
            caller.revision = self._guard.revision  # read first: what changes from now on is seen when it matters
            caller.actor = await self._admitted(caller)
            caller.charge()
        receive = within_limits(receive, self._settings)
        handler = self.busiest.get((scope["method"], path))
        if handler is not None:
            await (await handler(caller, scope, receive)).send(send)
        else:
            await self.routes(scope, receive, send)

    async def _admitted(self, caller: Caller) -> Actor:
        now = datetime.now(UTC)
        actor = self._guard.quickly(caller.headers, now)
        if actor is None:
            pool = self._by_token if self._guard.asks_issuer(caller.headers) else self._by_key
            actor = await pool.run(partial(self._guard.slowly, caller.headers, now))
        if actor is None:
            raise Problem(
                "unauthenticated",
                "The request shows no key and no token that opens this service.",
                headers={"WWW-Authenticate": 'Bearer realm="gate"'},
                remedy="Send `Authorization: Bearer` with an API key, or with a token of the identity provider.",
            )
        if actor is OPEN and not is_from_here(caller.headers):
            raise Problem(
                "forbidden",
                "Without a guard the service answers to its loopback name alone, and to no other site's pages.",
                remedy="Make a key with `gate key create`, and serve anew.",
            )
        return actor


def _asking(name: str, settings: Settings) -> Pool:
    return Pool(
        2,
        name,
        MOST_UNKNOWN,
        settings.limit_seconds,
        busy="Many ask whom nobody has seen before.",
        late=lambda: Problem("busy", "Who asks could not be found out in time.", headers=LATER),
    )


def _log_answered(caller: Caller, scope: Scope, status: int, seconds: float) -> None:
    OUT.say(
        {
            "at": datetime.now(UTC),
            "level": "info",
            "logger": "gate.request",
            "message": "answered",
            "request_id": caller.request_id,
            "actor": caller.actor.id if caller.actor else None,
            "method": scope["method"],
            "path": scope["path"],
            "status": status,
            "ms": round(seconds * 1000, 2),
        }
    )


def _refuse_doubled(fields: list[tuple[bytes, bytes]]) -> None:
    names = [name for name, _ in fields if name in ONCE]
    for name in ONCE:
        if names.count(name) > 1:
            raise Problem("malformed", f"The header field {name.decode()} is given twice.", remedy="Send it once.")


def _request_id(headers: dict[bytes, bytes]) -> str:
    """The caller's own, if it is one that may stand in a log and a header; else a new one."""
    said = headers.get(b"x-request-id", b"").decode("latin-1")
    return said if 0 < len(said) <= LONGEST_ID and said.isascii() and said.isprintable() else entropy(16).hex()


def _route(scope: Scope) -> str:
    """The path without ids, so that spans of one route have one name."""
    return "/".join(part if len(part) < 24 else "{id}" for part in str(scope["path"]).split("/"))
