"""The rules for reading a purchase request (design, section 6), on small documents."""

import gzip
import hashlib
import json
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest

from gate import files
from gate.errors import ReadError
from gate.identity import Kind, identities
from gate.read import read
from gate.subject import Act, Component, Organisation, Place, Subject
from policy.dates import Moment, Span
from policy.roles import Role
from policy.vocabulary import Act as Word
from policy.vocabulary import Agreement, Category, Purpose
from tests.strategies import Json

NOW = datetime(2026, 1, 1, tzinfo=UTC)
MARK = b"\xef\xbb\xbf"
NEW_YORK = timezone(timedelta(hours=-4))

PRODUCER = frozenset({"producer"})
SUPPLIER = frozenset({"supplier"})
PART = frozenset({"component"})
BOTH = PRODUCER | SUPPLIER

DAY = date(2024, 7, 19)
DELIVERY = date(2024, 8, 1)
TERM = Span(date(2024, 8, 1), date(2025, 8, 1))


def request(*lines: Json, **more: object) -> Json:
    return {"id": "PR-1", "ordered": "2024-07-19", "lines": list(lines) or [{"product": "x"}], **more}


def read_request(document: Json | str | bytes) -> Subject:
    text = json.dumps(document, ensure_ascii=False, indent=1) if isinstance(document, dict) else document
    return read(text.encode() if isinstance(text, str) else text, "request.json", now=NOW)


def refusal(document: Json | str | bytes) -> ReadError:
    """Why a request is refused; it always says in which file."""
    with pytest.raises(ReadError) as caught:
        read_request(document)
    assert caught.value.file == "request.json"
    return caught.value


def refused_at(document: Json, pointer: str) -> ReadError:
    """Why a request is refused, at that place and on the line where it stands."""
    error = refusal(document)
    assert error.pointer == pointer
    value: object = document
    for step in pointer.split("/")[1:]:
        value = value[int(step)] if isinstance(value, list) else value[step] if isinstance(value, dict) else None
    # Written with one member to a line: the value stands on its line with what comes before it.
    lines = json.dumps(document, ensure_ascii=False, indent=1).splitlines()
    assert error.line is not None
    said = json.dumps(value, ensure_ascii=False, indent=1).splitlines()[0]
    assert lines[error.line - 1].rstrip(",").endswith(said)
    return error


def line_of(subject: Subject, number: int = 0) -> Component:
    return next(component for component in subject.components if component.pointer == f"/lines/{number}")


def acts(document: Json, number: int = 0) -> dict[str | None, Span]:
    place: Place = line_of(read_request(document), number).place
    found = {act.name: act.span for act in place.acts}
    assert len(found) == len(place.acts)
    return found


# The example of the design.

EXAMPLE: Json = {
    "id": "PR-2024-0117",
    "buyer": {"name": "Example Federal LLC", "roles": ["us-person", "us-federal-contractor"]},
    "agreement": "new",
    "ordered": "2024-07-19T23:59:00-04:00",
    "delivered": "2024-08-01",
    "term": {"starts": "2024-08-01", "ends": "2025-08-01"},
    "acts": ["acquire", "use"],
    "purposes": ["other"],
    "lines": [
        {
            "id": "1",
            "product": "Kaspersky Endpoint Security for Business",
            "version": "12.5",
            "quantity": 250,
            "category": "anti-virus",
            "supplier": {"name": "CDW LLC", "url": "https://www.cdw.com"},
            "manufacturer": {"name": "Kaspersky Lab, Inc.", "identifiers": {"lei": None, "uei": None, "duns": None}},
            "purl": None,
            "cpe": None,
        }
    ],
    "supplier_uses": [
        {
            "product": "S5720 switch",
            "manufacturer": {"name": "Huawei Technologies Co., Ltd."},
            "category": "telecommunications-equipment",
        }
    ],
}


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
    assert "--validate" not in (refusal(document).remedy or "")


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


@pytest.mark.parametrize(
    ("line", "worlds", "supplier_worlds"),
    [
        ({}, (PRODUCER, BOTH), (SUPPLIER, BOTH)),
        ({"supplier": {"name": "S"}}, (PRODUCER,), (SUPPLIER, BOTH)),
        ({"manufacturer": {"name": "M"}}, (PRODUCER, BOTH), (SUPPLIER,)),
        ({"supplier": {"name": "S"}, "manufacturer": {"name": "M"}}, (PRODUCER,), (SUPPLIER,)),
        (
            {"supplier": {}, "manufacturer": {"name": "", "identifiers": {"lei": None}}},
            (PRODUCER, BOTH),
            (SUPPLIER, BOTH),
        ),
        ({"supplier": {"name": "NOASSERTION"}}, (PRODUCER, BOTH), (SUPPLIER, BOTH)),
    ],
    ids=["neither", "supplier", "maker", "both", "nobody", "placeholder"],
)
def test_a_supplier_supplies_a_manufacturer_produces_and_who_is_unsaid_may_be_either(
    line: Json, worlds: object, supplier_worlds: object
) -> None:
    place: Place = line_of(read_request(request({"product": "x", **line}))).place
    assert (place.worlds, place.supplier_worlds) == (worlds, supplier_worlds)


# What is done.


@pytest.mark.parametrize(
    ("agreement", "act"), [("new", "acquire"), ("renewal", "renew"), ("option", "renew"), ("existing", "use")]
)
def test_a_request_without_acts_does_what_its_agreement_says(agreement: str, act: str) -> None:
    implied = {"use", "retain"} if act == "use" else {act, "install", "use", "retain"}
    assert set(acts(request(agreement=agreement))) == implied
    assert set(acts(request({"product": "x", "agreement": agreement}, agreement="new"))) == implied


def test_a_request_without_acts_and_agreement_leaves_the_act_unknown() -> None:
    assert acts(request()) == {None: Span(DAY)}


@pytest.mark.parametrize("agreement", ["renewal", "option"])
def test_to_acquire_by_renewal_or_option_is_to_renew(agreement: str) -> None:
    assert set(acts(request(agreement=agreement, acts=["acquire"]))) == {"renew", "install", "use", "retain"}


@pytest.mark.parametrize("agreement", ["new", None])
def test_to_acquire_by_any_other_agreement_stays_that(agreement: str | None) -> None:
    assert set(acts(request(agreement=agreement, acts=["acquire"]))) == {"acquire", "install", "use", "retain"}


@pytest.mark.parametrize("act", ["acquire", "renew"])
def test_nothing_is_acquired_or_renewed_under_an_existing_agreement(act: str) -> None:
    timed = {"act": act, "on": "2024-07-19"}
    refused_at(request(agreement="existing", acts=["use", act]), "/acts")
    refused_at(request({"product": "x", "acts": [timed]}, agreement="existing"), "/lines/0/acts")
    refused_at(request({"product": "x", "agreement": "existing"}, acts=[act]), "/acts")
    assert "acquire" in acts(request({"product": "x", "agreement": "new"}, agreement="existing", acts=["acquire"]))


@pytest.mark.parametrize("act", ["acquire", "renew"])
@pytest.mark.parametrize("passing_on", ["resell", "provide"])
def test_what_is_bought_is_installed_and_used_unless_it_is_passed_on(act: str, passing_on: str) -> None:
    assert set(acts(request(acts=[act]))) == {act, "install", "use", "retain"}
    assert set(acts(request(acts=[act, passing_on]))) == {act, passing_on}
    assert set(acts(request(acts=[passing_on, act, "use"]))) == {act, passing_on, "use", "retain"}


@pytest.mark.parametrize("act", [act for act in Word if act not in (Word.ACQUIRE, Word.RENEW, Word.USE)])
def test_every_other_act_implies_nothing(act: Word) -> None:
    assert set(acts(request(acts=[act.value]))) == {act}


def test_a_lines_own_acts_come_before_the_requests() -> None:
    document = request({"product": "x", "acts": ["retain"]}, {"product": "y", "acts": []}, acts=["use"])
    assert set(acts(document)) == {"retain"}
    assert set(acts(document, 1)) == {"use", "retain"}


# When.


def test_acts_have_the_times_of_order_delivery_and_term() -> None:
    document = request(
        acts=[act.value for act in Word], delivered="2024-08-01", term={"starts": "2024-08-01", "ends": "2025-08-01"}
    )
    ordered = ("acquire", "renew", "contract-with-user", "license", "authorize", "fund")
    delivered, continuing = ("provide", "install", "integrate"), ("use", "update", "retain", "operate", "resell")
    expected = dict.fromkeys(ordered, Span(DAY)) | dict.fromkeys(delivered, Span(DELIVERY))
    assert acts(document) == expected | dict.fromkeys(continuing, TERM)


def test_implied_acts_have_times_of_their_own() -> None:
    document = request(acts=["acquire"], delivered="2024-08-01", term={"starts": "2024-09-01", "ends": "2025-09-01"})
    term = Span(date(2024, 9, 1), date(2025, 9, 1))
    assert acts(document) == {"acquire": Span(DAY), "install": Span(DELIVERY), "use": term, "retain": term}


def test_what_is_not_said_to_be_delivered_is_delivered_when_ordered() -> None:
    assert acts(request(acts=["acquire"])) == dict.fromkeys(("acquire", "install", "use", "retain"), Span(DAY))


def test_a_continuing_act_without_a_term_is_judged_on_its_first_day() -> None:
    assert acts(request(acts=["use"], delivered="2024-08-01")) == dict.fromkeys(("use", "retain"), Span(DELIVERY))


def test_a_line_may_have_dates_of_its_own() -> None:
    own = {"ordered": "2023-01-02", "delivered": "2023-02-03", "term": {"starts": "2023-02-03", "ends": "2024-02-03"}}
    document = request(
        {"product": "x", **own},
        {"product": "y"},
        acts=["acquire"],
        delivered="2024-08-01",
        term={"starts": "2024-08-01", "ends": "2025-08-01"},
    )
    term = Span(date(2023, 2, 3), date(2024, 2, 3))
    first = {"acquire": Span(date(2023, 1, 2)), "install": Span(date(2023, 2, 3)), "use": term, "retain": term}
    assert acts(document) == first
    assert acts(document, 1) == {"acquire": Span(DAY), "install": Span(DELIVERY), "use": TERM, "retain": TERM}
    assert read_request(document).as_of == DAY


def test_an_act_may_have_a_day_an_instant_or_a_stretch_of_its_own() -> None:
    document = request(
        acts=[
            "license",
            {"act": "fund"},
            {"act": "install", "on": "2024-09-01"},
            {"act": "acquire", "on": "2024-07-20T00:00:00-04:00"},
            {"act": "operate", "starts": "2024-10-01", "ends": "2025-10-01"},
        ]
    )
    found = acts(document)
    assert {act: found[act] for act in ("license", "fund", "install", "acquire", "operate")} == {
        "license": Span(DAY),
        "fund": Span(DAY),
        "install": Span(date(2024, 9, 1)),
        "acquire": Span(datetime(2024, 7, 20, tzinfo=NEW_YORK)),
        "operate": Span(date(2024, 10, 1), date(2025, 10, 1)),
    }


def test_what_is_used_at_a_time_of_its_own_is_kept_over_that_time() -> None:
    found = acts(request(acts=[{"act": "use", "starts": "2024-10-01", "ends": "2025-10-01"}]))
    assert found["retain"] == found["use"] == Span(date(2024, 10, 1), date(2025, 10, 1))


def times_of(asked: Sequence[Json | str], **more: object) -> dict[str, set[Moment]] | None:
    """When each act is judged; None if the request is refused, which is as good as keeping every time."""
    try:
        place: Place = line_of(read_request(request(acts=asked, **more))).place
    except ReadError:
        return None
    names = {act.name or "" for act in place.acts}
    return {name: {act.span.starts for act in place.acts if act.name == name} for name in names}


@pytest.mark.parametrize(
    "asked",
    [
        [{"act": "use", "on": "2025-01-01"}, {"act": "use", "on": "2020-01-01"}],
        [{"act": "use", "on": "2025-01-01"}, "use"],
        ["use", {"act": "use", "on": "2025-01-01"}],
    ],
    ids=["two times", "time first", "time last"],
)
def test_no_time_of_an_act_asked_twice_is_lost(asked: list[Json | str]) -> None:
    times = times_of(asked)
    asked_for = {date.fromisoformat(act["on"]) if isinstance(act, dict) else DAY for act in asked}
    assert times is None or times["use"] == asked_for


def test_renewing_and_acquiring_at_two_times_loses_neither() -> None:
    asked = [{"act": "renew", "on": "2025-01-01"}, {"act": "acquire", "on": "2020-01-01"}]
    times = times_of(asked, agreement="renewal")
    assert times is None or times["renew"] == {date(2025, 1, 1), date(2020, 1, 1)}


DATES: list[tuple[str, Moment]] = [
    ("2024-07-20", date(2024, 7, 20)),
    ("2024-02-29", date(2024, 2, 29)),
    ("2024-07-20T09:30:00-04:00", datetime(2024, 7, 20, 9, 30, tzinfo=NEW_YORK)),
    ("2024-07-20T09:30:00Z", datetime(2024, 7, 20, 9, 30, tzinfo=UTC)),
    ("2024-07-20T09:30:00.123456+00:00", datetime(2024, 7, 20, 9, 30, 0, 123456, tzinfo=UTC)),
    ("2024-07-20T09:30+14:00", datetime(2024, 7, 20, 9, 30, tzinfo=timezone(timedelta(hours=14)))),
]


@pytest.mark.parametrize(("text", "moment"), DATES, ids=[text for text, _ in DATES])
def test_a_date_is_a_day_or_an_instant_with_its_offset(text: str, moment: Moment) -> None:
    as_of = read_request(request() | {"ordered": text}).as_of
    assert (as_of, type(as_of)) == (moment, type(moment))
    assert as_of.isoformat() == moment.isoformat()


NO_DATES = [
    "2024-07-20T09:30:00",
    "2024-07-20 09:30",
    "20240720",
    "20240720T093000",
    "20240720T0",
    "2024072099",
    "2024W29699",
    "2024-13-01",
    "2024-02-30",
    "2023-02-29",
    "24-07-20",
    "2024-7-20",
    "20/07/2024",
    "07/20/2024",
    "tomorrow",
    "",
    " 2024-07-20",
    "2024-07-20T09:30:00+25:00",
    "2024-07-20T25:00:00Z",
    "2024-07-20T09:30:00 EST",
    "1721433600",
    "0024-07-20",
    "9999-12-31",
    "1989-12-31",
    "2201-01-01T00:00:00Z",
    "٢٠٢٤-٠٧-٢٠",
]


@pytest.mark.parametrize("text", NO_DATES, ids=range(len(NO_DATES)))
@pytest.mark.parametrize(
    ("place", "pointer"),
    [
        (lambda text: request() | {"ordered": text}, "/ordered"),
        (lambda text: request(delivered=text), "/delivered"),
        (lambda text: request(term={"starts": text, "ends": "2200-01-01"}), "/term/starts"),
        (lambda text: request(term={"starts": "1990-01-01", "ends": text}), "/term/ends"),
        (lambda text: request({"product": "x", "ordered": text}), "/lines/0/ordered"),
        (lambda text: request({"product": "x", "delivered": text}), "/lines/0/delivered"),
        (
            lambda text: request({"product": "x", "term": {"starts": text, "ends": "2200-01-01"}}),
            "/lines/0/term/starts",
        ),
        (lambda text: request(acts=["use", {"act": "fund", "on": text}]), "/acts/1/on"),
        (lambda text: request(acts=[{"act": "use", "starts": text, "ends": "2200-01-01"}]), "/acts/0/starts"),
        (lambda text: request({"product": "x", "acts": [{"act": "use", "on": text}]}), "/lines/0/acts/0/on"),
    ],
    ids=["ordered", "delivered", "starts", "ends", "own", "own-delivered", "own-term", "on", "act-starts", "own-act"],
)
def test_anything_else_is_no_date_wherever_it_stands(text: str, place: Callable[[str], Json], pointer: str) -> None:
    refused_at(place(text), pointer)


def test_a_naive_date_time_is_refused_for_what_it_is() -> None:
    error = refused_at(request() | {"ordered": "2024-07-20T09:30:00"}, "/ordered")
    assert "offset" in error.what
    assert "-04:00" in str(error.remedy)


@pytest.mark.parametrize("ends", ["2024-08-01", "2024-07-31", "2023-08-01"])
def test_a_term_that_ends_when_it_starts_or_before_is_refused(ends: str) -> None:
    refused_at(request(term={"starts": "2024-08-01", "ends": ends}), "/term")
    refused_at(request({"product": "x", "term": {"starts": "2024-08-01", "ends": ends}}), "/lines/0/term")
    refused_at(request(acts=[{"act": "use", "starts": "2024-08-01", "ends": ends}]), "/acts/0")


@pytest.mark.parametrize(
    ("ordered", "delivered"),
    [
        ("2024-07-19", "2024-07-18"),
        ("2024-07-19T00:30:00-04:00", "2024-07-18"),
        ("2024-07-19", "2024-07-18T23:59:00-04:00"),
        ("2024-07-19T12:00:00Z", "2024-07-19T11:59:59Z"),
        ("2024-07-19T12:00:00Z", "2024-07-19T12:30:00+02:00"),
    ],
)
@pytest.mark.parametrize("agreement", [None, "new"])
def test_what_is_bought_anew_and_delivered_before_it_is_ordered_is_refused(
    ordered: str, delivered: str, agreement: str | None
) -> None:
    more: Json = {"agreement": agreement, "ordered": ordered}
    assert "before it is ordered" in refused_at(request() | more | {"delivered": delivered}, "/delivered").what
    refused_at(request({"product": "x", "delivered": delivered}) | more, "/lines/0/delivered")
    own = {"product": "x", "ordered": ordered, "delivered": delivered}
    refused_at(request({"product": "y"}, own, ordered="2020-01-01"), "/lines/1/delivered")


@pytest.mark.parametrize("agreement", ["renewal", "option", "existing"])
def test_what_is_renewed_or_goes_on_may_have_been_delivered_before(agreement: str) -> None:
    assert read_request(request(agreement=agreement, delivered="2023-01-01")).components


@pytest.mark.parametrize(
    ("ordered", "delivered"),
    [
        ("2024-07-19", "2024-07-19"),
        ("2024-07-19T23:59:00-04:00", "2024-07-19"),
        ("2024-07-19", "2024-07-19T00:00:00+14:00"),
        ("2024-07-19T12:00:00Z", "2024-07-19T12:00:00Z"),
        ("2024-07-19T12:00:00Z", "2024-07-19T08:00:00-04:00"),
    ],
)
def test_what_is_delivered_on_the_day_or_at_the_instant_of_its_order_is_read(ordered: str, delivered: str) -> None:
    assert read_request(request() | {"ordered": ordered, "delivered": delivered}).components


@pytest.mark.parametrize("agreement", [None, "new", "renewal", "option"])
def test_a_term_that_is_over_when_it_is_ordered_or_delivered_is_refused(agreement: str | None) -> None:
    over = {"starts": "2023-07-19", "ends": "2024-07-19"}
    refused_at(request(term=over, agreement=agreement), "/term")
    refused_at(request({"product": "x", "term": over}, agreement=agreement), "/lines/0/term")
    soon = {"starts": "2024-07-19", "ends": "2024-08-01"}
    refused_at(request(term=soon, delivered="2024-08-01", agreement=agreement), "/term")
    assert read_request(request(term=soon, delivered="2024-07-31", agreement=agreement)).components


@pytest.mark.parametrize("agreement", [None, "new", "renewal", "option", "existing"])
def test_a_term_may_begin_before_the_order_and_counts_from_there(agreement: str | None) -> None:
    begun = {"starts": "2024-01-01", "ends": "2025-01-01"}
    found = acts(request(term=begun, agreement=agreement, acts=["use"]))
    assert found["use"] == Span(date(2024, 1, 1), date(2025, 1, 1))


def test_under_an_existing_agreement_a_term_may_be_over() -> None:
    over = {"starts": "2023-01-01", "ends": "2024-01-01"}
    assert acts(request(term=over, agreement="existing"))["use"] == Span(date(2023, 1, 1), date(2024, 1, 1))


@pytest.mark.parametrize(
    "time",
    [
        {"starts": "2024-08-01"},
        {"ends": "2024-08-01"},
        {"on": "2024-08-01", "starts": "2024-08-01", "ends": "2024-08-02"},
        {"on": "2024-08-01", "ends": "2024-08-02"},
        {"starts": "", "ends": ""},
        {"starts": ""},
    ],
    ids=range(6),
)
def test_half_a_stretch_or_two_times_at_once_are_refused(time: Json) -> None:
    assert (refusal(request(acts=[{"act": "use", **time}])).pointer or "").startswith("/acts/0")


@pytest.mark.parametrize("term", [{"starts": "2024-08-01"}, {"ends": "2024-08-01"}, {}])
def test_half_a_term_is_refused(term: Json) -> None:
    assert (refusal(request(term=term)).pointer or "") in ("/term/starts", "/term/ends")


# What the supplier uses.


def test_what_the_supplier_uses_is_judged_for_contracting_when_ordered() -> None:
    used = {"id": "a", "product": "S5720 switch", "manufacturer": {"name": "Huawei"}, "category": "router"}
    document = request(
        acts=["acquire"],
        delivered="2024-08-01",
        supplier_uses=[used, {"product": "y"}],
        purposes=["other"],
        agreement="new",
    )
    components = [component for component in read_request(document).components if component.pointer != "/lines/0"]
    assert [component.pointer for component in components] == ["/supplier_uses/0", "/supplier_uses/1"]
    assert [component.ref for component in components] == ["supplier-uses:a", "supplier-uses:2"]
    position = frozenset({"used-by-supplier"})
    assert components[0].place == Place(
        worlds=(position,),
        supplier_worlds=(position,),
        acts=(Act("contract-with-user", Span(DAY)),),
        agreement="new",
        purposes=frozenset({"other"}),
        category="router",
        request="PR-1",
        is_request=True,
    )
    assert (Kind.PARTY, "manufacturer.name", "Huawei") in identities(components[0])


def test_a_list_of_uses_that_is_asked_for_and_absent_is_unsaid() -> None:
    assert read_request(request(acts=["contract-with-user"])).unsaid == ("supplier_uses",)
    assert read_request(request({"product": "x", "acts": ["contract-with-user"]})).unsaid == ("supplier_uses",)
    assert read_request(request(acts=["contract-with-user"], supplier_uses=None)).unsaid == ("supplier_uses",)


def test_an_empty_list_of_uses_says_that_there_are_none() -> None:
    assert read_request(request(acts=["contract-with-user"], supplier_uses=[])).unsaid == ()
    assert read_request(request(acts=["acquire"])).unsaid == ()


def test_a_use_that_names_nothing_is_refused() -> None:
    refused_at(request(supplier_uses=[{"category": "router"}]), "/supplier_uses/0")


def test_an_sbom_of_what_the_supplier_uses_is_judged_or_refused_and_never_dropped(tmp_path: Path) -> None:
    document = request(supplier_uses=[{"product": "x", "sbom": {"path": "bom.json"}}])
    (tmp_path / "bom.json").write_text(json.dumps(BOM))
    try:
        subject = put(tmp_path, document)
    except ReadError:
        return
    assert {"root", "lib"} <= {component.name for component in subject.components}


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
