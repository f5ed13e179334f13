"""The watch: approved purchases are judged again by the law as it is known now, as if done today or on a later day.

What was allowed and no longer is, or will not be from a day on before its term is over, is announced: because a law
takes effect, because one was published meanwhile, because a waiver ends, or because something else changed.
"""

import hashlib
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec

from gate.asking import Asking
from gate.check import check
from gate.decision import Decision, Reason
from gate.errors import GateError, UsageError
from gate.law import Law
from gate.match import Matcher
from gate.screen import Sieve
from gate.store import Delivery, Stored
from gate.store.purchases import Purchase
from gate.store.store import Store
from gate.subject import Subject
from gate.workflow import callback
from gate.workflow.event import CHANGING, Event, written
from gate.workflow.purchase import as_done_on, subject_of
from gate.workflow.settings import Workflow
from policy.dates import Moment, instant, is_before, is_known
from policy.dates import written as moment_of

OVER = "over"
"""In place of a change's mark: what was announced is no longer so."""


class Change(msgspec.Struct, frozen=True):
    """A purchase that is no longer allowed, or will not be from a day on."""

    purchase: str
    decision: str  # that allowed it
    was: str
    becomes: str  # deny, or review
    since: str | None  # the day from which on; None: now already
    cause: str  # of CAUSES
    reasons: tuple[dict[str, Any], ...]
    mark: str  # the same as long as it is the same change

    def __str__(self) -> str:
        then = f"from {self.since} it is not" if self.since else "it no longer is"
        needs = " without a review" if self.becomes == "review" else ""
        return f"{self.purchase} was allowed; {then}{needs} ({CAUSES[self.cause]})"


CAUSES = {
    "waiver-ends": "a waiver ends, or covers too little",
    "law-published": "a law was published after it was decided",
    "law-takes-effect": "a law takes effect",
    "changed": "the law's data, a waiver or a finding changed",
}
"""Why -> in words."""


class Looked(msgspec.Struct):
    """What one look at all approved purchases found."""

    purchases: int = 0
    changes: list[Change] = []  # that are new
    known: int = 0  # that were announced before
    faults: list[str] = []  # purchases that could not be judged


def look(store: Store, law: Law, workflow: Workflow, now: datetime, *, dry_run: bool = False) -> Looked:
    """Judge every approved purchase again, and put what is new into the outbox, each once.

    Raises UsageError if the workflow file does not say where to announce it.
    """
    if workflow.watch is None:
        raise UsageError("The workflow file has no [watch]", remedy="Say there where changes are announced.")
    sieve, found = Sieve(Matcher(law.register)), Looked()
    for purchase in store.purchases.all(running_at=now):
        found.purchases += 1
        try:
            change = change_of(purchase, store, law, sieve, now)
        except GateError as error:  # the others are still looked at; the command fails all the same
            found.faults.append(f"{purchase.subject} ({purchase.id}): {error}")
            continue
        said = (purchase.announced or "").partition(" ")[0]
        is_known = change is not None and change.mark == said
        announced = purchase.announced
        if is_known:
            found.known += 1
        elif change is not None:
            found.changes.append(change)
            announced = f"{change.mark} {_number(purchase, change.mark)}"
        elif said not in ("", OVER):
            announced = f"{OVER} {_number(purchase, OVER)}"
        if not dry_run:
            if change is not None and not is_known:
                store.outbox.put([_announcement(change, _number(purchase, change.mark), workflow, now)], now)
            store.purchases.looked(purchase.id, now, law.digest, _instant(change), announced)
    return found


def _number(purchase: Purchase, what: str) -> str:
    """Of an announcement: another one after each that was made before, as a change may come, pass and come again."""
    return hashlib.sha256(f"{purchase.id} {what} {purchase.announced or ''}".encode()).hexdigest()[:40]


def change_of(purchase: Purchase, store: Store, law: Law, sieve: Sieve, now: datetime) -> Change | None:
    """What becomes of one purchase; None if it stays allowed to the end of its term."""
    stored = store.decisions.named(purchase.id)
    subject = subject_of(stored, store, now)
    today = now.astimezone(UTC).date()
    asking = _asking(stored, store, law, now)
    current = _judged(subject, today, law, asking, sieve)
    if current is None:
        return None
    if current.outcome != "allow":
        return _change(purchase, stored, current, None)
    for period in current.timeline:
        if period.starts is None or period.decision == "allow" or not is_before(today, period.starts):
            continue
        if purchase.ends is not None and not is_before(period.starts, purchase.ends):
            return None
        then = _judged(subject, period.starts, law, asking, sieve)
        if then is not None and then.outcome != "allow":  # what has a term of its own may be over by then
            return _change(purchase, stored, then, period.starts)
    return None


def _judged(subject: Subject, on: Moment, law: Law, asking: Asking, sieve: Sieve) -> Decision | None:
    """The decision if all of it were done on a day; None if nothing of it is done then any more."""
    moved = as_done_on(subject, on)
    return check(moved, law, asking, sieve) if moved.components else None


def _asking(stored: Stored, store: Store, law: Law, now: datetime) -> Asking:
    """As it was asked, but now: with the law as known now, and the waivers in force now."""
    kept = stored.asking
    if kept["profile"] is not None and kept["profile"] not in law.profiles:
        raise UsageError(f"The law has no profile {kept['profile']!r} any more")
    return Asking(
        now=now,
        profile=None if kept["profile"] is None else law.profiles[kept["profile"]],
        roles=frozenset(kept["roles"]),
        acts=tuple(kept["acts"]),
        allow_past=True,  # it was bought: that its own dates are past evades nothing here
        on_review=kept["on_review"],
        waivers=store.waivers.in_force(law, now),
    )


def _change(purchase: Purchase, stored: Stored, decision: Decision, on: Moment | None) -> Change:
    was = msgspec.json.decode(stored.body)
    effect = "deny" if decision.outcome == "deny" else "review"
    blocking = [reason for reason in decision.reasons if reason.effect == effect]
    dated = sorted(f"{one.code} {one.act} {_since(one)}" for one in blocking)
    mark = hashlib.sha256("\n".join([decision.outcome, *dated]).encode()).hexdigest()
    return Change(
        purchase=purchase.subject,
        decision=purchase.id,
        was=was["decision"],
        becomes=decision.outcome,
        since=None if on is None else on.isoformat(),
        cause=_cause(blocking, moment_of(was["known_at"]), moment_of(was["as_of"])),
        reasons=tuple(_told(blocking)),
        mark=mark,
    )


def _since(reason: Reason) -> str | None:
    """From when on a reason counts, whichever day it is looked at."""
    if reason.waiver is not None:
        return reason.waiver.ends.isoformat()
    starts = reason.in_force.starts if reason.in_force is not None else None
    return None if starts is None else starts.isoformat()


def _cause(blocking: Iterable[Reason], known_at: Moment, as_of: Moment) -> str:
    reasons = list(blocking)
    if any(reason.waiver is not None for reason in reasons):
        return "waiver-ends"
    known = instant(known_at, "UTC")
    if any(reason.published is not None and not is_known(reason.published, known) for reason in reasons):
        return "law-published"
    starts = [reason.in_force.starts for reason in reasons if reason.in_force is not None]
    if any(one is not None and is_before(as_of, one) for one in starts):
        return "law-takes-effect"
    return "changed"


def _told(blocking: Iterable[Reason]) -> Iterator[dict[str, Any]]:
    for reason in blocking:
        yield {
            "code": reason.code,
            "effect": reason.effect,
            "act": reason.act,
            "message": reason.message,
            "citation": [{"text": one.text, "url": one.url} for one in reason.citation],
            "remedy": reason.remedy,
        }


def _announcement(change: Change, number: str, workflow: Workflow, now: datetime) -> Delivery:
    assert workflow.watch is not None  # noqa: S101 - `look` has made sure
    data = {"text": str(change), **{name: getattr(change, name) for name in Change.__struct_fields__ if name != "mark"}}
    event = Event(f"watch-{number}", workflow.source, CHANGING, change.purchase, now, data)
    return Delivery(event.id, callback.WATCH, workflow.watch.callback, written(event))


def _instant(change: Change | None) -> datetime | None:
    return None if change is None or change.since is None else instant(moment_of(change.since), "UTC")
