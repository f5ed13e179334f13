"""Runs policy cases: each is judged by its own instrument alone, so that a new law breaks no other law's cases."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import msgspec

from gate.asking import Asking
from gate.check import check
from gate.compile import waiver
from gate.decision import Decision
from gate.errors import GateError
from gate.law import Law
from gate.read import read, read_sbom
from gate.read.bom import Found
from policy.dates import DAY, instant
from policy.model import Case, Cases

FAR_FUTURE = datetime(2200, 1, 1, tzinfo=UTC)
"""A case that states no `known_at` is judged knowing every law there is."""


def failures(cases: Cases, law: Law) -> Iterator[tuple[Case, str | None]]:
    """Each case with what is wrong with it, or None."""
    alone = msgspec.structs.replace(law, clauses=tuple(c for c in law.clauses if c.instrument == cases.prohibition))
    for case in cases.case:
        try:
            yield case, _why(case, decision_on(case, cases, alone))
        except GateError as error:
            yield case, f"no verdict: {error}"


def decision_on(case: Case, cases: Cases, law: Law) -> Decision:
    """The decision on one case. Raises GateError."""
    document: dict[str, Any] = (
        {"id": case.name, **cases.request, **(case.request or {})} if case.sbom is None else case.sbom
    )
    attached = document.pop("sboms", {}) if case.sbom is None else {}

    def attach(path: str, _: str | None) -> Found:
        return read_sbom(msgspec.json.encode(attached[path]), path)

    known_at = case.known_at
    if isinstance(known_at, date) and not isinstance(known_at, datetime):
        known_at = instant(known_at + DAY, "UTC")
    subject = read(msgspec.json.encode(document), case.name, now=case.as_of or FAR_FUTURE, attach=attach)
    asking = Asking(
        now=FAR_FUTURE,
        profile=law.profiles[case.profile] if case.profile else None,
        as_of=case.as_of,
        known_at=known_at,
        allow_past=True,
        waivers=tuple(waiver(entry, law) for entry in case.waivers),
    )
    return check(subject, law, asking)


def _why(case: Case, decision: Decision) -> str | None:
    if decision.outcome != case.expect:
        reasons = "; ".join(f"{r.effect} {r.code}: {r.message}" for r in decision.reasons) or "no reason"
        return f"expected {case.expect}, got {decision.outcome} ({reasons})"
    bites = {
        r.code.partition("/")[2] for r in decision.reasons if r.effect in ("deny", "review") and r.code[:5] != "gate/"
    }
    if case.reasons and (unexpected := bites - set(case.reasons)):
        return f"{min(unexpected)} denies or asks for a review, which the case does not expect"
    for clause, effect in case.reasons.items():
        effects = {r.effect for r in decision.reasons if r.code.partition("/")[2] == clause}
        if (effect == "none" and effects) or (effect != "none" and effect not in effects):
            return f"expected {clause} to be {effect}, got {', '.join(sorted(effects)) or 'no reason'}"
    return None
