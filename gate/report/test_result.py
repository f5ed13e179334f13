"""An in-toto Statement with the test result predicate: which clauses passed, warned and failed.

https://github.com/in-toto/attestation/blob/main/spec/predicates/test-result.md
"""

from gate.record import Run
from gate.statement import DETAILS, TEST_RESULT, details, digest, written

LISTS = {"deny": "failedTests", "review": "failedTests", "warn": "warnedTests", "note": "passedTests"}
"""Effect -> the list in which a clause stands; of several the gravest counts."""


def render(run: Run, colour: bool) -> bytes:  # noqa: ARG001 - the family's contract
    """One statement about all inputs together."""
    tests: dict[str, str] = {}
    gravest_first = sorted(
        (reason for record in run.records for reason in record.decision.reasons),
        key=lambda reason: list(LISTS).index(reason.effect),
    )
    for reason in gravest_first:
        tests.setdefault(reason.code, LISTS[reason.effect])
    lists: dict[str, list[str]] = {"passedTests": [], "warnedTests": [], "failedTests": []}
    for code, kept_in in sorted(tests.items()):
        lists[kept_in].append(code)
    lists["failedTests"] += [f"gate/no-verdict {failure.file}" for failure in run.failures]
    passed = "WARNED" if lists["warnedTests"] else "PASSED"
    policies = dict.fromkeys((record.decision.policy.version, record.decision.policy.digest) for record in run.records)
    predicate = {
        "result": passed if run.outcome == "allow" else "FAILED",
        "configuration": [
            {"name": f"procurement-gate law {version}", "digest": digest(value)} for version, value in policies
        ],
        **lists,
        DETAILS: details(run.records),
    }
    return written(run, TEST_RESULT, predicate)
