"""What a calendar of ours says of itself to those who subscribe to it (RFC 5545, RFC 7986)."""

from datetime import timedelta
from uuid import NAMESPACE_URL, uuid5

from icalendar import Calendar, vDuration, vText

DAILY = vDuration(timedelta(days=1), params={"VALUE": "DURATION"})


def feed(kind: str, about: str, name: str) -> Calendar:
    """A calendar without events. It stays the same one as long as what it is `about` does."""
    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", f"-//procurement-gate//{kind}//EN")
    calendar.add("uid", uuid5(NAMESPACE_URL, f"procurement-gate/{about}"))
    calendar.add("name", name)
    calendar.add("x-wr-calname", vText(name))  # what clients read that know no RFC 7986
    calendar.add("refresh-interval", DAILY)
    return calendar
