"""Three kinds of chart, each an SVG with its content in words for who cannot see it."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from gate.almanac.scale import Scale
from gate.almanac.tree import Element, element, shortened
from policy.dates import in_words

WIDTH = 1000

LABELS = 300
"""The width of the column of names."""

LANE = 24

TALL = 150
"""The height of the chart over time, without the labels above it."""

LANES = 6
"""Lines of labels above the chart over time, at most."""

LETTER = 6.4
"""The width of a letter of a label, about."""

Parts = Sequence[tuple[str, int]]
"""What is counted -> how many."""


def stacked(title: str, parts: Sequence[tuple[str, str, int]]) -> Element:
    """One bar in as many parts."""
    return _drawing(title, 30, ", ".join(f"{n} {said}" for _, said, n in parts), *_bar(0, 2, 26, WIDTH, parts))


def bars(title: str, rows: Sequence[tuple[str, Parts]]) -> Element:
    """A bar for each name, its parts beside each other, and the whole number after it."""
    most = max((sum(number for _, number in parts) for _, parts in rows), default=0) or 1
    room = WIDTH - LABELS - 70
    drawn: list[Element] = []
    for place, (name, parts) in enumerate(rows):
        top, whole = place * LANE, sum(number for _, number in parts)
        long = max(2.0, room * whole / most)
        drawn.append(element("text", {"class": "label", "x": 0, "y": top + 16}, shortened(name, 42)))
        drawn.extend(_bar(LABELS, top + 4, LANE - 8, long, [(fill, fill, number) for fill, number in parts]))
        place_of = {"class": "count", "x": f"{LABELS + long + 8:g}", "y": top + 16}
        drawn.append(element("text", place_of, f"{whole:,}"))
    said = "; ".join(f"{name}: {', '.join(f'{n} {fill}' for fill, n in parts)}" for name, parts in rows)
    return _drawing(title, LANE * len(rows), said, *drawn)


def timeline(title: str, today: datetime, changes: Sequence[tuple[datetime, str, int]]) -> Element:
    """A line for each change, as high as the number of systems, upward to deny and downward to allow, with its date."""
    scale = Scale(today.year, max(at for at, _, _ in changes).year + 1, WIDTH - 60)
    most = max(number for _, _, number in changes)
    said = [(scale.at(today), "today"), *((scale.at(at), f"{_day(at)}: {number:,}") for at, _, number in changes)]
    labels = _placed(said)
    top = LANE * (1 + max(lane for _, lane, _ in labels))
    middle, bottom = top + TALL / 2, top + TALL
    drawn = [
        element("line", {"class": "axis", "x1": 0, "x2": WIDTH - 60, "y1": f"{middle:g}", "y2": f"{middle:g}"}),
        *_years(scale, top, bottom),
        *(_line("grid", x, LANE * lane + 18, middle) for x, lane, _ in labels[1:]),
        _line("today", scale.at(today), 18, bottom),
    ]
    for at, decision, number in changes:
        high = max(8.0, (TALL / 2 - 8) * number / most)
        fill = "deny" if decision == "deny" else "allow"
        place = {"x": f"{scale.at(at) - 3:g}", "y": f"{middle - high if fill == 'deny' else middle:g}"}
        drawn.append(
            element(
                "g",
                {},
                element("title", {}, f"{_day(at)}: {number} to {decision}"),
                element("rect", {"class": f"fill-{fill}", **place, "width": 6, "height": high}),
            )
        )
    drawn += (_dated(x, lane, text) for x, lane, text in labels)
    words = "; ".join(f"{_day(at)}: {number} to {decision}" for at, decision, number in changes)
    group = element("g", {"transform": "translate(20 0)"}, *drawn)
    return _drawing(title, bottom + 30, words, group)


def _day(at: datetime) -> str:
    return in_words(at, "UTC")


def _placed(said: Sequence[tuple[float, str]]) -> list[tuple[float, int, str]]:
    """Where each label stands, and in which lane, so that none covers another. What finds no room is left out."""
    taken: list[list[tuple[float, float]]] = [[] for _ in range(LANES)]
    placed = []
    for x, text in said:
        left = _left(x, text)
        right = left + len(text) * LETTER + 12
        for lane, others in enumerate(taken):
            if all(right <= start or end <= left for start, end in others):
                others.append((left, right))
                placed.append((x, lane, text))
                break
    return placed


def _left(x: float, text: str) -> float:
    """Where a label begins: at its line, or where it ends there if it had no room before the edge."""
    wide = len(text) * LETTER
    return x if x + wide <= WIDTH - 20 else x - wide


def _dated(x: float, lane: int, text: str) -> Element:
    anchor = "start" if _left(x, text) == x else "end"
    place = {"x": f"{x + (-3 if anchor == 'end' else 3):g}", "y": f"{LANE * lane + 16:g}", "text-anchor": anchor}
    return element("text", {"class": "today-said" if text == "today" else "label dated", **place}, text)


def _years(scale: Scale, top: float, bottom: float) -> Iterator[Element]:
    for year, x in scale.years():
        yield _line("grid", x, top, bottom)
        yield element("text", {"class": "year", "x": f"{x:g}", "y": f"{bottom + 18:g}"}, str(year))


def _line(kind: str, x: float, top: float, bottom: float) -> Element:
    return element("line", {"class": kind, "x1": f"{x:g}", "x2": f"{x:g}", "y1": f"{top:g}", "y2": f"{bottom:g}"})


def _bar(left: float, top: float, tall: float, long: float, parts: Sequence[tuple[str, str, int]]) -> Iterator[Element]:
    whole = sum(number for _, _, number in parts) or 1
    for fill, said, number in parts:
        if number:
            width = long * number / whole
            place = {"x": f"{left:g}", "y": f"{top:g}", "width": f"{width:g}", "height": f"{tall:g}"}
            yield element("rect", {"class": f"fill-{fill}", **place}, element("title", {}, f"{number:,} {said}"))
            left += width


def _drawing(title: str, height: float, said: str, *drawn: Element) -> Element:
    return element(
        "svg",
        {"viewBox": f"0 0 {WIDTH} {height:g}", "width": WIDTH, "height": f"{height:g}", "role": "img"},
        element("title", {}, title),
        element("desc", {}, said),
        *drawn,
    )
