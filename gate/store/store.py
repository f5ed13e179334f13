"""The store: one database, and what is kept in it. Everything that touches SQL lies below this package."""

from gate.store.blobs import Blobs, Laws
from gate.store.decisions import Decisions
from gate.store.engine import Database
from gate.store.keys import Keys
from gate.store.mail import Outbox, Seen
from gate.store.purchases import Purchases
from gate.store.waivers import Waivers
from gate.store.writer import Writer


def open_store(url: str, *, upgrade: bool = False, signer: str | None = None) -> "Store":
    """The store at a URL: `gate.db`, `sqlite:///gate.db`, `postgresql://user@host/name`.

    `upgrade`: make or migrate its tables first (`gate serve` and `gate store upgrade` do). Otherwise a store without
    tables or of another version is refused. `signer`: PEM text of the Ed25519 key that signs the chain's head
    (GATE_AUDIT_KEY). Raises StoreError with a remedy. Open it once in each process, after any fork.
    """
    raise NotImplementedError


class Store:
    """The record of a service. All methods are synchronous, safe between threads, and take the clock as `at`.

    The hot path is `writer`; everything else opens a transaction of its own.
    """

    def __init__(self, database: Database) -> None:
        self.blobs = Blobs(database)
        self.laws = Laws(database)
        self.decisions = Decisions(database)
        self.waivers = Waivers(database)
        self.keys = Keys(database)
        self.outbox = Outbox(database)
        self.seen = Seen(database)
        self.purchases = Purchases(database)
        self.writer = Writer(database)

    def revision(self) -> int:
        """A number that moves with every change of waivers and keys, as last read by this process: no query.

        Read it before deciding, and give it to `decided`: if the store has moved on when the entry is written, the
        entry is refused with Outdated, so that a revoked waiver or key never counts. Then `refresh`, and decide again.
        """
        raise NotImplementedError

    def refresh(self) -> int:
        """Read the revision anew, and with it waivers and keys. Call it after Outdated, and every second or so."""
        raise NotImplementedError

    def ready(self) -> None:
        """Raises StoreError if the database does not answer or the writer has ended (for /readyz)."""
        raise NotImplementedError

    def close(self) -> None:
        """Write what is queued, sign the head, and close the connections."""
        raise NotImplementedError
