"""A purchase that was bought: when its term is over, and what is still done with it."""

from datetime import datetime

import msgspec

from gate.errors import Erased
from gate.read import read, read_sbom
from gate.read.bom import Found
from gate.store import Store, Stored, Who
from gate.store.purchases import Purchase
from gate.subject import Act, Subject
from policy.dates import Moment, Span, in_order, instant, is_before
from policy.vocabulary import CONTINUING_ACTS
from policy.vocabulary import Act as Word

LAST = "Etc/GMT+12"
"""Where a legal day ends last on Earth: what ends on a day is over only there."""


def subject_of(stored: Stored, store: Store, now: datetime) -> Subject:
    """What a stored decision was made on. Raises Erased."""
    data = store.blobs.data(stored.document)
    if data is None or stored.name is None:
        raise Erased("What was judged was erased, so it cannot be judged again")

    def attach(path: str, _: str | None) -> Found:
        text = store.blobs.data(stored.attached[path]) if path in stored.attached else None
        if text is None:
            raise Erased(f"The SBOM {path[:80]!r} was erased, so it cannot be judged again")
        return read_sbom(text, path)

    return read(data, stored.name, now=now, attach=attach)


def _ends(subject: Subject) -> datetime | None:
    """The first instant after the latest term of a purchase request; None if anything in it goes on without an end."""
    ends = [act.span.ends for one in subject.components for act in one.place.acts if _goes_on(act)]
    if not ends or None in ends:
        return None
    return in_order(instant(end, LAST) for end in ends if end is not None)[-1]


def bought(store: Store, decision: str, who: Who, now: datetime, *, reopens: bool = True) -> Purchase:
    """Note that what a decision allowed was bought, so that it is watched; if it was closed, only where it `reopens`.

    Raises Unknown if there is none, Overtaken if it was not allowed, Erased if it cannot be judged again.
    """
    subject = subject_of(store.decisions.named(decision), store, now)
    ends = _ends(subject) if subject.kind == "request" else None
    return store.purchases.approve(decision, ends, who, now, reopens=reopens)


def as_done_on(subject: Subject, on: Moment) -> Subject:
    """The purchase as if all of it were done on a day: bought again, and used on. What was used for a term that is over
    by then is left out.
    """
    kept = []
    for number in range(len(subject.components)):
        one = subject.settled(number)
        acts = tuple(Act(act.name, Span(on)) for act in one.place.acts if _runs(act.span, on))
        if acts or not one.place.acts:  # an SBOM says no acts; its profile does
            place = msgspec.structs.replace(one.place, acts=acts)
            kept.append(msgspec.structs.replace(one, place=place))
    return msgspec.structs.replace(subject, components=kept, stretches=[], as_of=on, dated=True)


def _goes_on(act: Act) -> bool:
    return act.name is None or Word(act.name) in CONTINUING_ACTS


def _runs(span: Span, on: Moment) -> bool:
    """Whether an act has a part on or after a day; without a term it has no end."""
    return span.ends is None or is_before(on, span.ends, LAST)
