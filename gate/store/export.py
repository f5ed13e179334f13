"""The record for an auditor: JSON Lines, complete and to be verified without the gate; CSV, to be read."""

import csv
import io
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Row, select

from gate.report.csv import cell
from gate.store import tables
from gate.store.engine import Database
from gate.store.pack import unpacked
from gate.store.personal import restore
from gate.store.tables import as_text, records

COLUMNS = (
    *("number", "at", "kind", "id", "decision", "review", "subject", "subject_digest", "buyer", "codes", "vendors"),
    *("waivers", "law", "law_digest", "engine", "asked_by", "request", "said", "erased", "hash"),
)

_TOGETHER = 500


class _Line(msgspec.Struct):
    """An entry in JSON Lines. `hash` is SHA-256 of the hash before, `seq` in 8 bytes and the bytes of `record`."""

    seq: int
    hash: str
    record: msgspec.Raw
    salt: str | None
    personal: dict[str, str] | None


def jsonl(database: Database, since: datetime | None = None, before: datetime | None = None) -> Iterator[bytes]:
    """Every entry on a line, with its record byte for byte. The salt shows that the personal fields are the ones."""
    for row in _rows(database, since, before):
        fields = None if row.fields is None else msgspec.json.decode(row.fields, type=dict[str, str])
        salt = None if row.salt is None else row.salt.hex()
        line = _Line(row.seq, row.hash.hex(), msgspec.Raw(unpacked(row.record)), salt, fields)
        yield msgspec.json.encode(line) + b"\n"


def table(database: Database, since: datetime | None = None, before: datetime | None = None) -> Iterator[bytes]:
    """A row for each entry. No cell is ever a formula."""
    yield _line(COLUMNS).encode("utf-8-sig")  # Excel knows UTF-8 by its mark
    for row in _rows(database, since, before):
        said = _said(row)
        yield _line([cell(said.get(column)) for column in COLUMNS]).encode()


FORMS = {"csv": table, "jsonl": jsonl}
"""Name of a form -> what writes it."""


def _rows(database: Database, since: datetime | None, before: datetime | None) -> Iterator[Row[Any]]:
    fields = tables.personal.c
    joined = records.outerjoin(tables.personal, fields.seq == records.c.seq)
    query = select(records, fields.salt, fields.fields).select_from(joined).order_by(records.c.seq).limit(_TOGETHER)
    if since is not None:
        query = query.where(records.c.at >= since)
    if before is not None:
        query = query.where(records.c.at < before)
    last = 0
    with database.snapshot() as connection:
        while rows := connection.execute(query.where(records.c.seq > last)).all():
            last = rows[-1].seq
            yield from rows


def _line(cells: Any) -> str:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerow(cells)
    return text.getvalue()


def _said(row: Row[Any]) -> dict[str, object]:
    record = msgspec.json.decode(unpacked(row.record))
    fields = {} if row.fields is None else msgspec.json.decode(row.fields, type=dict[str, str])
    restore(record, fields)
    return {
        "number": row.seq,
        "at": as_text(row.at),
        "kind": row.kind,
        "id": row.id,
        "asked_by": fields.get("actor"),
        "request": fields.get("request"),
        "erased": "yes" if row.fields is None else "no",
        "hash": row.hash.hex(),
        **(_decision(record["decision"]) if row.kind == "decision" else {"said": _json(record["body"])}),
    }


def _decision(said: dict[str, Any]) -> dict[str, object]:
    reasons = said["reasons"]
    vendors = (one["vendor"]["id"] or one["vendor"]["name"] for one in reasons if one["vendor"])
    return {
        "decision": said["decision"],
        "review": "yes" if said["review"] else "no",
        "subject": said["subject"]["name"],
        "subject_digest": said["subject"]["digest"],
        "buyer": said["buyer"]["name"],
        "codes": " ".join(dict.fromkeys(one["code"] for one in reasons)),
        "vendors": ", ".join(dict.fromkeys(filter(None, vendors))),
        "waivers": ", ".join(dict.fromkeys(one["waiver"]["id"] for one in reasons if one["waiver"])),
        "law": said["policy"]["version"],
        "law_digest": said["policy"]["digest"],
        "engine": said["engine"]["version"],
    }


def _json(body: object) -> str:
    return msgspec.json.encode(body).decode()
