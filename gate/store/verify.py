"""Is the record as it was written? Every entry, everything that hangs on it, and heads that were kept elsewhere."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy import Connection, Table, select

from gate.digest import sha256
from gate.errors import StoreError
from gate.store import tables
from gate.store.blobs import LAW, OWN
from gate.store.cells import RawRow, lenient, lines
from gate.store.chain import link
from gate.store.engine import Database
from gate.store.entry import GUARDING, KINDS, VERSION, index
from gate.store.heads import Head, verified
from gate.store.needs import Needs, needs_of, stored
from gate.store.pack import unpacked
from gate.store.personal import commitments, findable
from gate.store.states import Told
from gate.store.tables import records

if TYPE_CHECKING:
    from securesystemslib.signer import SSlibKey

_TOGETHER = 500
"""Entries that are looked at together."""

_LISTED = 200
"""Letters of a value that a fault shows."""


class Fault(msgspec.Struct, frozen=True):
    """Something is not as it was written."""

    what: str
    seq: int | None = None  # the entry's number, if it is about one

    def __str__(self) -> str:
        """In one line."""
        return self.what if self.seq is None else f"entry {self.seq}: {self.what}"


class Account(msgspec.Struct):
    """What verifying found."""

    head: Head
    entries: int = 0
    erased: int = 0  # entries whose personal fields were erased, as the chain says
    signatures: int = 0
    faults: list[Fault] = []
    unseen: int | None = None  # entries after the last head that somebody else could vouch for; None: there is none


def verify(database: Database, keys: "list[SSlibKey] | None" = None, anchors: Iterable[Head] = ()) -> Account:
    """Look at everything, in one state of the database. `keys` are those that may have signed heads.

    Without a key or an anchor, whoever can write the database could have written all of it anew, or cut off its end:
    only a head that was kept elsewhere, or a key that was, tells; and that the end was cut off, a head alone.
    """
    with database.snapshot() as connection:
        return look(connection, keys, anchors)


def look(connection: Connection, keys: "list[SSlibKey] | None" = None, anchors: Iterable[Head] = ()) -> Account:
    """The same, as a transaction sees it."""
    with lenient(connection):
        return _Walk(connection, keys, list(anchors)).account()


class _Walk:
    """One way through the tables, with what is remembered on it.

    Whatever a changed row makes of the code that reads it is a fault of that row, and ends nothing.
    """

    def __init__(self, connection: Connection, keys: "list[SSlibKey] | None", anchors: list[Head]) -> None:
        self._connection = connection
        self._keys = keys
        self._anchors = anchors
        self._faults: list[Fault] = []
        self._bare: set[int] = set()  # entries without their personal fields
        self._needs: dict[int, Needs] = {}  # of the entries at hand
        self._told = Told()
        self._revision = 0
        self._signed = 0

    def account(self) -> Account:
        row = next(iter([*self._lines(tables.head, "the head")]), None)
        if row is None:
            raise StoreError("The store has no head", remedy="Restore it from a backup.")
        head = Head(
            row.chain if "chain" not in row.odd else "",
            row.seq if "seq" not in row.odd else 0,
            row.hash.hex() if "hash" not in row.odd else "",
        )
        found = Account(head, faults=self._faults)
        claims, trusted = self._claims(head, found)
        seq, hashed = 0, bytes(32)
        self._compare(claims, seq, hashed)
        for rows in self._chunks():
            for one in rows:
                seq += 1
                if one.seq != seq:
                    gap = f"entries {seq} to {one.seq - 1} are" if one.seq - seq > 1 else f"entry {seq} is"
                    self._fault(f"{gap} missing", None)
                    seq = one.seq
                hashed = self._entry(one, hashed)
                self._compare(claims, seq, hashed)
                found.entries += 1
            self._around(rows)
        if (row.seq, row.hash) != (seq, hashed):
            self._fault(f"the head says {head.seq} entries and another hash than entry {seq}, which is the last", None)
        if row.signed != self._signed:
            self._fault("the last signature is missing", None)
        if row.revision != self._revision:
            self._fault("the head does not say which entry changed waivers or keys last", None)
        for late in (number for number in claims if number > seq):
            self._fault(f"the chain ends at {seq}, and a head was kept of entry {late}: its end was cut off", None)
        self._after()
        found.erased = len(self._bare)
        vouched = [number for number in trusted if number <= seq]
        found.unseen = seq - max(vouched) if vouched else None
        return found

    def _fault(self, what: str, seq: int | None) -> None:
        self._faults.append(Fault(what, seq))

    def _lines(self, table: Table, what: str, *conditions: Any, together: int = _TOGETHER) -> Iterator[RawRow]:
        """Rows in the order of their keys; of what no column of the kind can hold it is told whose it is."""
        keys = [column.name for column in table.primary_key]
        for line in lines(self._connection, list(table.columns), *conditions, together=together):
            for name in line.odd:
                whose = ", ".join(_shown(getattr(line, key)) for key in keys)
                self._fault(f"{what} {whose}: its {name} is nothing that can stand there", None)
            yield line

    def _chunks(self) -> Iterator[list[RawRow]]:
        rows: list[RawRow] = []
        for line in self._lines(records, "the entry"):
            if line.seq < 1:
                self._fault("it has a number that no entry has", line.seq)
                continue
            rows.append(line)
            if len(rows) == _TOGETHER:
                yield self._with_fields(rows)
                rows = []
        if rows:
            yield self._with_fields(rows)

    def _with_fields(self, rows: list[RawRow]) -> list[RawRow]:
        number = tables.personal.c.seq
        within = number.between(rows[0].seq, rows[-1].seq)
        held = {line.seq: line for line in self._lines(tables.personal, "personal fields of entry", within)}
        for row in rows:
            fields = held.get(row.seq)
            row.salt, row.fields, row.actor = (
                (None, None, None) if fields is None else (fields.salt, fields.fields, fields.actor)
            )
        return rows

    def _claims(self, head: Head, found: Account) -> tuple[dict[int, list[tuple[str, str]]], set[int]]:
        """Number of an entry -> the hashes that heads claim for it, and who claims it; those of them to be trusted."""
        claims: dict[int, list[tuple[str, str]]] = {}
        trusted = set()
        for line in self._lines(tables.signatures, "the signature of entry"):
            seq = self._signed = line.seq
            if line.odd:
                continue
            try:
                one = verified(line.envelope, self._keys, f"signature of entry {seq}")
            except StoreError as error:
                self._fault(f"its signature is not good: {error.what}", seq)
                continue
            except Exception as error:  # noqa: BLE001 - as the class says
                self._fault(f"its signature is not good: {type(error).__name__}", seq)
                continue
            if one.chain != head.chain or one.seq != seq:
                self._fault("its signature is of another entry", seq)
            claims.setdefault(one.seq, []).append((one.hash, "the signature"))
            found.signatures += 1
            if self._keys is not None:
                trusted.add(one.seq)
        for one in self._anchors:
            if one.chain not in ("", head.chain):
                self._fault("the head that was kept elsewhere is of another store", None)
            claims.setdefault(one.seq, []).append((one.hash, "the head that was kept elsewhere"))
            trusted.add(one.seq)
        return claims, trusted

    def _compare(self, claims: dict[int, list[tuple[str, str]]], seq: int, hashed: bytes) -> None:
        for claimed, who in claims.get(seq, ()):
            if claimed != hashed.hex():
                self._fault(f"{who} has another hash: it, or an entry before it, was changed", seq)

    def _entry(self, row: RawRow, before: bytes) -> bytes:
        """Look at one entry; its hash as the table has it, so that one change is one fault."""
        try:
            data = unpacked(row.record)
            record = msgspec.json.decode(data)
            if link(before, row.seq, data) != row.hash:
                self._fault("it was changed, moved, or is not the next of the one before: the hash differs", row.seq)
            self._columns(row, record)
            self._told.add(record, self._personal(row, record))
            self._needs[row.seq] = needs_of(record)
        except Exception as error:  # noqa: BLE001 - as the class says
            self._fault(f"it is no record: {type(error).__name__}", row.seq)
        if row.kind in GUARDING:
            self._revision = row.seq
        return row.hash if isinstance(row.hash, bytes) else bytes(32)

    def _columns(self, row: RawRow, record: dict[str, Any]) -> None:
        """What is looked up by is what the record says."""
        found, said = index(record), msgspec.convert(record["at"], datetime)
        if record["v"] != VERSION or record["kind"] not in KINDS:
            self._fault("it is of a kind or version that is not known", row.seq)
        if (row.id, row.kind, row.at) != (record["id"], record["kind"], said):
            self._fault("its id, kind or time in the table is not the one in the record", row.seq)
        if (row.outcome, row.subject) != (found.outcome, found.subject):
            self._fault("its outcome or subject in the table is not the one in the record", row.seq)

    def _personal(self, row: RawRow, record: dict[str, Any]) -> dict[str, str]:
        if row.salt is None:
            self._bare.add(row.seq)
            return {}
        fields = msgspec.json.decode(row.fields, type=dict[str, str])
        if commitments(row.salt, fields) != record["personal"] or row.actor != findable(fields["actor"]):
            self._fault("who asked, or another personal field, was changed", row.seq)
        return fields

    def _around(self, rows: list[RawRow]) -> None:
        """The look-up words of some entries, and their inputs."""
        there = tables.mentions.c
        held: dict[int, set[tuple[str, str]]] = defaultdict(set)
        for one in self._lines(tables.mentions, "the word", there.seq.between(rows[0].seq, rows[-1].seq)):
            held[one.seq].add((one.what, one.word))
        needs = {row.seq: self._needs.pop(row.seq) for row in rows if row.seq in self._needs}  # others are no records
        for seq, need in needs.items():
            if held[seq] != need.words:
                self._fault("it is looked up by other vendors, codes or inputs than the record has", seq)
        kept = stored(self._connection, {name for need in needs.values() for name in need.inputs})
        said: dict[tuple[str, Any], set[str]] = defaultdict(set)  # digest and moment -> the types it was said to be
        for row in rows:
            for name, kind in needs[row.seq].inputs.items() if row.seq in needs else ():
                said[name, row.at].add(kind)
        for seq, need in needs.items():
            for name, kind in need.inputs.items():
                if name not in kept:
                    self._fault(f"its input or law {_shown(name)} is missing", seq)
                    continue
                was, at = kept[name]
                # Whoever stores bytes first says of which type they are: an entry, at its time, or an upload before it.
                fitting = {kind} if kind in OWN else said.get((name, at), {was} - OWN)
                if was not in fitting:
                    self._fault(f"its input or law {name} is of another media type than it was", seq)

    def _after(self) -> None:
        """What hangs on no single entry: words and fields of no entry, blobs, states, idempotency keys."""
        for table, what in ((tables.mentions, "words to look up"), (tables.personal, "personal fields")):
            strays = select(table.c.seq).where(table.c.seq.not_in(select(records.c.seq))).limit(1)
            for (seq,) in self._connection.execute(strays):
                self._fault(f"there are {what} of entry {_shown(seq)}, which does not exist", None)
        for row in self._lines(tables.blobs, "the bytes of", together=20):
            self._blob(row)
        for seq in sorted(self._bare - self._told.erased):
            self._fault("its personal fields are gone, and no entry says that they were erased", seq)
        for seq in sorted(self._told.erased - self._bare):
            self._fault("its personal fields were erased, and are there again", seq)
        for what in self._told.differences(self._lines):
            self._fault(what, None)
        keys = tables.idempotency.c
        joined = tables.idempotency.outerjoin(records, (records.c.seq == keys.seq) & (records.c.id == keys.id))
        for (name,) in self._connection.execute(select(keys.id).select_from(joined).where(records.c.seq.is_(None))):
            self._fault(f"an idempotency key stands for {_shown(name)}, which is no such entry", None)
        for _ in self._lines(tables.idempotency, "the idempotency key"):
            pass  # what cannot stand there is told on the way

    def _blob(self, row: RawRow) -> None:
        name = _shown(row.digest)
        if row.data is None:
            if row.digest not in self._told.inputs:
                self._fault(f"the bytes of {name} are gone, and no entry says that they were erased", None)
            return
        try:
            data = unpacked(row.data)
        except (StoreError, TypeError):  # a changed row may hold anything
            data = b""
        if sha256(data) != row.digest or len(data) != row.size:
            self._fault(f"the bytes of {name} were changed", None)
        elif row.media_type == LAW:
            self._told.compiled(row.digest, data)


def _shown(value: object) -> str:
    return (value if isinstance(value, str) else repr(value))[:_LISTED]
