"""The types of single values in policy files: identifiers, texts, dates, and the words of the vocabulary."""

from datetime import date, datetime
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Strict, StringConstraints

from policy.vocabulary import (
    FACTS,
    Act,
    Agreement,
    Category,
    Kind,
    Ownership,
    Position,
    Provenance,
    Purpose,
    Reach,
    Role,
)

Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=80)]
Text = Annotated[str, StringConstraints(min_length=1, max_length=2000, strip_whitespace=True)]
Url = Annotated[str, StringConstraints(pattern=r"^https?://[^\s]+$", max_length=2000)]
Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]

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


def _iana(zone: str) -> str:
    from zoneinfo import available_timezones

    if zone not in available_timezones():
        raise ValueError(f"{zone!r} is no IANA time zone, such as America/New_York")
    return zone


Zone = Annotated[str, AfterValidator(_iana)]


def _known_facts(facts: dict[str, list[str]]) -> dict[str, list[str]]:
    for name, words in facts.items():
        if name not in FACTS:
            raise ValueError(f"{name!r} is no known fact; known are {', '.join(FACTS)}")
        if wrong := [word for word in words if word not in FACTS[name]]:
            raise ValueError(f"{wrong[0]!r} is no value of {name!r}; its values are {', '.join(FACTS[name])}")
        if not words:
            raise ValueError(f"{name!r} names no value")
    return facts


Facts = Annotated[dict[str, list[str]], AfterValidator(_known_facts)]


def _stated(facts: dict[str, str]) -> dict[str, str]:
    _known_facts({name: [word] for name, word in facts.items()})
    return facts


StatedFacts = Annotated[dict[str, str], AfterValidator(_stated)]
