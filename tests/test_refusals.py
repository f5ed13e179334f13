"""What is refused says what it is, where (pointer and line), and what to do."""

import json
import tarfile
import zipfile
from datetime import UTC, datetime
from io import BytesIO

import pytest

from gate.errors import ReadError
from gate.read import read

NOW = datetime(2026, 1, 1, tzinfo=UTC)

BOM = json.dumps(
    {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "components": [{"type": "library", "name": "a"}, {"type": "library", "name": "b", "purl": "pkg:npm/b@1"}],
    },
    indent=1,
)


def refusal(data: str | bytes, *, validate: bool = False) -> ReadError:
    with pytest.raises(ReadError) as caught:
        read(data.encode() if isinstance(data, str) else data, "bom.json", now=NOW, validate=validate)
    assert caught.value.file == "bom.json"
    assert caught.value.remedy
    return caught.value


@pytest.mark.parametrize("validate", [False, True])
def test_a_document_that_breaks_off_says_where(validate: bool) -> None:
    error = refusal(BOM[: BOM.index("pkg:npm")], validate=validate)
    assert error.what == "It breaks off before its end"
    assert (error.pointer, error.line) == ("/components/1/purl", BOM[: BOM.index("pkg:npm")].count("\n") + 1)
    assert "validate" not in (error.remedy or "")


def test_on_one_line_the_pointer_leads_to_where_it_breaks_off() -> None:
    text = json.dumps(json.loads(BOM))
    assert refusal(text[: text.index('"b"')]).pointer == "/components/1/name"


def test_a_request_that_breaks_off_says_where() -> None:
    error = refusal('{"id": "PR-1",\n "ordered": "2024-07-19",\n "lines": [{"product": "x"},\n')
    assert (error.pointer, error.line) == ("/lines/0", 3)


@pytest.mark.parametrize(
    ("text", "pointer", "line"),
    [
        (BOM.replace('"pkg:npm/b@1"', "pkg"), "/components/1/purl", 12),
        (BOM.replace('"library",\n   "name": "b"', '"library"\n   "name": "b"'), "/components/1/type", 11),
        (BOM.replace(' "components"', " components"), "/specVersion", 4),
        (BOM + "}", None, 15),
    ],
    ids=range(4),
)
def test_what_is_no_json_says_where(text: str, pointer: str | None, line: int) -> None:
    error = refusal(text)
    assert error.what.startswith("It is no JSON: ")
    assert (error.pointer, error.line) == (pointer, line)


def test_a_hostile_document_that_breaks_off_has_a_pointer_of_some_length_at_most() -> None:
    assert len(refusal('{"bomFormat":' + '{"aaaaaaaa":' * 5000).pointer or "") < 500


@pytest.mark.parametrize("validate", [False, True])
def test_a_spec_version_that_is_not_known_says_its_line(validate: bool) -> None:
    error = refusal(BOM.replace('"1.6"', '"1.9"'), validate=validate)
    assert (error.pointer, error.line) == ("/specVersion", 3)


def test_a_spec_version_that_is_absent_says_where_it_should_be() -> None:
    error = refusal("\n" + BOM.replace(' "specVersion": "1.6",\n', ""))
    assert (error.pointer, error.line) == ("/specVersion", 2)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_document_type_says_its_line(encoding: str) -> None:
    text = '<?xml version="1.0"?>\n<!-- <!DOCTYPE x> -->\n<!DOCTYPE bom [<!ENTITY a "b">]>\n<bom/>'
    error = refusal(text.encode(encoding))
    assert "document type" in error.what
    assert error.line == 3


@pytest.mark.parametrize(
    "text",
    [
        "SPDXVersion: SPDX-2.3\nDataLicense: CC0-1.0\n",
        "# made by a tool\n\nSPDXVersion: SPDX-2.2\n",
        "spdxVersion: SPDX-2.3\npackages: []\n",
        '<?xml version="1.0"?>\n<rdf:RDF\n xmlns:spdx="http://spdx.org/rdf/terms#"/>',
        '{"spdxVersion": "SPDX-2.3"}',
    ],
    ids=["tag-value", "tag-value with a comment", "yaml", "rdf", "json"],
)
def test_spdx_is_named_in_each_of_its_forms(text: str) -> None:
    error = refusal(text)
    assert "SPDX" in error.what
    assert "CycloneDX" in (error.remedy or "")


def test_a_cyclonedx_document_may_speak_of_spdx() -> None:
    name = "SPDXVersion: SPDX-2.3\\nspdx.org/rdf"
    assert read(BOM.replace('"b"', f'"{name}"').encode(), "bom.json", now=NOW).components


def _zip() -> bytes:
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("bom.json", BOM)
    return file.getvalue()


def _tar() -> bytes:
    file = BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("bom.json"))
    return file.getvalue()


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (_zip(), "a zip archive"),
        (_tar(), "a tar archive"),
        (b"7z\xbc\xaf\x27\x1c\x00\x04", "a 7z archive"),
        (b"BZh91AY&SY", "packed with bzip2"),
        (b"\xfd7zXZ\x00\x00\x04", "packed with xz"),
        (b"\x28\xb5\x2f\xfd\x24\x00", "packed with zstd"),
    ],
    ids=["zip", "tar", "7z", "bzip2", "xz", "zstd"],
)
def test_an_archive_is_named_and_to_be_unpacked(data: bytes, what: str) -> None:
    error = refusal(data)
    assert error.what == f"It is {what}"
    assert "Unpack it" in (error.remedy or "")


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3", "a PDF"),
        (b"\x7fELF\x02\x01\x01\x00", "a program (ELF)"),
        (b"MZ\x90\x00\x03\x00", "a program (Windows)"),
        (b"\x89PNG\r\n\x1a\n", "a picture"),
    ],
    ids=["pdf", "elf", "exe", "png"],
)
def test_what_is_no_text_is_named(data: bytes, what: str) -> None:
    assert refusal(data).what == f"It is {what}, and no SBOM"
