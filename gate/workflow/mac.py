"""The keyed hash that every scheme of signed webhooks rests on, and its comparison in constant time."""

import hashlib
import hmac


def hexadecimal(secret: str, signed: bytes) -> str:
    """HMAC-SHA256 (RFC 2104) in lower-case hexadecimal digits."""
    return hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


def is_same(one: str, other: str) -> bool:
    """Whether two signatures are equal; how long it takes does not tell where they differ."""
    return hmac.compare_digest(one.encode("utf-8", "surrogateescape"), other.encode("utf-8", "surrogateescape"))
