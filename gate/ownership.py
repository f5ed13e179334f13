"""Whether a clause that names one vendor reaches another: through whom, and while when."""

from collections.abc import Iterator

from gate.law import Clause, Law, Owner
from policy.dates import Interval
from policy.vocabulary import Ownership, Reach

Truth = bool | None
"""Yes, no, or None: unknown."""

REACHED_BY = {
    Ownership.SUBSIDIARY: Reach.SUBSIDIARIES,
    Ownership.AFFILIATE: Reach.AFFILIATES,
    Ownership.SUCCESSOR: Reach.SUCCESSORS,
}
"""How a vendor belongs to a named one -> the word of `reach` that extends to it."""


BRAND = "brand"
"""In a clause's `reach` always: `bundle` puts it there."""


def ownership(vendor: str, clause: Clause, law: Law, span: Interval) -> tuple[Interval | None, tuple[str, ...]]:
    """Through which vendors, and while when, a clause that names others reaches this one. None: no limit in time."""
    if clause.controlled_from or vendor in clause.vendors:
        return None, ()
    best: tuple[Interval, tuple[str, ...]] | None = None
    edge: list[tuple[str, Interval, tuple[str, ...]]] = [(vendor, Interval(), ())]
    seen = {vendor}
    while edge:
        here, interval, path = edge.pop(0)
        for there, kind, owner in _relations(here, law):
            runs = owner.within(clause.time_zone)
            if there in seen or kind not in clause.reach or not interval.meets(runs):
                continue
            seen.add(there)
            found = (there, interval.overlap(runs), (*path, there))
            if there not in clause.vendors:
                edge.append(found)
            elif best is None or (found[1].meets(span) and not best[0].meets(span)):
                best = (found[1], found[2])
    return best or (None, ())


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


def is_reached(vendor: str, clause: Clause, law: Law, owned: Interval | None) -> Truth:
    """Whether a clause is about the vendor at all, by name, by relatives or by the country that controls it."""
    entry = law.vendors[vendor]
    if clause.controlled_from:
        countries = {entry.country, *(law.vendors[owner.vendor].country for owner in entry.owners)}
        if not clause.controlled_from.isdisjoint(country for country in countries if country):
            return True
        return None if None in countries else False
    return vendor in clause.vendors or owned is not None
