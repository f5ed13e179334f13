"""API keys: only the SHA-256 of a secret is kept, so that the database opens nothing.

A secret has 256 random bits: there is nothing to guess, so a slow hash, which is for passwords, would only cost time
(NIST SP 800-63B, section 5.1.2.2, "look-up secrets having at least 112 bits of entropy").
"""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import insert, select, update

from gate.errors import Unknown, UsageError
from gate.store.chain import Chain
from gate.store.entry import Who, event
from gate.store.tables import api_keys, as_said
from policy.dates import is_before

PREFIX = "gate_"
"""How a secret begins, so that scanners for leaked secrets know it."""

ROLES = ("requester", "approver", "auditor", "operator")
"""What a key may be used for; `gate.guard` says what each may do."""


class Key(msgspec.Struct, frozen=True):
    """A key as it may be shown."""

    id: str
    name: str
    roles: tuple[str, ...]  # of ROLES
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None

    def is_good(self, at: datetime) -> bool:
        """Whether it opens anything at an instant: before it expires, and unless it is revoked."""
        return self.revoked_at is None and (self.expires_at is None or is_before(at, self.expires_at))


class Keys:
    """The API keys of a store."""

    def __init__(self, chain: Chain) -> None:
        self._chain = chain
        self._kept: tuple[int, dict[bytes, Key]] | None = None

    @property
    def revision(self) -> int:
        """As of which they are known: `store.revision`."""
        return self._chain.revision

    def create(
        self, name: str, roles: Iterable[str], who: Who, at: datetime, expires_at: datetime | None = None
    ) -> tuple[Key, str]:
        """A new key and its secret, which is told this once. Raises UsageError for no role, or an unknown one."""
        wanted = tuple(sorted(set(roles)))
        unknown = [role for role in wanted if role not in ROLES]
        if unknown or not wanted:
            what = f"There is no role {unknown[0][:40]!r}" if unknown else "A key without a role opens nothing"
            raise UsageError(what, remedy=f"Roles are {', '.join(ROLES)}.")
        if expires_at is not None and not is_before(at, expires_at):
            raise UsageError("The key would have expired already")
        made = Key(secrets.token_hex(6), name, wanted, at, expires_at, None)
        secret = PREFIX + secrets.token_urlsafe(32)
        hashed = _hash(secret)
        values = {**msgspec.structs.asdict(made), "roles": " ".join(wanted), "secret_hash": hashed}
        with self._chain.database.writing() as connection:
            seq = self._chain.event(connection, event("key", at, noted(made, hashed), who))
            connection.execute(insert(api_keys).values({**values, "seq": seq}))
        self._chain.saw(seq)
        return made, secret

    def revoke(self, id: str, who: Who, at: datetime) -> Key:  # noqa: A002 - it is the key's `id`
        """From now on it opens nothing. Raises Unknown if there is none; one that is revoked stays as it is."""
        with self._chain.database.writing() as connection:
            self._chain.lock(connection)
            row = connection.execute(select(api_keys).where(api_keys.c.id == id)).one_or_none()
            if row is None:
                raise Unknown(f"There is no key {id[:40]!r}", remedy="See `gate key list`.")
            found = key(row)
            if found.revoked_at is not None:
                return found
            found = msgspec.structs.replace(found, revoked_at=at)
            seq = self._chain.event(connection, event("key", at, noted(found, row.secret_hash), who))
            connection.execute(update(api_keys).where(api_keys.c.id == id).values(revoked_at=at, seq=seq))
        self._chain.saw(seq)
        return found

    def known(self, secret: str) -> Key | None:
        """The key with that secret, good or not, if it is known as of `store.revision`: no query."""
        kept = self._kept
        # A look-up by hash tells by its time nothing of use: whoever can choose hashes at will has no secret.
        return kept[1].get(_hash(secret)) if kept is not None and kept[0] == self._chain.revision else None

    def take_in(self) -> dict[bytes, Key]:
        """Know all keys as of `store.revision`; by the hashes of their secrets."""
        revision, kept = self._chain.revision, self._kept  # read before the keys, which may be newer, and never older
        if kept is None or kept[0] != revision:
            with self._chain.database.reading() as connection:
                rows = connection.execute(select(api_keys)).all()
            kept = self._kept = (revision, {row.secret_hash: key(row) for row in rows})
        return kept[1]

    def seek(self, secret: str) -> Key | None:
        """The key with that secret in the database as it is now: another process may have made it a moment ago."""
        hashed, known = _hash(secret), self.take_in()
        with self._chain.database.reading() as connection:
            row = connection.execute(select(api_keys).where(api_keys.c.secret_hash == hashed)).one_or_none()
        if row is None:
            return None
        found = known[hashed] = key(row)
        return found

    def all(self) -> list[Key]:
        """All keys, oldest first."""
        with self._chain.database.reading() as connection:
            return [key(row) for row in connection.execute(select(api_keys).order_by(api_keys.c.created_at))]


def noted(one: Key, hashed: bytes) -> dict[str, Any]:
    """What the chain holds of a key (its name may be a person's); verifying compares it with the table."""
    times = {"expires_at": as_said(one.expires_at), "revoked_at": as_said(one.revoked_at)}
    return {"id": one.id, "roles": list(one.roles), "secret": f"sha256:{hashed.hex()}", **times}


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


def key(row: Any) -> Key:
    """A key as its row has it."""
    return Key(row.id, row.name, tuple(row.roles.split()), row.created_at, row.expires_at, row.revoked_at)
