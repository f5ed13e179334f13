"""The files of the law: an instrument, its clauses, exceptions and waivers, and whom and what it is about."""

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Discriminator, Field, Strict, Tag, model_validator

from policy.model import Citation, Limits, Model, demand_whole
from policy.vocabulary import Effect
from policy.words import (
    ActWord,
    AgreementWord,
    CategoryWord,
    Country,
    Facts,
    Identifier,
    Jurisdiction,
    KindWord,
    Moment,
    Percent,
    PositionWord,
    ProvenanceWord,
    PurposeWord,
    ReachWord,
    RoleWord,
    Text,
    Zone,
)

ANY = "any"
"""In place of vendors: every vendor there is, whether the register has it or not."""


class Conditions(Model):
    """What an instrument's provision asks besides the act and the time; empty lists ask nothing."""

    categories: list[CategoryWord] = []
    positions: list[PositionWord] = []
    purposes: list[PurposeWord] = []
    agreements: list[AgreementWord] = []
    facts: Facts = {}


class Exemption(Conditions, Limits):
    """What a prohibition leaves alone. It applies when all its conditions do."""

    id: Identifier
    text: Text
    clauses: list[Identifier] = []  # empty: all of them
    acts: list[ActWord] = []
    published: date | None = None  # the first day anyone could know it; left out: with its clauses
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


class AfterListing(Model):
    """A clause that begins so many days after the day on which a vendor's row on a list was published."""

    after_listing_days: Annotated[int, Field(gt=0, le=3660)]


Start = Annotated[
    Annotated[Moment, Tag("(moment)")] | Annotated[AfterListing, Tag("(listing)")],
    Discriminator(lambda value: "(listing)" if isinstance(value, dict | AfterListing) else "(moment)"),
]
"""A day, an instant, or `{ after_listing_days = 60 }`."""


class Whom(Model):
    """Of whom a clause speaks: vendors, what stands on lists, or anybody whom a country controls."""

    vendors: list[Identifier] | Literal["any"]
    lists: list[Identifier]
    controlled_from: list[Country]
    control_share: Percent | None
    reach: list[ReachWord]


class Clause(Model):
    """One thing an instrument forbids from one moment to another. What it leaves out, the instrument's scope says."""

    id: Identifier
    text: Text  # one sentence a buyer understands: what is barred
    acts: Annotated[list[ActWord], Field(min_length=1)]
    starts: Start
    ends: Moment | None = None
    ends_with: Text | None = None  # an event that has no date yet
    effect: Annotated[Effect, Strict(False), AfterValidator(_bites)] = Effect.DENY
    binds: list[RoleWord] | None = None
    vendors: list[Identifier] | Literal["any"] | None = None
    lists: list[Identifier] | None = None
    controlled_from: list[Country] | None = None
    control_share: Percent | None = None
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

    @model_validator(mode="after")
    def _ends_once_and_after_its_start(self) -> Self:
        if not isinstance(self.starts, AfterListing):
            demand_whole(self.starts, self.ends)
        if self.ends is not None and self.ends_with is not None:
            raise ValueError("a clause ends on a day (`ends`) or with an event that has none yet (`ends_with`)")
        return self


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
    jurisdiction: Jurisdiction
    authority: Text
    time_zone: Zone
    published: date
    checked: date
    provenance: ProvenanceWord
    citation: Citation
    replaces: list[Identifier] = []  # the versions before, which end where this one starts
    binds: Annotated[list[RoleWord], Field(min_length=1)]
    vendors: list[Identifier] | Literal["any"] = []
    lists: list[Identifier] = []
    controlled_from: list[Country] = []
    control_share: Percent | None = None  # in per cent; None: whoever is said to own or control
    reach: list[ReachWord] = []
    scope: Conditions
    exceptions: list[Exemption] = []
    clauses: Annotated[list[Clause], Field(min_length=1)]
    waivers_allowed: list[WaiverAllowed] = []
    notes: list[Text] = []

    def whom(self, clause: Clause) -> Whom:
        """Of whom a clause speaks: one that names vendors or lists names them all, else the instrument does."""
        names_its_own = clause.vendors is not None or clause.lists is not None
        share = clause.control_share if clause.control_share is not None else self.control_share
        vendors = (clause.vendors or []) if names_its_own else self.vendors
        return Whom(
            vendors=vendors,
            lists=(clause.lists or []) if names_its_own else self.lists,
            controlled_from=(
                []
                if vendors != ANY
                else self.controlled_from
                if clause.controlled_from is None
                else clause.controlled_from
            ),
            control_share=share if vendors == ANY else None,
            reach=self.reach if clause.reach is None else clause.reach,
        )

    @model_validator(mode="after")
    def _names_its_vendors(self) -> Self:
        if self.vendors != ANY and (self.controlled_from or self.control_share):
            raise ValueError('`controlled_from` and `control_share` go with vendors = "any"')
        for clause in self.clauses:
            self._demand_vendors(clause, self.whom(clause))
        return self

    def _demand_vendors(self, clause: Clause, whom: Whom) -> None:
        where = "" if clause.vendors is None and clause.lists is None else f" (clause {clause.id!r})"
        if not whom.vendors and not whom.lists:
            raise ValueError(f"`vendors` names nobody{where}")
        if whom.vendors == ANY:
            asks_categories = self.scope.categories if clause.categories is None else clause.categories
            asks_facts = self.scope.facts if clause.facts is None else clause.facts
            if whom.lists:
                raise ValueError(f'`lists` adds nobody to vendors = "any"{where}')
            if not whom.controlled_from and not (asks_categories and asks_facts):
                raise ValueError(
                    'vendors = "any" needs `controlled_from`, or categories and a fact: it would forbid every vendor'
                    f" (clause {clause.id!r})"
                )
            if whom.control_share and not whom.controlled_from:
                raise ValueError(f"`control_share` goes with `controlled_from`{where}")
        elif clause.controlled_from or clause.control_share:
            raise ValueError(f'`controlled_from` and `control_share` go with vendors = "any" (clause {clause.id!r})')
        if isinstance(clause.starts, AfterListing) and whom.vendors:
            raise ValueError(
                f"`after_listing_days` counts from a list's rows: name `lists` alone (clause {clause.id!r})"
            )

    @model_validator(mode="after")
    def _refers_to_its_own_parts(self) -> Self:
        ids = [clause.id for clause in self.clauses]
        if len(set(ids)) != len(ids):
            raise ValueError("two clauses share an id")
        for named in (part.clauses for parts in (self.exceptions, self.waivers_allowed) for part in parts):
            if unknown := set(named) - set(ids):
                raise ValueError(f"{min(unknown)!r} is no clause of this prohibition; they are {', '.join(ids)}")
        if self.id in self.replaces:
            raise ValueError("it cannot replace itself")
        return self
