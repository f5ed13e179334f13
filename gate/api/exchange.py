"""An answer on its way out, and what is known of a request while it is answered."""

import time
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from math import ceil
from typing import Any

import msgspec

from gate.api.problem import MEDIA_TYPE, Problem
from gate.guard.rate import Rate
from gate.guard.role import Actor, Role

Scope = MutableMapping[str, Any]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

CALLER = "gate"
"""Where a request's `Caller` stands in its ASGI scope."""

SECURITY = (
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"referrer-policy", b"no-referrer"),
    (b"strict-transport-security", b"max-age=31536000"),  # browsers heed it over TLS alone
    (b"x-content-type-options", b"nosniff"),
)
"""On every answer. A report in HTML has its style inside, and neither scripts nor pictures."""


class Caller(msgspec.Struct):
    """A request that is being answered."""

    request_id: str
    headers: Mapping[bytes, bytes]
    actor: Actor | None  # None on the paths that are open to everybody
    rate: Rate | None = None
    revision: int | None = None  # of the store, as of which the actor was let in

    def charge(self, count: int = 1) -> None:
        """Count so many questions of whoever asks. Raises Problem where they are too many."""
        if self.rate is None or self.actor is None or not count:
            return
        seconds = self.rate.wait(self.actor.id, time.monotonic(), count)
        if seconds:
            wait = str(ceil(seconds))
            raise Problem("too-often", f"Ask again in {wait} s.", headers={"Retry-After": wait})

    def demand(self, *roles: Role) -> Actor:
        """Who asks, if they have one of the roles. Raises Problem."""
        if self.actor is None:
            raise Problem("unauthenticated", "This path needs to know who asks.")
        if not self.actor.may(*roles):
            *others, last = (role.value for role in roles)
            words = f"{', '.join(others)} or {last}" if others else last
            raise Problem("forbidden", f"This takes the role {words}.")
        return self.actor

    def about_json(self) -> "Caller":
        """The same request, for a document that was taken out of its body."""
        shown = {name: self.headers[name] for name in (b"authorization", b"x-api-key") if name in self.headers}
        headers = {**shown, b"content-type": b"application/json"}
        return Caller(self.request_id, headers, self.actor, revision=self.revision)


class Answer(msgspec.Struct):
    """Status, headers and body."""

    body: bytes
    media_type: str = "application/json"
    status: int = 200
    headers: dict[str, str] = {}

    async def send(self, send: Send) -> None:
        """Send it whole."""
        headers = [
            (b"content-type", self.media_type.encode("latin-1")),
            (b"content-length", str(len(self.body)).encode()),
        ]
        if self.headers:
            headers += [(name.lower().encode(), value.encode("latin-1")) for name, value in self.headers.items()]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": self.body})


def answer_of(problem: Problem, request_id: str) -> Answer:
    """A problem as an answer."""
    return Answer(problem.body(request_id), MEDIA_TYPE, problem.status, problem.headers)
