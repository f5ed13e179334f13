"""Decision -> bytes. A report gets decisions with the lines in them, and imports no reader and no other report."""

from collections.abc import Callable, Sequence

from gate.record import Record

Report = Callable[[Sequence[Record], bool], bytes]
"""The records of a run, and whether colour is wanted -> what to print."""


def _text(records: Sequence[Record], colour: bool) -> bytes:
    from gate.report import text

    return text.render(records, colour)


def _json(records: Sequence[Record], colour: bool) -> bytes:
    from gate.report import json

    return json.render(records, colour)


FORMATS: dict[str, Report] = {"text": _text, "json": _json}
"""Name of a format -> its report, a module of this package, loaded when it is asked for."""
