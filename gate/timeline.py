"""The decision as a function of time: at which instants it changes when everything is done earlier or later."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import groupby
from operator import itemgetter

import msgspec

from gate.decide import Outcome, Question, evaluate
from gate.decision import Period, verdict
from gate.law import Clause, Law
from policy.dates import DAY, Interval, Moment, crossings, in_order, is_before

Turn = tuple[timedelta, str | None, str | None]
"""By how much to move an act so that the effect of a clause changes, the effect until there, and from there on."""


class Course(msgspec.Struct, frozen=True):
    """The effects of all clauses on one question, when the act is done ever later: those at first, and every change."""

    at_first: tuple[str | None, ...]
    turns: tuple[Turn, ...]


def course(question: Question, outcomes: Iterable[Outcome], law: Law, as_of: Moment, *, by_days: bool) -> Course:
    """The course of one question: each clause is asked about its own dates only. `by_days`: it moves by whole days."""
    at_first: list[str | None] = []
    turns: list[Turn] = []
    for clause in (outcome.clause for outcome in outcomes if not outcome.is_fixed):
        moves = _moves(question, clause, law, as_of, by_days)
        before = _effect(question, clause, law, moves[0] - DAY if moves else timedelta())
        at_first.append(before)
        for move in moves:
            effect = _effect(question, clause, law, move)
            if effect != before:
                turns.append((move, before, effect))
                before = effect
    return Course(tuple(at_first), tuple(turns))


def effects_at(course: Course, move: timedelta) -> set[str]:
    """The effects of the clauses when the act is moved by so much."""
    effects = Counter[str | None](course.at_first)
    for turn, before, after in course.turns:
        if turn <= move:
            effects[before] -= 1
            effects[after] += 1
    return {effect for effect, times in effects.items() if effect and times}


def timeline(
    courses: Iterable[Course], *, as_of: Moment, standing: Iterable[str], on_review: str
) -> tuple[Period, ...]:
    """The periods of the decision on all questions. `standing` are effects that no date changes."""
    courses = list(courses)
    if not courses:
        return (Period(None, verdict(set(standing), on_review)[0]),)
    effects = Counter[str | None]([*standing, *(effect for one in courses for effect in one.at_first)])
    turns = sorted((turn for one in courses for turn in one.turns), key=itemgetter(0))
    periods = [Period(None, _verdict(effects, on_review))]
    for move, at_once in groupby(turns, key=itemgetter(0)):
        for _, before, after in at_once:
            effects[before] -= 1
            effects[after] += 1
        decision = _verdict(effects, on_review)
        if periods[-1].decision != decision:
            periods.append(Period(as_of + move, decision))
    return tuple(periods)


def _verdict(effects: "Counter[str | None]", on_review: str) -> str:
    return verdict({effect for effect, times in effects.items() if effect and times}, on_review)[0]


def decided_at(periods: Iterable[Period], at: Moment | None) -> str:
    """The decision in the period in which a moment lies; None: before all of them."""
    current = ""
    for period in periods:
        if period.starts is None or (at is not None and not is_before(at, period.starts)):
            current = period.decision
    return current


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
