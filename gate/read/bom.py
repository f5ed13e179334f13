"""What in a CycloneDX document stands where: JSON and XML meet here.

`metadata.component` is the product: its maker is the producer, its supplier the contract partner. Components at any
depth, and the ancestors in their pedigree, are parts. Services are supplied. Who made the document (authors, tools,
and from 1.6 on `metadata.manufacturer`) is evidence of nothing.
"""

from collections.abc import Iterable

import msgspec

from gate.read.wire import Bom, Metadata, Node, Service, kept_in, tools_of
from gate.subject import Component, Place, Reference, World

CPE_GUESSERS = frozenset({"syft", "grype"})
"""Generators that make CPEs up from the package's own name."""

UNCERTAIN_ROOTS = frozenset({None, "container", "operating-system", "device"})
"""Under these an application may be the product itself or a part of it."""

SUPPLIER: World = frozenset({"supplier"})
PRODUCER: World = frozenset({"producer"})
PART: World = frozenset({"component"})
BOTH: World = SUPPLIER | PRODUCER


class Found(msgspec.Struct):
    """What a document holds, flat."""

    components: list[Component]
    is_bare: bool  # a product and no parts
    kept: int  # how many of the strings that name a maker are still there


def flatten(bom: Bom) -> Found:
    """Every component, service and ancestor of a document with its place and pointer, without recursion."""
    metadata = bom.metadata or Metadata()
    root = metadata.component
    guesses = not CPE_GUESSERS.isdisjoint((tool.name or "").lower() for tool in tools_of(metadata))
    nodes = _nodes(bom, root, guesses)
    services, supplied = _services(bom, guesses)
    kept = kept_in(bom, nodes if root is None else [root, *nodes], services)
    products = list(_products(root, metadata, guesses))
    return Found([*products, *nodes, *supplied], bool(products) and not nodes and not supplied, kept)


def _nodes(bom: Bom, root: Node | None, guesses: bool) -> list[Node]:
    """Every component but the product, each below its parent in the order of the walk."""
    part = Place((PART,), (PART,), (), guesses_cpes=guesses)
    either = Place((PART, PRODUCER), (PART, SUPPLIER), (), guesses_cpes=guesses)
    application = either if (root.type if root is not None else None) in UNCERTAIN_ROOTS else part
    nodes: list[Node] = []
    lists: list[tuple[list[Node], str]] = [(bom.components or [], "/components/")]
    if root is not None:
        _descend(root, "/metadata/component", lists)
    while lists:
        below, prefix = lists.pop()
        number = 0
        for node in below:
            node.pointer = pointer = prefix + str(number)
            node.place = application if node.type == "application" else part  # type: ignore[assignment]
            if node.components or node.pedigree:
                _descend(node, pointer, lists)
            number += 1  # noqa: SIM113 - enumerate makes a tuple for each of a million
        nodes += below
    return nodes


def _descend(node: Node, pointer: str, lists: list[tuple[list[Node], str]]) -> None:
    # The children are taken off, so that a chain of any depth is freed link by link.
    if node.components:
        lists.append((node.components, f"{pointer}/components/"))
        node.components = None
    if node.pedigree is not None:
        if node.pedigree.ancestors:
            lists.append((node.pedigree.ancestors, f"{pointer}/pedigree/ancestors/"))
        node.pedigree = None


def _services(bom: Bom, guesses: bool) -> tuple[list[Service], list[Component]]:
    """Every service, and the same as components."""
    place = Place((SUPPLIER,), (SUPPLIER,), (), guesses_cpes=guesses)
    services: list[Service] = []
    components: list[Component] = []
    lists: list[tuple[list[Service], str]] = [(bom.services or [], "/services")]
    while lists:
        below, prefix = lists.pop()
        for number, service in enumerate(below):
            pointer = f"{prefix}/{number}"
            services.append(service)
            components.append(_as_component(service, pointer, place))
            if service.services:
                lists.append((service.services, f"{pointer}/services"))
    return services, components


def _products(root: Node | None, metadata: Metadata, guesses: bool) -> Iterable[Component]:
    """The product. Where the metadata name a supplier or maker besides its own, it is there twice."""
    supplier, manufacturer = metadata.supplier, metadata.manufacture
    if root is not None:
        root.pointer = "/metadata/component"
        supplier = supplier if root.supplier else None
        manufacturer = manufacturer if root.manufacturer else None
        root.supplier = root.supplier or metadata.supplier
        root.manufacturer = root.manufacturer or metadata.manufacture
        root.place = product_place(root, guesses)  # type: ignore[assignment]
        yield root
    if supplier or manufacturer:
        name = root.name if root is not None else None
        other = Component(name=name, supplier=supplier, manufacturer=manufacturer, pointer="/metadata")
        other.place = root.place if root is not None else product_place(other, guesses)
        yield other


def product_place(component: Component, guesses: bool = False) -> Place:
    """Where the maker and the supplier of a product stand: who of the two is unsaid may be the other."""
    return Place(
        worlds=(PRODUCER,) if component.supplier else (PRODUCER, BOTH),
        supplier_worlds=(SUPPLIER,) if component.manufacturer else (SUPPLIER, BOTH),
        acts=(),
        guesses_cpes=guesses,
    )


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
