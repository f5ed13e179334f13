"""What in a CycloneDX document stands where: JSON and XML meet here.

`metadata.component` is the product: its maker is the producer, its supplier the contract partner. Components at any
depth, and the ancestors in their pedigree, are parts. Services are supplied. Who made the document (authors, tools,
and from 1.6 on `metadata.manufacturer`) is evidence of nothing.
"""

from collections.abc import Iterable

import msgspec

from gate.identity import is_named
from gate.read.tally import strings_in
from gate.read.wire import Bom, Metadata, Node, Service, tools_of
from gate.subject import DEEPEST_POINTER, Component, Place, Reference, Stretch, World

CPE_GUESSERS = frozenset({"syft", "grype"})
"""Generators that make CPEs up from the package's own name."""

BUILT_ROOTS = frozenset({"application", "framework", "library", "device-driver", "machine-learning-model"})
"""Somebody built these, so that what is in them is a part. In anything else, and where no root is stated, things may
have been installed that are products by themselves: in a container, an operating system, a device, a file."""

SUPPLIER: World = frozenset({"supplier"})
PRODUCER: World = frozenset({"producer"})
PART: World = frozenset({"component"})
BOTH: World = SUPPLIER | PRODUCER


class Found(msgspec.Struct):
    """What a document holds, flat."""

    components: list[Component]
    stretches: list[Stretch]
    is_bare: bool  # a product and no parts
    said: int = 0  # how many strings are there that decide anything; see `cyclonedx_json`


def flatten(bom: Bom) -> Found:
    """Every component, service and ancestor of a document, without recursion."""
    metadata = bom.metadata or Metadata()
    root = metadata.component
    guesses = not CPE_GUESSERS.isdisjoint((tool.name or "").lower() for tool in tools_of(metadata))
    nodes, stretches = _nodes(bom, root, guesses)
    services, supplied = _services(bom, guesses)
    said = strings_in(nodes if root is None else [*nodes, root], services, metadata)
    products = list(_products(root, metadata, guesses))
    components: list[Component] = [*nodes, *products, *supplied]
    return Found(components, stretches, bool(products) and not nodes and not supplied, said)


def _nodes(bom: Bom, root: Node | None, guesses: bool) -> tuple[list[Node], list[Stretch]]:
    """Every component but the product, list after list, and where each list stands."""
    part = Place((PART,), (PART,), (), guesses_cpes=guesses)
    either = Place((PART, PRODUCER), (PART, SUPPLIER), (), guesses_cpes=guesses)
    installed = part if root is not None and root.type in BUILT_ROOTS else either
    in_device = root is not None and root.type == "device"
    nodes: list[Node] = []
    stretches: list[Stretch] = []
    lists: list[tuple[list[Node], str, int | None]] = [(bom.components or [], "/components", None)]
    if root is not None:
        lists += [(below, f"/metadata/component{key}", None) for below, key in _below(root)]
    while lists:
        below, key, parent = lists.pop()
        stretches.append(Stretch(len(nodes), key, part, installed, in_device=in_device, parent=parent))
        first = len(nodes)
        nodes += below
        for number, node in enumerate(below, first):
            if node.components or node.pedigree:
                lists += [(children, key, number) for children, key in _below(node)]
    return nodes, stretches


def _below(node: Node) -> list[tuple[list[Node], str]]:
    """The lists of components within a component. They are taken off it, so that a chain is freed link by link."""
    ancestors = node.pedigree.ancestors if node.pedigree is not None else None
    lists = [(node.components, "/components"), (ancestors, "/pedigree/ancestors")]
    node.components = node.pedigree = None
    return [(below, key) for below, key in lists if below]


def _services(bom: Bom, guesses: bool) -> tuple[list[Service], list[Component]]:
    """Every service, and the same as components."""
    place = Place((SUPPLIER,), (SUPPLIER,), (), guesses_cpes=guesses)
    services: list[Service] = []
    components: list[Component] = []
    lists: list[tuple[list[Service], str]] = [(bom.services or [], "")]
    while lists:
        below, above = lists.pop()
        for number, service in enumerate(below):
            pointer = f"{above}/services/{number}" if len(above) <= DEEPEST_POINTER else above
            services.append(service)
            components.append(_as_component(service, pointer, place))
            if service.services:
                lists.append((service.services, pointer))
                service.services = None
    return services, components


def _products(root: Node | None, metadata: Metadata, guesses: bool) -> Iterable[Component]:
    """The product. Where the metadata name a supplier or maker besides its own, it is there twice."""
    supplier, manufacturer = metadata.supplier, metadata.manufacture
    if root is not None:
        root.pointer = "/metadata/component"
        supplier = supplier if is_named(root.supplier) else None
        manufacturer = manufacturer if is_named(root.manufacturer) else None
        root.supplier = root.supplier if is_named(root.supplier) else metadata.supplier
        root.manufacturer = root.manufacturer if is_named(root.manufacturer) else metadata.manufacture
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
        worlds=(PRODUCER,) if is_named(component.supplier) else (PRODUCER, BOTH),
        supplier_worlds=(SUPPLIER,) if is_named(component.manufacturer) else (SUPPLIER, BOTH),
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
