"""CSV (RFC 4180) for spreadsheets: a row for each reason and component. No cell is ever a formula.

On formulas: https://owasp.org/www-community/attacks/CSV_Injection
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import TextIO

from gate.decision import ComponentNamed, Reason
from gate.record import Record, Run
from gate.terminal import safe

COLUMNS = (
    "file", "subject", "decision", "effect", "code", "act", "vendor", "component", "version", "purl", "pointer", "line",
    "said", "in_force_from", "in_force_until", "message", "source", "url", "missing", "remedy", "as_of", "decision_id",
    "since_baseline",
)  # fmt: skip

# What a spreadsheet takes for the start of a formula, also where it cuts a line at the mark of another country.
_FORMULA = re.compile(r"(^|[;,|\"\n])(\s*)(?=[=+\-@＝＋－＠])")

LONGEST = 32_000
"""Letters of one cell; Excel takes 32,767."""


def render(run: Run, colour: bool) -> bytes:  # noqa: ARG001 - the family's contract
    """One table; an input that nothing is said against has one row without a reason."""
    return table(COLUMNS, _rows(run))


def table(columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> bytes:
    """A table whose cells are all safe in a spreadsheet."""
    text = io.StringIO(newline="")
    write(text, columns, rows)
    return text.getvalue().encode("utf-8-sig")  # Excel knows UTF-8 by its mark


def write(out: TextIO, columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> None:
    """The same, row by row: a portfolio may have more of them than fit into memory."""
    written = csv.DictWriter(out, columns, lineterminator="\r\n")
    written.writeheader()
    for row in rows:
        written.writerow({column: cell(value) for column, value in row.items()})


def _rows(run: Run) -> Iterator[dict[str, object]]:
    for record in run.records:
        decision = record.decision
        head: dict[str, object] = {
            "file": record.file,
            "subject": decision.subject.name,
            "decision": decision.decision,
            "as_of": decision.as_of.isoformat(),
            "decision_id": record.id,
        }
        if not decision.reasons:
            yield head
        for reason in decision.reasons:
            why = {**head, **_reason(reason)}
            for component in reason.components:
                file, _ = record.stands_in(component)
                yield {**why, **_component(component), **_mark(record, reason, component), "file": file}
            if not reason.components:
                yield {**why, **_mark(record, reason, None)}
    for known in run.gone:
        yield {
            "effect": known.effect,
            "code": known.code,
            "component": known.name,
            "since_baseline": "gone",
        }
    for failure in run.failures:
        yield {
            "file": failure.file,
            "decision": "no verdict",
            "pointer": failure.pointer,
            "line": failure.line,
            "message": failure.what,
            "remedy": failure.remedy,
        }


def _mark(record: Record, reason: Reason, component: ComponentNamed | None) -> dict[str, object]:
    return {"since_baseline": record.since.mark(reason, component)} if record.since is not None else {}


def _reason(reason: Reason) -> dict[str, object]:
    force, citation = reason.in_force, reason.citation[0] if reason.citation else None
    return {
        "effect": reason.effect,
        "code": reason.code,
        "act": reason.act,
        "vendor": reason.vendor.name if reason.vendor else None,
        "in_force_from": force.starts.isoformat() if force and force.starts else None,
        "in_force_until": force.ends.isoformat() if force and force.ends else None,
        "message": reason.message,
        "source": citation.text if citation else None,
        "url": citation.url if citation else None,
        "missing": "; ".join(reason.missing),
        "remedy": reason.remedy,
    }


def _component(component: ComponentNamed) -> dict[str, object]:
    return {
        "component": component.name,
        "version": component.version,
        "purl": component.purl,
        "pointer": component.pointer,
        "line": component.line,
        "said": "; ".join(f"{piece.field}: {piece.said}" for piece in component.evidence),
    }


def cell(value: object) -> object:
    """A value as a cell: never a formula, nor longer than a spreadsheet takes."""
    return _text(value[:LONGEST]) if isinstance(value, str) else value


@lru_cache(2048)
def _text(text: str) -> str:
    """What would be a formula gets an apostrophe, which spreadsheets do not show. Many rows say the same."""
    return _FORMULA.sub(r"\1\2'", safe(text))[:LONGEST]
