"""Waivers of the service: asked for by one person, granted by another, and each step an entry of the chain.

Who grants a waiver does so in an office: the name stands in the decisions it lifts, and is not erased.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy import Connection, Row, func, insert, select, update

from gate.asking import Waiver
from gate.errors import LawError, Overtaken, UsageError
from gate.law import Law
from gate.names import normalise
from gate.purl import package_of
from gate.record import identifier
from gate.store.chain import Chain
from gate.store.entry import Who, event
from gate.store.tables import api_keys, as_said, waivers
from gate.waiver import Grant, is_permitted
from policy.dates import instant, is_before, legal_day, written

if TYPE_CHECKING:
    from policy.model import Waiver as Written

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
    """The waivers of a store. Methods that change one raise UsageError with what is not allowed, and why."""

    def __init__(self, chain: Chain) -> None:
        self._chain = chain
        self._kept: tuple[int, str, tuple[Waiver, ...]] | None = None

    def request(self, body: dict[str, Any], law: Law, who: Who, at: datetime) -> Waived:
        """Ask for a waiver: the fields of a waiver file but `approver` (`id` may be left out).

        Raises UsageError, also where its law does not permit it, and LawError for what the law does not have.
        """
        if "approver" in body:
            raise UsageError("Whoever asks for a waiver does not say who approves it", pointer="/approver")
        whole = {"id": identifier(), **body}
        asked = _written({**whole, "approver": _NOBODY})
        _refuse_about_nothing(asked)
        _refuse_unpermitted(_compiled(asked, law).grant, law)
        kept = msgspec.to_builtins({key: value for key, value in whole.items() if key != "id"})
        one = Waived(asked.id, "requested", kept, who.actor, None, instant(asked.ends, "UTC"), at)
        with self._chain.database.writing() as connection:
            self._chain.lock(connection)
            if _row(connection, one.id) is not None:
                raise UsageError(f"There is a waiver {one.id!r} already", remedy="Leave the id out to get a new one.")
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

    def all(
        self, *, state: str | None = None, ends_before: datetime | None = None, ends_after: datetime | None = None
    ) -> list[Waived]:
        """Waivers, those first that end first; the times with state "granted" list the expiring ones."""
        query = select(waivers).order_by(waivers.c.ends, waivers.c.id)
        if state is not None:
            query = query.where(waivers.c.state == state)
        if ends_before is not None:
            query = query.where(waivers.c.ends.op("<")(ends_before))
        if ends_after is not None:
            query = query.where(waivers.c.ends.op(">")(ends_after))
        with self._chain.database.reading() as connection:
            return [waived(row) for row in connection.execute(query)]

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
        for one in self.all(state="granted"):
            try:
                yield _compiled(_written({**one.body, "id": one.id, "approver": one.approver}), law)
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
        self,
        id: str,  # noqa: A002
        state: str,
        reason: str | None,
        who: Who,
        at: datetime,
        law: Law | None = None,
    ) -> Waived:
        with self._chain.database.writing() as connection:
            self._chain.lock(connection)
            row = _row(connection, id)
            if row is None:
                raise UsageError(f"There is no waiver {id[:80]!r}")
            old = waived(row)
            _refuse_wrong_step(connection, old, state, who)
            approver = old.approver if state == "revoked" else who.actor
            new = msgspec.structs.replace(old, state=state, approver=approver, changed_at=at, reason=reason)
            if law is not None:
                _refuse_unpermitted(_compiled(_written({**new.body, "id": id, "approver": approver}), law).grant, law)
            seq = self._note(connection, new, who)
            connection.execute(update(waivers).where(waivers.c.id == id).values({**_values(new), "seq": seq}))
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
        raise UsageError(f"Waiver {old.id} was asked for by {who.actor}", remedy="Somebody else has to decide on it.")


def _person(connection: Connection, actor: str) -> str:
    """Who is meant by an actor: two keys of one name are one person's, and so are two of which no name says whose."""
    kind, _, name = actor.partition(":")
    if kind == "key":
        row = connection.execute(select(api_keys.c.name).where(api_keys.c.id == name)).first()
        if row is not None:
            return f"named:{row.name.strip().casefold()}"
    return actor


def _written(body: dict[str, Any]) -> "Written":
    from pydantic import ValidationError

    from policy.model import Waiver as Written

    try:
        times = {name: written(body[name]) for name in ("starts", "ends") if isinstance(body.get(name), str)}
    except ValueError as error:
        raise UsageError(f"The waiver's time is neither a day nor an instant with its offset: {error}") from error
    try:
        return Written.model_validate({**body, **times})
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        pointer = "".join(f"/{step}" for step in first["loc"])
        raise UsageError(f"The waiver is not complete: {first['msg']}", pointer=pointer or None) from error


def _refuse_about_nothing(asked: "Written") -> None:
    """What it limits itself to has to be there: else it would be signed twice and waive nothing."""
    for number, product in enumerate(asked.products):
        if not normalise(product):
            raise UsageError(f"{product[:80]!r} names no product", pointer=f"/products/{number}")
    for number, purl in enumerate(asked.purls):
        if package_of(purl) is None:
            remedy = "Write it as pkg:type/namespace/name, or with @version."
            raise UsageError(f"{purl[:80]!r} is no package URL", pointer=f"/purls/{number}", remedy=remedy)


def _compiled(entry: "Written", law: Law) -> Waiver:
    from gate.compile import waiver

    return waiver(entry, law)


def _refuse_unpermitted(grant: Grant, law: Law) -> None:
    """Each prohibition it names has a clause that it may waive: else it would be signed twice and waive nothing."""
    for name in grant.prohibitions:
        clauses = [clause for clause in law.clauses if name in (clause.code, clause.instrument)]
        if any(is_permitted(grant, clause) for clause in clauses):
            continue
        limits = {(one.by, one.until, clause.time_zone) for clause in clauses for one in clause.permissions}
        if not limits:
            raise UsageError(f"{name} lets nobody waive it", pointer="/prohibitions")
        told = sorted(f"{by}, {_until(until, zone)}" for by, until, zone in limits)
        if any(by == grant.granted_by for by, _, _ in limits):
            mine = sorted(_until(until, zone) for by, until, zone in limits if by == grant.granted_by)
            what = (
                f"{name} lets a waiver by {grant.granted_by} run {' or '.join(mine)}, and it ends on {grant.span.ends}"
            )
            raise UsageError(what, pointer="/ends", remedy=f"It may be waived by {'; '.join(told)}.")
        what = f"{name} lets no {grant.granted_by[:80]!r} waive it"
        raise UsageError(what, pointer="/granted_by", remedy=f"It may be waived by {'; '.join(told)}.")


def _until(until: datetime | None, zone: str) -> str:
    return "without a last day" if until is None else f"with `ends` {legal_day(until, zone)} at the latest"


def _row(connection: Connection, id: str) -> Row[Any] | None:  # noqa: A002
    return connection.execute(select(waivers).where(waivers.c.id == id)).one_or_none()


def _values(one: Waived) -> dict[str, Any]:
    return {**msgspec.structs.asdict(one), "body": msgspec.json.encode(one.body)}


def waived(row: Any) -> Waived:
    """A waiver as its row has it."""
    fields = {name: getattr(row, name) for name in Waived.__struct_fields__}
    return Waived(**{**fields, "body": msgspec.json.decode(row.body)})
