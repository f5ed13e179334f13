"""The summary of a portfolio, counted by the index."""

import sqlite3
from collections.abc import Iterator
from datetime import datetime

import msgspec

from gate.decision import SEVERITY
from gate.law import Law
from gate.portfolio.row import Fault
from policy.dates import is_before

MOST_FAULTS = 1000
"""Documents without a verdict that are named; all are counted, and all stand in the Parquet files."""


class VendorCount(msgspec.Struct, frozen=True):
    """In how many systems a vendor may be, and for how many of them it is the reason of a denial or a review."""

    vendor: str
    name: str
    systems: int
    deny: int
    review: int


class ClauseCount(msgspec.Struct, frozen=True):
    """For how many systems a clause gives a reason of each effect."""

    code: str
    title: str
    deny: int
    review: int
    warn: int


class Coming(msgspec.Struct, frozen=True):
    """An instant after which so many systems are decided otherwise."""

    at: datetime
    decision: str
    systems: int


class Named(msgspec.Struct, frozen=True):
    """A document without a verdict."""

    system: str
    fault: Fault


class Summary(msgspec.Struct, frozen=True):
    """The portfolio as of a day."""

    as_of: datetime
    policy_version: str
    policy_digest: str
    whom: str
    outcomes: dict[str, int]
    components: int
    identified: int
    vendors: tuple[VendorCount, ...]
    clauses: tuple[ClauseCount, ...]
    coming: tuple[Coming, ...]
    faults: tuple[Named, ...]

    @property
    def systems(self) -> int:
        """How many documents there are, with and without a verdict."""
        return sum(self.outcomes.values())

    @property
    def scope(self) -> str:
        """So many systems, in words."""
        return f"{self.systems:,} {'system' if self.systems == 1 else 'systems'}"

    @property
    def next_change(self) -> Coming | None:
        """What changes next."""
        return next((one for one in self.coming if is_before(self.as_of, one.at)), None)


def summary(db: sqlite3.Connection, law: Law, whom: str, as_of: datetime) -> Summary:
    """Count it."""
    counted = dict(db.execute("SELECT outcome, count(*) FROM document GROUP BY outcome"))
    components, identified = db.execute(
        "SELECT coalesce(sum(components), 0), coalesce(sum(identified), 0) FROM document"
    ).fetchone()
    return Summary(
        as_of=as_of,
        policy_version=law.version,
        policy_digest=law.digest,
        whom=whom,
        outcomes={outcome: counted.get(outcome, 0) for outcome in SEVERITY},
        components=components,
        identified=identified,
        vendors=tuple(_vendors(db, law)),
        clauses=tuple(_clauses(db, law)),
        coming=tuple(_coming(db, as_of)),
        faults=tuple(_faults(db)),
    )


def _vendors(db: sqlite3.Connection, law: Law) -> Iterator[VendorCount]:
    rows = db.execute(
        "SELECT m.vendor, count(DISTINCT m.document),"
        " (SELECT count(DISTINCT document) FROM reason WHERE vendor = m.vendor AND effect = 'deny'),"
        " (SELECT count(DISTINCT document) FROM reason r WHERE vendor = m.vendor AND effect = 'review'"
        "  AND NOT EXISTS (SELECT 1 FROM reason WHERE document = r.document AND vendor = r.vendor AND effect = 'deny'))"
        " FROM met m GROUP BY m.vendor ORDER BY 3 DESC, 4 DESC, 2 DESC, 1"
    )
    for vendor, systems, deny, review in rows:
        known = law.vendors.get(vendor)
        yield VendorCount(vendor, known.name if known else vendor, systems, deny, review)


def _clauses(db: sqlite3.Connection, law: Law) -> Iterator[ClauseCount]:
    titles = {clause.code: clause.title for clause in law.clauses}
    rows = db.execute(
        "SELECT code, count(DISTINCT iif(effect = 'deny', document, NULL)),"
        " count(DISTINCT iif(effect = 'review', document, NULL)), count(DISTINCT iif(effect = 'warn', document, NULL))"
        " FROM reason WHERE effect != 'note' GROUP BY code ORDER BY 2 DESC, 3 DESC, 4 DESC, 1"
    )
    for code, deny, review, warn in rows:
        yield ClauseCount(code, titles.get(code, code), deny, review, warn)


def _coming(db: sqlite3.Connection, as_of: datetime) -> Iterator[Coming]:
    for at, decision, systems in db.execute(
        "SELECT at, decision, count(*) FROM change GROUP BY at, decision ORDER BY at, decision"
    ):
        moment = datetime.fromisoformat(at)
        if is_before(as_of, moment):
            yield Coming(moment, decision, systems)


def _faults(db: sqlite3.Connection) -> Iterator[Named]:
    for name, fault in db.execute(
        "SELECT name, fault FROM document WHERE fault NOTNULL ORDER BY name LIMIT ?", (MOST_FAULTS,)
    ):
        yield Named(name, msgspec.msgpack.decode(fault, type=Fault))
