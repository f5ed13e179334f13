"""A CycloneDX document as far as the gate reads it: typed structs, in the words of CycloneDX.

JSON is decoded straight into them; XML fills them by hand.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeAlias

import msgspec

from gate.subject import Component, Organisation, Person, Reference, Swid

if TYPE_CHECKING:
    Said: TypeAlias = str
else:

    class _OfText(type):
        __instancecheck__ = str.__instancecheck__  # bound to `str`, so that every string is one, and nothing else

    class Said(metaclass=_OfText):
        """A string that decides something: a plain `str`, that msgspec shows to the hook; see `cyclonedx_json`."""


class Link(Reference, gc=False):
    """`externalReferences[]`."""

    type: Said | None = None
    url: Said | None = None


class Author(Person, gc=False, rename={"mail": "email"}):
    """`authors[]`, and `contact[]` of an organisation."""

    name: Said | None = None
    mail: Said | None = None


_COMPANY = {"urls": "url", "contacts": "contact", "identifiers": "(identifiers)", "country": "(country)"}


class Company(Organisation, gc=False, rename=_COMPANY):
    """`supplier`, `manufacturer`, `provider`: an organizationalEntity."""

    name: Said | None = None
    urls: list[Said] | None = None
    contacts: list[Author] | None = None  # type: ignore[assignment]
    identifiers: None = None  # only requests say these two
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

    ref: Said | None = None
    type: Said | None = None
    name: Said | None = None
    version: Said | None = None
    group: Said | None = None
    purl: Said | None = None
    cpe: Said | None = None
    swid: Tag | None = None
    publisher: Said | None = None
    author: Said | None = None
    authors: list[Author] | None = None  # type: ignore[assignment]
    supplier: Company | None = None
    manufacturer: Company | None = None
    references: list[Link] | None = None  # type: ignore[assignment]
    scope: Said | None = None
    place: None = None
    pointer: str = ""
    components: "list[Node] | None" = None
    pedigree: Pedigree | None = None


class Service(msgspec.Struct, gc=False, rename={"ref": "bom-ref", "references": "externalReferences"}):
    """`service`."""

    ref: Said | None = None
    name: Said | None = None
    version: Said | None = None
    group: Said | None = None
    provider: Company | None = None
    endpoints: list[Said] | None = None
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
    lines: msgspec.Raw | None = None  # a purchase request has them


KEYS = {
    key.lower().encode(): key.encode()
    for struct in (Bom, Metadata, Node, Service, Pedigree, Company, Author, Link)
    for key in struct.__struct_encode_fields__
    if key not in ("name", "type", "url", "lines") and key[0] != "("  # others' objects have these, too
}
"""The keys that decide something, by their small letters."""


def tools_of(metadata: Metadata) -> Sequence[Tool]:
    """The generators, whichever way they are written."""
    tools = metadata.tools
    if tools is None:
        return ()
    return (tools.components or ()) if isinstance(tools, Tools) else tools
