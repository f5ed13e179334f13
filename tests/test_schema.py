"""Validation against the official schema: what is valid, what is not and where, and that no document can hurt."""

import json
import re
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion, _res

from gate.read import schema
from gate.read.schema import MAX_DEPTH, MAX_FAULTS, Fault, faults_json, faults_xml

JSON_VERSIONS = ("1.2", "1.3", "1.4", "1.5", "1.6", "1.7")
XML_VERSIONS = ("1.0", "1.1", *JSON_VERSIONS)
LIBRARY = {"type": "library", "name": "left-pad", "version": "1.3.0"}


def bom(spec: str = "1.6", /, **members: Any) -> bytes:
    return json.dumps({"bomFormat": "CycloneDX", "specVersion": spec, "version": 1} | members).encode()


def xml(inside: str, version: str = "1.6", before: str = "") -> bytes:
    return f'{before}<bom xmlns="http://cyclonedx.org/schema/bom/{version}" version="1">{inside}</bom>'.encode()


def in_component(inside: str) -> str:
    return f'<components><component type="library">{inside}</component></components>'


def named(key: str) -> dict[str, Any]:
    return {key: 1}


@pytest.fixture
def door() -> Iterator[tuple[str, socket.socket]]:
    """A URL on this machine, and the socket on which a visit would show."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.setblocking(False)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/thing", listening


def assert_nobody_came(listening: socket.socket) -> None:
    with pytest.raises(BlockingIOError):
        listening.accept()


# JSON


@pytest.mark.parametrize("version", JSON_VERSIONS)
def test_a_small_json_document_of_every_version_is_valid(version: str) -> None:
    assert faults_json(bom(version, components=[LIBRARY]), version) == []


@pytest.mark.parametrize("version", JSON_VERSIONS)
def test_an_unknown_key_is_a_fault_in_every_version(version: str) -> None:
    [fault] = faults_json(bom(version, components=[LIBRARY | {"flavour": "sweet"}]), version)
    assert fault == Fault("/components/0", None, "Additional properties are not allowed ('flavour' was unexpected)")


@pytest.mark.parametrize(
    ("members", "pointer", "words"),
    [
        ({"components": [{"type": "library"}]}, "/components/0", '"name" is a required property'),
        ({"components": [LIBRARY | {"name": 1}]}, "/components/0/name", 'is not of type "string"'),
        ({"components": [LIBRARY | {"type": "lib"}]}, "/components/0/type", "is not one of"),
        ({"serialNumber": "urn:uuid:1"}, "/serialNumber", "does not match"),
        ({"version": 0}, "/version", "is less than the minimum of 1"),
        ({"components": [LIBRARY, LIBRARY]}, "/components", "has non-unique elements"),
        ({"components": [LIBRARY | {"licenses": [{"license": {}}]}]}, "/components/0/licenses", "'oneOf'"),
        ({"components": {}}, "/components", 'is not of type "array"'),
    ],
)
def test_each_kind_of_fault_is_told_with_its_pointer(members: dict[str, Any], pointer: str, words: str) -> None:
    [fault] = faults_json(bom(**members), "1.6")
    assert fault.pointer == pointer
    assert fault.line is None
    assert words in fault.message


def test_a_pointer_escapes_what_pointers_are_made_of() -> None:
    assert schema._pointer(["a/b", "c~d", 0]) == "/a~1b/c~0d/0"


@pytest.mark.parametrize("algorithm", ["ES256", "https://example.org/algorithm", "urn:example:algorithm"])
@pytest.mark.parametrize("version", ["1.4", "1.5", "1.6", "1.7"])
def test_a_document_with_a_jsf_signature_is_valid(version: str, algorithm: str) -> None:
    signature = {"algorithm": algorithm, "certificatePath": ["MIIB"], "value": "tqIT"}
    assert faults_json(bom(version, signature=signature), version) == []
    assert faults_json(bom(version, signature={"signers": [signature]}), version) == []


def test_a_standard_may_be_signed_too() -> None:
    standard = {"bom-ref": "s", "name": "A standard", "signature": {"algorithm": "ES256", "value": "tqIT"}}
    assert faults_json(bom(definitions={"standards": [standard]}), "1.6") == []


def test_a_signature_by_an_algorithm_that_is_neither_listed_nor_a_uri_is_a_fault() -> None:
    [fault] = faults_json(bom(signature={"algorithm": "mine", "value": "tqIT"}), "1.6")
    assert fault.pointer == "/signature"


def test_a_format_is_not_asserted() -> None:
    metadata = {"timestamp": "yesterday", "authors": [{"email": "nobody"}]}
    assert faults_json(bom(metadata=metadata), "1.6") == []


def test_a_licence_that_spdx_does_not_list_is_a_fault() -> None:
    listed = LIBRARY | {"licenses": [{"license": {"id": "MIT"}}]}
    unlisted = LIBRARY | {"licenses": [{"license": {"id": "MIT-ish"}}]}
    assert faults_json(bom(components=[listed]), "1.6") == []
    assert faults_json(bom(components=[unlisted]), "1.6") != []


@pytest.mark.parametrize("data", [b"", b"{", b"{}}", b"[NaN]", b'"\xff"', b'"\\ud800"', b'{"version": 1e999}'])
def test_what_is_no_json_is_a_fault(data: bytes) -> None:
    [fault] = faults_json(data, "1.6")
    assert fault.message.startswith("It cannot be read: ")


@pytest.mark.parametrize("data", [b"[]", b"null", b"1", b'"text"', b"{}"])
def test_what_is_no_object_with_the_marks_of_cyclonedx_is_a_fault(data: bytes) -> None:
    assert faults_json(data, "1.6") != []


@pytest.mark.parametrize("levels", [MAX_DEPTH // 2, 3_000, 1_000_000])
def test_json_that_is_nested_too_deeply_is_a_fault(levels: int) -> None:
    below = b'{"type":"library","name":"a","components":[' * levels
    data = b'{"bomFormat":"CycloneDX","specVersion":"1.6","components":[' + below + b"]}" * levels + b"]}"
    [fault] = faults_json(data, "1.6")
    assert fault.message == "It is nested more than 256 levels deep, and so cannot be checked"


def test_components_may_be_nested_as_deep_as_any_real_document() -> None:
    inside: dict[str, Any] = LIBRARY
    for _ in range(MAX_DEPTH // 2 - 2):
        inside = LIBRARY | {"components": [inside]}
    assert faults_json(bom(components=[inside]), "1.6") == []


def test_no_more_than_the_first_faults_are_told() -> None:
    faults = faults_json(bom(components=[{"type": "library", "version": str(n)} for n in range(100)]), "1.6")
    assert [fault.pointer for fault in faults] == [f"/components/{number}" for number in range(MAX_FAULTS)]


def test_a_large_document_has_the_same_faults_as_a_small_one() -> None:
    components: list[dict[str, Any]] = [LIBRARY | {"version": str(number)} for number in range(200)]
    components[7] = {"type": "library", "licenses": [{"license": {"id": "MIT-ish"}}]}
    components[150] = LIBRARY | {"components": [{"type": "lib", "name": "a"}]}
    small: dict[str, Any] = {"components": components, "services": [{}], "metadata": [], "unknown": [1], "version": 0}
    large = small | {"dependencies": [{"ref": str(number)} for number in range(60_000)]}
    told = faults_json(bom(**large), "1.6")
    assert len(bom(**small)) < 1_000_000 < len(bom(**large))
    assert len(told) == 7
    assert set(told) == set(faults_json(bom(**small), "1.6"))


def test_an_item_given_twice_in_a_large_list_is_a_fault() -> None:
    [fault] = faults_json(bom(dependencies=[{"ref": str(number % 59_999)} for number in range(60_000)]), "1.6")
    assert fault.pointer == "/dependencies"
    assert fault.message.endswith("has non-unique elements")


def test_a_message_never_echoes_ten_megabytes() -> None:
    long = "x" * 10_000_000
    for data in (bom(serialNumber=long), bom(**named(long)), bom(components=[LIBRARY | {"type": long}])):
        [fault] = faults_json(data, "1.6")
        assert len(fault.message) <= 200
        assert len(fault.pointer) <= 200
    value = f'<component type="{long}"><name>a</name></component>'
    name = f"<{long[:40_000]}/>"
    for inside in (f"<components>{value}</components>", name):
        [fault] = faults_xml(xml(inside), "1.6")
        assert len(fault.message) <= 200
        assert len(fault.pointer) <= 200


def test_a_message_is_one_printable_line() -> None:
    [fault] = faults_json(bom(**named("a\nb\x1b[31m\u202e")), "1.6")
    assert fault.message.isprintable()


# XML


@pytest.mark.parametrize("version", XML_VERSIONS)
def test_a_small_xml_document_of_every_version_is_valid(version: str) -> None:
    modified = "<modified>false</modified>" if version == "1.0" else ""
    inside = in_component(f"<name>left-pad</name><version>1.3.0</version>{modified}")
    assert faults_xml(xml(inside, version), version) == []


@pytest.mark.parametrize("version", XML_VERSIONS)
def test_an_unknown_element_is_a_fault_in_every_version(version: str) -> None:
    [fault] = faults_xml(xml("\n<components>\n<flavour/></components>", version), version)
    assert fault.pointer == "/bom[1]/components[1]/flavour[1]"
    assert fault.line == 3
    assert fault.message == "Element 'flavour': This element is not expected. Expected is ( component )."


@pytest.mark.parametrize(
    ("inside", "pointer", "words"),
    [
        (in_component(""), "/component[1]", "Missing child element(s). Expected is one of"),
        (in_component("<name>a</name>").replace("library", "lib"), "/component[1]", "'lib' is not an element of"),
        (in_component("<name>a</name><purl/><purl/>"), "/component[1]/purl[2]", "This element is not expected"),
        (in_component("<name>a</name><cpe>x</cpe>"), "/component[1]/cpe[1]", "is not accepted by the pattern"),
        (in_component("<name kind=''>a</name>"), "/component[1]/name[1]", "attribute 'kind' is not allowed"),
        (in_component("<name><b/></name>"), "/component[1]/name[1]/b[1]", "Element content is not allowed"),
        (in_component("<name xmlns='elsewhere'>a</name>"), "/component[1]/name[1]", "Element '{elsewhere}name'"),
        (in_component("<licenses><license><id>x</id></license></licenses>"), "/component[1]/licenses[1]", "not expect"),
    ],
)
def test_each_kind_of_fault_is_told_with_the_path_of_its_element(inside: str, pointer: str, words: str) -> None:
    fault = faults_xml(xml(inside), "1.6")[0]
    assert fault.pointer == f"/bom[1]/components[1]{pointer}"
    assert fault.line == 1
    assert words in fault.message


def test_what_is_wrong_with_the_root_is_told_too() -> None:
    assert faults_xml(b"<bom/>", "1.6") == [
        Fault("/bom[1]", 1, "Element 'bom': No matching global declaration available for the validation root.")
    ]
    [fault] = faults_xml(b'\n<bom xmlns="http://cyclonedx.org/schema/bom/1.0"/>', "1.0")
    assert (fault.pointer, fault.line) == ("/bom[1]", 2)
    assert "Missing child element(s)" in fault.message


def test_the_line_is_that_of_the_start_tag_after_texts_of_many_lines() -> None:
    text = "<name>a\n\nb > c\n</name>"
    inside = f"<components>\n{in_component(text)[12:-13]}\n<component\n type='library'>\n\n</component></components>"
    [fault] = faults_xml(xml(inside), "1.6")
    assert fault.pointer == "/bom[1]/components[1]/component[2]"
    assert fault.line == 7


def test_xml_in_utf_16_is_checked_as_well() -> None:
    good = xml(in_component("<name>Каспер</name>")).decode()
    bad = xml(f"\n{in_component('<name>Каспер</name>')}\n<flavour/>").decode()
    assert faults_xml(good.encode("utf-16"), "1.6") == []
    [fault] = faults_xml(bad.encode("utf-16"), "1.6")
    assert fault.pointer == "/bom[1]/flavour[1]"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"text",
        b"<bom>",
        b"<bom></mob>",
        b"<bom/><bom/>",
        b"<bom>\x00</bom>",
        xml("<x:undeclared/>"),
        xml("&unknown;"),
        b'<?xml version="1.0" encoding="klingon"?><bom/>',
    ],
)
def test_what_is_no_xml_is_a_fault(data: bytes) -> None:
    [fault] = faults_xml(data, "1.6")
    assert fault.message.startswith("It is no XML: ")
    assert fault.line == (1 if data else None)


def test_what_stops_being_xml_after_the_last_fault_is_told_without_a_crash() -> None:
    faulty = "<component type='lib'><name>a</name></component>" * 30_000
    faults = faults_xml(xml(f"<components>{faulty}</wrong>"), "1.6")
    assert len(faults) == MAX_FAULTS


@pytest.mark.parametrize(
    "declaration",
    [
        "<!DOCTYPE bom>",
        '<!DOCTYPE bom SYSTEM "file:///etc/passwd">',
        '<!DOCTYPE bom [<!ENTITY who SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE bom [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;"><!ENTITY c "&b;&b;&b;">]>',
        '<!DOCTYPE bom [<!ENTITY % p "<!ENTITY a SYSTEM &#39;/etc/passwd&#39;>"> %p;]>',
    ],
)
def test_a_document_type_is_refused(declaration: str) -> None:
    data = xml(in_component("<name>a</name>"), before=declaration)
    assert faults_xml(data, "1.6") == [
        Fault("", None, "It declares a document type, which can hide or multiply content")
    ]


def test_xml_that_is_nested_too_deeply_is_a_fault() -> None:
    [fault] = faults_xml(b"<a>" * 1_000_000, "1.6")
    assert fault.message == "It is nested more than 256 levels deep, and so cannot be checked"


def test_a_text_of_endless_pieces_is_refused_before_it_costs_hours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema, "_PATIENCE", 1_000_000)
    assert faults_xml(xml(in_component(f"<name>{'&#97;' * 1_000}</name>")), "1.6") == []
    [fault] = faults_xml(xml(in_component(f"<name>{'&#97;' * 2_000}</name>")), "1.6")
    assert fault.message == "A text in it is in too many pieces to be checked"


def test_a_text_of_many_megabytes_is_valid() -> None:
    assert faults_xml(xml(in_component(f"<name>{'long ' * 3_000_000}</name>")), "1.6") == []


def test_a_fault_late_in_a_large_document_is_found_and_placed() -> None:
    fine = "<component type='library'><name>a</name></component>\n" * 30_000
    late = "<component type='lib'><name>a</name></component>"
    [fault] = faults_xml(xml(f"<components>\n{fine}{late}</components>"), "1.6")
    assert (fault.pointer, fault.line) == ("/bom[1]/components[1]/component[30001]", 30_002)


# Both


def test_nothing_that_a_document_refers_to_is_ever_fetched(door: tuple[str, socket.socket]) -> None:
    url, listening = door
    assert faults_json(bom(**{"$schema": url}, components=[LIBRARY]), "1.6") == []
    assert faults_json(bom(externalReferences=[{"type": "bom", "url": url}]), "1.6") == []
    assert faults_json(bom(**{"$ref": url}), "1.6") != []
    instance = "http://www.w3.org/2001/XMLSchema-instance"
    hint = f'<x:e xmlns:x="urn:x" xmlns:i="{instance}" i:schemaLocation="urn:x {url}"/>'
    assert faults_xml(xml(in_component(f"<name>a</name>{hint}")), "1.6") == []
    assert faults_xml(xml(hint, before=f'<!DOCTYPE bom SYSTEM "{url}">'), "1.6") != []
    assert faults_xml(xml("&e;", before=f'<!DOCTYPE bom [<!ENTITY e SYSTEM "{url}">]>'), "1.6") != []
    assert_nobody_came(listening)


def test_a_schema_that_refers_elsewhere_is_not_used(
    door: tuple[str, socket.socket], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, listening = door
    changed = tmp_path / "bom.schema.json"
    monkeypatch.setitem(_res.BOM_JSON_STRICT, SchemaVersion.V1_6, str(changed))
    for reference in (url, "http://cyclonedx.org/schema/other.schema.json", "file:///etc/passwd"):
        changed.write_text(json.dumps({"$schema": "http://json-schema.org/draft-07/schema#", "$ref": reference}))
        with pytest.raises(ValueError, match=re.escape(reference)):
            schema._json_schema.__wrapped__("1.6")
    assert_nobody_came(listening)


def test_a_schema_is_compiled_once() -> None:
    assert schema._json_schema("1.6") is schema._json_schema("1.6")
    assert schema._xml_schema("1.6") is schema._xml_schema("1.6")


def test_threads_do_not_mix_up_their_documents() -> None:
    def check(number: int) -> tuple[int, int]:
        kind = "library" if number % 2 else "lib"
        many = f"<component type='{kind}'><name>a</name></component>" * (number + 1)
        component = {"type": kind, "name": "a", "version": str(number)}
        faulty = faults_xml(xml(f"<components>{many}</components>"), "1.6")
        return len(faulty), len(faults_json(bom(components=[component]), "1.6"))

    with ThreadPoolExecutor(4) as threads:
        told = list(threads.map(check, range(100)))
    assert told == [(0, 0) if number % 2 else (min(number + 1, MAX_FAULTS), 1) for number in range(100)]
