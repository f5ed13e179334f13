"""What is appended to the record: a decision with all it was made from, or another event of the service."""

from collections.abc import Mapping
from datetime import datetime

import msgspec

from gate.asking import Asking
from gate.errors import GateError
from gate.record import Record

KINDS = {
    "decision": "a subject was judged",
    "waiver": "a waiver was asked for, granted, rejected or revoked",
    "key": "an API key was made or revoked",
    "approval": "a purchase was approved, so that it is watched",
    "erasure": "personal fields were erased",
    "retention": "inputs older than the time they are kept were erased",
}
"""Kind of an entry -> what happened."""


class Document(msgspec.Struct, frozen=True):
    """What was judged: the exact bytes that came (unpacked), and the SBOMs that a request's lines name."""

    data: bytes
    name: str  # as it was given to `gate.read.read`
    media_type: str
    attached: dict[str, bytes] = {}  # path, as the request's line says it -> its bytes


class Who(msgspec.Struct, frozen=True):
    """Who asked. All of it can be erased later; the chain holds commitments."""

    actor: str  # "key:<id>", "oidc:<subject>", "cli:<user>"
    request: str = ""  # the request's id, as the logs have it
    idempotency_key: str | None = None
    body_hash: str = ""  # of method, path, parameters and body; the API decides of what


class Delivery(msgspec.Struct, frozen=True):
    """A message that is to be sent if and only if the entry is stored."""

    id: str
    kind: str
    url: str
    body: bytes
    headers: dict[str, str] = {}  # no secret may stand here: a signature is made when it is sent


class Entry(msgspec.Struct, frozen=True):
    """One record to be. Make it with `decided` or `event`."""

    id: str
    kind: str
    at: datetime  # UTC, from the caller's clock
    record: bytes  # canonical JSON, chained; personal fields are commitments in it
    salt: bytes
    personal: dict[str, str]  # the fields themselves
    blobs: dict[str, tuple[str, bytes]] = {}  # digest -> media type, bytes
    who: Who | None = None
    revision: int | None = None  # decided under waivers and keys as of it; refused with Outdated if they changed since
    deliveries: tuple[Delivery, ...] = ()


class Answered(msgspec.Struct, frozen=True):
    """An entry is stored durably: its place in the chain. `again`: an earlier one with the same idempotency key."""

    id: str
    seq: int
    again: bool = False


class Conflict(GateError):
    """The idempotency key was used before, with another body (HTTP 422)."""


class Outdated(GateError):
    """Waivers or keys changed while the entry was decided: read them again and decide again. Nothing was stored."""


def decided(
    record: Record,
    document: Document,
    asking: Asking,
    law: str,
    who: Who,
    *,
    revision: int | None = None,
    deliveries: tuple[Delivery, ...] = (),
    labels: Mapping[str, str] | None = None,
) -> Entry:
    """The entry for a decision. `law` is what `store.laws.put` gave for the law it was judged by.

    It compresses the document on the calling thread: a large one belongs on a worker thread, not the event loop's.
    `labels` are further facts to keep (trace id, source system); they are chained and never erased.
    """
    raise NotImplementedError


def event(kind: str, at: datetime, body: Mapping[str, object], who: Who) -> Entry:
    """The entry for an event of KINDS that is no decision. `body` holds no personal data: names belong into `who`."""
    raise NotImplementedError
