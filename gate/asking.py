"""How a subject is to be judged: by whom, as of when, as known when, with which waivers and findings."""

from datetime import datetime

import msgspec

from gate.errors import UsageError
from gate.law import Profile, Words
from gate.subject import Subject
from gate.waiver import Grant
from policy.dates import Moment, Span
from policy.facts import Stated


class Waiver(msgspec.Struct, frozen=True):
    """A waiver, and what it is for; empty sets limit nothing."""

    grant: Grant
    vendors: Words
    products: Words  # normalised
    purls: tuple[str, ...]
    requests: Words


class Finding(msgspec.Struct, frozen=True):
    """What somebody found out about a component. It settles what is unknown and overrides nothing that is known."""

    id: str
    vendor: str
    purls: tuple[str, ...]
    names: Words  # normalised
    not_this_vendor: bool
    categories: Words
    facts: dict[str, Stated]
    span: Span
    by: str = ""
    reason: str = ""


class Asking(msgspec.Struct, frozen=True):
    """The circumstances of a check. `now` is the clock, read by the edge; None leaves it to document or profile."""

    now: datetime
    profile: Profile | None = None
    roles: frozenset[str] = frozenset()
    acts: tuple[str, ...] = ()
    as_of: Moment | None = None
    known_at: datetime | None = None
    allow_past: bool = False
    on_review: str | None = None
    waivers: tuple[Waiver, ...] = ()
    findings: tuple[Finding, ...] = ()


def demand_acts_said_once(subject: Subject, asking: Asking, file: str) -> None:
    """Acts are for SBOMs, or for a request that states none: else who would know which are meant? Raises UsageError."""
    if subject.kind == "request" and asking.acts and any(_says_acts(c.place) for c in subject.components):
        raise UsageError("The request says itself what is done", file=file, remedy="Leave act out; it is for SBOMs.")


def _says_acts(place: object) -> bool:
    return any(act.name is not None for act in getattr(place, "acts", ()))
