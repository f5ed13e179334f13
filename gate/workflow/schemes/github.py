"""GitHub: `X-Hub-Signature-256: sha256=<hex>`; `X-GitHub-Delivery` numbers the delivery.

https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries. The older X-Hub-Signature (SHA-1) is
not taken.
"""

from collections.abc import Mapping

from gate.workflow.mac import hexadecimal, is_same


def proves(headers: Mapping[str, str], body: bytes, secret: str) -> bool:
    """Whether the header is the signature of this body."""
    return is_same(f"sha256={hexadecimal(secret, body)}", headers.get("x-hub-signature-256", ""))
