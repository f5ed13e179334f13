"""CycloneDX XML 1.0 to 1.7. Entities and document types are refused: a bill of materials needs none.

Spec: https://cyclonedx.org/docs/1.7/xml/
"""

import io
from xml.etree.ElementTree import Element, ParseError

from gate.errors import ReadError
from gate.read.bom import Found, flatten
from gate.read.wire import (
    Author,
    Bom,
    Company,
    Link,
    LinkType,
    Metadata,
    Node,
    Pedigree,
    Said,
    Service,
    Shared,
    Tag,
    Tool,
)

VERSIONS = ("1.0", "1.1", "1.2", "1.3", "1.4", "1.5", "1.6", "1.7")
NAMESPACE = "http://cyclonedx.org/schema/bom/"
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def read(data: bytes, name: str) -> Found:
    """Every component of the document. Raises ReadError: file, place and remedy."""
    try:
        return flatten(_bom(data, name))
    except ReadError as error:
        error.file = name
        raise


def version_of(tag: str) -> str | None:
    """The version in a root element's name, `{http://cyclonedx.org/schema/bom/1.6}bom`; None if it is another."""
    namespace, _, local = tag.removeprefix("{").partition("}")
    version = namespace.removeprefix(NAMESPACE)
    return version if local == "bom" and namespace.startswith(NAMESPACE) and version in VERSIONS else None


def root_tag(data: bytes, name: str) -> str:
    """The name of the root element, with its namespace. Raises ReadError."""
    return _parse(data, name, only_root=True).tag


def _parse(data: bytes, name: str, *, only_root: bool = False) -> Element:
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import iterparse

    root: Element | None = None
    try:
        for _, element in iterparse(io.BytesIO(data), events=("start",), forbid_dtd=True):
            if root is None:
                root = element
                if only_root:
                    break
    except DefusedXmlException as error:
        raise ReadError(
            "It declares a document type or entities, which can hide or multiply content",
            file=name,
            remedy="Take the declaration out; CycloneDX needs none.",
        ) from error
    except (ParseError, ValueError, LookupError) as error:
        position = getattr(error, "position", None)
        raise ReadError(
            f"It is no XML: {str(error).partition(':')[0][:120]}",
            file=name,
            line=position[0] if position else None,
            remedy="Mend the document, or generate it again.",
        ) from error
    if root is None:
        raise ReadError("It is empty", file=name)
    return root


def _bom(data: bytes, name: str) -> Bom:
    root = _parse(data, name)
    if version_of(root.tag) is None:
        raise ReadError(
            f"Its root element is {root.tag[:80]!r}",
            file=name,
            remedy=f'CycloneDX XML is read in versions {", ".join(VERSIONS)}: <bom xmlns="{NAMESPACE}1.6">.',
        )
    space = root.tag.partition("}")[0] + "}"
    for element in root.iter():  # one namespace: what stands in another is an extension and decides nothing
        if element.tag.startswith(space):
            element.tag = element.tag[len(space) :]
        elif element.tag.startswith("{" + NAMESPACE):
            raise ReadError(
                f"<{element.tag.rpartition('}')[2][:40]}> is of another CycloneDX version than the document",
                remedy="Use one namespace; what stands in a second one would not be read.",
            )
    return Bom(
        format=Said("CycloneDX"),
        version=Said(space),
        metadata=_metadata(_child(root, "metadata")),
        components=_nodes(_child(root, "components")),
        services=_services(_child(root, "services")),
    )


def _child(element: Element | None, tag: str) -> Element | None:
    """The one child of that name. Two are refused: which of them is meant nobody can know."""
    if element is None:
        return None
    found = element.findall(tag)
    if len(found) > 1:
        raise ReadError(f"<{tag}> is given twice within <{element.tag}>", remedy="Keep one of them.")
    return found[0] if found else None


def _text(element: Element | None, tag: str) -> Said | None:
    child = _child(element, tag)
    if child is None:
        return None
    text = "".join(child.itertext()).strip()
    return Said(text) if text else None


def _texts(elements: list[Element]) -> list[str] | None:
    texts = ["".join(element.itertext()).strip() for element in elements]
    return [text for text in texts if text] or None


def _metadata(element: Element | None) -> Metadata | None:
    if element is None:
        return None
    component = _child(element, "component")
    tools = [*element.findall("tools/tool"), *element.findall("tools/components/component")]
    return Metadata(
        component=None if component is None else (_tree([component]))[0],
        supplier=_company(_child(element, "supplier")),
        manufacture=_company(_child(element, "manufacture")),
        tools=[Tool(_text(tool, "name")) for tool in tools],
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
            inner = _child(element, "components")
            if inner is not None:
                node.components = []
                todo.append((inner.findall("component"), node.components))
            ancestors = _child(_child(element, "pedigree"), "ancestors")
            if ancestors is not None:
                node.pedigree = Pedigree([])
                nodes: list[Node] = []
                node.pedigree.ancestors = nodes
                todo.append((ancestors.findall("component"), nodes))
    return top


def _node(element: Element) -> Node:
    swid = _child(element, "swid")
    return Node(
        ref=_said(element.get("bom-ref")),
        type=_shared(element.get("type")),
        name=_text(element, "name"),
        version=_text(element, "version"),
        group=_shared(_text(element, "group")),
        purl=_text(element, "purl"),
        cpe=_shared(_text(element, "cpe")),
        swid=None if swid is None else Tag(_said(swid.get("name"))),
        publisher=_shared(_text(element, "publisher")),
        author=_shared(_text(element, "author")),
        authors=[_person(author) for author in element.findall("authors/author")] or None,
        supplier=_company(_child(element, "supplier")),
        manufacturer=_company(_child(element, "manufacturer")),
        references=_links(element),
        scope=_shared(_text(element, "scope")),
    )


def _said(text: str | None) -> Said | None:
    return Said(text) if text else None


def _shared(text: str | None) -> Shared | None:
    return Shared(text) if text else None


def _person(element: Element) -> Author:
    return Author(name=_text(element, "name"), mail=_text(element, "email"))


def _company(element: Element | None) -> Company | None:
    if element is None:
        return None
    return Company(
        name=_text(element, "name"),
        urls=_texts(element.findall("url")),
        contacts=[_person(contact) for contact in element.findall("contact")] or None,
    )


def _links(element: Element) -> list[Link] | None:
    return [
        Link(type=LinkType(reference.get("type") or ""), url=_text(reference, "url"))
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
                ref=_said(one.get("bom-ref")),
                name=_text(one, "name"),
                version=_text(one, "version"),
                group=_shared(_text(one, "group")),
                provider=_company(_child(one, "provider")),
                endpoints=_texts(one.findall("endpoints/endpoint")),
                references=_links(one),
            )
            siblings.append(service)
            inner = _child(one, "services")
            if inner is not None:
                service.services = []
                todo.append((inner.findall("service"), service.services))
    return top
