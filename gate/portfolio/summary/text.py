"""The summary for a terminal."""

from collections.abc import Iterator

from gate.portfolio.summary.content import Summary
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
    yield from _vendors(summary)
    yield from _clauses(summary)
    yield from _coming(summary)
    yield from _faults(summary)


def _vendors(summary: Summary) -> Iterator[str]:
    if summary.vendors:
        yield from ("", f"Vendors: {len(summary.vendors)}")
    for one in summary.vendors[:SHOWN]:
        yield f"  {one.vendor}: {counted(one.systems, 'system')}, {one.deny} denied, {one.review} to be reviewed"
    yield from _more(len(summary.vendors))


def _clauses(summary: Summary) -> Iterator[str]:
    if summary.clauses:
        yield from ("", f"Clauses: {len(summary.clauses)}")
    for one in summary.clauses[:SHOWN]:
        said = [f"{number} {effect}" for effect, number in _effects(one.deny, one.review, one.warn) if number]
        yield f"  {one.code}: {', '.join(said)}"
    yield from _more(len(summary.clauses))


def _effects(deny: int, review: int, warn: int) -> tuple[tuple[str, int], ...]:
    return ("deny", deny), ("review", review), ("warn", warn)


def _coming(summary: Summary) -> Iterator[str]:
    if summary.coming:
        yield from ("", f"Coming changes: {len(summary.coming)}; `gate forecast` says which systems, and why")
    for one in summary.coming[:SHOWN]:
        yield f"  {in_words(one.at, 'UTC')}: {counted(one.systems, 'system')} to {one.decision}"
    yield from _more(len(summary.coming))


def _faults(summary: Summary) -> Iterator[str]:
    if summary.faults:
        yield from ("", f"No verdict: {summary.outcomes['no verdict']:,}")
    for one in summary.faults[:SHOWN]:
        place = f":{one.fault.line}" if one.fault.line else ""
        yield f"  {one.system}{place}: {one.fault.what}. {one.fault.remedy or ''}".rstrip()
    yield from _more(summary.outcomes["no verdict"])


def _more(whole: int) -> Iterator[str]:
    """What a list leaves out."""
    if whole > SHOWN:
        yield f"  and {whole - SHOWN:,} more"
