"""The almanac as a page that stands by itself: what comes next, then a table with a bar for each clause."""

from collections.abc import Iterator
from itertools import groupby

from gate.almanac.content import Almanac, Edge, Term, effect_of, names
from gate.almanac.scale import HEIGHT, OPEN, Scale, axis, bar, grid, mark, scale_of
from gate.almanac.style import EFFECTS, css
from gate.almanac.tree import Element, element, legend, link, page
from gate.law import Clause
from policy.dates import Phase

WIDTH = 640
"""Of the scale of time."""

LANE = HEIGHT + 8

TALL = 400
"""Higher than any line of the table: the years run through, and each cell shows its part of them."""

NEXT = 20
"""Changes that are told in words; the table shows all."""

WORDS = {Phase.BEFORE: "to come", Phase.IN_FORCE: "in force", Phase.ENDED: "ended"}

OWN = """
body{margin:1.5rem;background:$paper;color:$ink;
 font:14px/1.45 system-ui,-apple-system,'Segoe UI','Noto Sans',sans-serif}
h1{font-size:1.5rem;margin:0 0 .25rem}
h2{font-size:1.1rem;margin:1.5rem 0 .5rem}
a{color:$today}
time{font-weight:600}
.next>li{margin-bottom:.4rem}
.faint{color:$faint}
.legend{display:flex;flex-wrap:wrap;gap:.25rem 1.5rem;list-style:none;padding:0}
.legend svg{vertical-align:-2px;margin-right:.5rem}
.scroll{overflow-x:auto}
table{border-collapse:collapse;min-width:1000px;width:100%}
th{text-align:left;font-weight:400}
th,td{padding:.2rem .5rem;vertical-align:top}
td{padding-right:0}
thead th{vertical-align:bottom;position:sticky;top:0;background:$paper}
tbody{border-top:1px solid $line;break-inside:avoid}
tbody:nth-of-type(odd){background:$stripe}
tbody tr:first-child th{font-weight:600;padding-top:.5rem}
tbody tr:last-child th{padding-bottom:.6rem}
tbody th .faint{font-weight:400}
td{overflow:hidden}
td svg{display:block;overflow:visible}
"""

PAPER = """
@page{size:A4 landscape;margin:12mm}
@media print{body{margin:0}.scroll{overflow:visible}thead th{position:static}}
"""


def render(almanac: Almanac) -> bytes:
    """The page; the same almanac gives the same bytes."""
    title = f"The law on {almanac.day}"
    return page(
        title,
        css(OWN) + PAPER,
        element("header", {}, element("h1", {}, title), element("p", {"class": "faint"}, almanac.summary)),
        element("main", {}, *_next(almanac), element("h2", {}, "Timeline"), _legend(), _table(almanac)),
    )


def _next(almanac: Almanac) -> Iterator[Element]:
    yield element("h2", {}, "What comes next")
    coming = almanac.coming()
    if not coming:
        yield element("p", {}, "Nothing that has a date.")
        return
    by_day = groupby(coming[:NEXT], key=lambda edge: (edge.day, edge.what, edge.clause.instrument))
    yield element("ul", {"class": "next"}, *(_change(list(edges)) for _, edges in by_day))
    if len(coming) > NEXT:
        yield element("p", {"class": "faint"}, f"And {len(coming) - NEXT} changes more, in the timeline.")


def _change(edges: list[Edge]) -> Element:
    """What starts or ends on one day in one instrument."""
    edge, clause = edges[0], edges[0].clause
    day = element("time", {"datetime": edge.day.isoformat()}, f"{edge.day.day} {edge.day:%B %Y}")
    verb = "begins" if edge.what == "starts" else "ends"
    texts = (element("li", {}, one.clause.text, _whom(one)) for one in edges)
    return element("li", {}, day, f" {verb}: {clause.title} ({clause.jurisdiction})", element("ul", {}, *texts))


def _whom(edge: Edge) -> Element | None:
    return element("span", {"class": "faint"}, f" For {names(edge.listed)}") if edge.listed else None


def _legend() -> Element:
    at = {"x": 1, "y": 1, "width": 24, "height": HEIGHT}
    samples = ((element("rect", {"class": f"bar {effect}", **at}), said) for effect, said in EFFECTS.items())
    return legend(samples, 26, HEIGHT + 2)


def _table(almanac: Almanac) -> Element:
    scale = scale_of(almanac, WIDTH)
    head = element(
        "thead",
        {},
        element(
            "tr",
            {},
            element("th", {"scope": "col"}, "Instrument and clause"),
            element("th", {"scope": "col"}, _drawing(36, f"Years, and {almanac.day}", *axis(almanac, scale, 32))),
        ),
    )
    bodies = (_body(almanac, scale, instrument, terms) for instrument, terms in almanac.instruments())
    return element("div", {"class": "scroll"}, element("table", {}, head, *bodies))


def _body(almanac: Almanac, scale: Scale, instrument: Clause, terms: list[Term]) -> Element:
    source = instrument.citation[-1]
    name = element(
        "th",
        {"scope": "rowgroup", "colspan": 2, "id": instrument.instrument},
        instrument.title,
        element("span", {"class": "faint"}, f" {instrument.jurisdiction}, {instrument.authority}; {instrument.kind}; "),
        link(source.url, source.text),
    )
    return element("tbody", {}, element("tr", {}, name), *(_line(almanac, scale, term) for term in terms))


def _line(almanac: Almanac, scale: Scale, term: Term) -> Element:
    clause = term.clause
    name, says = clause.code.partition("/")[2], EFFECTS[effect_of(clause)]
    stands = f"{WORDS[almanac.phase(term)]}, {term.runs}; binds {', '.join(sorted(clause.binds))}"
    return element(
        "tr",
        {},
        element(
            "th",
            {"scope": "row"},
            clause.text,
            element("br", {}),
            element("span", {"class": "faint"}, f"{name}: {says}; {stands}"),
            element("div", {"class": "faint"}, f"Listed: {names(term.listed)}") if term.listed else None,
        ),
        element(
            "td",
            {},
            _drawing(
                LANE,
                None,
                *grid(scale, -TALL, TALL),
                bar(term, scale, (LANE - HEIGHT) / 2),
                mark(almanac, scale, -TALL, TALL),
            ),
        ),
    )


def _drawing(height: int, label: str | None, *drawn: Element) -> Element:
    """A piece of the timeline; without a label the words beside it say the same."""
    spoken: dict[str, object] = {"role": "img", "aria-label": label} if label else {"aria-hidden": "true"}
    whole = WIDTH + 2 * OPEN
    view = {"viewBox": f"{-OPEN} 0 {whole} {height}", "width": whole, "height": height}
    return element("svg", {**view, **spoken}, *drawn)
