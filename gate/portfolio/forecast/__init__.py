"""What of a portfolio changes by the passing of time: as text, JSON, a calendar or a page."""

from collections.abc import Callable

from gate.portfolio.forecast.content import Forecast

Drawing = Callable[[Forecast], bytes]
"""What a form of this family is."""


def _text(forecast: Forecast) -> bytes:
    from gate.portfolio.forecast import text

    return text.render(forecast)


def _json(forecast: Forecast) -> bytes:
    from gate.portfolio.forecast import json

    return json.render(forecast)


def _ics(forecast: Forecast) -> bytes:
    from gate.portfolio.forecast import ics

    return ics.render(forecast)


def _html(forecast: Forecast) -> bytes:
    from gate.portfolio.forecast import html

    return html.render(forecast)


FORECASTS: dict[str, Drawing] = {"text": _text, "json": _json, "ics": _ics, "html": _html}
"""Name of a form -> how it is made, a module of this package, loaded when it is needed."""
