"""By what a decision is the same decision again: the program, the question and the law."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import msgspec

from gate.asking import Asking
from gate.law import Law
from gate.portfolio.kept import NO_TIME
from gate.version import VERSION
from policy.dates import is_past


class Circumstances(msgspec.Struct, frozen=True):
    """What a scan decides by. `asking.now` is the clock, read once for all of it."""

    engine: str
    question: str
    law: Law
    asking: Asking


def circumstances(law: Law, asking: Asking) -> Circumstances:
    """The circumstances of a law and a way of asking."""
    return Circumstances(engine(), question(asking), law, asking)


def question(asking: Asking) -> str:
    """What two ways of asking share that ask the same. A day that has meanwhile passed is another question."""
    passed = [moment is not None and is_past(moment, asking.now) for moment in (asking.as_of, asking.known_at)]
    timeless = msgspec.structs.replace(asking, now=NO_TIME)
    return _digest(msgspec.json.encode((timeless, passed), order="deterministic"))


def engine() -> str:
    """What two programs share that decide alike: the bytes of every module that reads, matches or decides."""
    state = hashlib.sha256(VERSION.encode())
    root = Path(__file__).parents[1]
    for path in _modules(root):
        state.update(path.name.encode() + b"\0" + path.read_bytes())
    return state.hexdigest()[:32]


def _modules(root: Path) -> Iterator[Path]:
    for folder in (root, root / "read", root / "portfolio", root.parent / "policy"):
        yield from sorted(folder.glob("*.py"))


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:32]
