"""What is read of CycloneDX JSON, where it stands, and what is refused; on small documents."""

import gzip
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gate import files
from gate.errors import ReadError
from gate.identity import Kind, identities
from gate.read import read, read_sbom
from gate.read.cyclonedx_json import EXACT_BELOW, VERSIONS
from gate.subject import Component, settle
from tests.strategies import Json, read_from, refusal_of
from tests.worlds import BOTH, PART, PRODUCER, SUPPLIER

NOW = datetime(2026, 1, 1, tzinfo=UTC)
MARK = b"\xef\xbb\xbf"


def bom(*components: Json, version: object = "1.6", **more: object) -> Json:
    return {"bomFormat": "CycloneDX", "specVersion": version, "components": list(components), **more}


def part(name: object = "x", **more: object) -> Json:
    return {"type": "library", "name": name, **more}


def only(document: Json | str | bytes) -> Component:
    [component] = read_from(document).values()
    return component


def text_of(body: str, version: str = "1.6") -> str:
    return f'{{"bomFormat": "CycloneDX", "specVersion": "{version}", {body}}}'


def chain(depth: int, inside: Callable[[str], str], leaf: str) -> str:
    for _ in range(depth):
        leaf = inside(leaf)
    return leaf


# Fields.

EVERYTHING = part(
    "sdk",
    **{"bom-ref": "ref-1"},
    version="1.2",
    group="org.example",
    purl="pkg:maven/org.example/sdk@1.2",
    cpe="cpe:2.3:a:example:sdk:1.2:*:*:*:*:*:*:*",
    swid={"tagId": "t", "name": "Example SDK"},
    publisher="Example Publishing",
    author="Ann",
    authors=[{"name": "Bob", "email": "bob@example.org"}],
    supplier={
        "name": "Supplier Ltd",
        "url": ["https://supplier.example"],
        "contact": [{"email": "s@supplier.example"}],
    },
    manufacturer={"name": "Maker Ltd", "url": ["https://maker.example"]},
    externalReferences=[
        {"type": "website", "url": "https://sdk.example"},
        {"type": "chat", "url": "https://chat.test"},
    ],
    scope="optional",
)


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


# A key given twice.

ONE, OTHER = '"A Ltd"', '"B Ltd"'
TWICE = {
    "bomFormat": '"bomFormat": "CycloneDX", "components": []',
    "specVersion": '"specVersion": "1.5", "components": []',
    "components": '"components": [{"name": "a"}], "components": []',
    "components, first empty": '"components": [], "components": [{"name": "a"}]',
    "services": '"services": [{"name": "a"}], "services": []',
    "metadata": '"metadata": {"component": {"name": "a"}}, "metadata": {}',
    "metadata.component": '"metadata": {"component": {"name": "a"}, "component": {"name": "b"}}',
    "metadata.supplier": f'"metadata": {{"supplier": {{"name": {ONE}}}, "supplier": {{"name": {OTHER}}}}}',
    "type": '"components": [{"type": "application", "type": "library"}]',
    "name": '"components": [{"name": "a", "name": "b"}]',
    "the same name": '"components": [{"name": "a", "name": "a"}]',
    "name, escaped": '"components": [{"name": "a", "n\\u0061me": "b"}]',
    "name, then null": '"components": [{"name": "a", "name": null}]',
    "version": '"components": [{"name": "a", "version": "1", "version": "2"}]',
    "group": '"components": [{"name": "a", "group": "a", "group": "b"}]',
    "purl": '"components": [{"name": "a", "purl": "pkg:npm/a", "purl": "pkg:npm/b"}]',
    "cpe": '"components": [{"name": "a", "cpe": "cpe:/a:a:a", "cpe": "cpe:/a:b:b"}]',
    "publisher": f'"components": [{{"name": "a", "publisher": {ONE}, "publisher": {OTHER}}}]',
    "author": f'"components": [{{"name": "a", "author": {ONE}, "author": {OTHER}}}]',
    "authors": f'"components": [{{"name": "a", "authors": [{{"name": {ONE}}}], "authors": []}}]',
    "scope": '"components": [{"name": "a", "scope": "required", "scope": "excluded"}]',
    "swid": '"components": [{"name": "a", "swid": {"name": "A"}, "swid": {"name": "B"}}]',
    "supplier": f'"components": [{{"name": "a", "supplier": {{"name": {ONE}}}, "supplier": {{"name": {OTHER}}}}}]',
    "supplier, then null": f'"components": [{{"name": "a", "supplier": {{"name": {ONE}}}, "supplier": null}}]',
    "supplier.name": f'"components": [{{"name": "a", "supplier": {{"name": {ONE}, "name": {OTHER}}}}}]',
    "supplier.url": '"components": [{"name": "a", "supplier": {"url": ["https://a.example"], "url": []}}]',
    "supplier.contact": '"components": [{"name": "a", "supplier": {"contact": [{"email": "a@a.test"}],'
    ' "contact": []}}]',
    "supplier that is a url": '"components": [{"name": "a", "supplier": {"url": ["https://a.example"]},'
    ' "supplier": {}}]',
    "manufacturer": f'"components": [{{"name": "a", "manufacturer": {{"name": {ONE}}}, "manufacturer": {{}}}}]',
    "externalReferences": '"components": [{"name": "a", "externalReferences": [{"type": "website", "url": "https://a.example"}],'
    ' "externalReferences": []}]',
    "externalReferences.url": '"components": [{"name": "a", "externalReferences": [{"type": "website",'
    ' "url": "https://a.example", "url": "https://b.example"}]}]',
    "externalReferences.type": '"components": [{"name": "a", "externalReferences": [{"type": "website",'
    ' "url": "https://a.example", "type": "other"}]}]',
    "bom-ref": '"components": [{"name": "a", "bom-ref": "pkg:npm/a", "bom-ref": "b"}]',
    "nested components": '"components": [{"name": "a", "components": [{"name": "b"}], "components": []}]',
    "pedigree": '"components": [{"name": "a", "pedigree": {"ancestors": [{"name": "b"}]}, "pedigree": {}}]',
    "ancestors": '"components": [{"name": "a", "pedigree": {"ancestors": [{"name": "b"}], "ancestors": []}}]',
    "nested purl": '"components": [{"name": "a", "components": [{"name": "b", "purl": "pkg:npm/a",'
    ' "purl": "pkg:npm/b"}]}]',
    "provider": f'"services": [{{"name": "a", "provider": {{"name": {ONE}}}, "provider": {{"name": {OTHER}}}}}]',
    "endpoints": '"services": [{"name": "a", "endpoints": ["https://a.example"], "endpoints": []}]',
    "service's group": '"services": [{"name": "a", "group": "a", "group": "b"}]',
    "services in a service": '"services": [{"name": "a", "services": [{"name": "b"}], "services": []}]',
}
"""What a document may say twice, each time in a way that hides what it said first or last."""

HARMLESS_TWICE = {"bomFormat", "specVersion", "components, first empty"}
"""In a large document these may be read: nothing that could decide is lost."""


@pytest.mark.parametrize("body", TWICE.values(), ids=TWICE)
def test_a_key_given_twice_is_refused_in_a_small_document(body: str) -> None:
    error = refusal_of(text_of(body))
    assert "given twice" in error.what
    assert error.pointer


@pytest.mark.parametrize("which", [which for which in TWICE if which not in HARMLESS_TWICE])
def test_a_key_given_twice_that_hides_anything_that_decides_is_refused_in_a_large_document(which: str) -> None:
    assert "given twice" in refusal_of(text_of(f'"filling": "{"x" * EXACT_BELOW}", {TWICE[which]}')).what


@pytest.mark.parametrize("filling", ["", "x" * EXACT_BELOW], ids=["small", "large"])
def test_a_document_that_gives_no_key_twice_is_not_refused_for_it(filling: str) -> None:
    everything = {**EVERYTHING, "components": [EVERYTHING, part("")], "pedigree": {"ancestors": [EVERYTHING]}}
    service = {"name": "s", "group": "g", "provider": {"name": "P"}, "services": [{"name": "t", "group": ""}]}
    metadata = {"component": everything, "supplier": {"name": "S"}, "tools": [{"name": "x"}]}
    found = read_from(bom(everything, everything, metadata=metadata, services=[service], filling=filling))
    assert len(found) == 3 * 4 + 1 + 2


def test_the_place_of_a_key_given_twice_is_named() -> None:
    body = '"metadata": {}, "components": [{"name": "a"}, {"name": "b", "supplier": {"name": "S", "name": "T"}}]'
    assert refusal_of(text_of(body)).pointer == "/components/1/supplier/name"


@pytest.mark.parametrize("key", ["properties", "hashes", "x-vendor"])
def test_a_key_given_twice_in_what_decides_nothing_is_refused_in_a_small_document_too(key: str) -> None:
    assert "given twice" in refusal_of(text_of(f'"{key}": {{"a": 1, "a": 2}}')).what


HIDING = {
    "a number of five thousand digits": b"1" * 5000,
    "bytes that are no UTF-8": b'"\xff\xfe"',
    "a number that is not finite": b"1e999",
    "half a surrogate pair": b'"\\ud800"',
    "lists 5,000 deep": b"[" * 5000 + b"]" * 5000,
}
"""What one parser takes and another does not, in a field that is not read."""


@pytest.mark.parametrize("odd", HIDING.values(), ids=HIDING)
def test_nothing_in_another_field_keeps_a_key_given_twice_from_being_seen(odd: bytes) -> None:
    data = text_of(f'"extra": ODD, {TWICE["externalReferences"]}').encode().replace(b"ODD", odd)
    refusal_of(data)


def test_nothing_nested_as_deep_as_one_parser_can_go_keeps_a_key_given_twice_from_being_seen() -> None:
    read_all_the_same = []
    for depth in range(800, 1000):  # two parsers, two limits, and how near they are depends on the stack
        try:
            read_sbom(text_of(f'"extra": {"[" * depth}{"]" * depth}, {TWICE["externalReferences"]}').encode(), "bom")
        except ReadError:
            continue
        read_all_the_same.append(depth)
    assert read_all_the_same == []
