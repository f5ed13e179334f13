"""TAP, the Test Anything Protocol: a line for each input, and under it a subtest with one for each reason.

Version 13, which every harness takes; what is indented is a subtest to those that know TAP 14, and nothing to others.
Spec: https://testanything.org/tap-version-14-specification.html
"""

from collections.abc import Iterator

from gate.baseline import BLOCKING
from gate.decision import Reason
from gate.phrases import gone, marked, named
from gate.record import Failure, Record, Run
from gate.terminal import safe

LONGEST = 1000
"""Letters of one line."""


def render(run: Run, colour: bool) -> bytes:  # noqa: ARG001 - the family's contract
    """All inputs as one stream."""
    lines = ["TAP version 13", f"1..{len(run.records) + len(run.failures)}"]
    for number, record in enumerate(run.records, 1):
        lines += _input(run, number, record)
    for number, failure in enumerate(run.failures, len(run.records) + 1):
        lines += _without_verdict(number, failure)
    lines += [f"# gone since the baseline: {_text(gone(known))}" for known in run.gone]
    return "\n".join([*lines, ""]).encode()


def _input(run: Run, number: int, record: Record) -> Iterator[str]:
    decision = record.decision
    yield f"# Subtest: {_text(decision.subject.name)}"
    yield f"    1..{len(decision.reasons)}"
    for place, reason in enumerate(decision.reasons, 1):
        yield from _reason(record, place, reason, run.shown(reason.effect))
    passed = "ok" if decision.decision == "allow" or run.warn_only else "not ok"
    yield f"{passed} {number} - {_text(decision.subject.name)}: {decision.outcome}"


def _reason(record: Record, number: int, reason: Reason, shown: str) -> Iterator[str]:
    passed = "not ok" if shown in BLOCKING else "ok"
    mark = "" if reason.components else marked(record, reason, None)
    act = f" [{reason.act}]" if reason.act else ""
    yield f"    {passed} {number} - {reason.code}{act} {reason.effect}: {_text(reason.message)}{mark}"
    for component in reason.components[:10]:
        line = f", line {component.line}" if component.line else ""
        mark = marked(record, reason, component)
        yield f"    # {_text(named(component))}{mark} at {_text(component.pointer)}{line}"
    if len(reason.components) > 10:
        yield f"    # and {len(reason.components) - 10} more"


def _without_verdict(number: int, failure: Failure) -> Iterator[str]:
    yield f"not ok {number} - {_text(failure.file)}: no verdict"
    yield f"# {_text(failure.what)}. {_text(failure.remedy or '')}".rstrip()


def _text(text: str) -> str:
    """On one line, and no directive: `# SKIP` and `# TODO` are read in a description, and TAP 13 knows no escape."""
    return safe(text[:LONGEST])[:LONGEST].replace("\n", " ").replace("#", "＃")
