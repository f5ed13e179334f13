"""Time, stated once: this is the only module in which two moments are compared.

Intervals are half-open: `starts` is the first instant inside, `ends` the first instant after; None is without limit.
An interval whose two ends are the same moment is that moment. A `date` is a whole legal day in the time zone of the
instrument that is being applied; a `datetime` always carries an offset. Instants are UTC.
"""

from bisect import bisect_right
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import IntEnum
from functools import cache, lru_cache

import msgspec

Moment = date | datetime
"""A legal day, or an instant. (A datetime is a date to Python: test for datetime first.)"""

DAY = timedelta(days=1)


class Phase(IntEnum):
    """Where an act stands to a clause: before its first instant, in force, or after its end."""

    BEFORE = 0
    IN_FORCE = 1
    ENDED = 2


class Interval(msgspec.Struct, frozen=True, gc=False):
    """A half-open stretch of UTC time. `Interval(t, t)` is the instant t."""

    starts: datetime | None = None
    ends: datetime | None = None

    def holds(self, at: datetime) -> bool:
        """Whether the instant lies inside; an interval that is one instant holds that instant."""
        if self.starts is not None and self.starts == self.ends:
            return at == self.starts
        return (self.starts is None or self.starts <= at) and (self.ends is None or at < self.ends)

    def meets(self, other: "Interval") -> bool:
        """Whether any instant of the one lies in the other."""
        return self.phase_of(other) is Phase.IN_FORCE

    def phase_of(self, act: "Interval") -> Phase:
        """Where an act stands to this interval; an act that meets it anywhere is in force."""
        # An instant at `starts` is inside; a stretch that ends at `starts` is over before it begins.
        is_instant = act.starts == act.ends
        if self.starts is not None and act.ends is not None:
            over = act.ends < self.starts if is_instant else act.ends <= self.starts
            if over:
                return Phase.BEFORE
        if self.ends is not None and act.starts is not None and self.ends <= act.starts:
            return Phase.ENDED
        return Phase.IN_FORCE

    def covers(self, other: "Interval") -> bool:
        """Whether all of the other lies in this one."""
        if self == other:
            return True
        after = self.starts is None or (other.starts is not None and self.starts <= other.starts)
        if self.ends is None or other.ends is None:
            return after and self.ends is None
        return after and (other.ends < self.ends or (other.ends == self.ends and other.starts != other.ends))

    def overlap(self, other: "Interval") -> "Interval":
        """What two intervals that meet have in common."""
        starts = [t for t in (self.starts, other.starts) if t is not None]
        ends = [t for t in (self.ends, other.ends) if t is not None]
        return Interval(max(starts, default=None), min(ends, default=None))


def shared(intervals: Iterable[Interval]) -> Interval | None:
    """What all intervals have in common; None if that is nothing."""
    whole: Interval | None = Interval()
    for interval in intervals:
        if whole is not None:
            whole = whole.overlap(interval) if whole.meets(interval) else None
    return whole


class Span(msgspec.Struct, frozen=True, gc=False):
    """When an act happens, before a time zone is known: a day, an instant, or a stretch from one to another.

    `ends` None means that only `starts` is known: an instant stays an instant, a day stays that day.
    """

    starts: Moment
    ends: Moment | None = None

    def within(self, zone: str) -> Interval:
        """The span as instants, its days being legal days in `zone` (an IANA name)."""
        starts = instant(self.starts, zone)
        if self.ends is not None:
            return Interval(starts, instant(self.ends, zone))
        if isinstance(self.starts, datetime):
            return Interval(starts, starts)
        return Interval(starts, instant(self.starts + DAY, zone))

    def moved(self, by: timedelta) -> "Span":
        """The same span later or earlier; a day moves by whole days."""
        return Span(self.starts + by, None if self.ends is None else self.ends + by)


def instant(moment: Moment, zone: str) -> datetime:
    """The first instant of a legal day in `zone`, or the instant itself, in UTC."""
    if isinstance(moment, datetime):
        return moment.astimezone(UTC)
    return _midnight(moment, zone)


@cache
def _midnight(day: date, zone: str) -> datetime:
    # Where a clock change skips midnight, zoneinfo reads it with the offset before the change: the first instant
    # of the day all the same (PEP 495, "fold").
    return datetime.combine(day, time(), _zone(zone)).astimezone(UTC)


@cache
def _zone(name: str) -> tzinfo:
    """A time zone; the library itself keeps only a few, and reads the others from their files each time."""
    from zoneinfo import ZoneInfo

    return ZoneInfo(name)


@cache
def between(starts: str | None, ends: str | None, zone: str) -> Interval:
    """The interval between two moments as ISO 8601 writes them, days being legal days in `zone`."""
    return Interval(
        None if starts is None else instant(written(starts), zone),
        None if ends is None else instant(written(ends), zone),
    )


def written(text: str) -> Moment:
    """A moment as ISO 8601 writes it. Raises ValueError for anything else, and for a time of day without an offset."""
    moment = parsed(text)
    if isinstance(moment, datetime) and moment.utcoffset() is None:
        raise ValueError("a time of day needs its offset from UTC")
    return moment


def parsed(text: str) -> Moment:
    """A day as YYYY-MM-DD, else a time of day, with or without its offset. Raises ValueError.

    What has no dashes there is no day: of ten letters `date.fromisoformat` reads the first eight of "2024071920", and
    what follows them, a time that was cut off or anything else, it passes over.
    """
    is_day = len(text) == 10 and text[4] == text[7] == "-"
    return date.fromisoformat(text) if is_day else datetime.fromisoformat(text)


@cache
def stated(text: str, zone: str) -> Interval:
    """The day or instant that a text states, days being legal days in `zone`."""
    return Span(written(text)).within(zone)


@cache
def days_after(moment: datetime, days: int, zone: str) -> datetime:
    """The first instant of the legal day in `zone` that comes so many days after the one of `moment`."""
    return _midnight(legal_day(moment, zone) + days * DAY, zone)


def known_end(ends: datetime | None, published: datetime | None, at: datetime) -> datetime | None:
    """An end as it was known at an instant: none, if it was made public later (or, if that is not said, came later)."""
    return ends if ends is None or is_known(published or ends, at) else None


def is_before(one: Moment, other: Moment, zone: str = "UTC") -> bool:
    """Whether the first instant of `one` lies before the first instant of `other`."""
    return instant(one, zone) < instant(other, zone)


def is_known(published: datetime, at: datetime) -> bool:
    """Whether what was published at one instant was known at another: at that instant already."""
    return published <= at


def so_far(moments: list[datetime], at: datetime) -> int:
    """How many of the instants, given in order, had come at another: one that comes just then has come."""
    return bisect_right(moments, at)


def is_whole(starts: Moment, ends: Moment, zone: str = "UTC") -> bool:
    """Whether `starts` to `ends` is a stretch of some length: an end at or before its start is a mistake."""
    return instant(starts, zone) < instant(ends, zone)


def shift(start: Moment, to: Moment) -> timedelta:
    """How far to move something dated `start` so that it is dated `to`: whole days if either is a whole day."""
    if isinstance(start, datetime) and isinstance(to, datetime):
        return to - start
    return _day(to) - _day(start)


def _day(moment: Moment) -> date:
    return moment.date() if isinstance(moment, datetime) else moment


def is_past(moment: Moment, now: datetime) -> bool:
    """Whether a moment is over: an instant before `now`, a day that has ended everywhere on Earth (UTC-12 is last)."""
    if isinstance(moment, datetime):
        return moment < now
    return instant(moment + DAY, "Etc/GMT+12") <= now


def is_earlier_day(moment: Moment, now: datetime) -> bool:
    """Whether a moment lies on a day before today, as its own offset counts days."""
    if isinstance(moment, datetime):
        return moment.date() < now.astimezone(moment.tzinfo).date()
    return is_past(moment, now)


def is_later_day(moment: Moment, now: datetime) -> bool:
    """Whether a moment lies on a day after today: by its own offset, or one that has begun nowhere on Earth yet."""
    if isinstance(moment, datetime):
        return moment.date() > now.astimezone(moment.tzinfo).date()
    return instant(moment, "Etc/GMT-14") > now


def is_older(day: date, today: date, days: int) -> bool:
    """Whether a day lies more than so many days before today."""
    return day + days * DAY < today


def crossings(edges: Iterable[datetime], spans: Iterable[Interval]) -> list[int]:
    """The whole days by which to move the spans so that some boundary of theirs comes to either side of an edge."""
    days: set[int] = set()
    bounds = [bound for span in spans for bound in (span.starts, span.ends) if bound is not None]
    for edge in edges:
        for bound in bounds:
            near = (edge - bound) // DAY
            days.update((near - 1, near, near + 1, near + 2))
    return sorted(days)


def in_sequence(moments: Iterable[Moment]) -> list[Moment]:
    """Distinct moments, earliest first; a day counts from its first instant in UTC."""
    return sorted(set(moments), key=lambda moment: instant(moment, "UTC"))


def in_order(moments: Iterable[datetime]) -> list[datetime]:
    """Distinct instants, earliest first."""
    return sorted(set(moments))


def legal_day(moment: datetime, zone: str) -> date:
    """The legal day in `zone` on which an instant falls."""
    return moment.astimezone(_zone(zone)).date()


@lru_cache(1 << 12)  # the dates of the law come again and again
def in_words(moment: datetime | None, zone: str) -> str:
    """A moment as a buyer reads it: the legal day in `zone`, with the clock time only when it is not midnight."""
    if moment is None:
        return "no date"
    local = moment.astimezone(_zone(zone))
    day = f"{local.day} {local:%B %Y}"
    return day if local.timetz().replace(tzinfo=None) == time() else f"{day}, {local:%H:%M:%S %Z}"
