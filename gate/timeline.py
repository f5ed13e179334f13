"""The decision as a function of time: at which instants it changes when everything is done earlier or later."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

import msgspec

from gate.decide import Outcome, Question, evaluate
from gate.decision import Period, verdict
from gate.law import Clause, Law
from policy.dates import DAY, Interval, Moment, crossings, in_order, is_before

Pair = tuple[Question, Clause]
"""A question and a clause whose answer may depend on the day."""


def timeline(
    pairs: Iterable[tuple[Question, Outcome]],
    law: Law,
    *,
    as_of: Moment,
    by_days: bool,
    standing: frozenset[str],
    on_review: str,
) -> tuple[Period, ...]:
    """The periods of the decision. `standing` are effects no date changes; `by_days`: a request moves by whole days."""
    live = [(question, outcome.clause) for question, outcome in pairs if not outcome.is_fixed]
    periods = [Period(None, "")]
    for starts, decision in _values(live, law, as_of, by_days, standing, on_review):
        if periods[-1].decision != decision:
            periods.append(Period(starts, decision))
    first = periods[1] if len(periods) > 1 else Period(None, verdict(set(standing), on_review)[0])
    return (Period(None, first.decision), *periods[2:])


def decided_at(periods: Iterable[Period], at: Moment | None) -> str:
    """The decision in the period in which a moment lies; None: before all of them."""
    current = ""
    for period in periods:
        if period.starts is None or (at is not None and not is_before(at, period.starts)):
            current = period.decision
    return current


def _values(
    live: list[Pair], law: Law, as_of: Moment, by_days: bool, standing: frozenset[str], on_review: str
) -> Iterator[tuple[Moment, str]]:
    """The decision at every move at which any pair's effect changes: each pair is asked about its own dates only."""
    changes: dict[timedelta, list[tuple[str | None, str | None]]] = {}
    effects = Counter[str | None](standing)
    for question, clause in live:
        moves = _moves(question, clause, law, as_of, by_days)
        before = _effect(question, clause, law, moves[0] - DAY if moves else timedelta())
        effects[before] += 1
        for move in moves:
            effect = _effect(question, clause, law, move)
            if effect != before:
                changes.setdefault(move, []).append((before, effect))
                before = effect
    moves = sorted(changes)
    yield as_of + (moves[0] - DAY if moves else timedelta()), _verdict(effects, on_review)
    for move in moves:
        for before, after in changes[move]:
            effects[before] -= 1
            effects[after] += 1
        yield as_of + move, _verdict(effects, on_review)


def _verdict(effects: "Counter[str | None]", on_review: str) -> str:
    return verdict({effect for effect, times in effects.items() if effect and times}, on_review)[0]


def _moves(question: Question, clause: Clause, law: Law, as_of: Moment, by_days: bool) -> list[timedelta]:
    """By how much to move an act so that it comes to either side of each date that matters to a pair."""
    edges = in_order(_edges(question, clause, law))
    if not by_days and isinstance(as_of, datetime):
        return [edge - as_of for edge in edges]
    # An SBOM judged for a whole day moves by days too.
    return [timedelta(days=days) for days in crossings(edges, [question.act.span.within(clause.time_zone)])]


def _effect(question: Question, clause: Clause, law: Law, move: timedelta) -> str | None:
    act = msgspec.structs.replace(question.act, span=question.act.span.moved(move))
    outcome = evaluate(msgspec.structs.replace(question, act=act), clause, law)
    return outcome.effect if isinstance(outcome, Outcome) else None


def _edges(question: Question, clause: Clause, law: Law) -> Iterator[datetime]:
    """Every date that matters to a pair: those of the law, and those of waivers."""
    yield from edges(question.vendor, clause, law)
    yield from _ends_of(grant.span.within(clause.time_zone) for grant in question.grants)


def edges(vendor: str, clause: Clause, law: Law) -> Iterator[datetime]:
    """Every date of the law on which what a clause says of a vendor may change: the clause's own, those of its
    exceptions, of owners and of list rows."""
    intervals: list[Interval] = [clause.interval, *(e.interval for e in clause.exemptions)]
    family = law.relatives.get(vendor, frozenset())
    intervals += [owner.within(clause.time_zone) for vendor in family for owner in law.vendors[vendor].owners]
    named = law.named_by(clause)
    intervals += [target.interval for vendor in family for target in named.get(vendor, ())]
    yield from _ends_of(intervals)


def _ends_of(intervals: Iterable[Interval]) -> Iterator[datetime]:
    for interval in intervals:
        for edge in (interval.starts, interval.ends):
            if edge is not None:
                yield edge
