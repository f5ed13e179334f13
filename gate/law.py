"""The law as the engine sees it: flat, immutable, every date an instant. Made by `compile`, which reads the policy.

A clause carries every condition that holds for it, said on it or on its instrument. An empty set of words asks nothing.
"""

from datetime import datetime
from functools import cached_property
from typing import Any

import msgspec

from gate.facts import Asked
from gate.family import families, holdings
from gate.memory import FEWEST_KEPT, keep
from gate.register import Register
from policy.dates import Interval, between, days_after, in_order, is_known, known_end, shared, so_far

Words = frozenset[str]


class Citation(msgspec.Struct, frozen=True, gc=False):
    """Where the law stands."""

    text: str
    url: str


class Exemption(msgspec.Struct, frozen=True, gc=False):
    """What a clause leaves alone: an exception of the instrument, while `interval` runs."""

    id: str
    text: str
    acts: Words
    categories: Words
    positions: Words
    purposes: Words
    agreements: Words
    facts: dict[str, Asked]
    interval: Interval
    published: datetime | None  # None: with the clause


class Permission(msgspec.Struct, frozen=True, gc=False):
    """Who may waive a clause, and until when a waiver may run."""

    by: str
    until: datetime | None


class Clause(msgspec.Struct, frozen=True, gc=False):
    """One thing that is forbidden, by which instrument, to whom, of whom, in which circumstances, when."""

    code: str  # instrument/clause, stable for ever
    title: str
    authority: str
    kind: str
    jurisdiction: str
    time_zone: str
    published: datetime
    checked: str
    provenance: str
    citation: tuple[Citation, ...]
    text: str
    note: str | None
    remedy: str | None
    effect: str
    acts: Words
    binds: Words
    vendors: Words
    controlled_from: Words
    reach: Words
    interval: Interval
    categories: Words
    positions: Words
    purposes: Words
    agreements: Words
    facts: dict[str, Asked]
    exemptions: tuple[Exemption, ...]
    permissions: tuple[Permission, ...]
    lists: Words = frozenset()
    after_listing: int | None = None  # it starts so many days after a row of its lists was published
    control_share: float | None = None  # per cent that an owner has to hold for its country to count
    ends_with: str | None = None  # the event with which it ends, where that has no date yet

    @property
    def asks_anybody(self) -> bool:
        """Whether it names no vendor, so that any can be meant, in the register or not."""
        return not self.vendors and not self.lists

    def known(self, at: datetime) -> "Clause":
        """The clause with the exceptions that had been published by an instant."""
        known = tuple(one for one in self.exemptions if one.published is None or is_known(one.published, at))
        return self if len(known) == len(self.exemptions) else msgspec.structs.replace(self, exemptions=known)

    @property
    def instrument(self) -> str:
        """The id of the instrument the clause stands in."""
        return self.code.partition("/")[0]


class Row(msgspec.Struct, frozen=True, gc=False):
    """A vendor on an official list: as whom, from when to when, and when that became public."""

    vendor: str
    name: str
    published: datetime
    interval: Interval
    end_published: datetime | None
    withdrawn: datetime | None  # when it was taken back, as if it had never been
    categories: Words
    citation: Citation
    note: str | None

    def known(self, at: datetime) -> "Row | None":
        """The row as it was known at an instant; None if it was not there yet, or no longer."""
        if not is_known(self.published, at) or (self.withdrawn is not None and is_known(self.withdrawn, at)):
            return None
        ends = known_end(self.interval.ends, self.end_published, at)
        is_all = ends is self.interval.ends
        return self if is_all else msgspec.structs.replace(self, interval=Interval(self.interval.starts, ends))


class List(msgspec.Struct, frozen=True, gc=False):
    """An official list."""

    id: str
    title: str
    time_zone: str
    rows: tuple[Row, ...]

    def known(self, at: datetime) -> "List":
        """The list as it was known at an instant."""
        rows = tuple(known for row in self.rows if (known := row.known(at)) is not None)
        return self if rows == self.rows else msgspec.structs.replace(self, rows=rows)


class Target(msgspec.Struct, frozen=True, gc=False):
    """One way in which a clause names a vendor, and while when: by itself, or by a row on one of its lists."""

    interval: Interval
    row: Row | None = None
    listed_in: str | None = None  # the title of the row's list


class Owner(msgspec.Struct, frozen=True, gc=False):
    """To whom a vendor belongs, from when to when: days are legal days in the zone of the law that is applied."""

    vendor: str
    kind: str
    starts: str | None
    ends: str | None
    share: float | None = None  # in per cent; None: not known

    def within(self, zone: str) -> Interval:
        """While when, as instants."""
        return between(self.starts, self.ends, zone)


class Product(msgspec.Struct, frozen=True, gc=False):
    """A product of the register."""

    name: str
    categories: Words
    others: tuple[str, ...] = ()  # what else it is called


class Vendor(msgspec.Struct, frozen=True, gc=False):
    """A vendor of the register."""

    id: str
    name: str
    country: str | None
    categories: Words
    owners: tuple[Owner, ...]
    products: tuple[Product, ...]


class Profile(msgspec.Struct, frozen=True, gc=False):
    """Who is asking when an SBOM comes alone."""

    id: str
    text: str
    roles: Words
    acts: tuple[str, ...]
    agreement: str | None
    purposes: Words
    facts: dict[str, str | float]
    on_review: str
    coverage_floor: float


class Law(msgspec.Struct, frozen=True, dict=True):
    """The law and the register, all of it. It shows itself in short: a traceback with all of it helps nobody."""

    version: str
    digest: str
    clauses: tuple[Clause, ...]
    vendors: dict[str, Vendor]
    profiles: dict[str, Profile]
    register: Register
    lists: dict[str, List] = {}

    def __repr__(self) -> str:
        return f"Law({self.version!r}, {self.digest!r}, {len(self.clauses)} clauses, {len(self.vendors)} vendors)"

    def known(self, at: datetime) -> "Law":
        """The law as it was known at an instant: what was published later is not in it."""
        if (kept := self._known.get(place := so_far(self.publications, at))) is not None:
            return kept
        clauses = tuple(clause.known(at) for clause in self.clauses if is_known(clause.published, at))
        lists = {name: one.known(at) for name, one in self.lists.items()}
        is_all = clauses == self.clauses and lists == self.lists
        law = self if is_all else msgspec.structs.replace(self, clauses=clauses, lists=lists)
        return keep(self._known, place, law, FEWEST_KEPT)

    @cached_property
    def publications(self) -> list[datetime]:
        """Every instant at which something became known, in order."""
        moments = {clause.published for clause in self.clauses}
        moments |= {one.published for clause in self.clauses for one in clause.exemptions if one.published}
        for row in (row for one in self.lists.values() for row in one.rows):
            moments |= {row.published, *filter(None, (row.withdrawn, row.end_published, row.interval.ends))}
        return in_order(moments)

    @cached_property
    def _known(self) -> "dict[int, Law]":
        return {}

    @cached_property
    def answers(self) -> dict[Any, Any]:
        """What it answered to which question, as `answer` keeps it."""
        return {}

    @cached_property
    def relatives(self) -> dict[str, frozenset[str]]:
        """Vendor -> every vendor it is or ever was related to, itself among them."""
        return families(self.vendors)

    @cached_property
    def holdings(self) -> dict[str, tuple[tuple[str, Owner], ...]]:
        """Vendor -> the vendors that belong to it, and how."""
        return holdings(self.vendors)

    def named_by(self, clause: Clause) -> dict[str, tuple[Target, ...]]:
        """The vendors that a clause names, each with the ways in which it does."""
        if (kept := self._named.get(clause.code)) is None or kept[0] is not clause:
            kept = self._named[clause.code] = (clause, self._targets(clause))
        return kept[1]

    @cached_property
    def _named(self) -> dict[str, tuple[Clause, dict[str, tuple[Target, ...]]]]:
        return {}

    def _targets(self, clause: Clause) -> dict[str, tuple[Target, ...]]:
        named: dict[str, tuple[Target, ...]] = dict.fromkeys(clause.vendors, (Target(clause.interval),))
        for one in (self.lists[name] for name in sorted(clause.lists)):
            for row in one.rows:
                limits = [clause.interval, row.interval]
                if clause.after_listing is not None:
                    limits.append(Interval(days_after(row.published, clause.after_listing, one.time_zone)))
                runs = shared(limits)
                if runs is not None and row.vendor not in clause.vendors:
                    named[row.vendor] = (*named.get(row.vendor, ()), Target(runs, row, one.title))
        return named

    def clauses_about(self, vendor: str) -> tuple[Clause, ...]:
        """The clauses that could reach a vendor."""
        return self._about.get(vendor) or self._about.setdefault(
            vendor, tuple(clause for clause in self.clauses if self.is_about(clause, vendor))
        )

    @cached_property
    def _about(self) -> dict[str, tuple[Clause, ...]]:
        return {}

    def is_about(self, clause: Clause, vendor: str) -> bool:
        """Whether a clause could reach a vendor: it names it or a relative, or may mean anybody."""
        family = self.relatives.get(vendor, frozenset())
        if clause.asks_anybody or not family.isdisjoint(clause.vendors):
            return True
        listed = {row.vendor for name in clause.lists for row in self.lists[name].rows}
        return not family.isdisjoint(listed) and not family.isdisjoint(self.named_by(clause))
