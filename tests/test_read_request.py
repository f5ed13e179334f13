"""What a purchase request must say, in which words, and where it is refused (design, section 6)."""

import hashlib
import json
from datetime import datetime

import pytest

from gate.identity import Kind, identities
from gate.read import read
from gate.subject import Act, Organisation, Place
from policy.dates import Span
from policy.roles import Role
from policy.vocabulary import Act as Word
from policy.vocabulary import Agreement, Category, Purpose
from tests.purchase_requests import (
    DELIVERY,
    EXAMPLE,
    NEW_YORK,
    NOW,
    TERM,
    acts,
    line_of,
    read_request,
    refusal,
    refused_at,
    request,
)
from tests.strategies import Json
from tests.worlds import BOTH, PRODUCER, SUPPLIER

MARK = b"\xef\xbb\xbf"


def test_the_example_of_the_design_is_read_whole() -> None:
    subject = read_request(EXAMPLE)
    ordered = datetime(2024, 7, 19, 23, 59, tzinfo=NEW_YORK)
    assert (subject.kind, subject.name, subject.as_of) == ("request", "PR-2024-0117", ordered)
    assert subject.buyer.name == "Example Federal LLC"
    assert subject.buyer.roles == frozenset({"us-person", "us-federal-contractor"})
    assert subject.dated
    assert [component.ref for component in subject.components] == ["line:1", "supplier-uses:1"]
    line, used = subject.components
    assert set(identities(line)) == {
        (Kind.PARTY, "supplier.name", "CDW LLC"),
        (Kind.LINK, "supplier.url", "https://www.cdw.com"),
        (Kind.PARTY, "manufacturer.name", "Kaspersky Lab, Inc."),
        (Kind.PRODUCT, "name", "Kaspersky Endpoint Security for Business"),
    }
    assert line.place == Place(
        worlds=(PRODUCER,),
        supplier_worlds=(SUPPLIER,),
        acts=(
            Act("acquire", Span(ordered)),
            Act("install", Span(DELIVERY)),
            Act("retain", TERM),
            Act("use", TERM),
        ),
        agreement="new",
        purposes=frozenset({"other"}),
        category="anti-virus",
        request="PR-2024-0117",
        is_request=True,
    )
    assert used.place.acts == (Act("contract-with-user", Span(ordered)),)


def test_the_digest_is_that_of_the_document() -> None:
    data = json.dumps(request()).encode()
    assert read(data, "r", now=NOW).digest == "sha256:" + hashlib.sha256(data).hexdigest()


def test_identifiers_addresses_purl_and_cpe_of_a_line_are_identities() -> None:
    party = {"name": "M", "url": "https://m.example", "email": "a@m.example", "identifiers": {"lei": "L1", "uei": ""}}
    line = {"product": "x", "purl": "pkg:npm/x@1", "cpe": "cpe:/a:m:x", "manufacturer": {**party, "country": "RU"}}
    assert set(identities(line_of(read_request(request(line))))) == {
        (Kind.PURL, "purl", "pkg:npm/x@1"),
        (Kind.CPE, "cpe", "cpe:/a:m:x"),
        (Kind.IDENTIFIER, "manufacturer.lei", "lei:L1"),
        (Kind.PARTY, "manufacturer.name", "M"),
        (Kind.LINK, "manufacturer.url", "https://m.example"),
        (Kind.MAIL, "manufacturer.contact", "a@m.example"),
        (Kind.PRODUCT, "name", "x"),
    }


@pytest.mark.parametrize("key", ["supplier", "manufacturer"])
@pytest.mark.parametrize("place", ["lines", "supplier_uses"])
def test_the_country_of_a_party_is_kept(key: str, place: str) -> None:
    for country, kept in (("RU", "RU"), ("CN", "CN"), ("", None), (None, None)):
        line = {"product": "x", key: {"name": "M", "country": country}}
        [component] = [c for c in read_request(request(**{place: [line]})).components if c.pointer == f"/{place}/0"]
        party = getattr(component, key)
        assert (party.name, party.country) == ("M", kept)


def test_a_party_of_which_only_the_country_is_known_is_kept_and_names_nobody() -> None:
    line = line_of(read_request(request({"product": "x", "manufacturer": {"country": "RU"}})))
    assert line.manufacturer == Organisation(country="RU")
    assert line.place.worlds == (PRODUCER, BOTH)
    refused_at(request({"manufacturer": {"country": "RU"}}), "/lines/0")


@pytest.mark.parametrize("country", ["Russia", "RUS", "R", "R1", "Р У", "РУ", " RU", "RU\n", "643"])
def test_a_country_that_is_no_code_of_two_letters_is_refused_at_its_place(country: str) -> None:
    line = {"product": "x", "manufacturer": {"name": "M", "country": country}}
    error = refused_at(request({"product": "y"}, line), "/lines/1/manufacturer/country")
    assert "ISO 3166" in str(error.remedy)
    refused_at(
        request(supplier_uses=[{"product": "x", "supplier": {"country": country}}]), "/supplier_uses/0/supplier/country"
    )


# Strictness.


@pytest.mark.parametrize("key", ["id", "ordered"])
def test_what_every_request_must_say_is_asked_for(key: str) -> None:
    error = refusal({name: value for name, value in request().items() if name != key})
    assert (error.what, error.pointer, error.line) == (f"The key {key!r} is missing", f"/{key}", 1)
    assert (error.remedy or "").startswith(f'Add it, such as "{key}": "')


@pytest.mark.parametrize(
    ("document", "place"),
    [
        (request(oredred="2024-07-19"), "/oredred"),
        (request({"product": "x", "manufactuer": {"name": "K"}}), "/lines/0/manufactuer"),
        (request({"product": "x", "manufacturer": {"nmae": "K"}}), "/lines/0/manufacturer/nmae"),
        (request({"product": "x", "supplier": {"address": "K"}}), "/lines/0/supplier/address"),
        (request(buyer={"role": ["us-person"]}), "/buyer/role"),
        (request(term={"starts": "2024-01-01", "end": "2025-01-01"}), "/term/end"),
        (request(acts=[{"act": "use", "at": "2024-01-01"}]), "/acts/0/at"),
        (request({"product": "x", "sbom": {"file": "a"}}), "/lines/0/sbom/file"),
        (request(supplier_uses=[{"produkt": "x"}]), "/supplier_uses/0/produkt"),
        (request(supplierUses=[]), "/supplierUses"),
    ],
    ids=range(10),
)
def test_an_unknown_key_is_refused_at_its_place(document: Json, place: str) -> None:
    assert "There is no key" in refused_at(document, place).what


@pytest.mark.parametrize(
    ("document", "meant"),
    [
        (request(agreemnt="new"), "Did you mean 'agreement'? Known are id, ordered, lines, "),
        (request({"product": "x", "manufactuer": {"name": "K"}}), "Did you mean 'manufacturer'? Known are product, "),
        (request(acts=[{"act": "use", "no": "2024-01-01"}]), "Known are act, on, starts, ends."),
        (request(supplier_uses=[{"x": 1}]), "Known are product, id, version, "),
    ],
    ids=range(4),
)
def test_for_an_unknown_key_those_that_may_stand_there_are_named(document: Json, meant: str) -> None:
    assert (refusal(document).remedy or "").startswith(meant)


@pytest.mark.parametrize("document", [request(lines="x"), request(acts=1), request({"product": 1})], ids=range(3))
def test_a_remedy_for_a_request_names_no_flag_that_is_for_sboms(document: Json) -> None:
    assert "validate" not in (refusal(document).remedy or "")


UNKNOWN: dict[str, tuple[Json, str]] = {
    "role": (request(buyer={"roles": ["us-person", "us-persn"]}), "/buyer/roles/1"),
    "role in other letters": (request(buyer={"roles": ["US-Person"]}), "/buyer/roles/0"),
    "act": (request(acts=["use", "aquire"]), "/acts/1"),
    "act with a time": (request(acts=[{"act": "aquire", "on": "2024-07-19"}]), "/acts/0"),
    "act of a line": (request({"product": "x", "acts": ["buy"]}), "/lines/0/acts/0"),
    "purpose": (request(purposes=["other", "fun"]), "/purposes/1"),
    "purpose of a line": (request({"product": "x", "purposes": ["fun"]}), "/lines/0/purposes/0"),
    "category": (request({"product": "x", "category": "antivirus"}), "/lines/0/category"),
    "agreement": (request(agreement="extension"), "/agreement"),
    "agreement of a line": (request({"product": "x", "agreement": "None"}), "/lines/0/agreement"),
    "fact": (request(facts={"colour": "red"}), "/facts/colour"),
    "fact of a line": (request({"product": "x", "facts": {"colour": "red"}}), "/lines/0/facts/colour"),
    "value of a fact": (request({"product": "x", "facts": {"device": "mobile"}}), "/lines/0/facts/device"),
    "category of a use": (request(supplier_uses=[{"product": "x", "category": "y"}]), "/supplier_uses/0/category"),
    "act of a use": (request(supplier_uses=[{"product": "x", "acts": ["y"]}]), "/supplier_uses/0/acts/0"),
    "agreement of a use": (request(supplier_uses=[{"product": "x", "agreement": "y"}]), "/supplier_uses/0/agreement"),
}


@pytest.mark.parametrize(("document", "pointer"), UNKNOWN.values(), ids=UNKNOWN)
def test_a_word_outside_the_vocabulary_is_refused_at_its_place(document: Json, pointer: str) -> None:
    refused_at(document, pointer)


def test_a_refusal_lists_the_words_that_are_known() -> None:
    assert all(act.value in str(refusal(request(acts=["buy"])).remedy) for act in Word)
    assert all(role.value in str(refusal(request(buyer={"roles": ["me"]})).remedy) for role in Role)


@pytest.mark.parametrize("word", list(Word))
def test_every_act_can_be_asked_for(word: Word) -> None:
    assert word in acts(request(acts=[word.value]))


@pytest.mark.parametrize("role", list(Role))
def test_every_role_can_be_stated(role: Role) -> None:
    assert read_request(request(buyer={"roles": [role.value]})).buyer.roles == frozenset({role.value})


@pytest.mark.parametrize("word", [*Category, *Purpose, *Agreement])
def test_every_category_purpose_and_agreement_can_be_stated(word: Category | Purpose | Agreement) -> None:
    key, value = {
        Category: ("category", word.value),
        Purpose: ("purposes", [word.value]),
        Agreement: ("agreement", word.value),
    }[type(word)]
    place: Place = line_of(read_request(request({"product": "x", key: value}))).place
    assert word in (place.category, place.agreement, *(place.purposes or ()))


WRONG: dict[str, tuple[Json, str]] = {
    "id": ({"id": 5}, "/id"),
    "ordered": ({"ordered": 20240719}, "/ordered"),
    "ordered null": ({"ordered": None}, "/ordered"),
    "lines": ({"lines": {}}, "/lines"),
    "line": ({"lines": [{"product": "x"}, "y"]}, "/lines/1"),
    "product": ({"lines": [{"product": ["x"]}]}, "/lines/0/product"),
    "quantity": ({"lines": [{"product": "x", "quantity": "many"}]}, "/lines/0/quantity"),
    "manufacturer": ({"lines": [{"product": "x", "manufacturer": "Kaspersky"}]}, "/lines/0/manufacturer"),
    "name": ({"lines": [{"product": "x", "supplier": {"name": 1}}]}, "/lines/0/supplier/name"),
    "category": ({"lines": [{"product": "x", "category": ["anti-virus"]}]}, "/lines/0/category"),
    "sbom": ({"lines": [{"product": "x", "sbom": "kes.json"}]}, "/lines/0/sbom"),
    "buyer": ({"buyer": "me"}, "/buyer"),
    "roles": ({"buyer": {"roles": "us-person"}}, "/buyer/roles"),
    "acts": ({"acts": "acquire"}, "/acts"),
    "act": ({"acts": ["acquire", 5]}, "/acts/1"),
    "purposes": ({"purposes": {"other": True}}, "/purposes"),
    "term": ({"term": "2024"}, "/term"),
    "uses": ({"supplier_uses": False}, "/supplier_uses"),
}


@pytest.mark.parametrize(("wrong", "pointer"), WRONG.values(), ids=WRONG)
def test_a_wrong_type_is_refused_at_its_place(wrong: Json, pointer: str) -> None:
    refused_at({**request(), **wrong}, pointer)


@pytest.mark.parametrize(
    "text",
    [
        '{"id": "P", "ordered": "2024-07-19", "lines": [{"product": "x"}], "lines": []}',
        '{"id": "P", "ordered": "2024-07-19", "ordered": "2020-01-01", "lines": [{"product": "x"}]}',
        '{"id": "P", "ordered": "2024-07-19", "lines": [{"product": "x", "product": "y"}]}',
        '{"id": "P", "ordered": "2024-07-19", "lines": [{"product": "x", "manufacturer": {"name": "K", "name": "y"}}]}',
        '{"id": "P", "ordered": "2024-07-19", "acts": ["use"], "acts": ["retain"], "lines": [{"product": "x"}]}',
        '{"id": "P", "ordered": "2024-07-19", "lines": [{"purl": "x"}], "buyer": {"roles": ["us-dod"], "roles": []}}',
    ],
    ids=["lines", "ordered", "product", "name", "acts", "roles"],
)
@pytest.mark.parametrize("padding", [0, 400_000], ids=["small", "large"])
def test_a_key_given_twice_is_refused(text: str, padding: int) -> None:
    assert "given twice" in refusal(text.replace('"P"', f'"{"P" * (padding + 1)}"')).what


def test_a_number_that_only_one_parser_takes_does_not_hide_a_key_given_twice() -> None:
    line = '{"product": "x", "quantity": QUANTITY, "manufacturer": {"name": "K"}, "manufacturer": {"name": "y"}}'
    for quantity in ("1" * 5000, "1e400", "1" * 200 + ".5", "-0", "1" * 308):
        refusal(f'{{"id": "P", "ordered": "2024-07-19", "lines": [{line.replace("QUANTITY", quantity)}]}}')


def test_one_byte_order_mark_is_taken_and_two_are_not() -> None:
    data = json.dumps(request()).encode()
    assert line_of(read_request(MARK + data)).name == "x"
    assert "two byte-order marks" in refusal(MARK + MARK + data).what


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-16", "latin-1"])
def test_another_encoding_than_utf_8_is_refused(encoding: str) -> None:
    refusal(json.dumps(request({"product": "Müller"}), ensure_ascii=False).encode(encoding))


def test_a_request_that_breaks_off_is_refused_wherever_it_does() -> None:
    data = json.dumps(EXAMPLE).encode()
    for length in range(len(data)):
        refusal(data[:length])


@pytest.mark.parametrize("line", [{}, {"id": "1"}, {"product": ""}, {"supplier": {"name": "CDW"}}, {"category": "vpn"}])
def test_a_line_that_names_nothing_is_refused(line: Json) -> None:
    refused_at(request({"product": "x"}, line), "/lines/1")


@pytest.mark.parametrize("line", [{"manufacturer": {"name": ""}}, {"manufacturer": {}}, {"purl": "", "cpe": ""}])
def test_a_line_that_names_only_nobody_is_refused(line: Json) -> None:
    refused_at(request(line), "/lines/0")


# Who, and what for: unknown until said.


@pytest.mark.parametrize("buyer", [{}, {"name": "B"}, {"roles": []}])
def test_no_roles_and_empty_roles_are_unknown(buyer: Json) -> None:
    assert read_request(request(buyer=buyer)).buyer.roles is None
    assert read_request(request()).buyer.roles is None


def test_what_the_request_says_is_read_once_and_not_for_each_line() -> None:
    document = request(*[{"product": "x"}] * 2000, purposes=["other"] * 50_000, buyer={"roles": ["us-dod"] * 50_000})
    assert {component.place.purposes for component in read_request(document).components} == {frozenset({"other"})}


def test_no_purposes_and_empty_purposes_are_unknown() -> None:
    assert line_of(read_request(request())).place.purposes is None
    assert line_of(read_request(request(purposes=[]))).place.purposes is None
    assert line_of(read_request(request({"product": "x", "purposes": []}, purposes=["other"]))).place.purposes == {
        "other"
    }


def test_a_lines_own_purposes_agreement_and_facts_come_before_the_requests() -> None:
    own = {"product": "x", "purposes": ["public-safety"], "agreement": "renewal", "facts": {"device": "personal"}}
    shared = {"purposes": ["other"], "agreement": "new", "facts": {"device": "none", "consulting": "operational"}}
    subject = read_request(request(own, {"product": "y"}, **shared))
    place: Place = line_of(subject).place
    assert (place.purposes, place.agreement) == (frozenset({"public-safety"}), "renewal")
    assert dict(place.facts) == {"device": "personal", "consulting": "operational"}
    other: Place = line_of(subject, 1).place
    assert (other.purposes, other.agreement) == (frozenset({"other"}), "new")
    assert dict(other.facts) == shared["facts"]
