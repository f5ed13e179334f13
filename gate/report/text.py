"""What a buyer reads first: verdict, each reason in a sentence, what settles a review, when the answer changes."""

import textwrap
from collections.abc import Iterator

from gate.decision import ComponentNamed, Reason
from gate.phrases import (
    Places,
    changes,
    coverage,
    judged,
    marked,
    merged,
    named,
    places,
    preface,
    remedies,
    sentence,
    since_baseline,
    spared,
    standing,
    stands_at,
    waived,
    why_zero,
)
from gate.record import Record, Run
from gate.terminal import safe

COLOURS = {"deny": "31", "review": "33", "warn": "33", "allow": "32", "note": "2"}
WIDTH = 112
INDENT = " " * 10
LONGEST = 2000
"""Letters of one text that are shown."""

NOTES = 3
"""So many notes are shown; more would drown what decides."""

SHOWN = 10
"""Components named under one reason; the rest are counted, and the JSON report has them all."""


def render(run: Run, colour: bool) -> bytes:
    """One paragraph for each input, and of several a last line; those without a verdict are told on standard error."""
    lenient = why_zero(run)
    lines = [line for record in run.records for line in (*_lines(record, lenient, colour), "")]
    if run.records and (last := judged(run)):
        lines += [last, ""]
    return "\n".join(lines).encode()


def _lines(record: Record, lenient: str | None, colour: bool) -> Iterator[str]:
    decision = record.decision
    doubt = " (only because something needs review)" if decision.outcome == "review" else ""
    if decision.decision == "allow" and decision.review:
        doubt = " (though something needs review)"
    yield f"{_painted(decision.decision.upper() + doubt, decision.outcome, colour)}  {_safe(decision.subject.name)}"
    for line in preface(decision, lenient):
        yield from _wrapped(line, "  ")
    told: set[Places] = set()
    reasons = list(merged(decision.reasons))
    mere = sum(_is_mere(reason) for _, reason in reasons)
    for acts, reason in reasons:
        if mere <= NOTES or not _is_mere(reason):
            yield ""
            yield from _reason(record, reason, acts, told, colour)
    yield ""
    if mere > NOTES:
        count = spared(reason.code for _, reason in reasons if _is_mere(reason))
        yield f"  {count}; the formats html and json say which and why."
    if record.since is not None:
        yield from _wrapped(since_baseline(decision, record.since), "  ")
        yield ""
    ways = remedies(reason for reason in decision.reasons if reason.effect == "review")
    if ways:
        yield "  What would settle the review:"
        yield from (line for remedy in ways for line in _wrapped(f"- {remedy}", "    "))
        yield ""
    yield f"  {changes(decision)}"
    yield f"  {coverage(decision)}"
    aside = decision.set_aside
    if aside.not_bound or aside.not_asked:
        yield (
            f"  Of the clauses about the vendors found, {aside.not_bound} bind others than this buyer "
            f"and {aside.not_asked} forbid what was not asked."
        )
    law = f"Law {decision.policy.version} ({decision.policy.digest[:19]})"
    yield f"  {law}, gate {record.engine}, decision {record.id}."


def _is_mere(reason: Reason) -> bool:
    """A note that nothing turned on: no waiver lifted anything, and it is not the gate's own."""
    return reason.effect == "note" and reason.waiver is None and not reason.code.startswith("gate/")


def _reason(record: Record, reason: Reason, acts: list[str], told: set[Places], colour: bool) -> Iterator[str]:
    """One reason. Components already named under an earlier one are only counted."""
    mark = "" if reason.components else marked(record, reason, None)
    first, *more = _wrapped(sentence(reason.message) + mark, INDENT)
    yield f"  {_painted(f'{reason.effect:<6}', reason.effect, colour)}  {first.strip()}"
    yield from more
    if reason.effect != "note":
        yield from _found(record, reason, told)
        if reason.note:
            yield from _wrapped(f"Note: {reason.note}", INDENT)
    if reason.waiver is not None:
        yield from _wrapped(waived(reason.waiver), INDENT)
    if reason.remedy and reason.effect == "deny":
        yield from _wrapped(f"To do: {reason.remedy}", INDENT)
    done = f" [{', '.join(acts)}]" if acts else ""
    source = f", {reason.provenance} source checked {reason.checked}" if reason.provenance else ""
    yield f"{INDENT}{reason.code}{done}{source}"
    if reason.effect != "note":
        yield from (f"{INDENT}{citation.url}" for citation in reason.citation[:1])


def _found(record: Record, reason: Reason, told: set[Places]) -> Iterator[str]:
    found = places(record, reason)
    if len(found) > 1 and found in told:
        yield f"{INDENT}- the same {len(found)} components"
        return
    told.add(found)
    for component in reason.components[:SHOWN]:
        yield from _wrapped(_component(record, reason, component), INDENT)
    if len(found) > SHOWN:
        yield f"{INDENT}- and {len(found) - SHOWN} more; the JSON report names them all"


def _component(record: Record, reason: Reason, component: ComponentNamed) -> str:
    pieces = [(piece.field, piece) for piece in component.evidence[:3]]
    said = "; ".join(f"{field} says {piece.said!r}{_strength(piece.strength)}" for field, piece in pieces)
    position = f" as {standing(component)}" if component.position else ""
    mark = f", {record.since.mark(reason, component)}" if record.since is not None else ""
    return f"- {named(component)}{position}{mark} ({stands_at(record, component)}){': ' if said else ''}{said}"


def _strength(strength: str) -> str:
    return "" if strength == "exact" else f" ({strength})"


def _painted(text: str, outcome: str, colour: bool) -> str:
    return f"\x1b[{COLOURS[outcome]}m{text}\x1b[0m" if colour else text


def _wrapped(text: str, indent: str) -> list[str]:
    hanging = indent + "  " * text.startswith("- ")
    lines = textwrap.wrap(_safe(text), WIDTH, initial_indent=indent, subsequent_indent=hanging, break_on_hyphens=False)
    return [safe(line) for line in lines]  # where a line breaks, a word becomes its first


def _safe(text: str) -> str:
    return safe(text[:LONGEST].replace("\n", "\\n"))
