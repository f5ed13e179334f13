"""The answer: Decision, Reason, Evidence, and what they mean for the exit status. Schema 1 of the wire format."""

from datetime import date, datetime

import msgspec

from gate.law import Citation
from gate.match import Evidence
from policy.dates import Interval, Moment
from policy.vocabulary import Effect

SCHEMA = 1

EXIT_STATUS = {"allow": 0, "deny": 1, "no verdict": 2, "review": 3}
"""Outcome -> exit status; `no verdict` is every error, `review` a deny only because something needs a person."""

SEVERITY = ("allow", "review", "deny", "no verdict")
"""Outcomes, mildest first: of several inputs the gravest counts."""

GRAVITY = {effect.value: number for number, effect in enumerate(Effect)}
"""Effect -> its place in the order of reasons."""


class VendorNamed(msgspec.Struct, frozen=True):
    """The vendor a reason is about; `through` names the vendors of the law it is reached by, nearest first.

    `id` is None for a maker that the register does not have; `name` is then what the request calls it.
    """

    id: str | None
    name: str
    through: tuple[str, ...] = ()


class RowNamed(msgspec.Struct, frozen=True):
    """The row of an official list by which the vendor, or the relative it is reached through, is covered."""

    list: str  # its title
    name: str  # as the list has it
    note: str | None


class ComponentNamed(msgspec.Struct, frozen=True):
    """Where the vendor stands in the document, and the words that say so."""

    ref: str
    position: str
    name: str | None
    version: str | None
    purl: str | None
    pointer: str
    line: int | None
    fingerprint: str
    evidence: tuple[Evidence, ...]
    column: int | None = None


class WaiverNamed(msgspec.Struct, frozen=True):
    """A waiver that lifts a denial, or that fails to."""

    id: str
    approver: str
    authority: str
    ends: datetime
    refused: str | None = None  # why it waives nothing


class Reason(msgspec.Struct, frozen=True):
    """Why the decision is what it is: one clause, one act, one vendor, and the components it concerns."""

    code: str
    effect: str
    message: str
    act: str | None = None
    text: str | None = None  # what the clause bars, whoever asks
    when: Interval | None = None  # the part of the act that falls under the clause
    in_force: Interval | None = None  # when the clause is in force
    vendor: VendorNamed | None = None
    listed: RowNamed | None = None
    components: tuple[ComponentNamed, ...] = ()
    citation: tuple[Citation, ...] = ()
    provenance: str | None = None
    published: datetime | None = None
    checked: str | None = None
    missing: tuple[str, ...] = ()
    spared_by: str | None = None  # the condition that was not met
    note: str | None = None
    remedy: str | None = None
    waiver: WaiverNamed | None = None


class SubjectNamed(msgspec.Struct, frozen=True):
    """What was judged."""

    kind: str
    name: str
    digest: str


class BuyerNamed(msgspec.Struct, frozen=True):
    """For whom it was judged."""

    name: str | None
    profile: str | None
    roles: tuple[str, ...] | None


class PolicyNamed(msgspec.Struct, frozen=True):
    """By which law it was judged."""

    version: str
    digest: str


class Coverage(msgspec.Struct, frozen=True):
    """How many components there are, and how many of them say anything about their maker."""

    components: int
    identified: int


class SetAside(msgspec.Struct, frozen=True):
    """Clauses about the vendors found that gave no reason, because they bind others or forbid what nobody asked for."""

    not_bound: int
    not_asked: int
    vendors: tuple[VendorNamed, ...] = ()  # about whom they are


class Period(msgspec.Struct, frozen=True):
    """From `starts` on, until the next period, the decision would be this."""

    starts: Moment | None
    decision: str


class Decision(msgspec.Struct, frozen=True):
    """The verdict and everything it rests on."""

    decision: str  # allow or deny
    review: bool
    as_of: date | datetime
    known_at: datetime
    past_allowed: bool
    subject: SubjectNamed
    buyer: BuyerNamed
    policy: PolicyNamed
    reasons: tuple[Reason, ...]
    coverage: Coverage
    set_aside: SetAside
    timeline: tuple[Period, ...]
    schema: int = SCHEMA

    @property
    def outcome(self) -> str:
        """One word for the exit status: allow, deny, or review when only a review stands in the way."""
        return "review" if self.decision == "deny" and self.review else self.decision

    @property
    def current(self) -> Period:
        """The period the decision falls in."""
        return next(p for p in reversed(self.timeline) if p.starts is None or not _is_later(p.starts, self.as_of))

    @property
    def next_change(self) -> Period | None:
        """The first period after the one the decision falls in, if the answer ever changes."""
        place = self.timeline.index(self.current) + 1
        return self.timeline[place] if place < len(self.timeline) else None


def verdict(effects: "set[str]", on_review: str) -> tuple[str, bool]:
    """`allow` or `deny`, and whether a review is what decides."""
    if "deny" in effects:
        return "deny", False
    if "review" in effects:
        return on_review, True
    return "allow", False


def _is_later(one: Moment, other: Moment) -> bool:
    from policy.dates import is_before

    return is_before(other, one)
