"""GitHub workflow commands: annotations at the component's line, on the pull request.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
"""

from collections.abc import Iterator

from gate.concern import concerns
from gate.decision import Reason
from gate.phrases import gone, named, sentence, why_zero
from gate.record import Record, Run
from gate.terminal import safe

COMMANDS = {"deny": "error", "review": "warning", "warning": "warning", "warn": "notice"}
"""Effect -> command. What is only noted is no annotation."""

MOST_OF_A_KIND = 10
"""GitHub shows so many annotations of a kind for a step."""

LONGEST = 4000
"""Letters of a message; GitHub takes 4 KB or so."""


def render(run: Run, colour: bool) -> bytes:  # noqa: ARG001 - the family's contract
    """A command a line, gravest first, and a last line that says what was left out."""
    lines = [
        _command(
            "error", f"No verdict: {failure.what}. {failure.remedy or ''}", failure.file, failure.line, None, "gate"
        )
        for failure in run.failures
    ]
    lines += [line for record in run.records for line in _record(run, record)]
    shown, left, count = [], 0, dict.fromkeys(("error", "warning", "notice"), 0)
    for line in sorted(dict.fromkeys(lines), key=lambda line: list(count).index(_kind(line))):
        count[_kind(line)] += 1
        if count[_kind(line)] <= MOST_OF_A_KIND:
            shown.append(line)
        else:
            left += 1
    if left:
        shown.append(
            f"procurement-gate: {left} more are in the other reports; GitHub shows {MOST_OF_A_KIND} of a kind."
        )
    for record in run.records:
        subject = _line(record.decision.subject.name)
        shown.append(f"procurement-gate: {record.decision.outcome} {subject}")
    if lenient := why_zero(run):
        shown.append(f"procurement-gate: {lenient}")
    shown += [f"procurement-gate: gone since the baseline: {_line(gone(known))}" for known in run.gone[:MOST_OF_A_KIND]]
    if len(run.gone) > MOST_OF_A_KIND:
        shown.append(f"procurement-gate: and {len(run.gone) - MOST_OF_A_KIND} more are gone")
    return "\n".join([*shown, ""]).encode()


def _kind(line: str) -> str:
    return line[2:].partition(" ")[0]


def _line(text: str) -> str:
    return safe(text[:LONGEST])[:LONGEST].replace("\n", " ")


def _record(run: Run, record: Record) -> Iterator[str]:
    for concern in concerns(record.decision):
        reason, component = concern.reason, concern.component
        command = COMMANDS.get(run.shown(reason.effect))
        if command is None:
            continue
        said = f"{sentence(concern.said)} {_links(reason)}"
        mark = f" ({concern.mark(record.since)})" if record.since is not None else ""
        if component is None:
            yield _command(command, said + mark, record.file, None, None, reason.code)
        else:
            file, _ = record.stands_in(component)
            said = f"{named(component)[:200]}{mark}: {said}"
            yield _command(command, said, file, component.line, component.column, reason.code)


def _links(reason: Reason) -> str:
    return " ".join(citation.url for citation in reason.citation[:1])


def _command(command: str, said: str, file: str, line: int | None, column: int | None, title: str) -> str:
    place = {"file": file if file != "-" else None, "line": line, "col": column, "title": title}
    stated = ",".join(f"{key}={_property(str(value))}" for key, value in place.items() if value)
    return f"::{command} {stated}::{_data(said.strip())}"


def _data(text: str) -> str:
    """As the runner's own toolkit escapes the text of a command."""
    return safe(text[:LONGEST])[:LONGEST].replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
