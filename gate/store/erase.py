"""Erasing what need not be kept: personal fields and inputs. The chain stays whole, and says what was erased."""

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import Connection, Select, delete, exists, or_, select, text, update

from gate.errors import Unknown
from gate.store import tables
from gate.store.blobs import OWN
from gate.store.chain import Chain
from gate.store.engine import Database
from gate.store.entry import Entry, Who, event
from gate.store.pack import unpacked
from gate.store.tables import records

TOGETHER = 1000
"""Entries or inputs in one transaction, while which nobody else appends."""

FORGET = timedelta(days=30)
"""How long an idempotency key, or a message that was sent, is kept once `retain` runs."""

_ID = re.compile(rb"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")

NOBODY = "(erased)"
"""In the table of waivers, for who asked for one; while it waits for its approver, it has to be known who asked."""


class Erasure(msgspec.Struct):
    """How much was erased; a dry run says how much would be."""

    entries: int = 0  # whose personal fields are gone
    inputs: int = 0  # whose bytes are gone


def entries_of(database: Database, actor: str) -> list[str]:
    """The ids of the entries that somebody asked for, and that still say so."""
    table = tables.personal
    query = select(records.c.id).join_from(table, records, records.c.seq == table.c.seq).where(table.c.actor == actor)
    with database.reading() as connection:
        return list(connection.execute(query.order_by(table.c.seq)).scalars())


def erase(chain: Chain, ids: Iterable[str], reason: str, who: Who, at: datetime) -> Erasure:
    """Erase the personal fields of entries, and those of their inputs that no other entry needs.

    Raises Unknown for an id that does not exist. What is erased cannot be replayed, and verifies all the same.
    """
    done = Erasure()
    wanted = list(dict.fromkeys(ids))
    _refuse_unknown(chain.database, wanted)
    for some in (wanted[n : n + TOGETHER] for n in range(0, len(wanted), TOGETHER)):
        with chain.database.writing() as connection:
            chain.lock(connection)
            found = [row.seq for row in connection.execute(_numbers(some))]
            seqs = _with_fields(connection, found)
            inputs = _needed_by_no_other(connection, found)
            _erase(connection, chain, seqs, inputs, event("erasure", at, _said(seqs, inputs, reason), who), at)
        done.entries += len(seqs)
        done.inputs += len(inputs)
    _scrub(chain.database)
    return done


def retain(
    chain: Chain,
    who: Who,
    at: datetime,
    *,
    inputs_before: datetime | None = None,
    personal_before: datetime | None = None,
    dry_run: bool = False,
) -> Erasure:
    """Erase what is older than it is kept: inputs that no later decision and no watched purchase needs, and personal
    fields. Messages that were sent, idempotency keys and the ids of webhooks go too, once they are of no use.
    """
    done = Erasure()
    while True:
        with chain.database.writing() as connection:
            chain.lock(connection)
            limit = None if dry_run else TOGETHER
            inputs = [] if inputs_before is None else _old_inputs(connection, inputs_before, limit)
            seqs = [] if personal_before is None else _old_entries(connection, personal_before, limit)
            done.entries += len(seqs)
            done.inputs += len(inputs)
            if not dry_run and (seqs or inputs):
                said = _said(seqs, inputs, "kept long enough")
                _erase(connection, chain, seqs, inputs, event("retention", at, said, who), at)
            elif not dry_run:
                _forget(connection, at)
        if dry_run or not (seqs or inputs):
            break
    if not dry_run:
        _scrub(chain.database)
    return done


def _refuse_unknown(database: Database, ids: list[str]) -> None:
    """Before anything is erased: entries do not go away."""
    with database.reading() as connection:
        for some in (ids[n : n + TOGETHER] for n in range(0, len(ids), TOGETHER)):
            found = {row.id for row in connection.execute(_numbers(some))}
            missing = [name for name in some if name not in found]
            if missing:
                raise Unknown(f"There is no entry {missing[0][:80]!r}", remedy="Nothing of it was erased.")


def _said(seqs: list[int], inputs: list[str], reason: str) -> dict[str, object]:
    return {"entries": seqs, "inputs": inputs, "reason": reason}


def _numbers(ids: list[str]) -> Select[Any]:
    return select(records.c.seq, records.c.id).where(records.c.id.in_(ids))


def _with_fields(connection: Connection, seqs: list[int]) -> list[int]:
    table = tables.personal
    return list(connection.execute(select(table.c.seq).where(table.c.seq.in_(seqs)).order_by(table.c.seq)).scalars())


def _is_input() -> Select[Any]:
    """Blobs that are there and are documents: laws stay, and so do the waivers that decisions rest on."""
    blobs = tables.blobs
    return select(blobs.c.digest).where(blobs.c.data.is_not(None), blobs.c.media_type.not_in(OWN))


def _needed_by_no_other(connection: Connection, seqs: list[int]) -> list[str]:
    """The inputs of some entries that no other entry has, but for those whose fields are erased already."""
    mine, other = tables.mentions.alias("mine"), tables.mentions.alias("other")
    digest = tables.blobs.c.digest
    is_mine = exists().where(mine.c.what == "input", mine.c.word == digest, mine.c.seq.in_(seqs))
    is_needed = exists().where(
        other.c.what == "input",
        other.c.word == digest,
        other.c.seq.not_in(seqs),
        other.c.seq.in_(select(tables.personal.c.seq)),
    )
    return list(connection.execute(_is_input().where(is_mine, ~is_needed).order_by(digest)).scalars())


def _old_inputs(connection: Connection, before: datetime, limit: int | None) -> list[str]:
    blobs, mentions, purchases = tables.blobs, tables.mentions, tables.purchases
    is_watched = records.c.id.in_(select(purchases.c.id).where(purchases.c.closed_at.is_(None)))
    is_needed = exists().where(
        mentions.c.what == "input",
        mentions.c.word == blobs.c.digest,
        records.c.seq == mentions.c.seq,
        or_(records.c.at >= before, is_watched),
    )
    old = _is_input().where(blobs.c.stored_at < before, ~is_needed).order_by(blobs.c.digest).limit(limit)
    return list(connection.execute(old).scalars())


def _old_entries(connection: Connection, before: datetime, limit: int | None) -> list[int]:
    table = tables.personal
    joined = select(table.c.seq).join_from(table, records, records.c.seq == table.c.seq)
    return list(connection.execute(joined.where(records.c.at < before).order_by(table.c.seq).limit(limit)).scalars())


def _erase(
    connection: Connection, chain: Chain, seqs: list[int], inputs: list[str], entry: Entry, at: datetime
) -> None:
    chain.event(connection, entry)
    connection.execute(delete(tables.personal).where(tables.personal.c.seq.in_(seqs)))
    connection.execute(delete(tables.idempotency).where(tables.idempotency.c.seq.in_(seqs)))
    asked = select(records.c.record).where(records.c.seq.in_(seqs), records.c.kind == "waiver")
    said = [msgspec.json.decode(unpacked(record))["body"] for record in connection.execute(asked).scalars()]
    waivers, requested = tables.waivers, [one["id"] for one in said if one["state"] == "requested"]
    is_settled = waivers.c.id.in_(requested) & (waivers.c.state != "requested")
    connection.execute(update(waivers).where(is_settled).values(requester=NOBODY))
    _erase_told(connection, set(connection.execute(select(records.c.id).where(records.c.seq.in_(seqs))).scalars()))
    blobs = tables.blobs
    connection.execute(update(blobs).where(blobs.c.digest.in_(inputs)).values(data=None, erased_at=at))


def _erase_told(connection: Connection, ids: set[str]) -> None:
    """What else quotes entries: messages, sent or not, and the list of what was bought."""
    if not ids:
        return
    purchases, outbox = tables.purchases, tables.outbox
    connection.execute(update(purchases).where(purchases.c.id.in_(ids)).values(subject=purchases.c.id))
    rows = connection.execute(select(outbox.c.id, outbox.c.body).execution_options(yield_per=100))
    about = [name for name, body in rows if not ids.isdisjoint(one.decode() for one in _ID.findall(body))]
    connection.execute(delete(outbox).where(outbox.c.id.in_(about)))


def _forget(connection: Connection, at: datetime) -> None:
    outbox, keys, seen = tables.outbox, tables.idempotency, tables.seen
    is_over = outbox.c.state.in_(("sent", "withdrawn", "dead"))
    connection.execute(delete(outbox).where(is_over, outbox.c.next_at < at - FORGET))
    connection.execute(delete(keys).where(keys.c.stored_at < at - FORGET))
    connection.execute(delete(seen).where(seen.c.expires_at < at))


def _scrub(database: Database) -> None:
    """Take what was erased off the disk, as far as the database can: free pages, and the log of SQLite."""
    if database.is_postgres:
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM personal, blobs, idempotency, outbox"))
    else:
        with database.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
