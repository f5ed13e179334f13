"""What is read of CycloneDX XML, where it stands, and what is refused; on small documents."""

import gzip
from pathlib import Path

import pytest

from gate import files
from gate.errors import ReadError
from gate.identity import Kind, identities
from gate.read import read_sbom
from gate.read.cyclonedx_xml import VERSIONS
from gate.read.locate import Source
from gate.subject import Component, settle
from tests.strategies import read_from, refusal_of
from tests.worlds import BOTH, PART, PRODUCER, SUPPLIER

MARK = b"\xef\xbb\xbf"
NAMESPACE = "http://cyclonedx.org/schema/bom/"


def bom(body: str = "", version: str = "1.6") -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<bom xmlns="{NAMESPACE}{version}" version="1">{body}</bom>'


def parts(*components: str) -> str:
    return f"<components>{''.join(components)}</components>"


def part(name: str = "x", body: str = "", kind: str = "library") -> str:
    return f'<component type="{kind}"><name>{name}</name>{body}</component>'


def named(field: str, name: str) -> str:
    return f"<{field}><name>{name}</name></{field}>"


def only(document: str | bytes) -> Component:
    [component] = read_from(document).values()
    return component


# Fields.

EVERYTHING = """
<component type="library" bom-ref="ref-1">
  <supplier><name>Supplier Ltd</name><url>https://supplier.example</url><url>https://supplier.test</url>
    <contact><name>Sue</name><email>s@supplier.example</email></contact></supplier>
  <manufacturer><name>Maker Ltd</name><url>https://maker.example</url></manufacturer>
  <authors><author><name>Bob</name><email>bob@example.org</email></author></authors>
  <author>Ann</author><publisher>Example Publishing</publisher><group>org.example</group>
  <name>sdk</name><version>1.2</version><description>of nobody</description><scope>optional</scope>
  <cpe>cpe:2.3:a:example:sdk:1.2:*:*:*:*:*:*:*</cpe><purl>pkg:maven/org.example/sdk@1.2</purl>
  <swid tagId="t" name="Example SDK"/>
  <externalReferences>
    <reference type="website"><url>https://sdk.example</url></reference>
    <reference type="chat"><url>https://chat.test</url></reference>
  </externalReferences>
</component>"""


def test_every_field_that_can_name_a_maker_becomes_an_identity() -> None:
    assert set(identities(only(bom(parts(EVERYTHING))))) == {
        (Kind.PURL, "purl", "pkg:maven/org.example/sdk@1.2"),
        (Kind.CPE, "cpe", "cpe:2.3:a:example:sdk:1.2:*:*:*:*:*:*:*"),
        (Kind.PARTY, "supplier.name", "Supplier Ltd"),
        (Kind.LINK, "supplier.url", "https://supplier.example"),
        (Kind.LINK, "supplier.url", "https://supplier.test"),
        (Kind.CONTACT, "supplier.contact", "Sue"),
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
    component = only(bom(parts(EVERYTHING)))
    assert (component.type, component.version, component.scope, component.ref) == (
        "library",
        "1.2",
        "optional",
        "ref-1",
    )


@pytest.mark.parametrize("version", VERSIONS)
def test_every_version_is_read_alike(version: str) -> None:
    assert set(identities(only(bom(parts(EVERYTHING), version)))) == set(identities(only(bom(parts(EVERYTHING)))))


def test_the_versions_are_those_in_which_cyclonedx_has_xml() -> None:
    assert VERSIONS == ("1.0", "1.1", "1.2", "1.3", "1.4", "1.5", "1.6", "1.7")


@pytest.mark.parametrize("version", ["0.9", "1.8", "2.0", "11", "1.6/", "", "1.6#"])
def test_another_version_is_refused(version: str) -> None:
    assert "root element" in refusal_of(bom(parts(part()), version)).what


@pytest.mark.parametrize(
    "text",
    [
        "<bom/>",
        "<bom><components><component><name>x</name></component></components></bom>",
        '<bom xmlns="http://example.org/bom"/>',
        f'<sbom xmlns="{NAMESPACE}1.6"/>',
        f'<components xmlns="{NAMESPACE}1.6">{part()}</components>',
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/>',
        "<html/>",
    ],
    ids=range(7),
)
def test_another_root_is_refused(text: str) -> None:
    error = refusal_of(text)
    assert "root element" in error.what
    assert error.remedy


def test_a_prefix_is_as_good_as_a_default_namespace() -> None:
    inside = (
        "<c:components><c:component type='library'><c:name>x</c:name><c:group>g</c:group></c:component></c:components>"
    )
    component = only(f'<c:bom xmlns:c="{NAMESPACE}1.6">{inside}</c:bom>')
    assert (component.name, component.group) == ("x", "g")


@pytest.mark.parametrize("field", ["group", "purl", "cpe", "publisher", "author", "version", "scope"])
@pytest.mark.parametrize("empty", ["<{0}/>", "<{0}></{0}>", "<{0}> \n\t </{0}>", "<{0}><!-- nothing --></{0}>"])
def test_an_empty_element_is_as_good_as_absent(field: str, empty: str) -> None:
    component = only(bom(parts(part("x", empty.format(field)))))
    assert getattr(component, field) is None
    assert set(identities(component)) == {(Kind.PRODUCT, "name", "x")}


@pytest.mark.parametrize("organisation", ["<{0}/>", "<{0}><name/></{0}>", "<{0}><name> </name><url/><contact/></{0}>"])
@pytest.mark.parametrize("field", ["supplier", "manufacturer"])
def test_an_empty_organisation_says_nothing(field: str, organisation: str) -> None:
    component = only(bom(parts(part("x", organisation.format(field)))))
    assert set(identities(component)) == {(Kind.PRODUCT, "name", "x")}


def test_blanks_about_a_text_are_not_part_of_it() -> None:
    component = only(
        bom(parts("<component type='library'><name>\n  x y\n</name><purl> pkg:npm/a@1 </purl></component>"))
    )
    assert (component.name, component.purl) == ("x y", "pkg:npm/a@1")


@pytest.mark.parametrize(
    "text",
    [
        "Kaspersky",
        "<![CDATA[Kaspersky]]>",
        "Kas<![CDATA[pers]]>ky",
        "&#75;asp&#x65;rsky",
        "Kas<!-- ha -->persky",
        "Kas<?ha ha?>persky",
    ],
    ids=["plain", "cdata", "part cdata", "references", "comment", "instruction"],
)
@pytest.mark.parametrize("field", ["group", "publisher", "supplier", "url", "reference", "endpoint"])
def test_a_text_is_read_whole_however_it_is_written(text: str, field: str) -> None:
    at = {
        "supplier": f"<supplier><name>{text}</name></supplier>",
        "url": f"<supplier><url>{text}</url></supplier>",
        "reference": f'<externalReferences><reference type="vcs"><url>{text}</url></reference></externalReferences>',
    }
    if field == "endpoint":
        document = bom(
            f"<services><service><name>s</name><endpoints><endpoint>{text}</endpoint></endpoints></service></services>"
        )
    else:
        document = bom(parts(part("x", at.get(field, f"<{field}>{text}</{field}>"))))
    assert "Kaspersky" in {said for _, _, said in identities(only(document))}


def test_what_stands_in_a_namespace_of_its_own_is_an_extension_and_decides_nothing() -> None:
    other = '<x:supplier xmlns:x="http://example.org/x"><x:name>E</x:name></x:supplier>'
    component = only(bom(parts(part("x", other + "<supplier><name>S</name></supplier>"))))
    assert component.supplier is not None
    assert component.supplier.name == "S"


OTHER_SPACES = [
    *(f"{NAMESPACE}{version}" for version in ("1.5", "1.7", "9.9", "", "1.6/", "1.6#")),
    "HTTP://cyclonedx.org/schema/bom/1.6",
    "https://cyclonedx.org/schema/bom/1.6",
    "http://CycloneDX.org/schema/bom/1.6",
    "http://cyclonedx.org/Schema/BOM/1.6",
    "http://www.cyclonedx.org/schema/bom/1.6",
]
"""Namespaces that are meant to be CycloneDX's, and are not that of the document."""


@pytest.mark.parametrize("space", OTHER_SPACES)
def test_a_second_cyclonedx_namespace_within_a_document_is_refused_at_its_place(space: str) -> None:
    other = f'<components xmlns="{space}">{part()}</components>'
    error = refusal_of(bom(f"\n{other}"))
    assert "another CycloneDX version" in error.what
    assert (error.pointer, error.line) == ("/components", 3)
    inner = f'<supplier xmlns="{space}"><name>S</name></supplier>'
    error = refusal_of(bom(parts("\n" + part("x"), "\n" + part("x", "\n" + inner))))
    assert (error.pointer, error.line) == ("/components/1/supplier", 5)


@pytest.mark.parametrize("space", OTHER_SPACES[:3] + OTHER_SPACES[6:])
def test_a_root_in_a_namespace_that_is_only_like_cyclonedxs_is_refused(space: str) -> None:
    if space.removeprefix(NAMESPACE) not in VERSIONS:
        error = refusal_of(f'\n<bom xmlns="{space}">{parts(part())}</bom>'.lstrip())
        assert "root element" in error.what
        assert error.line == 1


@pytest.mark.parametrize("wrapper", ['<x:w xmlns:x="http://example.org/x">{}</x:w>', '<w xmlns="urn:x"><v>{}</v></w>'])
@pytest.mark.parametrize(
    "inside",
    ["<c:components/>", "<c:component><c:name>x</c:name></c:component>", "<c:supplier/>", "<c:group>g</c:group>"],
)
def test_nothing_of_cyclonedx_may_stand_within_an_extension(wrapper: str, inside: str) -> None:
    wrapped = "\n" + wrapper.format(f"\n{inside}")
    for document in (bom(wrapped), bom(parts(part("x", wrapped))), bom(f"<components>{wrapped}</components>")):
        error = refusal_of(document.replace("<bom ", f'<bom xmlns:c="{NAMESPACE}1.6" '))
        assert "nobody would read it" in error.what
        assert error.line == 4
        assert error.pointer


def test_what_has_no_namespace_is_read_as_cyclonedx() -> None:
    assert only(bom(f'<components xmlns="">{part("x", named("supplier", "S"))}</components>')).supplier
    assert "given twice" in refusal_of(bom(parts(part("x", '<name xmlns="">y</name>')))).what


@pytest.mark.parametrize("body", [f"<list>{part()}</list>", part(), f"<parts>{parts(part())}</parts>"])
def test_components_where_cyclonedx_has_none_are_refused(body: str) -> None:
    assert "nobody would read it" in refusal_of(bom(f"<metadata/>{body}")).what
    assert "nobody would read it" in refusal_of(bom(parts(part("x", body)))).what


def test_components_that_are_no_part_of_the_product_are_left_alone() -> None:
    variants = f"<pedigree><variants>{part('v')}</variants><descendants>{part('d')}</descendants></pedigree>"
    formula = f"<formulation><formula>{parts(part('f'))}</formula></formulation>"
    annotator = f"<annotations><annotation><annotator>{part('a')}</annotator></annotation></annotations>"
    targets = f"<declarations><targets>{parts(part('t'))}</targets></declarations>"
    assert only(bom(parts(part("x", variants)) + formula + annotator + targets, "1.6")).name == "x"


@pytest.mark.parametrize(
    "body",
    [
        parts(part()).replace("components", "Components"),
        parts(part()).replace("component ", "Component ").replace("/component>", "/Component>"),
        parts(part("x", named("Supplier", "S"))),
        parts(part("x", "<PURL>pkg:npm/a@1</PURL>")),
        parts(part("x", "<externalreferences/>")),
    ],
    ids=range(5),
)
def test_an_element_in_other_letters_is_refused(body: str) -> None:
    assert "is no element of CycloneDX" in refusal_of(bom(body)).what


@pytest.mark.parametrize("inside", ["<x:y/>", "<x:y>per</x:y>", "<b/>", "<name>S</name>"])
@pytest.mark.parametrize("field", ["group", "supplier", "url", "reference", "endpoint"])
def test_an_element_within_a_text_is_refused_at_its_place(inside: str, field: str) -> None:
    text = f"Kas\n{inside}sky"
    bodies = {
        "group": parts(part("x", f"<group>{text}</group>")),
        "supplier": parts(part("x", f"<supplier><name>{text}</name></supplier>")),
        "url": parts(part("x", f"<supplier><url>{text}</url></supplier>")),
        "reference": parts(
            part("x", f'<externalReferences><reference type="vcs"><url>{text}</url></reference></externalReferences>')
        ),
        "endpoint": f"<services><service><endpoints><endpoint>{text}</endpoint></endpoints></service></services>",
    }
    error = refusal_of(bom(bodies[field]).replace("<bom ", '<bom xmlns:x="http://example.org/x" '))
    assert "within the text" in error.what
    assert error.line == 3
    assert (error.pointer or "").endswith(("y", "b", "name"))


@pytest.mark.parametrize("space", ["http://example.org/x", f"{NAMESPACE}1.6"])
@pytest.mark.parametrize("key", ["bom-ref", "type", "BOM-REF", "Type"])
def test_an_attribute_in_a_namespace_or_in_other_letters_is_refused(key: str, space: str) -> None:
    for prefix in ("x:", ""):
        if prefix or key not in ("bom-ref", "type"):
            component = f'\n<component {prefix}{key}="application"><name>n</name></component>'
            error = refusal_of(bom(parts(component)).replace("<bom ", f'<bom xmlns:x="{space}" '))
            assert "attribute" in error.what
            assert (error.pointer, error.line) == ("/components/0", 3)


def test_attributes_of_extensions_are_left_alone() -> None:
    component = '<component type="library" x:note="y"><name x:lang="de">n</name></component>'
    assert only(bom(parts(component)).replace("<bom ", '<bom xmlns:x="urn:x" ')).type == "library"


def test_the_same_namespace_by_another_prefix_is_the_same() -> None:
    component = only(bom(parts(part("x", f'<c:group xmlns:c="{NAMESPACE}1.6">g</c:group>'))))
    assert component.group == "g"


# Places.


def test_nested_components_and_ancestors_are_found_with_their_pointers() -> None:
    ancestor = part("ancestor", parts(part("ancestors-part")))
    inner = part("inner", f"<pedigree><ancestors>{ancestor}</ancestors></pedigree>")
    document = bom(parts(part("outer", parts(part("first"), inner)), part("second")))
    assert {pointer: component.name for pointer, component in read_from(document).items()} == {
        "/components/0": "outer",
        "/components/0/components/0": "first",
        "/components/0/components/1": "inner",
        "/components/0/components/1/pedigree/ancestors/0": "ancestor",
        "/components/0/components/1/pedigree/ancestors/0/components/0": "ancestors-part",
        "/components/1": "second",
    }


def test_every_pointer_leads_to_the_line_of_its_element() -> None:
    inner = part("inner", f"<pedigree>\n<ancestors>\n{part('ancestor')}\n</ancestors>\n</pedigree>")
    services = "\n<services>\n<service><name>s</name></service>\n</services>"
    document = bom(
        f"\n<metadata>\n{part('root')}\n</metadata>\n{parts(chr(10) + part('a'), chr(10) + inner)}{services}"
    )
    lines = document.splitlines()
    found = read_from(document)
    assert len(found) == 5
    where = Source(document.encode()).places(found)
    assert {component.name: lines[where[pointer].line - 1] for pointer, component in found.items()} == {
        "root": part("root"),
        "a": part("a"),
        "inner": '<component type="library"><name>inner</name><pedigree>',
        "ancestor": part("ancestor"),
        "s": "<service><name>s</name></service>",
    }


def test_the_product_and_what_is_within_it_are_found() -> None:
    root = part("root", parts(part("inner", parts(part("inmost")))) + named("supplier", "S"), "application")
    found = read_from(bom(f"<metadata>{root}</metadata>"))
    assert {pointer: component.name for pointer, component in found.items()} == {
        "/metadata/component": "root",
        "/metadata/component/components/0": "inner",
        "/metadata/component/components/0/components/0": "inmost",
    }
    assert found["/metadata/component"].place.worlds == (PRODUCER,)
    assert found["/metadata/component"].place.supplier_worlds == (SUPPLIER, BOTH)


def test_services_within_services_are_found_with_provider_and_endpoints() -> None:
    inner = "<service><name>inner</name><endpoints><endpoint>https://inner.example</endpoint></endpoints></service>"
    provider = named("provider", "P")
    outer = f"<service>{provider}<group>g</group><name>outer</name><services>{inner}</services></service>"
    found = read_from(bom(f"<services>{outer}</services>"))
    assert list(found) == ["/services/0", "/services/0/services/0"]
    assert {component.place.worlds for component in found.values()} == {(SUPPLIER,)}
    assert (Kind.PARTY, "supplier.name", "P") in identities(found["/services/0"])
    assert (Kind.GROUP, "group", "g") in identities(found["/services/0"])
    links = [said for kind, _, said in identities(found["/services/0/services/0"]) if kind is Kind.LINK]
    assert links == ["https://inner.example"]


def test_the_metadatas_supplier_and_maker_stand_for_a_product_that_names_none() -> None:
    metadata = f"<metadata>{part('root')}{named('manufacture', 'M')}{named('supplier', 'S')}</metadata>"
    product = only(bom(metadata, "1.5"))
    assert (Kind.PARTY, "supplier.name", "S") in identities(product)
    assert (Kind.PARTY, "manufacturer.name", "M") in identities(product)


def test_two_suppliers_and_two_makers_of_the_product_are_all_kept() -> None:
    root = part("root", named("supplier", "S1") + named("manufacturer", "M1"))
    found = read_from(bom(f"<metadata>{root}{named('manufacture', 'M2')}{named('supplier', 'S2')}</metadata>"))
    names = {said for component in found.values() for kind, _, said in identities(component) if kind is Kind.PARTY}
    assert names == {"S1", "S2", "M1", "M2"}


def test_who_made_the_document_is_evidence_of_nothing() -> None:
    tool = f"<component type='application'><name>tool</name>{named('supplier', 'T')}</component>"
    made = f"{named('manufacturer', 'D')}<authors><author><name>A</name></author></authors>"
    new = f"<metadata><tools><components>{tool}</components></tools>{made}</metadata>"
    assert only(bom(new + parts(part()))).pointer == "/components/0"
    old = "<metadata><tools><tool><vendor>V</vendor><name>t</name></tool></tools></metadata>"
    assert only(bom(old + parts(part()), "1.4")).pointer == "/components/0"


@pytest.mark.parametrize(
    "tools",
    [
        "<tool><name>syft</name></tool>",
        "<components><component type='application'><name>Grype</name></component></components>",
    ],
)
def test_a_generator_that_guesses_cpes_is_known_in_either_way_to_write_it(tools: str) -> None:
    assert only(bom(f"<metadata><tools>{tools}</tools></metadata>{parts(part())}")).place.guesses_cpes


@pytest.mark.parametrize("root", ["container", "operating-system", "device", "firmware", "file", "platform", None])
def test_under_an_uncertain_root_what_may_be_installed_may_be_the_product_or_a_part(root: str | None) -> None:
    metadata = f"<metadata>{part('root', kind=root)}</metadata>" if root else ""
    installed = part("kesl", "<purl>pkg:deb/ubuntu/kesl@11</purl>")
    built_in = part("lib", "<purl>pkg:npm/lib@1</purl>")
    found = read_from(bom(metadata + parts(part("app", kind="application"), installed, built_in)))
    worlds = [found[f"/components/{number}"].place.worlds for number in range(3)]
    assert worlds == [(PART, PRODUCER), (PART, PRODUCER), (PART,)]


def test_under_any_other_root_everything_is_a_part() -> None:
    document = bom(f"<metadata>{part('root', kind='application')}</metadata>{parts(part('app', kind='application'))}")
    assert read_from(document)["/components/0"].place.worlds == (PART,)


@pytest.mark.parametrize(
    ("body", "is_bare"),
    [
        (f"<metadata>{part()}</metadata>", True),
        (f"<metadata>{part()}</metadata><components/>", True),
        (f"<metadata>{part()}</metadata>{parts(part())}", False),
        ("", False),
    ],
    ids=["no list", "empty list", "parts", "nothing"],
)
def test_a_product_without_parts_is_told_from_one_with_some(body: str, is_bare: bool) -> None:
    assert read_sbom(bom(body).encode(), "bom").is_bare is is_bare


# Depth.


@pytest.mark.parametrize("key", ["components", "ancestors"])
def test_no_component_is_lost_five_thousand_levels_down(key: str) -> None:
    before, after = (
        ("<components>", "</components>")
        if key == "components"
        else ("<pedigree><ancestors>", "</ancestors></pedigree>")
    )
    opening = f'<component type="library"><name>n</name>{before}'
    leaf = part("leaf", named("supplier", "Deep Ltd"))
    document = bom(parts(opening * 5000 + leaf + f"{after}</component>" * 5000))
    components = read_sbom(document.encode(), "bom").components
    assert len(components) == 5001
    [deepest] = [component for component in components if component.name == "leaf"]
    assert (Kind.PARTY, "supplier.name", "Deep Ltd") in identities(deepest)


def test_no_service_is_lost_five_thousand_levels_down() -> None:
    opening = "<services><service><name>n</name>"
    document = bom(opening * 5000 + "</service></services>" * 5000)
    assert len(read_sbom(document.encode(), "bom").components) == 5000


def test_depth_in_what_decides_nothing_does_no_harm() -> None:
    deep = '<x:a xmlns:x="http://example.org/x">' * 1 + "<x:a>" * 20_000 + "</x:a>" * 20_000 + "</x:a>"
    assert only(bom(deep + parts(part()))).name == "x"


# What is given twice.

TWICE = {
    "components": f"{parts(part('a'))}<components/>",
    "services": "<services><service><name>a</name></service></services><services/>",
    "metadata": f"<metadata>{part('a')}</metadata><metadata/>",
    "component": f"<metadata>{part('a')}{part('b')}</metadata>",
    "supplier of the metadata": f"<metadata>{named('supplier', 'A')}{named('supplier', 'B')}</metadata>",
    "manufacture": f"<metadata>{named('manufacture', 'A')}{named('manufacture', 'B')}</metadata>",
    **{
        field: parts(part("x", f"<{field}>a</{field}><{field}>b</{field}>"))
        for field in ("name", "version", "group", "purl", "cpe", "publisher", "author", "scope")
    },
    **{field: parts(part("x", named(field, "A") + named(field, "B"))) for field in ("supplier", "manufacturer")},
    "supplier, then empty": parts(part("x", named("supplier", "A") + "<supplier/>")),
    "supplier's name": parts(part("x", "<supplier><name>A</name><name>B</name></supplier>")),
    "swid": parts(part("x", "<swid tagId='t' name='A'/><swid tagId='t' name='B'/>")),
    "nested components": parts(part("x", f"{parts(part('a'))}<components/>")),
    "pedigree": parts(part("x", f"<pedigree><ancestors>{part('a')}</ancestors></pedigree><pedigree/>")),
    "ancestors": parts(part("x", f"<pedigree><ancestors>{part('a')}</ancestors><ancestors/></pedigree>")),
    "provider": f"<services><service>{named('provider', 'A')}{named('provider', 'B')}</service></services>",
    "services in a service": "<services><service><name>s</name><services/><services/></service></services>",
    "url of a reference": parts(
        part("x", "<externalReferences><reference type='vcs'><url>a</url><url>b</url></reference></externalReferences>")
    ),
}


@pytest.mark.parametrize("body", TWICE.values(), ids=TWICE)
def test_an_element_given_twice_is_refused(body: str) -> None:
    error = refusal_of(bom(body))
    assert "given twice" in error.what
    assert (error.pointer, error.line) != (None, None)


def test_the_place_of_an_element_given_twice_is_that_of_the_second() -> None:
    second = "\n<supplier>\n<name>A</name>\n</supplier>\n<supplier>\n<name>B</name>\n</supplier>"
    error = refusal_of(bom(parts(part("a"), part("b", parts(part("c"), part("d", second))))))
    assert (error.pointer, error.line) == ("/components/1/components/1/supplier", 6)
    error = refusal_of(bom(f"\n{parts(part('a'))}\n{parts(part('b'))}"))
    assert (error.pointer, error.line) == ("/components", 4)


def test_a_hundred_thousand_levels_are_read_in_seconds_and_their_pointers_too() -> None:
    for opening, closing in (
        ('<components><component type="library"><name>n</name>', "</component></components>"),
        ("<services><service><name>n</name>", "</service></services>"),
    ):
        found = read_sbom(bom(opening * 100_000 + closing * 100_000).encode(), "bom")
        pointers = {settle(found.components, found.stretches, number).pointer for number in range(100_000)}
        assert len(found.components) == 100_000
        assert len(pointers) < 200


def test_lists_given_twice_are_read_whole() -> None:
    links = '<externalReferences><reference type="vcs"><url>https://{0}.example</url></reference></externalReferences>'
    authors = "<authors><author><name>{0}</name></author></authors>"
    component = only(bom(parts(part("x", "".join((links + authors).format(name) for name in "ab")))))
    said = {said for _, _, said in identities(component)}
    assert said == {"x", "a", "b", "https://a.example", "https://b.example"}


def test_an_attribute_given_twice_is_refused() -> None:
    assert (
        "no XML"
        in refusal_of(
            bom('<components><component type="library" type="file"><name>x</name></component></components>')
        ).what
    )


# Bytes.


@pytest.mark.parametrize(
    "declaration",
    [
        "<!DOCTYPE bom>",
        '<!DOCTYPE bom SYSTEM "http://example.org/bom.dtd">',
        '<!DOCTYPE bom [<!ENTITY a "b">]>',
        '<!DOCTYPE bom [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE bom [<!ENTITY a "b"><!ENTITY c "&a;&a;&a;">]>',
        '<!DOCTYPE bom [<!ATTLIST component type CDATA "device">]>',
    ],
    ids=range(6),
)
def test_a_document_type_is_refused(declaration: str) -> None:
    text = bom(parts(part())).replace("?>\n", f"?>\n{declaration}\n", 1)
    error = refusal_of(text)
    assert "document type" in error.what
    assert error.remedy
    with pytest.raises(ReadError, match="document type"):
        read_sbom(text.encode(), "bom", validate=True)


def test_an_entity_that_is_not_declared_is_refused() -> None:
    assert "no XML" in refusal_of(bom(parts(part("&kaspersky;")))).what


@pytest.mark.parametrize("order", ["utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("declared", [True, False])
def test_utf_16_with_a_byte_order_mark_is_read(order: str, declared: bool) -> None:
    text = bom(parts(part("Касперский"))).replace('encoding="UTF-8"', 'encoding="UTF-16"')
    if not declared:
        text = text.partition("?>\n")[2]
    mark = {"utf-16": b"", "utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}[order]
    assert only(mark + text.encode(order)).name == "Касперский"


@pytest.mark.parametrize("order", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_a_byte_order_mark_is_refused(order: str) -> None:
    assert "UTF-8" in refusal_of(bom(parts(part())).encode(order)).what


def test_one_byte_order_mark_is_taken_and_two_are_not() -> None:
    data = bom(parts(part())).encode()
    assert only(MARK + data).name == "x"
    assert "two byte-order marks" in refusal_of(MARK + MARK + data).what


def test_an_encoding_that_is_declared_is_used() -> None:
    text = bom(parts(part("Müller"))).replace("UTF-8", "ISO-8859-1")
    assert only(text.encode("latin-1")).name == "Müller"


@pytest.mark.parametrize(
    "encoding", ["UTF-7", "no-such-encoding", "UTF-16", "utf-32", "EBCDIC-CP-US", "rot13", "zlib", "idna"]
)
def test_an_encoding_that_is_not_known_or_not_so_is_refused(encoding: str) -> None:
    refusal_of(bom(parts(part())).replace("UTF-8", encoding))


@pytest.mark.parametrize("broken", [b"\xff", b"\xc3", b"\xed\xa0\x80", b"\x00", b"\x0b"])
def test_bytes_that_are_no_text_are_refused(broken: bytes) -> None:
    assert "no XML" in refusal_of(bom(parts(part("HERE"))).encode().replace(b"HERE", broken)).what


@pytest.mark.parametrize(
    "text",
    [
        bom(parts(part())) + "x",
        bom(parts(part())) + "<bom/>",
        bom(parts(part())).replace("</bom>", ""),
        bom(parts(part())).replace("</name>", "</group>"),
        bom(parts("<component type=library/>")),
        bom(parts(part("a < b"))),
        " " + bom(parts(part())),
        "<",
        "<>",
        "<!-- nothing -->",
        '<?xml version="1.0"?>',
    ],
    ids=range(11),
)
def test_what_is_no_xml_is_refused(text: str) -> None:
    assert "no XML" in refusal_of(text).what


def test_a_document_that_breaks_off_is_refused_wherever_it_does() -> None:
    data = bom(parts(part("x", "<purl>pkg:npm/a@1</purl>"))).encode()
    for length in range(len(data)):
        with pytest.raises(ReadError):
            read_sbom(data[:length], "bom")


def test_a_broken_line_is_named() -> None:
    assert refusal_of(bom(f"\n\n{parts(part())}\n<metadata></meta>\n")).line == 5


def test_a_string_of_megabytes_is_read_whole_and_not_repeated_in_a_refusal() -> None:
    long = "x" * 12_000_000
    assert only(bom(parts(part(long)))).name == long
    assert len(str(refusal_of(f"<{long[:1_000_000]}/>"))) < 500
    assert len(str(refusal_of(bom(parts(part()), long[:1_000_000])))) < 500


def test_a_gzipped_document_is_unpacked_and_one_that_breaks_off_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bom.xml.gz"
    path.write_bytes(gzip.compress(bom(parts(part())).encode()))
    assert [component.name for component in files.read(path).components] == ["x"]
    path.write_bytes(path.read_bytes()[:-5])
    with pytest.raises(ReadError, match="gzip"):
        files.read(path)
