"""The files on vendors: who there is, whom they belong to, and which official lists name them."""

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from policy import dates
from policy.model import Citation, Limits, Model
from policy.words import (
    CategoryWord,
    Country,
    Identifier,
    Jurisdiction,
    OwnershipWord,
    Percent,
    ProvenanceWord,
    Text,
    Url,
    Zone,
)


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
    share: Percent | None = None  # None: not known
    source: Url


class Vendor(Model):
    """One vendor of the register: `vendors/<id>.toml`."""

    id: Identifier
    name: Text
    country: Country | None = None
    categories: list[CategoryWord] = []  # what it makes, unless a product says otherwise
    names: list[Text] = []
    others: list[Text] = []  # names of other people that begin, or are spelt, like one of its own
    purls: list[Annotated[str, StringConstraints(pattern=r"^pkg:[a-z]+/.+$")]] = []
    cpes: list[Annotated[str, StringConstraints(pattern=r"^[a-z0-9._\-]+$")]] = []
    domains: list[Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+(\.[a-z0-9-]+)+$")]] = []
    identifiers: dict[Literal["lei", "uei", "duns", "uscc", "ogrn"], list[Text]] = {}
    source: Url
    products: list[Product] = []
    owners: list[Owner] = []


class Row(Limits):
    """A vendor on an official list, from when (unless it says otherwise, from `published`) to when."""

    vendor: Identifier
    name: Text  # as the list has it
    published: date
    ends_published: date | None = None  # None: the removal was made public when it came
    withdrawn: date | None = None  # taken back as if it had never been: what is known from this day on
    categories: list[CategoryWord] = []  # what of the vendor's is listed; empty: all
    citation: Citation | None = None
    note: Text | None = None

    @model_validator(mode="after")
    def _is_one_story(self) -> Self:
        if self.ends_published is not None and self.ends is None:
            raise ValueError("`ends_published` says when `ends` became public, and there is no `ends`")
        if self.withdrawn is not None and self.ends is not None:
            raise ValueError("a row is either `withdrawn`, as if it had never been, or it `ends`")
        if self.withdrawn is not None and dates.is_before(self.withdrawn, self.published):
            raise ValueError("`withdrawn` lies before `published`")
        if self.starts is None and self.ends is not None and not dates.is_whole(self.published, self.ends):
            raise ValueError("`ends` is the first instant after, so it must be later than `published`")
        return self


class List(Model):
    """An official list, row by row: `lists/<id>.toml`. Rows are never deleted."""

    id: Identifier
    title: Text
    authority: Text
    jurisdiction: Jurisdiction
    time_zone: Zone
    checked: date
    provenance: ProvenanceWord
    citation: Citation
    rows: Annotated[list[Row], Field(min_length=1)]
    notes: list[Text] = []
