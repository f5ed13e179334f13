"""The summary for a terminal."""

from collections.abc import Iterable, Iterator
from itertools import islice

from gate.portfolio.summary.content import ClauseCount, Coming, Named, Summary, VendorCount
from gate.terminal import counted, one_line
from policy.dates import in_words

SHOWN = 10
"""Rows of each list. What is left out is counted; the other forms have it."""


def render(summary: Summary) -> bytes:
    """Counts first, then who and what it is about, then what comes."""
    return "".join(f"{one_line(text)}\n" for text in _lines(summary)).encode()


def _lines(summary: Summary) -> Iterator[str]:
    counts = ", ".join(f"{number:,} {outcome}" for outcome, number in summary.outcomes.items())
    yield f"{summary.scope}: {counts}"
    yield f"As of {in_words(summary.as_of, 'UTC')}, {summary.whom}, law {summary.policy_version}"
    yield f"{summary.components:,} components; {summary.identified:,} say something about their maker"
    yield from _listed(f"Vendors: {len(summary.vendors)}", map(_vendor, summary.vendors), len(summary.vendors))
    yield from _listed(f"Clauses: {len(summary.clauses)}", map(_clause, summary.clauses), len(summary.clauses))
    coming = f"Coming changes: {len(summary.coming)}; `gate forecast` says which systems, and why"
    yield from _listed(coming, map(_turn, summary.coming), len(summary.coming))
    undecided = summary.outcomes["no verdict"]
    yield from _listed(f"No verdict: {undecided:,}", map(_fault, summary.faults), undecided)


def _listed(head: str, rows: Iterable[str], whole: int) -> Iterator[str]:
    """The first rows of a list below its head, and how many it leaves out; of an empty list nothing."""
    if whole:
        yield from ("", head)
    yield from (f"  {row}" for row in islice(rows, SHOWN))
    if whole > SHOWN:
        yield f"  and {whole - SHOWN:,} more"


def _vendor(one: VendorCount) -> str:
    return f"{one.vendor}: {counted(one.systems, 'system')}, {one.deny} denied, {one.review} to be reviewed"


def _clause(one: ClauseCount) -> str:
    effects = (("deny", one.deny), ("review", one.review), ("warn", one.warn))
    return f"{one.code}: {', '.join(f'{number} {effect}' for effect, number in effects if number)}"


def _turn(one: Coming) -> str:
    return f"{in_words(one.at, 'UTC')}: {counted(one.systems, 'system')} to {one.decision}"


def _fault(one: Named) -> str:
    place = f":{one.fault.line}" if one.fault.line else ""
    return f"{one.system}{place}: {one.fault.what}. {one.fault.remedy or ''}".rstrip()
