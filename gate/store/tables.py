"""The tables. Alembic's migrations make them; a test compares the two.

Append-only and chained: `records`. Made from it, for look-ups: `mentions`. Erasable: `personal`, `blobs`,
`idempotency`. States whose every change is an entry of the chain: `waivers`, `api_keys`, `purchases`.
"""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Dialect,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    TypeDecorator,
)
from sqlalchemy.types import TypeEngine


class Instant(TypeDecorator[datetime]):
    """A moment in UTC: timestamptz, or in SQLite, which has none, text of one width that sorts as time does."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """How the database has it."""
        one: TypeEngine[Any] = DateTime(timezone=True) if dialect.name == "postgresql" else Text()
        return dialect.type_descriptor(one)

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | str | None:
        """To the database."""
        return value if value is None or dialect.name == "postgresql" else as_text(value)

    def process_result_value(self, value: datetime | str | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """From the database. PostgreSQL gives the session's time zone, which may be any."""
        return None if value is None else as_instant(value)


def as_text(value: datetime) -> str:
    """An instant as SQLite has it."""
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def as_said(value: datetime | None) -> str | None:
    """An instant as the chain says it, whatever its offset was."""
    return None if value is None else as_text(value)


def as_instant(value: datetime | str) -> datetime:
    """An instant as a database gives it, in UTC."""
    return (datetime.fromisoformat(value) if isinstance(value, str) else value).astimezone(UTC)


_Word = Text().with_variant(Text(collation="C"), "postgresql")
"""Text that compares by its bytes, whatever the database's language."""

_Number = BigInteger().with_variant(Integer(), "sqlite")
"""SQLite's row id is an `INTEGER`, and nothing else."""

metadata = MetaData()

head = Table(
    "head",
    metadata,
    Column("one", Integer, primary_key=True, autoincrement=False),  # always 1: the row that writers lock
    Column("chain", Text, nullable=False),  # a random id, so that no head of another store is taken for one of this
    Column("seq", BigInteger, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Column("revision", BigInteger, nullable=False),  # the last entry about a waiver or a key
    Column("signed", BigInteger, nullable=False),  # the last entry that a signature covers
    Column("signed_at", Instant),
)

records = Table(
    "records",
    metadata,
    Column("seq", _Number, primary_key=True, autoincrement=False),
    Column("id", _Word, nullable=False, unique=True),
    Column("kind", _Word, nullable=False),
    Column("at", Instant, nullable=False),
    Column("hash", LargeBinary, nullable=False),  # SHA-256 of the hash before, `seq` and the record
    Column("record", LargeBinary, nullable=False),  # JSON, packed
    Column("outcome", _Word),
    Column("subject", _Word),
)
Index("records_at", records.c.at)
Index("records_subject", records.c.subject, records.c.seq)
Index(
    "records_event",
    records.c.kind,
    records.c.seq,
    sqlite_where=records.c.kind != "decision",
    postgresql_where=records.c.kind != "decision",
)

mentions = Table(
    "mentions",
    metadata,
    Column("what", _Word, primary_key=True),  # vendor, code or input
    Column("word", _Word, primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)

personal = Table(
    "personal",
    metadata,
    Column("seq", _Number, primary_key=True, autoincrement=False),
    Column("salt", LargeBinary, nullable=False),
    Column("fields", LargeBinary, nullable=False),  # JSON: pointer into the record, or actor or request -> the words
    Column("actor", _Word, nullable=False),  # once more, to be looked up by
)
Index("personal_actor", personal.c.actor, personal.c.seq)

blobs = Table(
    "blobs",
    metadata,
    Column("digest", _Word, primary_key=True),
    Column("media_type", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("data", LargeBinary),  # packed; null once erased
    Column("stored_at", Instant, nullable=False),
    Column("erased_at", Instant),
)

laws = Table(
    "laws",
    metadata,
    Column("reference", _Word, primary_key=True),  # the digest of its blob
    Column("digest", _Word, nullable=False),  # of the policy it was compiled from
    Column("version", Text, nullable=False),
    Column("engine", Text, nullable=False),  # that compiled it
    Column("stored_at", Instant, nullable=False),
)

idempotency = Table(
    "idempotency",
    metadata,
    Column("actor", _Word, primary_key=True),
    Column("key", _Word, primary_key=True),
    Column("body_hash", Text, nullable=False),
    Column("id", _Word, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("stored_at", Instant, nullable=False),
    sqlite_with_rowid=False,
)
Index("idempotency_seq", idempotency.c.seq)

signatures = Table(
    "signatures",
    metadata,
    Column("seq", _Number, primary_key=True, autoincrement=False),
    Column("envelope", LargeBinary, nullable=False),  # DSSE
)

waivers = Table(
    "waivers",
    metadata,
    Column("id", _Word, primary_key=True),
    Column("state", _Word, nullable=False),
    Column("body", LargeBinary, nullable=False),  # JSON
    Column("requester", Text, nullable=False),
    Column("approver", Text),
    Column("ends", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("reason", Text),
    Column("seq", BigInteger, nullable=False),  # of the entry that made it so
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", _Word, primary_key=True),
    Column("secret_hash", LargeBinary, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("roles", Text, nullable=False),  # blank between
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant),
    Column("revoked_at", Instant),
    Column("seq", BigInteger, nullable=False),
)

purchases = Table(
    "purchases",
    metadata,
    Column("id", _Word, primary_key=True),
    Column("subject", Text, nullable=False),
    Column("ends", Instant),
    Column("next_change", Instant),
    Column("looked_at", Instant),
    Column("law", Text),
    Column("announced", Text),
    Column("approved_at", Instant, nullable=False),
    Column("closed_at", Instant),
    Column("seq", BigInteger, nullable=False),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", _Word, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("headers", LargeBinary, nullable=False),  # JSON
    Column("state", _Word, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_at", Instant, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("last_error", Text),
)
Index("outbox_due", outbox.c.state, outbox.c.next_at)

seen = Table(
    "seen",
    metadata,
    Column("id", _Word, primary_key=True),
    Column("expires_at", Instant, nullable=False),
)
