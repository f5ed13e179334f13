"""What goes wrong, as problem documents (RFC 9457): what, where in the document, and what to do. Never a verdict."""

from collections.abc import Mapping
from typing import Any

import msgspec

from gate.errors import Erased, Forbidden, GateError, IssuerError, LawError, Overtaken, ReadError, StoreError, Unknown
from gate.store import Conflict

MEDIA_TYPE = "application/problem+json"
TYPE = "urn:x-procurement-gate:problem:"

PROBLEMS = {
    "malformed": (400, "The request is malformed"),
    "unreadable": (400, "The document is refused"),
    "unauthenticated": (401, "Nobody knows who asks"),
    "forbidden": (403, "Whoever asks may not do that"),
    "unknown": (404, "There is no such thing"),
    "method": (405, "That cannot be done here"),
    "unacceptable": (406, "No report of that kind"),
    "too-late": (408, "The body did not come in time"),
    "conflict": (409, "Its state does not allow that"),
    "gone": (410, "It was erased"),
    "too-large": (413, "A limit is exceeded"),
    "media-type": (415, "Documents of that type are not read"),
    "usage": (422, "The question cannot be asked like this"),
    "reused-key": (422, "The idempotency key was used for another request"),
    "too-often": (429, "Too many requests"),
    "internal": (500, "An internal error; there is no verdict"),
    "no-law": (503, "The law cannot be used; there is no verdict"),
    "too-slow": (503, "It took too long; there is no verdict"),
    "no-store": (503, "The store cannot be used"),
    "no-issuer": (503, "The identity provider cannot be used; nobody knows who asks"),
    "busy": (503, "Not now: ask again"),
}
"""Last part of a problem's type -> HTTP status and title."""

KINDS: dict[type[Exception], str] = {
    ReadError: "unreadable",
    Unknown: "unknown",
    Forbidden: "forbidden",
    Overtaken: "conflict",
    Erased: "gone",
    Conflict: "reused-key",
    GateError: "usage",
}
"""What the engine and the store refuse -> the problem that it is. The nearest kind counts."""


LATER = {"Retry-After": "2"}
"""What is so now is expected to pass."""


class Problem(Exception):
    """An answer other than the one asked for. `headers` go with it."""

    def __init__(
        self, kind: str, detail: str, *, headers: Mapping[str, str] | None = None, **more: str | int | None
    ) -> None:
        self.kind = kind
        self.status, self.title = PROBLEMS[kind]
        self.detail = detail
        self.headers = dict(headers or {})
        self.more = {name: value for name, value in more.items() if value is not None}
        super().__init__(detail)

    def body(self, request_id: str) -> bytes:
        """The document. The request's id finds it again in the log."""
        found: dict[str, Any] = {
            "type": TYPE + self.kind,
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            **self.more,
            "request_id": request_id,
        }
        return msgspec.json.encode(found)


def problem_of(error: GateError) -> Problem:
    """What the engine refuses, in HTTP's terms. What only the operator can mend is told to the operator alone."""
    if isinstance(error, LawError):
        return Problem("no-law", "The law in force here has a fault, which the operator can see.")
    if isinstance(error, StoreError):
        return Problem("no-store", "The store has a fault, which the operator can see.")
    if isinstance(error, IssuerError):
        return Problem("no-issuer", "Who asks cannot be found out now. The operator can see why.", headers=LATER)
    return Problem(
        next(KINDS[kind] for kind in type(error).__mro__ if kind in KINDS),
        f"{error.what}.",
        document=error.file,
        line=error.line,
        pointer=error.pointer,
        remedy=error.remedy,
    )


def problem_for(error: Exception) -> Problem:
    """Any exception as a problem. What nobody foresaw is named by its kind alone; the log has the rest."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, GateError):
        return problem_of(error)
    return Problem("internal", f"Please report it with the request's id: {type(error).__name__}.")


def changing() -> Problem:
    """What was judged was overtaken each time."""
    return Problem("busy", "Waivers or keys keep changing.", headers=LATER)


def unsettled() -> Problem:
    """A change of what is kept is late."""
    return Problem(
        "no-store",
        "It was not stored in time. Whether it will be, nobody knows.",
        remedy="Look at what you asked to change, and ask again if it is as it was.",
    )


def unanswered() -> Problem:
    """A question to the store is late."""
    return Problem("no-store", "The store does not answer in time.")
