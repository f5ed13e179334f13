"""Azure Pipelines logging commands: issues at the component's line, and the decision as an output variable.

https://learn.microsoft.com/en-us/azure/devops/pipelines/scripts/logging-commands
"""

from collections.abc import Iterator

from gate.decision import Reason
from gate.phrases import named
from gate.record import Record, Run
from gate.terminal import safe

KINDS = {"deny": "error", "review": "warning", "warn": "warning"}
"""Effect -> type of issue; Azure knows two. What is only noted is no issue."""

LONGEST = 4000
"""Letters of a message."""


def render(run: Run, colour: bool) -> bytes:  # noqa: ARG001 - the family's contract
    """A command a line."""
    lines = [
        _issue("error", f"No verdict: {failure.what}. {failure.remedy or ''}", failure.file, failure.line, None, "gate")
        for failure in run.failures
    ]
    lines += [line for record in run.records for line in _record(run, record)]
    lines.append(f"##vso[task.setvariable variable=GATE_DECISION;isoutput=true]{run.outcome}")
    return "\n".join([*dict.fromkeys(lines), ""]).encode()  # a clause may bar several acts with one component


def _record(run: Run, record: Record) -> Iterator[str]:
    for reason in record.decision.reasons:
        kind = KINDS.get(run.shown(reason.effect))
        if kind is None:
            continue
        for component in reason.components:
            file, _ = record.stands_in(component)
            said = named(component)[:200] + f": {_sentence(reason)}"
            yield _issue(kind, said, file, component.line, component.column, reason.code)
        if not reason.components:
            yield _issue(kind, _sentence(reason), record.file, None, None, reason.code)


def _sentence(reason: Reason) -> str:
    return " ".join([f"{reason.message}.", *(citation.url for citation in reason.citation[:1])])


def _issue(kind: str, said: str, file: str, line: int | None, column: int | None, code: str) -> str:
    place = {"type": kind, "sourcepath": file if file != "-" else None, "linenumber": line, "columnnumber": column}
    stated = ";".join(f"{key}={_property(str(value))}" for key, value in {**place, "code": code}.items() if value)
    return f"##vso[task.logissue {stated}]{_data(said)}"


def _data(text: str) -> str:
    """As the agent's own library escapes the text of a command."""
    return safe(text[:LONGEST])[:LONGEST].strip().replace("%", "%AZP25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace("]", "%5D").replace(";", "%3B")
