"""What a mapping file may say: which fields of a system's JSON make up a purchase request. Strict: no unknown key.

What a mapping leaves out, and what a payload does not have, stays unknown: there are no defaults.
"""

from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    StringConstraints,
    Tag,
    model_validator,
)

from policy.words import ActWord, AgreementWord, CategoryWord, Identifier, PurposeWord, RoleWord, Text, Zone

Pointer = Annotated[str, StringConstraints(pattern=r"^(/([^~/]|~[01])*)*$", max_length=400)]
"""A JSON pointer (RFC 6901)."""


def _dated(form: str) -> str:
    used = {form[place + 1 : place + 2] for place, letter in enumerate(form) if letter == "%"}
    if not {"Y", "m", "d"} <= used <= set("YmdHMSfz"):
        raise ValueError("a form has %Y, %m and %d, and may have %H, %M, %S, %f and %z: %Y-%m-%d %H:%M:%S")
    return form


class Part(BaseModel):
    """The base of all parts of a mapping."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Taken(Part):
    """Where a value stands in the payload: `at` below the line that is being read, `root` from the top.

    Of several pointers the first that leads to a value counts. `needed`: without it there is no request.
    """

    at: list[Pointer] | Pointer | None = None
    root: list[Pointer] | Pointer | None = None
    needed: bool = False

    @model_validator(mode="after")
    def _somewhere(self) -> Self:
        if bool(self.at) == bool(self.root):
            raise ValueError("say where it stands: `at` (below the line) or `root` (from the top)")
        return self

    @property
    def pointers(self) -> list[str]:
        """All of them, as they are tried."""
        found = self.at or self.root or []
        return [found] if isinstance(found, str) else found


class Said(Taken):
    """A text of the payload; a whole number is written out. `words` translates it: what is not in it is unknown."""

    words: dict[str, Text] | None = None


class Counted(Taken):
    """A number of the payload, or a text that is one."""


class Dated(Taken):
    """A day or an instant of the payload, in ISO 8601 or in a `form`.

    `zone` says where a time of day without an offset is meant; `day` takes the day alone, as the payload writes it.
    """

    form: Annotated[str, AfterValidator(_dated)] | None = None
    zone: Zone | None = None
    day: bool = False


class Now(Part):
    """The instant at which the gate is asked: what waits for an approval is not ordered yet."""

    fixed: Annotated[Literal["now"], Field(alias="is")]


class Fixed(Part):
    """The same text in every request."""

    fixed: Annotated[Text, Field(alias="is")]


class Agreed(Part):
    """The same agreement in every request."""

    fixed: Annotated[AgreementWord, Field(alias="is")]


class Categorised(Part):
    """The same category in every request."""

    fixed: Annotated[CategoryWord, Field(alias="is")]


class Roles(Part):
    """The same roles of the buyer in every request."""

    fixed: Annotated[list[RoleWord], Field(alias="is", min_length=1)]


class Acts(Part):
    """The same acts in every request."""

    fixed: Annotated[list[ActWord], Field(alias="is", min_length=1)]


class Purposes(Part):
    """The same purposes in every request."""

    fixed: Annotated[list[PurposeWord], Field(alias="is", min_length=1)]


def _form(value: object) -> str:
    return "(fixed)" if hasattr(value, "fixed") or (isinstance(value, dict) and "is" in value) else "(taken)"


_FORM = Discriminator(_form)

# The tags stand in round brackets: the place of a fault leaves them out.
Value = Annotated[Annotated[Fixed, Tag("(fixed)")] | Annotated[Said, Tag("(taken)")], _FORM]
Ordered = Annotated[Annotated[Now, Tag("(fixed)")] | Annotated[Dated, Tag("(taken)")], _FORM]
Agreement = Annotated[Annotated[Agreed, Tag("(fixed)")] | Annotated[Said, Tag("(taken)")], _FORM]
Category = Annotated[Annotated[Categorised, Tag("(fixed)")] | Annotated[Said, Tag("(taken)")], _FORM]
RoleList = Annotated[Annotated[Roles, Tag("(fixed)")] | Annotated[Said, Tag("(taken)")], _FORM]
ActList = Annotated[Annotated[Acts, Tag("(fixed)")] | Annotated[Said, Tag("(taken)")], _FORM]
PurposeList = Annotated[Annotated[Purposes, Tag("(fixed)")] | Annotated[Said, Tag("(taken)")], _FORM]


class Party(Part):
    """A supplier or manufacturer."""

    name: Value | None = None
    url: Value | None = None
    email: Value | None = None
    country: Value | None = None
    identifiers: dict[Identifier, Value] = {}


class Buyer(Part):
    """Who buys."""

    name: Value | None = None
    roles: RoleList | None = None


class Term(Part):
    """From the first instant to the first instant after: both, or no term."""

    starts: Dated
    ends: Dated


class Circumstances(Part):
    """What a request and a line of it have in common."""

    agreement: Agreement | None = None
    acts: ActList | None = None
    purposes: PurposeList | None = None
    facts: dict[Identifier, Value] = {}
    delivered: Dated | None = None
    term: Term | None = None


class Line(Circumstances):
    """One line of the request; with `each`, one for every element of a list in the payload."""

    each: Pointer | None = None
    id: Value | None = None
    product: Value | None = None
    description: Value | None = None  # what else is said of the product; it follows its name
    version: Value | None = None
    quantity: Counted | None = None
    category: Category | None = None
    supplier: Party | None = None
    manufacturer: Party | None = None
    purl: Value | None = None
    cpe: Value | None = None
    ordered: Dated | None = None


class Request(Circumstances):
    """The request. Without `id` and `ordered` there is none, whether or not they are said to be needed."""

    id: Said
    ordered: Ordered
    buyer: Buyer | None = None


class Mapping(Part):
    """One system's payload -> a purchase request: `mappings/<system>.toml`."""

    text: Text  # one sentence on which payload that is
    source: Text  # what its field names were taken from, and what could not be checked
    reference: Said | None = None  # what the system calls the thing that waits for the answer; a callback repeats it
    callback: Said | None = None  # where the payload says the answer goes
    request: Request
    lines: Annotated[list[Line], Field(min_length=1)]
    supplier_uses: list[Line] | None = None
