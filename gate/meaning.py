"""What a clause means for a decision, apart from how it is written: clauses that mean the same decide the same."""

import msgspec

from gate.decide import Question, below, capped
from gate.law import Clause, Exemption, Law, Words
from gate.ownership import ways
from gate.truth import Truth
from policy.dates import Interval, in_order
from policy.roles import ROLE_IMPLIES, Role
from policy.vocabulary import ACT_IMPLIES, Act, Effect, Position

Reached = frozenset[tuple[Interval, Truth, tuple[Words, ...]]]
"""While when a vendor is reached, how surely, and what of its products."""


def mean_the_same(one: Clause, other: Clause, law: Law) -> bool:
    """Whether two clauses decide the same on every day, for every vendor of the register and everybody else."""
    if one == other:
        return True
    one, other = _essence(one, law), _essence(other, law)
    return _of_nobody(one) == _of_nobody(other) and _reached_ever(one, law) == _reached_ever(other, law)


def reached(clause: Clause, law: Law, question: Question) -> Reached:
    """How a clause reaches the vendor of a question, on the day of the question; empty if it is not about it at all."""
    if not law.is_about(clause, question.vendor):
        return frozenset()
    span = question.act.span.within(clause.time_zone) if clause.controlled_from else Interval()
    return _reached(question.vendor, question.country, clause, law, span)


def implied(role: str) -> frozenset[str]:
    """A role, and every role that whoever has it has too."""
    return frozenset({role}).union(*(implied(other.value) for other in ROLE_IMPLIES.get(Role(role), ())))


def asked_positions(positions: Words, acts: Words) -> Words:
    """The positions, or none if they leave out nothing: what a supplier uses is asked about by one act alone."""
    could_be = {position.value for position in Position}
    if Act.CONTRACT_WITH_USER not in acts:
        could_be.discard(Position.USED_BY_SUPPLIER)
    return frozenset() if positions >= could_be else positions & could_be or positions


def _essence(clause: Clause, law: Law) -> Clause:
    """The clause without what makes no difference to any decision."""
    rows = [] if clause.vendors else [row for name in clause.lists for row in law.lists[name].rows]
    clause = msgspec.structs.replace(
        clause,
        # Before the first row of its lists is public it speaks of nobody.
        published=in_order([clause.published, *in_order(row.published for row in rows)[:1]])[-1],
        effect=_effect(clause),
        acts=frozenset(act for act in clause.acts if clause.acts.isdisjoint(_at_once(act))),
        binds=frozenset(role for role in clause.binds if clause.binds.isdisjoint(implied(role) - {role})),
        categories=_widest(clause.categories),
        positions=asked_positions(clause.positions, clause.acts),
        exemptions=tuple(_plain(exemption) for exemption in clause.exemptions),
    )
    if clause.effect == Effect.WARN:  # it warns before it begins as it does afterwards
        return msgspec.structs.replace(clause, interval=Interval(None, clause.interval.ends))
    if clause.effect == Effect.NOTE:  # whatever is met and whatever is not, it is noted
        return msgspec.structs.replace(
            clause,
            # But of a maker that nobody knows, nothing is said of what lies out of scope.
            categories=clause.categories if clause.asks_anybody else frozenset(),
            **dict.fromkeys(("positions", "purposes", "agreements"), frozenset[str]()),
            facts={},
            interval=Interval(),
            exemptions=(),
            permissions=(),
            after_listing=None,
        )
    return clause


def _effect(clause: Clause) -> str:
    return capped(Effect(clause.effect), clause).value


def _of_nobody(clause: Clause) -> Clause:
    """The clause without whom it is about, but whether it may be anybody; and without what `Reached` says of it."""
    somebody = frozenset() if clause.asks_anybody else frozenset({"somebody"})
    categories = clause.categories if clause.asks_anybody else frozenset[str]()
    return msgspec.structs.replace(
        clause, vendors=somebody, lists=frozenset(), reach=frozenset(), control_share=None, categories=categories
    )


def _reached_ever(clause: Clause, law: Law) -> dict[str, Reached]:
    """How a clause reaches every vendor of the register, on any day."""
    return {v: _reached(v, None, clause, law, Interval()) for v in law.vendors if law.is_about(clause, v)}


def _reached(vendor: str, country: str | None, clause: Clause, law: Law, span: Interval) -> Reached:
    if _effect(clause) == Effect.NOTE:
        return frozenset({(Interval(), True, ())})
    is_warning = _effect(clause) == Effect.WARN
    return frozenset(
        (
            Interval(None, way.interval.ends) if is_warning else way.interval,
            way.truth,
            _narrowest(clause.categories, way.row.categories if way.row else frozenset()),
        )
        for way in ways(vendor, country, clause, law, span)
    )


def _narrowest(asked: Words, listed: Words) -> tuple[Words, ...]:
    """What a clause and a row ask of the category together: the one that covers the other adds nothing."""
    if not listed or (asked and asked <= _covered(listed)):
        return (asked,)
    return (listed,) if not asked or listed <= _covered(asked) else (asked, listed)


def _covered(categories: Words) -> Words:
    return frozenset[str]().union(*(below(category) for category in categories))


def _plain(exemption: Exemption) -> Exemption:
    return msgspec.structs.replace(exemption, categories=_widest(exemption.categories))


def _at_once(act: str) -> Words:
    """What is done in the same moment and never apart: what is used is kept."""
    return frozenset(other.value for other in ACT_IMPLIES.get(Act.USE, ())) if act == Act.USE else frozenset()


def _widest(categories: Words) -> Words:
    """The categories without those that another of them covers."""
    return frozenset(c for c in categories if not any(c != other and c in below(other) for other in categories))
