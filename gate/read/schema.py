"""The whole document against the official schema, which cyclonedx-python-lib carries. Nothing is ever fetched.

Strict where 1.2 and 1.3 have two schemas: later versions have only that one, and the specification's tests presume it.
`format` (a date, an e-mail address, an IRI) is not asserted: draft-07 leaves that to the validator (Validation, section
7.2: "MAY"), and validators differ. A document with no other flaw than such a value is valid.
"""

import contextlib
import io
import json
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from jsonschema_rs import Draft7Validator, ValidationError
    from lxml.etree import XMLSchema

MAX_FAULTS = 20
MAX_DEPTH = 256
"""Levels of nesting: real documents have up to 32, and thousands overflow the stack of jsonschema-rs."""

_LONGEST = 200
_SMALL = 1_000_000
_CHUNK = 1 << 16
_NAMESPACE = re.compile(r"\{http://cyclonedx\.org/schema/[^}]{1,20}\}")
_TOO_DEEP = f"It is nested more than {MAX_DEPTH} levels deep, and so cannot be checked"


class Fault(msgspec.Struct, frozen=True):
    """One way in which a document breaks the official schema."""

    pointer: str  # JSON: a JSON pointer, "" is the root; XML: /bom[1]/components[1]/component[3]
    line: int | None  # XML only
    message: str


def faults_json(data: bytes, version: str) -> list[Fault]:
    """The first faults of a document that states this version (1.2 to 1.7); a valid one has none."""
    try:
        document = msgspec.json.decode(data)
    except RecursionError:
        return [Fault("", None, _TOO_DEEP)]
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        return [Fault("", None, _short(f"It cannot be read: {error}"))]
    if _is_too_deep(document):
        return [Fault("", None, _TOO_DEEP)]
    validator = _json_schema(version)
    if validator.is_valid(document):
        return []
    faults: list[Fault] = []
    for piece, start in _pieces(document, len(data), version, validator):
        faults += _faults_in(piece, start, validator)
        if len(faults) >= MAX_FAULTS:
            break
    # Only as a whole does a list show that it holds an item twice.
    return faults[:MAX_FAULTS] or [_fault(error) for error in validator.iter_errors(document)]


def faults_xml(data: bytes, version: str) -> list[Fault]:
    """The first faults of a document that states this version (1.0 to 1.7); a valid one has none."""
    # Without a tree: it would take up to forty times the size of the document, and in it libxml2 counts siblings anew
    # for each fault. What the validator says as it follows the parser has no place, so a second reading finds that.
    counter = _Follower(MAX_FAULTS)
    _follow(counter, (data[start : start + _CHUNK] for start in range(0, len(data), _CHUNK)), version)
    if not counter.faults:
        return []
    locator = _Locator(len(counter.faults))
    _follow(locator, io.BytesIO(data), version)
    return locator.faults


def _is_too_deep(document: object) -> bool:
    level = [document]
    for _ in range(MAX_DEPTH + 1):
        level = [
            inside
            for outside in level
            if isinstance(outside, dict | list)
            for inside in (outside.values() if isinstance(outside, dict) else outside)
            if isinstance(inside, dict | list)
        ]
        if not level:
            return False
    return True


@cache
def _json_schema(version: str) -> "Draft7Validator":
    from cyclonedx.schema import SchemaVersion, _res
    from jsonschema_rs import Draft7Validator, RegexOptions

    path = _res.BOM_JSON_STRICT[SchemaVersion.from_version(version)]
    if path is None:
        raise ValueError(f"CycloneDX {version} has no JSON")
    referred = {
        f"http://cyclonedx.org/schema/{Path(file).name}": file
        for file in (_res.SPDX_JSON, _res.JSF, _res.CRYPTOGRAPHY_DEFS)
    }

    def carried(uri: str) -> Any:
        return json.loads(Path(referred[uri]).read_bytes(), object_hook=_assert_uri)

    return Draft7Validator(
        json.loads(Path(path).read_bytes()),
        retriever=carried,
        validate_formats=False,
        pattern_options=RegexOptions(),  # in linear time, whatever the document holds
    )


def _assert_uri(schema: dict[str, Any]) -> dict[str, Any]:
    # jsf-0.82, definitions/signer/properties/algorithm, is `oneOf` the listed names or a string of format `uri`. Not
    # asserted, that takes the listed names too: "ES256" fits both, and no such signature is valid. No other `oneOf`
    # rests on a format, so only there is it asserted, as far as it tells the two apart (RFC 3986, section 3.1).
    return schema | {"pattern": "^[A-Za-z][A-Za-z0-9+.-]*:"} if schema.get("format") == "uri" else schema


def _pieces(
    document: Any, size: int, version: str, validator: "Draft7Validator"
) -> Iterator[tuple[Any, tuple[str, int] | None]]:
    """A small document as it is; of a large one first what is not in its lists, then each item, and where that is.

    jsonschema-rs makes all faults before it hands out the first, and a hundred thousand of them cost a minute and
    gigabytes, where to know that there are some costs milliseconds.
    """
    if size <= _SMALL or not isinstance(document, dict):
        yield document, None
        return
    lists = {key: value for key, value in document.items() if isinstance(value, list)}
    yield document | {key: [] for key in lists}, None
    head = {"bomFormat": "CycloneDX", "specVersion": version, "version": 1}
    for key, items in lists.items():
        if validator.is_valid(head | {key: []}):
            for number, item in enumerate(items):
                yield head | {key: [item]}, (key, number)


def _faults_in(piece: Any, start: tuple[str, int] | None, validator: "Draft7Validator") -> list[Fault]:
    if validator.is_valid(piece):
        return []
    if len(msgspec.json.encode(piece)) > _SMALL:
        return [Fault(_pointer(start or ()), None, "It breaks the schema, and is too large to say where")]
    return [_fault(error, start) for error in validator.iter_errors(piece)]


def _fault(error: "ValidationError", start: tuple[str, int] | None = None) -> Fault:
    place = error.instance_path
    return Fault(_pointer((*start, *place[2:]) if start and len(place) > 1 else place), None, _short(error.message))


def _pointer(place: Iterable[str | int]) -> str:
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in place)


@cache
def _xml_schema(version: str) -> "XMLSchema":
    from cyclonedx.schema import SchemaVersion, _res
    from lxml.etree import XMLSchema

    return XMLSchema(file=_res.BOM_XML[SchemaVersion.from_version(version)] or "")


class _Stop(Exception):
    """There is no need to read on."""


class _Follower:
    """A parser target, which hears of every element and builds nothing; it keeps what is wrong with the document."""

    def __init__(self, most: int) -> None:
        self.parser: Any = None
        self.piece = 0
        self.faults: list[Fault] = []
        self._most = most
        self._logged = 0
        self._depth = 0

    def doctype(self, _name: str, _public: str | None, _system: str | None) -> None:
        self._refuse("It declares a document type, which can hide or multiply content")

    def start(self, _tag: str, _attributes: object) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            self._refuse(_TOO_DEEP)

    def end(self, _tag: str) -> None:
        self._depth -= 1

    def close(self) -> None:
        """Part of a target: the result of parsing, which is none."""

    def place(self) -> tuple[str, int | None]:
        return "", None

    def settle(self) -> None:
        """Keep what parser and validator have logged since the last time."""
        for entry in self.parser.feed_error_log.filter_from_errors()[self._logged :]:
            self._logged += 1
            pointer, line = self.place()
            self.faults.append(Fault(pointer, entry.line or line, _short(_NAMESPACE.sub("", entry.message.strip()))))
            if len(self.faults) == self._most:
                raise _Stop

    def _refuse(self, message: str) -> None:
        self.faults.append(Fault(*self.place(), message))
        raise _Stop


class _Locator(_Follower):
    """One that is fed line by line and keeps count: what is logged after an event and before the next is about that."""

    def __init__(self, most: int) -> None:
        super().__init__(most)
        self._path: list[tuple[str, int]] = []
        self._siblings: list[dict[str, int]] = [{}]
        self._has_ended = False

    def start(self, tag: str, attributes: object) -> None:
        self._leave()
        super().start(tag, attributes)
        name = tag.rpartition("}")[2][:_LONGEST]
        number = self._siblings[-1][name] = self._siblings[-1].get(name, 0) + 1
        self._path.append((f"/{name}[{number}]", self.piece))
        self._siblings.append({})

    def end(self, tag: str) -> None:
        self._leave()
        super().end(tag)
        self._has_ended = True

    def place(self) -> tuple[str, int | None]:
        return "".join(step for step, _ in self._path), self._path[-1][1] if self._path else self.piece

    def _leave(self) -> None:
        self.settle()
        if self._has_ended:
            self._path.pop()
            self._siblings.pop()
            self._has_ended = False


def _follow(follower: _Follower, pieces: Iterable[bytes], version: str) -> None:
    from lxml import etree

    target: Any = follower  # one that listens to text and comments too is slower
    follower.parser = parser = etree.XMLParser(
        target=target,
        schema=_xml_schema(version),
        huge_tree=True,  # texts of more than 10 MB; there is no tree, and depth is watched here
        no_network=True,
        resolve_entities=False,
        load_dtd=False,
        attribute_defaults=False,
        collect_ids=False,
    )
    with contextlib.suppress(_Stop):
        try:
            for follower.piece, piece in enumerate(pieces, 1):
                parser.feed(piece)
                follower.settle()
            parser.close()
        except etree.XMLSyntaxError as error:
            follower.settle()
            if not follower.faults:
                follower.faults.append(Fault("", None, _short(str(error))))


def _short(message: str) -> str:
    """One printable line, whatever of the document it quotes; the reason stands at the end of it."""
    if len(message) > _LONGEST:
        message = f"{message[:110]} ... {message[-80:]}"
    return "".join(character if character.isprintable() else " " for character in message)
