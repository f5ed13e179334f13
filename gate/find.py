"""Which components are of which vendor, grouped by the question they pose: 200 siblings pose one question."""

from collections.abc import Sequence

from gate.acts import acts_of
from gate.asking import Asking
from gate.decide import Question
from gate.law import Law
from gate.match import Match, Matcher
from gate.question import Applied, questions_about
from gate.screen import Sieve
from gate.stranger import stranger_in
from gate.subject import Act, Component, Place, Subject
from policy.dates import Moment, shift
from policy.roles import ROLE_IMPLIES, Role

Finds = dict[Question, list[tuple[Component, Match]]]
"""A question, and every component that poses it with the match that made it."""


def suspects(subject: Subject, sieve: Sieve) -> Sequence[int]:
    """The numbers of the components to look at: of a request all lines, and of an SBOM those that the sieve holds."""
    components = subject.components
    if subject.kind == "sbom":
        return sieve.suspects(components)
    parts = [number for number, one in enumerate(components) if not one.place.is_request]
    harmless = {*parts} - {parts[number] for number in sieve.suspects([components[number] for number in parts])}
    return [number for number in range(len(components)) if number not in harmless]


def find(
    subject: Subject,
    numbers: Sequence[int],
    law: Law,
    asking: Asking,
    as_of: Moment,
    matcher: Matcher,
    applied: Applied | None = None,
) -> Finds:
    """Match the components of these numbers, and group what is found by the question it poses."""
    finds: Finds = {}
    roles = _closed(roles_of(subject, asking))
    acts_at: dict[int, tuple[Act, ...]] = {}
    for number in numbers:
        component = subject.settled(number)
        matches = matcher.match(component)
        if component.place.is_request:
            matches = (*matches, *stranger_in(component, matches))
        if not matches:
            continue
        acts = acts_at.get(id(component.place))
        if acts is None:
            acts = acts_at[id(component.place)] = _acts(component.place, subject, asking, as_of)
        for match in matches:
            for question in questions_about(component, match, acts, roles, law, asking, applied):
                finds.setdefault(question, []).append((component, match))
    return finds


def _acts(place: Place, subject: Subject, asking: Asking, as_of: Moment) -> tuple[Act, ...]:
    """The acts at a place: the document's own, moved to `as_of`, else those the caller or the profile stands for."""
    if place.acts and place.acts[0].name is not None:
        moved = shift(subject.as_of, as_of)
        return tuple(Act(act.name, act.span.moved(moved)) for act in place.acts)
    asked = asking.acts or (asking.profile.acts if asking.profile and subject.kind == "sbom" else ())
    return acts_of([(act, None) for act in asked], ordered=as_of)


def roles_of(subject: Subject, asking: Asking) -> frozenset[str] | None:
    """Every role anybody stated. None if nobody did: who is bound is then unknown."""
    stated = subject.buyer.roles or frozenset()
    roles = stated | asking.roles | (asking.profile.roles if asking.profile else frozenset())
    return roles or None


def _closed(roles: frozenset[str] | None) -> frozenset[str] | None:
    if roles is None:
        return None
    implied = {implied.value for role in roles for implied in ROLE_IMPLIES.get(Role(role), ())}
    return roles if implied <= roles else _closed(roles | implied)
