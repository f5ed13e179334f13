"""How a sender of webhooks proves who it is: HMAC-SHA256 over the raw bytes, with a secret both sides know."""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta

import msgspec

from gate.workflow.faults import Unproven
from gate.workflow.schemes import github, jira, slack, standard

WINDOW = timedelta(minutes=5)
"""How far the clock of a sender that dates its deliveries may be from ours, either way."""


class Delivery(msgspec.Struct, frozen=True):
    """What came: the header fields by lower-case name, and the bytes of the body, untouched."""

    headers: Mapping[str, str]
    body: bytes


class Scheme(msgspec.Struct, frozen=True):
    """One way to sign.

    `proves(delivery, secret)` compares in constant time. `id` names the field with the sender's number of a delivery,
    the same when it tries again; `stamp` the one with the time of sending (Unix seconds), which is signed too.
    """

    proves: Callable[[Mapping[str, str], bytes, str], bool]
    id: str | None
    stamp: str | None = None


SCHEMES: dict[str, Scheme] = {
    "standard": Scheme(standard.proves, id="webhook-id", stamp="webhook-timestamp"),
    "github": Scheme(github.proves, id="x-github-delivery"),
    "jira": Scheme(jira.proves, id="x-atlassian-webhook-identifier"),
    "slack": Scheme(slack.proves, id=None, stamp="x-slack-request-timestamp"),
}
"""Name of a scheme -> what it is. Each is a module of this package."""


class Mark(msgspec.Struct, frozen=True):
    """What a proven delivery is remembered by.

    `id` is the same when the sender tries again. `proof` is the same only when what was sent comes once more as it was:
    with a dated scheme that is a replay, since a sender that tries again dates it anew.
    """

    id: str
    proof: str
    is_dated: bool
    is_numbered: bool  # the id is the sender's own and signed: it is never that of another delivery with equal content


def proven(delivery: Delivery, scheme: str, secrets: Iterable[str], now: datetime) -> Mark:
    """The mark of a delivery that one of the secrets signed. Raises Unproven, which never says why in detail."""
    kind = SCHEMES[scheme]
    headers = delivery.headers
    if kind.stamp is not None and not _is_near(headers.get(kind.stamp, ""), now):
        raise Unproven(
            f"{kind.stamp} is missing or not within five minutes of now",
            remedy="Set both clocks; a delivery is signed anew each time it is sent.",
        )
    # Every secret is tried, also after one has fitted, so that the time tells nothing of which.
    fitting = [kind.proves(headers, delivery.body, secret) for secret in secrets]
    if not any(fitting):
        raise Unproven("The signature is missing or wrong", remedy="Sign the raw body with the secret agreed on.")
    content = hashlib.sha256(delivery.body).hexdigest()
    number = headers.get(kind.id) if kind.id else None
    if kind.stamp is None:
        # The number is not signed, so whoever replays a delivery can change it; the content cannot be changed.
        return Mark(number or content, content, is_dated=False, is_numbered=False)
    stamp = str(int(headers[kind.stamp]))
    proof = hashlib.sha256(f"{number or ''}.{stamp}.{content}".encode()).hexdigest()
    return Mark(number or content, proof, is_dated=True, is_numbered=number is not None)


def _is_near(stamp: str, now: datetime) -> bool:
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 12):
        return False
    away = now - datetime(1970, 1, 1, tzinfo=UTC) - timedelta(seconds=int(stamp))
    return abs(away) <= WINDOW
