"""An in-toto Statement with the test result predicate: which clauses passed, warned and failed.

https://github.com/in-toto/attestation/blob/main/spec/predicates/test-result.md
"""

import msgspec

from gate.record import Run

LISTS = {"deny": "failedTests", "review": "failedTests", "warn": "warnedTests", "note": "passedTests"}
"""Effect -> the list in which a clause stands; of several the gravest counts."""


def render(run: Run, colour: bool) -> bytes:  # noqa: ARG001 - the family's contract
    """One statement about all inputs together."""
    tests: dict[str, str] = {}
    for record in run.records:
        for reason in reversed(record.decision.reasons):  # gravest first in a decision, so last here
            if list(LISTS).index(reason.effect) <= list(LISTS).index(tests.get(reason.code, "note")):
                tests[reason.code] = reason.effect
    lists: dict[str, list[str]] = {"passedTests": [], "warnedTests": [], "failedTests": []}
    for code, effect in sorted(tests.items()):
        lists[LISTS[effect]].append(code)
    lists["failedTests"] += [f"gate/no-verdict {failure.file}" for failure in run.failures]
    result = "FAILED" if run.outcome != "allow" or not run.records else "WARNED" if lists["warnedTests"] else "PASSED"
    policies = dict.fromkeys((record.decision.policy.version, record.decision.policy.digest) for record in run.records)
    statement = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [
            {"name": record.decision.subject.name, "digest": dict([record.decision.subject.digest.split(":", 1)])}
            for record in run.records
        ],
        "predicateType": "https://in-toto.io/attestation/test-result/v0.1",
        "predicate": {
            "result": result,
            "configuration": [
                {"name": f"procurement-gate law {version}", "digest": dict([digest.split(":", 1)])}
                for version, digest in policies
            ],
            **lists,
        },
    }
    return msgspec.json.encode(statement) + b"\n"
