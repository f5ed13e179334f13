"""A clause and what is asked of it: how the tests of deciding put a question, and read the answer."""

from datetime import UTC, date, datetime

from gate.decide import Outcome, Question, evaluate
from gate.law import Clause, Vendor
from gate.subject import Act
from policy.dates import Interval, Span
from tests.strategies import law_of

FIRST = datetime(2024, 7, 20, tzinfo=UTC)
END = datetime(2025, 7, 20, tzinfo=UTC)
YEAR = Interval(FIRST, END)


def words(*some: str) -> frozenset[str]:
    """A set of words of the vocabulary."""
    return frozenset(some)


def at(moment: date | datetime, ends: date | datetime | None = None, name: str | None = "use") -> Act:
    """An act at a moment, or from one to another."""
    return Act(name, Span(moment, ends))


def outcome(asked: Question, one: Clause, *vendors: Vendor) -> Outcome:
    """What a clause says to a question, which it does not set aside."""
    said = evaluate(asked, one, law_of(one, vendors=vendors))
    assert isinstance(said, Outcome)
    return said


def said(asked: Question, one: Clause, *vendors: Vendor) -> tuple[str, tuple[str, ...], str | None]:
    """Effect, missing facts, and what spared it."""
    found = outcome(asked, one, *vendors)
    return str(found.effect), found.missing, found.spared_by


DENY = ("deny", (), None)
