"""CycloneDX XML 1.0 to 1.7. Entities and document types are refused: a bill of materials needs none.

Spec: https://cyclonedx.org/docs/1.7/xml/
"""

from xml.etree.ElementTree import Element

from gate.errors import ReadError
from gate.read.bom import Found, flatten
from gate.read.element import NAMESPACE, Misplaced, attribute, child, parse, strip, text, texts
from gate.read.locate_xml import place_in_xml
from gate.read.wire import Author, Bom, Company, Link, Metadata, Node, Pedigree, Service, Tag, Tool

VERSIONS = ("1.0", "1.1", "1.2", "1.3", "1.4", "1.5", "1.6", "1.7")


def read(data: bytes, name: str) -> Found:
    """Every component of the document. Raises ReadError: file, place and remedy."""
    root = parse(data, name)
    try:
        return flatten(_bom(root))
    except Misplaced as fault:
        number = next(number for number, one in enumerate(root.iter()) if one is fault.element)
        pointer, line = place_in_xml(data, number)
        raise ReadError(fault.what, file=name, pointer=pointer, line=line, remedy=fault.remedy) from fault


def version_of(tag: str) -> str | None:
    """The version in a root element's name, `{http://cyclonedx.org/schema/bom/1.6}bom`; None if it is another."""
    namespace, _, local = tag.removeprefix("{").partition("}")
    version = namespace.removeprefix(NAMESPACE)
    return version if local == "bom" and namespace.startswith(NAMESPACE) and version in VERSIONS else None


def root_tag(data: bytes, name: str) -> str:
    """The name of the root element, with its namespace. Raises ReadError."""
    return parse(data, name).tag


def _bom(root: Element) -> Bom:
    if version_of(root.tag) is None:
        raise Misplaced(
            root,
            f"Its root element is {root.tag[:80]!r}",
            f'CycloneDX XML is read in versions {", ".join(VERSIONS)}: <bom xmlns="{NAMESPACE}1.6">.',
        )
    return Bom(
        format="CycloneDX",
        version=strip(root),
        metadata=_metadata(child(root, "metadata")),
        components=_nodes(child(root, "components")),
        services=_services(child(root, "services")),
    )


def _metadata(element: Element | None) -> Metadata | None:
    if element is None:
        return None
    component = child(element, "component")
    tools = [*element.findall("tools/tool"), *element.findall("tools/components/component")]
    return Metadata(
        component=None if component is None else (_tree([component]))[0],
        supplier=_company(child(element, "supplier")),
        manufacture=_company(child(element, "manufacture")),
        tools=[Tool(text(tool, "name")) for tool in tools],
    )


def _nodes(element: Element | None) -> list[Node] | None:
    return None if element is None else _tree(element.findall("component"))


def _tree(elements: list[Element]) -> list[Node]:
    """Component elements -> nodes, without recursion."""
    top: list[Node] = []
    todo: list[tuple[list[Element], list[Node]]] = [(elements, top)]
    while todo:
        below, siblings = todo.pop()
        for element in below:
            node = _node(element)
            siblings.append(node)
            inner = child(element, "components")
            if inner is not None:
                node.components = []
                todo.append((inner.findall("component"), node.components))
            ancestors = child(child(element, "pedigree"), "ancestors")
            if ancestors is not None:
                node.pedigree = Pedigree([])
                nodes: list[Node] = []
                node.pedigree.ancestors = nodes
                todo.append((ancestors.findall("component"), nodes))
    return top


def _node(element: Element) -> Node:
    swid = child(element, "swid")
    return Node(
        ref=attribute(element, "bom-ref"),
        type=attribute(element, "type"),
        name=text(element, "name"),
        version=text(element, "version"),
        group=text(element, "group"),
        purl=text(element, "purl"),
        cpe=text(element, "cpe"),
        swid=None if swid is None else Tag(attribute(swid, "name")),
        publisher=text(element, "publisher"),
        author=text(element, "author"),
        authors=[_person(author) for author in element.findall("authors/author")] or None,
        supplier=_company(child(element, "supplier")),
        manufacturer=_company(child(element, "manufacturer")),
        references=_links(element),
        scope=text(element, "scope"),
    )


def _person(element: Element) -> Author:
    return Author(name=text(element, "name"), mail=text(element, "email"))


def _company(element: Element | None) -> Company | None:
    if element is None:
        return None
    return Company(
        name=text(element, "name"),
        urls=texts(element.findall("url")),
        contacts=[_person(contact) for contact in element.findall("contact")] or None,
    )


def _links(element: Element) -> list[Link] | None:
    return [
        Link(type=attribute(reference, "type"), url=text(reference, "url"))
        for reference in element.findall("externalReferences/reference")
    ] or None


def _services(element: Element | None) -> list[Service] | None:
    if element is None:
        return None
    top: list[Service] = []
    todo: list[tuple[list[Element], list[Service]]] = [(element.findall("service"), top)]
    while todo:
        below, siblings = todo.pop()
        for one in below:
            service = Service(
                ref=attribute(one, "bom-ref"),
                name=text(one, "name"),
                version=text(one, "version"),
                group=text(one, "group"),
                provider=_company(child(one, "provider")),
                endpoints=texts(one.findall("endpoints/endpoint")),
                references=_links(one),
            )
            siblings.append(service)
            inner = child(one, "services")
            if inner is not None:
                service.services = []
                todo.append((inner.findall("service"), service.services))
    return top
