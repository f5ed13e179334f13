"""An in-toto Statement with SLSA's Verification Summary: that a document was judged, by which law, and how.

https://slsa.dev/spec/v1.1/verification_summary
"""

from typing import Any
from urllib.parse import quote

from gate.record import Run
from gate.statement import DETAILS, LEVEL, PAST_LEVEL, VSA, details, digest, written
from gate.version import VERSION

LONGEST = 2000
"""Letters of a document's name."""


def render(run: Run, colour: bool) -> bytes:  # noqa: ARG001 - the family's contract
    """One statement about all inputs together: it passes only if each of them is allowed."""
    if not run.records:
        return b""
    first = run.records[0]
    past = any(record.decision.past_allowed for record in run.records)
    passed = run.outcome == "allow"
    name = quote(first.decision.subject.name[:LONGEST])
    predicate: dict[str, Any] = {
        "verifier": {"id": "urn:x-procurement-gate:engine", "version": {"procurement-gate": VERSION}},
        "timeVerified": f"{first.evaluated_at:%Y-%m-%dT%H:%M:%SZ}",
        "resourceUri": name if len(run.records) == 1 else "urn:x-procurement-gate:run",
        "policy": {
            "uri": f"urn:x-procurement-gate:policy:{first.decision.policy.version}",
            "digest": digest(first.decision.policy.digest),
        },
        "verificationResult": "PASSED" if passed else "FAILED",
        "verifiedLevels": [(PAST_LEVEL if past else LEVEL) if passed else "FAILED"],
        "slsaVersion": "1.1",
        DETAILS: details(run.records),
    }
    return written(run, VSA, predicate)
