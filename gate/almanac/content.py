"""The almanac: the clauses that bind somebody, how each stands to a day, and the days on which that changes."""

from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime
from itertools import groupby

import msgspec

from gate.law import Clause, Law
from policy.dates import Interval, Moment, Phase, Span, in_words, legal_day
from policy.roles import ROLE_IMPLIES, Role
from policy.vocabulary import Effect, Kind

LIMITED = {Kind.WARNING: Effect.WARN, Kind.PROPOSAL: Effect.NOTE, Kind.NOTICE: Effect.NOTE}
"""Kind of an instrument -> the most its clauses can do; a prohibition's do what they say."""


class Term(msgspec.Struct, frozen=True):
    """A clause while it runs: for all it names, or for those whom its lists name from one moment to another."""

    clause: Clause
    interval: Interval
    listed: tuple[str, ...] = ()  # as the list spells them

    @property
    def runs(self) -> str:
        """From when to when, in words."""
        return runs(self.clause, self.interval)


class Edge(msgspec.Struct, frozen=True):
    """A moment at which a clause starts or ends: the first instant in force, or the first one no longer."""

    at: datetime
    what: str  # starts or ends
    clause: Clause
    listed: tuple[str, ...] = ()  # for whom; empty: for all it names

    @property
    def day(self) -> date:
        """The legal day, where the instrument comes from."""
        return legal_day(self.at, self.clause.time_zone)

    @property
    def id(self) -> str:
        """What it is called for ever. A list has many such moments, so there the moment belongs to the name."""
        name = f"{self.clause.code}/{self.what}"
        return f"{name}/{self.at:%Y-%m-%dT%H%M%SZ}" if self.listed else name


class Almanac(msgspec.Struct, frozen=True):
    """The terms of a law's clauses, in a fixed order, and the day they are looked at."""

    on: Moment
    version: str
    digest: str
    roles: tuple[str, ...]  # for whom; empty: for everybody
    terms: tuple[Term, ...]

    @property
    def clauses(self) -> tuple[Clause, ...]:
        """Every clause once."""
        return tuple({term.clause.code: term.clause for term in self.terms}.values())

    def phase(self, term: Term) -> Phase:
        """How a term stands to the day."""
        return term.interval.phase_of(Span(self.on).within(term.clause.time_zone))

    def in_phase(self, phase: Phase) -> list[list[Term]]:
        """The terms that stand so, those of one clause together."""
        return _grouped((term for term in self.terms if self.phase(term) is phase), lambda term: term.clause.code)

    def edges(self) -> list[Edge]:
        """Every start and end, earliest first; what a list starts or ends at once is one."""
        found: dict[tuple[datetime, str, str, bool], Edge] = {}
        for term in self.terms:
            for what, at in (("starts", term.interval.starts), ("ends", term.interval.ends)):
                if at is not None:
                    key = (at, term.clause.code, what, bool(term.listed))
                    others = found[key].listed if key in found else ()
                    found[key] = Edge(at, what, term.clause, tuple(sorted({*others, *term.listed})))
        return [found[key] for key in sorted(found)]

    def coming(self) -> list[Edge]:
        """The starts and ends that lie after the day, nearest first."""
        return [edge for edge in self.edges() if self._is_ahead(edge)]

    def _is_ahead(self, edge: Edge) -> bool:
        return Interval(edge.at).phase_of(Span(self.on).within(edge.clause.time_zone)) is Phase.BEFORE

    def instruments(self) -> Iterator[tuple[Clause, list[Term]]]:
        """The terms of each instrument, with one of its clauses to speak for it; by jurisdiction, then id."""
        ordered = sorted(self.terms, key=lambda term: (term.clause.jurisdiction, term.clause.instrument))
        for group in _grouped(ordered, lambda term: term.clause.instrument):
            yield group[0].clause, sorted(group, key=lambda term: (*_moments(term), term.clause.code))

    @property
    def day(self) -> str:
        """The day as a reader says it."""
        if isinstance(self.on, datetime):
            return in_words(self.on, "UTC")
        return f"{self.on.day} {self.on:%B %Y}"

    @property
    def summary(self) -> str:
        """How much is in force, for whom."""
        count = {phase: len(self.in_phase(phase)) for phase in Phase}
        whom = f"for {', '.join(self.roles)}" if self.roles else "for everybody this law knows"
        return (
            f"{count[Phase.IN_FORCE]} clauses in force, {count[Phase.BEFORE]} to come, {count[Phase.ENDED]} ended, "
            f"{whom}. Law {self.version} ({self.digest[:19]})."
        )


def almanac(law: Law, on: Moment, roles: Iterable[str] = ()) -> Almanac:
    """The almanac of a law for some roles, what they imply, and what binds anyone. No role: for everybody."""
    named = tuple(sorted(set(roles)))
    bound = {"anyone", *named, *(implied.value for role in named for implied in ROLE_IMPLIES.get(Role(role), ()))}
    clauses = (clause for clause in law.clauses if not named or not clause.binds.isdisjoint(bound))
    return Almanac(on, law.version, law.digest, named, tuple(term for one in clauses for term in _terms(one, law)))


def effect_of(clause: Clause) -> str:
    """What a clause does at most: a warning never denies."""
    return str(LIMITED.get(Kind(clause.kind), clause.effect))


def names(listed: Iterable[str]) -> str:
    """Names as a list has them; they hold commas and full stops of their own."""
    return "; ".join(listed)


def runs(clause: Clause, interval: Interval | None = None) -> str:
    """From when to when a clause is in force, in words: as it says itself, or in one of its terms."""
    starts, ends = (interval or clause.interval).starts, (interval or clause.interval).ends
    if starts is None and clause.after_listing is not None:
        since = f"from {clause.after_listing} days after a vendor is listed"
    else:
        since = f"from {in_words(starts, clause.time_zone)}" if starts else "from no certain day"
    until = in_words(ends, clause.time_zone) if ends else clause.ends_with
    return f"{since} until {until}" if until else since


def _terms(clause: Clause, law: Law) -> Iterator[Term]:
    listed: dict[Interval, list[str]] = {}
    for target in (target for ways in law.named_by(clause).values() for target in ways):
        if target.row is not None and target.row.withdrawn is None:  # what was taken back was never in force
            listed.setdefault(target.interval, []).append(target.row.name)
    terms = [Term(clause, interval, tuple(sorted(names))) for interval, names in listed.items()]
    if clause.vendors or not listed:
        terms.append(Term(clause, clause.interval))
    yield from sorted(terms, key=_moments)


def _moments(term: Term) -> tuple[str, ...]:
    return tuple(at.isoformat() if at else "" for at in (term.interval.starts, term.interval.ends))


def _grouped(terms: Iterable[Term], key: Callable[[Term], str]) -> list[list[Term]]:
    return [list(group) for _, group in groupby(terms, key=key)]
