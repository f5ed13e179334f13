"""Jira: `X-Hub-Signature: sha256=<hex>` (WebSub); `X-Atlassian-Webhook-Identifier` numbers the delivery.

https://developer.atlassian.com/cloud/jira/platform/webhooks/#secure-admin-webhooks
"""

from collections.abc import Mapping

from gate.workflow.mac import hexadecimal, is_same


def proves(headers: Mapping[str, str], body: bytes, secret: str) -> bool:
    """Whether the header is the SHA-256 signature of this body: WebSub's weaker methods are not taken."""
    return is_same(f"sha256={hexadecimal(secret, body)}", headers.get("x-hub-signature", ""))
