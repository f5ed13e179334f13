"""A key given twice in one JSON object: parsers disagree on which of the two counts, so the document is refused.

RFC 8259, section 4: the names within an object should be unique; behaviour otherwise is unpredictable.
"""

import re
from collections.abc import Mapping
from typing import Any, NoReturn

import msgspec

from gate.errors import ReadError


def refuse_twice(data: bytes, name: str) -> None:
    """Raise ReadError if an object of the document gives a key twice. What is no JSON at all others refuse."""
    if not _is_surely_unique(data):
        _look_closely(data, name)


_KEY = re.compile(rb'"([A-Za-z-]{3,20})"\s*:')


def refuse_miswritten(data: bytes, name: str, known: Mapping[bytes, bytes]) -> None:
    """Raise ReadError for a key that is one of those `known` (by their small letters) in other letters.

    JSON's keys are exact, but Go's decoder, and so much of what reads SBOMs, takes them in any letters.
    """
    for key in set(_KEY.findall(data)):
        meant = known.get(key.lower(), key)
        if meant != key:
            raise ReadError(
                f"It has a key {key.decode()!r}, which some programs read as {meant.decode()!r} and others not at all",
                file=name,
                line=data.count(b"\n", 0, data.index(b'"%s"' % key)) + 1,
                remedy=f"Write {meant.decode()!r}.",
            )


def _is_surely_unique(data: bytes) -> bool:
    """Whether the document, read with each key once and written again, is what it was but for blanks."""
    try:
        return msgspec.json.encode(msgspec.json.decode(data)) == msgspec.json.format(data, indent=-1)
    except (ValueError, RecursionError):  # others say what is wrong with it
        return False


def _look_closely(data: bytes, name: str) -> None:
    import json

    text = data.decode("utf-8", "replace")  # whether it is UTF-8 where it matters the reader says
    try:
        # Numbers are not looked at: Python refuses to read one of five thousand digits.
        json.loads(text, object_pairs_hook=_unique, parse_int=_unread, parse_float=_unread)
    except _Twice as twice:
        _refuse(data, name, twice.key)
    except RecursionError:
        from gate.read.deep import build

        build(data, name)
    except ValueError:
        return  # the reader says what is wrong with it


def _unread(_: str) -> int:
    return 0


class _Twice(Exception):
    def __init__(self, key: str) -> None:
        self.key = key


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        raise _Twice(next(key for key, _ in pairs if key in seen or seen.add(key)))  # type: ignore[func-returns-value]
    return found


def _refuse(data: bytes, name: str, key: str) -> NoReturn:
    from gate.read.deep import build

    build(data, name)  # walks the document event by event, and refuses with the place
    raise ReadError(f"The key {key[:60]!r} is given twice, and which of the two is meant nobody can know", file=name)
