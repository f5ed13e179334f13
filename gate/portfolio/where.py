"""Where a vendor, a package or what a clause is about is in a portfolio, and why: asked of the index alone."""

import sqlite3
from collections.abc import Iterator

import msgspec

from gate.decision import GRAVITY
from gate.match import Evidence
from gate.portfolio.texts import PURL, canonical, packages_in, places_in

_EVIDENCE = msgspec.msgpack.Decoder(tuple[Evidence, ...])

ENDS = frozenset("@/?#")
"""After the name that is asked for: pkg:npm/foo is not pkg:npm/foobar."""


class Found(msgspec.Struct, frozen=True):
    """A component in a system, why it counts, and what was decided on the system."""

    system: str
    outcome: str
    what: str  # the component
    vendor: str | None = None
    pointer: str | None = None
    evidence: tuple[Evidence, ...] = ()
    effect: str | None = None  # of the clause that was asked for


def of_vendor(db: sqlite3.Connection, vendor: str) -> Iterator[Found]:
    """Every component that may be of a vendor."""
    for name, outcome, *met in db.execute(
        "SELECT d.name, d.outcome, m.vendor, m.pointer, m.name, m.version, m.purl, m.ref, m.evidence"
        " FROM met m JOIN document d ON d.id = m.document WHERE m.vendor = ? ORDER BY d.name, m.rowid",
        (vendor,),
    ):
        yield _found(name, outcome, met)


def of_clause(db: sqlite3.Connection, code: str) -> Iterator[Found]:
    """Every component for which a clause, or an instrument by any of its clauses, gave a reason."""
    for name, outcome, gravity, *met in db.execute(
        "SELECT d.name, d.outcome, r.gravity, m.vendor, m.pointer, m.name, m.version, m.purl, m.ref, m.evidence"
        " FROM (SELECT document, vendor, min(instr(?2, effect)) AS gravity FROM reason"
        "       WHERE code = ?1 OR (code >= ?1 || '/' AND code < ?1 || '0') GROUP BY document, vendor) r"
        " JOIN document d ON d.id = r.document"
        " LEFT JOIN met m ON m.document = r.document AND m.vendor = r.vendor ORDER BY d.name, m.rowid",
        (code, " ".join(GRAVITY)),
    ):
        effect = next(word for word in GRAVITY if " ".join(GRAVITY).index(word) + 1 == gravity)
        yield msgspec.structs.replace(_found(name, outcome, met), effect=effect)


def of_package(db: sqlite3.Connection, purl: str) -> Iterator[Found]:
    """Every component with a package URL: that version if it names one, else any; or any package of a namespace.

    A request's lines and documents that could not be read have none here.
    """
    wanted = canonical(purl).rstrip("/")
    found: list[tuple[str, str, str]] = []
    last = db.execute("SELECT max(segment) FROM text").fetchone()[0] or 0
    for segment in range(1, last + 1):
        packages = list(_in_segment(db, segment, wanted))
        systems = _systems(db, segment) if packages else {}
        for written, mask in packages:
            found += [(*systems[place], written) for place in places_in(mask) if place in systems]
    for name, outcome, written in sorted(found):
        yield Found(name, outcome, written)


def _in_segment(db: sqlite3.Connection, segment: int, wanted: str) -> Iterator[tuple[str, int]]:
    """The package URLs of one segment that are meant, with the mask of their documents."""
    start = db.execute(
        "SELECT max(first) FROM text WHERE segment = ? AND field = ? AND first <= ?", (segment, PURL, wanted)
    ).fetchone()[0]
    for said, masks in db.execute(
        "SELECT said, masks FROM text WHERE segment = ? AND field = ? AND first >= ? AND first < ?",
        (segment, PURL, start or "", wanted + "\U0010ffff"),
    ):
        for key, written, mask in packages_in(said, masks, wanted):
            if len(key) == len(wanted) or key[len(wanted)] in ENDS:
                yield written, mask


def _systems(db: sqlite3.Connection, segment: int) -> dict[int, tuple[str, str]]:
    """The documents of a segment that are still what they were, by their places: name and outcome."""
    rows = db.execute("SELECT place, name, outcome FROM document WHERE segment = ?", (segment,))
    return {place: (name, outcome) for place, name, outcome in rows}


def _found(name: str, outcome: str, met: list[object]) -> Found:
    vendor, pointer, called, version, purl, ref, evidence = met
    what = purl or (called and " ".join(str(word) for word in (called, version) if word)) or ref or ""
    read = _EVIDENCE.decode(evidence) if isinstance(evidence, bytes) else ()
    return Found(name, outcome, str(what), _text(vendor), _text(pointer), read)


def _text(value: object) -> str | None:
    return None if value is None else str(value)
