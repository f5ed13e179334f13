"""Outcomes -> reasons: what differs only in the component becomes one reason, in a sentence a buyer understands."""

import hashlib
from collections.abc import Iterable

import msgspec

from gate import purl as purls
from gate.decide import Outcome, Question
from gate.decision import ComponentNamed, Reason, RowNamed, VendorNamed, WaiverNamed
from gate.law import Clause, Law
from gate.match import Evidence, Match
from gate.names import normalise
from gate.ownership import NOBODY
from gate.question import worlds_of
from gate.subject import Component
from policy.dates import Phase, in_order, in_words
from policy.facts import FACTS
from policy.vocabulary import Effect, Kind

MISSING = {
    "identity": "whether it really is this vendor's",
    "role": "in which capacity the buyer acts",
    "act": "what is to be done with it",
    "category": "what kind of product it is",
    "purpose": "what it is for",
    "agreement": "what kind of agreement it is",
    "position": "whether the vendor is contract partner, maker, or maker of a part",
    "ownership": "who controls the vendor, and from which country",
}
"""What is missing -> the question that would settle it."""

UNNAMED = "a maker that is not named"

REMEDIES = {
    "identity": "state the manufacturer, or record a finding",
    "role": "state buyer.roles, a role or a profile",
    "act": "state acts, an act or a profile",
    "category": "state the line's category, or record a finding",
    "purpose": "state purposes",
    "agreement": "state agreement",
    "position": "state the line's supplier and manufacturer",
    "ownership": "state the manufacturer and its country",
}
"""What is missing -> how to say it."""


Named = tuple[ComponentNamed, str]
"""A component as reasons name it, and what of its fingerprint is the same in all of them."""


def reasons_from(found: Iterable[tuple[Iterable[Reason], list[tuple[Component, Match]]]]) -> list[Reason]:
    """Reasons and the components that meet them; what differs only in the component becomes one."""
    grouped: dict[Reason, list[Named]] = {}
    named: dict[tuple[int, int], Named] = {}  # the same component and match pose a question for each act
    for reasons, components in found:
        here = [
            named.get(one := (id(component), id(match))) or named.setdefault(one, _named(component, match))
            for component, match in components
        ]
        for reason in reasons:
            grouped.setdefault(reason, []).extend(here)
    return [_with_components(reason, components) for reason, components in grouped.items()]


def reason_of(question: Question, outcome: Outcome, law: Law) -> Reason:
    """The reason that an outcome is, without its components."""
    clause = outcome.clause
    effect = str(outcome.effect)
    vendor = law.vendors.get(question.vendor, NOBODY)
    row = outcome.target.row if outcome.target else None
    return Reason(
        code=clause.code,
        effect=effect,
        message=_sentence(question, outcome, effect),
        act=question.act.name,
        text=clause.text,
        when=outcome.when,
        in_force=outcome.in_force,
        vendor=VendorNamed(vendor.id or None, vendor.name or question.name or UNNAMED, outcome.through),
        listed=_listed_in(outcome),
        citation=(*clause.citation, row.citation) if row else clause.citation,
        provenance=clause.provenance,
        published=in_order((clause.published, row.published))[-1] if row else clause.published,
        checked=clause.checked,
        missing=outcome.missing,
        spared_by=outcome.spared_by,
        note=clause.note,
        remedy=_remedy(clause, outcome, effect),
        waiver=_waiver(outcome, clause),
    )


def _listed_in(outcome: Outcome) -> RowNamed | None:
    target = outcome.target
    if target is None or target.row is None:
        return None
    return RowNamed(target.listed_in or "", target.row.name, target.row.note)


def _sentence(question: Question, outcome: Outcome, effect: str) -> str:
    clause = outcome.clause
    text = clause.text.rstrip(".")
    since = in_words(outcome.in_force.starts, clause.time_zone)
    if clause.ends_with:
        since += f" until {clause.ends_with}"
    source = clause.citation[0].text
    if (listed := _listed_in(outcome)) is not None:
        source += f'; "{listed.name}" on {listed.list}'
    if outcome.spared_by:
        why = _why_spared(outcome.spared_by, outcome, question)
        if outcome.grant is not None:
            why += f" until {in_words(outcome.grant.span.within(clause.time_zone).ends, clause.time_zone)}"
        return f"Not barred by {source} ({why}): {text}"
    if effect == Effect.DENY:
        return f"{text}, since {since} ({source})"
    if effect == Effect.REVIEW:
        asks = [_asks(name) for name in outcome.missing] or ["the law's text leaves it open"]
        return f"To be settled ({'; '.join(asks)}): {text}, since {since} ({source})"
    if outcome.in_force.phase_of(outcome.when) is Phase.BEFORE:
        return f"Not yet, but from {since}: {text} ({source})"
    if clause.kind == Kind.WARNING:
        return f"A warning, no ban: {text}, since {since} ({source})"
    return f"{'A proposal' if clause.kind == Kind.PROPOSAL else 'For information'}: {text} ({source})"


def _asks(name: str) -> str:
    return MISSING.get(name) or FACTS[name.removeprefix("fact ")].text


def _why_spared(spared_by: str, outcome: Outcome, question: Question) -> str:
    clause = outcome.clause
    kind, _, which = spared_by.partition(" ")
    if kind == "exception":
        return next(e.text for e in clause.exemptions if e.id == which)
    if kind == "category":
        row = outcome.target.row if outcome.target else None
        covered = (row.categories if row else None) or clause.categories
        return f"it covers {_listed(covered)}, and this is {_listed(question.categories)}"
    if kind == "position":
        stands = _listed(frozenset().union(*question.worlds))
        return f"it asks for the vendor as {_listed(clause.positions)}, and here it is {stands}"
    if kind == "agreement":
        return f"it covers {_listed(clause.agreements)} agreements, and this is {question.agreement}"
    if kind == "waiver":
        return f"waived by {which}"
    if kind == "ended":
        return f"it ended on {in_words(outcome.in_force.ends, clause.time_zone)}"
    if kind == "delivery":
        return "the component is not delivered"
    return f"its condition on {which or kind} is not met"


def _listed(words: frozenset[str]) -> str:
    return " or ".join(sorted(words)) or "unknown"


def _remedy(clause: Clause, outcome: Outcome, effect: str) -> str | None:
    if outcome.missing and effect == Effect.REVIEW:
        ways = [REMEDIES.get(name) or f"state the fact {name.removeprefix('fact ')}" for name in outcome.missing]
        return "; ".join(dict.fromkeys(ways)).capitalize() + "."
    return clause.remedy if effect != Effect.NOTE else None


def _waiver(outcome: Outcome, clause: Clause) -> WaiverNamed | None:
    grant = outcome.grant or (outcome.refusal.grant if outcome.refusal else None)
    if grant is None:
        return None
    ends = grant.span.within(clause.time_zone).ends
    assert ends is not None  # noqa: S101 - the model demands an end
    return WaiverNamed(
        grant.id, grant.approver, grant.authority, ends, outcome.refusal.why if outcome.refusal else None
    )


def _with_components(reason: Reason, found: list[Named]) -> Reason:
    named: dict[tuple[str, str], ComponentNamed] = {}
    for one, seed in found:
        if (one.pointer, one.ref) not in named:
            named[one.pointer, one.ref] = msgspec.structs.replace(one, fingerprint=_fingerprint(reason, seed))
    ordered = sorted(named.values(), key=lambda c: _pointer_order(c.pointer)) if len(named) > 1 else named.values()
    return msgspec.structs.replace(reason, components=tuple(ordered))


def _fingerprint(reason: Reason, seed: str) -> str:
    return hashlib.sha256(f"{reason.code}\n{reason.act or ''}\n{seed}".encode()).hexdigest()[:16]


def _named(component: Component, match: Match) -> Named:
    name = component.name or ""
    package = purls.package_of(component.purl) if component.purl else None
    # Of a package the whole path, for another one may end alike; what cannot be read is known as it is written.
    what = "/".join((package.kind, *package.path)) if package else component.purl or normalise(name) or name
    named = ComponentNamed(
        ref=str(component.ref or component.pointer),  # a reader's own kind of string stays behind here
        position=" or ".join(" and ".join(sorted(world)) for world in worlds_of(component, match)),
        name=_plain(component.name),
        version=_plain(component.version),
        purl=_plain(component.purl),
        pointer=component.pointer,
        line=None,
        fingerprint="",
        evidence=_as_written(match.evidence, component.pointer),
    )
    return named, "\n".join((match.vendor, what, component.group or "", component.type or ""))


def _as_written(evidence: tuple[Evidence, ...], pointer: str) -> tuple[Evidence, ...]:
    """With fields as the document calls them: a service's supplier and the metadata's maker have another word."""
    at = pointer.rpartition("#")[2]
    words = ("supplier.", "provider.") if at.startswith("/services/") else ("manufacturer.", "manufacture.")
    if words[0] == "manufacturer." and at != "/metadata":
        return evidence
    return tuple(msgspec.structs.replace(piece, field=piece.field.replace(*words, 1)) for piece in evidence)


def _plain(text: str | None) -> str | None:
    return None if text is None else str(text)


def _pointer_order(pointer: str) -> list[tuple[int, str]]:
    return [(int(part), "") if part.isdigit() else (0, part) for part in pointer.split("/")]
