"""Azure Pipelines logging commands: issues at the component's line, and the decision as an output variable.

https://learn.microsoft.com/en-us/azure/devops/pipelines/scripts/logging-commands
"""

from collections.abc import Iterator

from gate.concern import Concern, concerns
from gate.phrases import named, sentence
from gate.record import Record, Run
from gate.terminal import safe

KINDS = {"deny": "error", "review": "warning", "warning": "warning", "warn": "warning"}
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
    return "\n".join([*dict.fromkeys(lines), ""]).encode()


def _record(run: Run, record: Record) -> Iterator[str]:
    for concern in concerns(record.decision):
        reason, component = concern.reason, concern.component
        kind = KINDS.get(run.shown(reason.effect))
        if kind is None:
            continue
        said = _said(record, concern)
        if component is None:
            yield _issue(kind, said, record.file, None, None, reason.code)
        else:
            file, _ = record.stands_in(component)
            said = f"{named(component)[:200]}: {said}"
            yield _issue(kind, said, file, component.line, component.column, reason.code)


def _said(record: Record, concern: Concern) -> str:
    mark = [f"({concern.mark(record.since)})"] if record.since is not None else []
    return " ".join([sentence(concern.said), *mark, *(citation.url for citation in concern.reason.citation[:1])])


def _issue(kind: str, said: str, file: str, line: int | None, column: int | None, code: str) -> str:
    place = {"type": kind, "sourcepath": file if file != "-" else None, "linenumber": line, "columnnumber": column}
    stated = ";".join(f"{key}={_property(str(value))}" for key, value in {**place, "code": code}.items() if value)
    return f"##vso[task.logissue {stated}]{_data(said)}"


def _data(text: str) -> str:
    """As the agent's own library escapes the text of a command."""
    return safe(text[:LONGEST])[:LONGEST].strip().replace("%", "%AZP25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace("]", "%5D").replace(";", "%3B")
