"""SARIF 2.1.0: a rule for each clause, a result for each component, at its line in the document.

Spec: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
What GitHub takes of it: https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning
"""

import gzip
import hashlib
from collections import Counter
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

import msgspec

from gate.baseline import Known
from gate.concern import Concern, concerns
from gate.decision import GRAVITY, ComponentNamed, Reason
from gate.own import HELP
from gate.phrases import gone, named, sentence
from gate.record import Failure, Record, Run
from gate.terminal import defused, safe
from gate.version import VERSION

MOST_RESULTS = 5000
"""GitHub shows so many results of a run; ours are gravest first, and the report says what was cut."""

MOST_BYTES = 10_000_000
"""GitHub takes so many of a file, packed by gzip."""

LONGEST = 1024
"""Letters that GitHub keeps of a text."""

LEVELS = {"deny": "error", "review": "warning", "warning": "warning", "warn": "note", "note": "none"}
"""Effect -> level; a `none` is kept for the record and shown by nobody."""

SEVERITIES = {"deny": "8.0", "review": "5.0", "warning": "5.0", "warn": "3.0", "note": "0.0"}
"""Effect -> GitHub's `security-severity`: high, medium, low."""

WAS = "The baseline had a reason of this code, and nothing judged now has one"

Object = dict[str, Any]
Finding = tuple[Record, Concern]


def render(run: Run, colour: bool) -> bytes:  # noqa: ARG001 - the family's contract
    """One run of the gate as one SARIF run, as much of it as GitHub takes."""
    found = [(record, concern) for record in run.records for concern in concerns(record.decision)]
    found.sort(key=lambda finding: GRAVITY[finding[1].reason.effect])
    shown = found[:MOST_RESULTS]
    while True:
        data = _log(run, shown, len(found) + len(run.gone))
        if len(data) <= MOST_BYTES or len(gzip.compress(data)) < MOST_BYTES or not shown:
            return data
        shown = shown[: len(shown) // 2]


def _log(run: Run, shown: list[Finding], count: int) -> bytes:
    rules = _rules(run)
    numbers = {code: number for number, code in enumerate(rules)}
    seen: Counter[str] = Counter()
    results = [_result(run, finding, numbers[finding[1].reason.code], seen) for finding in shown]
    results += [
        _absent(known, run.records[0].file, numbers[known.code], seen)
        for known in run.gone[: MOST_RESULTS - len(results)]
    ]
    notifications = [_notification(failure) for failure in run.failures]
    if count > len(results):
        cut = f"{count - len(results)} of {count} results were cut, mildest first: GitHub takes no more."
        notifications.append({"level": "warning", "message": {"text": cut}})
    log = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "procurement-gate",
                        "semanticVersion": VERSION,
                        "rules": list(rules.values()),
                    }
                },
                "columnKind": "utf16CodeUnits",
                "invocations": [
                    {
                        "executionSuccessful": not run.failures,
                        **({"toolExecutionNotifications": notifications} if notifications else {}),
                    }
                ],
                "results": results,
                "properties": {"decisions": [_decision(record) for record in run.records]},
            }
        ],
    }
    return defused(msgspec.json.encode(log)) + b"\n"


def _rules(run: Run) -> dict[str, Object]:
    """Code -> rule, as the gravest reason of the code has it; what is gone has rules too."""
    reasons = [reason for record in run.records for reason in record.decision.reasons]
    reasons.sort(key=lambda reason: (reason.code, GRAVITY[reason.effect]))
    reasons += [Reason(known.code, known.effect, WAS) for known in run.gone]
    rules: dict[str, Object] = {}
    for reason in reasons:
        if reason.code not in rules:
            rules[reason.code] = _rule(reason, run.shown(reason.effect))
    return rules


def _rule(reason: Reason, shown: str) -> Object:
    citation = reason.citation[0] if reason.citation else None
    text = reason.text or HELP.get(reason.code) or reason.message
    lines = [text.rstrip(".") + "."]
    source, linked = [], []
    if citation is not None:
        read = f"{reason.provenance} source, checked {reason.checked}."
        source.append(f"{citation.text} ({citation.url}), {read}")
        linked.append(f"[{citation.text}]({citation.url}), {read}")
    more = [line for line in (reason.note, reason.remedy) if line]
    return {
        "id": reason.code,
        "name": "".join(part.capitalize() for part in reason.code.replace("/", "-").split("-")),
        "shortDescription": {"text": _text(citation.text if citation else text)},
        "fullDescription": {"text": _text(text)},
        "help": {
            "text": "\n\n".join([*lines, *source, *more]),
            "markdown": "\n\n".join([*lines, *linked, *more]),
        },
        **({"helpUri": citation.url} if citation else {}),
        "defaultConfiguration": {"level": LEVELS[shown]},
        "properties": {"tags": ["security", "procurement"], "security-severity": SEVERITIES[shown]},
    }


def _result(run: Run, finding: Finding, rule: int, seen: Counter[str]) -> Object:
    record, concern = finding
    reason, component, mark = concern.reason, concern.component, concern.fingerprint
    seen[mark] += 1
    return {
        "ruleId": reason.code,
        "ruleIndex": rule,
        "kind": "informational" if reason.effect == "note" else "fail",
        "level": LEVELS[run.shown(reason.effect)],
        **({"baselineState": concern.mark(record.since)} if record.since is not None else {}),
        "message": {"text": _text(_said(record, concern))},
        "locations": [_location(*_place(record, component))],
        # GitHub goes by the first, and would else take a hash of the line: in a document on one line all have the same.
        "partialFingerprints": {"primaryLocationLineHash": f"{mark}:{seen[mark]}", "procurementGate/v1": mark},
        "properties": {
            "effect": reason.effect,
            "decision": record.id,
            **({"vendor": reason.vendor.id} if reason.vendor else {}),
            **({"acts": concern.acts} if concern.acts else {}),
            **({"purl": _text(component.purl)} if component and component.purl else {}),
        },
    }


def _absent(known: Known, file: str, rule: int, seen: Counter[str]) -> Object:
    """What the baseline had. Its level is `none`, as is due to what does not fail, so that it is no alert."""
    mark = hashlib.sha256(f"gone\n{known.code}\n{known.name}".encode()).hexdigest()[:16]
    seen[mark] += 1
    return {
        "ruleId": known.code,
        "ruleIndex": rule,
        "kind": "pass",
        "level": "none",
        "baselineState": "absent",
        "message": {"text": _text(f"Gone since the baseline: {gone(known)}.")},
        "locations": [_location(file, 1, 1)],
        "partialFingerprints": {"primaryLocationLineHash": f"{mark}:{seen[mark]}", "procurementGate/v1": mark},
    }


def _said(record: Record, concern: Concern) -> str:
    component = concern.component
    mark = f" ({concern.mark(record.since)})" if record.since is not None else ""
    if component is None:
        return concern.said + mark
    said = "; ".join(f"{piece.field} says '{piece.said}'" for piece in component.evidence[:3])
    return f"{named(component)[:200]}{mark}: {sentence(concern.said)}" + (f" ({said})" if said else "")


def _place(record: Record, component: ComponentNamed | None) -> tuple[str, int, int]:
    if component is None:
        return record.file, 1, 1
    file, _ = record.stands_in(component)
    return file, component.line or 1, component.column or 1


def _location(file: str, line: int, column: int) -> Object:
    return {
        "physicalLocation": {
            "artifactLocation": _artifact(file),
            "region": {"startLine": line, "startColumn": column},
        }
    }


def _artifact(file: str) -> Object:
    """A path relative to where the gate ran is relative to the source root; GitHub shows only those at their lines."""
    path = PurePath("stdin" if file in ("", "-") else file)
    if path.is_absolute():
        return {"uri": path.as_uri()}
    return {"uri": quote(path.as_posix()), "uriBaseId": "%SRCROOT%"}


def _notification(failure: Failure) -> Object:
    return {
        "level": "error",
        "message": {"text": _text(f"No verdict: {failure.what}. {failure.remedy or ''}".rstrip())},
        "locations": [_location(failure.file, failure.line or 1, 1)],
    }


def _decision(record: Record) -> Object:
    decision = record.decision
    return {
        "id": record.id,
        "decision": decision.decision,
        "review": decision.review,
        "subject": _text(decision.subject.name),
        "policy": decision.policy.digest,
    }


def _text(text: str) -> str:
    """Shown and steering nothing, and no longer than GitHub takes."""
    text = safe(text[: 2 * LONGEST])
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
