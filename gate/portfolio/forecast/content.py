"""Every instant in a horizon at which the verdict on any system changes: which systems, to what, and why."""

import sqlite3
from collections.abc import Iterator
from datetime import datetime
from itertools import groupby

import msgspec

from gate.portfolio.row import Why
from policy.dates import is_before, is_known


class Turn(msgspec.Struct, frozen=True):
    """Systems whose verdict changes at one instant to the same, for the same reasons."""

    at: datetime
    decision: str
    systems: tuple[str, ...]
    why: tuple[Why, ...]


class Forecast(msgspec.Struct, frozen=True):
    """The turns of a portfolio between two instants, in order. `systems`: how many there are in all."""

    starts: datetime
    ends: datetime
    systems: int
    turns: tuple[Turn, ...]

    @property
    def turning(self) -> int:
        """How many systems change at all."""
        return len({system for turn in self.turns for system in turn.systems})


def forecast(db: sqlite3.Connection, starts: datetime, ends: datetime) -> Forecast:
    """What the index says: it was decided at the scan, by the law as it was known then."""
    systems = db.execute("SELECT count(*) FROM document WHERE kind != ''").fetchone()[0]
    turns = (turn for turn in _turns(db) if is_before(starts, turn.at) and is_known(turn.at, ends))
    return Forecast(starts, ends, systems, tuple(turns))


def stale(db: sqlite3.Connection, now: datetime) -> int:
    """How many systems have changed since they were scanned: what the index says of them is no longer so."""
    rows = db.execute("SELECT DISTINCT document, at FROM change").fetchall()
    return len({document for document, at in rows if not is_before(now, datetime.fromisoformat(at))})


def _turns(db: sqlite3.Connection) -> Iterator[Turn]:
    rows = db.execute(
        "SELECT at, decision, why, name FROM change JOIN document ON id = document ORDER BY at, decision, why, name"
    )
    for (at, decision, why), same in groupby(rows, key=lambda row: row[:3]):
        reasons = msgspec.msgpack.decode(why, type=tuple[Why, ...])
        yield Turn(datetime.fromisoformat(at), decision, tuple(name for *_, name in same), reasons)


def said(why: Why) -> str:
    """A reason for a turn, in words."""
    if why.becomes is None:
        return f"{why.code} no longer {_VERBS[why.was or '']}"
    return f"{why.code} {_VERBS[why.becomes]}: {why.message}"


_VERBS = {"deny": "denies", "review": "asks for a review", "warn": "warns", "note": "notes", "": "applies"}
