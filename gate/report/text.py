"""What a buyer reads first: verdict, each reason in a sentence, what settles a review, when the answer changes."""

import textwrap
from collections.abc import Iterator, Sequence
from datetime import date, datetime

from gate.decision import ComponentNamed, Decision, Reason
from gate.record import Record, Run
from gate.terminal import safe

COLOURS = {"deny": "31", "review": "33", "warn": "33", "allow": "32", "note": "2"}
WIDTH = 112
INDENT = " " * 10
LONGEST = 2000
"""Letters of one text that are shown."""

SHOWN = 10
"""Components named under one reason; the rest are counted, and the JSON report has them all."""


def render(run: Run, colour: bool) -> bytes:
    """One paragraph for each input; those without a verdict are told on standard error."""
    return "\n".join(line for record in run.records for line in (*_lines(record, colour), "")).encode()


def _lines(record: Record, colour: bool) -> Iterator[str]:
    decision = record.decision
    doubt = " (only because something needs review)" if decision.outcome == "review" else ""
    yield f"{_painted(decision.decision.upper() + doubt, decision.outcome, colour)}  {_safe(decision.subject.name)}"
    yield from _wrapped(_circumstances(decision), "  ")
    named: set[tuple[str, ...]] = set()
    for acts, reason in _merged(decision.reasons):
        yield ""
        yield from _reason(reason, acts, named, colour)
    yield ""
    remedies = dict.fromkeys(r.remedy for r in decision.reasons if r.effect == "review" and r.remedy)
    if remedies:
        yield "  What would settle the review:"
        yield from (line for remedy in remedies for line in _wrapped(f"- {remedy}", "    "))
        yield ""
    yield f"  {_changes(decision)}"
    coverage = decision.coverage
    yield f"  {coverage.identified} of {coverage.components} components say something about their maker."
    aside = decision.set_aside
    if aside.not_bound or aside.not_asked:
        yield (
            f"  Of the clauses about the vendors found, {aside.not_bound} bind others than this buyer "
            f"and {aside.not_asked} forbid what was not asked."
        )
    law = f"Law {decision.policy.version} ({decision.policy.digest[:19]})"
    yield f"  {law}, gate {record.engine}, decision {record.id}."


def _merged(reasons: Sequence[Reason]) -> Iterator[tuple[list[str], Reason]]:
    """Reasons that differ only in the act are read as one."""
    acts: dict[tuple[object, ...], list[str]] = {}
    first: dict[tuple[object, ...], Reason] = {}
    for reason in reasons:
        key = (reason.code, reason.effect, reason.message, tuple(c.pointer for c in reason.components), reason.waiver)
        first.setdefault(key, reason)
        acts.setdefault(key, []).extend([reason.act] if reason.act else [])
    yield from ((acts[key], reason) for key, reason in first.items())


def _circumstances(decision: Decision) -> str:
    buyer = decision.buyer
    roles = ", ".join(buyer.roles) if buyer.roles else "in no stated capacity"
    who = f"{_safe(buyer.name)} ({roles})" if buyer.name else roles
    past = " A past date was chosen with --allow-past." if decision.past_allowed else ""
    return f"For {who}, as of {_moment(decision.as_of)}, by the law known on {_moment(decision.known_at)}.{past}"


def _reason(reason: Reason, acts: list[str], named: set[tuple[str, ...]], colour: bool) -> Iterator[str]:
    """One reason. Components already named under an earlier one are only counted."""
    sentence, *more = _wrapped(reason.message + ".", INDENT)
    yield f"  {_painted(f'{reason.effect:<6}', reason.effect, colour)}  {sentence.strip()}"
    yield from more
    if reason.effect != "note":
        yield from _found(reason, named)
        if reason.note and reason.note.rstrip(".") not in reason.message:
            yield from _wrapped(f"Note: {reason.note}", INDENT)
    if reason.waiver is not None:
        waiver = reason.waiver
        state = f"waives nothing: {waiver.refused}" if waiver.refused else f"granted until {_moment(waiver.ends)}"
        yield f"{INDENT}Waiver {_safe(waiver.id)} by {_safe(waiver.approver)} {state}."
    if reason.remedy and reason.effect == "deny":
        yield from _wrapped(reason.remedy, INDENT)
    done = f" [{', '.join(acts)}]" if acts else ""
    source = f", {reason.provenance} source checked {reason.checked}" if reason.provenance else ""
    yield f"{INDENT}{reason.code}{done}{source}"
    if reason.effect != "note":
        yield from (f"{INDENT}{citation.url}" for citation in reason.citation[:1])


def _found(reason: Reason, named: set[tuple[str, ...]]) -> Iterator[str]:
    pointers = tuple(component.pointer for component in reason.components)
    if len(pointers) > 1 and pointers in named:
        yield f"{INDENT}- the same {len(pointers)} components"
        return
    named.add(pointers)
    for component in reason.components[:SHOWN]:
        yield from _wrapped(_component(component), INDENT)
    if len(pointers) > SHOWN:
        yield f"{INDENT}- and {len(pointers) - SHOWN} more; the JSON report names them all"


def _component(component: ComponentNamed) -> str:
    name = " ".join(part for part in (component.name, component.version) if part) or component.ref
    place = f"{component.pointer}" + (f", line {component.line}" if component.line else "")
    said = "; ".join(f"{e.field} says {e.said!r}" + _strength(e.strength) for e in component.evidence[:3])
    position = f" as {component.position}" if component.position else ""
    return f"- {name}{position} ({place}){': ' if said else ''}{said}"


def _strength(strength: str) -> str:
    return "" if strength == "exact" else f" ({strength})"


def _changes(decision: Decision) -> str:
    change = decision.next_change
    if change is None or change.starts is None:
        return f"No date now known changes this answer: it stays {decision.decision}."
    if decision.subject.kind == "request":
        day = f"{change.starts.day} {change.starts:%B %Y}"
        return f"Done on {day} or later, all else equal, the answer is {change.decision}."
    return f"The answer changes to {change.decision} on {_moment(change.starts)}."


def _moment(moment: date | datetime) -> str:
    if isinstance(moment, datetime):
        return f"{moment.day} {moment:%B %Y %H:%M} {moment.tzname() or ''}".rstrip()
    return f"{moment.day} {moment:%B %Y}"


def _painted(text: str, outcome: str, colour: bool) -> str:
    return f"\x1b[{COLOURS[outcome]}m{text}\x1b[0m" if colour else text


def _wrapped(text: str, indent: str) -> list[str]:
    return textwrap.wrap(_safe(text), WIDTH, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False)


def _safe(text: str) -> str:
    return safe(text[:LONGEST].replace("\n", "\\n"))
