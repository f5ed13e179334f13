"""A CycloneDX document as far as the gate reads it, and what in it stands where. JSON and XML meet here.

`metadata.component` is the product: its maker is the producer, its supplier the contract partner. Components at any
depth, and the ancestors in their pedigree, are parts. Services are supplied. Who made the document (authors, tools,
and from 1.6 on `metadata.manufacturer`) is evidence of nothing.
"""

from collections.abc import Iterable

import msgspec

from gate.subject import Component, Organisation, Person, Place, Reference, Swid, World

CPE_GUESSERS = frozenset({"syft", "grype"})
"""Generators that make CPEs up from the package's own name."""

UNCERTAIN_ROOTS = frozenset({None, "container", "operating-system", "device"})
"""Under these an application may be the product itself or a part of it."""

SUPPLIER: World = frozenset({"supplier"})
PRODUCER: World = frozenset({"producer"})
PART: World = frozenset({"component"})
BOTH: World = SUPPLIER | PRODUCER


class Said(str):
    """A string the decision rests on. JSON counts those it reads and those it keeps: a key given twice loses some."""

    __slots__ = ()


class Link(Reference, gc=False):
    """`externalReferences[]`."""

    type: Said | None = None
    url: Said | None = None


class Author(Person, gc=False, rename={"mail": "email"}):
    """`authors[]`, and `contact[]` of an organisation."""

    name: Said | None = None
    mail: Said | None = None


class Company(Organisation, gc=False, rename={"urls": "url", "contacts": "contact", "identifiers": "(unused)"}):
    """`supplier`, `manufacturer`, `provider`: an organizationalEntity."""

    name: Said | None = None
    urls: list[Said] | None = None  # type: ignore[assignment]  # lists are invariant; nobody writes to this one
    contacts: list[Author] | None = None  # type: ignore[assignment]
    identifiers: None = None


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
    version: str | None = None
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

    format: Said | None = None
    version: Said | None = None
    metadata: Metadata | None = None
    components: list[Node] | None = None
    services: list[Service] | None = None


class Found(msgspec.Struct):
    """What a document holds, flat."""

    components: list[Component]
    is_bare: bool  # a product and no parts
    kept: int  # how many strings of those that were read are still there


def flatten(bom: Bom) -> Found:
    """Every component, service and ancestor of a document with its place and pointer, without recursion."""
    metadata = bom.metadata or Metadata()
    root = metadata.component
    guesses = not CPE_GUESSERS.isdisjoint((tool.name or "").lower() for tool in _tools(metadata))
    part = Place((PART,), (PART,), (), guesses_cpes=guesses)
    either = Place((PART, PRODUCER), (PART, SUPPLIER), (), guesses_cpes=guesses)
    service = Place((SUPPLIER,), (SUPPLIER,), (), guesses_cpes=guesses)
    loose = root.type if root is not None else None
    components: list[Component] = []
    kept = sum(x is not None for x in (bom.format, bom.version)) + _of_tools(metadata)
    lists: list[tuple[list[Node], str]] = [(bom.components or [], "/components")]
    if root is not None:
        kept += _of_company(metadata.supplier) + _of_company(metadata.manufacture) + _of_node(root)
        components.extend(_products(root, metadata, guesses))
        _descend(root, "/metadata/component", lists)
    else:
        kept += _of_company(metadata.supplier) + _of_company(metadata.manufacture)
        if metadata.supplier or metadata.manufacture:
            components.append(_unnamed(metadata, guesses))
    before = len(components)
    while lists:
        nodes, prefix = lists.pop()
        for number, node in enumerate(nodes):
            node.pointer = f"{prefix}/{number}"
            node.place = part if loose not in UNCERTAIN_ROOTS or node.type != "application" else either  # type: ignore[assignment]
            kept += _of_node(node)
            components.append(node)
            if node.components or node.pedigree:
                _descend(node, node.pointer, lists)
    services: list[tuple[list[Service], str]] = [(bom.services or [], "/services")]
    while services:
        below, prefix = services.pop()
        for number, one in enumerate(below):
            pointer = f"{prefix}/{number}"
            kept += _of_service(one)
            components.append(_as_component(one, pointer, service))
            if one.services:
                services.append((one.services, f"{pointer}/services"))
    return Found(components, root is not None and len(components) == before, kept)


def _products(root: Node, metadata: Metadata, guesses: bool) -> Iterable[Component]:
    """The product. Where the metadata name a second supplier or maker of it, it is there twice."""
    root.pointer = "/metadata/component"
    outer = [metadata.supplier if root.supplier else None, metadata.manufacture if root.manufacturer else None]
    root.supplier = root.supplier or metadata.supplier
    root.manufacturer = root.manufacturer or metadata.manufacture
    root.place = product_place(root, guesses)  # type: ignore[assignment]
    yield root
    if any(outer):
        supplier, manufacturer = outer
        yield Component(
            name=root.name, supplier=supplier, manufacturer=manufacturer, pointer="/metadata", place=root.place
        )


def _unnamed(metadata: Metadata, guesses: bool) -> Component:
    component = Component(supplier=metadata.supplier, manufacturer=metadata.manufacture, pointer="/metadata")
    component.place = product_place(component, guesses)
    return component


def product_place(component: Component, guesses: bool = False) -> Place:
    """Where the maker and the supplier of a product stand: who of the two is unsaid may be the other."""
    return Place(
        worlds=(PRODUCER,) if component.supplier else (PRODUCER, BOTH),
        supplier_worlds=(SUPPLIER,) if component.manufacturer else (SUPPLIER, BOTH),
        acts=(),
        guesses_cpes=guesses,
    )


def _descend(node: Node, pointer: str, lists: list[tuple[list[Node], str]]) -> None:
    # The children are taken off, so that a chain of any depth is freed link by link.
    if node.components:
        lists.append((node.components, f"{pointer}/components"))
        node.components = None
    if node.pedigree is not None:
        if node.pedigree.ancestors:
            lists.append((node.pedigree.ancestors, f"{pointer}/pedigree/ancestors"))
        node.pedigree = None


def _as_component(service: Service, pointer: str, place: Place) -> Component:
    links = [Reference("endpoint", url) for url in service.endpoints or ()]
    return Component(
        ref=service.ref,
        type="service",
        name=service.name,
        version=service.version,
        group=service.group,
        supplier=service.provider,
        references=[*links, *(service.references or ())],
        pointer=pointer,
        place=place,
    )


# How many strings are kept, kind by kind; see `Said`.


def _of_node(node: Node) -> int:
    kept = (
        (node.type is not None)
        + (node.name is not None)
        + (node.purl is not None)
        + (node.ref is not None)
        + (node.group is not None)
        + (node.cpe is not None)
        + (node.publisher is not None)
        + (node.author is not None)
        + (node.scope is not None)
    )
    if node.references:
        kept += _of_links(node.references)
    if node.supplier:
        kept += _of_company(node.supplier)
    if node.manufacturer:
        kept += _of_company(node.manufacturer)
    if node.authors:
        kept += _of_people(node.authors)
    if node.swid:
        kept += node.swid.name is not None
    return kept


def _of_links(links: list[Link]) -> int:
    return sum((link.url is not None) + (link.type is not None) for link in links)


def _of_people(people: list[Author]) -> int:
    return sum((person.name is not None) + (person.mail is not None) for person in people)


def _of_company(company: Company | None) -> int:
    if company is None:
        return 0
    return (company.name is not None) + len(company.urls or ()) + _of_people(company.contacts or [])


def _of_service(service: Service) -> int:
    kept = (service.ref is not None) + (service.name is not None) + (service.group is not None)
    return kept + _of_company(service.provider) + len(service.endpoints or ()) + _of_links(service.references or [])


def _tools(metadata: Metadata) -> list[Tool]:
    tools = metadata.tools
    if tools is None:
        return []
    return (tools.components or []) if isinstance(tools, Tools) else tools


def _of_tools(metadata: Metadata) -> int:
    return sum(tool.name is not None for tool in _tools(metadata))
