"""Decisions as they are looked up: one by its id, many by what they are about, the earlier answer to a retry."""

from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from gate.store.engine import Database


class Filter(msgspec.Struct, frozen=True):
    """Which decisions are looked for; None asks nothing. Times are half-open: `since` <= made < `before`."""

    vendor: str | None = None
    code: str | None = None  # of a reason; an instrument's id finds all its clauses
    verdict: str | None = None  # allow, deny
    outcome: str | None = None  # allow, deny, review
    subject: str | None = None  # the subject's name (PR-2024-0117) or its digest (sha256:…)
    since: datetime | None = None
    before: datetime | None = None


class Summary(msgspec.Struct, frozen=True):
    """A decision in a list."""

    id: str
    seq: int
    at: datetime
    decision: str
    review: bool
    subject_kind: str
    subject: str
    subject_digest: str
    law: str  # the law's digest
    codes: tuple[str, ...]
    vendors: tuple[str, ...]


class Page(msgspec.Struct, frozen=True):
    """Newest first; `next` is the opaque token of the next page, None on the last."""

    decisions: tuple[Summary, ...]
    next: str | None


class Stored(msgspec.Struct, frozen=True):
    """A decision as it was answered."""

    id: str
    seq: int
    at: datetime
    body: bytes  # the wire object as JSON, byte for byte as it was made; erased personal fields are null in it
    digest: str  # of the decision, as in `body`
    media_type: str  # of the document
    document: str  # its digest: `store.blobs.data`
    attached: dict[str, str]  # path -> digest
    law: str
    actor: str | None  # None once erased
    labels: dict[str, str]
    erased: bool  # personal fields are gone


class Decisions:
    """The decisions of a store."""

    def __init__(self, database: "Database") -> None:
        self._database = database

    def one(self, id: str) -> Stored | None:  # noqa: A002 - it is the decision's `id`
        """The decision of that id."""
        raise NotImplementedError

    def earlier(self, actor: str, idempotency_key: str, body_hash: str) -> Stored | None:
        """What was answered under that key before; None if it is new. Raises Conflict if the body was another."""
        raise NotImplementedError

    def page(self, wanted: Filter, *, size: int = 50, token: str | None = None) -> Page:
        """Decisions, newest first. Raises UsageError for a token that is not of this query."""
        raise NotImplementedError

    def count(self, wanted: Filter) -> int:
        """How many there are."""
        raise NotImplementedError
