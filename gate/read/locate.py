"""Pointer -> line and column. It runs after deciding, for the few places a report names: reading keeps no positions."""

import re
from collections.abc import Iterable, Mapping
from functools import cached_property
from itertools import accumulate, islice
from typing import NamedTuple

import msgspec

from gate.read import BYTE_ORDER_MARK

UTF_16 = (b"\xff\xfe", b"\xfe\xff")
"""How a document in UTF-16 begins: XML may be, JSON is refused."""

_OBJECT = msgspec.json.Decoder(dict[str, msgspec.Raw])
_LIST = msgspec.json.Decoder(list[msgspec.Raw])
_FOLLOWING = range(0x80, 0xC0)  # all bytes of a letter but its first, in UTF-8
_LONGEST = 3  # of these a letter has
_STRIDE = 1 << 14
_COMPONENTS = re.compile(rb'"components"\s*:\s*(?=\[)')
_HEAD = 1 << 16
_GAP = re.compile(rb"[\s,]*")
_KEY = re.compile(rb'[\s,]*"(?:[^"\\]++|\\.)*+"\s*:\s*')  # possessive: a key may have megabytes

DEEP = 32
"""Steps of a pointer. Real documents nest half as deep."""


class _Listed(msgspec.Struct):
    components: list[msgspec.Raw]


_LISTED = msgspec.json.Decoder(_Listed)


class Place(NamedTuple):
    """Where something stands in a text: line and column, both from 1; a column counts UTF-16 units, as SARIF does."""

    line: int
    column: int


def _width(data: bytes, start: int, end: int) -> int:
    """How many units of UTF-16 a stretch of UTF-8 comes to: a document may be one line, so it is not copied whole."""
    units = 0
    while start < end:
        stop = min(start + _STRIDE, end)
        for _ in range(_LONGEST):  # no letter is cut in two
            if stop == end or data[stop] not in _FOLLOWING:
                break
            stop -= 1
        text = data[start:stop].decode("utf-8", "surrogateescape")  # what is read past need not be UTF-8
        units += len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2
        start = stop
    return units


class _Container:
    """A JSON object or list, cut into members by msgspec, which leaves them unread; their lengths give the places."""

    def __init__(self, data: bytes, offset: int, value: memoryview | bytes | list[msgspec.Raw]) -> None:
        self._data = data
        self._gap = _KEY if data[offset : offset + 1] == b"{" else _GAP
        self._numbers: dict[str, int] | None = None
        try:
            if isinstance(value, list):
                self._values = value
            elif self._gap is _KEY:
                members = _OBJECT.decode(value)
                self._numbers = {key: number for number, key in enumerate(members)}
                self._values = list(members.values())
            else:
                self._values = _LIST.decode(value)
        except (ValueError, RecursionError):  # refused documents are located too, as far as they can be
            self._values = []
        self._ends = [offset + 1]  # where each value ends that was passed on the way so far
        self._lengths: list[int] | None = None  # of all values up to each

    def member(self, step: str) -> tuple[int, memoryview] | None:
        """The place and the bytes of a member, by its key or number."""
        number = self._numbers.get(step) if self._numbers is not None else int(step) if step.isdecimal() else None
        if number is None or number >= len(self._values):
            return None
        ends, data, gap, values = self._ends, self._data, self._gap, self._values
        if self._numbers is None and number > len(ends):  # what follows would else pass every member on the way
            start = self._evenly(number)
            if start is not None:
                return start, memoryview(values[number])
        for passed in values[len(ends) - 1 : number + 1]:
            found = gap.match(data, ends[-1])
            if found is None:
                return None
            ends.append(found.end() + len(memoryview(passed)))
        value = memoryview(values[number])
        return ends[number + 1] - len(value), value

    def _evenly(self, number: int) -> int | None:
        """Where a member of a list begins if the gaps between all are alike, as they are where a program wrote it."""
        data, values = self._data, self._values
        if self._lengths is None:
            self._lengths = list(accumulate([len(memoryview(value)) for value in values], initial=0))
        first = self._gap.match(data, self._ends[0])
        gap = self._gap.match(data, first.end() + self._lengths[1]) if first else None
        if first is None or gap is None:
            return None
        start = first.end() + self._lengths[number] + number * len(gap.group())
        return start if data.startswith(gap.group() + bytes(values[number]), start - len(gap.group())) else None


class Source:
    """A document whose lines can be asked for. Containers are cut into members once, however many places are asked."""

    def __init__(self, data: bytes, attached: Mapping[str, bytes] | None = None) -> None:
        self._data = data.removeprefix(BYTE_ORDER_MARK)
        self._is_xml = self._data[:64].lstrip()[:1] == b"<" or self._data.startswith(UTF_16)
        self._containers: dict[int, _Container] = {}
        self._attached = {pointer: Source(text) for pointer, text in (attached or {}).items()}

    def places(self, pointers: Iterable[str]) -> dict[str, Place]:
        """Pointer -> place, for each place the document has; after a `#`, in the document attached there."""
        own: set[str] = set()
        inside: dict[str, list[str]] = {}
        for pointer in pointers:
            where, mark, rest = pointer.partition("#")
            if mark:
                inside.setdefault(where, []).append(rest)
            else:
                own.add(pointer)
        found = self._places_in_xml(own) if self._is_xml else self._places_in_json(own)
        for where, rests in inside.items():
            if where in self._attached:
                places = self._attached[where].places(rests)
                found.update({f"{where}#{rest}": place for rest, place in places.items()})
        return found

    def _places_in_xml(self, pointers: Iterable[str]) -> dict[str, Place]:
        from gate.read.locate_xml import places_in_xml

        return places_in_xml(self._data, frozenset(pointers))

    def _places_in_json(self, pointers: Iterable[str]) -> dict[str, Place]:
        found: dict[str, Place] = {}
        offsets = {pointer: self.offset(pointer) for pointer in pointers}
        passed, line, column = 0, 1, 1
        for pointer, offset in sorted(((p, o) for p, o in offsets.items() if o is not None), key=lambda item: item[1]):
            if self._data.find(b"\n", passed, offset) >= 0:  # to look for one is ten times as fast as to count them
                lines = self._data.count(b"\n", passed, offset)
                line, column, passed = line + lines, 1, self._data.rindex(b"\n", passed, offset) + 1
            column += _width(self._data, passed, offset)
            passed = offset
            found[pointer] = Place(line, column)
        return found

    @cached_property
    def _components(self) -> int | None:
        """Where the list of components begins; it is cut without cutting the document first, which takes as long."""
        keys = islice(_COMPONENTS.finditer(self._data, 0, _HEAD), 3)  # the generators have components as well
        start = next((key.end() for key in keys if self._is_outermost(key.end())), None)
        if start is not None:
            try:
                self._containers[start] = _Container(self._data, start, _LISTED.decode(self._data).components)
            except (ValueError, RecursionError):
                return None
        return start

    def _is_outermost(self, value: int) -> bool:
        """Whether the value at a byte is one of the document's own: then one brace makes a whole of what is before."""
        try:
            return bool(_OBJECT.decode(self._data[:value] + b"0}"))
        except (ValueError, RecursionError):
            return False

    def offset(self, pointer: str) -> int | None:
        """The byte at which the value of a JSON pointer (RFC 6901) begins."""
        gap = _GAP.match(self._data)
        offset = gap.end() if gap else 0
        value: memoryview | bytes = memoryview(self._data)[offset:]
        parts = pointer.split("/")[1:]
        if parts[:1] == ["components"] and self._components is not None:
            offset, parts = self._components, parts[1:]
        for part in parts:
            container = self._containers.get(offset)
            if container is None:
                container = self._containers[offset] = _Container(self._data, offset, value)
            found = container.member(_plain(part))
            if found is None:
                return None
            offset, value = found
        return offset


def _plain(step: str) -> str:
    return step.replace("~1", "/").replace("~0", "~")


def line_in_json(data: bytes, pointer: str) -> int | None:
    """The line (from 1) at which the value of a JSON pointer begins; None if the document has none there."""
    steps = pointer.split("/")[1:]
    if len(steps) <= DEEP:  # beyond, to cut container after container would be quadratic
        place = Source(data).places([pointer]).get(pointer)
        if place is not None:
            return place.line
    from gate.read.events import offset_of

    try:
        text = data.removeprefix(BYTE_ORDER_MARK).decode()  # also where the document is too deep to be cut
        offset = offset_of(text, [_plain(step) for step in steps])
    except ValueError:
        return None
    return None if offset is None else text.count("\n", 0, offset) + 1


def line_near(data: bytes, pointer: str) -> int | None:
    """The line of a pointer's value; where the document has none, of the object or list in which it should stand."""
    while (line := line_in_json(data, pointer)) is None and pointer:
        pointer = pointer.rpartition("/")[0]
    return line
