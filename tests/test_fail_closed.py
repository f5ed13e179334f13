"""Ways to allow by accident (design, section 9): documents that hold nothing, and places where something may stand."""

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from tests.barred import ALLOW, BARRED, DENY, NO_VERDICT, PART, REVIEW, XML, inside, outside, package, request
from tests.boms import Json, sbom
from tests.command import AGENCY

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


def test_no_file_undoes_what_a_flag_says_fails_a_build(
    write: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    document = write(sbom(package(BARRED)))
    for setting in ("exit-zero", "warn-only"):
        (tmp_path / "gate.toml").write_text(f"{setting} = true\n")
        assert inside(*AGENCY, document) == ALLOW
        assert inside(*AGENCY, "--fail-on", "review", document) == DENY
