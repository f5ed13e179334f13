"""A key given twice, of which parsers believe one or the other: refused wherever it could hide something."""

import pytest

from gate.errors import ReadError
from gate.read import read_sbom
from gate.read.cyclonedx_json import EXACT_BELOW
from tests.json_boms import EVERYTHING, bom, part, text_of
from tests.strategies import read_from, refusal_of

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
