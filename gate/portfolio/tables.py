"""The portfolio as tables for analysis: Parquet files for DuckDB, pandas or Spark, and one CSV for spreadsheets.

Rows are in the order of systems' names, read and written piece by piece: memory does not grow with their number.
"""

import sqlite3
import zlib
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from gate.match import Evidence
from gate.portfolio.row import Fault
from gate.report.csv import write

PIECE = 5_000
"""Rows of one group."""

TIME = pa.timestamp("us", tz="UTC")

DECISIONS = pa.schema(
    [
        *(("system", pa.string()), ("archive", pa.string()), ("kind", pa.string()), ("outcome", pa.string())),
        *(("digest", pa.string()), ("decided", TIME), ("policy", pa.string()), ("components", pa.int64())),
        *(("identified", pa.int64()), ("vendors", pa.int64()), ("next_change", TIME), ("next_decision", pa.string())),
        *(("fault", pa.string()), ("line", pa.int64()), ("pointer", pa.string()), ("remedy", pa.string())),
    ]
)

REASONS = pa.schema(
    [
        *(("system", pa.string()), ("code", pa.string()), ("effect", pa.string()), ("act", pa.string())),
        *(("vendor", pa.string()), ("vendor_name", pa.string()), ("message", pa.string()), ("in_force_from", TIME)),
        *(("in_force_until", TIME), ("citation", pa.string()), ("url", pa.string()), ("provenance", pa.string())),
        *(("missing", pa.list_(pa.string())), ("spared_by", pa.string()), ("waiver", pa.string())),
        *(("remedy", pa.string()), ("components", pa.int64())),
    ]
)

IDENTITIES = pa.schema(
    [
        *(("system", pa.string()), ("vendor", pa.string()), ("ref", pa.string()), ("pointer", pa.string())),
        *(("name", pa.string()), ("version", pa.string()), ("purl", pa.string()), ("field", pa.string())),
        *(("said", pa.string()), ("matched", pa.string()), ("strength", pa.string())),
    ]
)

Row = dict[str, Any]


def decisions(db: sqlite3.Connection) -> Iterator[Row]:
    """A row for each document, with and without a verdict."""
    names = ("system", "archive", "kind", "outcome", "digest", "decided", "policy", "components", "identified")
    for *said, vendors, fault, change in db.execute(
        "SELECT d.name, archive, kind, outcome, d.digest, decided, l.digest, components, identified, vendors, fault,"
        " (SELECT at || ' ' || decision FROM change WHERE document = d.id AND at > decided ORDER BY at LIMIT 1)"
        " FROM document d JOIN law l ON l.id = d.law ORDER BY d.name"
    ):
        why = msgspec.msgpack.decode(fault, type=Fault) if fault is not None else None
        at, _, decision = (change or "").partition(" ")
        yield {
            **dict(zip(names, said, strict=True)),
            "decided": datetime.fromisoformat(said[5]),
            "vendors": vendors,
            "next_change": datetime.fromisoformat(at) if at else None,
            "next_decision": decision or None,
            "fault": why and why.what,
            "line": why and why.line,
            "pointer": why and why.pointer,
            "remedy": why and why.remedy,
        }


def reasons(db: sqlite3.Connection) -> Iterator[Row]:
    """A row for each reason of each document."""
    for name, body in db.execute(
        "SELECT d.name, b.decision FROM document d JOIN body b ON b.document = d.id"
        " WHERE EXISTS (SELECT 1 FROM reason WHERE document = d.id) ORDER BY d.name"
    ):
        for reason in decision_in(body)["reasons"]:
            vendor, force = reason["vendor"] or {}, reason["in_force"] or {}
            citation = reason["citation"][0] if reason["citation"] else {}
            yield {
                "system": name,
                **{key: reason[key] for key in ("code", "effect", "act", "message", "provenance", "missing")},
                **{key: reason[key] for key in ("spared_by", "remedy")},
                "vendor": vendor.get("id"),
                "vendor_name": vendor.get("name"),
                "in_force_from": _moment(force.get("starts")),
                "in_force_until": _moment(force.get("ends")),
                "citation": citation.get("text"),
                "url": citation.get("url"),
                "waiver": reason["waiver"] and reason["waiver"]["id"],
                "components": len(reason["components"]),
            }


def decision_in(body: bytes) -> dict[str, Any]:
    """A decision as it is kept."""
    found: dict[str, Any] = msgspec.json.decode(zlib.decompress(body))
    return found


def identities(db: sqlite3.Connection) -> Iterator[Row]:
    """A row for each piece of evidence that a component is of a vendor of the register."""
    names = ("system", "vendor", "ref", "pointer", "name", "version", "purl")
    for *said, evidence in db.execute(
        "SELECT d.name, vendor, ref, pointer, m.name, version, purl, evidence"
        " FROM document d JOIN met m ON m.document = d.id ORDER BY d.name, m.rowid"
    ):
        head = dict(zip(names, said, strict=True))
        for piece in msgspec.msgpack.decode(evidence, type=tuple[Evidence, ...]):
            yield {**head, **msgspec.to_builtins(piece)}


TABLES: dict[str, tuple[pa.Schema, Callable[[sqlite3.Connection], Iterator[Row]]]] = {
    "decisions": (DECISIONS, decisions),
    "reasons": (REASONS, reasons),
    "identities": (IDENTITIES, identities),
}
"""Name of a table -> its columns and its rows."""

SHEET = "systems.csv"


def write_tables(db: sqlite3.Connection, folder: Path) -> None:
    """Write every table, each wholly or not at all."""
    for name, (schema, rows) in TABLES.items():
        path = folder / f"{name}.parquet"
        with pq.ParquetWriter(f"{path}.new", schema, compression="zstd") as file:
            found = rows(db)
            while piece := list(islice(found, PIECE)):
                file.write_table(pa.Table.from_pylist(piece, schema=schema))
        Path(f"{path}.new").replace(path)
    sheet = folder / SHEET
    with Path(f"{sheet}.new").open("w", encoding="utf-8-sig", newline="") as text:
        write(text, DECISIONS.names, (_plain(row) for row in decisions(db)))
    Path(f"{sheet}.new").replace(sheet)


def _plain(row: Row) -> Row:
    return {key: value.isoformat() if isinstance(value, datetime) else value for key, value in row.items()}


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
