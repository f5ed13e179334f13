"""What is done by a purchase request and when: acts from agreements, times from dates (design, section 6)."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from gate.errors import ReadError
from gate.identity import Kind, identities
from gate.subject import Act, Place
from policy.dates import Moment, Span
from policy.vocabulary import Act as Word
from tests.purchase_requests import (
    DAY,
    DELIVERY,
    NEW_YORK,
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
