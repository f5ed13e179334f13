"""Personal fields: told apart from the record, in which a commitment stands for each, so that they can be erased.

A commitment is HMAC-SHA256 under a random salt that is kept, and erased, with the fields: without it nobody can try
names until one fits.
"""

import hmac
import re
from collections.abc import Iterator
from typing import Any

import msgspec

_MAIL = re.compile(rb"@[\w-]+(?:\.[\w-]+)*\.[A-Za-z]{2}")
"""What stands in every e-mail address, and in little else."""

_BUYER = "/decision/buyer/name"


def split(record: dict[str, Any], encoded: bytes) -> dict[str, str]:
    """Take the personal fields out of a decision's record (None stays in their place): pointer -> the words.

    They are the buyer's name and every text with an e-mail address. `encoded` is the record as JSON, which is quicker
    to search.
    """
    found: dict[str, str] = {}
    has_mail = _MAIL.search(encoded) is not None
    if has_mail:
        record.update(msgspec.json.decode(encoded))  # lists in place of tuples, in which nothing can be replaced
    name = record["decision"]["buyer"]["name"]
    if name is not None:
        found[_BUYER] = name
        record["decision"]["buyer"]["name"] = None
    if has_mail:
        for pointer, holder, key in list(_texts(record, "")):
            if _MAIL.search(holder[key].encode("utf-8", "replace")):
                found[pointer] = holder[key]
                holder[key] = None
    return found


def _texts(value: Any, pointer: str) -> Iterator[tuple[str, Any, Any]]:
    """Every text in a value: its pointer, and where it hangs. Keys are ours, or paths, which stay."""
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, member in members:
        below = f"{pointer}/{str(key).replace('~', '~0').replace('/', '~1')}"
        if isinstance(member, str):
            yield below, value, key
        else:
            yield from _texts(member, below)


def restore(record: dict[str, Any], fields: dict[str, str]) -> None:
    """Put the fields back where they were taken out. Those that are no pointers stood outside the record."""
    for pointer, words in fields.items():
        if pointer.startswith("/"):
            *steps, last = (step.replace("~1", "/").replace("~0", "~") for step in pointer[1:].split("/"))
            holder: Any = record
            for step in steps:
                holder = holder[int(step)] if isinstance(holder, list) else holder[step]
            holder[int(last) if isinstance(holder, list) else last] = words


def findable(words: str) -> str:
    """As a column has words that are looked up: PostgreSQL's text holds no NUL."""
    return words.replace("\0", "\ufffd")


def commitments(salt: bytes, fields: dict[str, str]) -> dict[str, str]:
    """Field -> what stands for it in the record."""
    return {
        # `hmac.digest` would be shorter, and lets go of the interpreter, which then takes long to come back.
        name: hmac.new(salt, f"{name}\0{words}".encode("utf-8", "surrogatepass"), "sha256").hexdigest()
        for name, words in fields.items()
    }
