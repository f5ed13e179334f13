"""Match x law -> outcomes: each condition of a clause is yes, no or unknown, and they combine as Kleene's AND.

A no spares, and the outcome says which condition it was. Unknown without a no is a review that names what is missing.
It knows no document: a Question is all it sees, so that equal questions are answered once.
"""

from collections.abc import Iterable, Iterator
from functools import cache

import msgspec

from gate.law import Clause, Exemption, Law, Words
from gate.ownership import Truth, is_reached, ownership
from gate.subject import Act, World
from policy.dates import Interval, Phase, Span
from policy.vocabulary import CATEGORY_TREE, Agreement, Category, Effect, Kind
from policy.vocabulary import Act as ActWord

CAPS = {Kind.WARNING: Effect.WARN, Kind.PROPOSAL: Effect.NOTE, Kind.NOTICE: Effect.NOTE}
"""What kind of instrument can do at most what; a prohibition is not capped."""


class Grant(msgspec.Struct, frozen=True):
    """A waiver that fits a component, before it is known whether its law permits it."""

    id: str
    prohibitions: tuple[str, ...]
    granted_by: str
    approver: str
    authority: str
    span: Span


class Question(msgspec.Struct, frozen=True):
    """All that a clause asks about: vendor and how surely, where it stands, what for, who does what, and when."""

    vendor: str
    is_certain: bool
    worlds: tuple[World, ...]
    categories: Words
    agreement: str | None
    purposes: Words | None
    facts: tuple[tuple[str, str], ...]
    roles: Words | None
    act: Act
    is_delivered: bool = True  # a component whose scope is excluded is not
    grants: tuple[Grant, ...] = ()


class Refusal(msgspec.Struct, frozen=True):
    """A grant that waives nothing, and why."""

    grant: Grant
    why: str


class Outcome(msgspec.Struct, frozen=True):
    """What one clause says to one question. `is_fixed`: no other day would change it."""

    clause: Clause
    effect: str
    when: Interval
    in_force: Interval
    through: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    spared_by: str | None = None
    is_fixed: bool = False
    grant: Grant | None = None
    refusal: Refusal | None = None


class SetAsideReason(msgspec.Struct, frozen=True):
    """Why a clause gives no reason at all: it binds others, or forbids what nobody asked for."""

    code: str
    is_bound: bool


def decide(question: Question, law: Law) -> Iterator[Outcome | SetAsideReason]:
    """What every clause that could reach the vendor says."""
    for clause in law.clauses_about(question.vendor):
        yield evaluate(question, clause, law)


def evaluate(question: Question, clause: Clause, law: Law) -> Outcome | SetAsideReason:
    """What one clause says to one question."""
    bound = _is_bound(question.roles, clause.binds)
    if bound is False:
        return SetAsideReason(clause.code, is_bound=False)
    act = question.act.name
    if act is not None and act not in clause.acts:
        return SetAsideReason(clause.code, is_bound=True)
    span = question.act.span.within(clause.time_zone)
    conditions: dict[str, Truth] = {
        "role": bound,
        "act": True if act is not None else None,
        "identity": True if question.is_certain else None,
        "delivery": question.is_delivered,
        **_circumstances(question, clause),
    }
    outcome = Outcome(clause, Effect.NOTE, span, clause.interval)
    for name, truth in conditions.items():
        if truth is False:
            return _spared(outcome, name, is_fixed=True)
    owned, through = ownership(question.vendor, clause, law, span)
    conditions["ownership"] = is_reached(question.vendor, clause, law, span, owned)
    if conditions["ownership"] is False or (owned is not None and not clause.interval.meets(owned)):
        return _spared(outcome, "ownership", is_fixed=not law.vendors[question.vendor].owners)
    in_force = clause.interval if owned is None else clause.interval.overlap(owned)
    outcome = msgspec.structs.replace(outcome, in_force=in_force, through=through)
    return _in_time(outcome, question, [name for name, truth in conditions.items() if truth is None])


def _in_time(outcome: Outcome, question: Question, missing: list[str]) -> Outcome:
    """The outcome where no condition says no: it turns on the time, on exceptions, on what is missing, on waivers."""
    clause, span = outcome.clause, outcome.when
    phase = outcome.in_force.phase_of(span)
    if phase is Phase.ENDED:
        return _spared(outcome, "ended")
    when = outcome.in_force.overlap(span) if phase is Phase.IN_FORCE else span
    outcome = msgspec.structs.replace(outcome, when=when)
    for exemption in clause.exemptions:
        applies, unknown = _exempts(exemption, question, when)
        if applies:
            return _spared(outcome, f"exception {exemption.id}", is_fixed=exemption.interval == Interval())
        missing.extend(name for name in unknown if name not in missing)
    grant, refusal = _waived(question.grants, clause, when) if phase is Phase.IN_FORCE else (None, None)
    if grant:
        return msgspec.structs.replace(outcome, spared_by=f"waiver {grant.id}", grant=grant)
    effect = Effect.WARN if phase is Phase.BEFORE else Effect.REVIEW if missing else Effect(clause.effect)
    effect = _capped(effect, clause)
    return msgspec.structs.replace(outcome, effect=effect, missing=tuple(missing), refusal=refusal)


def _circumstances(question: Question, clause: Clause) -> dict[str, Truth]:
    return {
        "category": meets_category(question.categories, clause.categories),
        "purpose": _any_of(question.purposes, clause.purposes),
        "agreement": _agreement(question, clause.agreements),
        "position": _position(question.worlds, clause.positions),
        **_facts(question.facts, clause.facts),
    }


def _spared(outcome: Outcome, by: str, *, is_fixed: bool = False) -> Outcome:
    return msgspec.structs.replace(outcome, spared_by=by, is_fixed=is_fixed)


def _capped(effect: Effect, clause: Clause) -> Effect:
    order = list(Effect)
    cap = CAPS.get(Kind(clause.kind), Effect.DENY)
    return max(effect, cap, key=order.index)


def _is_bound(roles: Words | None, binds: Words) -> Truth:
    if "anyone" in binds:
        return True
    return None if roles is None else not roles.isdisjoint(binds)


@cache
def below(category: str) -> Words:
    """A category and everything under it."""
    found = {category}
    for child in CATEGORY_TREE.get(Category(category), ()):
        found |= below(child.value)
    return frozenset(found)


def meets_category(have: Words, named: Words) -> Truth:
    """Whether categories meet a scope: named or below is yes, above is unknown; of several all, none, else unknown."""
    if not named:
        return True
    answers = {_one_category(category, named) for category in have}
    return answers.pop() if len(answers) == 1 else None


def _one_category(category: str, named: Words) -> Truth:
    if any(category in below(scope) for scope in named):
        return True
    return None if not below(category).isdisjoint(named) else False


def _any_of(have: Words | None, named: Words) -> Truth:
    if not named:
        return True
    return None if have is None else not have.isdisjoint(named)


def _all_of(have: Words | None, named: Words) -> Truth:
    if not named:
        return True
    return None if have is None else bool(have) and have <= named


def _agreement(question: Question, named: Words) -> Truth:
    if not named:
        return True
    if question.agreement is not None:
        return question.agreement in named
    # Unsaid: to acquire is to agree anew; to renew is a renewal or an option; anything else can rest on any.
    could_be = (
        {
            ActWord.ACQUIRE: {Agreement.NEW.value},
            ActWord.RENEW: {Agreement.RENEWAL.value, Agreement.OPTION.value},
        }.get(ActWord(question.act.name), {a.value for a in Agreement})
        if question.act.name
        else {a.value for a in Agreement}
    )
    return _kleene_any({word in named for word in could_be})


def _position(worlds: tuple[World, ...], named: Words) -> Truth:
    if not named:
        return True
    return _kleene_any({not world.isdisjoint(named) for world in worlds})


def _kleene_any(answers: set[bool]) -> Truth:
    """Yes if every reading says yes, no if none does."""
    return answers.pop() if len(answers) == 1 else None


def _facts(have: tuple[tuple[str, str], ...], named: dict[str, Words]) -> dict[str, Truth]:
    stated = dict(have)
    return {f"fact {name}": stated[name] in words if name in stated else None for name, words in named.items()}


def _exempts(exemption: Exemption, question: Question, when: Interval) -> tuple[bool, list[str]]:
    """Whether an exception applies to all of the act, and if that is unknown, what would tell."""
    act = question.act.name
    conditions: dict[str, Truth] = {
        "act": True if not exemption.acts else None if act is None else act in exemption.acts,
        "category": meets_category(question.categories, exemption.categories),
        "purpose": _all_of(question.purposes, exemption.purposes),
        "agreement": _agreement(question, exemption.agreements),
        "position": _position(question.worlds, exemption.positions),
        **_facts(question.facts, exemption.facts),
    }
    if not exemption.interval.covers(when) or any(truth is False for truth in conditions.values()):
        return False, []
    unknown = [name for name, truth in conditions.items() if truth is None]
    return not unknown, unknown


def _waived(grants: Iterable[Grant], clause: Clause, when: Interval) -> tuple[Grant | None, Refusal | None]:
    """The grant that waives this clause for all of the act; else the first that fails to, and why."""
    refusal = None
    for grant in grants:
        if clause.instrument not in grant.prohibitions and clause.code not in grant.prohibitions:
            continue
        why = _why_refused(grant, clause, when)
        if why is None:
            return grant, None
        refusal = refusal or Refusal(grant, why)
    return None, refusal


def _why_refused(grant: Grant, clause: Clause, when: Interval) -> str | None:
    permissions = [p for p in clause.permissions if p.by == grant.granted_by]
    if not permissions:
        return f"its law lets no {grant.granted_by} waive it"
    runs = grant.span.within(clause.time_zone)
    if not any(Interval(None, permission.until).covers(runs) for permission in permissions):
        return "it runs longer than its law lets it"
    return None if runs.covers(when) else "it does not cover the whole time of the act"
