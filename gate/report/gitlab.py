"""GitLab's code quality report: a finding for each clause and component, shown on the merge request.

https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
"""

import hashlib

import msgspec

from gate.decision import ComponentNamed, Reason
from gate.phrases import fingerprint, named
from gate.record import Record, Run
from gate.terminal import defused, safe

SEVERITIES = {"deny": "blocker", "review": "critical", "warn": "minor", "note": "info"}
"""Effect -> GitLab's severity."""

LONGEST = 2000
"""Letters of a description."""


def render(run: Run, colour: bool) -> bytes:  # noqa: ARG001 - the family's contract
    """One list for all inputs; fingerprints stay when a version or the order changes."""
    findings: dict[str, dict[str, object]] = {}
    for record in run.records:
        for reason in record.decision.reasons:
            for component in reason.components or (None,):
                finding = _finding(record, reason, component, run.shown(reason.effect))
                findings.setdefault(str(finding["fingerprint"]), finding)
    for failure in run.failures:
        said = f"No verdict: {failure.what}. {failure.remedy or ''}"
        finding = _entry("gate/no-verdict", said, "blocker", failure.file, failure.line, failure.file)
        findings[str(finding["fingerprint"])] = finding
    return defused(msgspec.json.format(msgspec.json.encode(list(findings.values())), indent=2)) + b"\n"


def _finding(record: Record, reason: Reason, component: ComponentNamed | None, shown: str) -> dict[str, object]:
    if component is None:
        return _entry(reason.code, reason.message, SEVERITIES[shown], record.file, None, fingerprint(reason, None))
    file, _ = record.stands_in(component)
    said = named(component)[:200] + f": {reason.message}"
    seed = fingerprint(reason, component)
    return _entry(reason.code, said, SEVERITIES[shown], file, component.line, seed)


def _entry(code: str, said: str, severity: str, file: str, line: int | None, seed: str) -> dict[str, object]:
    return {
        "description": safe(said[:LONGEST]).strip(),
        "check_name": code,
        "fingerprint": hashlib.sha256("\n".join((code, file, seed)).encode()).hexdigest(),
        "severity": severity,
        "location": {"path": file if file not in ("", "-") else "stdin", "lines": {"begin": line or 1}},
    }
