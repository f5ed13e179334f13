"""What a portfolio came to, on one page: as text, JSON or a page with charts."""

from collections.abc import Callable

from gate.portfolio.summary.content import Summary

Page = Callable[[Summary], bytes]
"""What a form of this family is."""


def _text(summary: Summary) -> bytes:
    from gate.portfolio.summary import text

    return text.render(summary)


def _json(summary: Summary) -> bytes:
    from gate.portfolio.summary import json

    return json.render(summary)


def _html(summary: Summary) -> bytes:
    from gate.portfolio.summary import html

    return html.render(summary)


PAGES: dict[str, Page] = {"text": _text, "json": _json, "html": _html}
"""Name of a form -> how it is made, a module of this package, loaded when it is needed."""
