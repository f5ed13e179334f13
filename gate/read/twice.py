"""A key given twice in one JSON object: parsers disagree on which of the two counts, so the document is refused.

RFC 8259, section 4: the names within an object should be unique; behaviour otherwise is unpredictable.
"""

import json
from typing import Any, NoReturn

from gate.errors import ReadError


def refuse_twice(data: bytes, name: str) -> None:
    """Raise ReadError if an object of the document gives a key twice. What is no JSON at all others refuse."""
    try:
        json.loads(data, object_pairs_hook=_unique)
    except _Twice as twice:
        _refuse(data, name, twice.key)
    except (ValueError, RecursionError):
        return  # the reader says what is wrong; a document too deep for this is built without recursion, and checked


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
