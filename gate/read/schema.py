"""The whole document against the official schema, which cyclonedx-python-lib carries. Nothing is ever fetched.

Strict where 1.2 and 1.3 have two schemas: later versions have only that one, and the specification's tests presume it.
`format` (a date, an e-mail address, an IRI) is not asserted: draft-07 leaves that to the validator (Validation, section
7.2: "MAY"), and validators differ. A document with no other flaw than such a value is valid.
"""

import contextlib
import gc
import json
import re
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import chain, repeat
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from jsonschema_rs import Draft7Validator, ValidationError
    from lxml.etree import XMLSchema

MAX_FAULTS = 20
MAX_DEPTH = 256
"""Levels of nesting: real documents have up to 32, and thousands overflow the stack of jsonschema-rs."""

_CONTAINERS = frozenset({dict, list})
_LONGEST = 200
_SMALL = 1_000_000  # bytes
_CHUNK = 1 << 20
_PATIENCE = 300_000_000_000  # characters measured again and again: some seconds
_Place = tuple[str | int, ...]
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
        document = _decode(data)
    except _Refused as refusal:
        return [Fault("", None, str(refusal))]
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
    # Without a tree: that takes up to forty times the size of the document, and in it libxml2 counts siblings anew for
    # each fault. Three parsers read it instead. One refuses it, for with a schema lxml drops what is not well-formed;
    # one validates it, and knows no places; and only if there are faults, one looks for these.
    from lxml.etree import XMLSyntaxError

    guard, validator = _parser(_Guard()), _parser(_Target(), version)
    try:
        for start in range(0, len(data), _CHUNK):
            guard.feed(data[start : start + _CHUNK])
            validator.feed(data[start : start + _CHUNK])
            if _complaints(guard) or len(_complaints(validator)) >= MAX_FAULTS:
                break
        else:
            guard.close()
    except _Refused as refusal:
        return [Fault("", None, str(refusal))]
    except XMLSyntaxError as error:
        return [Fault("", error.lineno or None, _short(f"It is no XML: {error.msg}"))]
    if unformed := _complaints(guard):
        return [Fault("", unformed[0].line, _short(f"It is no XML: {unformed[0].message}"))]
    complaints = _complaints(validator)[:MAX_FAULTS]
    places = _places(data, version, len(complaints)) if complaints else []
    return [
        Fault(pointer, line, _short(_NAMESPACE.sub("", complaint.message.strip())))
        for complaint, (pointer, line) in zip(complaints, chain(places, repeat(("", None))), strict=False)
    ]


def _decode(data: bytes) -> Any:
    collects = gc.isenabled()
    gc.disable()  # nothing here holds cycles, and collecting costs as much again as parsing
    try:
        document = msgspec.json.decode(data)
        level: list[Any] = [[document]]
        for _ in range(MAX_DEPTH + 1):
            level = [
                inside
                for outside in level
                for inside in (outside.values() if type(outside) is dict else outside)
                if type(inside) in _CONTAINERS
            ]
    except RecursionError as error:
        raise _Refused(_TOO_DEEP) from error
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise _Refused(_short(f"It cannot be read: {error}")) from error
    finally:
        if collects:
            gc.enable()
    if level:
        raise _Refused(_TOO_DEEP)
    return document


@cache
def _json_schema(version: str) -> "Draft7Validator":
    from cyclonedx.schema import SchemaVersion, _res
    from jsonschema_rs import Draft7Validator, RegexOptions

    path = _res.BOM_JSON_STRICT[SchemaVersion.from_version(version)]
    if path is None:
        raise ValueError(f"CycloneDX {version} has no JSON")
    files = (_res.SPDX_JSON, _res.JSF, _res.CRYPTOGRAPHY_DEFS)
    referred = {f"http://cyclonedx.org/schema/{Path(file).name}": file for file in files}

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


def _pieces(document: Any, size: int, version: str, validator: "Draft7Validator") -> Iterator[tuple[Any, _Place]]:
    # jsonschema-rs makes every fault before it hands out the first, and a hundred thousand can cost a minute and
    # gigabytes; that there are some it says in milliseconds. So a large document is taken apart: first all that is
    # not in its lists, then each of their items in a document of its own.
    if size <= _SMALL or not isinstance(document, dict):
        yield document, ()
        return
    lists = {key: value for key, value in document.items() if isinstance(value, list)}
    yield document | {key: [] for key in lists}, ()
    head = {"bomFormat": "CycloneDX", "specVersion": version, "version": 1}
    for key, items in lists.items():
        if validator.is_valid(head | {key: []}):
            for number, item in enumerate(items):
                yield head | {key: [item]}, (key, number)


def _faults_in(piece: Any, start: _Place, validator: "Draft7Validator") -> list[Fault]:
    if validator.is_valid(piece):
        return []
    if len(msgspec.json.encode(piece)) > _SMALL:
        return [Fault(_pointer(start), None, "It breaks the schema, and is too large to say where")]
    return [_fault(error, start) for error in validator.iter_errors(piece)]


def _fault(error: "ValidationError", start: _Place = ()) -> Fault:
    return Fault(_pointer((*start, *error.instance_path[len(start) :])), None, _short(error.message))


def _pointer(place: Iterable[str | int]) -> str:
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in place)


@cache
def _xml_schema(version: str) -> "XMLSchema":
    from cyclonedx.schema import SchemaVersion, _res
    from lxml.etree import XMLSchema

    return XMLSchema(file=_res.BOM_XML[SchemaVersion.from_version(version)] or "")


def _parser(target: Any, version: str | None = None) -> Any:
    from lxml.etree import XMLParser

    return XMLParser(
        target=target,
        schema=_xml_schema(version) if version else None,
        huge_tree=True,  # for texts of more than 10 MB: there is no tree, and _Guard watches the depth
        no_network=True,
        resolve_entities=False,
        load_dtd=False,
    )


def _complaints(parser: Any) -> Any:
    return parser.feed_error_log.filter_from_errors()


class _Refused(Exception):
    """There is no reading on."""


class _Target:
    """What a parser tells of the document, in place of building a tree."""

    def close(self) -> None:
        """The parser asks for the result, and there is none."""


class _Guard(_Target):
    """Refuses what CycloneDX has no use for, and what would keep the validator busy for hours."""

    _depth = _text = _work = 0

    def doctype(self, _name: str, _public: str | None, _system: str | None) -> None:
        raise _Refused("It declares a document type, which can hide or multiply content")

    def start(self, _tag: str, _attributes: object) -> None:
        self._text = 0
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise _Refused(_TOO_DEEP)

    def end(self, _tag: str) -> None:
        self._text = 0
        self._depth -= 1

    def data(self, text: str) -> None:
        # Text comes in pieces (a character reference is one), and libxml2 measures all of it again for each.
        self._text += len(text)
        self._work += self._text
        if self._work > _PATIENCE:
            raise _Refused("A text in it is in too many pieces to be checked")


class _Locator(_Target):
    """Counts elements: what the validator says after an event and before the next one is about that."""

    def __init__(self, most: int) -> None:
        self.places: list[tuple[str, int | None]] = []
        self.parser: Any = None
        self.line = 0
        self._most = most
        self._path: list[tuple[str, int]] = []
        self._siblings: list[dict[str, int]] = [{}]
        self._has_ended = False

    def start(self, tag: str, _attributes: object) -> None:
        self._leave()
        name = tag.rpartition("}")[2][:60]
        number = self._siblings[-1][name] = self._siblings[-1].get(name, 0) + 1
        self._path.append((f"/{name}[{number}]", self.line))
        self._siblings.append({})

    def end(self, _tag: str) -> None:
        self._leave()
        self._has_ended = True

    def close(self) -> None:
        self._leave()

    def _leave(self) -> None:
        for _ in _complaints(self.parser)[len(self.places) : self._most]:
            self.places.append(("".join(step for step, _ in self._path), self._path[-1][1]))
        if len(self.places) == self._most:
            raise _Refused
        if self._has_ended:
            self._path.pop()
            self._siblings.pop()
            self._has_ended = False


def _places(data: bytes, version: str, most: int) -> list[tuple[str, int | None]]:
    from lxml.etree import XMLSyntaxError

    locator = _Locator(most)
    locator.parser = _parser(locator, version)
    line = 1
    with contextlib.suppress(_Refused, XMLSyntaxError):  # of the part that the other two did not come to
        # Each piece ends with a line that has markup in it: elements start and end on that line, and text stays whole.
        for piece in re.finditer(rb"[^<>]*[^\n]*\n?", data):
            locator.line = line + piece[0].count(b"\n", 0, -1)
            line += piece[0].count(b"\n")
            locator.parser.feed(piece[0])
        locator.parser.close()
    return locator.places


def _short(message: str) -> str:
    """One printable line, whatever of the document it quotes; the reason stands at the end of it."""
    if len(message) > _LONGEST:
        message = f"{message[:110]} ... {message[-80:]}"
    return "".join(character if character.isprintable() else " " for character in message)
