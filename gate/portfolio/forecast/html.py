"""The forecast as a page that stands by itself."""

from collections.abc import Iterator

from gate.almanac.tree import Element, element
from gate.portfolio.forecast.content import Forecast, Turn, said
from gate.portfolio.summary.chart import timeline
from gate.portfolio.summary.html import page_of, wide
from gate.terminal import counted
from policy.dates import in_words

TITLE = "What changes by the passing of time"


def render(forecast: Forecast) -> bytes:
    """The page; the same forecast gives the same bytes."""
    span = f"From {in_words(forecast.starts, 'UTC')} to {in_words(forecast.ends, 'UTC')}"
    whole = f"{forecast.turning:,} of {counted(forecast.systems, 'system')} change."
    body = [element("h1", {}, TITLE), element("p", {"class": "faint"}, f"{span}: {whole}")]
    if forecast.turns:
        changes = [(turn.at, turn.decision, len(turn.systems)) for turn in forecast.turns]
        body.append(wide(timeline(TITLE, forecast.starts, changes)))
    return page_of(TITLE, [*body, *(part for turn in forecast.turns for part in _turn(turn))])


def _turn(turn: Turn) -> Iterator[Element]:
    when = element("time", {"datetime": turn.at.isoformat()}, in_words(turn.at, "UTC"))
    yield element("h2", {}, when, f": {counted(len(turn.systems), 'system')} to {turn.decision}")
    yield element("ul", {}, *(element("li", {}, said(why)) for why in turn.why))
    yield element(
        "details",
        {},
        element("summary", {}, counted(len(turn.systems), "system")),
        element("ul", {}, *(element("li", {}, system) for system in turn.systems)),
    )
