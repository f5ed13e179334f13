"""The gate's own reasons, coded `gate/…`: what makes an answer unsafe whatever the law says."""

from collections.abc import Iterator
from datetime import datetime

from gate import cpe as cpes
from gate import purl as purls
from gate.asking import Finding
from gate.decision import GRAVITY, ComponentNamed, Coverage, Reason
from gate.law import Profile
from gate.subject import Component, Subject
from policy.dates import Moment, is_earlier_day, shift
from policy.vocabulary import Act, Effect

EMPTY_SBOM = "gate/empty-sbom"
LOW_COVERAGE = "gate/low-coverage"
BACKDATED = "gate/backdated"
SUPPLIER_USES_UNSAID = "gate/supplier-uses-unsaid"
UNREADABLE_PURL = "gate/unreadable-purl"
UNREADABLE_CPE = "gate/unreadable-cpe"

FINDING = "gate/finding"

HELP = {
    FINDING: "Somebody's finding settled what the document leaves open; the decision rests on it.",
    EMPTY_SBOM: "An SBOM names a product and none of its parts. Generators exit 0 with that when they find nothing.",
    LOW_COVERAGE: "Fewer components than the profile asks for say anything about their maker.",
    BACKDATED: "A request dates an act before today, when a later ban may not yet have been in force.",
    SUPPLIER_USES_UNSAID: "Section 889(a)(1)(B) asks what the supplier itself uses, and the request does not say.",
    UNREADABLE_PURL: "A package URL cannot be read. Known words in it, and the other fields, were still used.",
    UNREADABLE_CPE: "A CPE names no vendor that can be read. Known words in it, and the other fields, were still used.",
}
"""Code -> what it means; `gate explain` prints it."""


def reasons(
    subject: Subject,
    profile: Profile | None,
    coverage: Coverage,
    as_of: Moment,
    now: datetime,
    *,
    allow_past: bool,
) -> list[Reason]:
    """The gate's own reasons about a subject."""
    found = []
    if subject.bare:
        found.append(
            Reason(
                EMPTY_SBOM,
                Effect.REVIEW,
                "The SBOM names a product and none of its parts, so nothing is known about them",
                components=tuple(_place(pointer) for pointer in subject.bare),
                missing=("components",),
                remedy="Generate the SBOM where the dependencies are installed, or state that there are none.",
            )
        )
    share = coverage.identified / coverage.components if coverage.components else 0.0
    if profile is not None and share < profile.coverage_floor:
        found.append(
            Reason(
                LOW_COVERAGE,
                Effect.REVIEW,
                f"Only {coverage.identified} of {coverage.components} components say anything about their maker; "
                f"the profile asks for {profile.coverage_floor:.0%}",
                missing=("identity",),
                remedy="Use a generator that fills purl, group or supplier.",
            )
        )
    if subject.kind == "request" and not allow_past and _is_backdated(subject, as_of, now):
        found.append(
            Reason(
                BACKDATED,
                Effect.REVIEW,
                "The request, or an act in it, is dated before today",
                missing=("date",),
                remedy="Date it today, or say --allow-past to judge it as of its own date.",
            )
        )
    if "supplier_uses" in subject.unsaid:
        found.append(
            Reason(
                SUPPLIER_USES_UNSAID,
                Effect.REVIEW,
                "The request contracts with a supplier and does not say what covered equipment that supplier uses",
                act=Act.CONTRACT_WITH_USER,
                missing=("supplier_uses",),
                remedy="State `supplier_uses`; an empty list says there is none.",
            )
        )
    found.extend(_unreadable(subject))
    return found


def _unreadable(subject: Subject) -> Iterator[Reason]:
    for code, what, numbers, remedy in (
        (
            UNREADABLE_PURL,
            "package URLs cannot be read",
            purls.unreadable([c.purl for c in subject.components]),
            "Write them as pkg:type/namespace/name@version.",
        ),
        (
            UNREADABLE_CPE,
            "CPEs name no vendor that can be read",
            cpes.unreadable([c.cpe for c in subject.components]),
            "Write them as cpe:2.3:part:vendor:product:version:*:*:*:*:*:*:*.",
        ),
    ):
        if numbers:
            yield Reason(
                code,
                Effect.NOTE,
                f"{len(numbers)} {what}; the other fields of those components were used",
                components=tuple(_named(subject.settled(number)) for number in numbers[:20]),
                remedy=remedy,
            )


def _is_backdated(subject: Subject, as_of: Moment, now: datetime) -> bool:
    """Whether anything is done on an earlier day: a date of the buyer's choosing would evade every later ban."""
    moved = shift(subject.as_of, as_of)
    lines = [c.place for c in subject.components if c.place.is_request]  # what is in the SBOM of a line shares its acts
    return any(is_earlier_day(act.span.starts + moved, now) for place in lines for act in place.acts)


def settled(finding: Finding, components: list[Component]) -> Reason:
    """That a finding settled something, so that nothing is decided by what the decision does not record."""
    distinct = {component.pointer: component for component in components}
    return Reason(
        FINDING,
        Effect.NOTE,
        f"Finding {finding.id} by {finding.by} settled what was open about {finding.vendor}: {finding.reason}",
        components=tuple(_named(component) for _, component in sorted(distinct.items())[:20]),
    )


def in_order(found: list[Reason]) -> list[Reason]:
    """Reasons, gravest first, then by code; equal codes by act, vendor and place, so that input order shows nowhere."""
    return sorted(
        found,
        key=lambda r: (
            GRAVITY[r.effect],
            r.code,
            r.act or "",
            (r.vendor.id or "") if r.vendor else "",
            r.message,
            [(c.ref, c.pointer) for c in r.components],
        ),
    )


def _place(pointer: str) -> ComponentNamed:
    return ComponentNamed("", "", None, None, None, pointer, None, "", ())


def _named(component: Component) -> ComponentNamed:
    return ComponentNamed(
        str(component.ref or ""),
        "",
        str(component.name or ""),
        component.version,
        component.purl and str(component.purl),
        component.pointer,
        None,
        "",
        (),
    )
