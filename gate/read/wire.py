"""A CycloneDX document as far as the gate reads it: typed structs, in the words of CycloneDX.

JSON is decoded straight into them; XML fills them by hand.
"""

from collections.abc import Sequence
from enum import StrEnum

import msgspec

from gate.subject import Component, Organisation, Person, Reference, Swid


class Said(str):
    """A string by which things are told apart; see `cyclonedx_json` for why it has a class of its own."""

    __slots__ = ()


class Shared(str):
    """A string that a document repeats, such as a type or a publisher; equal ones are one object."""

    __slots__ = ()


class LinkType(StrEnum):
    """`type` of an external reference, as far as it leads to a component's own pages; the others are `OTHER`."""

    OTHER = "other"
    WEBSITE = "website"
    VCS = "vcs"
    DISTRIBUTION = "distribution"
    DISTRIBUTION_INTAKE = "distribution-intake"
    SOURCE_DISTRIBUTION = "source-distribution"
    ISSUE_TRACKER = "issue-tracker"
    SUPPORT = "support"

    @classmethod
    def _missing_(cls, value: object) -> "LinkType":  # noqa: ARG003 - enum's own signature
        return cls.OTHER


class Link(Reference, gc=False):
    """`externalReferences[]`."""

    type: LinkType | None = None
    url: str | None = None


class Author(Person, gc=False, rename={"mail": "email"}):
    """`authors[]`, and `contact[]` of an organisation."""

    name: Said | None = None
    mail: str | None = None


class Company(
    Organisation,
    gc=False,
    rename={"urls": "url", "contacts": "contact", "identifiers": "(unused)", "country": "(none)"},
):
    """`supplier`, `manufacturer`, `provider`: an organizationalEntity."""

    name: Said | None = None
    urls: list[str] | None = None
    contacts: list[Author] | None = None  # type: ignore[assignment]
    identifiers: None = None
    country: None = None


class Tag(Swid, gc=False):
    """`swid`."""

    name: Said | None = None


class Pedigree(msgspec.Struct, gc=False):
    """`pedigree`, of which only the ancestors are read: what a component was made from."""

    ancestors: "list[Node] | None" = None


class Node(
    Component,
    gc=False,
    kw_only=True,
    rename={"ref": "bom-ref", "references": "externalReferences", "place": "(place)", "pointer": "(pointer)"},
):
    """`component`. The place and the pointer are not in the document: the walk sets them."""

    ref: str | None = None
    type: Shared | None = None
    name: Said | None = None
    group: Shared | None = None
    purl: Said | None = None
    cpe: Shared | None = None
    swid: Tag | None = None
    publisher: Shared | None = None
    author: Shared | None = None
    authors: list[Author] | None = None  # type: ignore[assignment]
    supplier: Company | None = None
    manufacturer: Company | None = None
    references: list[Link] | None = None  # type: ignore[assignment]
    scope: Shared | None = None
    place: None = None
    pointer: str = ""
    components: "list[Node] | None" = None
    pedigree: Pedigree | None = None


class Service(msgspec.Struct, gc=False, rename={"ref": "bom-ref", "references": "externalReferences"}):
    """`service`."""

    ref: str | None = None
    name: Said | None = None
    version: str | None = None
    group: Shared | None = None
    provider: Company | None = None
    endpoints: list[str] | None = None
    references: list[Link] | None = None
    services: "list[Service] | None" = None


class Tool(msgspec.Struct, gc=False):
    """A generator, in either of the two ways to write it."""

    name: Said | None = None


class Tools(msgspec.Struct, gc=False):
    """`metadata.tools` from 1.5 on."""

    components: list[Tool] | None = None


class Metadata(msgspec.Struct, gc=False):
    """`metadata`."""

    component: Node | None = None
    supplier: Company | None = None
    manufacture: Company | None = None  # until 1.5: who made the product; 1.6's `manufacturer` made the document
    tools: list[Tool] | Tools | None = None


class Bom(msgspec.Struct, gc=False, rename={"format": "bomFormat", "version": "specVersion"}):
    """The document."""

    format: str | None = None
    version: str | None = None
    metadata: Metadata | None = None
    components: list[Node] | None = None
    services: list[Service] | None = None


def tools_of(metadata: Metadata) -> Sequence[Tool]:
    """The generators, whichever way they are written."""
    tools = metadata.tools
    if tools is None:
        return ()
    return (tools.components or ()) if isinstance(tools, Tools) else tools
