"""Slack: `X-Slack-Signature: v0=<hex>` over `v0:<X-Slack-Request-Timestamp>:<body>`.

https://api.slack.com/authentication/verifying-requests-from-slack
"""

from collections.abc import Mapping

from gate.workflow.mac import hexadecimal, is_same


def proves(headers: Mapping[str, str], body: bytes, secret: str) -> bool:
    """Whether the header is the signature of this time and body."""
    signed = b"v0:" + headers.get("x-slack-request-timestamp", "").encode() + b":" + body
    return is_same(f"v0={hexadecimal(secret, signed)}", headers.get("x-slack-signature", ""))
