"""Decisions as they are looked up: one by its id, many by what they are about, the earlier answer to a retry."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Row, Select, and_, func, or_, select

from gate.errors import Unknown
from gate.store import page, tables
from gate.store.chain import conflict
from gate.store.engine import Database
from gate.store.entry import subject_word
from gate.store.pack import unpacked
from gate.store.page import Page
from gate.store.personal import restore
from gate.store.tables import records


class Filter(msgspec.Struct, frozen=True):
    """Which decisions are looked for; None asks nothing. Times are half-open: `since` <= made < `before`."""

    vendor: str | None = None
    code: str | None = None  # of a reason; an instrument's id finds all its clauses
    verdict: str | None = None  # allow, deny
    outcome: str | None = None  # allow, deny, review
    subject: str | None = None  # the subject's name (PR-2024-0117) or its digest (sha256:…)
    since: datetime | None = None
    before: datetime | None = None
    actor: str | None = None  # who asked; what was erased nobody asked


class Summary(msgspec.Struct, frozen=True):
    """A decision in a list."""

    id: str
    seq: int
    at: datetime
    decision: str
    review: bool
    subject_kind: str
    subject: str | None  # None once erased: a file's name can hold an e-mail address
    subject_digest: str
    law: str  # the law's digest
    codes: tuple[str, ...]
    vendors: tuple[str, ...]


class Stored(msgspec.Struct, frozen=True):
    """A decision as it was answered."""

    id: str
    seq: int
    at: datetime
    body: bytes  # the wire object as JSON, byte for byte as it was made; erased personal fields are null in it
    digest: str  # of the decision, as in `body`
    name: str | None  # of the document, as it was read
    media_type: str
    document: str  # its digest: `store.blobs.data`
    attached: dict[str, str]  # path -> digest
    asking: dict[str, Any]  # how it was judged: clock, profile, roles, acts, times, digest of waivers and findings
    law: str  # reference: `store.laws.load`
    actor: str | None  # None once erased
    request: str | None
    labels: dict[str, str]
    erased: bool  # personal fields are gone


class Decisions:
    """The decisions of a store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def one(self, id: str) -> Stored | None:  # noqa: A002 - it is the decision's `id`
        """The decision of that id."""
        with self._database.reading() as connection:
            row = connection.execute(_whole().where(records.c.id == id)).one_or_none()
        return None if row is None else _stored(row)

    def named(self, id: str) -> Stored:  # noqa: A002
        """The same. Raises Unknown if there is none."""
        found = self.one(id)
        if found is None:
            raise Unknown(f"There is no decision {id[:80]!r}")
        return found

    def earlier(self, actor: str, idempotency_key: str, body_hash: str) -> Stored | None:
        """What was answered under that key before; None if it is new. Raises Conflict if the body was another."""
        table = tables.idempotency
        with self._database.reading() as connection:
            found = connection.execute(
                select(table.c.body_hash, table.c.id).where(table.c.actor == actor, table.c.key == idempotency_key)
            ).one_or_none()
        if found is None:
            return None
        if found.body_hash != body_hash:
            raise conflict()
        return self.one(found.id)

    def page(self, wanted: Filter, *, size: int = 50, token: str | None = None) -> Page[Summary]:
        """Decisions, newest first. Raises UsageError for a token that is not of this query."""
        page.demand_size(size)
        seq = records.c.seq if wanted.actor is None else tables.personal.c.seq  # as the index of who asked has it
        query = _whole().where(*_conditions(wanted)).order_by(seq.desc()).limit(size + 1)
        if token is not None:
            query = query.where(seq < page.place(token, wanted, page.Number))
        with self._database.reading() as connection:
            rows = connection.execute(query).all()
        found = tuple(map(_summary, rows[:size]))
        return Page(found, page.token(found[-1].seq, wanted) if len(rows) > size else None)

    def count(self, wanted: Filter) -> int:
        """How many there are."""
        with self._database.reading() as connection:
            joined = records.outerjoin(tables.personal, tables.personal.c.seq == records.c.seq)
            return connection.execute(select(func.count()).select_from(joined).where(*_conditions(wanted))).scalar_one()


def _whole() -> Select[Any]:
    joined = records.outerjoin(tables.personal, tables.personal.c.seq == records.c.seq)
    return (
        select(records.c.seq, records.c.id, records.c.at, records.c.record, tables.personal.c.fields)
        .select_from(joined)
        .where(records.c.kind == "decision")
    )


def _conditions(wanted: Filter) -> list[ColumnElement[bool]]:
    found = [records.c.kind == "decision"]
    if wanted.vendor is not None:
        found.append(_mentions("vendor", tables.mentions.c.word == wanted.vendor))
    if wanted.code is not None:
        word = tables.mentions.c.word
        within = and_(word >= f"{wanted.code}/", word < f"{wanted.code}0")  # "0" comes after "/"
        found.append(_mentions("code", or_(word == wanted.code, within)))
    if wanted.subject is not None and wanted.subject.startswith("sha256:"):
        found.append(_mentions("input", tables.mentions.c.word == wanted.subject))
    elif wanted.subject is not None:
        found.append(records.c.subject == subject_word(wanted.subject))
    if wanted.verdict is not None:
        denying = records.c.outcome.in_(("deny", "review"))
        found.append(denying if wanted.verdict == "deny" else records.c.outcome == wanted.verdict)
    if wanted.outcome is not None:
        found.append(records.c.outcome == wanted.outcome)
    if wanted.since is not None:
        found.append(records.c.at >= wanted.since)
    if wanted.before is not None:
        found.append(records.c.at < wanted.before)
    if wanted.actor is not None:
        found.append(tables.personal.c.actor == wanted.actor)
    return found


def _mentions(what: str, condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return records.c.seq.in_(select(tables.mentions.c.seq).where(tables.mentions.c.what == what, condition))


def contents(row: Row[Any]) -> tuple[dict[str, Any], dict[str, str] | None]:
    """The record of a row, personal fields back in their places, and these fields; None if they are erased."""
    record: dict[str, Any] = msgspec.json.decode(unpacked(row.record))
    fields = None if row.fields is None else msgspec.json.decode(row.fields, type=dict[str, str])
    restore(record, fields or {})
    return record, fields


def _stored(row: Row[Any]) -> Stored:
    record, fields = contents(row)
    return Stored(
        id=row.id,
        seq=row.seq,
        at=row.at,
        body=msgspec.json.encode(record["decision"]),
        digest=record["decision"]["digest"],
        name=record["document"]["name"],
        media_type=record["document"]["media_type"],
        document=record["document"]["digest"],
        attached=record["attached"],
        asking=record["asking"],
        law=record["law"],
        actor=(fields or {}).get("actor"),
        request=(fields or {}).get("request"),
        labels=record["labels"],
        erased=fields is None,
    )


def _summary(row: Row[Any]) -> Summary:
    said: Mapping[str, Any] = contents(row)[0]["decision"]
    vendors = (reason["vendor"]["id"] for reason in said["reasons"] if reason["vendor"])
    return Summary(
        id=row.id,
        seq=row.seq,
        at=row.at,
        decision=said["decision"],
        review=said["review"],
        subject_kind=said["subject"]["kind"],
        subject=said["subject"]["name"],
        subject_digest=said["subject"]["digest"],
        law=said["policy"]["digest"],
        codes=tuple(dict.fromkeys(reason["code"] for reason in said["reasons"])),
        vendors=tuple(dict.fromkeys(vendor for vendor in vendors if vendor)),
    )
