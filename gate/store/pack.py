"""Bytes as a table has them: as they are, or zlib's if that is shorter; the first byte tells."""

import zlib

from gate.errors import StoreError

_PLAIN, _ZLIB = b"\x00", b"\x01"

_SMALL = 2048
"""Bytes up to which they stay as they are: to pack a small request takes a fifth as long as to decide on it."""

_LEVEL = 1
"""The quickest: documents are text, and shrink to a fifth at any level."""


def packed(data: bytes) -> bytes:
    """As they are stored."""
    if len(data) > _SMALL:
        small = zlib.compress(data, _LEVEL)
        if len(small) < len(data):
            return _ZLIB + small
    return _PLAIN + data


def unpacked(data: bytes) -> bytes:
    """As they were given. Raises StoreError for what `packed` did not make."""
    mark, rest = data[:1], data[1:]
    if mark == _PLAIN:
        return rest
    try:
        if mark == _ZLIB:
            return zlib.decompress(rest)
    except zlib.error:
        pass
    raise StoreError("A stored value cannot be unpacked: it is damaged", remedy="See what `gate audit verify` finds.")
