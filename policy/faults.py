"""What libraries say is wrong with a policy file -> what we say: the place, and words of who writes law."""

import re
import tomllib
from collections.abc import Iterator

from pydantic import ValidationError

from policy.spelling import closest

Where = tuple[int | str, ...]
"""Keys and numbers that lead to a place of a file."""

TOML = (
    (
        r"Cannot declare \((.+?),?\) twice",
        "the table [{0}] is given twice: keep one, or write [[{0}]] if there are several",
    ),
    (r"Duplicate inline table key (.+)", "the key {0} is given twice within one {{ }}: keep one"),
    (r"Cannot mutate immutable namespace", "what is written whole as {{ }} or [ ] cannot be added to further down"),
    (r"Invalid value", 'the value of {key} cannot be read: write text in "quotes", days as 2024-07-20, true or false'),
    (r"Expected '=' after a key", "the = is missing: a line is `key = value`, a [table] or a # comment"),
    (r"Invalid statement", "this is neither `key = value`, nor a [table], nor a # comment"),
    (r"Unclosed array", "a list lacks its closing ]"),
    (r"Unclosed inline table", "a {{ lacks its closing }}"),
    (r"Unterminated string|Illegal character '\\n'|Expected \"'\"", "a text lacks its closing quote"),
    (
        r"Expected newline or end of document",
        "something follows the value of {key}: all of a text stands in quotes, and a day exists, as 2024-07-20",
    ),
    (r"Invalid date or datetime", "the day or time of {key} does not exist"),
)
"""What tomllib says, as a pattern -> what we say. Anything else is repeated as it is."""

_KEY = re.compile(r"\s*([A-Za-z0-9_\-.\"']+)\s*=")

EMPTY_SCOPE = "is missing: write an empty [scope] if it asks for nothing"


def in_toml(text: str, error: tomllib.TOMLDecodeError) -> tuple[int, str]:
    """The line on which a text ceases to be TOML, and why."""
    place = re.search(r" \(at (?:line (\d+), column \d+|end of document)\)", str(error))
    said = str(error)[: place.start()] if place else str(error)
    lines = text.splitlines()
    line = int(place[1]) if place and place[1] else len(lines)
    at = next((n for n in range(min(line, len(lines)), 0, -1) if _KEY.match(lines[n - 1])), line)
    key = _key(lines, at)
    if said == "Cannot overwrite a value":
        first = next((n for n in range(at - 1, 0, -1) if _key(lines, n) == key), None)
        return at, f"the key {key} is given twice{f', first on line {first}' if first else ''}: keep one"
    for pattern, words in TOML:
        if found := re.match(pattern, said):
            parts = (part.replace("', '", ".").strip("'") if "declare" in pattern else part for part in found.groups())
            return line, words.format(*parts, key=key)
    return line, said


def _key(lines: list[str], number: int) -> str:
    found = _KEY.match(lines[number - 1]) if 0 < number <= len(lines) else None
    return repr(found[1].strip("\"'")) if found else "this line"


def in_model(error: ValidationError) -> Iterator[tuple[Where, str]]:
    """Every place at which a file says what no such file may say, and what is wrong there."""
    for fault in error.errors(include_url=False):
        message = fault["msg"].removeprefix("Value error, ")
        if fault["type"] == "extra_forbidden":
            message = "unknown key"
        elif fault["type"] == "missing":
            message = EMPTY_SCOPE if fault["loc"] == ("scope",) else "is missing"
        elif fault["type"] in ("enum", "literal_error"):
            known = re.findall(r"'([^']*)'", fault["ctx"]["expected"])
            close = closest(str(fault["input"]), known)
            rest = f"did you mean {close}?" if close else f"known are {', '.join(known)}"
            message = f"{str(fault['input'])[:60]!r} is not known; {rest}"
        yield fault["loc"], message
