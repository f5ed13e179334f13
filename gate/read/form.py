"""The purchase request as JSON has it. Strict: unknown keys are refused; what is absent is unknown, not no."""

import msgspec

from gate.errors import ReadError


class Party(msgspec.Struct, forbid_unknown_fields=True):
    """A supplier or manufacturer."""

    name: str | None = None
    url: str | None = None
    email: str | None = None
    country: str | None = None  # ISO 3166-1 alpha-2: where it is established
    identifiers: dict[str, str | None] = {}


class TimedAct(msgspec.Struct, forbid_unknown_fields=True):
    """An act with a time of its own."""

    act: str
    on: str | None = None
    starts: str | None = None
    ends: str | None = None


class Term(msgspec.Struct, forbid_unknown_fields=True):
    """From the first instant to the first instant after."""

    starts: str
    ends: str


class Attachment(msgspec.Struct, forbid_unknown_fields=True):
    """The SBOM of a line: a file, or where SBOMs are kept by their digest that alone."""

    path: str | None = None
    digest: str | None = None

    @property
    def called(self) -> str:
        """By what it is asked for and told of. Raises ReadError if it is named by nothing."""
        name = self.path if self.path is not None else self.digest
        if name is None:
            raise ReadError("The SBOM is named by nothing", pointer="/path", remedy="State its path, or its digest.")
        return name


class Line(msgspec.Struct, forbid_unknown_fields=True):
    """One thing that is bought."""

    product: str | None = None
    id: str | None = None
    version: str | None = None
    quantity: float | None = None
    category: str | None = None
    supplier: Party | None = None
    manufacturer: Party | None = None
    purl: str | None = None
    cpe: str | None = None
    sbom: Attachment | None = None
    agreement: str | None = None
    acts: list[str | TimedAct] = []
    purposes: list[str] = []
    facts: dict[str, str | float] = {}
    ordered: str | None = None
    delivered: str | None = None
    term: Term | None = None

    @property
    def leaves_all(self) -> bool:
        """Whether it says nothing of its own about acts, times, purposes, facts and agreement."""
        moments = self.ordered is None and self.delivered is None and self.term is None
        return moments and self.agreement is None and not (self.acts or self.purposes or self.facts)


class Purchaser(msgspec.Struct, forbid_unknown_fields=True):
    """Who buys."""

    name: str | None = None
    roles: list[str] = []


class Request(msgspec.Struct, forbid_unknown_fields=True):
    """The document."""

    id: str
    ordered: str
    lines: list[Line]
    schema: str | None = msgspec.field(name="$schema", default=None)
    buyer: Purchaser = msgspec.field(default_factory=Purchaser)
    agreement: str | None = None
    delivered: str | None = None
    term: Term | None = None
    acts: list[str | TimedAct] = []
    purposes: list[str] = []
    facts: dict[str, str | float] = {}
    supplier_uses: list[Line] | None = None


decode = msgspec.json.Decoder(Request).decode
"""Bytes -> the document. Raises msgspec's errors, which `fault` puts into words."""
