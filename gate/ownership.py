"""Whether a clause that names one vendor reaches another: through whom, and while when."""

from collections.abc import Iterator

from gate.law import Clause, Law, Owner
from policy.dates import Interval, Phase
from policy.vocabulary import Ownership, Reach

Truth = bool | None
"""Yes, no, or None: unknown."""

REACHED_BY = {
    Ownership.SUBSIDIARY: Reach.SUBSIDIARIES,
    Ownership.AFFILIATE: Reach.AFFILIATES,
    Ownership.SUCCESSOR: Reach.SUCCESSORS,
}
"""How a vendor belongs to a named one -> the word of `reach` that extends to it."""


LONGEST_CHAIN = 6
"""Links from a vendor to the one that is named, at most."""

BRAND = "brand"
"""In a clause's `reach` always: `bundle` puts it there."""


def ownership(vendor: str, clause: Clause, law: Law, span: Interval) -> tuple[Interval | None, tuple[str, ...]]:
    """Through which vendors, and while when, a clause that names others reaches this one. None: no limit in time.

    Of several ways the one counts that makes the clause bite on the act; else one that will; else one that has ended.
    """
    if clause.controlled_from or vendor in clause.vendors:
        return None, ()
    ways = list(_ways(vendor, clause, law))
    if not ways:
        return None, ()
    order = (Phase.IN_FORCE, Phase.BEFORE, Phase.ENDED)
    return min(ways, key=lambda way: (order.index(_phase(way[0], clause, span)), len(way[1]), way[1]))


def _phase(runs: Interval, clause: Clause, span: Interval) -> Phase:
    return clause.interval.overlap(runs).phase_of(span) if clause.interval.meets(runs) else Phase.ENDED


def _ways(vendor: str, clause: Clause, law: Law) -> Iterator[tuple[Interval, tuple[str, ...]]]:
    """Every chain of relations from a vendor to one that the clause names, and while when all its links hold."""
    edge: list[tuple[str, Interval, tuple[str, ...]]] = [(vendor, Interval(), ())]
    while edge:
        here, interval, path = edge.pop()
        for there, kind, owner in _relations(here, law):
            runs = owner.within(clause.time_zone)
            if there == vendor or there in path or kind not in clause.reach or not interval.meets(runs):
                continue
            way = (interval.overlap(runs), (*path, there))
            if there in clause.vendors:
                yield way
            elif len(path) < LONGEST_CHAIN:
                edge.append((there, *way))


def _relations(vendor: str, law: Law) -> Iterator[tuple[str, str, Owner]]:
    """Related vendors: which word of `reach` gets from a named one of them to this vendor, by what tie."""
    for owner in law.vendors[vendor].owners:
        # A brand is the owner under another name: every instrument that names the owner means it.
        reach = REACHED_BY.get(Ownership(owner.kind))
        yield owner.vendor, reach or BRAND, owner
    for other in law.vendors.values():
        for owner in other.owners:
            if owner.vendor == vendor and owner.kind == Ownership.SUBSIDIARY:
                yield other.id, Reach.PARENTS, owner
            elif owner.vendor == vendor and owner.kind == Ownership.AFFILIATE:
                yield other.id, Reach.AFFILIATES, owner


def is_reached(vendor: str, clause: Clause, law: Law, span: Interval, owned: Interval | None) -> Truth:
    """Whether a clause is about the vendor at all, by name, by relatives or by the country that controls it."""
    entry = law.vendors[vendor]
    if clause.controlled_from:
        owners = [owner.vendor for owner in entry.owners if owner.within(clause.time_zone).meets(span)]
        countries = {entry.country, *(law.vendors[owner].country for owner in owners)}
        if not clause.controlled_from.isdisjoint(country for country in countries if country):
            return True
        return None if None in countries else False
    return vendor in clause.vendors or owned is not None
