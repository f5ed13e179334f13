"""What every policy file is made of, and the files on how a law is applied: profiles, waivers, findings, cases.

Strict: unknown keys and naive times are refused. The files of the law itself are in `prohibition` and `register`.
"""

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from policy import dates
from policy.words import (
    ActWord,
    AgreementWord,
    CategoryWord,
    Identifier,
    Moment,
    PurposeWord,
    RoleWord,
    StatedFacts,
    Text,
    Url,
)


class Model(BaseModel):
    """The base of all files: strict types, no unknown keys, nothing changed after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Citation(Model):
    """Where the law stands."""

    text: Text
    url: Url


def demand_whole(starts: date | None, ends: date | None) -> None:
    """Refuse an end that does not come after its start: a validator's ValueError."""
    if starts is not None and ends is not None and not dates.is_whole(starts, ends):
        raise ValueError("`ends` is the first instant after, so it must be later than `starts`")


class Limits(Model):
    """`starts` is the first instant, `ends` the first instant after; a date is a legal day in the file's time zone."""

    starts: Moment | None = None
    ends: Moment | None = None

    @model_validator(mode="after")
    def _ends_after_start(self) -> Self:
        demand_whole(self.starts, self.ends)
        return self


class Profile(Model):
    """Who is asking, for an SBOM that comes without a request: `profiles/<id>.toml`."""

    id: Identifier
    text: Text  # one sentence on who that is
    roles: Annotated[list[RoleWord], Field(min_length=1)]
    acts: Annotated[list[ActWord], Field(min_length=1)]  # what checking an SBOM stands for
    agreement: AgreementWord | None = None
    purposes: list[PurposeWord] = []
    facts: StatedFacts = {}
    on_review: Literal["deny", "allow"] = "deny"
    coverage_floor: Annotated[float, Field(ge=0, le=1)] = 0.0  # share of components that must carry an identity


class Waiver(Model):
    """A waiver that somebody with the power to grant it has approved."""

    id: Annotated[str, StringConstraints(min_length=1, max_length=80)]
    prohibitions: Annotated[list[Text], Field(min_length=1)]  # instrument, or instrument/clause
    vendors: Annotated[list[Identifier], Field(min_length=1)]
    products: list[Text] = []
    purls: list[Text] = []
    requests: list[Text] = []
    granted_by: Identifier
    authority: Text
    approver: Text
    ticket: Text | None = None
    reason: Text
    starts: Moment
    ends: Moment

    @model_validator(mode="after")
    def _ends_after_start(self) -> Self:
        demand_whole(self.starts, self.ends)
        return self


class Finding(Model):
    """What somebody found out about a component, so that a review of it is settled."""

    id: Annotated[str, StringConstraints(min_length=1, max_length=80)]
    vendor: Identifier
    purls: list[Text] = []
    names: list[Text] = []
    not_this_vendor: bool = False
    categories: list[CategoryWord] = []
    facts: StatedFacts = {}
    by: Text
    reason: Text
    starts: Moment
    ends: Moment

    @model_validator(mode="after")
    def _finds_something(self) -> Self:
        demand_whole(self.starts, self.ends)
        if not (self.purls or self.names):
            raise ValueError("a finding says what it is about: `purls` or `names`")
        if not (self.not_this_vendor or self.categories or self.facts):
            raise ValueError("a finding finds something: `not_this_vendor`, `categories` or `facts`")
        return self


class Case(Model):
    """One policy test: a request (or an SBOM) and what the instrument of the same name says to it."""

    name: Text
    request: dict[str, object] | None = None
    sbom: dict[str, object] | None = None
    profile: Identifier | None = None
    as_of: Moment | None = None
    known_at: Moment | None = None
    waivers: list[Waiver] = []
    expect: Literal["allow", "deny", "review"]
    reasons: dict[Identifier, Literal["deny", "review", "warn", "note", "none"]] = {}


class Cases(Model):
    """The cases of one prohibition: `cases/<jurisdiction>/<id>.toml`. `request` is what all of them share."""

    prohibition: Identifier
    request: dict[str, object] = {}
    case: Annotated[list[Case], Field(min_length=1)]
