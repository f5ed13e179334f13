"""The SBOMs that a purchase request attaches: found within its folder, as their digests say, and judged."""

import gzip
import hashlib
import json
from pathlib import Path

import pytest

from gate import files
from gate.errors import ReadError
from gate.subject import Subject
from tests.purchase_requests import NOW, refusal, request
from tests.strategies import Json
from tests.worlds import PART, PRODUCER

# SBOMs of lines.

BOM: Json = {
    "bomFormat": "CycloneDX",
    "specVersion": "1.6",
    "metadata": {
        "component": {"type": "application", "name": "root", "supplier": {"name": "S"}, "manufacturer": {"name": "M"}},
        "tools": [{"name": "syft"}],
    },
    "components": [
        {"type": "library", "name": "lib", "components": [{"type": "library", "name": "inner"}]},
        {"type": "application", "name": "app"},
    ],
    "services": [{"name": "service", "provider": {"name": "P"}}],
}


def put(folder: Path, document: Json) -> Subject:
    """Read a request that stands in a folder."""
    path = folder / "request.json"
    path.write_text(json.dumps(document, indent=1))
    return files.read(path, now=NOW)


def with_sbom(path: object = "bom.json", digest: object = None, **line: object) -> Json:
    attachment = {"path": path} if digest is None else {"path": path, "digest": digest}
    return request({"product": "x", **line, "sbom": attachment}, acts=["acquire"])


def refused_attachment(folder: Path, document: Json) -> ReadError:
    with pytest.raises(ReadError) as caught:
        put(folder, document)
    return caught.value


def test_an_sbom_of_what_the_supplier_uses_is_refused_and_never_dropped(tmp_path: Path) -> None:
    (tmp_path / "bom.json").write_text(json.dumps(BOM))
    error = refused_attachment(tmp_path, request(supplier_uses=[{"product": "x", "sbom": {"path": "bom.json"}}]))
    assert error.pointer == "/supplier_uses/0/sbom"
    assert error.what == "The SBOM of what is used is not read"


def test_the_sbom_of_a_line_is_judged_with_the_line(tmp_path: Path) -> None:
    (tmp_path / "bom.json").write_text(json.dumps(BOM))
    line = {"category": "anti-virus", "supplier": {"name": "CDW"}, "manufacturer": {"name": "Maker"}}
    subject = put(tmp_path, with_sbom(**line))
    places = {component.name: component.place for component in subject.components}
    pointers = {component.name: component.pointer for component in subject.components}
    assert pointers == {
        "x": "/lines/0",
        "root": "/lines/0/sbom#/metadata/component",
        "lib": "/lines/0/sbom#/components/0",
        "inner": "/lines/0/sbom#/components/0/components/0",
        "app": "/lines/0/sbom#/components/1",
        "service": "/lines/0/sbom#/services/0",
    }
    assert {name: place.worlds for name, place in places.items()} == {
        "x": (PRODUCER,),
        "root": (PRODUCER,),
        **dict.fromkeys(("lib", "inner", "app", "service"), (PART,)),
    }
    assert {place.acts for place in places.values()} == {places["x"].acts}
    assert [name for name, place in places.items() if place.is_request] == ["x"]
    assert [name for name, place in places.items() if place.category] == ["x", "root"]
    assert [name for name, place in places.items() if not place.guesses_cpes] == ["x"]


def test_on_a_disk_an_sbom_has_a_path(tmp_path: Path) -> None:
    (tmp_path / "bom.json").write_text(json.dumps(BOM))
    digest = "sha256:" + hashlib.sha256((tmp_path / "bom.json").read_bytes()).hexdigest()
    error = refused_attachment(tmp_path, request({"product": "x", "sbom": {"digest": digest}}, acts=["acquire"]))
    assert (error.what, error.pointer) == ("A digest alone names no file", "/lines/0/sbom/path")
    assert "Add the path" in str(error.remedy)
    error = refused_attachment(tmp_path, request({"product": "x", "sbom": {}}, acts=["acquire"]))
    assert (error.what, error.pointer) == ("The SBOM is named by nothing", "/lines/0/sbom/path")


def test_lines_attach_each_their_own_sbom(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "bom.json").write_text(json.dumps(BOM))
    space = "http://cyclonedx.org/schema/bom/1.6"
    (tmp_path / "b.xml").write_text(
        f'<bom xmlns="{space}"><components><component><name>c</name></component></components></bom>'
    )
    lines = [{"product": name, "sbom": {"path": path}} for name, path in (("x", "a/bom.json"), ("y", "./b.xml"))]
    subject = put(tmp_path, request(*lines))
    assert {component.pointer for component in subject.components} >= {
        "/lines/0/sbom#/components/0",
        "/lines/1/sbom#/components/0",
    }
    assert set(subject.attached) == {"/lines/0/sbom", "/lines/1/sbom"}


def test_an_attached_product_without_parts_is_bare(tmp_path: Path) -> None:
    (tmp_path / "bom.json").write_text(json.dumps({**BOM, "components": [], "services": []}))
    assert put(tmp_path, with_sbom()).bare == ("/lines/0/sbom",)


@pytest.mark.parametrize("path", ["../bom.json", "a/../../bom.json", "..", "a/../.."])
def test_an_sbom_outside_the_requests_folder_is_refused(path: str, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    (folder / "a").mkdir(parents=True)
    (tmp_path / "bom.json").write_text(json.dumps(BOM))
    error = refused_attachment(folder, with_sbom(path))
    assert "outside the request's folder" in error.what
    assert (error.file, error.pointer) == (str(folder / "request.json"), "/lines/0/sbom/path")
    assert error.line is not None


def test_an_absolute_path_is_refused_even_into_the_requests_folder(tmp_path: Path) -> None:
    (tmp_path / "bom.json").write_text(json.dumps(BOM))
    assert "outside" in refused_attachment(tmp_path, with_sbom(str(tmp_path / "bom.json"))).what
    assert "outside" in refused_attachment(tmp_path, with_sbom("/etc/passwd")).what


def test_a_link_out_of_the_requests_folder_is_refused_and_one_within_is_followed(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (tmp_path / "bom.json").write_text(json.dumps(BOM))
    (folder / "own.json").write_text(json.dumps(BOM))
    (folder / "file").symlink_to(tmp_path / "bom.json")
    (folder / "folder").symlink_to(tmp_path)
    (folder / "within").symlink_to("own.json")
    for path in ("file", "folder/bom.json", "folder/in/../bom.json"):
        assert "outside" in refused_attachment(folder, with_sbom(path)).what
    assert len(put(folder, with_sbom("within")).components) == 6


def test_a_folder_whose_name_begins_like_the_requests_is_another(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in-secret").mkdir()
    (tmp_path / "in-secret" / "bom.json").write_text(json.dumps(BOM))
    assert "outside" in refused_attachment(tmp_path / "in", with_sbom("../in-secret/bom.json")).what


@pytest.mark.parametrize("path", ["", ".", "none.json", "a\0b", "a" * 5000, "-", "loop", "loop/bom.json", "*"])
def test_a_path_that_leads_to_no_file_is_refused(path: str, tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "bom.json").write_text(json.dumps(BOM))
    assert refused_attachment(tmp_path, with_sbom(path)).what


def test_an_sbom_that_is_not_there_is_missed_where_the_request_names_it(tmp_path: Path) -> None:
    error = refused_attachment(tmp_path, with_sbom("none.json"))
    assert (error.file, error.pointer) == (str(tmp_path / "request.json"), "/lines/0/sbom/path")
    assert error.line is not None
    assert "'none.json'" in error.what
    assert error.remedy


def test_a_path_of_one_dash_is_a_file_and_not_standard_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "-").write_text(json.dumps(BOM))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "request.json").write_text(json.dumps(with_sbom("-")))
    assert len(files.read("request.json", now=NOW).components) == 6


def test_the_sbom_that_the_digest_means_is_read_and_no_other(tmp_path: Path) -> None:
    data = json.dumps(BOM).encode()
    (tmp_path / "bom.json").write_bytes(data)
    digest = hashlib.sha256(data).hexdigest()
    assert len(put(tmp_path, with_sbom(digest=f"sha256:{digest}")).components) == 6
    for other in (f"sha256:{digest[:-1]}x", digest, f"sha512:{digest}", "sha256:", "", f"md5:{digest}"):
        error = refused_attachment(tmp_path, with_sbom(digest=other))
        assert "digest" in error.what
        assert (error.file, error.pointer) == (str(tmp_path / "request.json"), "/lines/0/sbom/digest")
        assert error.remedy


def test_an_sbom_that_was_changed_since_is_refused(tmp_path: Path) -> None:
    data = json.dumps(BOM).encode()
    (tmp_path / "bom.json").write_bytes(data + b"\n")
    error = refused_attachment(tmp_path, with_sbom(digest="sha256:" + hashlib.sha256(data).hexdigest()))
    assert "digest differs" in error.what


def test_a_packed_sbom_is_read(tmp_path: Path) -> None:
    (tmp_path / "bom.json.gz").write_bytes(gzip.compress(json.dumps(BOM).encode()))
    assert len(put(tmp_path, with_sbom("bom.json.gz")).components) == 6


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (json.dumps(request()), "purchase request"),
        (json.dumps(with_sbom()), "purchase request"),
        ('{"spdxVersion": "SPDX-2.3"}', "SPDX"),
        ("{}", "neither"),
        ("", "empty"),
        ('{"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [', "breaks off"),
    ],
    ids=["request", "request with an sbom", "spdx", "nothing", "empty", "broken"],
)
def test_what_is_attached_must_be_an_sbom(text: str, words: str, tmp_path: Path) -> None:
    (tmp_path / "bom.json").write_text(text)
    error = refused_attachment(tmp_path, with_sbom())
    assert words in error.what
    assert error.file == str(tmp_path / "bom.json")


def test_a_request_that_attaches_itself_is_refused(tmp_path: Path) -> None:
    assert "purchase request" in refused_attachment(tmp_path, with_sbom("request.json")).what


def test_bytes_alone_attach_nothing() -> None:
    assert "nothing may be read from disk" in refusal(with_sbom()).what
    assert refusal(with_sbom("/etc/passwd")).pointer == "/lines/0/sbom"
