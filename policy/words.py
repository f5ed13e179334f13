"""The types of single values in policy files: identifiers, texts, dates, and the words of the vocabulary."""

from datetime import date, datetime
from functools import cache
from typing import Annotated, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Strict,
    StringConstraints,
    Tag,
    model_validator,
)

from policy.dates import is_whole
from policy.facts import FACTS, Fact, unfit
from policy.facts import Kind as FactKind
from policy.roles import Role
from policy.vocabulary import (
    Act,
    Agreement,
    Category,
    Kind,
    Ownership,
    Position,
    Provenance,
    Purpose,
    Reach,
)

Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=80)]
Text = Annotated[str, StringConstraints(min_length=1, max_length=2000, strip_whitespace=True)]
Url = Annotated[str, StringConstraints(pattern=r"^https?://[^\s]+$", max_length=2000)]
Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
Jurisdiction = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}(-[A-Z0-9]{1,3})?$")]
Percent = Annotated[float, Field(gt=0, le=100)]

# TOML has no enums, so a word becomes its member here; everything else is strict.
ActWord = Annotated[Act, Strict(False)]
RoleWord = Annotated[Role, Strict(False)]
CategoryWord = Annotated[Category, Strict(False)]
PositionWord = Annotated[Position, Strict(False)]
PurposeWord = Annotated[Purpose, Strict(False)]
AgreementWord = Annotated[Agreement, Strict(False)]
ReachWord = Annotated[Reach, Strict(False)]
OwnershipWord = Annotated[Ownership, Strict(False)]
KindWord = Annotated[Kind, Strict(False)]
ProvenanceWord = Annotated[Provenance, Strict(False)]


def _dated(value: object) -> object:
    if not isinstance(value, date):  # a datetime is a date too
        raise ValueError("write a date (2024-07-20) or a date-time with its offset, without quotes")
    return value


def _with_offset(moment: date) -> date:
    if isinstance(moment, datetime) and moment.utcoffset() is None:
        raise ValueError("a time of day needs its offset from UTC, such as 2024-07-20T00:00:00-04:00")
    return moment


# A union would let pydantic turn a midnight date-time into a date; the value is kept as TOML gave it.
Moment = Annotated[date | datetime, BeforeValidator(_dated), AfterValidator(_with_offset)]


@cache
def _zones() -> frozenset[str]:
    from zoneinfo import available_timezones

    return frozenset(available_timezones())  # it walks the whole folder of zones each time it is called


def _iana(zone: str) -> str:
    if zone not in _zones():
        raise ValueError(f"{zone!r} is no IANA time zone, such as America/New_York")
    return zone


Zone = Annotated[str, AfterValidator(_iana)]


# The tags of such unions stand in round brackets: `load` leaves them out of the place of a fault.
Bound = Annotated[
    Annotated[Moment, Tag("(moment)")] | Annotated[float, Tag("(number)")],
    Discriminator(lambda value: "(number)" if isinstance(value, int | float) else "(moment)"),
]


class Except(BaseModel):
    """Anything but these words, or these countries."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    words: Annotated[list[str], Field(alias="not", min_length=1)]


class Range(BaseModel):
    """From a day or number on, until another: half-open, and either end may be missing."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    __match_args__ = ("starts", "ends")

    starts: Annotated[Bound | None, Field(alias="from")] = None
    ends: Annotated[Bound | None, Field(alias="to")] = None

    @model_validator(mode="after")
    def _limits_something(self) -> Self:
        if self.starts is None and self.ends is None:
            raise ValueError("a range says `from`, `to` or both")
        return self


def _form(value: object) -> str:
    is_except = isinstance(value, Except) or (isinstance(value, dict) and "not" in value)
    return "(not)" if is_except else "(range)" if isinstance(value, dict | Range) else "(words)"


Condition = Annotated[
    Annotated[list[str], Field(min_length=1), Tag("(words)")]
    | Annotated[Except, Tag("(not)")]
    | Annotated[Range, Tag("(range)")],
    Discriminator(_form),
]
"""What is asked of a fact: `["CN"]`, `{ not = ["US"] }`, or `{ from = 2023-12-22, to = 2024-01-01 }`."""


def _demand_known(name: str) -> Fact:
    if name not in FACTS:
        raise ValueError(f"{name!r} is no known fact; known are {', '.join(FACTS)}")
    return FACTS[name]


def _demand_value(name: str, fact: Fact, value: object) -> None:
    if (wrong := unfit(fact, value)) is not None:
        raise ValueError(f"{value!r} is no value of {name!r}; {wrong}")


def _fitting(conditions: dict[str, Condition]) -> dict[str, Condition]:
    for name, asked in conditions.items():
        fact = _demand_known(name)
        if isinstance(asked, Range):
            _demand_whole(name, fact.kind, asked)
            continue
        if fact.kind in (FactKind.DAY, FactKind.NUMBER):
            raise ValueError(f"{name!r} is a {fact.kind}: ask for a range, {{ from = ..., to = ... }}")
        for word in asked.words if isinstance(asked, Except) else asked:
            _demand_value(name, fact, word)
    return conditions


def _demand_whole(name: str, kind: FactKind, asked: Range) -> None:
    bounds = [bound for bound in (asked.starts, asked.ends) if bound is not None]
    days = [bound for bound in bounds if isinstance(bound, date)]
    numbers = [bound for bound in bounds if isinstance(bound, float)]
    if kind is FactKind.DAY:
        is_right, is_ordered = not numbers, len(days) < 2 or is_whole(days[0], days[1])
    elif kind is FactKind.NUMBER:
        is_right, is_ordered = not days, len(numbers) < 2 or numbers[0] < numbers[1]
    else:
        raise ValueError(f"{name!r} has no order: name its values, or {{ not = [...] }}")
    if not is_right:
        raise ValueError(f"{name!r} is a {kind}, and its bounds must be so too")
    if not is_ordered:
        raise ValueError(f"`to` of {name!r} is the first value outside, so it must come after `from`")


Facts = Annotated[dict[str, Condition], AfterValidator(_fitting)]
"""What is asked of facts, by name."""


def _plain(value: object) -> object:
    if isinstance(value, date):
        return value.isoformat()
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _stated(facts: object) -> object:
    if isinstance(facts, dict):
        facts = {name: _plain(value) for name, value in facts.items()}
        for name, value in facts.items():
            _demand_value(name, _demand_known(name), value)
    return facts


StatedFacts = Annotated[dict[str, str | float], BeforeValidator(_stated)]
"""What is said of facts, by name: `{ device = "personal", model-year = 2027, acquired = 2023-12-25 }`."""
