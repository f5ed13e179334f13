"""Waivers of the service: asked for by one person, granted by another, and each step an entry of the chain.

Who grants a waiver does so in an office: the name stands in the decisions it lifts, and is not erased.
"""

import unicodedata
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, func, insert, select, tuple_, update

from gate.asking import Waiver
from gate.errors import Forbidden, LawError, Overtaken, Unknown, UsageError
from gate.law import Law
from gate.record import identifier
from gate.store import page
from gate.store.chain import Chain
from gate.store.entry import Who, event
from gate.store.page import Page
from gate.store.permitted import compiled, demand_permitted, demand_subject, waiver_in
from gate.store.tables import api_keys, as_said, waivers
from policy.dates import instant, is_before

STATES = {
    "requested": "it waits for an approver",
    "granted": "it waives what its law lets it waive, while it runs",
    "rejected": "an approver refused it",
    "revoked": "it was taken back",
}
"""State -> what it means. Only a requested one is granted or rejected; requested and granted ones are revoked."""

_NOBODY = "nobody yet"

SOMEWHERE = timedelta(hours=12)
"""So much later than in UTC a day ends in the last place on earth."""


class Waived(msgspec.Struct, frozen=True):
    """A waiver as the service keeps it."""

    id: str
    state: str  # of STATES
    body: dict[str, Any]  # the fields of policy.model.Waiver but `id` and `approver`
    requester: str
    approver: str | None  # who granted or rejected it
    ends: datetime  # the first instant after it, in UTC (a day: its first instant in UTC)
    changed_at: datetime
    reason: str | None = None  # why it was rejected or revoked


class Waivers:
    """The waivers of a store. Methods that change one raise UsageError with what is not allowed, and why: Unknown if
    there is none, Forbidden where it takes somebody else, Overtaken where it is not in a state for that.
    """

    def __init__(self, chain: Chain) -> None:
        self._chain = chain
        self._kept: tuple[int, str, tuple[Waiver, ...]] | None = None

    def request(self, body: dict[str, Any], law: Law, who: Who, at: datetime) -> Waived:
        """Ask for a waiver: the fields of a waiver file but `approver` (`id` may be left out).

        Raises UsageError, also where its law does not permit it, or does not have what it names.
        """
        if "approver" in body:
            raise UsageError("Whoever asks for a waiver does not say who approves it", pointer="/approver")
        whole = {"id": identifier(), **body}
        asked = waiver_in({**whole, "approver": _NOBODY})
        demand_subject(asked)
        demand_permitted(asked, law)
        kept = msgspec.to_builtins({key: value for key, value in whole.items() if key != "id"})
        one = Waived(asked.id, "requested", kept, who.actor, None, instant(asked.ends, "UTC"), at)
        with self._chain.database.writing() as connection:
            self._chain.lock(connection)
            if _row(connection, one.id) is not None:
                raise Overtaken(f"There is a waiver {one.id!r} already", remedy="Leave the id out to get a new one.")
            seq = self._note(connection, one, who)
            connection.execute(insert(waivers).values({**_values(one), "seq": seq}))
        self._chain.saw(seq)
        return one

    def approve(self, id: str, law: Law, who: Who, at: datetime) -> Waived:  # noqa: A002 - it is the waiver's `id`
        """Grant it. The approver is not the requester. Raises what `request` raises: the law may have changed."""
        return self._change(id, "granted", None, who, at, law)

    def reject(self, id: str, reason: str, who: Who, at: datetime) -> Waived:  # noqa: A002
        """Refuse it."""
        return self._change(id, "rejected", reason, who, at)

    def revoke(self, id: str, reason: str, who: Who, at: datetime) -> Waived:  # noqa: A002
        """Take it back, granted or not. From then on it waives nothing."""
        return self._change(id, "revoked", reason, who, at)

    def one(self, id: str) -> Waived | None:  # noqa: A002
        """The waiver of that id."""
        with self._chain.database.reading() as connection:
            row = _row(connection, id)
        return None if row is None else waived(row)

    def named(self, id: str) -> Waived:  # noqa: A002
        """The same. Raises Unknown if there is none."""
        found = self.one(id)
        if found is None:
            raise _unknown(id)
        return found

    def page(
        self,
        *,
        state: str | None = None,
        ends_before: datetime | None = None,
        ends_after: datetime | None = None,
        size: int = 50,
        token: str | None = None,
    ) -> Page[Waived]:
        """Waivers, those first that end first; the times with state "granted" list the expiring ones.

        Raises UsageError for a token that is not of this query, whatever the times are: they move with the clock.
        """
        page.demand_size(size)
        query = select(waivers).order_by(waivers.c.ends, waivers.c.id).limit(size + 1)
        if state is not None:
            query = query.where(waivers.c.state == state)
        if ends_before is not None:
            query = query.where(waivers.c.ends.op("<")(ends_before))
        if ends_after is not None:
            query = query.where(waivers.c.ends.op(">")(ends_after))
        asked = ("waivers", state)
        if token is not None:
            last = select(waivers.c.ends, waivers.c.id).where(waivers.c.id == page.place(token, asked, page.Word))
            query = query.where(tuple_(waivers.c.ends, waivers.c.id).op(">")(last.scalar_subquery()))
        with self._chain.database.reading() as connection:
            rows = connection.execute(query).all()
        found = tuple(map(waived, rows[:size]))
        return Page(found, page.token(found[-1].id, asked) if len(rows) > size else None)

    def granted(self) -> list[Waived]:
        """All that were granted, and not taken back; over or not."""
        with self._chain.database.reading() as connection:
            return [waived(row) for row in connection.execute(select(waivers).where(waivers.c.state == "granted"))]

    def known(self, law: Law) -> tuple[Waiver, ...] | None:
        """Those in force, if they are known as of `store.revision`: no query."""
        kept = self._kept
        return kept[2] if kept is not None and kept[:2] == (self._chain.revision, law.digest) else None

    def in_force(self, law: Law, at: datetime) -> tuple[Waiver, ...]:
        """The granted ones for `check`, kept in memory until `store.revision` moves; check sees which have ended.

        One that names what this law does not have raises LawError, for nothing is waived by guessing; unless it is over
        at that time, and would waive nothing anyhow.
        """
        revision = self._chain.revision  # read before the waivers: if they move in between, the entry is refused
        kept = self._kept
        if kept is None or kept[:2] != (revision, law.digest):
            kept = self._kept = (revision, law.digest, tuple(self._usable(law, at)))
        return kept[2]

    def _usable(self, law: Law, at: datetime) -> Iterator[Waiver]:
        for one in self.granted():
            try:
                yield compiled(waiver_in({**one.body, "id": one.id, "approver": one.approver}), law)
            except LawError as error:
                if not is_before(one.ends + SOMEWHERE, at):
                    raise LawError(error.what, remedy="Revoke the waiver, or serve a law that has it.") from error

    def counted(self) -> dict[str, int]:
        """State -> how many."""
        with self._chain.database.reading() as connection:
            found = connection.execute(
                select(waivers.c.state, func.count().label("number")).group_by(waivers.c.state)
            ).all()
        return dict.fromkeys(STATES, 0) | {one.state: one.number for one in found}

    def _change(
        self, name: str, state: str, reason: str | None, who: Who, at: datetime, law: Law | None = None
    ) -> Waived:
        with self._chain.database.writing() as connection:
            self._chain.lock(connection)
            row = _row(connection, name)
            if row is None:
                raise _unknown(name)
            old = waived(row)
            _refuse_wrong_step(connection, old, state, who)
            approver = old.approver if state == "revoked" else who.actor
            new = msgspec.structs.replace(old, state=state, approver=approver, changed_at=at, reason=reason)
            if law is not None:
                demand_permitted(waiver_in({**new.body, "id": name, "approver": approver}), law)
            seq = self._note(connection, new, who)
            connection.execute(update(waivers).where(waivers.c.id == name).values({**_values(new), "seq": seq}))
        self._chain.saw(seq)
        return new

    def _note(self, connection: Connection, one: Waived, who: Who) -> int:
        return self._chain.event(connection, event("waiver", one.changed_at, noted(one), who))


def noted(one: Waived) -> dict[str, Any]:
    """What the chain holds of a waiver; verifying compares it with the table."""
    said = {"id": one.id, "state": one.state, "approver": one.approver, "ends": as_said(one.ends), "reason": one.reason}
    return {**said, "body": one.body}


def _refuse_wrong_step(connection: Connection, old: Waived, state: str, who: Who) -> None:
    possible = {"requested": ("granted", "rejected", "revoked"), "granted": ("revoked",)}.get(old.state, ())
    if state not in possible:
        raise Overtaken(f"Waiver {old.id} is {old.state}, and cannot be {state}")
    if state in ("granted", "rejected") and _person(connection, who.actor) == _person(connection, old.requester):
        what = f"Waiver {old.id} was asked for by {old.requester}, which is the same person as {who.actor}"
        raise Forbidden(what, remedy="Somebody else has to decide on it.")


def _unknown(id: str) -> Unknown:  # noqa: A002
    return Unknown(f"There is no waiver {id[:80]!r}")


def _person(connection: Connection, actor: str) -> str:
    """Who is meant by an actor: two keys of one name are one person's, and so are two of which no name says whose.

    So are tokens of two issuers for one subject: an issuer that was moved makes nobody a second person.
    """
    kind, _, name = actor.partition(":")
    if kind == "oidc":
        issuer, mark, subject = name.partition("#")
        return f"subject:{subject if mark else issuer}"  # an entry of an earlier version has no issuer
    if kind == "key":
        row = connection.execute(select(api_keys.c.name).where(api_keys.c.id == name)).first()
        if row is not None:
            return f"named:{' '.join(unicodedata.normalize('NFKC', row.name).casefold().split())}"
    return actor


def _row(connection: Connection, id: str) -> Row[Any] | None:  # noqa: A002
    return connection.execute(select(waivers).where(waivers.c.id == id)).one_or_none()


def _values(one: Waived) -> dict[str, Any]:
    return {**msgspec.structs.asdict(one), "body": msgspec.json.encode(one.body)}


def waived(row: Any) -> Waived:
    """A waiver as its row has it."""
    fields = {name: getattr(row, name) for name in Waived.__struct_fields__}
    return Waived(**{**fields, "body": msgspec.json.decode(row.body)})
