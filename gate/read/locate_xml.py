"""Pointer -> line and column of an XML element: the same as `locate`, by expat, which tells where it stands."""

import contextlib
import xml.parsers.expat
from collections.abc import Callable, Mapping

from gate.read.locate import UTF_16, Place

At = tuple[int, int, int]
"""Line, column in letters, and byte."""

WIDE = bytes(range(0xF0, 0x100))
"""With what a letter begins in UTF-8 that takes two units of UTF-16."""


def line_of_document_type(data: bytes) -> int | None:
    """The line on which an XML document declares its type, with all the entities that come with it."""
    found: list[int] = []
    parser = xml.parsers.expat.ParserCreate()

    def declare(*_: object) -> None:
        found.append(parser.CurrentLineNumber)
        raise _Found  # before anything of the declaration is read

    parser.StartDoctypeDeclHandler = declare
    with contextlib.suppress(xml.parsers.expat.ExpatError, _Found):
        parser.Parse(data, True)
    return found[0] if found else None


class _Found(Exception):
    """What was looked for is found."""


CONTAINERS = {"components": "component", "services": "service", "ancestors": "component"}
"""XML elements that hold a list: their children are numbered in a pointer as the items of a JSON list are."""


def places_in_xml(data: bytes, pointers: frozenset[str]) -> dict[str, Place]:
    """Pointer -> place of its element: `/components/0` is the first child of `components`."""
    found: dict[str, At] = {}
    depths = {pointer.count("/") for pointer in pointers}

    def visit(path: list[str], at: At) -> None:
        if len(path) in depths:  # a pointer at every depth of a hostile document would be quadratic
            pointer = "".join(f"/{part}" for part in path)
            if pointer in pointers:
                found.setdefault(pointer, at)

    read, encoding = _visit_xml(data, visit)
    return _in_utf_16(read, found) if encoding in (None, "utf-8") else {p: Place(*at[:2]) for p, at in found.items()}


def place_in_xml(data: bytes, number: int) -> tuple[str, int | None]:
    """Pointer and line of an element by its number: 0 is the root."""
    left = number
    place: tuple[str, int | None] = "", None

    def visit(path: list[str], at: At) -> None:
        nonlocal left, place
        if left == 0:
            place = "".join(f"/{part}" for part in path), at[0]
        left -= 1

    _visit_xml(data, visit)
    return place


def _visit_xml(data: bytes, visit: Callable[[list[str], At], None]) -> tuple[bytes, str | None]:
    """Show every element's path and place, in the order of the document; what was read, and its encoding."""
    path: list[str] = []
    counts: list[int] = []
    encoding = "utf-8" if data.startswith(UTF_16) else None  # in place of what the document declares
    if encoding:
        data = data.decode("utf-16", "replace").encode("utf-8", "replace")
    parser = xml.parsers.expat.ParserCreate(encoding, namespace_separator=" ")

    def declare(_version: str, declared: str | None, _standalone: int) -> None:
        nonlocal encoding
        encoding = encoding or (declared or "utf-8").lower()

    def start(tag: str, _: dict[str, str]) -> None:
        name = tag.rpartition(" ")[2]
        if counts:  # the root has no place in a pointer
            if path and CONTAINERS.get(path[-1]) == name:
                name = str(counts[-1])
                counts[-1] += 1
            path.append(name)
        counts.append(0)
        visit(path, (parser.CurrentLineNumber, parser.CurrentColumnNumber + 1, parser.CurrentByteIndex))

    def end(_: str) -> None:
        counts.pop()
        if path:
            path.pop()

    parser.XmlDeclHandler = declare
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    with contextlib.suppress(xml.parsers.expat.ExpatError):  # the reader has refused it, or will
        parser.Parse(data, True)
    return data, encoding


def _in_utf_16(data: bytes, found: Mapping[str, At]) -> dict[str, Place]:
    """Expat counts letters; those beyond the first plane are two units of UTF-16, and begin with a byte from F0 on."""
    places: dict[str, Place] = {}
    passed = wide = 0
    for pointer, (line, column, offset) in sorted(found.items(), key=lambda item: item[1]):
        start = max(data.rfind(b"\n", passed, offset), data.rfind(b"\r", passed, offset)) + 1
        if start:
            passed, wide = start, 0
        wide += offset - passed - len(data[passed:offset].translate(None, WIDE))
        passed = offset
        places[pointer] = Place(line, column + wide)
    return places
