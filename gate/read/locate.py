"""Pointer -> line. It runs after deciding, for the few places a report names, so reading need not keep positions."""

import re
import xml.parsers.expat

import msgspec

_MEMBERS = msgspec.json.Decoder(dict[str, msgspec.Raw])
_ITEMS = msgspec.json.Decoder(list[msgspec.Raw])
_GAP = re.compile(rb"[\s,]*")
_KEY = re.compile(rb'[\s,]*"(?:[^"\\]|\\.)*"\s*:\s*')


def line_in_json(data: bytes, pointer: str) -> int | None:
    """The line (from 1) at which the value of a JSON pointer (RFC 6901) begins; None if the document has none there."""
    offset = offset_in_json(data, pointer)
    return None if offset is None else data.count(b"\n", 0, offset) + 1


def offset_in_json(data: bytes, pointer: str) -> int | None:
    """The byte at which the value of a JSON pointer begins."""
    start = _GAP.match(data, 3 if data.startswith(b"\xef\xbb\xbf") else 0)
    offset = start.end() if start else 0
    value = memoryview(data)[offset:]
    for part in pointer.split("/")[1:]:
        step = _step(data, offset, value, part.replace("~1", "/").replace("~0", "~"))
        if step is None:
            return None
        offset, value = step
    return offset


def _step(data: bytes, offset: int, value: memoryview, part: str) -> tuple[int, memoryview] | None:
    """One level down: msgspec cuts the container into members without reading them, their lengths give the places."""
    try:
        if data[offset : offset + 1] == b"{":
            members = _MEMBERS.decode(value).items()
        else:
            members = ((str(number), item) for number, item in enumerate(_ITEMS.decode(value)))
    except (ValueError, RecursionError):  # refused documents are located too, as far as they can be
        return None
    gap = _KEY if data[offset : offset + 1] == b"{" else _GAP
    place = offset + 1
    for key, raw in members:
        found = gap.match(data, place)
        if found is None:
            return None
        place, inside = found.end(), memoryview(raw)
        if key == part:
            return place, inside
        place += len(inside)
    return None


CONTAINERS = {"components": "component", "services": "service", "ancestors": "component", "authors": "author"}
"""XML elements that hold a list: their children are numbered in a pointer as the items of a JSON list are."""


def line_in_xml(data: bytes, pointer: str) -> int | None:
    """The line (from 1) of the element that a pointer names: `/components/0` is the first child of `components`."""
    wanted = pointer.split("/")[1:]
    path: list[str] = []
    counts: list[int] = []
    parser = xml.parsers.expat.ParserCreate(namespace_separator=" ")
    found: list[int] = []

    def start(tag: str, _: dict[str, str]) -> None:
        name = tag.rpartition(" ")[2]
        if counts:
            parent = path[-1] if len(path) else ""
            if parent in CONTAINERS and name == CONTAINERS[parent]:
                name = str(counts[-1])
                counts[-1] += 1
            path.append(name)
        counts.append(0)
        if not found and path == wanted:
            found.append(parser.CurrentLineNumber)

    def end(_: str) -> None:
        counts.pop()
        if path:
            path.pop()

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    try:
        parser.Parse(data, True)
    except xml.parsers.expat.ExpatError:
        return None
    return found[0] if found else None
