"""Messages on their way out and in: the outbox, its dead letters, and the ids of webhooks that were seen."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import Row, Update, bindparam, delete, func, select, text, update

from gate.errors import Unknown
from gate.store.bulk import insert
from gate.store.engine import Database
from gate.store.entry import Delivery
from gate.store.tables import Instant, outbox, seen

STATES = {
    "waiting": "it is due at some time",
    "sent": "it arrived",
    "dead": "it was given up, and waits for a person",
    "withdrawn": "another took its place before it arrived",
}
"""State of a letter -> what it means."""


class Letter(msgspec.Struct, frozen=True):
    """A message in the outbox."""

    id: str
    kind: str
    url: str
    body: bytes
    headers: dict[str, str]
    state: str  # of STATES
    attempts: int  # that were begun
    next_at: datetime
    created_at: datetime
    last_error: str | None


class Outbox:
    """Messages that are sent until they arrive. Several processes may empty it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, deliveries: Iterable[Delivery], at: datetime) -> None:
        """Add messages; one whose id is there already is left as it is. (Those of an Entry are added with it.)"""
        with self._database.writing() as connection:
            insert(connection, {outbox: [row(one, at) for one in deliveries]})

    def claim(self, at: datetime, lease: timedelta, *, limit: int = 20) -> list[Letter]:
        """Messages that are due, this caller's alone until `at` + `lease`; each claim is an attempt."""
        due = (
            select(outbox.c.id)
            .where(outbox.c.state == "waiting", outbox.c.next_at <= at)
            .order_by(outbox.c.next_at)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        claimed = (
            update(outbox)
            .where(outbox.c.id.in_(due))
            .values(next_at=at + lease, attempts=outbox.c.attempts + 1)
            .returning(*outbox.c)
        )
        with self._database.writing() as connection:
            return sorted(map(_letter, connection.execute(claimed)), key=lambda letter: (letter.created_at, letter.id))

    def sent(self, id: str, at: datetime) -> None:  # noqa: A002 - it is the message's `id`
        """It arrived."""
        self._do(update(outbox).where(outbox.c.id == id).values(state="sent", next_at=at, last_error=None))

    def failed(self, id: str, error: str, next_at: datetime) -> None:  # noqa: A002
        """It did not arrive, and is due again at `next_at`."""
        self._do(update(outbox).where(outbox.c.id == id).values(next_at=next_at, last_error=error[:500]))

    def dead(self, id: str, error: str, at: datetime) -> None:  # noqa: A002
        """It is given up, and kept for a person."""
        self._do(update(outbox).where(outbox.c.id == id).values(state="dead", next_at=at, last_error=error[:500]))

    def revive(self, id: str, at: datetime) -> None:  # noqa: A002
        """A dead one is tried anew. Raises Unknown for one that is not dead."""
        is_dead = (outbox.c.id == id) & (outbox.c.state == "dead")
        if not self._do(update(outbox).where(is_dead).values(state="waiting", next_at=at, attempts=0)):
            raise Unknown(f"There is no dead message {id[:80]!r}")

    def all(self, state: str | None = None) -> list[Letter]:
        """Messages, oldest first."""
        query = select(outbox).order_by(outbox.c.created_at, outbox.c.id)
        if state is not None:
            query = query.where(outbox.c.state == state)
        with self._database.reading() as connection:
            return [_letter(row) for row in connection.execute(query)]

    def newest(self, beginning: str) -> Letter | None:
        """Of the messages whose id begins so, the one that came last."""
        begins = (outbox.c.id >= beginning) & (outbox.c.id < f"{beginning}\x7f")
        query = select(outbox).where(begins).order_by(outbox.c.created_at.desc(), outbox.c.id).limit(1)
        with self._database.reading() as connection:
            row = connection.execute(query).first()
        return None if row is None else _letter(row)

    def withdraw(self, id: str, at: datetime) -> None:  # noqa: A002
        """Take it back, unless it has arrived. If it is on its way, it may still arrive."""
        unsent = (outbox.c.id == id) & outbox.c.state.in_(("waiting", "dead"))
        self._do(update(outbox).where(unsent).values(state="withdrawn", next_at=at))

    def counted(self) -> dict[str, int]:
        """State -> how many."""
        with self._database.reading() as connection:
            found = connection.execute(
                select(outbox.c.state, func.count().label("number")).group_by(outbox.c.state)
            ).all()
        return dict.fromkeys(STATES, 0) | {one.state: one.number for one in found}

    def _do(self, change: Update) -> int:
        with self._database.writing() as connection:
            return connection.execute(change).rowcount


def row(one: Delivery, at: datetime) -> tuple[Any, ...]:
    """A message as a row of the table, due at once."""
    return (one.id, one.kind, one.url, one.body, msgspec.json.encode(one.headers), "waiting", 0, at, at, None)


def _letter(found: Row[Any]) -> Letter:
    fields = {name: getattr(found, name) for name in Letter.__struct_fields__}
    return Letter(**{**fields, "headers": msgspec.json.decode(found.headers, type=dict[str, str])})


# One statement, so that of two processes that get the same webhook one alone finds it new.
_NOTE = text(
    "INSERT INTO seen (id, expires_at) VALUES (:id, :expires) ON CONFLICT (id) DO UPDATE "
    "SET expires_at = excluded.expires_at WHERE seen.expires_at <= :at"
).bindparams(bindparam("expires", type_=Instant()), bindparam("at", type_=Instant()))


class Seen:
    """The ids of inbound webhooks, so that a replayed one is known."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def is_new(self, id: str, at: datetime, until: datetime) -> bool:  # noqa: A002
        """Note the id until then; False if it was noted before and that time is not over at `at`. One caller wins."""
        with self._database.writing() as connection:
            return connection.execute(_NOTE, {"id": id, "expires": until, "at": at}).rowcount == 1

    def forget(self, id: str) -> None:  # noqa: A002
        """Its handling failed before anything was stored, so that the sender may try again."""
        with self._database.writing() as connection:
            connection.execute(delete(seen).where(seen.c.id == id))
