"""Match x law -> outcomes: each condition of a clause is yes, no or unknown, and they combine as Kleene's AND.

A no spares, and the outcome says which condition it was. Unknown without a no is a review that names what is missing.
It knows no document: a Question is all it sees, so that equal questions are answered once.
"""

from collections.abc import Iterator
from functools import cache

import msgspec

from gate.facts import Said, answers
from gate.law import Clause, Exemption, Law, Target, Words
from gate.ownership import STRANGER, Way, ways
from gate.subject import Act, World
from gate.truth import Truth, all_of, in_every_reading
from gate.waiver import Grant, Refusal, waived
from policy.dates import Interval, Phase
from policy.vocabulary import CATEGORY_TREE, Agreement, Category, Effect, Kind
from policy.vocabulary import Act as ActWord

CAPS = {Kind.WARNING: Effect.WARN, Kind.PROPOSAL: Effect.NOTE, Kind.NOTICE: Effect.NOTE}
"""What kind of instrument can do at most what; a prohibition is not capped."""


class Question(msgspec.Struct, frozen=True):
    """All that a clause asks about: vendor and how surely, where it stands, what for, who does what, and when.

    A maker that the register does not have is `ownership.STRANGER`, and `name` is then what the request calls it.
    """

    vendor: str
    is_certain: bool
    worlds: tuple[World, ...]
    categories: Words
    agreement: str | None
    purposes: Words | None
    facts: Said
    roles: Words | None
    act: Act
    is_delivered: bool = True  # a component whose scope is excluded is not
    grants: tuple[Grant, ...] = ()
    name: str | None = None
    country: str | None = None  # as a request states it
    # What each product that is named is for, by its name alone: any can bring into a scope, and none out of one.
    named: tuple[Words, ...] = ()


class Outcome(msgspec.Struct, frozen=True):
    """What one clause says to one question. `is_fixed`: no other day would change it."""

    clause: Clause
    effect: str
    when: Interval
    in_force: Interval
    through: tuple[str, ...] = ()
    target: Target | None = None  # how the clause names the vendor, or the relative it is reached through
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
        if may_mean(question, clause):
            yield evaluate(question, clause, law)


def may_mean(question: Question, clause: Clause) -> bool:
    """Whether what is said of an unknown maker's product lies surely in the clause's scope, or may and the country or
    a fact is one it names: else everything of everybody would be asked about. A vendor of the register may be meant.
    """
    if question.vendor != STRANGER:
        return True
    in_scope = falls_under(question, clause.categories)
    is_named = question.country is not None and question.country in clause.controlled_from
    is_said = True in answers(question.facts, clause.facts, clause.time_zone).values()
    return (in_scope is True and bool(question.categories)) or (in_scope is not False and (is_named or is_said))


def evaluate(question: Question, clause: Clause, law: Law) -> Outcome | SetAsideReason:
    """What one clause says to one question."""
    bound = _is_bound(question.roles, clause.binds)
    if bound is False:
        return SetAsideReason(clause.code, is_bound=False)
    act = question.act.name
    if act is not None and act not in clause.acts:
        return SetAsideReason(clause.code, is_bound=True)
    span = question.act.span.within(clause.time_zone)
    # Whoever the maker is, a clause that asks for none at all means it.
    is_identified = question.is_certain or (clause.asks_anybody and not clause.controlled_from)
    conditions: dict[str, Truth] = {
        "role": bound,
        "act": True if act is not None else None,
        "identity": True if is_identified else None,
        "delivery": question.is_delivered,
        **_circumstances(question, clause),
    }
    outcome = Outcome(clause, Effect.NOTE, span, clause.interval)
    for name, truth in conditions.items():
        if truth is False:
            return _spared(outcome, name, is_fixed=True)
    found = ways(question.vendor, question.country, clause, law, span)
    if not found:
        # Only who controls a vendor can be otherwise on another day: the dates of names and lists are in the ways.
        is_fixed = not clause.asks_anybody or len(law.relatives.get(question.vendor, ())) <= 1
        return _spared(outcome, "ownership", is_fixed=is_fixed)
    outcomes = [(way, _by_way(way, outcome, question, conditions)) for way in found]
    gravest = min(outcomes, key=_gravity)[1] if len(outcomes) > 1 else outcomes[0][1]
    if gravest.is_fixed and not all(one.is_fixed for _, one in outcomes):
        return msgspec.structs.replace(gravest, is_fixed=False)
    return gravest


def _gravity(answer: tuple[Way, Outcome]) -> tuple[int, int, int, tuple[str, ...], str]:
    """Of several ways the one counts that bites hardest on the act; else one that will; else one that has ended."""
    way, outcome = answer
    phase = (Phase.IN_FORCE, Phase.BEFORE, Phase.ENDED).index(way.interval.phase_of(outcome.when))
    row = way.row.name if way.row else ""
    return list(Effect).index(Effect(outcome.effect)), phase, len(way.through), way.through, row


def _by_way(way: Way, outcome: Outcome, question: Question, conditions: dict[str, Truth]) -> Outcome:
    """The outcome for one way in which the clause reaches the vendor."""
    listed = way.row.categories if way.row else frozenset()
    conditions = {**conditions, "ownership": way.truth}
    outcome = msgspec.structs.replace(outcome, in_force=way.interval, through=way.through, target=way.target)
    if listed:
        in_row = falls_under(question, listed)
        if in_row is False:
            return _spared(outcome, "category", is_fixed=True)
        conditions["category"] = all_of((conditions["category"], in_row))
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
        applies, unknown = _exempts(exemption, question, when, clause.time_zone)
        if applies:
            return _spared(outcome, f"exception {exemption.id}", is_fixed=exemption.interval == Interval())
        missing.extend(name for name in unknown if name not in missing)
    grant, refusal = waived(question.grants, clause, when) if phase is Phase.IN_FORCE else (None, None)
    if grant:
        return msgspec.structs.replace(outcome, spared_by=f"waiver {grant.id}", grant=grant)
    effect = Effect.WARN if phase is Phase.BEFORE else Effect.REVIEW if missing else Effect(clause.effect)
    effect = capped(effect, clause)
    return msgspec.structs.replace(outcome, effect=effect, missing=tuple(missing), refusal=refusal)


def _circumstances(question: Question, clause: Clause) -> dict[str, Truth]:
    return {
        "category": falls_under(question, clause.categories),
        "purpose": _any_of(question.purposes, clause.purposes),
        "agreement": _agreement(question, clause.agreements),
        "position": _position(question.worlds, clause.positions),
        **answers(question.facts, clause.facts, clause.time_zone),
    }


def _spared(outcome: Outcome, by: str, *, is_fixed: bool = False) -> Outcome:
    return msgspec.structs.replace(outcome, spared_by=by, is_fixed=is_fixed)


def capped(effect: Effect, clause: Clause) -> Effect:
    """The effect, or the most that an instrument of this kind can have."""
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


def falls_under(question: Question, named: Words) -> Truth:
    """Whether what is bought falls under the categories of a clause or of a list's row."""
    if any(meets_category(product, named) for product in question.named):
        return True
    return meets_category(question.categories, named)


def _is_spared(question: Question, named: Words) -> Truth:
    """The same for an exception: a name can keep a product out of one."""
    if any(meets_category(product, named) is False for product in question.named):
        return False
    return meets_category(question.categories, named)


def meets_category(have: Words, named: Words) -> Truth:
    """Whether categories meet a scope: named or below is yes, above is unknown; of several all, none, else unknown."""
    if not named:
        return True
    return in_every_reading(_one_category(category, named) for category in have)


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
    return in_every_reading({word in named for word in could_be})


def _position(worlds: tuple[World, ...], named: Words) -> Truth:
    if not named:
        return True
    return in_every_reading({not world.isdisjoint(named) for world in worlds})


def _exempts(exemption: Exemption, question: Question, when: Interval, zone: str) -> tuple[bool, list[str]]:
    """Whether an exception applies to all of the act, and if that is unknown, what would tell."""
    act = question.act.name
    conditions: dict[str, Truth] = {
        "act": True if not exemption.acts else None if act is None else act in exemption.acts,
        "category": _is_spared(question, exemption.categories),
        "purpose": _all_of(question.purposes, exemption.purposes),
        "agreement": _agreement(question, exemption.agreements),
        "position": _position(question.worlds, exemption.positions),
        **answers(question.facts, exemption.facts, zone),
    }
    if not exemption.interval.covers(when) or any(truth is False for truth in conditions.values()):
        return False, []
    unknown = [name for name, truth in conditions.items() if truth is None]
    return not unknown, unknown
