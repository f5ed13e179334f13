"""The forecast for a terminal."""

from collections.abc import Iterator

from gate.portfolio.forecast.content import Forecast, said
from gate.terminal import counted, one_line
from policy.dates import in_words

SHOWN = 10
"""Systems of one turn that are named; the other forms name them all."""


def render(forecast: Forecast) -> bytes:
    """A paragraph for each turn."""
    return "".join(f"{one_line(text)}\n" for text in _lines(forecast)).encode()


def _lines(forecast: Forecast) -> Iterator[str]:
    yield (
        f"From {in_words(forecast.starts, 'UTC')} to {in_words(forecast.ends, 'UTC')}: "
        f"{forecast.turning} of {counted(forecast.systems, 'system')} change"
    )
    for turn in forecast.turns:
        yield from ("", f"{in_words(turn.at, 'UTC')}: {counted(len(turn.systems), 'system')} to {turn.decision}")
        yield from (f"  because {said(why)}" for why in turn.why)
        yield from (f"  {system}" for system in turn.systems[:SHOWN])
        if len(turn.systems) > SHOWN:
            yield f"  and {len(turn.systems) - SHOWN} more"
