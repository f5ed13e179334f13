"""A clause is proven only by cases at both sides of each of its dates: the last instant before, and the first of it."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from policy.dates import Interval, Span, instant, parsed
from policy.load import Policy, Problem, problem_at
from policy.model import Cases
from policy.prohibition import AfterListing, Clause, Prohibition

LAST_INSTANT = timedelta(seconds=1)
"""A case within this before a boundary counts as being at the last instant before it."""


def unproven(policy: Policy) -> Iterator[Problem]:
    """Instruments without cases, and dates of clauses without a case on either side."""
    for prohibition in policy.prohibitions.values():
        path = Path(policy.files[f"prohibitions/{prohibition.id}"])
        cases = policy.cases.get(prohibition.id)
        if cases is None:
            yield problem_at(path, ("id",), f"{prohibition.id} has no cases", "no-cases")
            continue
        judged = list(_times(cases, prohibition.time_zone))
        for number, clause in enumerate(prohibition.clauses):
            for name, boundary in _edges(clause, prohibition):
                where = ("clauses", number, name)
                said = f"{clause.id}'s {name}, {boundary.astimezone(ZoneInfo(prohibition.time_zone)).isoformat()}"
                if not any(span.holds(boundary) for span in judged):
                    yield problem_at(path, where, f"no case at the first instant of {said}", "unproven-boundary")
                before = Interval(boundary - LAST_INSTANT, boundary)
                if not any(before.meets(span) for span in judged):
                    yield problem_at(path, where, f"no case at the last instant before {said}", "unproven-boundary")


def _edges(clause: Clause, prohibition: Prohibition) -> Iterator[tuple[str, datetime]]:
    if not isinstance(clause.starts, AfterListing):
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
        yield parsed(text)
    except ValueError:
        return  # a product may be called "2024 edition"
