"""Problems of a policy -> bytes, for people, programs and code review."""

from collections.abc import Callable, Sequence

from policy.load import Problem

Listing = Callable[[Sequence[Problem]], bytes]
"""What a format of this family is."""


def _text(problems: Sequence[Problem]) -> bytes:
    from gate.problems import text

    return text.render(problems)


def _json(problems: Sequence[Problem]) -> bytes:
    from gate.problems import json

    return json.render(problems)


def _sarif(problems: Sequence[Problem]) -> bytes:
    from gate.problems import sarif

    return sarif.render(problems)


LISTINGS: dict[str, Listing] = {"text": _text, "json": _json, "sarif": _sarif}
"""Name of a format -> its listing, a module of this package, loaded when it is asked for."""
