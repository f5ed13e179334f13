"""Is the record as it was written? Every entry, everything that hangs on it, and heads that were kept elsewhere."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy import Connection, Row, select

from gate.errors import StoreError
from gate.store import tables
from gate.store.chain import link
from gate.store.engine import Database
from gate.store.entry import GUARDING, KINDS, VERSION, index
from gate.store.heads import Head, verified
from gate.store.pack import digest, unpacked
from gate.store.personal import commitments
from gate.store.states import Told
from gate.store.tables import records

if TYPE_CHECKING:
    from securesystemslib.signer import SSlibKey

_TOGETHER = 500
"""Entries that are looked at together."""


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
    only a head that was kept elsewhere, or a key that was, tells.
    """
    with database.snapshot() as connection:
        return look(connection, keys, anchors)


def look(connection: Connection, keys: "list[SSlibKey] | None" = None, anchors: Iterable[Head] = ()) -> Account:
    """The same, as a transaction sees it."""
    return _Walk(connection, keys, list(anchors)).account()


class _Walk:
    """One way through the tables, with what is remembered on it."""

    def __init__(self, connection: Connection, keys: "list[SSlibKey] | None", anchors: list[Head]) -> None:
        self._connection = connection
        self._keys = keys
        self._anchors = anchors
        self._faults: list[Fault] = []
        self._bare: set[int] = set()  # entries without their personal fields
        self._wanted: dict[int, tuple[frozenset[tuple[str, str]], list[str]]] = {}  # words and inputs of those at hand
        self._told = Told()
        self._revision = 0
        self._signed = 0

    def account(self) -> Account:
        row = self._connection.execute(select(tables.head)).one_or_none()
        if row is None:
            raise StoreError("The store has no head", remedy="Restore it from a backup.")
        head = Head(row.chain, row.seq, row.hash.hex())
        found = Account(head, faults=self._faults)
        claims, trusted = self._claims(head, found)
        seq, hashed = 0, bytes(32)
        self._compare(claims, seq, hashed)
        for rows in self._chunks():
            for one in rows:
                seq += 1
                if one.seq != seq:
                    self._fault(f"entries {seq} to {one.seq - 1} are missing", None)
                    seq = one.seq
                hashed = self._entry(one, hashed)
                self._compare(claims, seq, hashed)
                found.entries += 1
            self._around(rows)
        if (row.seq, row.hash) != (seq, hashed):
            self._fault(f"the head says {row.seq} entries and another hash than entry {seq}, which is the last", None)
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

    def _chunks(self) -> Iterator[list[Row[Any]]]:
        fields = tables.personal.c
        joined = records.outerjoin(tables.personal, fields.seq == records.c.seq)
        query = select(records, fields.salt, fields.fields).select_from(joined).order_by(records.c.seq)
        last = -1
        while rows := self._connection.execute(query.where(records.c.seq > last).limit(_TOGETHER)).all():
            last = rows[-1].seq
            yield list(rows)

    def _claims(self, head: Head, found: Account) -> tuple[dict[int, list[tuple[str, str]]], set[int]]:
        """Number of an entry -> the hashes that heads claim for it, and who claims it; those of them to be trusted."""
        claims: dict[int, list[tuple[str, str]]] = {}
        trusted = set()
        for seq, envelope in self._connection.execute(select(tables.signatures).order_by(tables.signatures.c.seq)):
            name, self._signed = f"signature of entry {seq}", seq
            try:
                one = verified(envelope, self._keys, name)
            except StoreError as error:
                self._fault(f"its signature is not good: {error.what}", seq)
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

    def _entry(self, row: Row[Any], before: bytes) -> bytes:
        """Look at one entry; its hash as the table has it, so that one change is one fault."""
        try:
            data = unpacked(row.record)
            record = msgspec.json.decode(data)
            if link(before, row.seq, data) != row.hash:
                self._fault("it was changed, moved, or is not the next of the one before: the hash differs", row.seq)
            self._columns(row, record)
            self._told.add(record, self._personal(row, record))
            self._wanted[row.seq] = (index(record).mentions, _inputs(record))
        except (StoreError, msgspec.MsgspecError, LookupError, TypeError, ValueError, AttributeError) as error:
            self._fault(f"it is no record: {type(error).__name__}", row.seq)
        if row.kind in GUARDING:
            self._revision = row.seq
        return bytes(row.hash)

    def _columns(self, row: Row[Any], record: dict[str, Any]) -> None:
        """What is looked up by is what the record says."""
        found, said = index(record), msgspec.convert(record["at"], type(row.at))
        if record["v"] != VERSION or record["kind"] not in KINDS:
            self._fault("it is of a kind or version that is not known", row.seq)
        if (row.id, row.kind, row.at) != (record["id"], record["kind"], said):
            self._fault("its id, kind or time in the table is not the one in the record", row.seq)
        if (row.outcome, row.subject) != (found.outcome, found.subject):
            self._fault("its outcome or subject in the table is not the one in the record", row.seq)

    def _personal(self, row: Row[Any], record: dict[str, Any]) -> dict[str, str]:
        if row.salt is None:
            self._bare.add(row.seq)
            return {}
        fields = msgspec.json.decode(row.fields, type=dict[str, str])
        if commitments(row.salt, fields) != record["personal"]:
            self._fault("who asked, or another personal field, was changed", row.seq)
        return fields

    def _around(self, rows: list[Row[Any]]) -> None:
        """The look-up words of some entries, and their inputs."""
        first, last = rows[0].seq, rows[-1].seq
        there = tables.mentions.c
        held: dict[int, set[tuple[str, str]]] = {}
        for one in self._connection.execute(select(tables.mentions).where(there.seq.between(first, last))):
            held.setdefault(one.seq, set()).add((one.what, one.word))
        inputs: dict[str, int] = {}
        for row in rows:
            if row.seq not in self._wanted:
                continue  # it is no record, as was told already
            wanted, names = self._wanted.pop(row.seq)
            inputs |= dict.fromkeys(names, row.seq)
            if held.pop(row.seq, set()) != wanted:
                self._fault("it is looked up by other vendors, codes or inputs than the record has", row.seq)
        for name, seq in self._missing(inputs).items():
            self._fault(f"its input or law {name} is missing", seq)

    def _missing(self, inputs: dict[str, int]) -> dict[str, int]:
        blobs, names = tables.blobs.c, list(inputs)
        for some in (names[n : n + _TOGETHER] for n in range(0, len(names), _TOGETHER)):
            for (name,) in self._connection.execute(select(blobs.digest).where(blobs.digest.in_(some))):
                del inputs[name]
        return inputs

    def _after(self) -> None:
        """What hangs on no single entry: words and fields of no entry, blobs, states, idempotency keys."""
        for table, what in ((tables.mentions, "words to look up"), (tables.personal, "personal fields")):
            strays = select(table.c.seq).where(table.c.seq.not_in(select(records.c.seq))).limit(1)
            for (seq,) in self._connection.execute(strays):
                self._fault(f"there are {what} of entry {seq}, which does not exist", None)
        self._blobs()
        for seq in sorted(self._bare - self._told.erased):
            self._fault("its personal fields are gone, and no entry says that they were erased", seq)
        for seq in sorted(self._told.erased - self._bare):
            self._fault("its personal fields were erased, and are there again", seq)
        for what in self._told.differences(self._connection):
            self._fault(what, None)
        keys = tables.idempotency.c
        joined = tables.idempotency.outerjoin(records, (records.c.seq == keys.seq) & (records.c.id == keys.id))
        for (name,) in self._connection.execute(select(keys.id).select_from(joined).where(records.c.seq.is_(None))):
            self._fault(f"an idempotency key stands for {name}, which is no such entry", None)

    def _blobs(self) -> None:
        last = ""
        query = select(tables.blobs).order_by(tables.blobs.c.digest).limit(20)
        while rows := self._connection.execute(query.where(tables.blobs.c.digest > last)).all():
            last = rows[-1].digest
            for row in rows:
                self._blob(row)

    def _blob(self, row: Row[Any]) -> None:
        if row.data is None:
            if row.digest not in self._told.inputs:
                self._fault(f"the bytes of {row.digest} are gone, and no entry says that they were erased", None)
            return
        try:
            data = unpacked(row.data)
        except StoreError:
            data = b""
        if digest(data) != row.digest or len(data) != row.size:
            self._fault(f"the bytes of {row.digest} were changed", None)


def _inputs(record: dict[str, Any]) -> list[str]:
    """The digests of all that a decision was made from."""
    if record["kind"] != "decision":
        return []
    kept = [record["document"]["digest"], *record["attached"].values(), record["law"]]
    if record["asking"]["in_force"] is not None:
        kept.append(record["asking"]["in_force"])
    return [str(one) for one in kept]  # a record that was changed may hold anything
