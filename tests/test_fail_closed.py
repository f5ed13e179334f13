"""Ways to allow by accident (design, section 9): one group of tests for each, through the real command line.

"Barred" stands for a Kaspersky package under the law for federal agencies, which denies it whatever it is for. Where a
test needs dates, owners or waivers of its own it brings a policy folder of its own.
"""

import gzip
import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from gate import Asking, check, load
from gate.cli import main
from gate.read import read

ROOT = Path(__file__).parents[1]
TEMPLATE = ROOT / "policy" / "template"
AGENCY = ("--profile", "us-federal-agency")
COMPANY = ("--profile", "us-company")
BARRED = "pkg:npm/%40kaspersky/hexa-ui@6.198.2"

ALLOW, DENY, NO_VERDICT, REVIEW = 0, 1, 2, 3

Json = dict[str, Any]


@pytest.fixture(scope="session", autouse=True)
def _cache(tmp_path_factory: pytest.TempPathFactory) -> object:
    """The compiled law is kept for this run alone."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., str]:
    """Put a document into a file, and say where."""

    def put(document: Json | list[Any] | str | bytes, name: str = "bom.json") -> str:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(document, dict | list):
            document = json.dumps(document, ensure_ascii=False)
        path.write_bytes(document.encode() if isinstance(document, str) else document)
        return str(path)

    return put


def inside(*arguments: str) -> int:
    """The exit status of the command, run in this process."""
    try:
        return main(["check", *arguments])
    except SystemExit as stop:  # argparse's way to refuse arguments
        return int(stop.code or 0)


def outside(*arguments: str, stdin: bytes = b"") -> "subprocess.CompletedProcess[bytes]":
    """The command, run as a pipeline runs it; it never ends in a crash."""
    done = subprocess.run(
        [sys.executable, "-m", "gate", "check", *arguments],
        input=stdin,
        capture_output=True,
        cwd=ROOT,
        timeout=60,
        check=False,
    )
    assert done.returncode in (ALLOW, DENY, NO_VERDICT, REVIEW), done.stderr.decode()
    assert b"Traceback" not in done.stderr, done.stderr.decode()
    assert b"internal error" not in done.stderr, done.stderr.decode()
    return done


def sbom(*components: Json, **more: Any) -> Json:
    return {"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "components": list(components), **more}


def package(purl: str | None = "pkg:npm/left-pad@1.3.0", **more: Any) -> Json:
    component: Json = {"type": "library", "name": "left-pad", **more}
    return component if purl is None else {**component, "purl": purl}


def request(*lines: Json, **more: Any) -> Json:
    return {
        "id": "PR-1",
        "agreement": "new",
        "acts": ["acquire"],
        "ordered": "2024-08-01",
        "lines": list(lines),
        **more,
    }


def reasons(*arguments: str, capsys: pytest.CaptureFixture[str]) -> list[Json]:
    """The reasons of the decision on one input."""
    inside(*arguments, "--format", "json")
    found: list[Json] = json.loads(capsys.readouterr().out)["reasons"]
    return found


# --- Documents that hold nothing, or are none -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "document",
    [
        "{}",
        "[]",
        "null",
        '"CycloneDX"',
        "1",
        "",
        " \n",
        '{"components": []}',
        '{"bomFormat": "CycloneDX"}',
        '{"bomFormat": "CycloneDX", "specVersion": "1.6"}',
        '{"bomFormat": "CycloneDX", "specVersion": "1.6", "components": []}',
        '{"bomFormat": "CycloneDX", "specVersion": "1.6", "components": null}',
        '{"bomFormat": null, "specVersion": "1.6", "components": [{"name": "x", "type": "library"}]}',
        '{"bomFormat": "cyclonedx", "specVersion": "1.6", "components": [{"name": "x", "type": "library"}]}',
        '{"id": "PR-1", "ordered": "2024-08-01", "lines": []}',
        '<bom xmlns="http://cyclonedx.org/schema/bom/1.6"/>',
        "<bom/>",
        "<sbom xmlns='http://cyclonedx.org/schema/bom/1.6'><components/></sbom>",
    ],
)
def test_a_document_that_holds_nothing_gets_no_verdict(document: str, write: Callable[..., str]) -> None:
    assert inside(*AGENCY, write(document)) == NO_VERDICT


@pytest.mark.parametrize(
    "document",
    [
        {"spdxVersion": "SPDX-2.3", "SPDXID": "SPDXRef-DOCUMENT", "packages": [{"name": "hexa-ui", "supplier": "x"}]},
        {"@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld", "@graph": [{"type": "software_Package"}]},
    ],
)
def test_an_spdx_document_is_refused_by_name(document: Json, write: Callable[..., str]) -> None:
    done = outside(*AGENCY, write(document))
    assert done.returncode == NO_VERDICT
    assert b"SPDX" in done.stderr


def test_an_sbom_wrapped_in_an_attestation_is_refused(write: Callable[..., str]) -> None:
    statement = {"_type": "https://in-toto.io/Statement/v1", "predicateType": "x", "predicate": sbom(package(BARRED))}
    assert inside(*AGENCY, write(statement)) != ALLOW
    assert inside(*AGENCY, write({"payloadType": "application/vnd.in-toto+json", "payload": ""})) == NO_VERDICT


@pytest.mark.parametrize("version", ["1.1", "1.8", "2.0", "", "1.6 ", "v1.6", "latest", None, 1.6, ["1.6"]])
def test_a_spec_version_that_is_not_known_gets_no_verdict(version: object, write: Callable[..., str]) -> None:
    assert inside(*AGENCY, write(sbom(package(), specVersion=version))) == NO_VERDICT


def test_a_spec_version_that_is_absent_gets_no_verdict(write: Callable[..., str]) -> None:
    document = sbom(package())
    del document["specVersion"]
    assert inside(*AGENCY, write(document)) == NO_VERDICT


def test_an_xml_namespace_of_an_unknown_version_gets_no_verdict(write: Callable[..., str]) -> None:
    text = '<bom xmlns="http://cyclonedx.org/schema/bom/9.9"><components><component type="library"/></components></bom>'
    assert inside(*AGENCY, write(text)) == NO_VERDICT


# --- Where things stand in a document ---------------------------------------------------------------------------------

DEEP: Json = package(BARRED)
for _ in range(40):
    DEEP = package("pkg:npm/wrap@1", components=[DEEP])

PLACES = {
    "nested": sbom(package("pkg:npm/a@1", components=[package(BARRED)])),
    "nested-forty-deep": sbom(DEEP),
    "product": sbom(package(), metadata={"component": package(BARRED)}),
    "below-the-product": sbom(package(), metadata={"component": package("pkg:npm/a@1", components=[package(BARRED)])}),
    "ancestor": sbom(package("pkg:npm/fork@1", pedigree={"ancestors": [package(BARRED)]})),
    "ancestor-of-the-product": sbom(
        package(), metadata={"component": package("pkg:npm/a@1", pedigree={"ancestors": [package(BARRED)]})}
    ),
    "ancestor-of-an-ancestor": sbom(
        package(
            "pkg:npm/a@1",
            pedigree={"ancestors": [package("pkg:npm/b@1", pedigree={"ancestors": [package(BARRED)]})]},
        )
    ),
    "below-an-ancestor": sbom(
        package("pkg:npm/a@1", pedigree={"ancestors": [package("pkg:npm/b@1", components=[package(BARRED)])]})
    ),
    "last-of-many": sbom(*(package(f"pkg:npm/p{n}@1") for n in range(300)), package(BARRED)),
}


@pytest.mark.parametrize("place", PLACES)
def test_a_barred_component_is_found_wherever_it_stands(place: str, write: Callable[..., str]) -> None:
    assert inside(*AGENCY, write(PLACES[place])) == DENY


@pytest.mark.parametrize(
    "services",
    [
        [{"name": "scan", "provider": {"name": "Kaspersky Lab, Inc."}}],
        [{"name": "outer", "services": [{"name": "scan", "provider": {"name": "Kaspersky Lab"}}]}],
        [{"name": "scan", "group": "com.kaspersky"}],
    ],
)
def test_services_and_services_within_services_are_judged(services: list[Json], write: Callable[..., str]) -> None:
    assert inside(*AGENCY, write(sbom(package(), services=services))) == DENY
    assert inside(*AGENCY, write({"bomFormat": "CycloneDX", "specVersion": "1.6", "services": services})) == DENY


@pytest.mark.parametrize(
    "metadata",
    [
        {"supplier": {"name": "Kaspersky Lab, Inc."}},
        {"manufacture": {"name": "Kaspersky Lab, Inc."}},
        {"component": package(), "supplier": {"name": "Kaspersky Lab, Inc."}},
        {"component": package(supplier={"name": "CDW"}), "supplier": {"name": "Kaspersky Lab, Inc."}},
    ],
)
def test_the_supplier_and_maker_of_the_product_are_judged(metadata: Json, write: Callable[..., str]) -> None:
    assert inside(*AGENCY, write(sbom(package(), metadata=metadata))) == DENY


XML = '<?xml version="1.0"?><bom xmlns="http://cyclonedx.org/schema/bom/1.6" version="1">{}</bom>'
PART = f'<component type="library"><name>x</name><purl>{BARRED}</purl></component>'
SERVICES = "<services><service><provider><name>Kaspersky Lab</name></provider><name>y</name></service></services>"
WRAP = '<component type="library"><name>wrap</name>{}</component>'


@pytest.mark.parametrize(
    "body",
    [
        f"<components>{PART}</components>",
        f"<components>{WRAP.format(f'<components>{PART}</components>')}</components>",
        f"<components>{WRAP.format(f'<pedigree><ancestors>{PART}</ancestors></pedigree>')}</components>",
        f"<metadata>{PART}</metadata>",
        f"<metadata>{WRAP.format(f'<components>{PART}</components>')}</metadata>",
        SERVICES,
        f"<services><service><name>x</name>{SERVICES}</service></services>",
    ],
)
def test_xml_is_walked_as_deep_as_json(body: str, write: Callable[..., str]) -> None:
    assert inside(*AGENCY, write(XML.format(body), "bom.xml")) == DENY


def test_the_sbom_of_a_request_line_is_judged_with_the_line(write: Callable[..., str]) -> None:
    write(PLACES["nested"], "part.json")
    line = {"product": "A tool", "manufacturer": {"name": "Example"}, "sbom": {"path": "part.json"}}
    assert inside("--role", "us-federal-agency", "--allow-past", write(request(line), "request.json")) == DENY


def test_an_sbom_of_a_line_that_is_not_there_gets_no_verdict(write: Callable[..., str]) -> None:
    line = {"product": "A tool", "sbom": {"path": "absent.json"}}
    assert outside("--role", "us-federal-agency", write(request(line), "request.json")).returncode == NO_VERDICT


@pytest.mark.parametrize(
    "nothing",
    [
        {"type": "library"},
        {"type": "library", "name": ""},
        {"type": "library", "name": " "},
        {"type": "library", "name": "\u200b", "version": "1.0", "group": "-"},
        {
            "type": "library",
            "bom-ref": "a",
            "supplier": {},
            "externalReferences": [],
            "swid": {"tagId": "x", "name": ""},
        },
    ],
    ids=range(5),
)
@pytest.mark.parametrize("place", ["components", "services", "nested"])
def test_a_part_that_says_nothing_at_all_is_a_review(nothing: Json, place: str, write: Callable[..., str]) -> None:
    document = sbom({**package(), "components": [nothing]} if place == "nested" else package())
    if place != "nested":
        document[place] = [*document.get(place, []), {k: v for k, v in nothing.items() if k != "swid"}]
    assert inside(*AGENCY, write(document)) == REVIEW


@pytest.mark.parametrize(
    "something", [{"name": "@"}, {"group": "g"}, {"purl": "pkg:npm/x@1"}, {"cpe": "cpe:2.3:a:x:y:1:*:*:*:*:*:*:*"}]
)
def test_a_part_without_a_name_that_says_something_else_is_judged_by_it(
    something: Json, write: Callable[..., str]
) -> None:
    status = inside(*AGENCY, write(sbom(package(), {"type": "library", **something})))
    assert status == (REVIEW if something == {"name": "@"} else ALLOW)


def test_a_product_that_is_unsaid_is_none_whether_it_is_absent_or_empty(write: Callable[..., str]) -> None:
    """OSV-SCALIBR writes an empty `metadata.component`; the schema has it optional."""
    for component in ({"type": "application", "name": ""}, {"type": "container"}):
        assert inside(*AGENCY, write(sbom(package(), metadata={"component": component}))) == ALLOW
    assert inside(*AGENCY, write(sbom(metadata={"component": {"type": "application", "name": ""}}))) == REVIEW


def test_a_product_without_parts_is_a_review(write: Callable[..., str]) -> None:
    document = {"bomFormat": "CycloneDX", "specVersion": "1.6", "metadata": {"component": package()}}
    assert outside(*AGENCY, write(document)).returncode == REVIEW


# --- Components that say little, or say it oddly ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "signs",
    [
        {"publisher": "Kaspersky Lab"},
        {"supplier": {"name": "AO Kaspersky Lab"}},
        {"manufacturer": {"name": "Kaspersky Lab, Inc."}},
        {"author": "AO Kaspersky Lab"},
        {"authors": [{"name": "AO Kaspersky Lab"}]},
        {"group": "@kaspersky"},
        {"group": "com.kaspersky.android-components"},
        {"cpe": "cpe:2.3:a:kaspersky:total_security:21:*:*:*:*:*:*:*"},
        {"bom-ref": BARRED},
    ],
)
def test_a_component_without_a_purl_is_not_skipped(signs: Json, write: Callable[..., str]) -> None:
    assert inside(*AGENCY, write(sbom(package(None, **signs)))) == DENY


BAD_PURLS = [
    "pkg:",
    "pkg:npm",
    "pkg:npm/",
    "no purl",
    "npm/left-pad",
    "pkg:npm/%",
    "pkg:npm/%zz/x",
    "pkg:@",
    "://",
    "  ",
]


@pytest.mark.parametrize("purl", BAD_PURLS)
def test_a_bad_purl_does_not_hide_the_other_fields(purl: str, write: Callable[..., str]) -> None:
    assert inside(*AGENCY, write(sbom(package(purl, publisher="Kaspersky Lab")))) == DENY


@pytest.mark.parametrize("purl", BAD_PURLS)
def test_a_bad_purl_does_not_hide_the_purl_that_the_reference_is(purl: str, write: Callable[..., str]) -> None:
    assert inside(*AGENCY, write(sbom(package(purl, **{"bom-ref": BARRED})))) == DENY


@pytest.mark.parametrize("purl", [5, ["pkg:npm/x"], {"type": "npm"}, True])
def test_a_purl_that_is_no_string_gets_no_verdict(purl: object, write: Callable[..., str]) -> None:
    assert inside(*AGENCY, write(sbom({**package(), "purl": purl}))) == NO_VERDICT


VERSIONS = [
    "",
    "0",
    "latest",
    "1:2.3~rc1-4ubuntu1",
    "2024.07.20-1",
    "v1.0.0+build.5",
    "1.0/2.0",
    "1.0@2.0",
    "§ 5",
    "двенадцать",
    "../..",
    "${version}",
]


@pytest.mark.parametrize("version", VERSIONS)
def test_a_version_that_is_not_semantic_does_not_escape(version: str, write: Callable[..., str]) -> None:
    assert inside(*AGENCY, write(sbom(package(f"pkg:npm/%40kaspersky/x@{version}", version=version)))) == DENY
    assert inside(*AGENCY, write(sbom(package(None, publisher="Kaspersky Lab", version=version)))) == DENY


@pytest.mark.parametrize("version", [1, 1.5, ["1"], {"major": 1}])
def test_a_version_that_is_no_string_never_allows(version: object, write: Callable[..., str]) -> None:
    assert inside(*AGENCY, write(sbom(package(BARRED, version=version)))) in (DENY, NO_VERDICT)


# Nobody says who sells: the clause on new agreements asks for Kaspersky as supplier, so that is to be settled.
UNSAID_SUPPLIERS: list[Json] = [{}, {"supplier": None}, {"supplier": {}}, {"supplier": {"name": ""}}]
PLACEHOLDERS = [
    "NOASSERTION",
    "noassertion",
    "NONE",
    "unknown",
    "N/A",
    "n/a",
    "Organization: NOASSERTION",
    "-",
    "?",
    " ",
]


@pytest.mark.parametrize("supplier", UNSAID_SUPPLIERS)
def test_an_absent_supplier_is_unknown_and_not_somebody_else(supplier: Json, write: Callable[..., str]) -> None:
    line = {
        "product": "Kaspersky Endpoint Security for Business",
        "manufacturer": {"name": "Kaspersky Lab, Inc."},
        **supplier,
    }
    path = write(request(line, buyer={"roles": ["us-person"]}))
    assert outside("--allow-past", path).returncode == REVIEW


@pytest.mark.parametrize("name", PLACEHOLDERS)
def test_a_placeholder_is_no_supplier(name: str, write: Callable[..., str]) -> None:
    line = {
        "product": "Kaspersky Endpoint Security for Business",
        "manufacturer": {"name": "Kaspersky Lab, Inc."},
        "supplier": {"name": name},
    }
    assert inside("--allow-past", write(request(line, buyer={"roles": ["us-person"]}))) == REVIEW


@pytest.mark.parametrize("name", PLACEHOLDERS)
def test_a_placeholder_for_the_products_supplier_is_as_good_as_none(name: str, write: Callable[..., str]) -> None:
    def product(**supplier: Any) -> str:
        root = package(None, name="Kaspersky Total Security", type="application", manufacturer={"name": "Kaspersky"})
        return write(sbom(package(), metadata={"component": {**root, **supplier}}))

    when = (*COMPANY, "--as-of", "2024-08-01", "--allow-past")
    assert inside(*when, product()) == REVIEW
    assert inside(*when, product(supplier={"name": name})) == REVIEW


@pytest.mark.parametrize("name", PLACEHOLDERS)
def test_a_placeholder_matches_nobody_and_hides_nobody(name: str, write: Callable[..., str]) -> None:
    says_nothing: Json = {"supplier": {"name": name}, "publisher": name, "author": name, "group": name}
    assert inside(*AGENCY, write(sbom(package(BARRED, **says_nothing)))) == DENY
    assert inside(*AGENCY, write(sbom(package(**says_nothing)))) == ALLOW


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


# --- The law itself ---------------------------------------------------------------------------------------------------

INSTRUMENT = """
id = "xx-ban"
title = "A ban"
kind = "prohibition"
jurisdiction = "XX"
authority = "A ministry"
time_zone = "Europe/Berlin"
published = 2020-01-01
checked = 2020-01-01
provenance = "official"
citation = {{ text = "Gazette 1", url = "https://gazette.example/1" }}
binds = ["anyone"]
vendors = ["oldco"]
reach = ["subsidiaries", "successors"]
[scope]
[[clauses]]
id = "use"
text = "Nobody may use it."
acts = ["use"]
starts = {starts}
"""

REGISTER = {
    "oldco": 'names = ["Oldco Systems"]',
    "daughter": 'purls = ["pkg:npm/daughter"]\n[[owners]]\nvendor = "oldco"\nkind = "subsidiary"\n'
    'starts = 2015-01-01\nends = 2022-01-01\nsource = "https://register.example/sale"',
    "newco": 'purls = ["pkg:npm/newco"]\n[[owners]]\nvendor = "oldco"\nkind = "successor"\n'
    'starts = 2023-06-01\nsource = "https://register.example/rename"',
    "label": 'purls = ["pkg:npm/label"]\n[[owners]]\nvendor = "oldco"\nkind = "brand"\n'
    'source = "https://register.example/brand"',
}


@pytest.fixture
def law(tmp_path: Path) -> Path:
    """A policy folder of our own: one ban, and four vendors that belong to each other for a time."""
    folder = tmp_path / "law"
    (folder / "prohibitions").mkdir(parents=True)
    (folder / "vendors").mkdir()
    (folder / "prohibitions" / "xx-ban.toml").write_text(INSTRUMENT.format(starts="2020-03-01"))
    for name, more in REGISTER.items():
        text = f'id = "{name}"\nname = "{name.title()}"\nsource = "https://register.example/{name}"\n{more}\n'
        (folder / "vendors" / f"{name}.toml").write_text(text)
    return folder


@pytest.mark.parametrize(
    "text",
    [
        "this is no TOML",
        INSTRUMENT.format(starts="2020-02-30"),
        INSTRUMENT.format(starts='"2020-03-01"'),
        INSTRUMENT.format(starts="2020-03-01").replace('"use"]', '"utilise"]'),
        INSTRUMENT.format(starts="2020-03-01").replace('"oldco"', '"nobody"'),
        INSTRUMENT.format(starts="2020-03-01").replace("Europe/Berlin", "Europe/Atlantis"),
        INSTRUMENT.format(starts="2020-03-01") + "surprise = 1\n",
        "",
        "\ufeff" + INSTRUMENT.format(starts="2020-03-01"),
        "\x00",
    ],
)
def test_a_law_that_cannot_be_read_is_not_skipped(text: str, law: Path, write: Callable[..., str]) -> None:
    (law / "prohibitions" / "xx-other.toml").write_text(text.replace('"xx-ban"', '"xx-other"'), "utf-8")
    assert inside(*AGENCY, "--policy", str(law), write(sbom(package()))) == NO_VERDICT


def test_a_law_that_cannot_be_read_does_not_leave_the_others_to_decide(law: Path, write: Callable[..., str]) -> None:
    (law / "prohibitions" / "xx-other.toml").write_text("this is no TOML")
    for document in (sbom(package()), sbom(package(BARRED)), sbom(package("pkg:npm/label@1"))):
        assert outside(*AGENCY, "--policy", str(law), write(document)).returncode == NO_VERDICT


def test_a_policy_folder_that_is_not_there_or_holds_no_law_is_not_skipped(
    tmp_path: Path, write: Callable[..., str]
) -> None:
    (tmp_path / "empty").mkdir()
    assert inside(*AGENCY, write(sbom(package()))) == ALLOW  # so that the built-in law is in the cache
    for folder in ("absent", "empty", "bom.json"):
        for flag in ("--policy", "--only-policy"):
            assert inside(*AGENCY, flag, str(tmp_path / folder), write(sbom(package()))) == NO_VERDICT


def test_a_law_that_forbids_nothing_at_all_gets_no_verdict(law: Path, write: Callable[..., str]) -> None:
    (law / "prohibitions" / "xx-ban.toml").unlink()
    assert inside("--act", "use", "--only-policy", str(law), write(sbom(package()))) == NO_VERDICT


@pytest.mark.parametrize("name", ["Kaspersky Lab Switzerland", "Kasperski"])
def test_a_vendor_that_somebody_adds_hides_none_of_the_law(
    name: str, write: Callable[..., str], tmp_path: Path
) -> None:
    folder = tmp_path / "own" / "vendors"
    folder.mkdir(parents=True)
    (folder / "acme.toml").write_text(
        f'id = "acme"\nname = "Acme"\nnames = ["{name}"]\nsource = "https://acme.example"\n', encoding="utf-8"
    )
    line = {"product": "A tool", "manufacturer": {"name": f"{name} GmbH"}, "supplier": {"name": "CDW"}}
    path = write(request(line, ordered="2030-01-01", buyer={"roles": ["us-federal-agency"]}))
    assert outside(path).returncode == REVIEW
    assert outside(path, "--policy", str(folder.parent)).returncode == REVIEW


def test_two_vendors_that_claim_one_name_are_refused(law: Path, write: Callable[..., str]) -> None:
    twin = '\nid = "twin"\nname = "OLDCO"\nsource = "https://register.example/twin"\n'
    (law / "vendors" / "twin.toml").write_text(twin)
    assert outside("--only-policy", str(law), write(sbom(package()))).returncode == NO_VERDICT


# --- Waivers ----------------------------------------------------------------------------------------------------------

WAIVER = """
id = "W-1"
prohibitions = ["xx-example-ban"]
vendors = ["template-vendor"]
granted_by = "minister"
authority = "Decision No. 1, art. 4"
approver = "The head of procurement"
reason = "The replacement is late."
starts = 2021-01-01
ends = 2021-06-01
"""


@pytest.fixture
def waived(tmp_path: Path, write: Callable[..., str]) -> Callable[..., tuple[str, ...]]:
    """Arguments that judge a purchase under the template's ban, with a waiver."""

    def arguments(waiver: str, ordered: str = "2021-05-05") -> tuple[str, ...]:
        product = {"product": "Template Suite", "manufacturer": {"name": "Template Vendor Ltd"}}
        document = request({**product, "supplier": {"name": "Shop"}}, acts=["acquire", "provide"], ordered=ordered)
        write(waiver, "waivers/w.toml")
        folder = str(tmp_path / "waivers")
        path = write(document, "request.json")
        return ("--policy", str(TEMPLATE), "--allow-past", "--waivers", folder, path)

    return arguments


def test_a_waiver_in_force_lifts_the_denial_and_stays_visible(
    waived: Callable[..., tuple[str, ...]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert inside(*waived(WAIVER)) == ALLOW
    capsys.readouterr()
    [lifted] = [r for r in reasons(*waived(WAIVER), capsys=capsys) if r["waiver"]]
    assert (lifted["effect"], lifted["waiver"]["id"], lifted["waiver"]["refused"]) == ("note", "W-1", None)


@pytest.mark.parametrize("ordered", ["2020-12-31", "2021-06-01", "2021-06-01T00:00:00+02:00", "2022-02-02"])
def test_a_waiver_outside_its_time_waives_nothing_and_the_decision_says_so(
    ordered: str, waived: Callable[..., tuple[str, ...]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert inside(*waived(WAIVER, ordered)) == DENY
    capsys.readouterr()
    [denied] = [r for r in reasons(*waived(WAIVER, ordered), capsys=capsys) if r["effect"] == "deny"]
    assert denied["waiver"]["refused"]


def test_the_last_moment_of_a_waiver_is_still_waived(waived: Callable[..., tuple[str, ...]]) -> None:
    assert inside(*waived(WAIVER, "2021-05-31T23:59:59.999999+02:00")) == ALLOW


@pytest.mark.parametrize(
    ("said", "instead"),
    [
        ('"minister"', '"mayor"'),  # whom the law does not name
        ("ends = 2021-06-01", "ends = 2022-01-02"),  # longer than the law lets any waiver run
    ],
)
def test_a_waiver_that_its_law_does_not_permit_waives_nothing(
    said: str, instead: str, waived: Callable[..., tuple[str, ...]]
) -> None:
    done = outside(*waived(WAIVER.replace(said, instead)))
    assert done.returncode == DENY
    assert b"waives nothing" in done.stdout


def test_a_waiver_of_a_law_that_permits_none_waives_nothing(write: Callable[..., str], tmp_path: Path) -> None:
    write(WAIVER.replace("xx-example-ban", "us-ndaa-fy2018-1634-kaspersky").replace("template-vendor", "kaspersky")
          .replace("ends = 2021-06-01", "ends = 2199-01-01"), "waivers/w.toml")  # fmt: skip
    assert inside(*AGENCY, "--waivers", str(tmp_path / "waivers"), write(sbom(package(BARRED)))) == DENY


@pytest.mark.parametrize(
    ("said", "instead"),
    [
        ("ends = 2021-06-01", ""),
        ("ends = 2021-06-01", 'ends = "never"'),
        ("ends = 2021-06-01", "ends = 2020-01-01"),
        ("ends = 2021-06-01", "ends = 2021-06-01T00:00:00"),
        ("starts = 2021-01-01", ""),
        ('approver = "The head of procurement"', ""),
        ('approver = "The head of procurement"', 'approver = ""'),
        ('reason = "The replacement is late."', ""),
        ('authority = "Decision No. 1, art. 4"', ""),
        ('granted_by = "minister"', ""),
        ('["xx-example-ban"]', "[]"),
        ('["xx-example-ban"]', '["xx-exemple-ban"]'),
        ('["template-vendor"]', "[]"),
        ('["template-vendor"]', '["*"]'),
        ('id = "W-1"', 'id = "W-1"\nforce = true'),
        ('id = "W-1"', 'id = "W-1'),
    ],
)
def test_a_malformed_waiver_gets_no_verdict(
    said: str, instead: str, waived: Callable[..., tuple[str, ...]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert said in WAIVER
    assert inside(*waived(WAIVER.replace(said, instead))) == NO_VERDICT
    assert "W-1" in (shown := capsys.readouterr().err) or "w.toml" in shown


def test_a_folder_of_waivers_that_is_not_there_gets_no_verdict(write: Callable[..., str], tmp_path: Path) -> None:
    assert inside(*AGENCY, "--waivers", str(tmp_path / "absent"), write(sbom(package()))) == NO_VERDICT


# --- Time -------------------------------------------------------------------------------------------------------------


def test_now_is_asked_anew_for_every_decision(law: Path) -> None:
    known = load([law], only=True)
    data = json.dumps(sbom(package("pkg:npm/label@1"))).encode()
    outcomes = []
    for now in (datetime(2020, 2, 29, 12, tzinfo=UTC), datetime(2020, 3, 1, 12, tzinfo=UTC)):
        decision = check(read(data, "bom.json", now=now), known, Asking(now=now, acts=("use",)))
        assert (decision.as_of, decision.known_at) == (now, now)
        outcomes.append(decision.outcome)
    assert outcomes == ["allow", "deny"]


def test_two_runs_of_one_process_are_made_at_two_times(
    write: Callable[..., str], capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(sbom(package()))
    times = []
    for _ in range(2):
        assert inside(*AGENCY, "--format", "json", path) == ALLOW
        record = json.loads(capsys.readouterr().out)
        assert record["as_of"] == record["known_at"] == record["evaluated_at"]
        times.append(record["as_of"])
    assert times[0] != times[1]


def test_a_clause_that_begins_between_two_runs_is_seen_by_the_second(law: Path, write: Callable[..., str]) -> None:
    path = write(sbom(package("pkg:npm/label@1")))
    file = law / "prohibitions" / "xx-ban.toml"
    tomorrow = (datetime.now(UTC) + timedelta(days=2)).date().isoformat()
    file.write_text(INSTRUMENT.format(starts=tomorrow))
    assert inside("--act", "use", "--only-policy", str(law), path) == ALLOW
    file.write_text(INSTRUMENT.format(starts="2020-03-01"))
    assert inside("--act", "use", "--only-policy", str(law), path) == DENY


@pytest.mark.parametrize(
    ("ordered", "status"),
    [
        ("2024-07-20T03:59:59Z", ALLOW),
        ("2024-07-20T03:59:59.999999Z", ALLOW),
        ("2024-07-20T04:00:00Z", DENY),
        ("2024-07-20T00:00:00-04:00", DENY),
        ("2024-07-20T06:00:00+02:00", DENY),
        ("2024-07-20T04:00:00.000001Z", DENY),
        ("2024-07-19", ALLOW),
        ("2024-07-20", DENY),
    ],
)
def test_the_first_instant_itself_is_inside(
    ordered: str, status: int, write: Callable[..., str], capsys: pytest.CaptureFixture[str]
) -> None:
    seller = {"name": "Kaspersky Lab, Inc."}
    line = {"product": "Kaspersky Endpoint Security for Business", "supplier": seller, "manufacturer": seller}
    path = write(request(line, buyer={"roles": ["us-person"]}, ordered=ordered))
    assert outside("--allow-past", path).returncode == status
    found = reasons("--allow-past", path, capsys=capsys)
    [clause] = [r for r in found if r["code"] == "us-commerce-icts-2021-002-kaspersky/new-agreements"]
    assert clause["effect"] == ("deny" if status == DENY else "warn")
    assert clause["in_force"]["starts"] == "2024-07-20T04:00:00Z"


@pytest.mark.parametrize(
    "moment",
    ["2024-07-20T00:00:00", "2024-07-20T00:00", "2024-07-20 00:00:00", "20240720T000000", "2024-W29-6T00:00:00"],
)
def test_a_naive_date_time_gets_no_verdict(moment: str, write: Callable[..., str]) -> None:
    line = {"product": "x", "manufacturer": {"name": "Example"}}
    for key in ("ordered", "delivered"):
        assert inside("--allow-past", write(request(line, **{key: moment}))) == NO_VERDICT
    term = {"starts": moment, "ends": "2030-01-01"}
    assert inside("--allow-past", write(request(line, term=term))) == NO_VERDICT
    assert inside("--allow-past", write(request(line, acts=[{"act": "use", "on": moment}]))) == NO_VERDICT
    assert inside(*AGENCY, "--allow-past", "--as-of", moment, write(sbom(package()))) == NO_VERDICT
    assert inside(*AGENCY, "--known-at", moment, write(sbom(package()))) == NO_VERDICT


def test_a_naive_date_time_in_the_law_gets_no_verdict(law: Path, write: Callable[..., str]) -> None:
    (law / "prohibitions" / "xx-ban.toml").write_text(INSTRUMENT.format(starts="2020-03-01T00:00:00"))
    assert outside("--only-policy", str(law), write(sbom(package()))).returncode == NO_VERDICT


# --- Words that are not known -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments",
    [
        ("--format", "yaml"),
        ("--format", "JSON"),
        ("--format", ""),
        ("--format", "json="),
        ("--role", "us-persons"),
        ("--role", "anyone"),
        ("--role", ""),
        ("--act", "buy"),
        ("--act", ""),
        ("--profile", "us-federal"),
        ("--profile", ""),
        ("--profile", "US-FEDERAL-AGENCY"),
        ("--on-review", "ignore"),
        ("--as-of", "tomorrow"),
        ("--as-of", "0001-01-01"),
        ("--known-at", "9999-12-31"),
        ("--known-at", "yesterday"),
        ("--prof", "us-company"),
        ("--no-such-flag",),
        ("--force",),
    ],
)
def test_an_unknown_word_never_falls_to_a_default(arguments: tuple[str, ...], write: Callable[..., str]) -> None:
    assert inside(*arguments, write(sbom(package()))) == NO_VERDICT


@pytest.mark.parametrize(
    "more",
    [
        {"acts": ["buy"]},
        {"acts": ["Acquire"]},
        {"acts": [{"act": "buy", "on": "2030-01-01"}]},
        {"acts": ["acquire", ""]},
        {"agreement": "fresh"},
        {"purposes": ["fun"]},
        {"buyer": {"roles": ["citizen"]}},
        {"facts": {"device": "toaster"}},
        {"facts": {"colour": "red"}},
        {"Lines": []},
        {"comment": "unknown keys are refused"},
        {"supplier_uses": [{"product": "x", "category": "toaster"}]},
        {"lines": [{"product": "x", "category": "antivirus"}]},
        {"lines": [{"product": "x", "Manufacturer": {"name": "Kaspersky"}}]},
        {"lines": [{"product": "x", "manufacturer": {"Name": "Kaspersky"}}]},
        {"lines": [{}]},
        {"lines": [{"product": ""}]},
        {"lines": {"product": "x"}},
    ],
)
def test_an_unknown_word_in_a_request_gets_no_verdict(more: Json, write: Callable[..., str]) -> None:
    line = {"product": "x", "manufacturer": {"name": "Example"}}
    assert inside("--role", "us-person", write({**request(line, ordered="2030-01-01"), **more})) == NO_VERDICT


# --- Ways to write a name differently ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "purl",
    [
        f"{BARRED}?repository_url=https://example.com/left-pad",
        f"{BARRED}#left-pad",
        f"{BARRED}?a=b#pkg:npm/left-pad@1",
        f"{BARRED}?purl=pkg:npm/left-pad@1",
        f"{BARRED}#../../left-pad",
        "pkg:npm/%40kaspersky/hexa-ui?x=/",
        "pkg:npm/%40kaspersky/hexa-ui#/",
        "pkg:npm/%40kaspersky/hexa-ui@1.0%3Fx=1",
        "pkg:npm/%40kaspersky/hexa-ui@1/2/3",
        "pkg:maven/com.kaspersky.android-components/kaspresso@1.5.5?type=aar&classifier=x/y",
        "pkg:deb/debian/kesl@11?arch=amd64&distro=bookworm",
        "pkg:golang/github.com/kasperskylab/x@v1#sub/path",
        "pkg:github/kasperskylab/klara@1?x=y#z",
    ],
)
def test_a_purls_qualifiers_and_subpath_hide_nothing(purl: str, write: Callable[..., str]) -> None:
    assert inside(*AGENCY, write(sbom(package(purl)))) == DENY


@pytest.mark.parametrize(
    "purl",
    [
        "pkg:NPM/%40KASPERSKY/x",
        "PKG:npm/%40Kaspersky/x",
        "Pkg:Npm/@kaspersky/x",
        "pkg:npm/%40kaspersky%2Fhexa-ui",
        "pkg:npm/%40kaspersky%2fhexa-ui@1.0.0",
        "pkg:npm/%2540kaspersky/hexa-ui@1",
        "pkg:npm/%2540kaspersky%252Fhexa-ui",
        "pkg:npm/%40%6Baspersky/x",
        "pkg:npm/%40k%61spersk%79/x",
        "pkg:npm/kaspersky/x",
        "pkg://npm/%40kaspersky/x",
        "pkg:/npm/%40kaspersky/x",
        "pkg:npm//%40kaspersky//x",
        "pkg:npm/./%40kaspersky/x",
        " pkg:npm/%40kaspersky/x ",
        "pkg:npm/%40kaspersky%20/x",
        "pkg:npm/%20%40kaspersky/x",
        "pkg:maven/COM.Kaspersky/x@1",
        "pkg:maven/com%2Ekaspersky/x@1",
        "pkg:maven/com/kaspersky/x@1",
        "pkg:golang/GitHub.com/KasperskyLab/x",
        "pkg:golang/github.com%2Fkasperskylab%2Fx",
        "pkg:github/KasperskyLab/x",
    ],
)
@pytest.mark.parametrize("many", [False, True], ids=["alone", "among-many"])
def test_percent_encoding_and_letter_case_hide_nothing(purl: str, many: bool, write: Callable[..., str]) -> None:
    others = [package(f"pkg:npm/p{n}@1") for n in range(100)] if many else []
    assert inside(*AGENCY, write(sbom(*others, package(purl, name="x")))) in (DENY, REVIEW)


ALIASES = [
    "АО «Лаборатория Касперского»",
    "Лаборатория Касперского",
    "лаборатория касперского, ао",
    "ЛАБОРАТОРИЯ  КАСПЕРСКОГО",
    "Ｋａｓｐｅｒｓｋｙ　Ｌａｂ",
    "Kas\u200bpersky Lab",
    "K\u00adaspersky\u2060 Lab",
    "\u202eKaspersky Lab\u202c",
    "Kаspersky Lab",
    "КаsреrsKу Lab",
    "Κaspersky Lab",
    "Kaspersky\u00a0Lab",
    "Kaspérsky Lab",
    "KASPERSKY LAB, INC.",
    "Kaspersky-Lab",
    "Kaspersky_Lab",
    "Kaspersky\tLab\n",
    "Organization: Kaspersky Lab",
    "Kaspersky Lab (https://www.kaspersky.com)",
    "Kaspersky Lab <info@kaspersky.com>",
    "𝐊𝐚𝐬𝐩𝐞𝐫𝐬𝐤𝐲 Lab",
    "ᴋaspersky Lab",
    "Kɑspersky Lab",
    "Каspersky Lab",
    "Kaspеrsky Lаb ZAO",
]


@pytest.mark.parametrize("name", ALIASES)
@pytest.mark.parametrize("many", [False, True], ids=["alone", "among-many"])
def test_an_alias_in_another_script_is_the_same_company(name: str, many: bool, write: Callable[..., str]) -> None:
    others = [package(f"pkg:npm/p{n}@1") for n in range(100)] if many else []
    for field in ({"publisher": name}, {"supplier": {"name": name}}):
        assert inside(*AGENCY, write(sbom(*others, package(None, **field)))) in (DENY, REVIEW)


@pytest.mark.parametrize("name", ALIASES[:9])
def test_an_alias_in_another_script_is_the_same_company_in_a_request(name: str, write: Callable[..., str]) -> None:
    line = {"product": "A tool", "manufacturer": {"name": name}, "supplier": {"name": "CDW"}}
    path = write(request(line, ordered="2030-01-01", buyer={"roles": ["us-federal-agency"]}))
    assert outside(path).returncode == DENY


@pytest.mark.parametrize(
    ("product", "maker", "role", "purl"),
    [
        ("Hikvision DS-2CD camera with Artemis HTTP Client", "Hikvision", "us-federal-agency", None),
        ("Kaspersky Next EDR Optimum incl. Kaspersky Security Awareness", "Kaspersky Lab", "us-person", None),
        ("Kaspersky Antivirus 2026 (with Kaspersky Threat Intelligence feed)", "Kaspersky Lab", "us-person", None),
        ("Huawei S5720 switch (managed by Huawei HarmonyOS)", "Huawei", "us-federal-agency", None),
        ("Kaspersky Next", "Kaspersky Lab", "us-person", "pkg:npm/%40kaspersky/hexa-ui"),
        ("Kaspersky Security Awareness with Anti-Virus", "Kaspersky Lab", "us-person", None),
        ("Kaspersky Security Awareness, Total Security", "Kaspersky Lab", "us-person", None),
        ("Kaspersky Threat Intelligence + EDR", "Kaspersky Lab", "us-person", None),
        ("Huawei EulerOS server with S5720 switch", "Huawei", "us-federal-agency", None),
        ("Huawei S5720-28P switch", "OEM", "us-federal-agency", None),
        ("Huawei S5720-28P switch", "CDW LLC", "us-federal-agency", None),
        ("5x Huawei S5720-28P", None, "us-federal-agency", None),
        ("Used ZTE ZXR10 router", None, "us-federal-agency", None),
        ("IP camera Hikvision DS-2CD", "see quote", "us-federal-agency", None),
        ("one " * 47 + "Kaspersky Endpoint Security", None, "us-federal-agency", None),
    ],
)
def test_nothing_else_that_a_line_says_takes_its_product_out_of_the_law(
    product: str, maker: str | None, role: str, purl: str | None, write: Callable[..., str]
) -> None:
    line: Json = {"product": product, "purposes": ["public-safety"], **({"purl": purl} if purl else {})}
    if maker is not None:
        line |= {"manufacturer": {"name": maker}, "supplier": {"name": maker}}
    path = write(request(line, ordered="2030-01-01", buyer={"roles": [role]}))
    assert outside(path).returncode in (DENY, REVIEW)


PRODUCTS_TOGETHER = (
    "Kaspersky Anti-Virus",
    "Kaspersky Anti-Virus with support",
    "Kaspersky Anti-Virus + EDR",
    "Kaspersky Anti-Virus, Kaspersky Security Awareness",
    "Kaspersky Security Awareness, Kaspersky Anti-Virus",
)


def test_what_comes_with_a_barred_product_makes_it_no_less_barred(write: Callable[..., str]) -> None:
    maker = {"name": "Kaspersky Lab"}
    for product in PRODUCTS_TOGETHER:
        line = {"product": product, "supplier": maker, "manufacturer": maker}
        roles = {"roles": ["nl-central-government"]}
        assert inside(write(request(line, ordered="2030-01-01", buyer=roles))) == DENY


# --- Vendors that were renamed or sold --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("purl", "day", "status"),
    [
        ("pkg:npm/label@1", "2020-02-29", ALLOW),  # before the ban
        ("pkg:npm/label@1", "2020-03-01", DENY),  # a brand is its owner under another name
        ("pkg:npm/label@1", "2025-01-01", DENY),
        ("pkg:npm/daughter@1", "2020-03-01", DENY),
        ("pkg:npm/daughter@1", "2021-12-31", DENY),
        ("pkg:npm/daughter@1", "2022-01-02", ALLOW),  # sold the day before
        ("pkg:npm/newco@1", "2023-05-31", ALLOW),  # not yet the successor
        ("pkg:npm/newco@1", "2023-06-01", DENY),  # renamed
    ],
)
def test_a_vendor_renamed_or_sold_is_judged_by_whose_it_was_that_day(
    purl: str, day: str, status: int, law: Path, write: Callable[..., str]
) -> None:
    arguments = ("--only-policy", str(law), "--act", "use", "--allow-past", "--as-of", day)
    assert inside(*arguments, write(sbom(package(purl)))) == status


@pytest.mark.parametrize(
    ("zone", "moment", "status"),
    [
        ("America/New_York", "2021-12-31T23:00:00-05:00", DENY),
        ("America/New_York", "2022-01-01T00:00:00-05:00", ALLOW),
        ("Europe/Berlin", "2021-12-31T23:59:59+01:00", DENY),
        ("Europe/Berlin", "2022-01-01T00:00:00+01:00", ALLOW),
    ],
)
def test_a_vendor_is_sold_on_a_legal_day_of_the_law_that_is_applied(
    zone: str, moment: str, status: int, law: Path, write: Callable[..., str]
) -> None:
    text = INSTRUMENT.format(starts="2020-03-01").replace("Europe/Berlin", zone)
    (law / "prohibitions" / "xx-ban.toml").write_text(text)
    arguments = ("--only-policy", str(law), "--act", "use", "--allow-past", "--as-of", moment)
    assert inside(*arguments, write(sbom(package("pkg:npm/daughter@1")))) == status


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


def test_the_register_survives_being_asked_for_every_byte(write: Callable[..., str]) -> None:
    texts = [chr(code) * length for code in (*range(0x300), 0x202E, 0xFFFD, 0x1F600) for length in (1, 3)]
    components = [
        package(
            None, name=text, publisher=text, group=text, cpe=text, author=text, supplier={"name": text, "url": [text]}
        )
        for text in texts
    ]
    data = msgspec.json.encode(sbom(*components, *(package(text) for text in texts)))
    assert inside(*AGENCY, write(data)) == REVIEW  # some of these are no name


def test_a_finding_that_settles_something_is_named_in_the_decision(
    tmp_path: Path, write: Callable[..., str], capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "findings").mkdir()
    (tmp_path / "findings" / "F-1.toml").write_text(
        'id = "F-1"\nvendor = "kaspersky"\nnames = ["a"]\nnot_this_vendor = true\nby = "Ann"\nreason = "Another one."\n'
        "starts = 2020-01-01\nends = 2040-01-01\n"
    )
    document = write(sbom({"type": "library", "name": "a", "supplier": {"name": "Kaspesky"}}))
    assert inside(*AGENCY, document) == REVIEW
    capsys.readouterr()
    arguments = (*AGENCY, "--findings", str(tmp_path / "findings"), "--format", "json", document)
    assert inside(*arguments) == ALLOW
    [reason] = json.loads(capsys.readouterr().out)["reasons"]
    assert reason["code"] == "gate/finding"
    assert "F-1 by Ann" in reason["message"]
    assert [component["pointer"] for component in reason["components"]] == ["/components/0"]


def test_a_finding_that_settles_nothing_is_named_too(
    tmp_path: Path, write: Callable[..., str], capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "findings").mkdir()
    (tmp_path / "findings" / "F-2.toml").write_text(
        f'id = "F-2"\nvendor = "kaspersky"\npurls = ["{BARRED}"]\nnot_this_vendor = true\nby = "Ann"\n'
        'reason = "A fork."\n'
        "starts = 2020-01-01\nends = 2040-01-01\n"
    )
    arguments = (*AGENCY, "--findings", str(tmp_path / "findings"), "--format", "json", write(sbom(package(BARRED))))
    assert inside(*arguments) == DENY
    told = [r["message"] for r in json.loads(capsys.readouterr().out)["reasons"] if r["code"] == "gate/finding"]
    assert len(told) == 1
    assert "F-2 by Ann changed nothing" in told[0]


def test_a_finding_makes_a_known_category_more_exact_and_takes_none_away(
    tmp_path: Path, write: Callable[..., str]
) -> None:
    (tmp_path / "findings").mkdir()

    def judged(product: str, category: str) -> int:
        (tmp_path / "findings" / "F-3.toml").write_text(
            f'id = "F-3"\nvendor = "kaspersky"\nnames = ["{product.lower()}"]\ncategories = ["{category}"]\n'
            'by = "Ann"\nreason = "Read the manual."\nstarts = 2020-01-01\nends = 2040-01-01\n'
        )
        line = {"product": product, "supplier": {"name": "Kaspersky Lab"}, "manufacturer": {"name": "Kaspersky Lab"}}
        document = write(request(line, buyer={"roles": ["us-person"]}))
        return inside("--findings", str(tmp_path / "findings"), "--allow-past", document)

    assert judged("Kaspersky Password Manager", "development-tool") == ALLOW
    assert judged("Kaspersky Password Manager", "vpn") == DENY
    assert judged("Kaspersky Anti-Virus", "development-tool") == DENY


@pytest.mark.parametrize(
    "product",
    [
        "Kaspersky Antivirus",
        "Kaspersky Lab Endpoint Security",
        "Endpoint Security for Business",
        "Kaspersky Anti-Virus 12",
        "KasperskyEndpointSecurity",
        "Kaspersky InternetSecurity 2024",
        "Kaspersky KAVSDK",
        "Kaspersky SecureConnection",
        "Kaspersky Endpoint Detection & Response",
    ],
)
def test_no_claim_about_a_product_takes_it_out_of_scope_however_its_name_is_spaced(
    product: str, write: Callable[..., str]
) -> None:
    maker = {"name": "Kaspersky Lab"}
    for category in ("threat-intelligence", "computer"):
        line = {"product": product, "category": category, "supplier": maker, "manufacturer": maker}
        assert inside(write(request(line))) != ALLOW


def test_a_scope_excludes_parts_alone(write: Callable[..., str]) -> None:
    """Design, section 6: `scope: excluded` is not delivered and only noted. The product itself is what is bought."""
    barred = package(BARRED, scope="excluded")
    held = sbom(package(), metadata={"component": {"type": "application", "name": "x", "components": [barred]}})
    assert inside(*AGENCY, write(sbom(package(), barred))) == ALLOW
    assert inside(*AGENCY, write(held)) == ALLOW
    assert inside(*AGENCY, write(sbom(package(), package(pedigree={"ancestors": [barred]})))) == DENY
    product = {"type": "application", "name": "KES", "scope": "excluded", "manufacturer": {"name": "Kaspersky Lab"}}
    write(sbom(package(), metadata={"component": product}), "a.json")
    line = {"product": "Endpoint protection", "supplier": {"name": "CDW LLC"}, "sbom": {"path": "a.json"}}
    assert inside(*AGENCY, write(request(line), "r.json")) != ALLOW


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


def test_no_file_undoes_what_a_flag_says_fails_a_build(
    write: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    document = write(sbom(package(BARRED)))
    for setting in ("exit-zero", "warn-only"):
        (tmp_path / "gate.toml").write_text(f"{setting} = true\n")
        assert inside(*AGENCY, document) == ALLOW
        assert inside(*AGENCY, "--fail-on", "review", document) == DENY


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
