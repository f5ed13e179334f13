"""What in a CycloneDX document stands where: JSON and XML meet here.

`metadata.component` is the product: its maker is the producer, its supplier the contract partner. Components at any
depth, and the ancestors in their pedigree, are parts. Services are supplied. Who made the document (authors, tools,
and from 1.6 on `metadata.manufacturer`) is evidence of nothing.
"""

from collections.abc import Iterable

import msgspec

from gate.read.wire import Bom, Metadata, Node, Service, tools_of
from gate.subject import Component, Place, Reference, Stretch, World

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
    stretches: list[Stretch]
    is_bare: bool  # a product and no parts


def flatten(bom: Bom) -> Found:
    """Every component, service and ancestor of a document, without recursion."""
    metadata = bom.metadata or Metadata()
    root = metadata.component
    guesses = not CPE_GUESSERS.isdisjoint((tool.name or "").lower() for tool in tools_of(metadata))
    nodes, stretches = _nodes(bom, root, guesses)
    supplied = _services(bom, guesses)
    products = list(_products(root, metadata, guesses))
    components: list[Component] = [*nodes, *products, *supplied]
    return Found(components, stretches, bool(products) and not nodes and not supplied)


def _nodes(bom: Bom, root: Node | None, guesses: bool) -> tuple[list[Node], list[Stretch]]:
    """Every component but the product, list after list, and where each list stands."""
    part = Place((PART,), (PART,), (), guesses_cpes=guesses)
    either = Place((PART, PRODUCER), (PART, SUPPLIER), (), guesses_cpes=guesses)
    application = either if (root.type if root is not None else None) in UNCERTAIN_ROOTS else part
    nodes: list[Node] = []
    stretches: list[Stretch] = []
    lists: list[tuple[list[Node], str]] = [(bom.components or [], "/components")]
    if root is not None:
        _descend(root, "/metadata/component", lists)
    while lists:
        below, prefix = lists.pop()
        stretches.append(Stretch(len(nodes), prefix, part, application))
        nodes += below
        for number, node in [(n, node) for n, node in enumerate(below) if node.components or node.pedigree]:
            _descend(node, f"{prefix}/{number}", lists)
    return nodes, stretches


def _descend(node: Node, pointer: str, lists: list[tuple[list[Node], str]]) -> None:
    # The children are taken off, so that a chain of any depth is freed link by link.
    if node.components:
        lists.append((node.components, f"{pointer}/components"))
        node.components = None
    if node.pedigree is not None:
        if node.pedigree.ancestors:
            lists.append((node.pedigree.ancestors, f"{pointer}/pedigree/ancestors"))
        node.pedigree = None


def _services(bom: Bom, guesses: bool) -> list[Component]:
    """Every service as a component."""
    place = Place((SUPPLIER,), (SUPPLIER,), (), guesses_cpes=guesses)
    components: list[Component] = []
    lists: list[tuple[list[Service], str]] = [(bom.services or [], "/services")]
    while lists:
        below, prefix = lists.pop()
        for number, service in enumerate(below):
            pointer = f"{prefix}/{number}"
            components.append(_as_component(service, pointer, place))
            if service.services:
                lists.append((service.services, f"{pointer}/services"))
    return components


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
