"""What several reports say in the same words about a decision: plain text, escaped by whoever prints it."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime

from gate.baseline import BLOCKING, Known, Since
from gate.decision import ComponentNamed, Decision, Reason, WaiverNamed
from gate.record import Record, Run, exit_status

ASKER = "name a profile, such as us-software-vendor: `gate law --profiles` lists them"
"""How to say who is asking, on the command line or over HTTP."""

Found = tuple[str, str]
"""A clause's code, and the component it was found in; no component where the reason names none."""

Places = tuple[str, ...]
"""What several reasons are about, so that a report can name it once: `places`."""

LENIENT = {
    "new": "Nothing of this is new since the baseline, so the exit status is 0 (--fail-on new).",
    "deny": "Only a denial fails here, so the exit status is 0 (--fail-on deny).",
}
"""What the exit status tells -> why it is 0 although the answer is no."""


def preface(decision: Decision, lenient: str | None) -> list[str]:
    """What is read before the reasons. `lenient`: why the run exits 0, if it does, though something is denied."""
    more = (lenient if decision.outcome != "allow" else None, nobody_asks(decision), met(decision))
    return [circumstances(decision), *(line for line in more if line)]


def circumstances(decision: Decision) -> str:
    """For whom, as of when and by which knowledge it was decided."""
    buyer = decision.buyer
    roles = ", ".join(buyer.roles or ())
    profile = f"profile {buyer.profile}" if buyer.profile else ""
    capacity = f"{profile} ({roles})" if profile and roles else profile or roles
    if buyer.name:
        who = f"{buyer.name} ({': '.join(part for part in (profile, roles) if part) or 'no stated capacity'})"
    else:
        who = capacity or "a buyer in no stated capacity"
    past = " A past date was chosen, and allowed." if decision.past_allowed else ""
    return f"For {who}, as of {moment(decision.as_of)}, by the law known on {moment(decision.known_at)}.{past}"


def nobody_asks(decision: Decision) -> str | None:
    """That nobody said who is asking, where that is what a review turns on, and how to say it."""
    if decision.buyer.roles is not None or not any("role" in reason.missing for reason in decision.reasons):
        return None
    way = f"{ASKER[0].upper()}{ASKER[1:]}" if decision.subject.kind == "sbom" else f"State buyer.roles, or {ASKER}"
    return f"Nobody said who is asking. {way}."


def why_zero(run: Run) -> str | None:
    """Why a run exits 0 although something in it is denied; None if it does not."""
    if run.outcome in ("allow", "no verdict") or exit_status(run) != 0:
        return None
    if run.warn_only:
        return "This is reported as a warning only, and the exit status is 0 (--warn-only)."
    if run.exit_zero:
        return "The exit status is 0 all the same (--exit-zero)."
    return LENIENT[run.fail_on]


def judged(run: Run) -> str | None:
    """How many inputs came to what, and the exit status; None for a single one, which says so itself."""
    outcomes = [record.decision.outcome for record in run.records]
    words = {"deny": "deny", "review": "deny until a review", "allow": "allow"}
    counts = [f"{outcomes.count(outcome)} {word}" for outcome, word in words.items() if outcome in outcomes]
    if run.failures:
        counts.append(f"{len(run.failures)} without a verdict")
    if len(run.records) + len(run.failures) < 2:
        return None
    return f"{len(run.records)} judged: {', '.join(counts)}; exit status {exit_status(run)}."


def changes(decision: Decision) -> str:
    """When the answer changes next, and to what."""
    change = decision.next_change
    if change is None or change.starts is None:
        return "No later date in this law changes the answer."
    if decision.subject.kind == "request":
        day = f"{change.starts.day} {change.starts:%B %Y}"
        return f"Done on {day} or later, all else equal, the answer is {change.decision}."
    return f"The answer changes to {change.decision} on {moment(change.starts)}."


def coverage(decision: Decision) -> str:
    """How much an allow rests on."""
    known = decision.coverage
    rest = "; the answer rests on package names and links alone" if known.components and not known.identified else ""
    if known.components == 1:
        return f"The one component says {'something' if known.identified else 'nothing'} about its maker{rest}."
    return f"{known.identified} of {known.components} components say something about their maker{rest}."


def met(decision: Decision) -> str | None:
    """The vendors of the law that were found although it is allowed; None if there are none, or it is not."""
    if decision.decision != "allow":
        return None
    vendors = (*(reason.vendor for reason in decision.reasons if reason.vendor), *decision.set_aside.vendors)
    names = dict.fromkeys(vendor.name for vendor in vendors)
    return f"Found, and not barred here: {_enumerated(list(names), ', ')}." if names else None


def notes(reasons: Iterable[Reason]) -> list[tuple[str, str]]:
    """What the notes say, and each one's code: of whom, where a clause says the same of several vendors, said once."""
    vendors: dict[tuple[str, str], dict[str, None]] = {}
    for reason in reasons:
        if reason.effect == "note":
            met_by = vendors.setdefault((reason.code, reason.message), {})
            met_by.update({reason.vendor.name: None} if reason.vendor else {})
    return [
        (f"{_enumerated(list(names), ', ')}: {message}" if names else message, code)
        for (code, message), names in vendors.items()
    ]


def spared(codes: Iterable[str]) -> str:
    """How many clauses gave no more than a note; one may do so for several acts and vendors."""
    count = len(set(codes))
    return (
        "1 clause does not bar it, or only informs" if count == 1 else f"{count} clauses do not bar it, or only inform"
    )


def remedies(reasons: Iterable[Reason]) -> list[str]:
    """What is to be done, each thing once: reviews of many clauses ask for the same facts."""
    found: dict[str, None] = {}
    for reason in reasons:
        if not reason.remedy:
            continue
        is_list = reason.effect == "review" and reason.missing and not reason.code.startswith("gate/")
        for part in reason.remedy.rstrip(".").split("; ") if is_list else [reason.remedy]:
            found[sentence(part[:1].upper() + part[1:])] = None
    return list(found)


def merged(reasons: Sequence[Reason]) -> Iterator[tuple[list[str], Reason]]:
    """Reasons that differ only in the act are read as one: the acts, and the first of them."""
    acts: dict[tuple[object, ...], list[str]] = {}
    first: dict[tuple[object, ...], Reason] = {}
    for reason in reasons:
        key = (reason.code, reason.effect, reason.message, tuple(c.pointer for c in reason.components), reason.waiver)
        first.setdefault(key, reason)
        acts.setdefault(key, []).extend([reason.act] if reason.act else [])
    yield from ((acts[key], reason) for key, reason in first.items())


def sentence(text: str) -> str:
    """The text with one full stop; what others wrote may have its own."""
    return text.rstrip().rstrip(".") + "."


def named(component: ComponentNamed) -> str:
    """A component's name and version, or how the document refers to it."""
    return " ".join(part for part in (component.name, component.version) if part) or component.ref or "the product"


def stands_at(record: Record, component: ComponentNamed) -> str:
    """Where a component stands; in which file only where that is another than the one that was judged."""
    file, pointer = record.stands_in(component)
    file = record.attached.get(pointer, file)
    line = f"line {component.line}" if component.line else ""
    return ", ".join(part for part in (file if file != record.file else "", pointer, line) if part)


def standing(component: ComponentNamed) -> str:
    """As what the vendor stands there: "supplier, perhaps also producer" where the document can be read two ways."""
    readings = [reading.split(" and ") for reading in component.position.split(" or ")]
    surely = [word for word in readings[0] if all(word in reading for reading in readings)]
    perhaps = list(dict.fromkeys(word for reading in readings for word in reading if word not in surely))
    if not surely:
        return " or ".join(part for part in (", ".join(perhaps[:-1]), perhaps[-1]) if part)
    return " and ".join(surely) + (f", perhaps also {' or '.join(perhaps)}" if perhaps else "")


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


def waived(waiver: WaiverNamed) -> str:
    """Whose waiver it is, and if it waives nothing, why; until when one runs is in the reason's message."""
    refused = f" waives nothing: {waiver.refused}" if waiver.refused else ""
    return sentence(f"Waiver {waiver.id} by {waiver.approver}{refused}")


def since_baseline(decision: Decision, since: Since) -> str:
    """What is new since the baseline, what is as it was, and what is gone."""
    marks: dict[str, dict[Found, None]] = {"new": {}, "unchanged": {}}
    for reason in decision.reasons:
        if reason.effect in BLOCKING:
            for component in reason.components or (None,):
                what = (reason.code, named(component) if component else "")
                marks[since.mark(reason, component)][what] = None
    unchanged = [what for what in marks["unchanged"] if what not in marks["new"]]
    return (
        f"New since the baseline: {_by_clause(marks['new'])}. Unchanged: {_by_clause(unchanged)}. "
        f"Gone: {_by_clause((known.code, known.name) for known in since.gone)}."
    )


def marked(record: Record, reason: Reason, component: ComponentNamed | None) -> str:
    """How a reason compares with the baseline, to be put after what it is about; nothing where there is none."""
    return f" ({record.since.mark(reason, component)})" if record.since is not None else ""


def places(record: Record, reason: Reason) -> Places:
    """Where the components of a reason stand, each with how it compares with the baseline."""
    return tuple(component.pointer + marked(record, reason, component) for component in reason.components)


def gone(known: Known) -> str:
    """What the baseline had."""
    return f"{known.name} ({known.code})" if known.name else known.code


def _by_clause(found: Iterable[Found]) -> str:
    """The components of each clause, and then its code."""
    codes: dict[str, list[str]] = {}
    for code, name in found:
        codes.setdefault(code, []).extend([name] if name else [])
    return _enumerated([f"{_enumerated(names, ', ')} ({code})" if names else code for code, names in codes.items()])


def _enumerated(names: list[str], mark: str = "; ") -> str:
    names = list(dict.fromkeys(names))
    shown = mark.join(names[:20]) or "nothing"
    return f"{shown}{mark}and {len(names) - 20} more" if len(names) > 20 else shown
