"""Approved purchases, which are watched: a later law, or the end of a waiver, may forbid what was allowed."""

from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Row, Update, insert, or_, select, update

from gate.errors import Overtaken, Unknown
from gate.store.chain import Chain
from gate.store.decisions import Decisions
from gate.store.entry import Who, event
from gate.store.tables import as_said, purchases


class Purchase(msgspec.Struct, frozen=True):
    """A purchase that was allowed and approved."""

    id: str  # of the decision that allowed it
    subject: str
    ends: datetime | None  # the first instant after its term
    next_change: datetime | None  # from when on the last look said otherwise
    looked_at: datetime | None
    law: str | None  # the digest of the law of the last look
    announced: str | None  # what was announced last, and its number, so that it is announced once each time it comes
    approved_at: datetime
    closed_at: datetime | None = None


class Purchases:
    """The approved purchases of a store."""

    def __init__(self, chain: Chain, decisions: Decisions) -> None:
        self._chain = chain
        self._decisions = decisions

    def approve(
        self,
        id: str,  # noqa: A002 - the decision's
        ends: datetime | None,
        who: Who,
        at: datetime,
        *,
        reopens: bool = True,
    ) -> Purchase:
        """Watch the purchase of that decision from now on. Raises Unknown if there is none, Overtaken if it was denied.

        Approving it again changes nothing. `reopens`: one that was closed is watched again; else it stays closed.
        """
        body = msgspec.json.decode(self._decisions.named(id).body)
        if body["decision"] != "allow":
            raise Overtaken(f"Decision {id} is {body['decision']}", remedy="Only what was allowed is approved.")
        one = Purchase(id, body["subject"]["name"] or id, ends, None, None, None, None, at)
        with self._chain.database.writing() as connection:
            self._chain.lock(connection)
            row = connection.execute(select(purchases).where(purchases.c.id == id)).one_or_none()
            if row is not None and (row.closed_at is None or not reopens):
                return _purchase(row)
            said = {"id": id, "state": "watched", "ends": as_said(ends)}
            seq = self._chain.event(connection, event("approval", at, said, who))
            values = {**msgspec.structs.asdict(one), "seq": seq}
            again = update(purchases).where(purchases.c.id == id)  # it was closed, by mistake as it seems
            connection.execute((insert(purchases) if row is None else again).values(values))
        return one

    def one(self, id: str) -> Purchase | None:  # noqa: A002
        """The purchase of that decision."""
        with self._chain.database.reading() as connection:
            row = connection.execute(select(purchases).where(purchases.c.id == id)).one_or_none()
        return None if row is None else _purchase(row)

    def all(self, *, running_at: datetime | None = None) -> list[Purchase]:
        """Purchases that are watched, oldest first; those alone whose term is not over at an instant."""
        query = select(purchases).where(purchases.c.closed_at.is_(None)).order_by(purchases.c.approved_at)
        if running_at is not None:
            ends = purchases.c.ends
            query = query.where(or_(ends.is_(None), ends.op(">")(running_at)))
        with self._chain.database.reading() as connection:
            return [_purchase(row) for row in connection.execute(query)]

    def looked(
        self,
        id: str,  # noqa: A002
        at: datetime,
        law: str,
        next_change: datetime | None,
        announced: str | None,
    ) -> None:
        """Note what the last look found."""
        found = {"looked_at": at, "law": law, "next_change": next_change, "announced": announced}
        self._do(update(purchases).where(purchases.c.id == id).values(found))

    def close(self, id: str, who: Who, at: datetime) -> None:  # noqa: A002
        """It is watched no longer: returned, cancelled, or used up. Raises Unknown for one that is not watched."""
        with self._chain.database.writing() as connection:
            self._chain.lock(connection)
            is_open = (purchases.c.id == id) & purchases.c.closed_at.is_(None)
            row = connection.execute(select(purchases).where(is_open)).one_or_none()
            if row is None:
                raise Unknown(f"No purchase of decision {id[:80]!r} is watched")
            said = {"id": id, "state": "closed", "ends": as_said(row.ends)}
            seq = self._chain.event(connection, event("approval", at, said, who))
            connection.execute(update(purchases).where(is_open).values(closed_at=at, seq=seq))

    def _do(self, change: Update) -> None:
        with self._chain.database.writing() as connection:
            connection.execute(change)


def _purchase(row: Row[Any]) -> Purchase:
    return Purchase(**{name: getattr(row, name) for name in Purchase.__struct_fields__})
