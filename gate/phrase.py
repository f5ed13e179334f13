"""How a lawyer says that something in a law changed: a phrase for each field of it, starting with what is so now."""

from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from gate.facts import Asked, in_short
from gate.law import Citation, Exemption, Permission, Words
from policy.dates import Interval, in_words
from policy.vocabulary import Kind

Phrases = Callable[[Any, Any, str], Iterator[str]]
"""The value before, the value now, and the time zone -> what changed."""


def _words(verb: str, noun: str = "") -> Phrases:
    """Words that a clause always has some of."""

    def phrases(old: Words, new: Words, _: str) -> Iterator[str]:
        if more := new - old:
            yield f"now also {verb} {noun}{_listed(more)}"
        if less := old - new:
            yield f"no longer {verb} {noun}{_listed(less)}"

    return phrases


def _condition(noun: str) -> Phrases:
    """Words that ask nothing when there are none."""
    also = _words("covers", f"the {noun} ")

    def phrases(old: Words, new: Words, zone: str) -> Iterator[str]:
        if not old:
            yield f"now asks for the {noun} {_listed(new, ' or ')}; any would do before"
        elif not new:
            yield f"no longer asks for the {noun} {_listed(old, ' or ')}"
        else:
            yield from also(old, new, zone)

    return phrases


def _value(noun: str) -> Phrases:
    """A text or a number, which may be absent."""

    def phrases(old: object, new: object, _: str) -> Iterator[str]:
        if old is None:
            yield f"now has {noun}: {new}"
        elif new is None:
            yield f"no longer has {noun}: {old}"
        else:
            yield f"now has as {noun}: {new}; instead of: {old}"

    return phrases


def _word(words: dict[str, str]) -> Phrases:
    """One of a few words, each with its verb."""

    def phrases(old: str, new: str, _: str) -> Iterator[str]:
        yield f"now {words[new]}, and no longer {words[old]}"

    return phrases


def _moment(verb: str, never: str) -> Phrases:
    def phrases(old: Any, new: Any, zone: str) -> Iterator[str]:
        if old == new:
            return
        if old is None:
            yield f"now {verb} {in_words(new, zone)}; {never}"
        elif new is None:
            yield f"no longer {verb} {in_words(old, zone)}"
        else:
            yield f"now {verb} {in_words(new, zone)} instead of {in_words(old, zone)}"

    return phrases


def _interval(old: Interval, new: Interval, zone: str) -> Iterator[str]:
    yield from _moment("starts on", "it had no start")(old.starts, new.starts, zone)
    yield from _moment("ends on", "it had no end")(old.ends, new.ends, zone)


def _facts(old: dict[str, Asked], new: dict[str, Asked], zone: str) -> Iterator[str]:
    for name in sorted(old.keys() | new.keys()):
        was, is_ = (_listed(in_short(facts[name], zone), " or ") if name in facts else None for facts in (old, new))
        if was == is_:
            continue
        if was is None:
            yield f"now asks for {name}: {is_}"
        elif is_ is None:
            yield f"no longer asks for {name}: {was}"
        else:
            yield f"now asks for {name}: {is_}; instead of: {was}"


def _citations(old: tuple[Citation, ...], new: tuple[Citation, ...], _: str) -> Iterator[str]:
    if more := [f"{one.text} ({one.url})" for one in new if one not in old]:
        yield f"now cites {', '.join(more)}"
    if less := [f"{one.text} ({one.url})" for one in old if one not in new]:
        yield f"no longer cites {', '.join(less)}"


def _exemptions(old: tuple[Exemption, ...], new: tuple[Exemption, ...], zone: str) -> Iterator[str]:
    before, now = {one.id: one for one in old}, {one.id: one for one in new}
    for name in sorted(before.keys() | now.keys()):
        if name not in before:
            yield f"now has the exception {name!r}: {now[name].text}"
        elif name not in now:
            yield f"no longer has the exception {name!r}: {before[name].text}"
        else:
            for phrase in differences(before[name], now[name], EXEMPTION, zone):
                yield f"its exception {name!r} {phrase}"


def _permissions(old: tuple[Permission, ...], new: tuple[Permission, ...], zone: str) -> Iterator[str]:
    before, now = {one.by: one for one in old}, {one.by: one for one in new}
    for name in sorted(before.keys() | now.keys()):
        if name not in before:
            until = f" until {in_words(now[name].until, zone)}" if now[name].until else ""
            yield f"can now be waived by {name!r}{until}"
        elif name not in now:
            yield f"can no longer be waived by {name!r}"
        elif before[name] != now[name]:
            for phrase in _moment("run until", "they had no limit")(before[name].until, now[name].until, zone):
                yield f"waivers by {name!r} {phrase}"


def _listed(words: Words, between: str = ", ") -> str:
    return between.join(sorted(words))


_ASKED: dict[str, Phrases] = {
    "acts": _words("forbids"),
    "categories": _condition("category"),
    "positions": _condition("position"),
    "purposes": _condition("purpose"),
    "agreements": _condition("agreement"),
    "facts": _facts,
    "interval": _interval,
}

EXEMPTION: dict[str, Phrases] = {
    **_ASKED,
    "text": _value("the text"),
    "acts": _condition("act"),
    "published": _moment("counts as published on", "it was published with the clause"),
}
"""Field of an exception -> its phrases."""

CLAUSE: dict[str, Phrases] = {
    "title": _value("the title"),
    "authority": _value("the authority"),
    "kind": _word({kind.value: f"is a {kind}" for kind in Kind}),
    "jurisdiction": _value("the jurisdiction"),
    "time_zone": _value("the time zone"),
    "effect": _word({"deny": "denies", "review": "asks for a review", "warn": "warns"}),
    **_ASKED,
    "ends_with": _value("an end with an event"),
    "after_listing": _value("a start in days after the listing"),
    "binds": _words("binds"),
    "vendors": _words("names", "the vendor "),
    "lists": _words("names", "the list "),
    "controlled_from": _words("means whoever is controlled from"),
    "control_share": _value("a share that makes control, in per cent"),
    "reach": _words("reaches", "the vendors' "),
    "exemptions": _exemptions,
    "permissions": _permissions,
    "published": _moment("counts as published on", "it had no day of publication"),
    "text": _value("the text"),
    "note": _value("the note"),
    "remedy": _value("the remedy"),
    "citation": _citations,
    "provenance": _value("the provenance"),
    "checked": _value("the day it was last checked"),
}
"""Field of a clause -> its phrases, gravest first."""

ROW: dict[str, Phrases] = {
    "interval": _interval,
    "published": _moment("counts as published on", "it had no day of publication"),
    "end_published": _moment("has its end published on", "that came with the end"),
    "withdrawn": _moment("is withdrawn on", "it was not"),
    "categories": _condition("category"),
    "citation": _value("the citation"),
    "note": _value("the note"),
}
"""Field of a row of a list -> its phrases."""

PROFILE: dict[str, Phrases] = {
    "text": _value("the text"),
    "roles": _words("has", "the role "),
    "acts": _value("the acts"),
    "agreement": _value("an agreement"),
    "purposes": _words("has", "the purpose "),
    "facts": _value("the facts"),
    "on_review": _value("the answer to a review"),
    "coverage_floor": _value("the least coverage"),
}
"""Field of a profile -> its phrases."""


def differences(old: msgspec.Struct, new: msgspec.Struct, fields: dict[str, Phrases], zone: str) -> Iterator[str]:
    """What changed between two things of one kind."""
    for field, phrases in fields.items():
        was, is_ = getattr(old, field), getattr(new, field)
        if was != is_:
            yield from phrases(was, is_, zone)
