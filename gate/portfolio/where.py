"""Where a vendor, a package or what a clause is about is in a portfolio, and why: asked of the index alone."""

import sqlite3
import zlib
from collections.abc import Iterator

import msgspec

from gate.decision import GRAVITY
from gate.match import Evidence
from gate.portfolio.index import Index
from gate.portfolio.judge import law_from
from gate.portfolio.kept import packages_of, requested
from gate.portfolio.pack import unlz4
from gate.portfolio.texts import PURL, canonical, packages_in, places_in


class _Told(msgspec.Struct):
    """Of a stored decision what is read here: it may hold a thousand times that."""

    reasons: list["_Reason"]


class _Reason(msgspec.Struct):
    code: str
    effect: str
    message: str
    components: list["_Component"] = []


class _Component(msgspec.Struct):
    name: str | None  # None: no component, but a place in the document
    version: str | None
    purl: str | None
    ref: str
    pointer: str


_EVIDENCE = msgspec.msgpack.Decoder(tuple[Evidence, ...])
_DECISION = msgspec.json.Decoder(_Told)

UNNAMED = "a component without a name"

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
    field: str | None = None  # of the document, where the package that was asked for stands
    message: str | None = None  # of a reason that is about no vendor
    related_to: str | None = None  # the vendor that was asked for, where the component is a relative's


def of_vendor(db: sqlite3.Connection, vendor: str) -> Iterator[Found]:
    """Every component that may be of a vendor."""
    for name, outcome, *met in db.execute(
        "SELECT d.name, d.outcome, m.vendor, m.pointer, m.name, m.version, m.purl, m.ref, m.evidence"
        " FROM met m JOIN document d ON d.id = m.document WHERE m.vendor = ? ORDER BY d.name, m.rowid",
        (vendor,),
    ):
        yield _found(name, outcome, met)


def of_family(index: Index, vendor: str) -> Iterator[Found]:
    """Every component that may be of a vendor, then those of its relatives, by the law that judged the portfolio."""
    yield from of_vendor(index.db, vendor)
    relatives: set[str] = set()
    for (body,) in index.db.execute("SELECT body FROM law"):
        relatives |= law_from(body).relatives.get(vendor, frozenset())
    for relative in sorted(relatives - {vendor}):
        for one in of_vendor(index.db, relative):
            yield msgspec.structs.replace(one, related_to=vendor)


def of_clause(db: sqlite3.Connection, code: str) -> Iterator[Found]:
    """Every component for which a clause, or an instrument by any of its clauses, gave a reason."""
    for document, name, outcome, gravity, about, *met in db.execute(
        "SELECT d.id, d.name, d.outcome, r.gravity, r.vendor,"
        " m.vendor, m.pointer, m.name, m.version, m.purl, m.ref, m.evidence"
        " FROM (SELECT document, vendor, min(instr(?2, effect)) AS gravity FROM reason"
        "       WHERE code = ?1 OR (code >= ?1 || '/' AND code < ?1 || '0') GROUP BY document, vendor) r"
        " JOIN document d ON d.id = r.document"
        " LEFT JOIN met m ON m.document = r.document AND m.vendor = r.vendor ORDER BY d.name, m.rowid",
        (code, " ".join(GRAVITY)),
    ):
        if about is None:
            yield from _about_nobody(db, document, code, Found(name, outcome, ""))
            continue
        effect = next(word for word in GRAVITY if " ".join(GRAVITY).index(word) + 1 == gravity)
        yield msgspec.structs.replace(_found(name, outcome, met), effect=effect)


def _about_nobody(db: sqlite3.Connection, document: int, code: str, found: Found) -> Iterator[Found]:
    """A reason that names no vendor, as those of the gate itself: what it says stands in the decision alone."""
    (body,) = db.execute("SELECT decision FROM body WHERE document = ?", (document,)).fetchone()
    for reason in _DECISION.decode(zlib.decompress(body)).reasons:
        if reason.code != code and not reason.code.startswith(f"{code}/"):
            continue
        told = msgspec.structs.replace(found, what=reason.message, effect=reason.effect)
        if not reason.components:
            yield told
        for one in reason.components:
            placed = msgspec.structs.replace(told, pointer=one.pointer)
            if one.name is None:
                yield placed
            else:
                what = _what(one.purl, one.name, one.version, one.ref) or UNNAMED
                yield msgspec.structs.replace(placed, what=what, message=reason.message)


def of_package(db: sqlite3.Connection, purl: str) -> Iterator[Found]:
    """Every component with a package URL: that version if it names one, else any; or any package of a namespace."""
    wanted = canonical(purl).rstrip("/")
    found: list[tuple[str, str, int, set[str]]] = []
    last = db.execute("SELECT max(segment) FROM text").fetchone()[0] or 0
    for segment in range(1, last + 1):
        met: dict[int, set[str]] = {}
        for written, mask in _in_segment(db, segment, wanted):
            for place in places_in(mask):
                met.setdefault(place, set()).add(written)
        systems = _systems(db, segment) if met else {}
        found += [(*systems[place], packages) for place, packages in met.items() if place in systems]
    for name, outcome, document, packages in sorted(found, key=lambda one: one[0]):
        subject, size, kind = db.execute(
            "SELECT subject, size, kind FROM body JOIN document ON id = document WHERE document = ?", (document,)
        ).fetchone()
        named = packages_of if kind == "sbom" else requested
        for written, pointer in named(unlz4(subject, size), packages):
            yield Found(name, outcome, written, pointer=pointer, field=PURL)


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


def _systems(db: sqlite3.Connection, segment: int) -> dict[int, tuple[str, str, int]]:
    """The documents of a segment that are still what they were, by their places: name, outcome and number."""
    rows = db.execute("SELECT place, name, outcome, id FROM document WHERE segment = ?", (segment,))
    return {place: (name, outcome, number) for place, name, outcome, number in rows}


def _found(name: str, outcome: str, met: list[object]) -> Found:
    vendor, pointer, called, version, purl, ref, evidence = met
    read = _EVIDENCE.decode(evidence) if isinstance(evidence, bytes) else ()
    return Found(name, outcome, _what(purl, called, version, ref), _text(vendor), _text(pointer), read)


def _what(purl: object, called: object, version: object, ref: object) -> str:
    """What a component is called: as exactly as it says itself."""
    return str(purl or (called and " ".join(str(word) for word in (called, version) if word)) or ref or "")


def _text(value: object) -> str | None:
    return None if value is None else str(value)
