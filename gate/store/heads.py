"""The chain's head, signed: whoever keeps one elsewhere sees whether anything before it was changed or cut off."""

import re
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from gate.errors import LawError, StoreError, UsageError
from gate.signature import opened, sealed

if TYPE_CHECKING:
    from securesystemslib.signer import CryptoSigner, SSlibKey

PAYLOAD_TYPE = "application/vnd.gate.audit-head+json"

ENTRIES = 1000
SECONDS = 60
"""A head is signed with the first entry after so many, or after so long by the entries' own clock; and at the end."""

_HEAD = re.compile(r"(?:([0-9a-f]{1,64}):)?([0-9]{1,18}):([0-9a-f]{64})")


class Head(msgspec.Struct, frozen=True):
    """How far a chain has come."""

    chain: str  # the store's random id
    seq: int  # of the last entry; 0 if there is none
    hash: str  # hexadecimal
    at: datetime | None = None  # when it was signed


def signed(head: Head, signer: "CryptoSigner") -> bytes:
    """The head in a DSSE envelope."""
    return sealed(msgspec.json.encode(head), PAYLOAD_TYPE, signer)


def verified(envelope: bytes, keys: "list[SSlibKey] | None", name: str) -> Head:
    """The head in an envelope. Raises StoreError unless one of the keys signed it (None: whoever did)."""
    try:
        payload = opened(envelope, PAYLOAD_TYPE, keys, name, what="head of a chain", maker="gate audit head")
        return msgspec.json.decode(payload, type=Head)
    except (LawError, msgspec.MsgspecError) as error:
        what = error.what if isinstance(error, LawError) else "It holds no head of a chain"
        remedy = error.remedy if isinstance(error, LawError) else None
        raise StoreError(what, file=name, remedy=remedy) from error


def anchor(text: str) -> Head:
    """A head as a person noted it: `seq:hash`, or `chain:seq:hash`. Raises UsageError."""
    found = _HEAD.fullmatch(text)
    if found is None:
        remedy = "Write what `gate audit head` printed: chain:number:hash."
        raise UsageError(f"{text[:120]!r} is no head", remedy=remedy)
    return Head(found[1] or "", int(found[2]), found[3])
