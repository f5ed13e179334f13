"""The first tables."""

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

word = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
instant = sa.Text().with_variant(sa.DateTime(timezone=True), "postgresql")


def upgrade() -> None:
    """Make them, and the head of an empty chain: 32 zero bytes."""
    head = op.create_table(
        "head",
        sa.Column("one", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("chain", sa.Text, nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("hash", sa.LargeBinary, nullable=False),
        sa.Column("revision", sa.BigInteger, nullable=False),
        sa.Column("signed", sa.BigInteger, nullable=False),
        sa.Column("signed_at", instant),
    )
    first = {"one": 1, "chain": secrets.token_hex(16), "seq": 0, "hash": bytes(32), "revision": 0, "signed": 0}
    op.bulk_insert(head, [first])
    _record()
    _kept()
    _states()
    _mail()


def _record() -> None:
    records = op.create_table(
        "records",
        sa.Column("seq", number, primary_key=True, autoincrement=False),
        sa.Column("id", word, nullable=False, unique=True),
        sa.Column("kind", word, nullable=False),
        sa.Column("at", instant, nullable=False),
        sa.Column("hash", sa.LargeBinary, nullable=False),
        sa.Column("record", sa.LargeBinary, nullable=False),
        sa.Column("outcome", word),
        sa.Column("subject", word),
    )
    op.create_index("records_at", "records", ["at"])
    op.create_index("records_subject", "records", ["subject", "seq"])
    is_event = records.c.kind != "decision"
    op.create_index("records_event", "records", ["kind", "seq"], sqlite_where=is_event, postgresql_where=is_event)
    op.create_table(
        "mentions",
        sa.Column("what", word, primary_key=True),
        sa.Column("word", word, primary_key=True),
        sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "personal",
        sa.Column("seq", number, primary_key=True, autoincrement=False),
        sa.Column("salt", sa.LargeBinary, nullable=False),
        sa.Column("fields", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "signatures",
        sa.Column("seq", number, primary_key=True, autoincrement=False),
        sa.Column("envelope", sa.LargeBinary, nullable=False),
    )


def _kept() -> None:
    op.create_table(
        "blobs",
        sa.Column("digest", word, primary_key=True),
        sa.Column("media_type", sa.Text, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("data", sa.LargeBinary),
        sa.Column("stored_at", instant, nullable=False),
        sa.Column("erased_at", instant),
    )
    op.create_table(
        "laws",
        sa.Column("reference", word, primary_key=True),
        sa.Column("digest", word, nullable=False),
        sa.Column("version", sa.Text, nullable=False),
        sa.Column("engine", sa.Text, nullable=False),
        sa.Column("stored_at", instant, nullable=False),
    )
    op.create_table(
        "idempotency",
        sa.Column("actor", word, primary_key=True),
        sa.Column("key", word, primary_key=True),
        sa.Column("body_hash", sa.Text, nullable=False),
        sa.Column("id", word, nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("stored_at", instant, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("idempotency_seq", "idempotency", ["seq"])


def _states() -> None:
    op.create_table(
        "waivers",
        sa.Column("id", word, primary_key=True),
        sa.Column("state", word, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("requester", sa.Text, nullable=False),
        sa.Column("approver", sa.Text),
        sa.Column("ends", instant, nullable=False),
        sa.Column("changed_at", instant, nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("seq", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "api_keys",
        sa.Column("id", word, primary_key=True),
        sa.Column("secret_hash", sa.LargeBinary, nullable=False, unique=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("roles", sa.Text, nullable=False),
        sa.Column("created_at", instant, nullable=False),
        sa.Column("expires_at", instant),
        sa.Column("revoked_at", instant),
        sa.Column("seq", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "purchases",
        sa.Column("id", word, primary_key=True),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("ends", instant),
        sa.Column("next_change", instant),
        sa.Column("looked_at", instant),
        sa.Column("law", sa.Text),
        sa.Column("announced", sa.Text),
        sa.Column("approved_at", instant, nullable=False),
        sa.Column("closed_at", instant),
        sa.Column("seq", sa.BigInteger, nullable=False),
    )


def _mail() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", word, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("headers", sa.LargeBinary, nullable=False),
        sa.Column("state", word, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("next_at", instant, nullable=False),
        sa.Column("created_at", instant, nullable=False),
        sa.Column("last_error", sa.Text),
    )
    op.create_index("outbox_due", "outbox", ["state", "next_at"])
    op.create_table("seen", sa.Column("id", word, primary_key=True), sa.Column("expires_at", instant, nullable=False))
