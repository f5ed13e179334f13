"""The decision as variables for later stages: GitLab's dotenv report, and any shell's `source`.

https://docs.gitlab.com/ci/yaml/artifacts_reports/#artifactsreportsdotenv
"""

from gate.record import Run


def render(run: Run, colour: bool) -> bytes:  # noqa: ARG001 - the family's contract
    """Values of letters, digits and `-_/:,` alone; nothing that a document says is in them."""
    counts = dict.fromkeys(("deny", "review", "warn", "note"), 0)
    codes: dict[str, None] = {}
    for record in run.records:
        for reason in record.decision.reasons:
            counts[reason.effect] += 1
            if reason.effect in ("deny", "review"):
                codes[reason.code] = None
    variables = {
        "GATE_DECISION": run.outcome.replace(" ", "-"),
        "GATE_REVIEW": str(_is_for_a_person(run)).lower(),
        **{f"GATE_{effect.upper()}_REASONS": str(count) for effect, count in counts.items()},
        "GATE_CODES": ",".join(list(codes)[:20]),
        "GATE_DECISION_IDS": ",".join([record.id for record in run.records][:20]),
        "GATE_POLICY_DIGEST": run.records[0].decision.policy.digest if run.records else "",
        "GATE_NO_VERDICT": str(len(run.failures)),
    }
    return "".join(f"{name}={value}\n" for name, value in variables.items()).encode()


def _is_for_a_person(run: Run) -> bool:
    """Whether nothing but a review stands in the way, or would if reviews did: a decision's own `review`."""
    return run.outcome in ("allow", "review") and any(record.decision.review for record in run.records)
