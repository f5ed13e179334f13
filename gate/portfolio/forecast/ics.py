"""The forecast as a calendar (RFC 5545): an event at each instant at which systems change."""

import hashlib
from datetime import timedelta

from icalendar import Event
from icalendar.enums import TRANSP

from gate.almanac.feed import feed
from gate.portfolio.forecast.content import Forecast, Turn, said
from gate.terminal import counted, safe

SHOWN = 200
"""Systems that an event names: a calendar that is larger is refused by those who show it."""


def render(forecast: Forecast) -> bytes:
    """The calendar; the library folds and escapes."""
    calendar = feed("portfolio", "portfolio", "Portfolio: verdicts that change")
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
