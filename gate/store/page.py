"""A page of a list, and the token of the next one: the place it begins after, bound to what was asked.

A token is no secret, and opens nothing. Who may see what is part of the question, which is asked anew for each page: a
token that somebody makes up begins elsewhere in the same list.
"""

import base64
import binascii
import hashlib
from typing import Annotated, Any, Generic, TypeVar

import msgspec

from gate.errors import UsageError

T = TypeVar("T")

Number = Annotated[int, msgspec.Meta(ge=0, le=(1 << 63) - 1)]
Word = Annotated[str, msgspec.Meta(pattern=r"^[^\x00]{1,255}\Z")]
"""What a place may be: nothing that a database would stumble over."""

LARGEST = 500
"""Things on a page."""


class Page(msgspec.Struct, Generic[T], frozen=True):
    """Some of a list; `next` is the token of the page after it, None on the last."""

    items: tuple[T, ...]
    next: str | None


def demand_size(size: int) -> None:
    """Raises UsageError for a page that is too large, or none."""
    if not 1 <= size <= LARGEST:
        raise UsageError(f"A page has 1 to {LARGEST} entries")


def token(place: int | str, wanted: object) -> str:
    """The token of the page after a place."""
    return base64.urlsafe_b64encode(msgspec.msgpack.encode((_of(wanted), place))).decode()


def place(token: str, wanted: object, kind: Any) -> Any:
    """The place, which is a Number or a Word. Raises UsageError for a token that is not of this query."""
    try:
        data = base64.b64decode(token, altchars=b"-_", validate=True)
        hashed, found = msgspec.msgpack.decode(data, type=tuple[bytes, kind])
    except (binascii.Error, ValueError):  # of which msgspec's own faults are
        hashed, found = b"", None
    if hashed != _of(wanted):
        raise UsageError("The page token is not of this query", remedy="Ask for the first page again.")
    return found


def _of(wanted: object) -> bytes:
    return hashlib.sha256(msgspec.json.encode(wanted)).digest()[:8]
