"""Standard Webhooks 1.0.0: `webhook-id`, `webhook-timestamp`, and a list of signatures in `webhook-signature`.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md. The library signs; the time
of sending is checked by the caller, who was given the clock.
"""

from collections.abc import Mapping
from datetime import UTC, datetime

from standardwebhooks import Webhook

from gate.workflow.mac import is_same


def proves(headers: Mapping[str, str], body: bytes, secret: str) -> bool:
    """Whether one of the signatures (`v1,…`, several while a secret is changed) is of this id, time and body."""
    number, stamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not number:
        return False
    try:
        expected = signature(secret, number, datetime.fromtimestamp(int(stamp), UTC), body)
    except (UnicodeDecodeError, ValueError):  # a body that is not UTF-8 is no JSON either
        return False
    return any(is_same(expected, given) for given in headers.get("webhook-signature", "").split(" "))


def signature(secret: str, number: str, at: datetime, body: bytes) -> str:
    """The signature of a delivery, `v1,<base64>`. Raises ValueError for a secret that is no `whsec_<base64>`."""
    return Webhook(secret).sign(number, at, body.decode())
