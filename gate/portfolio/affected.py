"""What a change of the law, or the passing of time, can change about decisions that were made before.

It may name too much and never too little: what it does not name keeps its decision without being asked again. Tests
hold it against deciding everything anew.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

import msgspec

from gate.asking import Asking
from gate.law import Law
from gate.register import Entry, Register
from gate.timeline import edges
from policy.dates import in_order, is_before

TABLES = tuple(name for name in Register.__struct_fields__ if name not in ("owned", "added"))
"""The look-ups of a register; `owned` follows from the vendors, and `added` from the folders."""


class Difference(msgspec.Struct, frozen=True):
    """How two laws differ: the vendors that anything said of them changed, and the entries that came or went."""

    vendors: frozenset[str]
    registers: tuple[Register, Register]


def difference(old: Law, new: Law) -> Difference:
    """How a law differs from the one before."""
    gone, come = _entries(old.register, new.register), _entries(new.register, old.register)
    changed = {entry.vendor for one in (gone, come) for table in TABLES for entry in getattr(one, table).values()}
    changed |= old.register.added ^ new.register.added
    same = _same_clauses(old, new)
    for vendor in old.vendors.keys() | new.vendors.keys():
        if vendor not in changed and _says_of(vendor, old, new, same):
            changed.add(vendor)
    # Who belongs to a vendor, and to whom it belongs, is asked about with it.
    changed.update(*(law.relatives.get(vendor, ()) for law in (old, new) for vendor in tuple(changed)))
    return Difference(frozenset(changed), (gone, come))


def _entries(register: Register, other: Register) -> Register:
    """The entries of a register that another does not have. Who a vendor is not is asked about like who it is: where
    such a name goes, somebody is met who was not."""

    def only(table: str) -> Any:
        there: dict[str, Entry] = getattr(other, table)
        return {key: entry for key, entry in getattr(register, table).items() if there.get(key) != entry}

    tables = {table: only(table) for table in TABLES if table != "others"}
    tables["organisations"] |= only("others")
    return Register(**tables)


def _same_clauses(old: Law, new: Law) -> frozenset[str]:
    before = {clause.code: clause for clause in old.clauses}
    return frozenset(clause.code for clause in new.clauses if before.get(clause.code) == clause)


def _says_of(vendor: str, old: Law, new: Law, same: frozenset[str]) -> bool:
    """Whether the two say anything different of a vendor."""
    if old.vendors.get(vendor) != new.vendors.get(vendor):
        return True
    if old.register.owned.get(vendor) != new.register.owned.get(vendor):
        return True
    about = [clause.code for clause in new.clauses_about(vendor)]
    if about != [clause.code for clause in old.clauses_about(vendor)] or not same.issuperset(about):
        return True
    family = new.relatives.get(vendor, frozenset())
    if family != old.relatives.get(vendor, frozenset()):
        return True
    return any(
        before.named_by(was).get(member) != new.named_by(clause).get(member)
        for before in (old,)
        for was, clause in zip(old.clauses_about(vendor), new.clauses_about(vendor), strict=True)
        for member in family
    )


class Clockwork:
    """When decisions by one law may change by themselves."""

    def __init__(self, law: Law, asking: Asking) -> None:
        self._law = law
        # Else it is decided for one day, whenever it is asked: a chosen day is compared with today only without leave.
        self._moves = asking.as_of is None or not asking.allow_past
        self._own = in_order(_edges_of_asking(asking, law))
        self._of: dict[str, list[datetime]] = {}

    def until(self, vendors: Iterable[str], as_of: datetime) -> datetime | None:
        """The first date after `as_of` that matters to anything said of these vendors."""
        if not self._moves:
            return None
        dates = [date for vendor in vendors for date in (*self._edges(vendor), *self._own)]
        return next((date for date in in_order(dates) if is_before(as_of, date)), None)

    def _edges(self, vendor: str) -> list[datetime]:
        found = self._of.get(vendor)
        if found is None:
            law = self._law
            found = in_order(edge for clause in law.clauses_about(vendor) for edge in edges(vendor, clause, law))
            self._of[vendor] = found
        return found


def _edges_of_asking(asking: Asking, law: Law) -> Iterator[datetime]:
    """The dates of waivers, in every zone in which one may count, and of findings."""
    zones = {clause.time_zone for clause in law.clauses}
    spans = [(waiver.grant.span, zone) for waiver in asking.waivers for zone in zones]
    spans += [(finding.span, "UTC") for finding in asking.findings]
    for span, zone in spans:
        interval = span.within(zone)
        yield from (edge for edge in (interval.starts, interval.ends) if edge is not None)
