"""The forecast as a calendar (RFC 5545): an event at each instant at which systems change."""

import hashlib
from datetime import timedelta
from uuid import NAMESPACE_URL, uuid5

from icalendar import Calendar, Event, vDuration, vText
from icalendar.enums import TRANSP

from gate.portfolio.forecast.content import Forecast, Turn, said
from gate.terminal import counted, safe

PRODID = "-//procurement-gate//portfolio//EN"

NAME = "Portfolio: verdicts that change"

DAILY = vDuration(timedelta(days=1), params={"VALUE": "DURATION"})

SHOWN = 200
"""Systems that an event names: a calendar that is larger is refused by those who show it."""


def render(forecast: Forecast) -> bytes:
    """The calendar; the library folds and escapes."""
    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", PRODID)
    calendar.add("uid", uuid5(NAMESPACE_URL, "procurement-gate/portfolio"))
    calendar.add("name", NAME)
    calendar.add("x-wr-calname", vText(NAME))  # what clients read that know no RFC 7986
    calendar.add("refresh-interval", DAILY)
    for turn in forecast.turns:
        calendar.add_component(_event(turn, forecast))
    data: bytes = calendar.to_ical()
    return data


def _event(turn: Turn, forecast: Forecast) -> Event:
    more = len(turn.systems) - SHOWN
    lines = [f"Because {said(why)}" for why in turn.why] + list(turn.systems[:SHOWN])
    return Event.new(
        uid=f"{_name(turn)}@procurement-gate",
        stamp=forecast.starts.replace(microsecond=0),
        start=turn.at,
        end=turn.at + timedelta(minutes=15),
        summary=f"{counted(len(turn.systems), 'system')} to {turn.decision}",
        description=safe("\n".join([*lines, *([f"and {more} more"] if more > 0 else [])])),
        transparency=TRANSP.TRANSPARENT,
    )


def _name(turn: Turn) -> str:
    """The same for the same turn, whichever systems it has by then."""
    codes = "\n".join([turn.at.isoformat(), turn.decision, *(f"{why.code} {why.vendor}" for why in turn.why)])
    return hashlib.sha256(codes.encode()).hexdigest()[:32]
