"""What a JSON library says went wrong -> what we say: the place as pointer and line, and what to do."""

import re

from gate.errors import ReadError
from gate.read.locate import line_in_json

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
_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+|\.\.\.)\]")


def fault_in(data: bytes, name: str, error: Exception, *, above: str = "") -> ReadError:
    """The refusal of a JSON document. `above` leads to what was read, if that was not the whole."""
    said = str(error)
    if isinstance(error, UnicodeDecodeError):
        return ReadError(
            "It is not UTF-8, as JSON must be (RFC 8259, section 8.1)",
            file=name,
            line=data.count(b"\n", 0, max(error.start, 0)) + 1 if error.object == data else None,
            remedy="Save it as UTF-8.",
        )
    place = _PATH.search(said)
    pointer = above + (_pointer(place["path"]) if place else "") or None
    what = re.sub(r"`([A-Za-z |]+)`", _in_words, said[: place.start()] if place else said)
    line = line_in_json(data, pointer) if pointer else None
    if broken := re.search(r" \(byte (\d+)\)", what):
        line = data.count(b"\n", 0, int(broken[1])) + 1
        what = what.replace(broken[0], "")
    what = what.replace("JSON is malformed: ", "It is no JSON: ").replace("Input data was truncated", "It breaks off")
    return ReadError(
        what[:1].upper() + what[1:],
        file=name,
        line=line,
        pointer=pointer,
        remedy="Mend the document, or generate it again; --validate checks it against the official schema.",
    )


def _in_words(found: "re.Match[str]") -> str:
    return " or ".join(dict.fromkeys(_WORDS.get(word, word) for word in found[1].split(" | ")))


def _pointer(path: str) -> str:
    """msgspec's `.components[0].purl` -> `/components/0/purl`; from `[...]` on it does not know the number."""
    parts = []
    for key, number in _STEP.findall(path):
        if number == "...":
            break
        parts.append((key or number).replace("~", "~0").replace("/", "~1"))
    return "".join(f"/{part}" for part in parts)
