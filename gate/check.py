"""The composition: subject and law in, decision out. No clock, no disk, no network, no format."""

from collections.abc import Callable, Mapping

from gate import own
from gate.answer import Answer, answer
from gate.asking import Asking, Finding
from gate.decide import Question
from gate.decision import BuyerNamed, Coverage, Decision, PolicyNamed, SetAside, SubjectNamed, VendorNamed, verdict
from gate.errors import UsageError
from gate.find import find, roles_of, suspects
from gate.identity import identified
from gate.law import Law
from gate.match import Matcher
from gate.ownership import STRANGER
from gate.reasons import reasons_from
from gate.screen import Sieve
from gate.subject import Component, Subject
from gate.timeline import timeline
from policy.dates import Moment, is_past


def check(
    subject: Subject,
    law: Law,
    asking: Asking,
    sieve: Sieve | None = None,
    keep_going: Callable[[], object] | None = None,
) -> Decision:
    """Decide. Raises UsageError when there is nothing to judge or a past date is chosen without leave.

    `keep_going` is called between questions, of which a small document can pose very many; it raises to end the work.
    """
    _demand_components(subject)
    as_of = _as_of(subject, asking)
    known_at = asking.known_at or asking.now
    known = law.known(known_at)
    on_review = asking.on_review or (asking.profile.on_review if asking.profile else "deny")
    found: dict[tuple[str, bool], tuple[Finding, list[Component]]] = {}

    def applied(finding: Finding, component: Component, settles: bool) -> None:
        found.setdefault((finding.id, settles), (finding, []))[1].append(component)

    sieve = sieve or Sieve(Matcher(law.register))
    numbers = suspects(subject, sieve)
    finds = find(subject, numbers, known, asking, as_of, sieve.matcher, applied)
    answers = {}
    for question in finds:
        if keep_going is not None:
            keep_going()
        answers[question] = answer(question, known, as_of, by_days=subject.kind == "request")
    coverage = Coverage(len(subject.components), identified(subject.components))
    owns = [
        *own.reasons(subject, numbers, asking.profile, coverage, as_of, asking.now, allow_past=asking.allow_past),
        *own.findings(found),
    ]
    if not asking.allow_past:  # which is leave to choose a date
        owns += own.postdated(finds, answers, asking.now)
    reasons = own.in_order(
        [*owns, *reasons_from((answers[question].reasons, posing) for question, posing in finds.items())]
    )
    decision, review = verdict({reason.effect for reason in reasons}, on_review)
    return Decision(
        decision=decision,
        review=review,
        as_of=as_of,
        known_at=known_at,
        past_allowed=asking.allow_past and (is_past(as_of, asking.now) or is_past(known_at, asking.now)),
        subject=SubjectNamed(subject.kind, subject.name, subject.digest),
        buyer=_buyer(subject, asking),
        policy=PolicyNamed(law.version, law.digest),
        reasons=tuple(reasons),
        coverage=coverage,
        set_aside=_set_aside(answers, law),
        timeline=timeline(
            (one.course for one in answers.values()),
            as_of=as_of,
            standing={reason.effect for reason in owns if reason.code not in (own.BACKDATED, own.POSTDATED)},
            on_review=on_review,
        ),
    )


def _demand_components(subject: Subject) -> None:
    if not subject.components:
        raise UsageError(
            "There is nothing to judge",
            file=subject.name,
            remedy="Empty is no evidence that nothing is there: generate the SBOM again, or name a product.",
        )


def _buyer(subject: Subject, asking: Asking) -> BuyerNamed:
    profile, roles = asking.profile, roles_of(subject, asking)
    return BuyerNamed(
        subject.buyer.name, profile.id if profile else None, None if roles is None else tuple(sorted(roles))
    )


def _set_aside(answers: Mapping[Question, Answer], law: Law) -> SetAside:
    """How many clauses bind others or forbid what was not asked, and the vendors of whom they speak."""
    vendors = {question.vendor for question, one in answers.items() if one.not_bound or one.not_asked}
    return SetAside(
        not_bound=len(frozenset().union(*(one.not_bound for one in answers.values()))),
        not_asked=len(frozenset().union(*(one.not_asked for one in answers.values()))),
        vendors=tuple(VendorNamed(vendor, law.vendors[vendor].name) for vendor in sorted(vendors - {STRANGER})),
    )


def _as_of(subject: Subject, asking: Asking) -> Moment:
    if asking.as_of is None:
        return subject.as_of if subject.dated else asking.now
    if is_past(asking.as_of, asking.now) and not asking.allow_past:
        raise UsageError(
            f"{asking.as_of.isoformat()} is past, and a date chosen in the past evades every later ban",
            remedy="Leave it out to judge as of now, or allow the past (allow_past); the decision will say so.",
        )
    return asking.as_of
