"""Whether and how a clause reaches a vendor: by name, by a list, through relatives, by the country that controls it."""

from collections.abc import Iterable, Iterator

import msgspec

from gate.law import Clause, Law, Owner, Row, Target, Vendor
from gate.truth import Truth, all_of, any_of
from policy.dates import Interval, shared
from policy.vocabulary import Ownership, Reach

REACHED_BY = {
    Ownership.SUBSIDIARY: Reach.SUBSIDIARIES,
    Ownership.AFFILIATE: Reach.AFFILIATES,
    Ownership.SUCCESSOR: Reach.SUCCESSORS,
}
"""How a vendor belongs to a named one -> the word of `reach` that extends to it."""


LONGEST_CHAIN = 6
"""Links from a vendor to the one that is named, at most."""

BRAND = "brand"
"""In a clause's `reach` always: `compile` puts it there."""

STRANGER = ""
"""In place of a vendor's id: a maker that the register does not have."""

NOBODY = Vendor(STRANGER, "", None, frozenset(), (), ())
"""What the register knows of a stranger."""


class Way(msgspec.Struct, frozen=True):
    """One way in which a clause reaches a vendor: while when, through whom, by which row, and how surely."""

    interval: Interval
    through: tuple[str, ...] = ()
    target: Target | None = None
    truth: Truth = True

    @property
    def row(self) -> Row | None:
        """The row of a list by which the vendor, or the relative, is named."""
        return self.target.row if self.target else None


def ways(vendor: str, stated: str | None, clause: Clause, law: Law, span: Interval) -> list[Way]:
    """Every way in which a clause reaches a vendor. `stated`: the country that a request gives for it."""
    if clause.asks_anybody:
        truth = _controlled(vendor, clause, law, span, stated) if clause.controlled_from else True
        return [] if truth is False else [Way(clause.interval, truth=truth)]
    named = law.named_by(clause)
    found = [Way(target.interval, (), target) for target in named.get(vendor, ())]
    if vendor not in clause.vendors:
        found.extend(_through_relatives(vendor, clause, law, named))
    return found


def _through_relatives(vendor: str, clause: Clause, law: Law, named: dict[str, tuple[Target, ...]]) -> Iterator[Way]:
    """Every chain of relations from a vendor to one that the clause names, and while when all its links hold."""
    edge: list[tuple[str, Interval, tuple[str, ...]]] = [(vendor, Interval(), ())]
    while edge:
        here, interval, path = edge.pop()
        for there, kind, owner in _relations(here, law):
            runs = shared((interval, owner.within(clause.time_zone)))
            if there == vendor or there in path or kind not in clause.reach or runs is None:
                continue
            for target in named.get(there, ()):
                both = shared((target.interval, runs))
                if both is not None:
                    yield Way(both, (*path, there), target)
            if there not in clause.vendors and len(path) < LONGEST_CHAIN:
                edge.append((there, runs, (*path, there)))


def _relations(vendor: str, law: Law) -> Iterator[tuple[str, str, Owner]]:
    """Related vendors: which word of `reach` gets from a named one of them to this vendor, by what tie."""
    for owner in law.vendors[vendor].owners:
        # A brand is the owner under another name: every instrument that names the owner means it.
        reach = REACHED_BY.get(Ownership(owner.kind))
        yield owner.vendor, reach or BRAND, owner
    for other, owner in law.holdings.get(vendor, ()):
        if owner.kind == Ownership.SUBSIDIARY:
            yield other, Reach.PARENTS, owner
        elif owner.kind == Ownership.AFFILIATE:
            yield other, Reach.AFFILIATES, owner


def _controlled(
    vendor: str, clause: Clause, law: Law, span: Interval, stated: str | None, below: tuple[str, ...] = ()
) -> Truth:
    """Whether a vendor is of one of the clause's countries, or somebody above it is who owns enough of it."""
    entry = law.vendors.get(vendor, NOBODY)
    answers = [_is_from(clause, (entry.country, stated))]
    for owner in entry.owners:
        if owner.vendor in below or not owner.within(clause.time_zone).meets(span):
            continue
        is_far = len(below) >= LONGEST_CHAIN
        above = None if is_far else _controlled(owner.vendor, clause, law, span, None, (*below, vendor))
        answers.append(all_of((_holds_enough(owner, clause.control_share), above)))
    return any_of(answers)


def _is_from(clause: Clause, countries: Iterable[str | None]) -> Truth:
    known = {country for country in countries if country}
    return not clause.controlled_from.isdisjoint(known) if known else None


def _holds_enough(owner: Owner, least: float | None) -> Truth:
    if least is None or owner.kind == Ownership.BRAND:
        return True
    return None if owner.share is None else owner.share >= least
