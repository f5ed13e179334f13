"""The gate's own reasons, coded `gate/…`: what makes an answer unsafe whatever the law says."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from gate import cpe as cpes
from gate import purl as purls
from gate.answer import Answer
from gate.asking import Finding
from gate.decide import Question
from gate.decision import GRAVITY, ComponentNamed, Coverage, Reason
from gate.find import Finds
from gate.identity import identities, is_named
from gate.law import Profile
from gate.names import normalise
from gate.subject import Component, Subject
from gate.terminal import counted
from gate.timeline import Course, effects_at
from policy.dates import Moment, is_earlier_day, is_later_day, shift
from policy.vocabulary import Act, Effect

EMPTY_SBOM = "gate/empty-sbom"
NAMELESS = "gate/nameless"
LOW_COVERAGE = "gate/low-coverage"
BACKDATED = "gate/backdated"
POSTDATED = "gate/postdated"
SUPPLIER_USES_UNSAID = "gate/supplier-uses-unsaid"
UNREADABLE_PURL = "gate/unreadable-purl"
UNREADABLE_CPE = "gate/unreadable-cpe"

FINDING = "gate/finding"


HELP = {
    FINDING: "Somebody's finding is about a component. What it settled the decision rests on; it may settle nothing.",
    EMPTY_SBOM: "An SBOM names a product and none of its parts. Generators exit 0 with that when they find nothing.",
    NAMELESS: "A component says neither what it is called nor anything else by which a vendor could be recognised.",
    LOW_COVERAGE: "Fewer components than the profile asks for say anything about their maker.",
    BACKDATED: "A request dates an act before today, when a later ban may not yet have been in force.",
    POSTDATED: "It is dated after a ban that holds today: done as dated it is allowed, and done today it is not.",
    SUPPLIER_USES_UNSAID: "Section 889(a)(1)(B) asks what the supplier itself uses, and the request does not say.",
    UNREADABLE_PURL: "A package URL cannot be read. Known words in it, and the other fields, were still used.",
    UNREADABLE_CPE: "A CPE names no vendor that can be read. Known words in it, and the other fields, were still used.",
}
"""Code -> what it means; `gate explain` prints it."""


def reasons(
    subject: Subject,
    suspects: Sequence[int],
    profile: Profile | None,
    coverage: Coverage,
    as_of: Moment,
    now: datetime,
    *,
    allow_past: bool,
) -> Iterator[Reason]:
    """The gate's own reasons about a subject. What cannot be read is among its suspects."""
    if subject.bare:
        yield Reason(
            EMPTY_SBOM,
            Effect.REVIEW,
            "The SBOM names a product and none of its parts, so nothing is known about them",
            components=tuple(_place(pointer) for pointer in subject.bare),
            missing=("components",),
            remedy="Generate the SBOM where the dependencies are installed, or state that there are none.",
        )
    parts = enumerate(subject.components)
    # Nearly all begin with a letter, and there may be hundreds of thousands.
    nameless = [number for number, c in parts if not (c.name and c.name[0].isalnum()) and _says_nothing(c)]
    if subject.kind == "request":
        put_off = {number for number, c in enumerate(subject.components) if _is_put_off(c, subject.attached)}
        nameless = sorted({*nameless, *put_off})
    if nameless:
        yield Reason(
            NAMELESS,
            Effect.REVIEW,
            f"{counted(len(nameless), 'component')} without a name or any other identity: nobody can tell whose",
            components=tuple(_named(subject.settled(number)) for number in nameless),
            missing=("name",),
            remedy="Name them, as the CycloneDX schema demands (validate says where), or take them out."
            if subject.kind == "sbom"
            else "Say what it is: by product, purl, cpe or manufacturer.",
        )
    share = coverage.identified / coverage.components if coverage.components else 0.0
    if profile is not None and share < profile.coverage_floor:
        yield Reason(
            LOW_COVERAGE,
            Effect.REVIEW,
            f"Only {coverage.identified} of {coverage.components} components say anything about their maker; "
            f"the profile asks for {profile.coverage_floor:.0%}",
            missing=("identity",),
            remedy="Use a generator that fills purl, group or supplier.",
        )
    if subject.kind == "request" and not allow_past and _is_backdated(subject, as_of, now):
        yield Reason(
            BACKDATED,
            Effect.REVIEW,
            "The request, or an act in it, is dated before today",
            missing=("date",),
            remedy="Date it today, or allow the past (allow_past) to judge it as of its own date.",
        )
    if "supplier_uses" in subject.unsaid:
        yield Reason(
            SUPPLIER_USES_UNSAID,
            Effect.REVIEW,
            "The request contracts with a supplier and does not say what covered equipment that supplier uses",
            act=Act.CONTRACT_WITH_USER,
            missing=("supplier_uses",),
            remedy="State `supplier_uses`; an empty list says there is none.",
        )
    yield from _unreadable(subject, suspects)


def _says_nothing(component: Component) -> bool:
    """Whether a part, service or line is there, and not a letter by which it could be known.

    The product itself may be unsaid (`metadata.component` is optional), so an empty one says no less than none.
    """
    if component.pointer.endswith("/metadata/component"):
        return False
    return not any(letter.isalnum() for _, _, said in identities(component) for letter in said)


def _is_put_off(component: Component, attached: Mapping[str, str]) -> bool:
    """Whether a line only says that what is bought will be said elsewhere, or later: "TBD", "see quote"."""
    if not component.place.is_request or f"{component.pointer}/sbom" in attached:
        return False
    is_said = normalise(component.name or "") or component.purl or component.cpe or is_named(component.manufacturer)
    return not is_said


def _unreadable(subject: Subject, suspects: Sequence[int]) -> Iterator[Reason]:
    looked_at = [subject.components[number] for number in suspects]
    for code, what, places, remedy in (
        (
            UNREADABLE_PURL,
            "package URLs cannot be read",
            purls.unreadable([c.purl for c in looked_at]),
            "Write them as pkg:type/namespace/name@version.",
        ),
        (
            UNREADABLE_CPE,
            "CPEs name no vendor that can be read",
            cpes.unreadable([c.cpe for c in looked_at]),
            "Write them as cpe:2.3:part:vendor:product:version:*:*:*:*:*:*:*.",
        ),
    ):
        if places:
            yield Reason(
                code,
                Effect.NOTE,
                f"{len(places)} {what}; the other fields of those components were used",
                components=tuple(_named(subject.settled(suspects[place])) for place in places[:20]),
                remedy=remedy,
            )


def _is_backdated(subject: Subject, as_of: Moment, now: datetime) -> bool:
    """Whether anything is done on an earlier day: a date of the buyer's choosing would evade every later ban."""
    moved = shift(subject.as_of, as_of)
    # What is in the SBOM of a line shares its acts, and most lines stand at one place.
    asked = {id(c.place): c.place.acts for c in subject.components if c.place.is_request}
    starts = {id(act.span.starts): act.span.starts for acts in asked.values() for act in acts}
    return any(is_earlier_day(start + moved, now) for start in starts.values())


def postdated(finds: Finds, answers: Mapping[Question, Answer], now: datetime) -> Iterator[Reason]:
    """That something is allowed because it is dated later: a date of the buyer's choosing would evade every ban that
    holds today and ends."""
    later = {one for one in {question.act.span.starts for question in finds} if is_later_day(one, now)}
    late = {
        component.pointer: component
        for question, posing in finds.items()
        if (starts := question.act.span.starts) in later and _bars_more(answers[question].course, shift(starts, now))
        for component, _ in posing
    }
    if late:
        yield Reason(
            POSTDATED,
            Effect.REVIEW,
            "It, or an act in it, is dated later than today, when a ban that holds today is over: done earlier it is "
            "barred",
            components=tuple(_named(component) for _, component in sorted(late.items())[:20]),
            missing=("date",),
            remedy="Date it today to see what bars it; somebody has to make sure that it is not done before its day.",
        )


def _bars_more(course: Course, moved: timedelta) -> bool:
    """Whether the law bars an act that is moved by so much, and not as it is dated, or with less weight."""
    return _blocking(effects_at(course, moved)) > _blocking(effects_at(course, timedelta()))


def _blocking(effects: set[str]) -> int:
    return 2 if Effect.DENY in effects else int(Effect.REVIEW in effects)


def findings(found: Mapping[tuple[str, bool], tuple[Finding, list[Component]]]) -> Iterator[Reason]:
    """What each finding settled, so that nothing is decided by what the decision does not record; or that it settled
    nothing, which whoever made it expects otherwise. Keyed by the finding's id, and whether it settled anything."""
    for (name, settles), (finding, components) in found.items():
        if settles:
            said = f"Finding {name} by {finding.by} settled what was open about {finding.vendor}: {finding.reason}"
        elif (name, True) not in found:
            said = f"Finding {name} by {finding.by} changed nothing about {finding.vendor}: {_IDLE}"
        else:
            continue
        distinct = {component.pointer: component for component in components}
        named = tuple(_named(component) for _, component in sorted(distinct.items())[:20])
        yield Reason(FINDING, Effect.NOTE, said, components=named)


_IDLE = "what it says is known otherwise, by better evidence, or was not open"


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
