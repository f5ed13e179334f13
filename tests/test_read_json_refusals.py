"""What is refused of CycloneDX JSON, at which place: wrong types, wrong bytes, wrong packing."""

import gzip
import json
from pathlib import Path

import pytest

from gate import files
from gate.errors import ReadError
from gate.read import read_sbom
from gate.read.cyclonedx_json import EXACT_BELOW
from tests.json_boms import MARK, bom, only, part, text_of
from tests.strategies import Json, refusal_of

# Wrong types.

WRONG: dict[str, tuple[Json, str]] = {
    "components": ({"components": {}}, "/components"),
    "component": ({"components": [part(), "left-pad"]}, "/components/1"),
    "component is a list": ({"components": [part(), [part()]]}, "/components/1"),
    "name": ({"components": [part(), part(name=5)]}, "/components/1/name"),
    "type": ({"components": [part(), part(type=True)]}, "/components/1/type"),
    "version": ({"components": [part(), part(version=1.5)]}, "/components/1/version"),
    "group": ({"components": [part(), part(group=["a"])]}, "/components/1/group"),
    "purl": ({"components": [part(), part(purl={"a": 1})]}, "/components/1/purl"),
    "cpe": ({"components": [part(), part(cpe=["a"])]}, "/components/1/cpe"),
    "swid": ({"components": [part(), part(swid="a")]}, "/components/1/swid"),
    "swid name": ({"components": [part(), part(swid={"name": 1})]}, "/components/1/swid/name"),
    "publisher": ({"components": [part(), part(publisher={"name": "a"})]}, "/components/1/publisher"),
    "author": ({"components": [part(), part(author=["a"])]}, "/components/1/author"),
    "authors": ({"components": [part(), part(authors="a")]}, "/components/1/authors"),
    "author's name": ({"components": [part(), part(authors=[{"name": 1}])]}, "/components/1/authors/0/name"),
    "supplier": ({"components": [part(), part(supplier="a")]}, "/components/1/supplier"),
    "supplier's name": ({"components": [part(), part(supplier={"name": ["a"]})]}, "/components/1/supplier/name"),
    "supplier's url": ({"components": [part(), part(supplier={"url": "a"})]}, "/components/1/supplier/url"),
    "manufacturer": ({"components": [part(), part(manufacturer=[{}])]}, "/components/1/manufacturer"),
    "scope": ({"components": [part(), part(scope=False)]}, "/components/1/scope"),
    "bom-ref": ({"components": [part(), part(**{"bom-ref": 7})]}, "/components/1/bom-ref"),
    "references": ({"components": [part(), part(externalReferences={})]}, "/components/1/externalReferences"),
    "reference": (
        {"components": [part(), part(externalReferences=[{"type": "vcs", "url": {}}])]},
        "/components/1/externalReferences/0/url",
    ),
    "nested": ({"components": [part(), part(components="a")]}, "/components/1/components"),
    "pedigree": ({"components": [part(), part(pedigree=[])]}, "/components/1/pedigree"),
    "ancestors": ({"components": [part(), part(pedigree={"ancestors": {}})]}, "/components/1/pedigree/ancestors"),
    "services": ({"services": {}}, "/services"),
    "provider": ({"services": [{"name": "s", "provider": "a"}]}, "/services/0/provider"),
    "endpoints": ({"services": [{"name": "s", "endpoints": "a"}]}, "/services/0/endpoints"),
    "services in a service": ({"services": [{"name": "s", "services": [1]}]}, "/services/0/services/0"),
    "metadata": ({"metadata": []}, "/metadata"),
    "product": ({"metadata": {"component": [part()]}}, "/metadata/component"),
    "product's name": ({"metadata": {"component": {"name": 1}}}, "/metadata/component/name"),
    "metadata's supplier": ({"metadata": {"supplier": "a"}}, "/metadata/supplier"),
    "metadata's maker": ({"metadata": {"manufacture": ["a"]}}, "/metadata/manufacture"),
    "bomFormat": ({"bomFormat": 1}, "/bomFormat"),
    "specVersion": ({"specVersion": 1.6}, "/specVersion"),
}


@pytest.mark.parametrize(("wrong", "pointer"), WRONG.values(), ids=WRONG)
@pytest.mark.parametrize("padding", [0, EXACT_BELOW], ids=["small", "large"])
def test_a_wrong_type_is_refused_with_pointer_and_line(wrong: Json, pointer: str, padding: int) -> None:
    text = json.dumps({"filling": "x" * padding, **bom(), **wrong}, indent=2)
    error = refusal_of(text)
    key = pointer.rpartition("/")[2]
    assert error.line is not None
    line = text.splitlines()[error.line - 1]
    assert error.pointer == pointer
    assert key.isdigit() or line.strip().startswith(f'"{key}":')


def test_the_line_of_a_refusal_is_that_of_the_value() -> None:
    text = json.dumps(bom(metadata={"component": part(), "supplier": {"name": "S", "url": "no list"}}), indent=2)
    error = refusal_of(text)
    assert (error.pointer, error.line) == ("/metadata/supplier/url", 12)
    assert text.splitlines()[11].strip() == '"url": "no list"'


def test_the_line_counts_from_the_first_one_also_after_a_byte_order_mark() -> None:
    text = "\n\n" + json.dumps(bom(metadata={"supplier": 5}), indent=2)
    line = next(number for number, line in enumerate(text.splitlines(), 1) if "supplier" in line)
    assert refusal_of(text).line == refusal_of(MARK + text.encode()).line == line


@pytest.mark.parametrize("number", [0, 1, 3])
def test_a_refusal_names_which_of_many_components_is_wrong(number: int) -> None:
    components = [part(f"c{i}") for i in range(4)]
    components[number]["purl"] = 5
    text = json.dumps(bom(*components), indent=2)
    error = refusal_of(text)
    line = next(number for number, line in enumerate(text.splitlines(), 1) if '"purl": 5' in line)
    assert (error.pointer, error.line) == (f"/components/{number}/purl", line)


# Bytes.


def test_one_byte_order_mark_is_taken_and_two_are_not() -> None:
    data = json.dumps(bom(part())).encode()
    assert only(MARK + data).name == "x"
    error = refusal_of(MARK + MARK + data)
    assert "two byte-order marks" in error.what
    assert error.line == 1


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"])
def test_json_in_utf_16_or_utf_32_is_refused(encoding: str) -> None:
    error = refusal_of(json.dumps(bom(part())).encode(encoding))
    assert "UTF-8" in f"{error.what} {error.remedy}"


@pytest.mark.parametrize("field", ["name", "group", "purl", "publisher", "bom-ref"])
def test_bytes_that_are_no_utf_8_are_refused(field: str) -> None:
    data = json.dumps(bom(part(**{field: "MARK"}))).encode().replace(b"MARK", b"a\xff\xfe")
    assert "UTF-8" in refusal_of(data).what


@pytest.mark.parametrize("field", ["name", "group"])
@pytest.mark.parametrize("half", ["\\ud800", "\\udfff", "a\\ud800b"])
def test_half_a_surrogate_pair_is_refused(field: str, half: str) -> None:
    leaf = f'{{"type": "library", "name": "n", "{field}": "{half}"}}'.replace('"name": "n", "name"', '"name"')
    refusal_of(text_of(f'"components": [{leaf}]'))


@pytest.mark.parametrize(
    "text",
    [
        text_of(f'"components": [{json.dumps(part())}]') + " x",
        text_of(f'"components": [{json.dumps(part())}]') + "{}",
        text_of(f'"components": [{json.dumps(part())}]')[:-1],
        text_of(f'"components": [{json.dumps(part())}')[:-1],
        text_of('"components": [,]'),
        text_of('"components": [] // none'),
        text_of("'components': []"),
        "bomFormat: CycloneDX",
        '"bomFormat"',
        '["bomFormat"]',
        "",
        "  \n ",
        "\x01\x02",
    ],
    ids=range(13),
)
def test_what_is_no_json_object_is_refused(text: str) -> None:
    assert refusal_of(text).what


def test_a_document_that_breaks_off_is_refused_wherever_it_does() -> None:
    data = json.dumps(bom(part(purl="pkg:npm/a@1"), metadata={"component": part()})).encode()
    for length in range(len(data)):
        with pytest.raises(ReadError):
            read_sbom(data[:length], "bom")


def test_a_broken_line_is_named() -> None:
    text = json.dumps(bom(part(), part()), indent=2).splitlines()
    text[6] = text[6].replace(":", "=")
    assert refusal_of("\n".join(text)).line == 7


def test_a_string_of_megabytes_is_read_whole_and_not_repeated_in_a_refusal() -> None:
    long = "x" * 5_000_000
    assert only(bom(part(long))).name == long
    assert len(str(refusal_of({**bom(part()), "specVersion": long}))) < 500
    assert len(str(refusal_of({**bom(part()), "bomFormat": long}))) < 500


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ({"spdxVersion": "SPDX-2.3", "packages": []}, "SPDX"),
        ({"@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld", "@graph": []}, "SPDX"),
        ({"payloadType": "application/vnd.in-toto+json", "payload": ""}, "wraps"),
        ({"predicateType": "https://cyclonedx.org/bom", "predicate": bom(part())}, "does not say"),
        ({}, "neither"),
        ({"components": [part()]}, "neither"),
        ({"specVersion": "1.6", "components": [part()]}, "neither"),
        ({"bomFormat": "SPDX", "specVersion": "1.6"}, "'SPDX'"),
        ({"bomFormat": None, "specVersion": "1.6"}, "does not say"),
        ({"bomFormat": "CycloneDX"}, "no specVersion"),
    ],
    ids=range(10),
)
def test_what_is_no_cyclonedx_is_refused_and_told_what_it_is(document: Json, words: str) -> None:
    assert words in refusal_of(document).what


def test_the_format_may_stand_anywhere_in_the_document() -> None:
    late = {"components": [part()], "filling": "x" * 300_000, "specVersion": "1.6", "bomFormat": "CycloneDX"}
    assert only(late).name == "x"


# Packing.


def test_a_gzipped_document_is_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "bom.json"
    path.write_bytes(gzip.compress(json.dumps(bom(part())).encode()))
    assert [component.name for component in files.read(path).components] == ["x"]


@pytest.mark.parametrize("cut", [3, 10, 15, -9, -4, -1])
def test_a_gzipped_document_that_breaks_off_is_refused(cut: int, tmp_path: Path) -> None:
    path = tmp_path / "bom.json.gz"
    path.write_bytes(gzip.compress(json.dumps(bom(part())).encode())[:cut])
    with pytest.raises(ReadError, match="gzip") as caught:
        files.read(path)
    assert caught.value.file == str(path)


def test_a_gzipped_document_with_a_wrong_checksum_is_refused(tmp_path: Path) -> None:
    packed = bytearray(gzip.compress(json.dumps(bom(part())).encode()))
    packed[-8] ^= 1
    path = tmp_path / "bom.json.gz"
    path.write_bytes(packed)
    with pytest.raises(ReadError, match="gzip"):
        files.read(path)


@pytest.mark.parametrize("is_packed", [True, False])
def test_what_is_larger_than_the_limit_is_refused(
    is_packed: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = json.dumps(bom(part("x" * 5000))).encode()
    path = tmp_path / "bom.json"
    path.write_bytes(gzip.compress(data) if is_packed else data)
    monkeypatch.setattr(files, "LIMIT", len(data))
    assert len(files.read(path).components) == 1
    monkeypatch.setattr(files, "LIMIT", len(data) - 1)
    with pytest.raises(ReadError, match="more than"):
        files.read(path)
