"""An in-toto Statement with SLSA's Verification Summary: that a document was judged, by which law, and how.

https://slsa.dev/spec/v1.1/verification_summary and https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md
"""

from typing import Any

import msgspec

from gate.record import Record, Run
from gate.version import VERSION

PREDICATE = "https://slsa.dev/verification_summary/v1"

DETAILS = "urn:x-procurement-gate:decisions:1"
"""The extension with our own decisions; SLSA asks that extension fields are named by URIs."""

LEVEL = "PROCUREMENT_GATE_ALLOW"
"""A level of our own; SLSA keeps only those that start with SLSA_ to itself."""


def render(run: Run, colour: bool) -> bytes:  # noqa: ARG001 - the family's contract
    """One statement about all inputs together: it passes only if each of them is allowed."""
    passed = run.outcome == "allow" and bool(run.records)
    names = [record.decision.subject.name for record in run.records]
    predicate: dict[str, Any] = {
        "verifier": {"id": "urn:x-procurement-gate:engine", "version": {"procurement-gate": VERSION}},
        "resourceUri": names[0] if len(names) == 1 else "urn:x-procurement-gate:run",
        "verificationResult": "PASSED" if passed else "FAILED",
        "verifiedLevels": [LEVEL if passed else "FAILED"],
        "slsaVersion": "1.1",
        DETAILS: [_details(record) for record in run.records],
    }
    if run.records:
        first = run.records[0]
        predicate["timeVerified"] = f"{first.evaluated_at:%Y-%m-%dT%H:%M:%SZ}"
        predicate["policy"] = {
            "uri": f"urn:x-procurement-gate:policy:{first.decision.policy.version}",
            "digest": _digest(first.decision.policy.digest),
        }
    statement = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [
            {"name": record.decision.subject.name, "digest": _digest(record.decision.subject.digest)}
            for record in run.records
        ],
        "predicateType": PREDICATE,
        "predicate": predicate,
    }
    return msgspec.json.encode(statement) + b"\n"


def _digest(text: str) -> dict[str, str]:
    algorithm, _, value = text.partition(":")
    return {algorithm: value}


def _details(record: Record) -> dict[str, Any]:
    decision = record.decision
    return {
        "id": record.id,
        "decision": decision.decision,
        "review": decision.review,
        "as_of": decision.as_of.isoformat(),
        "known_at": decision.known_at.isoformat(),
        "past_allowed": decision.past_allowed,
        "profile": decision.buyer.profile,
        "roles": decision.buyer.roles,
        "reasons": [{"code": r.code, "effect": r.effect, "act": r.act} for r in decision.reasons],
        "coverage": msgspec.to_builtins(decision.coverage),
        "timeline": msgspec.to_builtins(decision.timeline),
        "digest": record.digest,
    }
