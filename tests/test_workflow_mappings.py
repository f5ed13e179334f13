"""Mappings: what a system's payload says becomes a purchase request, and what it does not say stays unknown."""

import contextlib
import copy
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gate.asking import Asking
from gate.check import check
from gate.compiled import load
from gate.errors import ReadError, UsageError
from gate.read import read
from gate.workflow.faults import Unmapped
from gate.workflow.file import parsed
from gate.workflow.mapping import Mapping
from gate.workflow.mappings import BUILT_IN, mapping_named, names
from gate.workflow.request import mapped

Json = dict[str, Any]

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
SAMPLES = Path(__file__).parent / "data" / "workflow"
SYSTEMS = names()


def payload(system: str) -> Json:
    found: Json = json.loads((SAMPLES / f"{system}.json").read_bytes())
    return found


def request(system: str, body: Json | None = None) -> Json:
    """The purchase request that the system's own mapping makes of a payload."""
    data = json.dumps(payload(system) if body is None else body).encode()
    found: Json = json.loads(mapped(data, mapping_named(system, Path()), f"{system}.json", NOW).data)
    return found


def test_there_is_one_worked_example_for_each_mapping() -> None:
    assert SYSTEMS == ["ariba", "coupa", "jira", "servicenow"]
    assert sorted(path.stem for path in SAMPLES.glob("*.json")) == SYSTEMS


def test_coupa() -> None:
    assert request("coupa") == {
        "id": "97",
        "ordered": "2026-11-27T12:00:00+00:00",
        "delivered": "2026-12-15",
        "buyer": {"name": "Marketing"},
        "agreement": "new",
        "acts": ["acquire"],
        "lines": [
            {
                "id": "1",
                "product": "Kaspersky Endpoint Security for Business, 250 nodes",
                "quantity": 250.0,
                "category": "anti-virus",
                "supplier": {"name": "Kaspersky Lab, Inc.", "url": "https://www.kaspersky.com"},
                "manufacturer": {"name": "Kaspersky Lab, Inc."},
            },
            {"id": "2", "product": "Installation, two days", "supplier": {"name": "Example Services LLC"}},
        ],
    }


def test_ariba() -> None:
    assert request("ariba")["lines"] == [
        {
            "id": "1",
            "product": "DS-2CD2143G2-I; Network camera, dome, 4 MP",
            "quantity": 12.0,
            "category": "video-surveillance-equipment",
            "supplier": {"name": "Example Security Supply Inc."},
            "manufacturer": {"name": "Hangzhou Hikvision Digital Technology Co., Ltd."},
            "delivered": "2026-12-15",
        }
    ]


def test_servicenow() -> None:
    found = request("servicenow")
    assert (found["id"], found["buyer"], found["delivered"]) == (
        "PO0010017",
        {"name": "Example Federal LLC"},
        "2026-12-15",
    )
    assert found["lines"][0]["product"] == "Kaspersky Endpoint Security; 250 seats"
    assert found["lines"][0]["category"] == "cybersecurity"


def test_jira() -> None:
    found = request("jira")
    assert found["term"] == {"starts": "2027-01-01", "ends": "2028-01-01"}
    assert found["agreement"] == "new"
    assert found["lines"] == [
        {
            "id": "1",
            "product": "AR6140 router; Office routers",
            "quantity": 4.0,
            "category": "router",
            "supplier": {"name": "Huawei Technologies Co., Ltd."},
            "manufacturer": {"name": "Huawei Technologies Co., Ltd.", "country": "CN"},
        }
    ]


def test_what_is_bought_is_not_hidden_behind_an_item_of_the_catalogue() -> None:
    law = load()
    line = {"line-num": 1, "item": {"name": "Software, other"}, "description": "Kaspersky Endpoint Security"}
    body = json.dumps({"id": 1, "requisition-lines": [line]}).encode()
    data = mapped(body, mapping_named("coupa", Path()), "coupa", NOW).data
    assert json.loads(data)["lines"][0]["product"] == "Software, other; Kaspersky Endpoint Security"
    asking = Asking(now=NOW, profile=law.profiles["us-federal-agency"])
    assert check(read(data, "coupa", now=NOW), law, asking).outcome != "allow"


@pytest.mark.parametrize(("system", "expected"), [("coupa", "97"), ("ariba", "PR4711"), ("jira", "PROC-17")])
def test_what_waits_for_the_answer_is_named(system: str, expected: str) -> None:
    data = (SAMPLES / f"{system}.json").read_bytes()
    assert mapped(data, mapping_named(system, Path()), system, NOW).reference == expected


@pytest.mark.parametrize(
    ("system", "outcome"), [("coupa", "deny"), ("ariba", "review"), ("servicenow", "deny"), ("jira", "deny")]
)
def test_the_gate_can_judge_every_worked_example(system: str, outcome: str) -> None:
    law = load()
    data = mapped((SAMPLES / f"{system}.json").read_bytes(), mapping_named(system, Path()), system, NOW).data
    asking = Asking(now=NOW, profile=law.profiles["us-federal-agency"])
    decision = check(read(data, system, now=NOW), law, asking)
    assert decision.outcome == outcome
    assert "gate/backdated" not in {reason.code for reason in decision.reasons}


# --- Nothing is made up -----------------------------------------------------------------------------------------------


def leaves(value: Any, above: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where every single value of a payload stands."""
    if isinstance(value, dict):
        return [place for key, below in value.items() for place in leaves(below, (*above, key))]
    if isinstance(value, list):
        return [place for number, below in enumerate(value) for place in leaves(below, (*above, number))]
    return [above]


def said(value: Any) -> set[str]:
    """Every single value of a request."""
    found: set[str] = set()
    for place in leaves(value):
        one = value
        for step in place:
            one = one[step]
        found.add(json.dumps(one))
    return found


NOTHING = st.sampled_from([None, "", "   "])


@pytest.mark.parametrize("system", SYSTEMS)
@given(data=st.data())
def test_a_field_that_is_empty_is_left_out_or_refused_and_never_replaced(system: str, data: st.DataObject) -> None:
    body = payload(system)
    place = data.draw(st.sampled_from(leaves(body)))
    holder: Any = body
    for step in place[:-1]:
        holder = holder[step]
    holder[place[-1]] = data.draw(NOTHING)
    # What the example may fall back on stands in the payload all the same, under another of the mapping's pointers.
    could_say = said(request(system)) | said(payload(system))
    with contextlib.suppress(Unmapped):
        assert said(request(system, body)) <= could_say


@pytest.mark.parametrize("system", SYSTEMS)
@given(key=st.text(min_size=1, max_size=8), extra=st.none() | st.text(max_size=5) | st.lists(st.integers(), max_size=2))
def test_what_the_mapping_does_not_name_changes_nothing(system: str, key: str, extra: object) -> None:
    body = payload(system)
    if key not in body:
        body[key] = extra
    assert request(system, body) == request(system)


@pytest.mark.parametrize(
    ("system", "path", "field", "pointer"),
    [
        ("coupa", ("id",), "id", "/id"),
        ("coupa", ("requisition-lines", 0, "description"), "lines/0/product", "/item/name or /description"),
        ("ariba", ("uniqueName",), "id", "/uniqueName"),
        ("servicenow", ("purchase_order",), "id", "/purchase_order/number/value"),
        ("jira", ("issue", "key"), "id", "/issue/key"),
        ("jira", ("issue",), "id", "/issue/key"),
    ],
)
def test_a_needed_field_that_is_missing_is_a_refusal_that_names_it(
    system: str, path: tuple[Any, ...], field: str, pointer: str
) -> None:
    body = payload(system)
    holder: Any = body
    for step in path[:-1]:
        holder = holder[step]
    del holder[path[-1]]
    with pytest.raises(Unmapped, match=f"lacks {field}") as refusal:
        request(system, body)
    assert refusal.value.pointer == pointer


@pytest.mark.parametrize("lines", [[], None])
def test_a_payload_without_lines_is_refused(lines: object) -> None:
    with pytest.raises(Unmapped, match="no line"):
        request("coupa", {**payload("coupa"), "requisition-lines": lines})


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (("requisition-lines",), {"0": {}}, "lines is not a list"),
        (("requisition-lines",), "none", "lines is not a list"),
        (("requisition-lines", 0, "supplier"), "Kaspersky", "supplier/name is not below an object"),
        (("requisition-lines", 0, "supplier", "name"), ["Kaspersky"], "supplier/name is not a text"),
        (("requisition-lines", 0, "supplier", "name"), True, "supplier/name is not a text"),
        (("requisition-lines", 0, "quantity"), "many", "quantity is not a number"),
        (("requisition-lines", 0, "quantity"), True, "quantity is not a number"),
        (("need-by-date",), "soon", "delivered is not a date"),
        (("need-by-date",), 20261215, "delivered is not a date"),
        (("requisition-lines", 0), "a line", "lines/0/id is not below an object"),
    ],
)
def test_a_value_of_another_kind_is_refused_and_not_taken_for_nothing(
    path: tuple[Any, ...], value: object, message: str
) -> None:
    body = payload("coupa")
    holder: Any = body
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] = value
    with pytest.raises(ReadError, match=message):
        request("coupa", body)


@pytest.mark.parametrize("data", [b"", b"[]", b"{", b'{"id": 1, "id": 2}', b"\xff", b'"text"', b"[" * 100_000, b"null"])
def test_what_is_no_object_of_json_is_refused(data: bytes) -> None:
    with pytest.raises(ReadError):
        mapped(data, mapping_named("coupa", Path()), "coupa", NOW)


def test_a_word_that_is_not_translated_stays_unknown() -> None:
    body = payload("coupa")
    body["requisition-lines"][0]["commodity"]["name"] = "Anything"
    assert "category" not in request("coupa", body)["lines"][0]


def test_a_day_of_delivery_that_is_over_is_left_out() -> None:
    assert "delivered" not in request("coupa", {**payload("coupa"), "need-by-date": "2026-11-26T00:00:00-08:00"})
    assert request("coupa", {**payload("coupa"), "need-by-date": "2026-11-27"})["delivered"] == "2026-11-27"


# --- The files --------------------------------------------------------------------------------------------------------

SMALL = """
text = "A test"
source = "This test"
[request]
id = { at = "/id" }
ordered = { at = "/day" }
[[lines]]
product = { at = "/thing" }
"""


def written(folder: Path, text: str) -> Mapping:
    (folder / "own.toml").write_text(text)
    return mapping_named("own.toml", folder)


def test_an_operators_own_file_is_a_mapping(tmp_path: Path) -> None:
    mapping = written(tmp_path, SMALL)
    found = json.loads(mapped(b'{"id": "A", "day": "2026-11-27", "thing": "x"}', mapping, "x", NOW).data)
    assert found == {"id": "A", "ordered": "2026-11-27", "lines": [{"product": "x"}]}


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('text = "A test"', 'text = "A test"\ndefault = "x"', "default: unknown key"),
        ('{ at = "/thing" }', '{ at = "/thing", default = "x" }', "lines.0.product.default: unknown key"),
        ("product =", "produkt =", "lines.0.produkt: unknown key"),
        ('{ at = "/thing" }', '{ at = "thing" }', "lines.0.product.at"),
        ('{ at = "/thing" }', '{ at = "/a~2b" }', "lines.0.product.at"),
        ('{ at = "/thing" }', "{ }", "say where it stands"),
        ('{ at = "/thing" }', '{ at = "/a", root = "/b" }', "say where it stands"),
        ('{ at = "/thing" }', "{ at = [] }", "say where it stands"),
        ('{ at = "/thing" }', '"/thing"', "lines.0.product"),
        ('{ at = "/day" }', '{ at = "/day", form = "%d.%m" }', "a form has %Y"),
        ('{ at = "/day" }', '{ at = "/day", zone = "Mars" }', "no IANA time zone"),
        ('{ at = "/day" }', '{ is = "2026-01-01" }', "request.ordered.is"),
        ("[[lines]]", 'agreement = { is = "lease" }\n[[lines]]', "request.agreement.is"),
        ("[[lines]]", "buyer = { roles = { is = [] } }\n[[lines]]", "request.buyer.roles.is"),
        ("[[lines]]", 'acts = { is = ["buy"] }\n[[lines]]', "request.acts.is.0"),
        ('id = { at = "/id" }', "", "request.id: Field required"),
        ("[[lines]]\nproduct", "[lines]\nproduct", "lines: Input should be a valid list"),
        ("text =", "text", "It is no TOML"),
    ],
)
def test_a_mapping_with_a_fault_is_refused_with_its_place(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert old in SMALL
    with pytest.raises(UsageError) as refusal:
        written(tmp_path, SMALL.replace(old, new, 1))
    assert message in str(refusal.value)
    assert "own.toml" in str(refusal.value)


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(UsageError, match="Known are ariba, coupa, jira, servicenow"):
        mapping_named("sap", Path())


@pytest.mark.parametrize(
    ("text", "settings", "expected"),
    [
        ("2026-11-27 09:30:00", 'form = "%Y-%m-%d %H:%M:%S", zone = "America/New_York"', "2026-11-27T09:30:00-05:00"),
        ("2026-07-27 09:30:00", 'form = "%Y-%m-%d %H:%M:%S", zone = "America/New_York"', "2026-07-27T09:30:00-04:00"),
        ("27/11/2026", 'form = "%d/%m/%Y"', "2026-11-27"),
        ("2026-11-27T09:30:00.000+0100", 'zone = "UTC"', "2026-11-27T09:30:00+01:00"),
        ("2026-11-27T23:30:00-08:00", "day = true", "2026-11-27"),
        ("2026-11-27T09:30:00", "day = true", "2026-11-27"),
        ("2026-11-27T09:30:00", "", None),
        ("2026-11-27 ", "", "2026-11-27"),
        ("11/27/2026", "", None),
        ("2026-13-01", "", None),
    ],
)
def test_dates_are_read_as_the_mapping_says_and_never_guessed(
    tmp_path: Path, text: str, settings: str, expected: str | None
) -> None:
    comma = ", " if settings else ""
    mapping = written(tmp_path, SMALL.replace('at = "/day"', f'at = "/day"{comma}{settings}'))
    data = json.dumps({"id": "A", "day": text, "thing": "x"}).encode()
    if expected is None:
        with pytest.raises(ReadError):
            mapped(data, mapping, "x", NOW)
    else:
        assert json.loads(mapped(data, mapping, "x", NOW).data)["ordered"] == expected


def test_what_the_supplier_uses_is_unknown_without_a_list_and_none_with_an_empty_one(tmp_path: Path) -> None:
    mapping = written(tmp_path, SMALL + '[[supplier_uses]]\neach = "/uses"\nproduct = { at = "/name" }\n')
    plain: Json = {"id": "A", "day": "2026-11-27", "thing": "x"}

    def uses(body: Json) -> Any:
        return json.loads(mapped(json.dumps(body).encode(), mapping, "x", NOW).data).get("supplier_uses", "unknown")

    assert uses(plain) == "unknown"
    assert uses({**plain, "uses": None}) == "unknown"
    assert uses({**plain, "uses": []}) == []
    assert uses({**plain, "uses": [{"name": "S5720 switch"}]}) == [{"product": "S5720 switch"}]


def test_what_the_supplier_uses_is_unknown_if_one_of_several_lists_is_not_there(tmp_path: Path) -> None:
    lists = "".join(f'[[supplier_uses]]\neach = "/{one}"\nproduct = {{ at = "/name" }}\n' for one in ("uses", "more"))
    mapping = written(tmp_path, SMALL + lists)
    body: Json = {"id": "A", "day": "2026-11-27", "thing": "x", "uses": []}
    assert "supplier_uses" not in json.loads(mapped(json.dumps(body).encode(), mapping, "x", NOW).data)
    assert json.loads(mapped(json.dumps({**body, "more": []}).encode(), mapping, "x", NOW).data)["supplier_uses"] == []


def test_roles_are_taken_only_if_all_of_them_are_understood(tmp_path: Path) -> None:
    line = 'buyer = { roles = { at = "/who", words = { "Fed" = "us-federal-agency", "US" = "us-person" } } }\n[[lines]]'
    mapping = written(tmp_path, SMALL.replace("[[lines]]", line))

    def roles(who: object) -> Any:
        body = {"id": "A", "day": "2026-11-27", "thing": "x", "who": who}
        return json.loads(mapped(json.dumps(body).encode(), mapping, "x", NOW).data).get("buyer")

    assert roles(["Fed", "US"]) == {"roles": ["us-federal-agency", "us-person"]}
    assert roles("US") == {"roles": ["us-person"]}
    assert roles(["Fed", "Navy"]) is None
    assert roles(None) is None


def test_half_a_term_is_refused_and_never_left_out(tmp_path: Path) -> None:
    term = 'term = { starts = { at = "/from" }, ends = { at = "/to" } }\n'
    mapping = written(tmp_path, SMALL.replace("[[lines]]\n", "[[lines]]\n" + term))
    days = {"from": "2027-01-01", "to": "2028-01-01"}

    def line(**said: str) -> Json:
        data = json.dumps({"id": "A", "day": "2026-11-27", "thing": "x", **said}).encode()
        found: Json = json.loads(mapped(data, mapping, "x", NOW).data)["lines"][0]
        return found

    assert line(**days)["term"] == {"starts": "2027-01-01", "ends": "2028-01-01"}
    assert line() == {"product": "x"}
    for name, lacking in (("from", "ends"), ("to", "starts")):
        with pytest.raises(Unmapped, match=f"lacks lines/term/{lacking}"):
            line(**{name: days[name]})


def test_pointers_are_those_of_rfc_6901(tmp_path: Path) -> None:
    mapping = written(tmp_path, SMALL.replace("/thing", "/a~1b/~0/1"))
    data = json.dumps({"id": "A", "day": "2026-11-27", "a/b": {"~": ["no", "x"]}}).encode()
    assert json.loads(mapped(data, mapping, "x", NOW).data)["lines"] == [{"product": "x"}]


def test_every_mapping_that_ships_says_where_its_field_names_come_from() -> None:
    for path in BUILT_IN.glob("*.toml"):
        assert len(parsed(path, Mapping).source) > 80, path


def test_a_payload_is_not_changed() -> None:
    body = payload("coupa")
    before = copy.deepcopy(body)
    request("coupa", body)
    assert body == before
