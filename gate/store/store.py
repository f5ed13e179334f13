"""The store: one database, and what is kept in it. Everything that touches SQL lies below this package."""

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import select

from gate.errors import StoreError
from gate.store.blobs import Blobs, Laws
from gate.store.chain import Chain
from gate.store.decisions import Decisions
from gate.store.engine import Database
from gate.store.heads import Head
from gate.store.keys import Keys
from gate.store.mail import Outbox, Seen
from gate.store.purchases import Purchases
from gate.store.schema import demand_current
from gate.store.schema import upgrade as move_on
from gate.store.tables import head
from gate.store.waivers import Waivers
from gate.store.writer import Writer

if TYPE_CHECKING:
    from securesystemslib.signer import CryptoSigner


def open_store(url: str, *, upgrade: bool = False, signer: str | None = None) -> "Store":
    """The store at a URL: `gate.db`, `sqlite:///gate.db`, `postgresql://user@host/name`.

    `upgrade`: make or migrate its tables first (`gate serve` and `gate store upgrade` do). Otherwise a store without
    tables or of another version is refused. `signer`: PEM text of the Ed25519 key that signs the chain's head
    (GATE_AUDIT_KEY). Raises StoreError with a remedy. Open it once in each process, after any fork.
    """
    database = Database(url)
    key = None if signer is None else _signer(signer)
    try:
        if upgrade:
            move_on(database)
        else:
            demand_current(database)
        return Store(database, key)
    except StoreError:
        database.engine.dispose()
        raise


def _signer(pem: str) -> "CryptoSigner":
    from gate.signature import private_key

    return private_key(pem.encode(errors="surrogateescape"), "GATE_AUDIT_KEY")  # messages name the variable alone


class Store:
    """The record of a service. All methods are synchronous, safe between threads, and take the clock as `at`.

    The hot path is `writer`; everything else opens a transaction of its own.
    """

    def __init__(self, database: Database, signer: "CryptoSigner | None" = None) -> None:
        self.database = database
        self.chain = Chain(database, signer)
        self.blobs = Blobs(database)
        self.laws = Laws(database, self.blobs)
        self.decisions = Decisions(database)
        self.waivers = Waivers(self.chain)
        self.keys = Keys(self.chain)
        self.outbox = Outbox(database)
        self.seen = Seen(database)
        self.purchases = Purchases(self.chain, self.decisions)
        self.writer = Writer(self.chain)
        self.refresh()

    def revision(self) -> int:
        """A number that moves with every change of waivers and keys, as last read by this process: no query.

        Read it before deciding, or letting somebody in, and put it into Who: if the store has moved on when the entry
        is written, it is refused with Outdated, so that a revoked waiver or key never counts. Then `refresh`, and do it
        again.
        """
        return self.chain.revision

    def refresh(self) -> int:
        """Read the revision anew; what is known of waivers and keys no longer counts if it moved.

        Call it after Outdated, and every second or so.
        """
        with self.database.reading() as connection:
            return self.chain.saw(connection.execute(select(head.c.revision)).scalar_one())

    def head(self) -> Head:
        """How far the chain has come."""
        with self.database.reading() as connection:
            found = connection.execute(select(head.c.chain, head.c.seq, head.c.hash)).one()
        return Head(found.chain, found.seq, found.hash.hex())

    def ready(self) -> None:
        """Raises StoreError if the database does not answer or the writer has ended (for /readyz)."""
        self.refresh()
        if not self.writer.is_alive():
            raise StoreError("The store's writer has ended")

    def close(self, at: datetime | None = None) -> None:
        """Write what is queued, sign the head (with `at`, and a key), and close the connections."""
        self.writer.close()
        if at is not None:
            self.chain.sign(at)
        self.database.engine.dispose()
