"""The almanac as a calendar to subscribe to (RFC 5545): an all-day event for each start and each end of a clause.

It holds all days, past ones too, so that it does not depend on when it was made: the same law gives the same bytes.
"""

from datetime import UTC, date, datetime, time

from icalendar import Event, vUri
from icalendar.enums import TRANSP

from gate.almanac.content import Almanac, Edge, effect_of, names
from gate.almanac.feed import DAILY, feed
from policy.dates import DAY, in_words


def render(almanac: Almanac) -> bytes:
    """The calendar; the library folds and escapes."""
    whom = f" for {', '.join(almanac.roles)}" if almanac.roles else ""
    calendar = feed("law", ",".join(almanac.roles), f"Vendor prohibitions{whom}")
    calendar.add("description", f"Law {almanac.version}, {almanac.digest}.")
    calendar.add("x-published-ttl", DAILY)
    for edge in almanac.edges():
        calendar.add_component(_event(edge))
    data: bytes = calendar.to_ical()
    return data


def _event(edge: Edge) -> Event:
    clause = edge.clause
    changed = datetime.combine(date.fromisoformat(clause.checked), time(), UTC)
    event = Event.new(
        uid=f"{edge.id}@procurement-gate",  # stays when the day is corrected, so the event moves
        stamp=changed,  # without METHOD it says when the event was last revised: not when the file was made
        last_modified=changed,
        start=edge.day,
        end=edge.day + DAY,
        summary=f"{edge.what.capitalize()} ({clause.jurisdiction}): {clause.text}",
        description=_description(edge),
        categories=[clause.jurisdiction, clause.kind, effect_of(clause)],
        transparency=TRANSP.TRANSPARENT,  # nobody is busy because a law begins
    )
    event.add("url", vUri(clause.citation[0].url))
    return event


def _description(edge: Edge) -> str:
    clause = edge.clause
    return "\n".join(
        [
            f"{clause.title}, {clause.authority}.",
            f"{clause.code}: {clause.kind}, {effect_of(clause)}.",
            f"{edge.what.capitalize()} {in_words(edge.at, clause.time_zone)} ({clause.time_zone}).",
            *([f"For {names(edge.listed)}"] if edge.listed else []),
            f"Binds {', '.join(sorted(clause.binds))}.",
            *([f"Note: {clause.note}"] if clause.note else []),
            *(f"{citation.text} {citation.url}" for citation in clause.citation),
            f"From the {clause.provenance} source, checked {clause.checked}.",
        ]
    )
