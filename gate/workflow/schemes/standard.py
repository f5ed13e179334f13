"""Standard Webhooks 1.0.0: `webhook-id`, `webhook-timestamp`, and a list of signatures in `webhook-signature`.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md. The library signs; the time
of sending is checked by the caller, who was given the clock.
"""

import base64
from collections.abc import Mapping
from datetime import UTC, datetime

from standardwebhooks import Webhook

from gate.errors import UsageError
from gate.workflow.mac import is_same

SHORTEST, LONGEST = 24, 64
"""Bytes of a secret (the specification, "Signature scheme")."""


def proves(headers: Mapping[str, str], body: bytes, secret: str) -> bool:
    """Whether one of the signatures (`v1,…`, several while a secret is changed) is of this id, time and body."""
    number, stamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not number:
        return False
    try:
        expected = signature(secret, number, datetime.fromtimestamp(int(stamp), UTC), body)
    except UnicodeDecodeError:  # such a body is no JSON either
        return False
    return any(is_same(expected, given) for given in headers.get("webhook-signature", "").split(" "))


def signature(secret: str, number: str, at: datetime, body: bytes) -> str:
    """The signature of a delivery, `v1,<base64>`. Raises UsageError for a secret of another form."""
    return Webhook(key_in(secret)).sign(number, at, body.decode())


def key_in(secret: str) -> bytes:
    """The key in a secret, `whsec_` and the base64 of 24 to 64 bytes. The library skips letters that are no base64.

    Raises UsageError, which does not repeat it.
    """
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True) if secret.startswith("whsec_") else b""
    except ValueError:
        key = b""
    if not SHORTEST <= len(key) <= LONGEST:
        raise UsageError(
            "A secret of Standard Webhooks is whsec_ and the base64 of 24 to 64 random bytes",
            remedy="Make one: echo whsec_$(openssl rand -base64 32)",
        )
    return key
