"""Dates that whoever asks chooses: read from text, and refused where they would evade a ban."""

from datetime import datetime

from gate.errors import UsageError
from policy.dates import DAY, Moment, instant, is_known, is_past, parsed


def moment(text: str) -> Moment:
    """A day, or an instant with its offset. Raises ValueError, with what it has to be."""
    try:
        value = parsed(text)
    except ValueError:
        value = None
    if value is None or (isinstance(value, datetime) and value.utcoffset() is None) or not 1990 <= value.year <= 2200:
        raise ValueError(
            f"{text[:40]!r} is neither a day (2024-07-20) nor an instant with its offset (2024-07-20T00:00:00-04:00)"
        )
    return value


def known_at(chosen: Moment | None, now: datetime, *, allow_past: bool) -> datetime | None:
    """The instant by which the law has to be known; None: now. Raises UsageError for a past without leave."""
    if chosen is None:
        return None
    # What was published on a day was known on that day.
    found = chosen if isinstance(chosen, datetime) else instant(chosen + DAY, "UTC")
    if is_known(instant(chosen, "UTC"), now) and not is_known(found, now):
        found = now  # today, as far as it has come
    if not is_known(found, now):
        raise UsageError("known_at lies in the future", remedy="Nobody knows yet what will be published by then.")
    if not allow_past and is_past(chosen, now):
        raise UsageError(
            "known_at lies in the past, and what was published since would not count",
            remedy="Leave it out, or allow the past (allow_past); the decision will say so.",
        )
    return found
