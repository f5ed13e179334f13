"""How a subject is to be judged: by whom, as of when, as known when, with which waivers and findings."""

from datetime import datetime

import msgspec

from gate.law import Profile, Words
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
