"""What several reports say in the same words about a decision: plain text, escaped by whoever prints it."""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import date, datetime

from gate.baseline import BLOCKING, Since
from gate.decision import ComponentNamed, Decision, Reason


def circumstances(decision: Decision) -> str:
    """For whom, as of when and by which knowledge it was decided."""
    buyer = decision.buyer
    roles = ", ".join(buyer.roles) if buyer.roles else "no stated capacity"
    who = f"{buyer.name} ({roles})" if buyer.name else roles if buyer.roles else f"a buyer in {roles}"
    past = " A past date was chosen with --allow-past." if decision.past_allowed else ""
    return f"For {who}, as of {moment(decision.as_of)}, by the law known on {moment(decision.known_at)}.{past}"


def changes(decision: Decision) -> str:
    """When the answer changes next, and to what."""
    change = decision.next_change
    if change is None or change.starts is None:
        return f"No date now known changes this answer: it stays {decision.decision}."
    if decision.subject.kind == "request":
        day = f"{change.starts.day} {change.starts:%B %Y}"
        return f"Done on {day} or later, all else equal, the answer is {change.decision}."
    return f"The answer changes to {change.decision} on {moment(change.starts)}."


def coverage(decision: Decision) -> str:
    """How much an allow rests on."""
    known = decision.coverage
    return f"{known.identified} of {known.components} components say something about their maker."


def spared(count: int) -> str:
    """How many clauses let it pass."""
    return "1 clause does not bar it" if count == 1 else f"{count} clauses do not bar it"


def merged(reasons: Sequence[Reason]) -> Iterator[tuple[list[str], Reason]]:
    """Reasons that differ only in the act are read as one: the acts, and the first of them."""
    acts: dict[tuple[object, ...], list[str]] = {}
    first: dict[tuple[object, ...], Reason] = {}
    for reason in reasons:
        key = (reason.code, reason.effect, reason.message, tuple(c.pointer for c in reason.components), reason.waiver)
        first.setdefault(key, reason)
        acts.setdefault(key, []).extend([reason.act] if reason.act else [])
    yield from ((acts[key], reason) for key, reason in first.items())


def named(component: ComponentNamed) -> str:
    """A component's name and version, or how the document refers to it."""
    return " ".join(part for part in (component.name, component.version) if part) or component.ref


def fingerprint(reason: Reason, component: ComponentNamed | None) -> str:
    """What tells this finding from others, and stays when a version, a line or the order changes."""
    if component is not None and component.fingerprint:
        return component.fingerprint
    what = (component.purl or component.name or "") if component else ""  # the gate's own reasons have no vendor
    return hashlib.sha256("\n".join((reason.code, reason.act or "", what)).encode()).hexdigest()[:16]


def moment(when: date | datetime) -> str:
    """A day, or an instant with its zone."""
    if isinstance(when, datetime):
        return f"{when.day} {when:%B %Y %H:%M} {when.tzname() or ''}".rstrip()
    return f"{when.day} {when:%B %Y}"


def since_baseline(decision: Decision, since: Since) -> str:
    """What is new since the baseline, and what is gone."""
    new = {
        f"{named(component)} ({reason.code})": None
        for reason in decision.reasons
        if reason.effect in BLOCKING
        for component in reason.components
        if since.is_new(reason, component)
    }
    said = f"New since the baseline: {_enumerated(list(new))}."
    gone = list(dict.fromkeys(f"{known.name} ({known.code})" for known in since.gone))
    return f"{said} Gone: {_enumerated(gone)}." if gone else said


def _enumerated(names: list[str]) -> str:
    shown = "; ".join(names[:20]) or "nothing"
    return f"{shown}; and {len(names) - 20} more" if len(names) > 20 else shown
