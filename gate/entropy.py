"""Random bytes of the operating system, fetched many at a time: each fetch lets go of the interpreter."""

import os
import threading

MANY = 4096

_local = threading.local()


def entropy(count: int) -> bytes:
    """So many random bytes, which nobody was given before."""
    held: bytes = getattr(_local, "held", b"")
    if len(held) < count:
        held = os.urandom(max(MANY, count))
    _local.held = held[count:]
    return held[:count]


def forget() -> None:
    """What is held belongs to the parent of a process that forked."""
    _local.held = b""


if hasattr(os, "register_at_fork"):  # not on Windows, which has no fork
    os.register_at_fork(after_in_child=forget)
