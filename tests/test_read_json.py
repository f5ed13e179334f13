"""What is read of CycloneDX JSON: fields, places, and at any depth; on small documents."""

import json

import pytest

from gate.identity import Kind, identities
from gate.read import read, read_sbom
from gate.read.cyclonedx_json import VERSIONS
from gate.subject import Component, settle
from tests.json_boms import EVERYTHING, NOW, bom, only, part, text_of
from tests.strategies import Json, read_from, refusal_of
from tests.worlds import BOTH, PART, PRODUCER, SUPPLIER


def test_every_field_that_can_name_a_maker_becomes_an_identity() -> None:
    assert set(identities(only(bom(EVERYTHING)))) == {
        (Kind.PURL, "purl", "pkg:maven/org.example/sdk@1.2"),
        (Kind.CPE, "cpe", "cpe:2.3:a:example:sdk:1.2:*:*:*:*:*:*:*"),
        (Kind.PARTY, "supplier.name", "Supplier Ltd"),
        (Kind.LINK, "supplier.url", "https://supplier.example"),
        (Kind.MAIL, "supplier.contact", "s@supplier.example"),
        (Kind.PARTY, "manufacturer.name", "Maker Ltd"),
        (Kind.LINK, "manufacturer.url", "https://maker.example"),
        (Kind.ORGANISATION, "publisher", "Example Publishing"),
        (Kind.GROUP, "group", "org.example"),
        (Kind.AUTHOR, "author", "Ann"),
        (Kind.AUTHOR, "authors/0/name", "Bob"),
        (Kind.MAIL, "authors/0/email", "bob@example.org"),
        (Kind.LINK, "externalReferences/0/url", "https://sdk.example"),
        (Kind.PRODUCT, "name", "sdk"),
        (Kind.PRODUCT, "swid.name", "Example SDK"),
    }


def test_type_version_scope_and_reference_are_read_as_they_stand() -> None:
    component = only(bom(EVERYTHING))
    assert (component.type, component.version, component.scope, component.ref) == (
        "library",
        "1.2",
        "optional",
        "ref-1",
    )


@pytest.mark.parametrize("version", VERSIONS)
def test_every_version_is_read_alike(version: str) -> None:
    assert set(identities(only(bom(EVERYTHING, version=version)))) == set(identities(only(bom(EVERYTHING))))


def test_the_versions_are_those_in_which_cyclonedx_has_json() -> None:
    assert VERSIONS == ("1.2", "1.3", "1.4", "1.5", "1.6", "1.7")


@pytest.mark.parametrize("version", ["1.0", "1.1", "1.8", "2.0", "1.06", "1.6 ", "", "v1.6", "1.x"])
def test_another_version_is_refused_at_its_place(version: str) -> None:
    error = refusal_of(bom(part(), version=version))
    assert (error.pointer, repr(version) in error.what) == ("/specVersion", True)


@pytest.mark.parametrize(
    "field", ["group", "purl", "cpe", "publisher", "author", "version", "bom-ref", "scope", "type", "name"]
)
def test_an_empty_string_and_null_are_as_good_as_absent(field: str) -> None:
    plain = {key: value for key, value in part(purl="pkg:npm/a@1", group="g").items() if key != field}
    absent = set(identities(only(bom(plain))))
    assert set(identities(only(bom({**plain, field: ""})))) == absent
    assert set(identities(only(bom({**plain, field: None})))) == absent


@pytest.mark.parametrize(
    "field", ["supplier", "manufacturer", "authors", "swid", "externalReferences", "components", "pedigree"]
)
def test_null_in_place_of_an_object_or_a_list_is_as_good_as_absent(field: str) -> None:
    assert set(identities(only(bom(part(**{field: None}))))) == set(identities(only(bom(part()))))


@pytest.mark.parametrize("empty", ["", None])
def test_an_organisation_with_an_empty_name_says_nothing(empty: str | None) -> None:
    component = only(bom(part(supplier={"name": empty, "url": None, "contact": [{"email": empty, "name": empty}]})))
    assert set(identities(component)) == {(Kind.PRODUCT, "name", "x")}


@pytest.mark.parametrize("key", ["metadata", "components", "services"])
def test_null_at_the_top_is_as_good_as_absent(key: str) -> None:
    assert read_from({**bom(), key: None}) == {}


def test_fields_that_decide_nothing_may_hold_anything() -> None:
    odd: Json = {"hashes": 5, "licenses": "MIT", "properties": {"a": [1]}, "evidence": 1.5, "description": []}
    document = bom(part(**odd)) | {"vulnerabilities": 7, "$schema": [], "version": "1", "metadata": {"timestamp": []}}
    assert set(read_from(document)) == {"/components/0"}


def test_escapes_and_other_scripts_are_read_as_the_letters_they_are() -> None:
    plain = text_of('"components": [{"type": "library", "name": "Касперский"}]')
    escaped = plain.replace("Кас", "\\u041a\\u0430\\u0441").replace('"name"', '"\\u006eame"')
    assert only(escaped).name == only(plain).name == "Касперский"


# Places.


def test_nested_components_and_ancestors_are_found_with_their_pointers() -> None:
    inner = part("inner", pedigree={"ancestors": [part("ancestor", components=[part("ancestors-part")])]})
    found = read_from(bom(part("outer", components=[part("first"), inner]), part("second")))
    assert {pointer: component.name for pointer, component in found.items()} == {
        "/components/0": "outer",
        "/components/0/components/0": "first",
        "/components/0/components/1": "inner",
        "/components/0/components/1/pedigree/ancestors/0": "ancestor",
        "/components/0/components/1/pedigree/ancestors/0/components/0": "ancestors-part",
        "/components/1": "second",
    }


def test_every_part_however_deep_stands_as_a_component() -> None:
    root = {"type": "application", "name": "root", "components": [part("a", pedigree={"ancestors": [part("b")]})]}
    found = read_from(bom(part("c", components=[part("d")]), metadata={"component": root}))
    parts = {component.name: component.place.worlds for component in found.values() if component.name != "root"}
    assert parts == dict.fromkeys("abcd", (PART,))


def test_the_product_and_what_is_within_it_are_found() -> None:
    root: Json = {"type": "application", "name": "root", "components": [part("inner", components=[part("inmost")])]}
    root["pedigree"] = {"ancestors": [part("ancestor")]}
    found = read_from(bom(metadata={"component": root}))
    assert {pointer: component.name for pointer, component in found.items()} == {
        "/metadata/component": "root",
        "/metadata/component/components/0": "inner",
        "/metadata/component/components/0/components/0": "inmost",
        "/metadata/component/pedigree/ancestors/0": "ancestor",
    }


def test_services_within_services_are_found_with_provider_and_endpoints() -> None:
    inner = {"name": "inner", "endpoints": ["https://inner.example/api"]}
    outer = {"name": "outer", "group": "g", "provider": {"name": "Provider Ltd"}, "services": [inner]}
    found = read_from(bom(services=[outer]))
    assert list(found) == ["/services/0", "/services/0/services/0"]
    assert {component.place.worlds for component in found.values()} == {(SUPPLIER,)}
    assert (Kind.PARTY, "supplier.name", "Provider Ltd") in identities(found["/services/0"])
    assert (Kind.GROUP, "group", "g") in identities(found["/services/0"])
    links = [said for kind, _, said in identities(found["/services/0/services/0"]) if kind is Kind.LINK]
    assert links == ["https://inner.example/api"]


@pytest.mark.parametrize(
    ("own", "worlds", "supplier_worlds"),
    [
        ({}, (PRODUCER, BOTH), (SUPPLIER, BOTH)),
        ({"supplier": {"name": "S"}}, (PRODUCER,), (SUPPLIER, BOTH)),
        ({"manufacturer": {"name": "M"}}, (PRODUCER, BOTH), (SUPPLIER,)),
        ({"supplier": {"name": "S"}, "manufacturer": {"name": "M"}}, (PRODUCER,), (SUPPLIER,)),
    ],
    ids=["neither", "supplier", "maker", "both"],
)
def test_who_of_the_products_supplier_and_maker_is_unsaid_may_be_the_other(
    own: Json, worlds: object, supplier_worlds: object
) -> None:
    place = only(bom(metadata={"component": {"type": "application", "name": "root", **own}})).place
    assert (place.worlds, place.supplier_worlds) == (worlds, supplier_worlds)


def test_the_metadatas_supplier_and_maker_stand_for_a_product_that_names_none() -> None:
    metadata = {"component": part("root"), "supplier": {"name": "S"}, "manufacture": {"name": "M"}}
    product = only(bom(metadata=metadata, version="1.5"))
    assert set(identities(product)) >= {
        (Kind.PARTY, "supplier.name", "S"),
        (Kind.PARTY, "manufacturer.name", "M"),
    }
    assert (product.place.worlds, product.place.supplier_worlds) == ((PRODUCER,), (SUPPLIER,))


def test_two_suppliers_and_two_makers_of_the_product_are_all_kept() -> None:
    root = part("root", supplier={"name": "S1"}, manufacturer={"name": "M1"})
    found = read_from(bom(metadata={"component": root, "supplier": {"name": "S2"}, "manufacture": {"name": "M2"}}))
    named = {said for component in found.values() for kind, _, said in identities(component) if kind is Kind.PARTY}
    assert named == {"S1", "S2", "M1", "M2"}


def test_a_supplier_without_a_product_is_kept() -> None:
    found = read_from(bom(part(), metadata={"supplier": {"name": "S"}}))
    assert (Kind.PARTY, "supplier.name", "S") in identities(found["/metadata"])


def test_who_made_the_document_is_evidence_of_nothing() -> None:
    maker = {"name": "Maker of documents"}
    metadata = {
        "manufacturer": maker,
        "authors": [{"name": "Author", "email": "a@author.example"}],
        "tools": {
            "components": [part("tool", supplier=maker, publisher="P")],
            "services": [{"name": "s", "provider": maker}],
        },
        "lifecycles": [{"phase": "build"}],
        "properties": [{"name": "vendor", "value": "V"}],
    }
    assert only(bom(part(), metadata=metadata)).pointer == "/components/0"
    old = [{"vendor": "V", "name": "tool"}]
    assert only(bom(part(), metadata={"tools": old}, version="1.4")).pointer == "/components/0"


@pytest.mark.parametrize(
    "tools", [[{"name": "syft"}], {"components": [{"name": "Syft"}]}, [{"name": "x"}, {"name": "grype"}]]
)
def test_a_generator_that_guesses_cpes_is_known_in_either_way_to_write_it(tools: object) -> None:
    found = read_from(bom(part(), metadata={"component": part("root"), "tools": tools}, services=[{"name": "s"}]))
    assert {component.place.guesses_cpes for component in found.values()} == {True}
    assert not only(bom(part(), metadata={"tools": [{"name": "cdxgen"}]})).place.guesses_cpes


UNCERTAIN_ROOTS = [
    *(None, "", "container", "operating-system", "device", "firmware", "file", "platform", "data", "no-such-type"),
]
"""In these, things may have been installed that are products by themselves."""

BUILT_ROOTS = ["application", "library", "framework", "device-driver", "machine-learning-model"]

INSTALLED: list[Json] = [
    *({"type": kind} for kind in ("application", "firmware", "device", "operating-system", "container", "file", None)),
    *(
        {"purl": f"pkg:{kind}/ubuntu/kesl@11"}
        for kind in ("deb", "rpm", "apk", "alpm", "generic", "oci", "swid", "RPM")
    ),
    {"type": "application", "purl": "pkg:npm/%40kaspersky/cli@1"},
    {"bom-ref": "pkg:deb/ubuntu/kesl@11"},
    {"cpe": "cpe:2.3:a:kaspersky:endpoint_security:11:*:*:*:*:linux:*:*"},
    {"supplier": {"name": "Kaspersky Lab"}},
]
"""What may have been installed by itself, whether or not the generator calls it a library."""

BUILT_IN: list[Json] = [
    *({"purl": f"pkg:{kind}/x@1"} for kind in ("npm", "pypi", "maven", "golang", "nuget", "gem", "cargo", "NPM")),
    {"bom-ref": "pkg:npm/x@1"},
    {"type": "framework", "purl": "pkg:maven/x/y@1"},
]
"""What is built into something else."""


def under(root: str | None, more: Json) -> Component:
    metadata = {} if root is None else {"metadata": {"component": {"type": root, "name": "root"}}}
    return read_from(bom({**part("x"), **more}, **metadata))["/components/0"]


@pytest.mark.parametrize("more", INSTALLED, ids=str)
@pytest.mark.parametrize("root", UNCERTAIN_ROOTS)
def test_under_an_uncertain_root_what_may_be_installed_may_be_the_product_or_a_part(
    root: str | None, more: Json
) -> None:
    place = under(root, more).place
    if root == "device" and more.get("type") in ("device", "firmware"):
        assert (place.worlds, place.supplier_worlds) == ((PART,), (PART,))
    else:
        assert (place.worlds, place.supplier_worlds) == ((PART, PRODUCER), (PART, SUPPLIER))


@pytest.mark.parametrize("more", BUILT_IN, ids=str)
@pytest.mark.parametrize("root", UNCERTAIN_ROOTS)
def test_under_an_uncertain_root_what_is_built_into_something_is_a_part(root: str | None, more: Json) -> None:
    place = under(root, more).place
    assert (place.worlds, place.supplier_worlds) == ((PART,), (PART,))


@pytest.mark.parametrize("more", [*INSTALLED, *BUILT_IN], ids=str)
@pytest.mark.parametrize("root", BUILT_ROOTS)
def test_under_a_root_that_somebody_built_everything_is_a_part(root: str, more: Json) -> None:
    assert under(root, more).place.worlds == (PART,)


@pytest.mark.parametrize(
    ("document", "is_bare"),
    [
        (bom(metadata={"component": part()}), True),
        (bom(part(), metadata={"component": part()}), False),
        (bom(metadata={"component": part(components=[part()])}), False),
        (bom(metadata={"component": part()}, services=[{"name": "s"}]), False),
        (bom(), False),
    ],
    ids=["no parts", "parts", "parts within", "services", "nothing"],
)
def test_a_product_without_parts_is_told_from_one_with_some(document: Json, is_bare: bool) -> None:
    data = json.dumps(document).encode()
    assert read_sbom(data, "bom").is_bare is is_bare
    assert read(data, "bom", now=NOW).bare == (("/metadata/component",) if is_bare else ())


# Depth.


@pytest.mark.parametrize(
    ("opening", "closing"),
    [
        ('{"type": "library", "name": "n", "components": [', "]}"),
        ('{"type": "library", "name": "n", "pedigree": {"ancestors": [', "]}}"),
    ],
    ids=["components", "ancestors"],
)
@pytest.mark.parametrize("before", ['"components": [', '"metadata": {"component": '], ids=["parts", "product"])
def test_no_component_is_lost_five_thousand_levels_down(opening: str, closing: str, before: str) -> None:
    leaf = '{"type": "library", "name": "leaf", "supplier": {"name": "Deep Ltd"}}'
    text = before + opening * 5000 + leaf + closing * 5000 + ("]" if before.endswith("[") else "}")
    components = read_sbom(text_of(text).encode(), "bom").components
    assert len(components) == 5001
    [deepest] = [component for component in components if component.name == "leaf"]
    assert (Kind.PARTY, "supplier.name", "Deep Ltd") in identities(deepest)


def nested(depth: int, leaf: str = '{"name": "leaf"}', filling: str = "") -> str:
    """A document with that many components within one another about the leaf."""
    opening = f'{{"type": "library", "name": "n", {filling}"components": [\n'
    return text_of('"components": [' + opening * depth + leaf + "]}" * depth + "]")


@pytest.mark.parametrize("depth", [1, 30, 77])
def test_every_component_has_its_pointer_at_any_depth_that_occurs(depth: int) -> None:
    found = read_from(nested(depth))
    assert list(found) == ["/components/0" * (level + 1) for level in range(depth + 1)]
    assert found["/components/0" * (depth + 1)].name == "leaf"


@pytest.mark.parametrize("depth", [100, 300, 480, 500, 900, 990, 1000, 1500])
def test_every_component_is_found_at_any_depth_and_its_pointer_leads_to_it_or_to_what_holds_it(depth: int) -> None:
    found = read_sbom(nested(depth).encode(), "bom")
    assert len(found.components) == depth + 1
    leaf = settle(found.components, found.stretches, depth)
    assert leaf.name == "leaf"
    assert 1024 <= len(leaf.pointer) <= 1100
    assert set(leaf.pointer.split("/")) == {"", "components", "0"}


def test_a_hundred_thousand_levels_are_read_in_seconds_and_their_pointers_too() -> None:
    found = read_sbom(nested(100_000).encode(), "bom")
    pointers = {settle(found.components, found.stretches, number).pointer for number in range(100_001)}
    assert len(pointers) == 1024 // len("/components/0") + 1
    assert found.components[-1].name == "leaf"


def test_depth_in_what_decides_nothing_does_no_harm() -> None:
    deep = "[" * 5000 + "]" * 5000
    assert only(text_of(f'"extra": {deep}, "components": [{json.dumps(part())}]')).name == "x"


def test_services_deeper_than_can_be_read_are_refused_and_not_dropped() -> None:
    text = '"services": [' + '{"name": "s", "services": [' * 5000 + "]}" * 5000 + "]"
    assert "nested too deeply" in refusal_of(text_of(text)).what


WRONG_LEAVES = {
    '{"name": 5}': "/name",
    '{"name": "x", "type": true}': "/type",
    '{"name": "x", "pedigree": "y"}': "/pedigree",
    '{"name": "x", "components": {}}': "/components",
    '{"name": "x", "pedigree": {"ancestors": 7}}': "/pedigree/ancestors",
    '{"name": "x", "supplier": "y"}': "/supplier",
    '{"name": "x", "supplier": {"url": ["y", 5]}}': "/supplier/url/1",
    '{"name": "x", "externalReferences": [{}, {"url": {}}]}': "/externalReferences/1/url",
    "7": "",
}


@pytest.mark.parametrize("leaf", WRONG_LEAVES)
@pytest.mark.parametrize("depth", [1, 40, 1500])
def test_a_wrong_type_is_refused_at_any_depth_with_pointer_and_line(leaf: str, depth: int) -> None:
    error = refusal_of(nested(depth, leaf))
    assert error.pointer == "/components/0" * (depth + 1) + WRONG_LEAVES[leaf]
    assert error.line == depth + 1
    assert "Expected" in error.what


@pytest.mark.parametrize("key", ["component", "supplier"])
def test_a_wrong_type_in_the_metadata_of_a_deep_document_is_refused_with_pointer_and_line(key: str) -> None:
    text = nested(3000).replace('"components"', f'"metadata":\n{{"{key}": {{"name": 5}}}}, "components"', 1)
    error = refusal_of(text)
    assert (error.pointer, error.line) == (f"/metadata/{key}/name", 2)


@pytest.mark.parametrize("depth", [1, 40, 3000])
def test_a_key_given_twice_is_refused_at_any_depth_with_pointer_and_line(depth: int) -> None:
    error = refusal_of(nested(depth, '{"name": "x",\n"supplier": {"name": "K"},\n"supplier": {}}'))
    assert "given twice" in error.what
    assert error.pointer == "/components/0" * (depth + 1) + "/supplier"
    assert error.line == depth + 3


@pytest.mark.parametrize("key", ["name", "group", "bom-ref"])
@pytest.mark.parametrize("half", ["\\ud800", "\\udfff", "a\\ud800b", "\\udc00\\ud800", "\\\\\\ud800"])
def test_half_a_surrogate_pair_is_refused_at_any_depth(key: str, half: str) -> None:
    for depth in (1, 3000):
        refusal_of(nested(depth, f'{{"type": "library", "{key}": "{half}"}}'))


def test_a_whole_surrogate_pair_and_an_escaped_backslash_are_read_at_any_depth() -> None:
    for depth in (1, 3000):
        found = read_sbom(nested(depth, '{"name": "\\ud83d\\ude00\\\\ud800"}').encode(), "bom")
        assert found.components[-1].name == "😀\\ud800"


@pytest.mark.parametrize("number", ["1" * 5000, "1e400", "-0", "1" * 400 + ".5"])
def test_no_number_keeps_a_deep_document_from_being_read(number: str) -> None:
    found = read_sbom(nested(3000, filling=f'"extra": {number}, ').encode(), "bom")
    assert len(found.components) == 3001


@pytest.mark.parametrize("broken", ["NaN", "01", "+1", "'x'", "[1,]", '{"a" 1}', "{1: 2}", '"\t"', "tru", "", '"\\x"'])
def test_what_is_no_json_is_refused_in_a_deep_document_with_its_line(broken: str) -> None:
    error = refusal_of(nested(3000, f'{{"name": "x", "extra": {broken}}}'))
    assert error.what.startswith("It is no JSON")
    assert error.line == 3001


def test_however_many_blanks_stand_before_a_document_it_is_read() -> None:
    body = json.dumps({"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [{"name": "x"}]}).encode()
    assert len(read_sbom(b" \n" * 5000 + body, "x").components) == 1
    assert refusal_of(b" \n" * 5000).what == "It is empty"
