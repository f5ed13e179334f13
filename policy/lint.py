"""The law as a whole: what no single file shows. Each rule has a code that stays the same for ever."""

from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path

from policy.boundaries import unproven
from policy.dates import is_older
from policy.load import FAULT, Policy, Problem, problem_at
from policy.prohibition import ANY, Prohibition
from policy.register import List
from policy.succession import breaks

RULES = {
    FAULT: "A file says what no policy file may say, or names what no other file has.",
    "citation-without-url": "A citation does not say where it can be read.",
    "row-without-vendor": "A row of an official list names a vendor that the register does not have.",
    "shared-alias": "Two vendors claim the same name, package namespace, CPE, domain or identifier.",
    "no-cases": "An instrument has no cases, so nothing proves it.",
    "unproven-boundary": "No case stands in the last instant before a date of a clause, or at its first.",
    "twin-cases": "Two cases of one instrument have the same name.",
    "overlap": "A clause and the one that replaces it are in force at the same time.",
    "gap": "Between a clause and the one that replaces it there is a time without either.",
    "unreached-vendor": "No instrument reaches a vendor of the register.",
    "unused-list": "No instrument names an official list.",
    "unmatchable-product": "A product is called by one word, and has no package URL or CPE: it never matches.",
    "stale": "The source of an instrument, a clause or a list was last read longer ago than the chosen age.",
}
"""Code of a rule -> what is wrong where it is broken."""

WARNINGS = frozenset({"unreached-vendor", "unused-list", "unmatchable-product", "stale"})
"""Rules that tell of neglect; those that break any other tell of a wrong or unproven answer."""


def lint(policy: Policy, today: date | None = None, max_age: int | None = None) -> list[Problem]:
    """What is wrong with the law as a whole; with `max_age` also what nobody has checked for so many days."""
    found = [*unproven(policy), *_twin_cases(policy), *breaks(policy), *_dead_vendors(policy), *_unused_lists(policy)]
    found += _unmatchable_products(policy)
    if today is not None and max_age is not None:
        found += _stale(policy, today, max_age)
    return found


def _dead_vendors(policy: Policy) -> Iterator[Problem]:
    """Vendors that no clause names or lists, nor a relative of theirs, nor reaches by the country that controls them.

    What asks about everybody reaches nobody in particular: for it a vendor need not be in the register.
    """
    instruments = policy.prohibitions.values()
    speaks_of = [instrument.whom(clause) for instrument in instruments for clause in instrument.clauses]
    named = {vendor for whom in speaks_of if whom.vendors != ANY for vendor in whom.vendors}
    named |= {row.vendor for whom in speaks_of for one in whom.lists for row in policy.lists[one].rows}
    countries = {country for whom in speaks_of for country in whom.controlled_from}
    for family in _families(policy):
        if family.isdisjoint(named) and countries.isdisjoint(policy.vendors[vendor].country for vendor in family):
            for vendor in sorted(family):
                path = Path(policy.files[f"vendors/{vendor}"])
                yield problem_at(path, ("id",), f"no instrument reaches {vendor}", "unreached-vendor")


def _families(policy: Policy) -> Iterable[frozenset[str]]:
    """The vendors that are related to each other, by any tie at any time."""
    family = {vendor: frozenset({vendor}) for vendor in policy.vendors}
    for vendor in policy.vendors.values():
        for owner in vendor.owners:
            joined = family[vendor.id] | family[owner.vendor]
            family.update(dict.fromkeys(joined, joined))
    return dict.fromkeys(family.values())


def _unused_lists(policy: Policy) -> Iterator[Problem]:
    instruments = policy.prohibitions.values()
    used = {one for instrument in instruments for clause in instrument.clauses for one in instrument.whom(clause).lists}
    for unused in sorted(policy.lists.keys() - used):
        yield problem_at(Path(policy.files[f"lists/{unused}"]), ("id",), f"no instrument names {unused}", "unused-list")


def _unmatchable_products(policy: Policy) -> Iterator[Problem]:
    for vendor in policy.vendors.values():
        path = Path(policy.files[f"vendors/{vendor.id}"])
        for number, product in enumerate(vendor.products):
            if not product.purls and not product.cpes and all(" " not in name.strip() for name in product.names):
                message = f"{product.names[0]!r} is one word without a purl or CPE, and one word is never matched alone"
                yield problem_at(path, ("products", number, "names"), message, "unmatchable-product")


def _twin_cases(policy: Policy) -> Iterator[Problem]:
    for cases in policy.cases.values():
        seen: set[str] = set()
        for number, case in enumerate(cases.case):
            if case.name in seen:
                path = Path(policy.files[f"cases/{cases.prohibition}"])
                yield problem_at(path, ("case", number, "name"), f"two cases are called {case.name!r}", "twin-cases")
            seen.add(case.name)


def _stale(policy: Policy, today: date, max_age: int) -> Iterator[Problem]:
    families: dict[str, Iterable[Prohibition | List]] = {
        "prohibitions": policy.prohibitions.values(),
        "lists": policy.lists.values(),
    }
    for family, entries in families.items():
        for entry in entries:
            places: list[tuple[tuple[int | str, ...], date | None]] = [(("checked",), entry.checked)]
            if isinstance(entry, Prohibition):
                places += [(("clauses", n, "checked"), clause.checked) for n, clause in enumerate(entry.clauses)]
            for where, day in places:
                if day is not None and is_older(day, today, max_age):
                    message = f"last checked on {day}, more than {max_age} days before {today}: read the source again"
                    yield problem_at(Path(policy.files[f"{family}/{entry.id}"]), where, message, "stale")
