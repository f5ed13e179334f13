"""A scale of time, and the bar of a clause on it."""

from collections.abc import Iterator
from datetime import UTC, datetime

import msgspec

from gate.almanac.content import Almanac, Term, effect_of, names
from gate.almanac.tree import Element, element
from policy.dates import in_order, instant

HEIGHT = 12
"""Of a bar."""

OPEN = 14
"""Beyond the scale, on both sides: where a bar without a start or an end points to."""


class Scale(msgspec.Struct, frozen=True):
    """From the first instant of one year to the first instant of another, on so many pixels."""

    first: int
    last: int  # the first year after
    width: int

    def at(self, moment: datetime) -> float:
        """Where a moment lies."""
        start, end = datetime(self.first, 1, 1, tzinfo=UTC), datetime(self.last, 1, 1, tzinfo=UTC)
        return round((moment - start) / (end - start) * self.width, 1)

    def years(self) -> Iterator[tuple[int, float]]:
        """The years to write, as many as there is room for, and where each begins."""
        room = max(1, self.width // 46)
        count = self.last - self.first
        step = next(step for step in (1, 2, 5, 10, 20, 50, 100) if count <= step * room)
        for year in range(self.first, self.last + 1):
            if year % step == 0:
                yield year, self.at(datetime(year, 1, 1, tzinfo=UTC))


def scale_of(almanac: Almanac, width: int) -> Scale:
    """A scale on which every start and end, and the day itself, has a place with some room after it."""
    moments = in_order([today(almanac), *(edge.at for edge in almanac.edges())])
    return Scale(moments[0].year, moments[-1].year + 1, width)


def today(almanac: Almanac) -> datetime:
    """The day as one instant."""
    return instant(almanac.on, "UTC")


def bar(term: Term, scale: Scale, top: float) -> Element:
    """A clause as a bar: solid if it denies, hollow if it asks for a review, dashed if it only warns or notes.

    Without a start or an end it runs out of the scale with a point.
    """
    starts, ends = term.interval.starts, term.interval.ends
    left = scale.at(starts) if starts else -OPEN
    right = scale.at(ends) if ends else scale.width + OPEN
    right = max(right, left + 2)  # a bar of one day is seen
    middle, bottom = top + HEIGHT / 2, top + HEIGHT
    outline = [(left, top), (right - (0 if ends else 8), top), *([] if ends else [(right, middle)])]
    outline += [(right - (0 if ends else 8), bottom), (left, bottom)]
    if not starts:
        outline[0], outline[-1] = (left + 8, top), (left + 8, bottom)
        outline.append((left, middle))
    points = " ".join(f"{round(x, 1):g},{round(y, 1):g}" for x, y in outline)
    shape = element("polygon", {"class": f"bar {effect_of(term.clause)}", "points": points})
    return element("g", {"role": "graphics-symbol"}, element("title", {}, told(term)), shape)


def told(term: Term) -> str:
    """The bar in words."""
    clause = term.clause
    whom = f" Listed: {names(term.listed)}" if term.listed else ""
    return f"{clause.code}: {effect_of(clause)}, {term.runs}. {clause.text}{whom}"


def grid(scale: Scale, top: float, bottom: float) -> Iterator[Element]:
    """A line for each year written."""
    for _, x in scale.years():
        yield element("line", {"class": "grid", "x1": f"{x:g}", "x2": f"{x:g}", "y1": f"{top:g}", "y2": f"{bottom:g}"})


def mark(almanac: Almanac, scale: Scale, top: float, bottom: float) -> Element:
    """The line of the day."""
    x = f"{scale.at(today(almanac)):g}"
    return element("line", {"class": "today", "x1": x, "x2": x, "y1": f"{top:g}", "y2": f"{bottom:g}"})


def axis(almanac: Almanac, scale: Scale, baseline: float) -> Iterator[Element]:
    """The years, and above them the day."""
    x = scale.at(today(almanac))
    anchor = "start" if x * 4 < scale.width else "end" if x * 4 > scale.width * 3 else "middle"
    place = {"x": f"{x:g}", "y": f"{baseline - 16:g}", "text-anchor": anchor, "class": "today-said"}
    yield element("text", place, almanac.day)
    for year, left in scale.years():
        yield element("text", {"class": "year", "x": f"{left:g}", "y": f"{baseline:g}"}, str(year))
