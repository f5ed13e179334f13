"""Ways to allow by accident (design, section 9): bytes that parsers read differently or not at all, and errors."""

import gzip
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.barred import (
    BARRED,
    COMPANY,
    DENY,
    NO_VERDICT,
    PART,
    REVIEW,
    XML,
    inside,
    outside,
    package,
    reasons,
    request,
)
from tests.boms import sbom
from tests.command import AGENCY, ROOT

# --- Bytes that two parsers read differently --------------------------------------------------------------------------

HARMLESS = '{"type": "library", "name": "left-pad", "purl": "pkg:npm/left-pad@1.3.0"}'
GUILTY = json.dumps(package(BARRED))
TWICE = {
    "components-emptied": f'"components": [{GUILTY}], "components": []',
    "components-replaced": f'"components": [{GUILTY}], "components": [{HARMLESS}]',
    "components-escaped": f'"components": [{GUILTY}], "\\u0063omponents": [{HARMLESS}]',
    "purl": f'"components": [{{"type": "library", "name": "x", "purl": "{BARRED}", "purl": "pkg:npm/left-pad@1.3.0"}}]',
    "name": '"components": [{"type": "library", "name": "github.com/kasperskylab/x", "name": "x"}]',
    "publisher": '"components": [{"type": "library", "name": "x", "publisher": "Kaspersky Lab", "publisher": "y"}]',
    "group": '"components": [{"type": "library", "name": "x", "group": "@kaspersky", "group": "y"}]',
    "author": '"components": [{"type": "library", "name": "x", "author": "AO Kaspersky Lab", "author": "y"}]',
    "cpe": '"components": [{"type": "library", "name": "x", "cpe": "cpe:/a:kaspersky:k", "cpe": "cpe:/a:x:y"}]',
    "scope": f'"components": [{{"scope": "required", "type": "library", "name": "x", "purl": "{BARRED}", '
    '"scope": "excluded"}]',
    "supplier": '"components": [{"type": "library", "name": "x", "supplier": {"name": "Kaspersky Lab"}, '
    '"supplier": {"name": "y"}}]',
    "supplier-name": '"components": [{"type": "library", "name": "x", "supplier": {"name": "Kaspersky", "name": "y"}}]',
    "nested": f'"components": [{{"type": "library", "name": "x", "components": [{GUILTY}], "components": []}}]',
    "services": f'"components": [{HARMLESS}], "services": [{{"name": "x", "provider": {{"name": "Kaspersky Lab"}}}}], '
    '"services": []',
    "metadata": f'"components": [{HARMLESS}], "metadata": {{"component": {GUILTY}}}, "metadata": {{}}',
    "format": f'"bomFormat": "CycloneDX", "components": [{HARMLESS}]',
}


@pytest.mark.parametrize("body", TWICE.values(), ids=TWICE)
def test_a_key_given_twice_gets_no_verdict(body: str, write: Callable[..., str]) -> None:
    text = f'{{"bomFormat": "CycloneDX", "specVersion": "1.6", {body}}}'
    assert inside(*AGENCY, write(text)) == NO_VERDICT


@pytest.mark.parametrize("which", [which for which in TWICE if which != "format"])  # the same word twice hides nothing
def test_a_key_given_twice_never_allows_in_a_large_document_either(which: str, write: Callable[..., str]) -> None:
    padding = json.dumps([{"ref": "x" * 300_000}])
    text = f'{{"bomFormat": "CycloneDX", "specVersion": "1.6", "dependencies": {padding}, {TWICE[which]}}}'
    assert inside(*AGENCY, write(text)) in (DENY, NO_VERDICT)


def test_a_key_given_twice_in_a_request_gets_no_verdict(write: Callable[..., str]) -> None:
    line = '{"product": "x", "manufacturer": {"name": "Kaspersky Lab"}, "manufacturer": {"name": "y"}}'
    text = f'{{"id": "PR-1", "ordered": "2030-01-01", "agreement": "new", "lines": [{line}]}}'
    assert outside("--role", "us-federal-agency", write(text)).returncode == NO_VERDICT


def test_an_element_given_twice_in_xml_gets_no_verdict(write: Callable[..., str]) -> None:
    text = XML.format(f"<components>{PART}</components><components/>")
    assert outside(*AGENCY, write(text, "bom.xml")).returncode == NO_VERDICT


def test_a_byte_order_mark_hides_nothing(write: Callable[..., str]) -> None:
    mark = b"\xef\xbb\xbf"
    assert outside(*AGENCY, write(mark + json.dumps(sbom(package(BARRED))).encode())).returncode == DENY
    assert inside(*AGENCY, write(mark + XML.format(f"<components>{PART}</components>").encode(), "b.xml")) == DENY
    assert inside(*AGENCY, write(mark + mark + json.dumps(sbom(package())).encode())) == NO_VERDICT


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be", "utf-7"])
def test_json_in_another_encoding_never_allows(encoding: str, write: Callable[..., str]) -> None:
    text = json.dumps(sbom(package(BARRED, name="ж")), ensure_ascii=False)
    assert outside(*AGENCY, write(text.encode(encoding))).returncode in (DENY, NO_VERDICT)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "latin-1", "utf-32"])
def test_xml_in_another_encoding_is_read_or_refused(encoding: str, write: Callable[..., str]) -> None:
    text = XML.format(f"<components>{PART}</components>").replace('"1.0"', f'"1.0" encoding="{encoding}"', 1)
    assert inside(*AGENCY, write(text.encode(encoding), "bom.xml")) in (DENY, NO_VERDICT)


def test_bytes_that_are_not_utf_8_get_no_verdict(write: Callable[..., str]) -> None:
    text = json.dumps(sbom(package(name="NAME"))).encode().replace(b"NAME", b"\xff\xfe\x80")
    assert outside(*AGENCY, write(text)).returncode == NO_VERDICT


# --- Errors that leak -------------------------------------------------------------------------------------------------

NOISE = bytes(range(256)) * 40
NESTED = 100_000
ENTITIES = '<!DOCTYPE bom [<!ENTITY a "Kaspersky">]>'
HOSTILE: dict[str, bytes] = {
    "binary": NOISE,
    "zeros": bytes(1000),
    "gzip-cut-off": gzip.compress(json.dumps(sbom(package())).encode())[:-12],
    "gzip-of-noise": gzip.compress(NOISE),
    "gzip-head-only": b"\x1f\x8b",
    "png": b"\x89PNG\r\n\x1a\n" + NOISE,
    "cut-off": json.dumps(sbom(package())).encode()[:-5],
    "trailing": json.dumps(sbom(package())).encode() + b"]",
    "two-documents": json.dumps(sbom(package())).encode() * 2,
    "nan": b'{"bomFormat": "CycloneDX", "specVersion": "1.6", "version": NaN, "components": []}',
    "infinity": b'{"bomFormat": "CycloneDX", "specVersion": "1.6", "version": -Infinity, "components": []}',
    "comment": b'{"bomFormat": "CycloneDX", /* */ "specVersion": "1.6", "components": []}',
    "lists-unclosed": b"[" * NESTED,
    "lists": b"[" * NESTED + b"]" * NESTED,
    "lists-inside": b'{"bomFormat": "CycloneDX", "specVersion": "1.6", "x": ' + b"[" * NESTED + b"]" * NESTED + b"}",
    "objects-in-metadata": b'{"bomFormat": "CycloneDX", "specVersion": "1.6", "metadata": '
    + b'{"x": ' * NESTED
    + b"1"
    + b"}" * NESTED
    + b"}",
    "lists-in-a-request": b'{"id": "x", "ordered": "2030-01-01", "lines": ' + b"[" * NESTED + b"]" * NESTED + b"}",
    "components-null": json.dumps(sbom(None)).encode(),  # type: ignore[arg-type]
    "components-text": json.dumps(sbom("x")).encode(),  # type: ignore[arg-type]
    "components-object": json.dumps({**sbom(), "components": {"0": package()}}).encode(),
    "metadata-list": json.dumps(sbom(package(), metadata=[])).encode(),
    "name-object": json.dumps(sbom(package(name={}))).encode(),
    "surrogate-in-the-format": b'{"bomFormat": "CycloneDX\\ud800", "specVersion": "1.6", "components": []}',
    "xml-cut-off": XML.format(f"<components>{PART}").encode()[:-20],
    "xml-entity": (ENTITIES + XML.format("<components/>").partition("?>")[2]).encode(),
    "xml-doctype": b'<!DOCTYPE bom SYSTEM "http://example.com/x.dtd"><bom/>',
    "xml-unknown-encoding": b'<?xml version="1.0" encoding="klingon"?><bom/>',
    "xml-deep": b"<bom>" * NESTED,
    "html": b"<!doctype html><html><body>404 Not Found</body></html>",
}


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE)
def test_what_no_library_can_read_gets_no_verdict(data: bytes, write: Callable[..., str]) -> None:
    done = outside(*AGENCY, write(data))
    assert done.returncode == NO_VERDICT
    assert done.stdout == b""
    assert 0 < len(done.stderr) < 2000


def test_what_no_library_can_read_gets_no_verdict_from_standard_input() -> None:
    assert outside(*AGENCY, "-", stdin=NOISE).returncode == NO_VERDICT
    assert outside(*AGENCY, "-", stdin=b"").returncode == NO_VERDICT


def test_components_nested_five_thousand_deep_are_judged(write: Callable[..., str]) -> None:
    text = '{"type": "library", "name": "x", "components": [' * 5000 + GUILTY + "]}" * 5000
    document = f'{{"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [{text}]}}'
    assert outside(*AGENCY, write(document)).returncode == DENY


def test_a_string_of_ten_megabytes_is_read_and_not_repeated(write: Callable[..., str]) -> None:
    done = outside(*AGENCY, write(sbom(package(BARRED, name="Kaspersky " * 1_000_000))))
    assert done.returncode == DENY
    assert len(done.stdout) < 1_000_000


@pytest.mark.parametrize("escape", ["\\ud800", "\\udc00", "\\ud800x", "\\u0000", "\\uffff", "\\u001b[2J"])
def test_odd_escapes_in_a_string_do_not_hide_a_component(escape: str, write: Callable[..., str]) -> None:
    text = json.dumps(sbom(package(BARRED, name="NAME"))).replace("NAME", escape)
    assert outside(*AGENCY, write(text)).returncode in (DENY, NO_VERDICT)


def test_a_folder_without_files_gets_no_verdict(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    assert outside(*AGENCY, str(tmp_path / "folder")).returncode == NO_VERDICT


@pytest.mark.parametrize("name", ["absent.json", "*.nothing", "", "\n", "\udcff.json", "a" * 300, "-/-"], ids=ascii)
def test_a_file_that_is_not_there_gets_no_verdict(name: str, tmp_path: Path) -> None:
    assert outside(*AGENCY, str(tmp_path / name) if name else "").returncode == NO_VERDICT  # "" is no folder


def test_a_file_that_cannot_be_read_gets_no_verdict(tmp_path: Path) -> None:
    dangling = tmp_path / "dangling.json"
    dangling.symlink_to(tmp_path / "absent")
    assert outside(*AGENCY, str(dangling)).returncode == NO_VERDICT
    if Path("/proc/self/mem").is_file():  # it can be opened, by root too, and not be read
        assert outside(*AGENCY, "/proc/self/mem").returncode == NO_VERDICT


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_gets_no_verdict(write: Callable[..., str]) -> None:
    path = write(sbom(package()))
    Path(path).chmod(0)
    assert outside(*AGENCY, path).returncode == NO_VERDICT


def test_one_input_that_cannot_be_read_outweighs_all_others(write: Callable[..., str]) -> None:
    good, bad, worse = write(sbom(package()), "a.json"), write(sbom(package(BARRED)), "b.json"), write("{", "c.json")
    assert outside(*AGENCY, good, bad, worse).returncode == NO_VERDICT
    assert outside(*AGENCY, worse, good).returncode == NO_VERDICT


def test_a_report_that_cannot_be_written_gets_no_verdict(write: Callable[..., str], tmp_path: Path) -> None:
    path = write(sbom(package()))
    assert outside(*AGENCY, "--format", f"json={tmp_path / 'absent' / 'x.json'}", path).returncode == NO_VERDICT
    assert outside(*AGENCY, "--format", f"text={tmp_path}", path).returncode == NO_VERDICT


def test_a_full_disk_behind_standard_output_gets_no_verdict(write: Callable[..., str]) -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("this system has no /dev/full")
    with full.open("wb") as nowhere:
        done = subprocess.run(
            [sys.executable, "-m", "gate", "check", *AGENCY, write(sbom(package()))],
            stdout=nowhere,
            stderr=subprocess.PIPE,
            cwd=ROOT,
            check=False,
        )
    assert done.returncode == NO_VERDICT


def test_a_request_that_says_it_is_an_sbom_is_neither(write: Callable[..., str]) -> None:
    line = {"product": "Kaspersky Anti-Virus", "manufacturer": {"name": "Kaspersky Lab"}}
    both = {**request(line), **sbom(package())}
    assert inside(*COMPANY, write(both)) == NO_VERDICT
    late = {**request(line), "buyer": {"name": "x" * 5000}, **sbom(package())}
    assert inside(*COMPANY, write(late)) == NO_VERDICT


def test_an_identifier_of_an_unknown_kind_is_refused(write: Callable[..., str]) -> None:
    for scheme, status in (("uscc", REVIEW), ("USCC", NO_VERDICT), ("uscc ", NO_VERDICT), ("vat", NO_VERDICT)):
        maker = {"name": "Some Company", "identifiers": {scheme: "914403001922038216"}}
        assert inside(*AGENCY, write(request({"product": "Switch", "manufacturer": maker}))) == status


@pytest.mark.parametrize("key", ["Components", "COMPONENTS", "Services", "Metadata"])
def test_a_key_in_other_letters_is_not_read_as_absent(key: str, write: Callable[..., str]) -> None:
    barred = {key: [package(BARRED)] if key != "Metadata" else {"component": package(BARRED)}}
    assert inside(*AGENCY, write({**sbom(package()), **barred})) == NO_VERDICT
    purl = {"type": "library", "name": "x", "PURL": BARRED}
    assert inside(*AGENCY, write(sbom(package(), purl))) == NO_VERDICT


def test_evidence_calls_a_field_as_the_document_calls_it(
    write: Callable[..., str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Specification: a service has a `provider`, and until 1.5 the metadata a `manufacture`."""
    maker = {"name": "Kaspersky Lab"}
    product = {"type": "application", "name": "x", "manufacturer": {"name": "Acme"}, "supplier": maker}
    inner = {"name": "inner", "provider": maker}
    services = [{"name": "outer", "provider": maker, "services": [inner]}]
    document = sbom(package(), services=services, metadata={"component": product, "manufacture": maker})
    found = {
        (component["pointer"], piece["field"])
        for reason in reasons(*AGENCY, write(document), capsys=capsys)
        for component in reason["components"]
        for piece in component["evidence"]
    }
    assert found == {
        ("/services/0", "provider.name"),
        ("/services/0/services/0", "provider.name"),
        ("/metadata/component", "supplier.name"),
        ("/metadata", "manufacture.name"),
    }
