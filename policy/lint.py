"""The law as a whole: what no single file shows. Missing boundary cases, vendors nobody reaches, dead names."""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from policy.dates import Interval, Span, instant
from policy.load import Policy, Problem, problem_at
from policy.model import Cases, Clause, Prohibition

LAST_INSTANT = timedelta(seconds=1)
"""A case within this before a boundary counts as being at the last instant before it."""


def lint(policy: Policy) -> list[Problem]:
    """Every fault of the law as a whole, in the order of its files."""
    return [*_boundaries(policy), *_dead_vendors(policy), *_unreachable_products(policy), *_twin_cases(policy)]


def _boundaries(policy: Policy) -> Iterator[Problem]:
    """A clause is proven only by a case at the last instant before, and one at the first of, each start and end."""
    for prohibition in policy.prohibitions.values():
        path = Path(policy.files[f"prohibitions/{prohibition.id}"])
        cases = policy.cases.get(prohibition.id)
        if cases is None:
            yield problem_at(path, ("id",), f"{prohibition.id} has no cases")
            continue
        judged = list(_times(cases, prohibition.time_zone))
        for number, clause in enumerate(prohibition.clauses):
            for name, boundary in _edges(clause, prohibition):
                where = ("clauses", number, name)
                if not any(span.holds(boundary) for span in judged):
                    yield problem_at(path, where, f"no case at the first instant of {clause.id}'s {name}, {boundary}")
                before = Interval(boundary - LAST_INSTANT, boundary)
                if not any(before.meets(span) for span in judged):
                    yield problem_at(
                        path, where, f"no case at the last instant before {clause.id}'s {name}, {boundary}"
                    )


def _edges(clause: Clause, prohibition: Prohibition) -> Iterator[tuple[str, datetime]]:
    yield "starts", instant(clause.starts, prohibition.time_zone)
    if clause.ends is not None:
        yield "ends", instant(clause.ends, prohibition.time_zone)


def _times(cases: Cases, zone: str) -> Iterator[Interval]:
    """Every moment at which something is done in a case."""
    for case in cases.case:
        request = {**cases.request, **(case.request or {})} if case.sbom is None else {}
        for moment in (case.as_of, *_moments(request)):
            if moment is not None:
                yield Span(moment).within(zone)


def _moments(value: object) -> Iterator[date]:
    if isinstance(value, dict):
        for inner in value.values():
            yield from _moments(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _moments(inner)
    elif isinstance(value, datetime):
        yield value if value.tzinfo else value.replace(tzinfo=UTC)
    elif isinstance(value, date):
        yield value
    elif isinstance(value, str) and value[:4].isdigit():
        yield from _written(value)


def _written(text: str) -> Iterator[date]:
    try:
        yield date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text)
    except ValueError:
        return  # a product may be called "2024 edition"


def _dead_vendors(policy: Policy) -> Iterator[Problem]:
    named = set(_named(policy.prohibitions.values()))
    asks_who_controls = any(prohibition.vendors == "any" for prohibition in policy.prohibitions.values())
    for vendor in policy.vendors.values():
        relatives = {vendor.id, *(owner.vendor for owner in vendor.owners)}
        if relatives.isdisjoint(named) and not asks_who_controls:
            path = Path(policy.files[f"vendors/{vendor.id}"])
            yield problem_at(path, ("id",), f"no instrument names {vendor.id} or whom it belongs to")


def _named(prohibitions: Iterable[Prohibition]) -> Iterator[str]:
    for prohibition in prohibitions:
        if prohibition.vendors != "any":
            yield from prohibition.vendors
        for clause in prohibition.clauses:
            yield from clause.vendors or ()


def _unreachable_products(policy: Policy) -> Iterator[Problem]:
    for vendor in policy.vendors.values():
        path = Path(policy.files[f"vendors/{vendor.id}"])
        for number, product in enumerate(vendor.products):
            if not product.purls and not product.cpes and all(" " not in name.strip() for name in product.names):
                message = f"{product.names[0]!r} is one word without a purl or CPE, and one word is never matched alone"
                yield problem_at(path, ("products", number, "names"), message)


def _twin_cases(policy: Policy) -> Iterator[Problem]:
    for cases in policy.cases.values():
        seen: set[str] = set()
        for number, case in enumerate(cases.case):
            if case.name in seen:
                path = Path(policy.files[f"cases/{cases.prohibition}"])
                yield problem_at(path, ("case", number, "name"), f"two cases are called {case.name!r}")
            seen.add(case.name)
