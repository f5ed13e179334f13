"""What the law answers to a question: the reasons it gives, the clauses it sets aside, and how time would change that.

An answer depends on the question and the law alone. So the law keeps it: requests for the same thing come again, and
the same packages are in every SBOM. Which components pose the question is no part of it; `check` joins them.
"""

import msgspec

from gate.decide import Outcome, Question, SetAsideReason, decide
from gate.decision import Reason
from gate.law import Law
from gate.memory import FEWER_KEPT, LONGEST, keep
from gate.reasons import reason_of
from gate.timeline import Course, course
from policy.dates import Moment


class Answer(msgspec.Struct, frozen=True):
    """The answer to one question. The reasons name no components."""

    reasons: tuple[Reason, ...]
    not_bound: frozenset[str]  # codes of clauses that bind others
    not_asked: frozenset[str]  # codes of clauses that forbid what nobody asked for
    course: Course


def answer(question: Question, law: Law, as_of: Moment, *, by_days: bool) -> Answer:
    """The answer of the law as it is known. `as_of` and `by_days`: from where and how its course is counted."""
    asked = (question, None if by_days else as_of)
    kept: Answer | None = law.answers.get(asked)
    if kept is None:
        kept = _new(question, law, as_of, by_days)
        if len(question.name or "") <= LONGEST:
            keep(law.answers, asked, kept, FEWER_KEPT)
    return kept


def _new(question: Question, law: Law, as_of: Moment, by_days: bool) -> Answer:
    said = list(decide(question, law))
    outcomes = [one for one in said if isinstance(one, Outcome)]
    aside = [one for one in said if isinstance(one, SetAsideReason)]
    return Answer(
        reasons=tuple(reason_of(question, outcome, law) for outcome in outcomes),
        not_bound=frozenset(one.code for one in aside if not one.is_bound),
        not_asked=frozenset(one.code for one in aside if one.is_bound),
        course=course(question, outcomes, law, as_of, by_days=by_days),
    )
