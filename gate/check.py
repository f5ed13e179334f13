"""The composition: subject and law in, decision out. No clock, no disk, no network, no format."""

from gate import own
from gate.acts import acts_of
from gate.asking import Asking
from gate.decide import Outcome, decide
from gate.decision import BuyerNamed, Coverage, Decision, PolicyNamed, SetAside, SubjectNamed, verdict
from gate.errors import UsageError
from gate.identity import is_identified
from gate.law import Law
from gate.match import Matcher
from gate.question import question_about
from gate.reasons import Finds, reasons_from
from gate.screen import Sieve
from gate.subject import Act, Place, Subject
from gate.timeline import timeline
from policy.dates import Moment, is_past, shift
from policy.vocabulary import ROLE_IMPLIES, Role


def check(subject: Subject, law: Law, asking: Asking, sieve: Sieve | None = None) -> Decision:
    """Decide. Raises UsageError when there is nothing to judge or a past date is chosen without leave."""
    if not subject.components:
        raise UsageError(
            "There is nothing to judge",
            file=subject.name,
            remedy="An empty document is no evidence that nothing is there: generate the SBOM again, or name a product.",
        )
    as_of = _as_of(subject, asking)
    known_at = asking.known_at or asking.now
    known = law.known(known_at)
    on_review = asking.on_review or (asking.profile.on_review if asking.profile else "deny")
    finds = _find(subject, known, asking, as_of, sieve or Sieve(Matcher(law.register)))
    coverage = Coverage(len(subject.components), sum(map(is_identified, subject.components)))
    outcomes = [(question, outcome) for question in finds for outcome in decide(question, known)]
    reasons = own.reasons(subject, asking.profile, coverage, as_of, asking.now, allow_past=asking.allow_past)
    standing = frozenset(reason.effect for reason in reasons if reason.code != own.BACKDATED)
    reasons = own.in_order([*reasons, *reasons_from(outcomes, finds, known)])
    decision, review = verdict({reason.effect for reason in reasons}, on_review)
    live = [(question, outcome) for question, outcome in outcomes if isinstance(outcome, Outcome)]
    roles = _roles(subject, asking)
    return Decision(
        decision=decision,
        review=review,
        as_of=as_of,
        known_at=known_at,
        past_allowed=asking.allow_past and is_past(as_of, asking.now),
        subject=SubjectNamed(subject.kind, subject.name, subject.digest),
        buyer=BuyerNamed(
            subject.buyer.name,
            asking.profile.id if asking.profile else None,
            None if roles is None else tuple(sorted(roles)),
        ),
        policy=PolicyNamed(law.version, law.digest),
        reasons=tuple(reasons),
        coverage=coverage,
        set_aside=SetAside(
            len({o.code for _, o in outcomes if not isinstance(o, Outcome) and not o.is_bound}),
            len({o.code for _, o in outcomes if not isinstance(o, Outcome) and o.is_bound}),
        ),
        timeline=timeline(
            live, known, as_of=as_of, by_days=subject.kind == "request", standing=standing, on_review=on_review
        ),
    )


def _find(
    subject: Subject, law: Law, asking: Asking, as_of: Moment, sieve: Sieve
) -> Finds:
    """Match every component; group what is found by the question it poses."""
    finds: Finds = {}
    roles = _closed(_roles(subject, asking))
    acts_at: dict[int, tuple[Act, ...]] = {}
    for number in range(len(subject.components)) if subject.kind == "request" else sieve.suspects(subject.components):
        component = subject.settled(number)
        matches = sieve.matcher.match(component)
        if not matches:
            continue
        acts = acts_at.get(id(component.place))
        if acts is None:
            acts = acts_at[id(component.place)] = _acts(component.place, subject, asking, as_of)
        for match in matches:
            for act in acts:
                question = question_about(component, match, act, roles, law, asking)
                if question is not None:
                    finds.setdefault(question, []).append((component, match))
    return finds


def _acts(place: Place, subject: Subject, asking: Asking, as_of: Moment) -> tuple[Act, ...]:
    """The acts at a place: the document's own, moved to `as_of`, else those the caller or the profile stands for."""
    if place.acts and place.acts[0].name is not None:
        moved = shift(subject.as_of, as_of)
        return tuple(Act(act.name, act.span.moved(moved)) for act in place.acts)
    asked = asking.acts or (asking.profile.acts if asking.profile and subject.kind == "sbom" else ())
    return acts_of([(act, None) for act in asked], ordered=as_of)


def _as_of(subject: Subject, asking: Asking) -> Moment:
    if asking.as_of is None:
        return subject.as_of if subject.dated else asking.now
    if is_past(asking.as_of, asking.now) and not asking.allow_past:
        raise UsageError(
            f"{asking.as_of.isoformat()} is past, and a date chosen in the past evades every later ban",
            remedy="Leave it out to judge as of now, or say --allow-past to judge the past; the decision will say so.",
        )
    return asking.as_of


def _roles(subject: Subject, asking: Asking) -> frozenset[str] | None:
    """Every role anybody stated. None if nobody did: who is bound is then unknown."""
    stated = subject.buyer.roles or frozenset()
    roles = stated | asking.roles | (asking.profile.roles if asking.profile else frozenset())
    return roles or None


def _closed(roles: frozenset[str] | None) -> frozenset[str] | None:
    if roles is None:
        return None
    implied = {implied.value for role in roles for implied in ROLE_IMPLIES.get(Role(role), ())}
    return roles if implied <= roles else _closed(roles | implied)

