"""A run as a report shows it, and as a person reads that."""

import html
import re

from gate.record import Run
from gate.report import report


def rendered(form: str, run: Run) -> bytes:
    return report(form)(run, False)


def plain(form: str, run: Run) -> str:
    """What a person reads in a report, on one line."""
    text = html.unescape(rendered(form, run).decode()).replace("\u200b", "")
    return re.sub(r"\s+", " ", text)
