"""The chain's head, signed: whoever keeps one elsewhere sees whether anything before it was changed or cut off."""

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
    *chain, seq, hashed = ["", *text.split(":")] if text.count(":") == 1 else text.split(":")
    if len(chain) != 1 or not seq.isdecimal() or len(hashed) != 64 or not set(hashed) <= set("0123456789abcdef"):
        raise UsageError(
            f"{text[:120]!r} is no head", remedy="Write what `gate audit head` printed: chain:number:hash."
        )
    return Head(chain[0], int(seq), hashed)
