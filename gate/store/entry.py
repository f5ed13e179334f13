"""What is appended to the record: a decision with all it was made from, or another event of the service."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from gate.asking import Asking
from gate.digest import sha256
from gate.entropy import entropy
from gate.errors import GateError, UsageError
from gate.record import Record, identifier, wire
from gate.store import in_force
from gate.store.blobs import foreign
from gate.store.pack import packed
from gate.store.personal import commitments, findable, split

VERSION = 1
"""Of a record's form."""

KINDS = {
    "decision": "a subject was judged",
    "waiver": "a waiver was asked for, granted, rejected or revoked",
    "key": "an API key was made or revoked",
    "approval": "a purchase was approved, or its watch ended",
    "erasure": "personal fields were erased",
    "retention": "inputs older than the time they are kept were erased",
}
"""Kind of an entry -> what happened."""

LONGEST = 255
"""Letters of an actor's name and of an idempotency key."""

GUARDING = frozenset({"waiver", "key"})
"""Kinds that change how to decide, or for whom: they move the store's revision."""


class Document(msgspec.Struct, frozen=True):
    """What was judged: the exact bytes that came (unpacked), and the SBOMs that a request's lines name."""

    data: bytes
    name: str  # as it was given to `gate.read.read`
    media_type: str
    attached: dict[str, bytes] = {}  # path, as the request's line says it -> its bytes


class Who(msgspec.Struct, frozen=True):
    """Who asked. All of it can be erased later; the chain holds commitments."""

    actor: str  # "key:<id>", "oidc:<issuer>#<subject>", "hook:<name>", "cli:<user>"
    request: str = ""  # the request's id, as the logs have it
    idempotency_key: str | None = None
    body_hash: str = ""  # of method, path, parameters and body; the API decides of what
    revision: int | None = None  # of the store, as of which they may; Outdated if waivers or keys changed since


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
    record: bytes  # JSON; it is what is chained. Personal fields are commitments in it
    index: "Index"
    salt: bytes
    personal: dict[str, str]  # the fields themselves
    who: Who
    blobs: tuple["PackedBlob", ...] = ()
    deliveries: tuple[Delivery, ...] = ()


class PackedBlob(msgspec.Struct, frozen=True):
    """Bytes that go along with an entry, packed beforehand: nobody is to wait for that while the chain is locked."""

    digest: str
    media_type: str
    size: int
    data: bytes


class Index(msgspec.Struct, frozen=True):
    """By what a record is looked up. All of it is read from the record, so that it can be verified."""

    outcome: str | None = None
    subject: str | None = None
    mentions: frozenset[tuple[str, str]] = frozenset()  # vendor, code or input, and which


class Answered(msgspec.Struct, frozen=True):
    """An entry is stored durably: its place in the chain. `again`: an earlier one with the same idempotency key."""

    id: str
    seq: int
    again: bool = False


class Conflict(GateError):
    """The idempotency key was used before, with another body (HTTP 422)."""


class Outdated(GateError):
    """Waivers or keys changed since: read them anew, see whether that is still somebody who may, and do it again.

    Nothing was stored.
    """


def decided(
    record: Record,
    document: Document,
    asking: Asking,
    law: str,
    who: Who,
    *,
    deliveries: tuple[Delivery, ...] = (),
    labels: Mapping[str, str] | None = None,
) -> Entry:
    """The entry for a decision. `law` is what `store.laws.put` gave for the law it was judged by.

    It packs the document on the calling thread: a large one belongs on a worker thread, not on an event loop's.
    `labels` are further facts to keep (trace id, source system); they are chained and never erased.
    """
    blobs = {sha256(data): ("application/octet-stream", data) for data in document.attached.values()}
    main, media_type = sha256(document.data), foreign(document.media_type)
    blobs[main] = (media_type, document.data)
    body: dict[str, Any] = {
        "v": VERSION,
        "kind": "decision",
        "id": record.id,
        "at": msgspec.to_builtins(record.evaluated_at),
        "decision": wire(record),
        "document": {"name": document.name, "digest": main, "media_type": media_type},
        "attached": {path: sha256(data) for path, data in document.attached.items()},
        "asking": _asking(asking, blobs),
        "law": law,
        "labels": dict(labels or {}),
    }
    return _entry(body, record.evaluated_at, who, split(body, msgspec.json.encode(body)), blobs, deliveries)


def event(kind: str, at: datetime, body: Mapping[str, object], who: Who) -> Entry:
    """The entry for an event of KINDS that is no decision. `body` holds no personal data: names belong into `who`."""
    whole = {"v": VERSION, "kind": kind, "id": identifier(), "at": msgspec.to_builtins(at), "body": dict(body)}
    return _entry(whole, at, who, {}, {}, ())


def _entry(
    body: dict[str, Any],
    at: datetime,
    who: Who,
    personal: dict[str, str],
    blobs: dict[str, tuple[str, bytes]],
    deliveries: tuple[Delivery, ...],
) -> Entry:
    if max(len(who.actor), len(who.idempotency_key or "")) > LONGEST:
        raise UsageError(f"An idempotency key, or the name of who asks, has more than {LONGEST} letters")
    if "\0" in who.actor:  # PostgreSQL's text has none
        raise UsageError("The name of who asks has a NUL in it")
    personal["actor"] = who.actor
    if who.request:
        personal["request"] = who.request
    salt = entropy(32)
    body["personal"] = commitments(salt, personal)
    return Entry(
        id=body["id"],
        kind=body["kind"],
        at=at,
        record=msgspec.json.encode(body),
        index=index(body),
        salt=salt,
        personal=personal,
        who=who,
        blobs=tuple(PackedBlob(name, kind, len(data), packed(data)) for name, (kind, data) in blobs.items()),
        deliveries=deliveries,
    )


def index(record: Mapping[str, Any]) -> Index:
    """By what a record is looked up: a decision by its outcome, subject, vendors, codes and inputs."""
    if record["kind"] != "decision":
        return Index()
    said = record["decision"]
    mentions = {("code", reason["code"]) for reason in said["reasons"]}
    mentions |= {("vendor", one["vendor"]["id"]) for one in said["reasons"] if one["vendor"] and one["vendor"]["id"]}
    inputs = {record["document"]["digest"], said["subject"]["digest"], *record["attached"].values()}
    if record["asking"]["in_force"] is not None:
        inputs.add(record["asking"]["in_force"])
    outcome = "review" if said["decision"] == "deny" and said["review"] else said["decision"]
    return Index(
        outcome, subject_word(said["subject"]["name"]), frozenset(mentions | {("input", one) for one in inputs})
    )


def subject_word(name: str | None) -> str | None:
    """A subject's name as it is looked up: PostgreSQL's indices take no long ones."""
    return None if name is None else findable(name)[:200]


def _asking(asking: Asking, blobs: dict[str, tuple[str, bytes]]) -> dict[str, Any]:
    """How it was judged. Waivers and findings are a blob: they may be many, and are the same from one to the next."""
    digest_in_force = None
    if asking.waivers or asking.findings:
        data = in_force.encoded(asking.waivers, asking.findings)
        digest_in_force = sha256(data)
        blobs[digest_in_force] = (in_force.MEDIA_TYPE, data)
    return {
        "now": msgspec.to_builtins(asking.now),
        "profile": asking.profile.id if asking.profile else None,
        "roles": sorted(asking.roles),
        "acts": asking.acts,
        "as_of": msgspec.to_builtins(asking.as_of),
        "known_at": msgspec.to_builtins(asking.known_at),
        "allow_past": asking.allow_past,
        "on_review": asking.on_review,
        "in_force": digest_in_force,
    }
