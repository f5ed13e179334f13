"""Bytes by their SHA-256, compressed: documents, SBOMs, the compiled law, waivers in force."""

from datetime import datetime

import msgspec
from sqlalchemy import select

from gate.digest import sha256
from gate.errors import StoreError
from gate.law import Law
from gate.store import in_force, tables
from gate.store.bulk import insert
from gate.store.engine import Database
from gate.store.pack import packed, unpacked
from gate.version import VERSION

LAW = "application/vnd.gate.law+msgpack"

OWN = frozenset({LAW, in_force.MEDIA_TYPE})
"""Media types that no document has: retention leaves them alone."""


def foreign(media_type: str) -> str:
    """The media type of a document, as somebody says it; one of the store's own would keep it from being erased."""
    return "application/octet-stream" if media_type in OWN else media_type


class Blob(msgspec.Struct, frozen=True):
    """What is known of some bytes. `erased_at` says when retention took them away."""

    digest: str  # sha256:…
    media_type: str
    size: int
    erased_at: datetime | None = None


class Blobs:
    """Content-addressed bytes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, data: bytes, media_type: str, at: datetime) -> str:
        """Keep the bytes; their digest. What is there already is there once. This is also PUT /v1/sboms."""
        name = sha256(data)
        with self._database.writing() as connection:
            insert(connection, {tables.blobs: [(name, foreign(media_type), len(data), packed(data), at, None)]})
        return name

    def one(self, name: str) -> Blob | None:
        """What is known of them."""
        table = tables.blobs
        with self._database.reading() as connection:
            found = connection.execute(
                select(table.c.digest, table.c.media_type, table.c.size, table.c.erased_at).where(
                    table.c.digest == name
                )
            ).one_or_none()
        return None if found is None else Blob(*found)

    def data(self, name: str) -> bytes | None:
        """The bytes, verified against their digest; None if unknown or erased. Raises StoreError if they changed."""
        with self._database.reading() as connection:
            found = connection.execute(select(tables.blobs.c.data).where(tables.blobs.c.digest == name)).scalar()
        return None if found is None else intact(name, found)


def intact(name: str, stored: bytes) -> bytes:
    """The bytes of that digest. Raises StoreError if they are others."""
    data = unpacked(stored)
    if sha256(data) != name:
        raise StoreError(f"{name} holds other bytes than it did", remedy="See what `gate audit verify` finds.")
    return data


class Laws:
    """Compiled laws, so that a decision can be made again by the law it was made by."""

    def __init__(self, database: Database, blobs: Blobs) -> None:
        self._database = database
        self._blobs = blobs

    def put(self, law: Law, at: datetime) -> str:
        """Keep a law (once per load or reload); gives the reference that `decided` takes."""
        data = msgspec.msgpack.encode(law, order="deterministic")  # sets have no order of their own
        reference, table = sha256(data), tables.laws
        with self._database.writing() as connection:
            if connection.execute(select(table.c.reference).where(table.c.reference == reference)).first() is None:
                insert(
                    connection,
                    {
                        tables.blobs: [(reference, LAW, len(data), packed(data), at, None)],
                        table: [(reference, law.digest, law.version, VERSION, at)],
                    },
                )
        return reference

    def load(self, reference: str) -> Law:
        """The law of a reference. Raises StoreError if it is not there or this version cannot read it."""
        data = self._blobs.data(reference)
        if data is None:
            raise StoreError(f"The law {reference} is not in the store")
        try:
            return msgspec.msgpack.decode(data, type=Law)
        except msgspec.MsgspecError as error:
            table = tables.laws
            with self._database.reading() as connection:
                made_by = connection.execute(select(table.c.engine).where(table.c.reference == reference)).scalar()
            raise StoreError(
                f"The law {reference} was compiled by another version of the gate",
                remedy=f"Replay with version {made_by or 'that made it'}; this is {VERSION}.",
            ) from error
