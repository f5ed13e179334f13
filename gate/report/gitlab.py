"""GitLab's code quality report: a finding for each clause and component, shown on the merge request.

https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
"""

import hashlib

import msgspec

from gate.baseline import Known
from gate.concern import Concern, concerns
from gate.phrases import gone, named
from gate.record import Record, Run
from gate.terminal import defused, safe

SEVERITIES = {"deny": "blocker", "review": "critical", "warning": "major", "warn": "minor", "note": "info"}
"""Effect -> GitLab's severity."""

LONGEST = 2000
"""Letters of a description."""


def render(run: Run, colour: bool) -> bytes:  # noqa: ARG001 - the family's contract
    """One list for all inputs; fingerprints stay when a version or the order changes."""
    findings: dict[str, dict[str, object]] = {}
    for record in run.records:
        for concern in concerns(record.decision):
            finding = _finding(run, record, concern)
            findings.setdefault(str(finding["fingerprint"]), finding)
    for known in run.gone:
        finding = _gone(known, run.records[0].file)
        findings.setdefault(str(finding["fingerprint"]), finding)
    for failure in run.failures:
        said = f"No verdict: {failure.what}. {failure.remedy or ''}"
        finding = _entry("gate/no-verdict", said, "blocker", failure.file, failure.line, failure.file)
        findings[str(finding["fingerprint"])] = finding
    return defused(msgspec.json.format(msgspec.json.encode(list(findings.values())), indent=2)) + b"\n"


def _finding(run: Run, record: Record, concern: Concern) -> dict[str, object]:
    reason, component = concern.reason, concern.component
    severity, file = SEVERITIES[run.shown(reason.effect)], record.file
    said = concern.said + (f" ({concern.mark(record.since)})" if record.since is not None else "")
    if component is None:
        return _entry(reason.code, said, severity, file, None, concern.fingerprint)
    file, _ = record.stands_in(component)
    return _entry(reason.code, f"{named(component)[:200]}: {said}", severity, file, component.line, concern.fingerprint)


def _gone(known: Known, file: str) -> dict[str, object]:
    said = f"Gone since the baseline: {gone(known)}."
    return _entry(known.code, said, SEVERITIES["note"], file, None, f"gone\n{known.name}")


def _entry(code: str, said: str, severity: str, file: str, line: int | None, seed: str) -> dict[str, object]:
    return {
        "description": safe(said[:LONGEST]).strip(),
        "check_name": code,
        "fingerprint": hashlib.sha256("\n".join((code, file, seed)).encode()).hexdigest(),
        "severity": severity,
        "location": {"path": file if file not in ("", "-") else "stdin", "lines": {"begin": line or 1}},
    }
