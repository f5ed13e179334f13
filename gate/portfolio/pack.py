"""LZ4, by Arrow: packs five times as fast as zlib's fastest level, and a scan packs every document it reads."""

from functools import cache
from typing import Any

from gate.errors import UsageError


@cache
def _codec() -> Any:
    try:
        import pyarrow as pa
    except ImportError as error:
        raise UsageError(
            "A scan needs Arrow, which is not installed", remedy="pip install 'procurement-gate[portfolio]'"
        ) from error
    return pa.Codec("lz4")


def demand() -> None:
    """Load what packs: before there are workers, so that they share it. Raises UsageError if it is not there."""
    _codec()


def lz4(data: bytes) -> bytes:
    """Packed."""
    packed: bytes = _codec().compress(data, asbytes=True)
    return packed


def unlz4(data: bytes, size: int) -> bytes:
    """As it was; `size` bytes."""
    text: bytes = _codec().decompress(data, size, asbytes=True)
    return text
