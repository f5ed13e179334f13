"""API keys: only the SHA-256 of a secret is kept, so that the database opens nothing."""

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from gate.store.entry import Who

if TYPE_CHECKING:
    from gate.store.engine import Database

PREFIX = "gate_"
"""How a secret begins, so that scanners for leaked secrets know it."""


class Key(msgspec.Struct, frozen=True):
    """A key as it may be shown."""

    id: str
    name: str
    roles: tuple[str, ...]  # requester, approver, auditor, operator
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None

    def is_good(self, at: datetime) -> bool:
        """Whether it opens anything at an instant."""
        raise NotImplementedError


class Keys:
    """The API keys of a store."""

    def __init__(self, database: "Database") -> None:
        self._database = database

    def create(
        self, name: str, roles: Iterable[str], who: Who, at: datetime, expires_at: datetime | None = None
    ) -> tuple[Key, str]:
        """A new key and its secret, which is told this once."""
        raise NotImplementedError

    def revoke(self, id: str, who: Who, at: datetime) -> Key:  # noqa: A002 - it is the key's `id`
        """From now on it opens nothing. Raises UsageError for an unknown one."""
        raise NotImplementedError

    def find(self, secret: str) -> Key | None:
        """The key with that secret, good or not; kept in memory until `store.revision` moves."""
        raise NotImplementedError

    def all(self) -> list[Key]:
        """All keys, oldest first."""
        raise NotImplementedError
