"""XML elements as the reader of CycloneDX needs them: no entities, one namespace, nothing hidden and nothing twice.

What a document may hide by being written oddly is refused, never read as absent.
"""

from xml.etree.ElementTree import Element, ParseError

from gate.errors import ReadError
from gate.read.locate_xml import line_of_document_type

NAMESPACE = "http://cyclonedx.org/schema/bom/"

LIKE_CYCLONEDX = "cyclonedx.org/schema/bom"
"""What every spelling of the namespace holds, with whatever scheme and in whatever letters."""

HOMES = {
    "component": {"components", "metadata", "ancestors", "descendants", "variants", "annotator"},
    "components": {"bom", "component", "tools", "formula", "targets"},
    "service": {"services", "annotator"},
    "services": {"bom", "service", "tools", "formula", "targets"},
}
"""Where these may stand. Within anything else nobody would look for them."""

_READ = """
bom metadata component components service services tools tool supplier manufacture manufacturer provider contact name
version group purl cpe swid publisher author authors email url scope pedigree ancestors externalReferences reference
endpoints endpoint
"""
_BY_LETTERS = {name.lower(): name for name in _READ.split()}
"""The elements that are read, by their letters in lower case: written in others they would not be."""


class Misplaced(Exception):
    """Something is wrong with this element; its place is looked for only then."""

    def __init__(self, element: Element, what: str, remedy: str) -> None:
        self.element = element
        self.what = what
        self.remedy = remedy
        super().__init__(what)


def parse(data: bytes, name: str) -> Element:
    """The root element, its tags with their namespaces. Raises ReadError."""
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    try:
        # All at once: of a tag that comes in pieces, expat before 2.6 reads all of it again for each.
        root: Element = fromstring(data, forbid_dtd=True)
    except DefusedXmlException as error:
        raise ReadError(
            "It declares a document type or entities, which can hide or multiply content",
            file=name,
            line=line_of_document_type(data),
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
    return root


def strip(root: Element) -> str:
    """Take the document's namespace off every tag, and return it. Raises Misplaced.

    What stands in another namespace is an extension and decides nothing, so nothing of CycloneDX may stand within it.
    """
    space = root.tag.partition("}")[0] + "}"
    root.tag = root.tag[len(space) :]
    for parent in root.iter():
        above = parent.tag
        for element in parent:
            tag = element.tag
            if tag.startswith(space):
                tag = element.tag = tag[len(space) :]
            elif LIKE_CYCLONEDX in tag.lower():
                raise Misplaced(
                    element,
                    f"<{_local(tag)}> is of another CycloneDX version or namespace than the document",
                    "Use one namespace; what stands in a second one would not be read.",
                )
            elif tag[:1] == "{":
                continue
            meant = _BY_LETTERS.get(tag.lower(), tag)
            if tag != meant:
                raise Misplaced(element, f"<{tag}> is no element of CycloneDX", f"Write <{meant}>.")
            homes = HOMES.get(tag)
            if above[:1] == "{" or (homes is not None and above not in homes):
                raise Misplaced(
                    element,
                    f"<{tag[:40]}> stands within <{_local(above)}>, where nobody would read it",
                    "Put it where CycloneDX has it.",
                )
    return space


def child(element: Element | None, tag: str) -> Element | None:
    """The one child of that name. Two are refused: which of them is meant nobody can know."""
    if element is None:
        return None
    found = element.findall(tag)
    if len(found) > 1:
        raise Misplaced(found[1], f"<{tag}> is given twice within <{element.tag}>", "Keep one of them.")
    return found[0] if found else None


def text(element: Element | None, tag: str) -> str | None:
    """The text of the one child of that name; empty is absent."""
    found = child(element, tag)
    return None if found is None else _text_of(found)


def texts(elements: list[Element]) -> list[str] | None:
    """The texts of elements that may be many."""
    return [found for found in map(_text_of, elements) if found] or None


def attribute(element: Element, key: str) -> str | None:
    """An attribute; empty is absent. Written another way it would be read as absent, and is refused."""
    for given in element.attrib:
        if given != key and _local(given).lower() == key:
            raise Misplaced(element, f"Its attribute {given[-60:]!r} is not CycloneDX's {key!r}", f"Write {key}=.")
    return element.get(key) or None


def _text_of(element: Element) -> str | None:
    if len(element):
        raise Misplaced(
            element[0],
            f"<{_local(element[0].tag)}> stands within the text of <{element.tag}>, which readers read differently",
            "Write the text alone.",
        )
    return (element.text or "").strip() or None


def _local(tag: str) -> str:
    return tag.rpartition("}")[2][:40]
