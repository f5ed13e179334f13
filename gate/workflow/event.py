"""What the gate tells by itself, as CloudEvents 1.0 in structured JSON, signed as Standard Webhooks.

https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md
"""

from datetime import datetime

import msgspec

MEDIA_TYPE = "application/cloudevents+json; charset=utf-8"

DECIDED = "procurement-gate.decision.made.v1"
"""A decision that a webhook asked for."""

CHANGING = "procurement-gate.purchase.changing.v1"
"""An approved purchase is no longer allowed, or will not be from a day on."""


class Event(msgspec.Struct, frozen=True):
    """A CloudEvent."""

    id: str  # with `source` unique: the same when it is sent again
    source: str
    type: str
    subject: str
    time: datetime
    data: object
    specversion: str = "1.0"
    datacontenttype: str = "application/json"


def written(event: Event) -> bytes:
    """The event as it is sent."""
    return msgspec.json.encode(event)
