"""What is in force on a day, for whom, and what comes next: one content, drawn as text, JSON, calendar or timeline."""

from collections.abc import Callable

from gate.almanac.content import Almanac

Drawing = Callable[[Almanac], bytes]
"""What a format of this family is."""


def _text(almanac: Almanac) -> bytes:
    from gate.almanac import text

    return text.render(almanac)


def _json(almanac: Almanac) -> bytes:
    from gate.almanac import json

    return json.render(almanac)


def _ics(almanac: Almanac) -> bytes:
    from gate.almanac import ics

    return ics.render(almanac)


def _svg(almanac: Almanac) -> bytes:
    from gate.almanac import svg

    return svg.render(almanac)


def _html(almanac: Almanac) -> bytes:
    from gate.almanac import html

    return html.render(almanac)


DRAWINGS: dict[str, Drawing] = {"text": _text, "json": _json, "ics": _ics, "svg": _svg, "html": _html}
"""Name of a format -> its drawing, a module of this package, loaded when it is asked for."""
