"""What a clause asks of a fact, and whether what was stated of it is an answer: yes, no, or unknown."""

import msgspec

from gate.truth import Truth
from policy.dates import Interval, in_words, stated
from policy.facts import Stated


class OneOf(msgspec.Struct, frozen=True, tag=True):
    """One of these words or countries; `is_not`: any other."""

    words: frozenset[str]
    is_not: bool = False


class During(msgspec.Struct, frozen=True, tag=True):
    """A day or an instant within this time."""

    interval: Interval


class Between(msgspec.Struct, frozen=True, tag=True):
    """A number from one on and below another."""

    least: float | None = None
    below: float | None = None


Asked = OneOf | During | Between
"""What is asked of one fact."""

Said = tuple[tuple[str, Stated], ...]
"""Facts as they were stated, by name."""


def answers(said: Said, asked: dict[str, Asked], zone: str) -> dict[str, Truth]:
    """The answer to each fact that is asked; days are legal days in `zone`."""
    known = dict(said)
    return {f"fact {name}": _answer(one, known[name], zone) if name in known else None for name, one in asked.items()}


def _answer(asked: Asked, value: Stated, zone: str) -> Truth:
    match asked, value:
        case OneOf(words, is_not), str():
            return (value in words) is not is_not
        case During(interval), str():
            day = stated(value, zone)
            # A day of which only a part lies within leaves it open.
            return True if interval.covers(day) else None if interval.meets(day) else False
        case Between(least, below), float():
            return (least is None or least <= value) and (below is None or value < below)
        case _:
            return None  # a value of another kind answers nothing; readers refuse it


def in_short(asked: Asked, zone: str) -> frozenset[str]:
    """What is asked, as `gate explain` lists it."""
    if isinstance(asked, OneOf):
        return frozenset(f"not {word}" for word in asked.words) if asked.is_not else asked.words
    if isinstance(asked, During):
        bounds = [bound and in_words(bound, zone) for bound in (asked.interval.starts, asked.interval.ends)]
    else:
        bounds = [None if bound is None else f"{bound:g}" for bound in (asked.least, asked.below)]
    return frozenset(f"{word} {bound}" for word, bound in zip(("from", "before"), bounds, strict=True) if bound)
