"""LZ4, by Arrow: packs five times as fast as zlib's fastest level, and a scan packs every document it reads."""

from functools import cache

import pyarrow as pa


@cache
def _codec() -> pa.Codec:
    return pa.Codec("lz4")


def lz4(data: bytes) -> bytes:
    """Packed."""
    packed: bytes = _codec().compress(data, asbytes=True)
    return packed


def unlz4(data: bytes, size: int) -> bytes:
    """As it was; `size` bytes."""
    text: bytes = _codec().decompress(data, size, asbytes=True)
    return text
