"""The almanac as a picture that stands by itself: a row for each instrument, in it a bar for each clause."""

from collections.abc import Iterator

from lxml import etree

from gate.almanac.content import Almanac, Term
from gate.almanac.scale import HEIGHT, OPEN, Scale, axis, bar, grid, mark, scale_of
from gate.almanac.style import EFFECTS, css
from gate.almanac.tree import SVG, Element, element, link, shortened
from gate.law import Clause

LABELS = 430
"""The width of the column of names."""

WIDTH = 1200

HEAD = 118
"""The height of title, legend and years."""

LANE = HEIGHT + 6

OWN = """
.heading{font-size:20px;font-weight:700}
.below{font-size:12px;fill:$faint}
.name{font-size:13px;font-weight:600}
.lane{font-size:11px;fill:$faint}
a .name{fill:$ink;text-decoration:underline}
.paper{fill:$paper}
.stripe{fill:$stripe}
"""


def render(almanac: Almanac) -> bytes:
    """The picture; the same almanac gives the same bytes."""
    scale = scale_of(almanac, WIDTH - LABELS - 2 * OPEN - 10)
    rows, height = _rows(almanac, scale)
    root = element(
        "svg",
        {
            "xmlns": SVG,
            "viewBox": f"0 0 {WIDTH} {height}",
            "width": WIDTH,
            "height": height,
            "role": "graphics-document",
            "aria-labelledby": "title desc",
        },
        element("title", {"id": "title"}, f"The law on {almanac.day}"),
        element("desc", {"id": "desc"}, almanac.summary),
        element("style", {}, css(OWN)),
        element("rect", {"class": "paper", "width": WIDTH, "height": height}),
        element("text", {"class": "heading", "x": 16, "y": 32}, f"The law on {almanac.day}"),
        element("text", {"class": "below", "x": 16, "y": 52}, almanac.summary),
        *_legend(),
        *rows,
        element(
            "g",
            {"transform": f"translate({LABELS + OPEN} 0)"},
            *axis(almanac, scale, HEAD - 8),
            mark(almanac, scale, HEAD - 20, height - 12),
        ),
    )
    return etree.tostring(root, encoding="utf-8", xml_declaration=True) + b"\n"


def _legend() -> Iterator[Element]:
    for number, (effect, said) in enumerate(EFFECTS.items()):
        x = 16 + 150 * number
        yield element("rect", {"class": f"bar {effect}", "x": x, "y": 66, "width": 24, "height": HEIGHT})
        yield element("text", {"class": "below", "x": x + 32, "y": 76}, said)


def _rows(almanac: Almanac, scale: Scale) -> tuple[list[Element], int]:
    rows: list[Element] = []
    top = HEAD
    for number, (instrument, terms) in enumerate(almanac.instruments()):
        tall = 26 + LANE * len(terms)
        rows.append(_row(instrument, terms, scale, top, tall, striped=number % 2 == 0))
        top += tall
    return rows, top + 16


def _row(instrument: Clause, terms: list[Term], scale: Scale, top: int, tall: int, *, striped: bool) -> Element:
    label = element(
        "text",
        {"class": "name", "x": 16, "y": top + 17},
        shortened(f"{instrument.jurisdiction} · {instrument.title}", 56),
    )
    lanes = range(top + 24, top + 24 + LANE * len(terms), LANE)
    return element(
        "g",
        {"role": "graphics-object"},
        element("title", {}, f"{instrument.title} ({instrument.jurisdiction}, {instrument.authority})"),
        element("rect", {"class": "stripe", "y": top, "width": WIDTH, "height": tall}) if striped else None,
        link(instrument.citation[-1].url, label),
        *(
            element("text", {"class": "lane", "x": 30, "y": y + 10}, _lane(term))
            for y, term in zip(lanes, terms, strict=True)
        ),
        element(
            "g",
            {"transform": f"translate({LABELS + OPEN} 0)"},
            *grid(scale, top, top + tall),
            *(bar(term, scale, y) for y, term in zip(lanes, terms, strict=True)),
        ),
    )


def _lane(term: Term) -> str:
    """The clause's name, and how many a list adds on that day."""
    name = term.clause.code.partition("/")[2]
    return f"{name} ({len(term.listed)} on the list)" if term.listed else name
