"""The almanac for a terminal: in force, to come in the order of the days, ended."""

from collections.abc import Iterator

from gate.almanac.content import Almanac, Term, effect_of, names
from gate.law import Clause
from gate.terminal import safe
from policy.dates import Phase, in_words

TITLES = {Phase.IN_FORCE: "In force", Phase.BEFORE: "To come", Phase.ENDED: "Ended"}


def render(almanac: Almanac) -> bytes:
    """One paragraph for each clause, and one line for each day on which something changes."""
    return safe("\n".join((*_lines(almanac), ""))).encode()


def _lines(almanac: Almanac) -> Iterator[str]:
    yield f"On {almanac.day}: {almanac.summary}"
    for phase, title in TITLES.items():
        groups = almanac.in_phase(phase)
        yield from ("", f"{title}: {len(groups)}")
        if phase is Phase.BEFORE:
            yield from _changes(almanac)
        for terms in groups:
            yield from _described(terms[0].clause, terms)


def _changes(almanac: Almanac) -> Iterator[str]:
    for edge in almanac.coming():
        whom = f" for {names(edge.listed)}" if edge.listed else ""
        yield f"  {in_words(edge.at, edge.clause.time_zone)}: {edge.clause.code} {edge.what}{whom}"


def _described(clause: Clause, terms: list[Term]) -> Iterator[str]:
    yield f"  {clause.code}  {clause.kind}, {effect_of(clause)}"
    yield f"    {clause.text}"
    yield f"    binds {', '.join(sorted(clause.binds))}; {clause.citation[0].text}"
    for term in terms:
        yield f"    {term.runs}{': ' if term.listed else ''}{names(term.listed)}"
