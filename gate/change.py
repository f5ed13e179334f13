"""What changed between two editions of the law, in words a lawyer reads."""

from collections import Counter
from collections.abc import Iterable, Iterator

import msgspec

from gate.law import Clause, Law, Owner, Row, Vendor
from gate.phrase import CLAUSE, PROFILE, ROW, differences
from policy.dates import in_words

KNOWN_AS = {
    "organisations": "is called",
    "products": "makes",
    "purls": "publishes",
    "cpes": "has the CPE",
    "domains": "has the domain",
    "identifiers": "has the identifier",
    "others": "is not",
}
"""Table of the register -> what an entry of it says of a vendor."""


class Change(msgspec.Struct, frozen=True):
    """One thing that changed: in which family, of which file, in which part of it (a clause, say), and what."""

    family: str
    id: str
    part: str | None
    what: str

    def __str__(self) -> str:
        return f"{self.id}/{self.part} {self.what}" if self.part else f"{self.id} {self.what}"


def changes(old: Law, new: Law) -> list[Change]:
    """Every change: first the instruments, then the lists, the register and the profiles."""
    return [*_instruments(old, new), *_lists(old, new), *_vendors(old, new), *_profiles(old, new)]


def _instruments(old: Law, new: Law) -> Iterator[Change]:
    before, now = _clauses(old), _clauses(new)
    for name in sorted(before.keys() | now.keys()):
        if name not in before:
            yield Change("prohibitions", name, None, f"is new: {next(iter(now[name].values())).title}")
        if name not in now:
            yield Change("prohibitions", name, None, f"is gone: {next(iter(before[name].values())).title}")
        else:
            yield from _collapsed(name, list(_of_instrument(before.get(name, {}), now[name])), now[name])


def _clauses(law: Law) -> dict[str, dict[str, Clause]]:
    found: dict[str, dict[str, Clause]] = {}
    for clause in law.clauses:
        found.setdefault(clause.instrument, {})[clause.code.partition("/")[2]] = clause
    return found


def _of_instrument(before: dict[str, Clause], now: dict[str, Clause]) -> Iterator[tuple[str, str]]:
    for name in dict.fromkeys((*before, *now)):
        clause = now.get(name) or before[name]
        if name in before and name in now:
            for what in differences(before[name], now[name], CLAUSE, clause.time_zone):
                yield name, what
        else:
            since = in_words(clause.interval.starts, clause.time_zone)
            yield name, f"is {'new' if name in now else 'gone'}, from {since}: {clause.text}"


def _collapsed(instrument: str, found: list[tuple[str, str]], clauses: dict[str, Clause]) -> Iterator[Change]:
    """What holds for every clause of several is said once."""
    count = Counter(what for _, what in found)
    said: set[str] = set()
    for part, what in found:
        if len(clauses) > 1 and count[what] == len(clauses):
            if what not in said:
                yield Change("prohibitions", instrument, None, f"in every clause {what}")
            said.add(what)
        else:
            yield Change("prohibitions", instrument, part, what)


def _lists(old: Law, new: Law) -> Iterator[Change]:
    for name in sorted(old.lists.keys() | new.lists.keys()):
        if name not in new.lists:
            yield Change("lists", name, None, f"is gone: {old.lists[name].title}")
            continue
        one = new.lists[name]
        if name not in old.lists:
            yield Change("lists", name, None, f"is new: {one.title}, {len(one.rows)} rows")
            continue
        before, now = _rows(old.lists[name].rows), _rows(one.rows)
        for key in dict.fromkeys((*before, *now)):
            row = now.get(key) or before[key]
            if key in before and key in now:
                for what in differences(before[key], now[key], ROW, one.time_zone):
                    yield Change("lists", name, row.name, what)
            else:
                since = in_words(row.interval.starts, one.time_zone)
                yield Change("lists", name, row.name, f"is {'new' if key in now else 'gone'}, from {since}")


def _rows(rows: Iterable[Row]) -> dict[tuple[str, str, int], Row]:
    """The rows by vendor and name; one who was listed twice has a first and a second."""
    found: dict[tuple[str, str, int], Row] = {}
    count: Counter[tuple[str, str]] = Counter()
    for row in rows:
        found[row.vendor, row.name, count[row.vendor, row.name]] = row
        count[row.vendor, row.name] += 1
    return found


def _vendors(old: Law, new: Law) -> Iterator[Change]:
    before, now = _known_as(old), _known_as(new)
    for name in sorted(old.vendors.keys() | new.vendors.keys()):
        if name not in old.vendors:
            yield Change("vendors", name, None, f"is new: {new.vendors[name].name}")
        elif name not in new.vendors:
            yield Change("vendors", name, None, f"is gone: {old.vendors[name].name}")
        else:
            said = {*_said_of(old.vendors[name]), *before.get(name, ())}
            says = {*_said_of(new.vendors[name]), *now.get(name, ())}
            yield from (Change("vendors", name, None, f"now {what}") for what in sorted(says - said))
            yield from (Change("vendors", name, None, f"no longer {what}") for what in sorted(said - says))


def _known_as(law: Law) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for table, verb in KNOWN_AS.items():
        for entry in getattr(law.register, table).values():
            found.setdefault(entry.vendor, set()).add(f"{verb} {entry.said}")
    return found


def _said_of(vendor: Vendor) -> Iterator[str]:
    yield f"goes by the name {vendor.name}"
    if vendor.country is not None:
        yield f"is of the country {vendor.country}"
    yield from (f"makes the category {category}" for category in vendor.categories)
    yield from (_owned(owner) for owner in vendor.owners)
    for product in vendor.products:
        yield from (f"makes {product.name} of the category {category}" for category in product.categories)


def _owned(owner: Owner) -> str:
    since = f" from {owner.starts}" if owner.starts else ""
    until = f" until {owner.ends}" if owner.ends else ""
    share = f" with {owner.share:g} per cent" if owner.share is not None else ""
    return f"belongs to {owner.vendor} ({owner.kind}){share}{since}{until}"


def _profiles(old: Law, new: Law) -> Iterator[Change]:
    for name in sorted(old.profiles.keys() | new.profiles.keys()):
        if name not in old.profiles:
            yield Change("profiles", name, None, f"is new: {new.profiles[name].text}")
        elif name not in new.profiles:
            yield Change("profiles", name, None, f"is gone: {old.profiles[name].text}")
        else:
            for what in differences(old.profiles[name], new.profiles[name], PROFILE, "UTC"):
                yield Change("profiles", name, None, what)
