"""Runs policy cases: each is judged by its own instrument alone, so that a new law breaks no other law's cases.

A case is read and matched once. What it poses to the law can then be put to an altered clause, which is how `mutation`
asks whether any case would notice.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import msgspec

from gate.asking import Asking
from gate.check import check
from gate.compile import waiver
from gate.decide import Outcome, Question, SetAsideReason, evaluate, may_mean
from gate.decision import Decision, verdict
from gate.errors import GateError
from gate.find import find, suspects
from gate.law import Clause, Law
from gate.match import Matcher
from gate.read import read, read_sbom
from gate.read.bom import Found
from gate.screen import Sieve
from gate.subject import Subject
from policy.dates import DAY, instant, is_known
from policy.model import Case, Cases

FAR_FUTURE = datetime(2200, 1, 1, tzinfo=UTC)
"""A case that states no `known_at` is judged knowing every law there is."""

Effects = dict[str, frozenset[str]]
"""Id of a clause, or a code of the gate's own -> the effects of its reasons."""

Said = list[tuple[Question, Outcome | SetAsideReason]]
"""What one clause says to the questions of a case."""


class Posed(msgspec.Struct, frozen=True):
    """A case, the decision on it, and the questions that it poses."""

    case: Case
    decision: Decision
    questions: tuple[Question, ...]
    law: Law  # as it was known then
    on_review: str

    @property
    def standing(self) -> frozenset[str]:
        """The effects of the gate's own reasons, which no law changes."""
        return frozenset(reason.effect for reason in self.decision.reasons if reason.code.startswith("gate/"))

    def asked(self, clause: Clause, law: Law | None = None) -> Said:
        """What a clause says to the case. Nothing if it was not known then, or is about others."""
        law = law or self.law
        if not is_known(clause.published, self.decision.known_at):
            return []
        about = [question for question in self.questions if law.is_about(clause, question.vendor)]
        return [(question, evaluate(question, clause, law)) for question in about if may_mean(question, clause)]


def judge(cases: Cases, law: Law, sieve: Sieve | None = None) -> Iterator[tuple[Case, "Posed | GateError"]]:
    """Each case with its questions and the decision on it, or the error that there is instead."""
    alone = msgspec.structs.replace(law, clauses=tuple(c for c in law.clauses if c.instrument == cases.prohibition))
    sieve = sieve or Sieve(Matcher(law.register))
    known: dict[datetime, Law] = {}
    for case in cases.case:
        try:
            subject, asking = _read(case, cases, alone)
            at = asking.known_at or asking.now
            yield case, _posed(case, subject, asking, known.setdefault(at, alone.known(at)), sieve)
        except GateError as error:
            yield case, error


def failure(posed: "Posed | GateError") -> str | None:
    """What is wrong with the decision on a case, or None."""
    if isinstance(posed, GateError):
        return f"no verdict: {posed}"
    effects: dict[str, set[str]] = {}
    for reason in posed.decision.reasons:
        if not reason.code.startswith("gate/"):
            effects.setdefault(reason.code.partition("/")[2], set()).add(reason.effect)
    said = {clause: frozenset(found) for clause, found in effects.items()}
    why = difference(posed.case, posed.decision.outcome, said)
    if why is not None and posed.decision.outcome != posed.case.expect:
        why += f" ({'; '.join(f'{r.effect} {r.code}: {r.message}' for r in posed.decision.reasons) or 'no reason'})"
    return why


def difference(case: Case, outcome: str, said: Effects) -> str | None:
    """How an outcome, and what the clauses say, differ from what a case expects; None if they do not."""
    if outcome != case.expect:
        return f"expected {case.expect}, got {outcome}"
    if case.reasons:
        bites = {clause for clause, effects in said.items() if not effects.isdisjoint(("deny", "review"))}
        if unexpected := bites - set(case.reasons):
            return f"{min(unexpected)} denies or asks for a review, which the case does not expect"
    for clause, effect in case.reasons.items():
        effects = said.get(clause, frozenset())
        if (effect == "none" and effects) or (effect != "none" and effect not in effects):
            return f"expected {clause} to be {effect}, got {', '.join(sorted(effects)) or 'no reason'}"
    return None


def outcome(posed: Posed, said: Effects) -> str:
    """The outcome for a case when the clauses say this."""
    decision, review = verdict(set(posed.standing.union(*said.values())), posed.on_review)
    return "review" if decision == "deny" and review else decision


def effects_of(said: Said) -> frozenset[str]:
    """The effects of what a clause says."""
    return frozenset(str(one.effect) for _, one in said if isinstance(one, Outcome))


def _posed(case: Case, subject: Subject, asking: Asking, known: Law, sieve: Sieve) -> Posed:
    decision = check(subject, known, asking, sieve)
    questions = find(subject, suspects(subject, sieve), known, asking, decision.as_of, sieve.matcher)
    return Posed(case, decision, tuple(questions), known, asking.profile.on_review if asking.profile else "deny")


def _read(case: Case, cases: Cases, law: Law) -> tuple[Subject, Asking]:
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
    return subject, Asking(
        now=FAR_FUTURE,
        profile=law.profiles[case.profile] if case.profile else None,
        as_of=case.as_of,
        known_at=known_at,
        allow_past=True,
        waivers=tuple(waiver(entry, law) for entry in case.waivers),
    )
