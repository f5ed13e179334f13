"""The summary as a page that stands by itself: verdicts, vendors by systems affected, the coming changes over time."""

from collections.abc import Iterator, Sequence

from gate.almanac.style import css
from gate.almanac.tree import Element, element, legend, page
from gate.portfolio.summary.chart import bars, stacked, timeline
from gate.portfolio.summary.content import Named, Summary
from gate.terminal import counted
from policy.dates import in_words

TITLE = "Portfolio"

SHOWN = 25
"""Vendors that the chart has; the table below it has all."""

OWN = """
body{margin:1.5rem auto;padding:0 1.5rem;max-width:1100px;background:$paper;color:$ink;
 font:14px/1.45 system-ui,-apple-system,'Segoe UI','Noto Sans',sans-serif}
h1{font-size:1.5rem;margin:0 0 .25rem}
h2{font-size:1.1rem;margin:2rem 0 .5rem}
.faint{color:$faint}
svg{display:block;max-width:100%;height:auto}
.fill-deny{fill:$deny}
.fill-review{fill:$review}
.fill-allow{fill:$today}
.fill-none{fill:$faint}
.fill-other{fill:$line}
.label{font-size:12px}
.count{font-size:12px;fill:$faint}
.dated{paint-order:stroke;stroke:$paper;stroke-width:4px}
.axis{stroke:$line;stroke-width:1}
.legend{display:flex;flex-wrap:wrap;gap:.25rem 1.5rem;list-style:none;padding:0;margin:.5rem 0}
.legend svg{display:inline-block;vertical-align:-2px;margin-right:.5rem}
.scroll,.wide{overflow-x:auto}
.wide svg{min-width:900px}
table{border-collapse:collapse;width:100%}
th{text-align:left;font-weight:600}
th,td{padding:.2rem .75rem .2rem 0;vertical-align:top;border-bottom:1px solid $line}
td{overflow-wrap:anywhere}
td.number{white-space:nowrap}
td.number,th.number{text-align:right;font-variant-numeric:tabular-nums}
"""

PAPER = (
    "@page{size:A4;margin:12mm}@media print{body{margin:0;max-width:none}.scroll,.wide{overflow:visible}"
    ".wide svg{min-width:0}}"
)

WORDS = {"allow": "allowed", "review": "to be reviewed", "deny": "denied", "no verdict": "no verdict"}
FILLS = {"allow": "allow", "review": "review", "deny": "deny", "no verdict": "none"}


def render(summary: Summary) -> bytes:
    """The page; the same summary gives the same bytes."""
    return page_of(
        TITLE,
        [
            element("h1", {}, TITLE),
            element("p", {"class": "faint"}, _circumstances(summary)),
            *_verdicts(summary),
            *_vendors(summary),
            *_coming(summary),
            *_clauses(summary),
            *_faults(summary),
        ],
    )


def page_of(title: str, body: Sequence[Element]) -> bytes:
    """A page of the portfolio, in its style."""
    return page(title, css(OWN) + PAPER, element("main", {}, *body))


def wide(chart: Element) -> Element:
    """A chart with words in it: on a narrow screen it is moved sideways, since smaller nobody could read it."""
    return element("div", {"class": "wide"}, chart)


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> Element:
    """A table; numbers stand at the right."""
    numbers = [bool(rows) and isinstance(cell, int) for cell in rows[0]] if rows else [False] * len(head)
    kind = [{"class": "number"} if number else {} for number in numbers]
    return element(
        "div",
        {"class": "scroll"},
        element(
            "table",
            {},
            element(
                "thead",
                {},
                element(
                    "tr",
                    {},
                    *(element("th", {"scope": "col", **k}, said) for said, k in zip(head, kind, strict=True)),
                ),
            ),
            element(
                "tbody",
                {},
                *(
                    element("tr", {}, *(element("td", k, _cell(cell)) for cell, k in zip(row, kind, strict=True)))
                    for row in rows
                ),
            ),
        ),
    )


def _cell(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)


def _circumstances(summary: Summary) -> str:
    return (
        f"As of {in_words(summary.as_of, 'UTC')}, {summary.whom}. Law {summary.policy_version} "
        f"({summary.policy_digest[:19]}). {summary.components:,} components, of which {summary.identified:,} say "
        "something about their maker."
    )


def _verdicts(summary: Summary) -> Iterator[Element]:
    yield element("h2", {}, f"Verdicts on {summary.scope}")
    parts = [(FILLS[outcome], WORDS[outcome], number) for outcome, number in summary.outcomes.items()]
    yield stacked("Verdicts", parts)
    yield _legend(parts)


def _legend(parts: Sequence[tuple[str, str, int]]) -> Element:
    width, height = 14, 12
    samples = (
        (element("rect", {"class": f"fill-{fill}", "width": width, "height": height}), f"{number:,} {said}")
        for fill, said, number in parts
    )
    return legend(samples, width, height)


def _vendors(summary: Summary) -> Iterator[Element]:
    yield element("h2", {}, "Vendors, by systems affected")
    if not summary.vendors:
        yield element("p", {}, "No system names a vendor of the register.")
        return
    shown = summary.vendors[:SHOWN]
    drawn = [
        (one.name, [("deny", one.deny), ("review", one.review), ("other", one.systems - one.deny - one.review)])
        for one in shown
    ]
    yield wide(bars("Vendors by systems affected", drawn))
    deny, review = (sum(getattr(one, effect) for one in shown) for effect in ("deny", "review"))
    rest = sum(one.systems for one in shown) - deny - review
    yield _legend(
        [("deny", "denied", deny), ("review", "to be reviewed", review), ("other", "named, not barred", rest)]
    )
    rows = [(one.vendor, one.name, one.systems, one.deny, one.review) for one in summary.vendors]
    yield table(("Vendor", "Name", "Systems", "Denied", "To review"), rows)


def _coming(summary: Summary) -> Iterator[Element]:
    yield element("h2", {}, "Coming changes")
    if not summary.coming:
        yield element("p", {}, "By the law as it is known, no verdict changes by itself.")
        return
    changes = [(one.at, one.decision, one.systems) for one in summary.coming]
    yield wide(timeline("Coming changes", summary.as_of, changes))
    rows = [(in_words(one.at, "UTC"), f"{counted(one.systems, 'system')} to {one.decision}") for one in summary.coming]
    yield table(("When (UTC)", "What"), rows)


def _clauses(summary: Summary) -> Iterator[Element]:
    if summary.clauses:
        yield element("h2", {}, "Clauses")
        rows = [(one.code, one.title, one.deny, one.review, one.warn) for one in summary.clauses]
        yield table(("Clause", "Instrument", "Deny", "Review", "Warn"), rows)


def _faults(summary: Summary) -> Iterator[Element]:
    if summary.faults:
        yield element("h2", {}, f"No verdict: {summary.outcomes['no verdict']:,}")
        rows = [(_place(one), one.fault.what, one.fault.remedy or "") for one in summary.faults]
        yield table(("System", "What is wrong", "What to do"), rows)
        more = summary.outcomes["no verdict"] - len(summary.faults)
        if more > 0:
            yield element("p", {}, f"And {more:,} more: see systems.csv.")


def _place(one: Named) -> str:
    return f"{one.system}:{one.fault.line}" if one.fault.line else one.system
