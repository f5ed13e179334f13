"""What a policy file may say: a strict model for each kind of file. Unknown keys and naive times are refused."""

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, Strict, StringConstraints, model_validator

from policy import dates
from policy.vocabulary import Effect
from policy.words import (
    ActWord,
    AgreementWord,
    CategoryWord,
    Country,
    Facts,
    Identifier,
    KindWord,
    Moment,
    OwnershipWord,
    PositionWord,
    ProvenanceWord,
    PurposeWord,
    ReachWord,
    RoleWord,
    StatedFacts,
    Text,
    Url,
    Zone,
)


class Model(BaseModel):
    """The base of all files: strict types, no unknown keys, nothing changed after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Citation(Model):
    """Where the law stands."""

    text: Text
    url: Url


class Conditions(Model):
    """What an instrument's provision asks besides the act and the time; empty lists ask nothing."""

    categories: list[CategoryWord] = []
    positions: list[PositionWord] = []
    purposes: list[PurposeWord] = []
    agreements: list[AgreementWord] = []
    facts: Facts = {}


class Limits(Model):
    """`starts` is the first instant, `ends` the first instant after; a date is a legal day in the file's time zone."""

    starts: Moment | None = None
    ends: Moment | None = None

    @model_validator(mode="after")
    def _ends_after_start(self) -> Self:
        if self.starts is not None and self.ends is not None and not dates.is_whole(self.starts, self.ends):
            raise ValueError("`ends` is the first instant after, so it must be later than `starts`")
        return self


class Exemption(Conditions, Limits):
    """What a prohibition leaves alone. It applies when all its conditions do."""

    id: Identifier
    text: Text
    clauses: list[Identifier] = []  # empty: all of them
    acts: list[ActWord] = []
    citation: Citation | None = None

    @model_validator(mode="after")
    def _asks_something(self) -> Self:
        if not (self.categories or self.positions or self.purposes or self.agreements or self.facts or self.acts):
            raise ValueError("an exception without a condition would lift the whole prohibition")
        return self


def _bites(effect: Effect) -> Effect:
    if effect is Effect.NOTE:
        raise ValueError("a clause denies, asks for a review or warns")
    return effect


class Clause(Limits):
    """One thing an instrument forbids from one moment to another. What it leaves out, the instrument's scope says."""

    id: Identifier
    text: Text  # one sentence a buyer understands: what is barred
    acts: Annotated[list[ActWord], Field(min_length=1)]
    starts: Moment
    effect: Annotated[Effect, Strict(False), AfterValidator(_bites)] = Effect.DENY
    binds: list[RoleWord] | None = None
    vendors: list[Identifier] | None = None
    reach: list[ReachWord] | None = None
    categories: list[CategoryWord] | None = None
    positions: list[PositionWord] | None = None
    purposes: list[PurposeWord] | None = None
    agreements: list[AgreementWord] | None = None
    facts: Facts | None = None
    remedy: Text | None = None
    note: Text | None = None
    citation: Citation | None = None
    provenance: ProvenanceWord | None = None
    published: date | None = None
    checked: date | None = None


class WaiverAllowed(Model):
    """Who may waive the prohibition, and the first instant after the last waiver can run."""

    by: Identifier
    text: Text
    clauses: list[Identifier] = []  # empty: all of them
    until: Moment | None = None
    citation: Citation | None = None


class Prohibition(Model):
    """One legal instrument: `prohibitions/<jurisdiction>/<id>.toml`."""

    id: Identifier
    title: Text
    kind: KindWord
    jurisdiction: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}(-[A-Z0-9]{1,3})?$")]
    authority: Text
    time_zone: Zone
    published: date
    checked: date
    provenance: ProvenanceWord
    citation: Citation
    binds: Annotated[list[RoleWord], Field(min_length=1)]
    vendors: list[Identifier] | Literal["any"]
    controlled_from: list[Country] = []
    reach: list[ReachWord] = []
    scope: Conditions
    exceptions: list[Exemption] = []
    clauses: Annotated[list[Clause], Field(min_length=1)]
    waivers_allowed: list[WaiverAllowed] = []
    notes: list[Text] = []

    @model_validator(mode="after")
    def _names_its_vendors(self) -> Self:
        if self.vendors == "any" and not self.controlled_from:
            raise ValueError('vendors = "any" needs `controlled_from`: it would forbid every vendor')
        if self.vendors != "any" and self.controlled_from:
            raise ValueError('`controlled_from` goes with vendors = "any"')
        if not self.vendors:
            raise ValueError("`vendors` names nobody")
        return self

    @model_validator(mode="after")
    def _refers_to_its_own_parts(self) -> Self:
        ids = [clause.id for clause in self.clauses]
        if len(set(ids)) != len(ids):
            raise ValueError("two clauses share an id")
        for named in (part.clauses for parts in (self.exceptions, self.waivers_allowed) for part in parts):
            if unknown := set(named) - set(ids):
                raise ValueError(f"{min(unknown)!r} is no clause of this prohibition; they are {', '.join(ids)}")
        return self


class Product(Model):
    """A product of a vendor; it has the categories said here, which decides scope and exceptions."""

    names: Annotated[list[Text], Field(min_length=1)]
    categories: Annotated[list[CategoryWord], Field(min_length=1)]
    purls: list[Text] = []
    cpes: list[Text] = []  # vendor:product
    source: Url | None = None


class Owner(Limits):
    """To whom a vendor belonged, how, and from when to when."""

    vendor: Identifier
    kind: OwnershipWord
    share: Annotated[float, Field(gt=0, le=100)] | None = None
    source: Url


class Vendor(Model):
    """One vendor of the register: `vendors/<id>.toml`."""

    id: Identifier
    name: Text
    country: Country | None = None
    categories: list[CategoryWord] = []  # what it makes, unless a product says otherwise
    names: list[Text] = []
    purls: list[Annotated[str, StringConstraints(pattern=r"^pkg:[a-z]+/.+$")]] = []
    cpes: list[Annotated[str, StringConstraints(pattern=r"^[a-z0-9._\-]+$")]] = []
    domains: list[Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+(\.[a-z0-9-]+)+$")]] = []
    identifiers: dict[Literal["lei", "uei", "duns", "uscc", "ogrn"], list[Text]] = {}
    source: Url
    products: list[Product] = []
    owners: list[Owner] = []


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
    """A waiver somebody with the power to grant it has signed."""

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
        if not dates.is_whole(self.starts, self.ends):
            raise ValueError("`ends` is the first instant after, so it must be later than `starts`")
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
        if not dates.is_whole(self.starts, self.ends):
            raise ValueError("`ends` is the first instant after, so it must be later than `starts`")
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
