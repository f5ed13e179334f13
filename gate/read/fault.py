"""What a JSON library says went wrong -> what we say: the place as pointer and line, and what to do."""

import json
import re

import msgspec

from gate.errors import ReadError
from gate.read.locate import DEEP, line_near
from policy.spelling import meant

_WORDS = {
    "str": "a string",
    "int": "a number",
    "float": "a number",
    "bool": "true or false",
    "array": "a list",
    "object": "an object",
    "null": "null",
    "Said": "a string or null",  # the reader's own kind of string
    "list": "a list",
    "dict": "an object",
    "NoneType": "null",
}
_PATH = re.compile(r" - at `(?:key in )?`?\$(?P<path>[^`]*)`")
_BYTE = re.compile(r" \(byte (\d+)\)")
_ABSENT = re.compile(r"Object missing required field `([^`]*)`")
_UNKNOWN = re.compile(r"Object contains unknown field `(.*)`", re.DOTALL)
_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+|\.\.\.)\]")

TRUNCATED = "Input data was truncated"
"""What msgspec says where a document ends too early."""

LARGEST_SEARCHED = 1 << 22
"""Bytes of a broken document that are walked event by event, which takes some seconds at most."""

EXAMPLES = {
    "id": '"PR-2024-0117"',
    "ordered": '"2024-07-19"',
    "lines": '[{"product": "..."}]',
    "path": '"bom.json"',
    "act": '"install"',
    "starts": '"2024-08-01"',
    "ends": '"2025-08-01"',
}
"""Keys that a request cannot do without -> what could stand there."""


def fault_in(
    data: bytes, name: str, error: Exception, *, above: str = "", form: type[msgspec.Struct] | None = None
) -> ReadError:
    """The refusal of a JSON document. `above` leads to what was read, if that was not the whole.

    `form` is what a document has to be that may have no other keys: a misspelt one is told what it could be.
    """
    said = str(error)
    if isinstance(error, UnicodeDecodeError):
        return ReadError(
            "It is not UTF-8, as JSON must be (RFC 8259, section 8.1)",
            file=name,
            line=data.count(b"\n", 0, max(error.start, 0)) + 1 if error.object == data else None,
            remedy="Save it as UTF-8.",
        )
    broken = _BYTE.search(said)
    if broken or TRUNCATED in said:
        return _broken(data, name, said, int(broken[1]) if broken else len(data.rstrip()))
    place = _PATH.search(said)
    pointer = above + (_pointer(place["path"]) if place else "")
    what = said[: place.start()] if place else said
    if key := _ABSENT.match(what):
        what, pointer = f"The key {key[1]!r} is missing", f"{pointer}/{_escaped(key[1])}"
        remedy = f"Add it{f', such as {json.dumps(key[1])}: {EXAMPLES[key[1]]}' if key[1] in EXAMPLES else ''}."
    elif key := _UNKNOWN.match(what):
        remedy = meant(key[1], _keys(form, pointer.split("/")[1:])) if form else "Take it out."
        what, pointer = f"There is no key {key[1][:60]!r}", f"{pointer}/{_escaped(key[1])}"
    else:
        what = re.sub(r"`([A-Za-z |]+)`", _in_words, what)
        remedy = "Mend the document, or generate it again"
        remedy += "." if form else "; validate checks it against the official schema."
    return ReadError(
        what[:1].upper() + what[1:],
        file=name,
        line=line_near(data, pointer),
        pointer=pointer or None,
        remedy=remedy,
    )


def _broken(data: bytes, name: str, said: str, byte: int) -> ReadError:
    """The refusal of what is no JSON from some byte on; in what it stands is looked for in documents of some size."""
    steps: list[str] = []
    if len(data) <= LARGEST_SEARCHED:
        from gate.read.events import open_at_break

        steps = open_at_break(data.decode("utf-8", "replace"))[:DEEP]
    what = _BYTE.sub("", said).replace("JSON is malformed: ", "It is no JSON: ")
    breaks_off = TRUNCATED in what
    return ReadError(
        "It breaks off before its end" if breaks_off else what[:1].upper() + what[1:],
        file=name,
        line=data.count(b"\n", 0, byte) + 1,
        pointer="".join(f"/{_escaped(step)}" for step in steps) or None,
        remedy="Generate it again, or copy it as a whole."
        if breaks_off
        else "Mend the document, or generate it again.",
    )


def _keys(form: type[msgspec.Struct], steps: list[str]) -> list[str]:
    """The keys that an object may have at a place of a document of that form."""
    from msgspec import inspect

    found: list[inspect.Type] = [inspect.type_info(form)]
    for step in steps:
        below: list[inspect.Type] = []
        for one in found:
            if isinstance(one, inspect.StructType):
                below += [field.type for field in one.fields if field.encode_name == step]
            elif isinstance(one, inspect.ListType):
                below.append(one.item_type)
        found = [part for one in below for part in (one.types if isinstance(one, inspect.UnionType) else [one])]
    return [field.encode_name for one in found if isinstance(one, inspect.StructType) for field in one.fields]


def _in_words(found: "re.Match[str]") -> str:
    return " or ".join(dict.fromkeys(_WORDS.get(word, word) for word in found[1].split(" | ")))


def _pointer(path: str) -> str:
    """msgspec's `.components[0].purl` -> `/components/0/purl`; from `[...]` on it does not know the number."""
    parts = []
    for key, number in _STEP.findall(path):
        if number == "...":
            break
        parts.append(key or number)
    return "".join(f"/{_escaped(part)}" for part in parts)


def _escaped(step: str) -> str:
    return step.replace("~", "~0").replace("/", "~1")
