"""States as the chain tells them, to be compared with the tables that are read: waivers, API keys, purchases."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import msgspec
from sqlalchemy import Table

from gate.store import keys, tables, waivers
from gate.store.cells import RawRow

Rows = Callable[[Table, str], Iterable[RawRow]]
"""A table, and what its rows are called -> the rows."""


class Told:
    """What the entries of the chain, one after another, say of states; the last word counts."""

    def __init__(self) -> None:
        self.erased: set[int] = set()  # entries whose personal fields were erased
        self.inputs: set[str] = set()  # digests of inputs that were erased
        self._waivers: dict[str, dict[str, Any]] = {}
        self._keys: dict[str, dict[str, Any]] = {}
        self._purchases: dict[str, dict[str, Any]] = {}
        self._requesters: dict[str, str] = {}
        self._laws: dict[str, tuple[str, str] | None] = {}  # reference -> digest and version, as far as they are known
        self._used: set[str] = set()  # laws by which something was decided
        self._engines: set[str] = set()  # that decided it

    def add(self, record: dict[str, Any], fields: dict[str, str]) -> None:
        """Hear one record, and its personal fields as far as they are there."""
        kind, said = record["kind"], record.get("body", {})
        if kind in ("erasure", "retention"):
            self.erased.update(msgspec.convert(said["entries"], list[int]))
            self.inputs.update(msgspec.convert(said["inputs"], list[str]))
        states = {"waiver": self._waivers, "key": self._keys, "approval": self._purchases}.get(kind)
        if states is not None:
            states[msgspec.convert(said["id"], str)] = said
        if kind == "decision":
            law = msgspec.convert(record["law"], str)
            self._laws.setdefault(law, None)
            self._used.add(law)
            self._engines.add(msgspec.convert(record["decision"]["engine"]["version"], str))
        if kind == "waiver" and said["state"] == "requested" and "actor" in fields:
            self._requesters[said["id"]] = fields["actor"]

    def compiled(self, reference: str, data: bytes) -> None:
        """Hear of a law whose bytes are there, and are those of its reference."""
        try:
            said = msgspec.msgpack.decode(data, type=_Compiled)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            self._laws.setdefault(reference, None)  # of another form: what its row says cannot be compared
        else:
            self._laws[reference] = (said.digest, said.version)

    def differences(self, rows: Rows) -> Iterator[str]:
        """Where a table says something else than the chain, or than a law's bytes."""
        found = {}
        for row in rows(tables.waivers, "the waiver"):
            found[str(row.id)] = _noted(lambda row: waivers.noted(waivers.waived(row)), row)
            if self._requesters.get(row.id, row.requester) != row.requester:
                yield f"waiver {row.id} was not asked for by {row.requester}"
        yield from _compared("waiver", found, self._waivers)
        found = {
            str(row.id): _noted(lambda row: keys.noted(keys.key(row), row.secret_hash), row)
            for row in rows(tables.api_keys, "the API key")
        }
        yield from _compared("API key", found, self._keys)
        found = {str(row.id): _noted(_purchase, row) for row in rows(tables.purchases, "the purchase")}
        yield from _compared("purchase", found, self._purchases)
        yield from self._laws_that_differ(rows)

    def _laws_that_differ(self, rows: Rows) -> Iterator[str]:
        held = {str(row.reference): row for row in rows(tables.laws, "the law")}
        for reference in sorted({*held, *self._laws}):
            row, said = held.get(reference), self._laws.get(reference)
            if row is None:
                yield f"law {reference} is not in the table of laws"
            elif said is not None and (row.digest, row.version) != said:
                yield f"law {reference} has another digest or version than its bytes say"
            elif reference not in self._laws:
                yield f"law {reference} has no bytes, and no entry names it"
            elif reference in self._used and row.engine not in self._engines:
                yield f"law {reference} was compiled by an engine that no entry names"


class _Compiled(msgspec.Struct):
    """What a law says of itself, whichever version compiled it."""

    digest: str
    version: str


def _noted(noting: Callable[[RawRow], dict[str, Any]], row: RawRow) -> dict[str, Any]:
    """A row as the chain would say it; a changed one that cannot be read is as nothing that the chain says."""
    try:
        return noting(row)
    except Exception:  # noqa: BLE001 - whatever a changed row makes of the code that reads it, the row is at fault
        return {}


def _purchase(row: RawRow) -> dict[str, Any]:
    state = "watched" if row.closed_at is None else "closed"
    return {"id": row.id, "state": state, "ends": tables.as_said(row.ends)}


def _compared(what: str, found: dict[str, dict[str, Any]], told: dict[str, dict[str, Any]]) -> Iterator[str]:
    for name in sorted({*found, *told}):
        if found.get(name) != told.get(name):
            yield f"{what} {name} is not as the chain says it is"
