"""Bytes by their SHA-256, compressed: documents, SBOMs, the compiled law, waivers in force."""

from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from gate.law import Law

if TYPE_CHECKING:
    from gate.store.engine import Database


class Blob(msgspec.Struct, frozen=True):
    """What is known of some bytes. `erased_at` says when retention took them away."""

    digest: str  # sha256:…
    media_type: str
    size: int
    erased_at: datetime | None = None


class Blobs:
    """Content-addressed bytes."""

    def __init__(self, database: "Database") -> None:
        self._database = database

    def put(self, data: bytes, media_type: str, at: datetime) -> str:
        """Keep the bytes; their digest. What is there already is there once. This is also PUT /v1/sboms."""
        raise NotImplementedError

    def one(self, digest: str) -> Blob | None:
        """What is known of them."""
        raise NotImplementedError

    def data(self, digest: str) -> bytes | None:
        """The bytes, verified against their digest; None if unknown or erased. Raises StoreError if they changed."""
        raise NotImplementedError


class Laws:
    """Compiled laws, so that a decision can be made again by the law it was made by."""

    def __init__(self, database: "Database") -> None:
        self._database = database

    def put(self, law: Law, at: datetime) -> str:
        """Keep a law (once per load or reload); gives the reference that `decided` takes."""
        raise NotImplementedError

    def load(self, reference: str) -> Law:
        """The law of a reference. Raises StoreError if it is not there or this version cannot read it."""
        raise NotImplementedError
