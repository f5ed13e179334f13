"""Bearer tokens of an identity provider (OpenID Connect): signature, issuer, audience and time, by PyJWT."""

import hashlib
import logging
import threading
import time

import jwt

from gate.errors import IssuerError
from gate.guard.role import Actor, Role
from gate.store.entry import LONGEST

log = logging.getLogger("gate.guard")

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA")
"""Asymmetric ones only: with a public key as an HMAC secret anybody could sign (RFC 8725, section 2.1)."""

LEEWAY = 30
"""Seconds by which clocks may differ."""

MOST_KEPT = 4096

SAID = 200
"""Characters of why a token is refused: a key's id in it is whatever the caller wrote."""

AGAIN = 10
"""Seconds for which an issuer that failed is not asked again: anybody can show a token, and each would wait for it."""

KEPT_FOR = 60
"""Seconds for which a verified token is not verified again; a withdrawn signing key works no longer than that."""


class Tokens:
    """The tokens of one issuer. Keys come from its JWKS, are kept for five minutes, and fetched anew for an unknown id.

    That is done half a minute after the last time at the soonest: anybody can name an unknown key.

    `jwks_url` None: as the issuer's `/.well-known/openid-configuration` says.
    """

    def __init__(self, issuer: str, audience: str, jwks_url: str | None, roles_claim: str) -> None:
        self._issuer = issuer
        self._audience = audience
        self._jwks_url = jwks_url
        self._roles_claim = roles_claim
        self._client: jwt.PyJWKClient | None = None
        self._turn = threading.Lock()
        self._fault: tuple[float, str] | None = None  # until when it is taken to last, and what it was
        self._known: dict[bytes, tuple[float, Actor]] = {}  # hash of a token -> until when, and whose it is

    def known(self, token: str) -> Actor | None:
        """Who it is, if the token was verified a moment ago; never waits."""
        found = self._known.get(hashlib.sha256(token.encode()).digest())
        return found[1] if found is not None and found[0] > time.monotonic() else None

    def actor(self, token: str) -> Actor | None:
        """Who it is, or None for a token that proves nothing. It may fetch keys, and is meant for a thread.

        Raises IssuerError.
        """
        try:
            claims = jwt.decode(
                token,
                self._key(jwt.get_unverified_header(token).get("kid", "")),
                algorithms=ALGORITHMS,
                issuer=self._issuer,
                audience=self._audience,
                leeway=LEEWAY,
                options={"require": ["exp", "iss", "aud", "sub"]},
            )
            remaining = int(claims["exp"]) - time.time()
            # A subject is "locally unique within the Issuer" (OpenID Connect Core 1.0, section 2), and nowhere else.
            name = f"oidc:{claims['iss']}#{claims['sub']}"
            if len(name) > LONGEST:
                raise jwt.InvalidTokenError(f"Issuer and subject have more than {LONGEST} letters")
            if not claims["sub"] or not name.isprintable():  # PostgreSQL's text holds no NUL
                raise jwt.InvalidTokenError("The subject is empty, or has letters that cannot be printed")
        except (jwt.PyJWTError, OverflowError) as error:  # its words name claims and keys, never the token
            log.info("token refused", extra={"why": f"{type(error).__name__}: {error}"[:SAID]})
            return None
        said = claims.get(self._roles_claim)
        words = said.split() if isinstance(said, str) else said if isinstance(said, list) else []
        roles = frozenset(role for role in Role if role.value in words)
        actor = Actor(name, roles, "token")
        if len(self._known) >= MOST_KEPT:
            self._known.clear()
        until = time.monotonic() + min(KEPT_FOR, max(0.0, remaining))
        self._known[hashlib.sha256(token.encode()).digest()] = (until, actor)
        return actor

    def _key(self, name: str) -> jwt.PyJWK:
        """A key of the issuer's. Raises IssuerError if it gives none, and PyJWTError if that is none of them."""
        keys = self._keys()
        try:
            return keys.get_signing_key(name)
        except (jwt.PyJWKClientConnectionError, jwt.PyJWKSetError, ValueError) as error:  # it was asked again
            raise _without_keys(error) from error

    def _keys(self) -> jwt.PyJWKClient:
        """All of them, fetched if need be: that they cannot be read is the issuer's fault, and not the token's."""
        self._demand_well()
        with self._turn:
            self._demand_well()
            try:
                if self._client is None:
                    self._client = jwt.PyJWKClient(self._jwks_url or self._discovered(), lifespan=300, timeout=5)
                self._client.get_signing_keys()
            except (jwt.PyJWTError, ValueError) as error:  # json's faults are ValueErrors
                raise self._failed(_without_keys(error)) from error
            except IssuerError as error:
                raise self._failed(error)  # noqa: B904 - it is the same
            return self._client

    def _demand_well(self) -> None:
        fault = self._fault
        if fault is not None and time.monotonic() < fault[0]:
            raise IssuerError(fault[1])

    def _failed(self, error: IssuerError) -> IssuerError:
        self._fault = (time.monotonic() + AGAIN, error.what)
        return error

    def _discovered(self) -> str:
        import httpx

        where = f"{self._issuer.rstrip('/')}/.well-known/openid-configuration"
        try:
            answer = httpx.get(where, timeout=5, follow_redirects=False)
            answer.raise_for_status()
            found = answer.json()
        except (httpx.HTTPError, ValueError) as error:
            raise IssuerError(f"The issuer does not answer: {type(error).__name__}") from error
        said = found if isinstance(found, dict) else {}
        if said.get("issuer") != self._issuer:
            raise IssuerError(f"The issuer calls itself {said.get('issuer')!r}, not {self._issuer!r}")
        keys = said.get("jwks_uri")
        if not isinstance(keys, str):
            raise IssuerError("The issuer's configuration does not say where its keys are (jwks_uri)")
        return keys


def _without_keys(error: Exception) -> IssuerError:
    return IssuerError(f"The issuer gives no keys: {type(error).__name__}: {error}"[:SAID].rstrip("."))
