"""Time, stated once: half-open intervals, legal days, spans, and the days at which an answer can change."""

from datetime import UTC, date, datetime, timedelta, timezone
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from policy.dates import (
    DAY,
    Interval,
    Moment,
    Phase,
    Span,
    crossings,
    days_after,
    in_order,
    in_words,
    instant,
    is_before,
    is_earlier_day,
    is_known,
    is_past,
    is_whole,
    known_end,
    shared,
    shift,
    stated,
    written,
)
from tests.strategies import MICROSECOND, SECOND, intervals, moments

NEW_YORK = "America/New_York"
ZONES = (NEW_YORK, "Europe/Rome", "Australia/Sydney", "Asia/Beirut", "America/Sao_Paulo", "Pacific/Apia", "UTC")

zones = st.sampled_from(ZONES)
days = st.dates(date(1995, 1, 1), date(2035, 12, 31))
points = st.integers(-1, 7).map(lambda number: SECOND + number * MICROSECOND)


def utc(*parts: int) -> datetime:
    """An instant."""
    year, month, day, *clock = parts
    return datetime(year, month, day, *clock, tzinfo=UTC)  # type: ignore[misc, arg-type]


class TestIntervalsAreHalfOpen:
    """Design 5: "Intervals are half-open: `starts` is the first instant, `ends` the first instant after"."""

    year = Interval(utc(2024, 1, 1), utc(2025, 1, 1))

    @pytest.mark.parametrize(
        ("at", "phase"),
        [
            (utc(2024, 1, 1) - MICROSECOND, Phase.BEFORE),
            (utc(2024, 1, 1), Phase.IN_FORCE),
            (utc(2025, 1, 1) - MICROSECOND, Phase.IN_FORCE),
            (utc(2025, 1, 1), Phase.ENDED),
        ],
    )
    def test_the_first_instant_is_inside_and_the_end_is_not(self, at: datetime, phase: Phase) -> None:
        assert self.year.holds(at) is (phase is Phase.IN_FORCE)
        assert self.year.phase_of(Interval(at, at)) is phase

    @given(intervals(), points)
    def test_an_instant_lies_inside_exactly_when_it_is_in_force(self, interval: Interval, at: datetime) -> None:
        assert interval.holds(at) == (interval.phase_of(Interval(at, at)) is Phase.IN_FORCE)

    @given(st.lists(moments(), min_size=2, max_size=6, unique=True), moments(), st.integers(0, 5))
    def test_intervals_that_follow_each_other_hold_every_instant_once(
        self, bounds: list[datetime], at: datetime, which: int
    ) -> None:
        edges = [None, *sorted(bounds), None]
        pieces = [Interval(one, other) for one, other in pairwise(edges)]
        for moment in (at, bounds[which % len(bounds)], bounds[which % len(bounds)] - MICROSECOND):
            assert [piece.holds(moment) for piece in pieces].count(True) == 1

    def test_no_limit_holds_every_instant(self) -> None:
        assert Interval().holds(datetime.min.replace(tzinfo=UTC))
        assert Interval().holds(datetime.max.replace(tzinfo=UTC))

    def test_an_interval_of_one_instant_is_that_instant(self) -> None:
        here = Interval(SECOND, SECOND)
        assert here.holds(SECOND)
        assert not here.holds(SECOND + MICROSECOND)
        assert not here.holds(SECOND - MICROSECOND)


class TestAStretchIsForbiddenIfAnyPartOfItIs:
    """Design 5: "It is forbidden if any part of it is; the reason gives the overlap"."""

    force = Interval(utc(2024, 7, 20), utc(2024, 9, 29))

    @pytest.mark.parametrize(
        ("starts", "ends", "phase"),
        [
            (utc(2024, 1, 1), utc(2024, 7, 20), Phase.BEFORE),
            (utc(2024, 1, 1), utc(2024, 7, 20) + MICROSECOND, Phase.IN_FORCE),
            (utc(2024, 9, 29) - MICROSECOND, utc(2025, 1, 1), Phase.IN_FORCE),
            (utc(2024, 9, 29), utc(2025, 1, 1), Phase.ENDED),
            (utc(2024, 1, 1), utc(2025, 1, 1), Phase.IN_FORCE),
            (None, utc(2024, 7, 20), Phase.BEFORE),
            (None, None, Phase.IN_FORCE),
            (utc(2024, 9, 29), None, Phase.ENDED),
        ],
    )
    def test_a_stretch_that_touches_from_outside_is_not_in_force(
        self, starts: datetime | None, ends: datetime | None, phase: Phase
    ) -> None:
        assert self.force.phase_of(Interval(starts, ends)) is phase

    @given(intervals(), intervals())
    def test_intervals_meet_exactly_when_some_instant_lies_in_both(self, one: Interval, other: Interval) -> None:
        near = [SECOND + number * MICROSECOND for number in range(-2, 9)]
        assert one.meets(other) == any(one.holds(at) and other.holds(at) for at in near)
        assert one.meets(other) == other.meets(one)

    @given(intervals(), intervals(), points)
    def test_the_overlap_holds_what_both_hold(self, one: Interval, other: Interval, at: datetime) -> None:
        assume(one.meets(other))
        common = one.overlap(other)
        assert common.holds(at) == (one.holds(at) and other.holds(at))
        assert common == other.overlap(one)
        assert one.covers(common)
        assert other.covers(common)

    @given(intervals(), points)
    def test_the_overlap_with_an_instant_inside_is_that_instant(self, one: Interval, at: datetime) -> None:
        assume(one.holds(at))
        assert one.overlap(Interval(at, at)) == Interval(at, at)

    @given(intervals(), intervals())
    def test_one_covers_another_exactly_when_it_holds_all_of_it(self, one: Interval, other: Interval) -> None:
        near = [SECOND + number * MICROSECOND for number in range(-2, 9)]
        assert one.covers(other) == all(one.holds(at) for at in near if other.holds(at))

    @given(intervals(), intervals(), intervals())
    def test_covering_is_reflexive_and_transitive(self, one: Interval, two: Interval, three: Interval) -> None:
        assert one.covers(one)
        if one.covers(two) and two.covers(three):
            assert one.covers(three)

    @given(intervals(), points)
    def test_an_instant_is_covered_exactly_when_it_is_held(self, one: Interval, at: datetime) -> None:
        assert one.covers(Interval(at, at)) == one.holds(at)


class TestALegalDayIsMidnightInItsZone:
    """Design 5: "A date in a law file is midnight in the instrument's `time_zone`"."""

    @pytest.mark.parametrize(
        ("day", "zone", "first", "hours"),
        [
            (date(2024, 7, 20), NEW_YORK, utc(2024, 7, 20, 4), 24),
            (date(2024, 1, 20), NEW_YORK, utc(2024, 1, 20, 5), 24),
            (date(2024, 3, 10), NEW_YORK, utc(2024, 3, 10, 5), 23),
            (date(2024, 11, 3), NEW_YORK, utc(2024, 11, 3, 4), 25),
            # Where no clock shows midnight the day begins when the clocks change.
            (date(2017, 10, 15), "America/Sao_Paulo", utc(2017, 10, 15, 3), 23),
            (date(2023, 3, 26), "Asia/Beirut", utc(2023, 3, 25, 22), 23),
            (date(2022, 3, 27), "Asia/Beirut", utc(2022, 3, 26, 22), 23),
            # Where a clock shows midnight twice the day begins the first time.
            (date(2023, 11, 5), "America/Havana", utc(2023, 11, 5, 4), 25),
            (date(2024, 7, 20), "Australia/Sydney", utc(2024, 7, 19, 14), 24),
            (date(2024, 7, 20), "UTC", utc(2024, 7, 20), 24),
        ],
    )
    def test_the_first_instant_of_a_day_and_its_length(self, day: date, zone: str, first: datetime, hours: int) -> None:
        runs = Span(day).within(zone)
        assert runs.starts == instant(day, zone) == first
        assert runs.ends is not None
        assert runs.ends - first == timedelta(hours=hours)

    @given(days, zones)
    def test_the_first_instant_is_on_the_day_and_the_one_before_is_not(self, day: date, zone: str) -> None:
        assume((zone, day) != ("Pacific/Apia", date(2011, 12, 30)))  # a day that Samoa never had
        first = instant(day, zone)
        assert first.tzinfo is UTC
        assert first.astimezone(ZoneInfo(zone)).date() == day
        assert (first - MICROSECOND).astimezone(ZoneInfo(zone)).date() < day

    @given(days, zones)
    def test_a_day_ends_where_the_next_begins(self, day: date, zone: str) -> None:
        today, tomorrow = Span(day).within(zone), Span(day + DAY).within(zone)
        assert today.ends == tomorrow.starts
        assert not today.meets(tomorrow) or today.starts == today.ends

    def test_a_day_that_never_was_holds_no_instant(self) -> None:
        lost = Span(date(2011, 12, 30)).within("Pacific/Apia")
        assert lost.starts == lost.ends

    @given(moments(), st.integers(-14 * 60, 14 * 60), zones)
    def test_an_instant_is_the_same_in_every_zone(self, at: datetime, minutes: int, zone: str) -> None:
        local = at.astimezone(timezone(timedelta(minutes=minutes)))
        assert instant(local, zone) == at
        assert instant(local, zone).tzinfo is UTC
        assert Span(local).within(zone) == Interval(at, at)


class TestASpanIsADayAnInstantOrAStretch:
    """Design 5: "A date without time in a request is that whole legal day"; design 6: "A date in `ends` is the first
    instant after"."""

    force = Interval(instant(date(2024, 7, 20), NEW_YORK), None)

    @pytest.mark.parametrize(
        ("span", "phase"),
        [
            (Span(date(2024, 7, 19)), Phase.BEFORE),
            (Span(date(2024, 7, 20)), Phase.IN_FORCE),
            (Span(datetime.fromisoformat("2024-07-19T23:59:59.999999-04:00")), Phase.BEFORE),
            (Span(datetime.fromisoformat("2024-07-20T00:00:00-04:00")), Phase.IN_FORCE),
            (Span(datetime.fromisoformat("2024-07-20T04:00:00+00:00")), Phase.IN_FORCE),
            (Span(datetime.fromisoformat("2024-07-20T00:00:00+02:00")), Phase.BEFORE),
            (Span(date(2024, 1, 1), date(2024, 7, 20)), Phase.BEFORE),
            (Span(date(2024, 1, 1), date(2024, 7, 21)), Phase.IN_FORCE),
            (Span(date(2024, 1, 1), datetime.fromisoformat("2024-07-20T00:00:00.000001-04:00")), Phase.IN_FORCE),
        ],
    )
    def test_where_a_span_stands_to_a_law_that_begins_on_20_july_in_washington(self, span: Span, phase: Phase) -> None:
        assert self.force.phase_of(span.within(NEW_YORK)) is phase

    @given(days | moments(), st.integers(-5000, 5000), zones)
    def test_moving_there_and_back_changes_nothing(self, start: Moment, by: int, zone: str) -> None:
        span = Span(start, start + timedelta(days=30))
        assert span.moved(by * DAY).moved(-by * DAY) == span
        assert span.moved(by * DAY).starts == start + by * DAY
        assert Span(start).moved(by * DAY).ends is None
        assert span.moved(timedelta(0)).within(zone) == span.within(zone)

    @given(days, st.timedeltas(timedelta(0), timedelta(hours=23, minutes=59)))
    def test_a_day_moves_by_whole_days_only(self, day: date, by: timedelta) -> None:
        assert Span(day).moved(by).starts == day

    @given(days | moments(), days | moments())
    def test_what_is_shifted_is_dated_as_asked(self, start: Moment, to: Moment) -> None:
        by = shift(start, to)
        if isinstance(start, datetime) and isinstance(to, datetime):
            assert start + by == to
        else:
            assert by % DAY == timedelta(0)
            moved = start + by
            assert (moved.date() if isinstance(moved, datetime) else moved) == (
                to.date() if isinstance(to, datetime) else to
            )

    @given(days | moments(), days | moments(), zones)
    def test_before_and_whole_agree(self, one: Moment, other: Moment, zone: str) -> None:
        assert is_before(one, other, zone) == is_whole(one, other, zone)
        assert not (is_before(one, other, zone) and is_before(other, one, zone))
        assert not is_whole(one, one, zone)


class TestWhatIsPast:
    """Design 5: "A chosen `as_of` in the past evades a ban, so it is refused"."""

    now = utc(2024, 7, 20, 4)

    def test_an_instant_is_past_from_the_next_one_on(self) -> None:
        assert not is_past(self.now, self.now)
        assert is_past(self.now - MICROSECOND, self.now)
        assert not is_past(self.now + MICROSECOND, self.now)

    @pytest.mark.parametrize(
        ("clock", "expected"), [(utc(2024, 7, 20, 12) - MICROSECOND, False), (utc(2024, 7, 20, 12), True)]
    )
    def test_a_day_is_past_when_it_has_ended_everywhere_on_earth(self, clock: datetime, expected: bool) -> None:
        assert is_past(date(2024, 7, 19), clock) is expected
        assert is_earlier_day(date(2024, 7, 19), clock) is expected

    @pytest.mark.parametrize(
        ("moment", "expected"),
        [
            ("2024-07-20T00:00:00-04:00", False),
            ("2024-07-19T23:59:59.999999-04:00", True),
            ("2024-07-20T00:00:00+00:00", False),
            ("2024-07-19T23:59:59+00:00", True),
            ("2024-07-20T13:00:00+09:00", False),
        ],
    )
    def test_an_earlier_day_is_counted_as_the_moments_own_offset_counts_days(self, moment: str, expected: bool) -> None:
        assert is_earlier_day(datetime.fromisoformat(moment), self.now) is expected

    @given(days | moments(), moments())
    def test_an_earlier_day_is_always_past(self, moment: Moment, now: datetime) -> None:
        if is_earlier_day(moment, now):
            assert is_past(moment, now)

    def test_what_is_published_at_an_instant_is_known_at_that_instant(self) -> None:
        assert is_known(SECOND, SECOND)
        assert not is_known(SECOND, SECOND - MICROSECOND)


class TestCrossings:
    """Design 7: "`timeline` shifts `as_of` over every date that matters"; design 6: "the timeline moves it by whole
    days"."""

    @given(
        st.lists(moments(2020, 2022), min_size=1, max_size=3),
        st.lists(st.tuples(days | moments(2019, 2023), st.none() | st.integers(1, 500)), min_size=1, max_size=2),
        zones,
    )
    def test_crossings_hold_every_day_at_which_an_act_changes_sides(
        self, edges: list[datetime], starts: list[tuple[Moment, int | None]], zone: str
    ) -> None:
        spans = [Span(start, None if length is None else start + length * DAY) for start, length in starts]
        laws = [Interval(edge, None) for edge in edges] + [Interval(None, edge) for edge in edges]
        found = set(crossings(edges, [span.within(zone) for span in spans]))

        def sides(by: int) -> list[tuple[Phase, bool]]:
            acts = [span.moved(by * DAY).within(zone) for span in spans]
            return [(law.phase_of(act), law.covers(act)) for law in laws for act in acts]

        for near in sorted({by + extra for by in found for extra in (-1, 0, 1, 2)}):
            if sides(near) != sides(near - 1):
                assert near in found

    @given(moments(2020, 2022), days, zones)
    def test_far_from_every_crossing_nothing_changes(self, edge: datetime, day: date, zone: str) -> None:
        found = crossings([edge], [Span(day).within(zone)])
        law = Interval(edge, None)
        assert law.phase_of(Span(day + (found[0] - 1) * DAY).within(zone)) is Phase.BEFORE
        assert law.phase_of(Span(day + (found[-1] + 1) * DAY).within(zone)) is Phase.IN_FORCE

    def test_without_an_edge_or_a_bound_there_is_nothing_to_cross(self) -> None:
        assert crossings([], [Interval(SECOND, SECOND)]) == []
        assert crossings([SECOND], [Interval()]) == []


class TestWords:
    """Design 4: "a sentence a buyer understands": a legal day, and a clock time only where there is one."""

    @pytest.mark.parametrize(
        ("moment", "said"),
        [
            (utc(2024, 7, 20, 4), "20 July 2024"),
            (utc(2024, 7, 20, 5), "20 July 2024, 01:00:00 EDT"),
            (utc(2024, 1, 20, 5), "20 January 2024"),
            (None, "no date"),
        ],
    )
    def test_a_moment_is_said_as_a_legal_day(self, moment: datetime | None, said: str) -> None:
        assert in_words(moment, NEW_YORK) == said

    @given(st.lists(moments(), max_size=6))
    def test_moments_in_order_are_distinct_and_rise(self, some: list[datetime]) -> None:
        ordered = in_order([*some, *some])
        assert set(ordered) == set(some)
        assert all(one < other for one, other in pairwise(ordered))


class TestListsAndFacts:
    """Dates that a list or a request states."""

    @given(st.lists(intervals(), max_size=4), points)
    def test_what_several_intervals_share_is_what_lies_in_all(self, some: list[Interval], at: datetime) -> None:
        both = shared(some)
        assert (both is not None and both.holds(at)) == all(one.holds(at) for one in some)

    @given(days, st.integers(1, 400), zones)
    def test_days_after_a_day_are_legal_days(self, day: date, number: int, zone: str) -> None:
        assert days_after(instant(day, zone), number, zone) == instant(day + number * DAY, zone)

    @given(days, zones)
    def test_a_day_or_an_instant_is_stated_as_text(self, day: date, zone: str) -> None:
        assert stated(day.isoformat(), zone) == Span(day).within(zone)
        moment = instant(day, zone)
        assert stated(moment.isoformat(), zone) == Interval(moment, moment)

    @pytest.mark.parametrize("text", ["", "2024", "2024-13-01", "20.07.2024", "2024-07-20T10:00:00", "soon and later"])
    def test_anything_else_is_no_moment(self, text: str) -> None:
        with pytest.raises(ValueError):  # noqa: PT011 - its words are those of the standard library
            written(text)

    def test_an_end_is_known_once_it_is_public_or_else_once_it_came(self) -> None:
        ends = SECOND
        for published, since in [(None, ends), (ends - DAY, ends - DAY), (ends + DAY, ends + DAY)]:
            assert known_end(ends, published, since - MICROSECOND) is None
            assert known_end(ends, published, since) == ends
        assert known_end(None, None, ends) is None
