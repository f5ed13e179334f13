"""The chain: entries get their numbers and hashes under a lock on its head, so that no two processes fork it."""

import hashlib
import threading
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import Connection

from gate.errors import GateError
from gate.store import bulk, tables
from gate.store.bulk import Rows
from gate.store.engine import Database
from gate.store.entry import GUARDING, Answered, Conflict, Entry, Outdated
from gate.store.heads import ENTRIES, SECONDS, Head, signed
from gate.store.mail import row as letter
from gate.store.pack import packed

if TYPE_CHECKING:
    from securesystemslib.signer import CryptoSigner

Earlier = dict[tuple[str, str], tuple[str, str, int]]
"""Actor and idempotency key -> body hash, id and number of what was answered."""

Batch = Sequence[tuple[Entry, bytes]]
"""Entries that are stored all or none, each with its record, packed: that is done before the chain is locked."""


def link(before: bytes, seq: int, record: bytes) -> bytes:
    """The hash of an entry: SHA-256 of the hash before it, its number (8 bytes, big end first) and the record."""
    return hashlib.sha256(before + seq.to_bytes(8, "big") + record).digest()


class Tip(msgspec.Struct):
    """The head's row while it is locked."""

    chain: str
    seq: int
    hash: bytes
    revision: int
    signed: int
    signed_at: datetime | None

    @property
    def moved(self) -> tuple[int, bytes, int, int, datetime | None]:
        """What changes in the row when the head moves."""
        return self.seq, self.hash, self.revision, self.signed, self.signed_at

    @property
    def head(self) -> Head:
        """As it is shown."""
        return Head(self.chain, self.seq, self.hash.hex())


class Chain:
    """The chain of a database."""

    def __init__(self, database: Database, signer: "CryptoSigner | None" = None) -> None:
        self.database = database
        self.signer = signer
        self.revision = 0
        self._turn = threading.Lock()

    def saw(self, revision: int) -> int:
        """Note the revision that was read, or that this process made; it never goes back."""
        with self._turn:
            self.revision = max(self.revision, revision)
            return self.revision

    def append(
        self, connection: Connection, batches: Sequence[Batch], *, ends: bool = False
    ) -> list[list[Answered] | GateError]:
        """Append batches in the connection's transaction (a writing one); what became of each.

        `ends`: the transaction is theirs alone. A batch of which an entry conflicts or is outdated is left out whole,
        and the others are not. An entry that was answered before is there, and is not stored again.
        """
        whose = [entry.who for batch in batches for entry, _ in batch]
        keys = [(who.actor, who.idempotency_key) for who in whose if who.idempotency_key is not None]
        row, found = bulk.lock(connection, keys)
        tip, earlier = Tip(*row), {(actor, key): (hashed, name, seq) for actor, key, hashed, name, seq in found}
        start, rows = tip.seq, _rows()
        told = [_added(batch, tip, earlier, rows) for batch in batches]
        if tip.seq > start:
            self._sign(tip, batches[-1][-1][0].at, rows)
            rows[tables.blobs] = list({row[0]: row for row in rows[tables.blobs]}.values())
            bulk.insert(connection, rows, tip.moved, ends=ends)
        return told

    def event(self, connection: Connection, entry: Entry) -> int:
        """Append one event that is part of a larger transaction; its number."""
        [told] = self.append(connection, [[(entry, packed(entry.record))]])
        if isinstance(told, GateError):
            raise told
        return told[0].seq

    def lock(self, connection: Connection) -> Tip:
        """The head, which no other writer can move before this transaction ends."""
        return Tip(*bulk.lock(connection, ())[0])

    def sign(self, at: datetime) -> bytes | None:
        """Sign the head as it is; the envelope, or None without a key."""
        if self.signer is None:
            return None
        with self.database.writing() as connection:
            tip = self.lock(connection)
            envelope = signed(msgspec.structs.replace(tip.head, at=at), self.signer)
            if tip.signed < tip.seq:
                tip.signed, tip.signed_at = tip.seq, at
                bulk.insert(connection, {tables.signatures: [(tip.seq, envelope)]}, tip.moved)
        return envelope

    def _sign(self, tip: Tip, at: datetime, rows: Rows) -> None:
        waited = timedelta.max if tip.signed_at is None else at - tip.signed_at
        if self.signer is None or (tip.seq - tip.signed < ENTRIES and waited.total_seconds() < SECONDS):
            return
        rows[tables.signatures] = [(tip.seq, signed(msgspec.structs.replace(tip.head, at=at), self.signer))]
        tip.signed, tip.signed_at = tip.seq, at


def _added(batch: Batch, tip: Tip, earlier: Earlier, rows: Rows) -> list[Answered] | GateError:
    """Add a batch, unless an entry of it may not be; what became of it."""
    settled, told = [_settled(entry, tip, earlier) for entry, _ in batch], []
    for fault in settled:
        if isinstance(fault, GateError):
            return fault
    for (entry, record), before in zip(batch, settled, strict=True):
        if isinstance(before, Answered):
            told.append(before)
            continue
        _add(entry, record, tip, earlier, rows)
        told.append(Answered(entry.id, tip.seq))
    return told


def _settled(entry: Entry, tip: Tip, earlier: Earlier) -> Answered | GateError | None:
    """What became of an entry that is not to be appended."""
    who = entry.who
    if who.idempotency_key is not None:
        found = earlier.get((who.actor, who.idempotency_key))
        if found is not None:
            return Answered(found[1], found[2], again=True) if found[0] == who.body_hash else conflict()
    if who.revision is not None and who.revision != tip.revision:
        return Outdated("Waivers or keys changed meanwhile", remedy="Do it again.")
    return None


def conflict() -> Conflict:
    """The fault of a second request under a key."""
    return Conflict(
        "The idempotency key was used before, for another request", remedy="Take a new key for each new request."
    )


def _rows() -> Rows:
    filled = (tables.blobs, tables.records, tables.personal, tables.mentions, tables.idempotency, tables.outbox)
    return {table: [] for table in filled}


def _add(entry: Entry, record: bytes, tip: Tip, earlier: Earlier, rows: Rows) -> None:
    """Give the entry its place, and move the tip onto it."""
    tip.seq += 1
    tip.hash = link(tip.hash, tip.seq, entry.record)
    if entry.kind in GUARDING:
        tip.revision = tip.seq
    seq, at, index = tip.seq, entry.at, entry.index
    rows[tables.records].append((seq, entry.id, entry.kind, at, tip.hash, record, index.outcome, index.subject))
    rows[tables.personal].append((seq, entry.salt, msgspec.json.encode(entry.personal), entry.who.actor))
    rows[tables.mentions].extend((what, word, seq) for what, word in index.mentions)
    rows[tables.blobs].extend((one.digest, one.media_type, one.size, one.data, at, None) for one in entry.blobs)
    who = entry.who
    if who.idempotency_key is not None:
        earlier[who.actor, who.idempotency_key] = (who.body_hash, entry.id, seq)
        rows[tables.idempotency].append((who.actor, who.idempotency_key, who.body_hash, entry.id, seq, at))
    rows[tables.outbox].extend(letter(one, at) for one in entry.deliveries)
