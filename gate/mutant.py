"""Mutants of a policy file: the file with one thing wrong, as somebody could write it. Some case should notice."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from policy.dates import DAY, Moment, instant
from policy.roles import ROLE_IMPLIES, Role
from policy.vocabulary import Effect, Kind, Position

SECOND = timedelta(seconds=1)
"""The instant by which a date is moved: what is as exact as cases and documents say it."""

Table = dict[str, Any]
Path = tuple[int | str, ...]


class Mutant(NamedTuple):
    """One thing wrong: where, what, which case would notice it, and the file that says so."""

    where: Path
    what: str
    remedy: str
    document: Table


Mutation = Callable[[Table, Path, Any], Iterator[Mutant]]
"""A way to get a value wrong: the document, the value's place and the value -> the mutants."""

WORDS = ("acts", "binds", "vendors", "lists", "controlled_from", "reach", "clauses")
"""Lists of words that are not empty, or ask for nothing less when they are."""

CONDITIONS = ("categories", "positions", "purposes", "agreements")
"""Lists of words that ask nothing when they are empty."""

DROPPED = {"exceptions": "exception", "waivers_allowed": "waiver permission", "clauses": "clause"} | {
    "owners": "owner",
    "rows": "row",
}
"""Tables that somebody could forget, and what one of them is called."""

UNREAD = ("checked", "citation", "identifiers", "products")
"""What decides nothing about dates, conditions and effects."""

NOTICED: dict[str, tuple[str, str]] = {
    "starts": (
        "Write a case in the last second before, {before}, that is not yet affected.",
        "Write a case at the first instant, {at}, that is affected.",
    ),
    "ends": (
        "Write a case in the last second before the end, {before}, that is still affected.",
        "Write a case at the end itself, {at}, that is no longer affected.",
    ),
    "until": (
        "Write a case with a waiver that ends at {at} exactly and is accepted.",
        "Write a case with a waiver that ends later than {at} and is refused.",
    ),
    "published": (
        "Write a case with `known_at` before {at}, in which the law says nothing yet.",
        "Write a case with `known_at` in the day that begins at {at}, in which the law is known.",
    ),
    "withdrawn": (
        "Write a case with `known_at` in the last second before {at}, in which the row still counts.",
        "Write a case with `known_at` at {at}, in which the row has never been.",
    ),
    "ends_published": (
        "Write a case with `known_at` before {at}, in which the row has no end.",
        "Write a case with `known_at` in the day that begins at {at}, in which the row ends.",
    ),
    "from": (
        "Write a case that states {day} less a day, which is outside.",
        "Write a case that states {day}, which is inside.",
    ),
    "to": (
        "Write a case that states {day} less a day, which is inside.",
        "Write a case that states {day}, which is outside.",
    ),
}
"""A date's key -> the case that notices when it is too early, and when it is too late."""


def mutants(document: Table) -> Iterator[Mutant]:
    """Every mutant of a prohibition, a list, or of the owners of a vendor. Some are no valid file, or mean the same."""
    yield from _of(document, (), document)
    if "kind" in document:
        yield from _kinds(document)


def _of(document: Table, path: Path, value: Any) -> Iterator[Mutant]:
    key = str(path[-1]) if path else ""
    if key in UNREAD:
        return
    if isinstance(value, dict):
        if len(path) == 2 and path[0] == "clauses":
            yield from _effects(document, path, value)
        for name, inner in value.items():
            yield from _of(document, (*path, name), inner)
        if key == "facts":
            yield from _facts(document, path, value)
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        for number, inner in enumerate(value):
            yield from _drops(document, (*path, number), inner)
            yield from _of(document, (*path, number), inner)
    else:
        for mutation in _mutations(path, key, value):
            yield from mutation(document, path, value)


def _mutations(path: Path, key: str, value: Any) -> Iterator[Mutation]:
    if isinstance(value, date):
        yield _dates
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield _numbers
    elif isinstance(value, list) and (key in WORDS or key in CONDITIONS or "facts" in path):
        yield _fewer
        if key in CONDITIONS:
            yield _unasked
        if key == "positions":
            yield _positions
        if key == "binds":
            yield _roles


def _dates(document: Table, path: Path, moment: Moment) -> Iterator[Mutant]:
    """A day or an instant too early, and too late."""
    zone = ZoneInfo(document["time_zone"]) if "time_zone" in document else None
    early, late = NOTICED.get(str(path[-1]), NOTICED["starts"])
    at = instant(moment, zone.key if zone else "UTC").astimezone(zone)
    said = {"at": at.isoformat(), "before": (at - SECOND).isoformat(), "day": moment.isoformat()}
    for step, name in ((SECOND, "a second"), (DAY, "a day")):
        if step is DAY or zone or isinstance(moment, datetime):
            exact = moment if step is DAY or isinstance(moment, datetime) else at
            for moved, how, remedy in ((exact - step, "earlier", early), (exact + step, "later", late)):
                what = f"{_named(document, path)} is {name} {how}, at {moved.isoformat()}"
                yield Mutant(path, what, remedy.format(**said), _with(document, path, moved))


def _numbers(document: Table, path: Path, number: float) -> Iterator[Mutant]:
    """A number too low or too high by one."""
    for moved in (number - 1, number + 1):
        what = f"{_named(document, path)} is {moved} instead of {number}"
        remedy = f"Write a case on either side of {number}."
        yield Mutant(path, what, remedy, _with(document, path, moved))


def _fewer(document: Table, path: Path, words: list[str]) -> Iterator[Mutant]:
    """A word of several missing."""
    for word in words:
        if len(words) > 1 or path[-1] in ("reach", "clauses"):
            rest = [other for other in words if other != word]
            what = f"{_named(document, path)} lacks {word!r}"
            remedy = f"Write a case in which {word!r} alone, of {', '.join(words)}, makes the difference."
            yield Mutant(path, what, remedy, _with(document, path, rest))


def _unasked(document: Table, path: Path, words: list[str]) -> Iterator[Mutant]:
    """A condition missing."""
    if words:
        what = f"{_named(document, path)} asks for nothing"
        remedy = f"Write a case that meets every other condition and none of {', '.join(words)}."
        yield Mutant(path, what, remedy, _with(document, path, []))


def _facts(document: Table, path: Path, facts: Table) -> Iterator[Mutant]:
    """A fact that nobody asks for, and one asked for the wrong way round."""
    for name, asked in facts.items():
        what = f"{_named(document, path)} does not ask for {name!r}"
        remedy = f"Write a case that meets every other condition, and in which {name!r} is something else."
        yield Mutant((*path, name), what, remedy, _without(document, (*path, name)))
        if isinstance(asked, dict) and "not" in asked:
            what = f"{_named(document, path)} asks for {name!r} the wrong way round"
            remedy = f"Write a case in which {name!r} is {' or '.join(asked['not'])}, and one in which it is not."
            yield Mutant((*path, name), what, remedy, _with(document, (*path, name), asked["not"]))


def _positions(document: Table, path: Path, words: list[str]) -> Iterator[Mutant]:
    """A position taken for another."""
    for word in words:
        for other in (position.value for position in Position if position not in words):
            what = f"{_named(document, path)} says {other!r} instead of {word!r}"
            remedy = f"Write a case in which the vendor is {word} alone, and one in which it is {other} alone."
            yield Mutant(path, what, remedy, _with(document, path, [other if w == word else w for w in words]))


def _roles(document: Table, path: Path, words: list[str]) -> Iterator[Mutant]:
    """Somebody else bound, and everybody bound."""
    if Role.ANYONE in words:
        return
    what = f"{_named(document, path)} binds anyone"
    yield Mutant(path, what, "Write a case with a buyer who is not bound.", _with(document, path, [Role.ANYONE.value]))
    for word in words:
        other = _stranger(words)
        what = f"{_named(document, path)} binds {other!r} instead of {word!r}"
        remedy = f"Write a case with a buyer who is {word} and nothing else."
        yield Mutant(path, what, remedy, _with(document, path, [other if w == word else w for w in words]))


def _stranger(words: list[str]) -> str:
    """A role that has nothing to do with those named."""
    kin = {Role(word) for word in words} | {implied for word in words for implied in ROLE_IMPLIES.get(Role(word), ())}
    kin |= {role for role, implied in ROLE_IMPLIES.items() if not kin.isdisjoint(implied)} | {Role.ANYONE}
    return next(role.value for role in Role if role not in kin)


def _effects(document: Table, path: Path, clause: Table) -> Iterator[Mutant]:
    """A denial taken for a question, and the other way round."""
    effect = Effect(clause.get("effect", Effect.DENY))
    other = Effect.REVIEW if effect is Effect.DENY else Effect.DENY
    what = f"clause {clause['id']!r} says {other.value} instead of {effect.value}"
    remedy = f"Write a case in which every condition is met, and that expects {effect.value}."
    yield Mutant((*path, "effect"), what, remedy, _with(document, (*path, "effect"), other.value))


def _kinds(document: Table) -> Iterator[Mutant]:
    """A warning taken for a prohibition, and the other way round."""
    other = Kind.WARNING if document["kind"] == Kind.PROHIBITION else Kind.PROHIBITION
    what = f"the instrument is a {other.value} instead of a {document['kind']}"
    yield Mutant(("kind",), what, "Write a case in which every condition is met.", {**document, "kind": other.value})


def _drops(document: Table, path: Path, table: Table) -> Iterator[Mutant]:
    """A whole table forgotten; what names it is forgotten too."""
    if len(path) != 2 or path[0] not in DROPPED:
        return
    rest = _without(document, path)
    name = table.get("id") or table.get("by") or table.get("vendor")
    if path[0] == "clauses":
        for family in ("exceptions", "waivers_allowed"):
            rest[family] = [
                {**part, **({"clauses": [c for c in part["clauses"] if c != name]} if "clauses" in part else {})}
                for part in rest.get(family, [])
                if part.get("clauses") != [name]
            ]
    what = f"{DROPPED[str(path[0])]} {name!r} is missing"
    yield Mutant(path, what, "Write a case in which it alone makes the difference.", rest)


def _named(document: Table, path: Path) -> str:
    """A value as a message names it: its key, and the clause, exception, owner or row it stands in."""
    key = f"`{path[-1]}`" if path[-1] != "facts" else "it"
    if len(path) > 2 and path[0] in DROPPED and isinstance(path[1], int):
        table = document[str(path[0])][path[1]]
        return f"{key} of {DROPPED[str(path[0])]} {table.get('id') or table.get('by') or table.get('vendor')!r}"
    return f"{key} of the {'scope' if path[0] == 'scope' else 'instrument'}"


def _with(document: Any, path: Path, value: Any) -> Any:
    """A copy that shares everything but the way to one value, which is another."""
    if not path:
        return value
    step, rest = path[0], path[1:]
    copy = document.copy()
    copy[step] = _with(document[step] if rest else None, rest, value)
    return copy


def _without(document: Any, path: Path) -> Any:
    """A copy that shares everything but the way to one value, which is gone."""
    copy = document.copy()
    if len(path) == 1:
        del copy[path[0]]
    else:
        copy[path[0]] = _without(document[path[0]], path[1:])
    return copy
