"""The law as the engine sees it: flat, immutable, every date an instant. Made by `bundle`, which reads the policy.

A clause here carries every condition that holds for it, whether the file said it on the instrument or on the clause.
An empty set of words asks nothing.
"""

from datetime import datetime
from functools import cached_property

import msgspec

from policy.dates import Interval, between, is_known

Words = frozenset[str]


class Citation(msgspec.Struct, frozen=True, gc=False):
    """Where the law stands."""

    text: str
    url: str


class Exemption(msgspec.Struct, frozen=True):
    """What a clause leaves alone: an exception of the instrument, while `interval` runs."""

    id: str
    text: str
    acts: Words
    categories: Words
    positions: Words
    purposes: Words
    agreements: Words
    facts: dict[str, Words]
    interval: Interval


class Permission(msgspec.Struct, frozen=True):
    """Who may waive a clause, and until when a waiver may run."""

    by: str
    until: datetime | None


class Clause(msgspec.Struct, frozen=True):
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
    facts: dict[str, Words]
    exemptions: tuple[Exemption, ...]
    permissions: tuple[Permission, ...]

    @property
    def instrument(self) -> str:
        """The id of the instrument the clause stands in."""
        return self.code.partition("/")[0]


class Owner(msgspec.Struct, frozen=True):
    """To whom a vendor belongs, from when to when: days are legal days in the zone of the law that is applied."""

    vendor: str
    kind: str
    starts: str | None
    ends: str | None

    def within(self, zone: str) -> Interval:
        """While when, as instants."""
        return between(self.starts, self.ends, zone)


class Product(msgspec.Struct, frozen=True):
    """A product of the register."""

    name: str
    categories: Words


class Vendor(msgspec.Struct, frozen=True):
    """A vendor of the register."""

    id: str
    name: str
    country: str | None
    categories: Words
    owners: tuple[Owner, ...]
    products: tuple[Product, ...]


class Entry(msgspec.Struct, frozen=True, gc=False):
    """What a look-up in the register finds: whose it is, of which product (its number), and as the register says it."""

    vendor: str
    said: str
    product: int | None = None


class Register(msgspec.Struct, frozen=True):
    """The names of all vendors, each table keyed by what `match` makes of a document's words."""

    purls: dict[str, Entry]
    cpes: dict[str, Entry]  # "vendor" or "vendor:product"
    identifiers: dict[str, Entry]  # "lei:…"
    organisations: dict[str, Entry]  # normalised
    products: dict[str, Entry]  # normalised
    domains: dict[str, Entry]


class Profile(msgspec.Struct, frozen=True):
    """Who is asking when an SBOM comes alone."""

    id: str
    text: str
    roles: Words
    acts: tuple[str, ...]
    agreement: str | None
    purposes: Words
    facts: dict[str, str]
    on_review: str
    coverage_floor: float


class Law(msgspec.Struct, frozen=True, dict=True):
    """The law and the register, all of it."""

    version: str
    digest: str
    clauses: tuple[Clause, ...]
    vendors: dict[str, Vendor]
    profiles: dict[str, Profile]
    register: Register

    def __repr__(self) -> str:
        """Short: a traceback with the whole law in it helps nobody."""
        return f"Law({self.version!r}, {self.digest!r}, {len(self.clauses)} clauses, {len(self.vendors)} vendors)"

    def known(self, at: datetime) -> "Law":
        """The law as it was known at an instant: what was published later is not in it."""
        clauses = tuple(clause for clause in self.clauses if is_known(clause.published, at))
        return self if len(clauses) == len(self.clauses) else msgspec.structs.replace(self, clauses=clauses)

    @cached_property
    def relatives(self) -> dict[str, frozenset[str]]:
        """Vendor -> every vendor it is or ever was related to, itself among them."""
        near: dict[str, set[str]] = {vendor: {vendor} for vendor in self.vendors}
        for vendor in self.vendors.values():
            for owner in vendor.owners:
                near[vendor.id].add(owner.vendor)
                near[owner.vendor].add(vendor.id)
        for start, first in near.items():
            family, edge = set(first), list(first)
            while edge:
                fresh = near[edge.pop()] - family
                family |= fresh
                edge.extend(fresh)
            near[start] = family
        return {vendor: frozenset(family) for vendor, family in near.items()}

    def clauses_about(self, vendor: str) -> tuple[Clause, ...]:
        """The clauses that could reach a vendor: they name it or a relative, or ask who controls it."""
        family = self.relatives[vendor]
        return tuple(c for c in self.clauses if c.controlled_from or not family.isdisjoint(c.vendors))
