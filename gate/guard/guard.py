"""From a request's headers to an actor, or nobody."""

import ipaddress
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache

from gate.guard.oidc import Tokens
from gate.guard.role import OPEN, Actor, Role
from gate.store.keys import PREFIX, Key, Keys


class Guard:
    """The ways in: API keys, tokens, or with neither everybody. Anything shown that opens nothing is refused."""

    def __init__(self, *, is_open: bool, keys: Keys | None, tokens: Tokens | None) -> None:
        self._is_open = is_open
        self._keys = keys
        self._tokens = tokens

    @property
    def revision(self) -> int | None:
        """Which state of the keys this process knows; None where there are none."""
        return None if self._keys is None else self._keys.revision

    def quickly(self, headers: Mapping[bytes, bytes], now: datetime) -> Actor | None:
        """Who asks, if that is known without waiting."""
        secret = _shown(headers)
        if secret is None:
            return OPEN if self._is_open else None
        if secret.startswith(PREFIX):
            return _actor(self._keys.known(secret), now) if self._keys is not None else None
        return self._tokens.known(secret) if self._tokens is not None else None

    def asks_issuer(self, headers: Mapping[bytes, bytes]) -> bool:
        """Whether what is shown is a token, whose issuer may have to be asked."""
        secret = _shown(headers)
        return secret is not None and not secret.startswith(PREFIX)

    def slowly(self, headers: Mapping[bytes, bytes], now: datetime) -> Actor | None:
        """Who asks, by a key or a token that was not seen before; on a thread."""
        secret = _shown(headers)
        if secret is None:
            return None
        if secret.startswith(PREFIX):
            return _actor(self._keys.seek(secret), now) if self._keys is not None else None
        return self._tokens.actor(secret) if self._tokens is not None else None


def _actor(key: Key | None, now: datetime) -> Actor | None:
    """Who holds a key, if it is good."""
    if key is None or not key.is_good(now):
        return None
    return Actor(f"key:{key.id}", frozenset(Role(role) for role in key.roles), "key")


def _shown(headers: Mapping[bytes, bytes]) -> str | None:
    """The secret in `Authorization: Bearer` (RFC 6750) or `X-Api-Key`."""
    said = headers.get(b"authorization")
    if said is not None:
        scheme, _, secret = said.partition(b" ")
        return secret.strip().decode("latin-1") if scheme.lower() == b"bearer" else ""
    key = headers.get(b"x-api-key")
    return None if key is None else key.strip().decode("latin-1")


def is_from_here(headers: Mapping[bytes, bytes]) -> bool:
    """Whether a request means this machine by its loopback name, and no page of another site sends it.

    A server without a guard needs to know: a browser lets any page send to a loopback address, by a name of its own
    that resolves there if need be (DNS rebinding).
    """
    hosts = [headers.get(b"host", b"")]
    origin = headers.get(b"origin")
    if origin is not None:
        hosts.append(origin.partition(b"://")[2])
    return all(_is_loopback(host.decode("latin-1")) for host in hosts)


@lru_cache(256)  # a client sends the same with every request
def _is_loopback(host: str) -> bool:
    name = host[1:].partition("]")[0] if host.startswith("[") else host.partition(":")[0]
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
