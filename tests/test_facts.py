"""Facts: words, days, numbers and countries, from the policy file and the request to the answer."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from gate.compile import _facts as compiled_facts
from gate.errors import ReadError
from gate.facts import Asked, Between, During, OneOf, answers, in_short
from gate.read import read
from gate.truth import Truth, all_of, any_of, in_every_reading
from policy.dates import Interval
from policy.facts import FACTS, Kind
from policy.words import Facts, StatedFacts
from tests.strategies import FAR, Json

BERLIN = "Europe/Berlin"
FILES = TypeAdapter[Any](Facts)
STATED = TypeAdapter[Any](StatedFacts)


def asked(text: str) -> dict[str, Asked]:
    """What a policy file asks of facts, compiled for an instrument of Berlin."""
    import tomllib

    return compiled_facts(FILES.validate_python(tomllib.loads(f"facts = {text}")["facts"]), BERLIN)


def answer(text: str, **said: str | float) -> Truth:
    """What one fact answers to a condition as a policy file writes it."""
    facts = {name.replace("_", "-"): value for name, value in said.items()}
    [found] = answers(tuple(facts.items()), asked(text), BERLIN).values()
    return found


class TestAnswers:
    """SPEC A: words any of; day and number half-open, either end may be missing; `not`; unstated is unknown."""

    @pytest.mark.parametrize(
        ("text", "said", "expected"),
        [
            ('{ device = ["personal", "none"] }', {"device": "none"}, True),
            ('{ device = ["personal", "none"] }', {"device": "government-mobile"}, False),
            ('{ device = { not = ["personal"] } }', {"device": "personal"}, False),
            ('{ device = { not = ["personal"] } }', {"device": "none"}, True),
            ('{ device = ["personal"] }', {"consulting": "operational"}, None),
            ('{ place-of-production = ["CN", "RU"] }', {"place_of_production": "RU"}, True),
            ('{ place-of-production = { not = ["US"] } }', {"place_of_production": "US"}, False),
            ('{ place-of-production = { not = ["US"] } }', {"place_of_production": "TW"}, True),
            ('{ place-of-production = { not = ["US"] } }', {}, None),
            ("{ model-year = { from = 2027 } }", {"model_year": 2027.0}, True),
            ("{ model-year = { from = 2027 } }", {"model_year": 2026.99}, False),
            ("{ model-year = { from = 2027, to = 2030 } }", {"model_year": 2029.0}, True),
            ("{ model-year = { from = 2027, to = 2030 } }", {"model_year": 2030.0}, False),
            ("{ model-year = { to = 2030 } }", {}, None),
            ("{ acquired = { from = 2023-12-22 } }", {"acquired": "2023-12-22"}, True),
            ("{ acquired = { from = 2023-12-22 } }", {"acquired": "2023-12-21"}, False),
            ("{ acquired = { to = 2023-12-22 } }", {"acquired": "2023-12-21"}, True),
            ("{ acquired = { to = 2023-12-22 } }", {"acquired": "2023-12-22"}, False),
            ("{ acquired = { from = 2023-12-22, to = 2024-01-01 } }", {"acquired": "2023-12-31"}, True),
            ("{ acquired = { from = 2023-12-22, to = 2024-01-01 } }", {"acquired": "2024-01-01"}, False),
            ("{ acquired = { from = 2023-12-22 } }", {}, None),
        ],
    )
    def test_what_is_stated_answers(self, text: str, said: dict[str, Any], expected: Truth) -> None:
        assert answer(text, **said) is expected

    @pytest.mark.parametrize(
        ("moment", "expected"),
        [
            ("2023-12-21T23:00:00Z", True),  # midnight in Berlin
            ("2023-12-21T22:59:59.999999Z", False),
            ("2023-12-22T00:00:00+01:00", True),
            ("2023-12-22", True),
        ],
    )
    def test_days_are_legal_days_of_the_instrument(self, moment: str, expected: bool) -> None:
        assert answer("{ acquired = { from = 2023-12-22 } }", acquired=moment) is expected

    def test_a_day_of_which_a_part_lies_within_leaves_it_open(self) -> None:
        text = "{ acquired = { from = 2023-12-22T12:00:00+01:00 } }"
        assert answer(text, acquired="2023-12-22") is None
        assert answer(text, acquired="2023-12-23") is True
        assert answer(text, acquired="2023-12-22T12:00:00+01:00") is True

    def test_a_value_of_another_kind_answers_nothing(self) -> None:
        assert answer("{ model-year = { from = 1 } }", model_year="2027") is None
        assert answer('{ device = { not = ["none"] } }', device=2.0) is None
        assert answer("{ acquired = { from = 2023-12-22 } }", acquired=2027.0) is None

    def test_what_is_asked_can_be_read(self) -> None:
        for text, words in [
            ('{ device = ["none", "personal"] }', {"none", "personal"}),
            ('{ place-of-production = { not = ["US"] } }', {"not US"}),
            ("{ model-year = { from = 2027, to = 2030.5 } }", {"from 2027", "before 2030.5"}),
            ("{ acquired = { from = 2023-12-22 } }", {"from 22 December 2023"}),
        ]:
            [one] = asked(text).values()
            assert in_short(one, BERLIN) == words

    def test_conditions_survive_the_cache(self) -> None:
        for one in (
            OneOf(frozenset({"CN"}), is_not=True),
            During(Interval(datetime(2023, 12, 22, tzinfo=UTC))),
            Between(2027.0, None),
        ):
            assert msgspec.msgpack.decode(msgspec.msgpack.encode(one), type=OneOf | During | Between) == one


class TestPolicyFiles:
    """A condition that could never be met as it was meant is a fault of the file."""

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ('{ colour = ["red"] }', "'colour' is no known fact"),
            ('{ device = ["toaster"] }', "'toaster' is no value of 'device'; its values are government-mobile"),
            ('{ device = { not = ["toaster"] } }', "'toaster' is no value"),
            ("{ device = [] }", "at least 1 item"),
            ("{ device = { not = [] } }", "at least 1 item"),
            ("{ device = {} }", "`from`, `to` or both"),
            ("{ device = { from = 1 } }", "has no order"),
            ('{ device = "personal" }', "valid list"),
            ('{ acquired = ["2023-12-22"] }', "is a day: ask for a range"),
            ('{ acquired = { from = "2023-12-22" } }', "without quotes"),
            ("{ acquired = { from = 2023 } }", "is a day, and its bounds must be so too"),
            ("{ acquired = { from = 2023-12-22T00:00:00 } }", "offset"),
            ("{ acquired = { from = 2023-12-22, to = 2023-12-22 } }", "must come after `from`"),
            ("{ acquired = { from = 2023-12-22, till = 2024-12-22 } }", "Extra inputs"),
            ("{ model-year = [2027] }", "valid string"),
            ('{ model-year = ["2027"] }', "is a number: ask for a range"),
            ("{ model-year = { from = 2023-12-22 } }", "is a number, and its bounds must be so too"),
            ("{ model-year = { from = 2030, to = 2027 } }", "must come after `from`"),
            ('{ place-of-production = ["cn"] }', "two letters"),
            ('{ place-of-production = ["China"] }', "two letters"),
            ('{ place-of-production = { not = ["US"], from = 1 } }', "Extra inputs"),
        ],
    )
    def test_a_senseless_condition_is_refused(self, text: str, message: str) -> None:
        with pytest.raises(ValidationError) as caught:
            asked(text)
        assert message in str(caught.value)

    def test_facts_are_stated_in_profiles_and_findings_as_toml_has_them(self) -> None:
        import tomllib

        text = 'device = "none"\nacquired = 2023-12-25\nmodel-year = 2027\nplace-of-production = "TW"\n'
        assert STATED.validate_python(tomllib.loads(text)) == {
            "device": "none",
            "acquired": "2023-12-25",
            "model-year": 2027.0,
            "place-of-production": "TW",
        }

    @pytest.mark.parametrize(
        "text",
        [
            'device = "toaster"',
            "device = true",
            "model-year = true",
            "model-year = nan",
            'model-year = "2027"',
            "acquired = 2027",
            "acquired = 2023-12-25T10:00:00",
            "acquired = 9999-12-31",
            'place-of-production = "Taiwan"',
            "colour = 1",
        ],
    )
    def test_a_value_of_another_kind_is_refused(self, text: str) -> None:
        import tomllib

        with pytest.raises(ValidationError):
            STATED.validate_python(tomllib.loads(text))

    def test_every_fact_says_what_is_not_known_and_what_can_answer(self) -> None:
        for name, fact in FACTS.items():
            assert bool(fact.words) == (fact.kind is Kind.WORDS), name
            assert fact.text, name
            assert fact.text[0].islower(), name
            assert fact.text[-1] not in ".?!", name
            assert len(set(fact.words)) == len(fact.words), name


def request(**facts: Any) -> Json:
    return {"id": "PR", "ordered": "2024-07-20", "lines": [{"product": "x", "facts": facts}]}


class TestRequests:
    """SPEC A: `"facts": {"acquired": "2023-12-25", "model-year": 2027, "place-of-production": "TW"}`."""

    def facts(self, document: Json) -> dict[str, str | float]:
        [line] = read(msgspec.json.encode(document), "r.json", now=FAR).components
        return dict(line.place.facts)

    def test_facts_of_every_kind_are_read(self) -> None:
        said = {"acquired": "2023-12-25", "model-year": 2027, "place-of-production": "TW", "device": "none"}
        assert self.facts(request(**said)) == said
        assert self.facts(request(acquired="2023-12-25T10:00:00+01:00"))["acquired"] == "2023-12-25T10:00:00+01:00"

    @pytest.mark.parametrize(
        ("name", "value", "remedy"),
        [
            ("device", "toaster", "Its values are government-mobile"),
            ("device", 5, "Its values are"),
            ("acquired", "25.12.2023", "It is a day (2024-07-20)"),
            ("acquired", "2023-12-25T10:00:00", "It is a day"),
            ("acquired", "9999-12-31", "It is a day"),
            ("acquired", 2023, "It is a day"),
            ("model-year", "2027", "It is a year of four digits."),
            ("place-of-production", "Taiwan", "two letters"),
            ("place-of-production", "tw", "two letters"),
            ("colour", "red", "Known are device"),
        ],
    )
    def test_what_is_no_answer_is_refused_at_its_place(self, name: str, value: Any, remedy: str) -> None:
        with pytest.raises(ReadError) as caught:
            self.facts(request(**{name: value}))
        assert caught.value.pointer == f"/lines/0/facts/{name}"
        assert remedy in str(caught.value.remedy)

    @pytest.mark.parametrize("value", [True, None, ["TW"], {"not": "US"}])
    def test_other_json_is_refused(self, value: Any) -> None:
        with pytest.raises(ReadError):
            self.facts(request(device=value))

    @pytest.mark.parametrize("country", ["ru", "Russia", "RUS", "R\u0421"])
    def test_a_country_is_its_two_letters(self, country: str) -> None:
        line = {"product": "x", "manufacturer": {"name": "M", "country": country}}
        with pytest.raises(ReadError) as caught:
            read(msgspec.json.encode({**request(), "lines": [line]}), "r.json", now=FAR)
        assert caught.value.pointer == "/lines/0/manufacturer/country"


# Kleene's logic.

TRUTHS = st.lists(st.sampled_from([True, False, None]), max_size=4)


@given(TRUTHS)
def test_unknown_counts_only_where_nothing_settles_the_answer(truths: list[Truth]) -> None:
    """Whatever the unknown turn out to be, a settled answer stays; and it is settled whenever it would stay."""
    worlds: list[list[bool]] = [[]]
    for truth in truths:
        worlds = [[*world, made] for world in worlds for made in ([True, False] if truth is None else [truth])]
    for kleene, plain in ((any_of, any), (all_of, all)):
        results = {plain(world) for world in worlds}
        assert kleene(truths) == (results.pop() if len(results) == 1 else None)


@given(TRUTHS)
def test_readings_that_agree_settle_it(truths: list[Truth]) -> None:
    distinct = set(truths)
    assert in_every_reading(truths) == (distinct.pop() if len(distinct) == 1 else None)
