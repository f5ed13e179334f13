"""What a buyer reads first: verdict, each reason in a sentence, what settles a review, when the answer changes."""

import textwrap
from collections.abc import Iterator, Sequence
from datetime import date, datetime

from gate.decision import ComponentNamed, Decision, Reason
from gate.record import Record

COLOURS = {"deny": "31", "review": "33", "warn": "33", "allow": "32", "note": "2"}
WIDTH = 110
SHOWN = 10
"""Components named under one reason; the rest are counted, and the JSON report has them all."""


def render(records: Sequence[Record], colour: bool) -> bytes:
    """One paragraph for each input."""
    return "\n".join(line for record in records for line in (*_lines(record, colour), "")).encode()


def _lines(record: Record, colour: bool) -> Iterator[str]:
    decision = record.decision
    verdict = decision.decision.upper() + (
        " (only because something needs review)" if decision.outcome == "review" else ""
    )
    yield f"{_painted(verdict, decision.outcome, colour)}  {_safe(decision.subject.name)}"
    yield f"  {_circumstances(decision)}"
    for reason in decision.reasons:
        yield ""
        yield from _reason(reason, colour)
    yield ""
    if any(reason.effect == "review" for reason in decision.reasons):
        yield "  What would settle the review:"
        remedies = dict.fromkeys(r.remedy for r in decision.reasons if r.effect == "review" and r.remedy)
        yield from (f"    - {_safe(remedy)}" for remedy in remedies)
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


def _circumstances(decision: Decision) -> str:
    buyer = decision.buyer
    roles = ", ".join(buyer.roles) if buyer.roles else "in no stated capacity"
    who = f"{_safe(buyer.name)} ({roles})" if buyer.name else roles
    past = " A past date was chosen with --allow-past." if decision.past_allowed else ""
    return f"For {who}, as of {_moment(decision.as_of)}, by the law known on {_moment(decision.known_at)}.{past}"


def _reason(reason: Reason, colour: bool) -> Iterator[str]:
    act = f" [{reason.act}]" if reason.act else ""
    mark = _painted(f"{reason.effect:<6}", reason.effect, colour)
    sentence = textwrap.wrap(_safe(reason.message) + ".", WIDTH - 10)
    yield f"  {mark}  {sentence[0]}"
    yield from (f"          {line}" for line in sentence[1:])
    for component in reason.components[:SHOWN]:
        yield f"          {_component(component)}"
    if len(reason.components) > SHOWN:
        yield f"          and {len(reason.components) - SHOWN} more"
    if reason.note:
        yield from (f"          {line}" for line in textwrap.wrap("Note: " + _safe(reason.note), WIDTH - 10))
    if reason.waiver is not None:
        waiver = reason.waiver
        state = f"waives nothing: {waiver.refused}" if waiver.refused else f"granted until {_moment(waiver.ends)}"
        yield f"          Waiver {_safe(waiver.id)} by {_safe(waiver.approver)} {state}."
    if reason.remedy and reason.effect == "deny":
        yield f"          {_safe(reason.remedy)}"
    tail = f", {reason.provenance} source checked {reason.checked}" if reason.provenance else ""
    urls = " ".join(citation.url for citation in reason.citation[:1])
    yield f"          {reason.code}{act}{tail} {urls}".rstrip()


def _component(component: ComponentNamed) -> str:
    name = " ".join(part for part in (component.name, component.version) if part) or component.ref
    place = f"{component.pointer}" + (f", line {component.line}" if component.line else "")
    said = "; ".join(f"{e.field} says {e.said!r}" + _strength(e.strength) for e in component.evidence[:3])
    position = f" as {component.position}" if component.position else ""
    return _safe(f"- {name}{position} ({place}){': ' if said else ''}{said}")


def _strength(strength: str) -> str:
    return "" if strength == "exact" else f" ({strength})"


def _changes(decision: Decision) -> str:
    change = decision.next_change
    if change is None or change.starts is None:
        return f"No date now known changes this answer: it stays {decision.decision}."
    return f"The answer changes to {change.decision} from {_moment(change.starts)}."


def _moment(moment: date | datetime) -> str:
    if isinstance(moment, datetime):
        return f"{moment.day} {moment:%B %Y %H:%M} {moment.tzname() or ''}".rstrip()
    return f"{moment.day} {moment:%B %Y}"


def _painted(text: str, outcome: str, colour: bool) -> str:
    return f"\x1b[{COLOURS[outcome]}m{text}\x1b[0m" if colour else text


def _safe(text: str) -> str:
    """Without control characters: a component's name must not steer the terminal, nor reorder what is read."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text[:2000])
