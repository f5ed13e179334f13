"""The name of bytes: documents, decisions, laws and what is stored are all called by it."""

import hashlib


def sha256(data: bytes) -> str:
    """`sha256:` and 64 hexadecimal digits (FIPS 180-4)."""
    return "sha256:" + hashlib.sha256(data).hexdigest()
