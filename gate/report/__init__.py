"""Decision -> bytes. A report gets decisions with the lines in them, and imports no reader and no other report."""

from collections.abc import Callable, Sequence

from gate.record import Record
from gate.report import json, text

Report = Callable[[Sequence[Record], bool], bytes]
"""The records of a run, and whether colour is wanted -> what to print."""

FORMATS: dict[str, Report] = {
    "text": text.render,
    "json": json.render,
}
"""Name of a format -> its report; each is a module of this package."""
