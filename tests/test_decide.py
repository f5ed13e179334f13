"""Kleene's tables: each condition is yes, no or unknown, and what comes of it."""

from datetime import UTC, date, datetime, timedelta
from itertools import permutations
from typing import Any, NamedTuple

import pytest

from gate.acts import acts_of
from gate.decide import Outcome, SetAsideReason, decide, evaluate
from gate.facts import OneOf
from gate.subject import Act
from policy.dates import DAY, Interval, Span
from tests.questions import DENY, END, FIRST, YEAR, at, outcome, said, words
from tests.strategies import MICROSECOND, SECOND, clause, law_of, question, vendor


class Row(NamedTuple):
    """A condition: what a clause asks, and what answers yes, no, or leaves it unknown (None: nothing can)."""

    name: str
    asks: dict[str, Any]
    yes: dict[str, Any]
    no: dict[str, Any] | None
    unknown: dict[str, Any] | None


CONDITIONS = [
    Row(
        "category",
        {"categories": words("anti-virus")},
        {"categories": words("anti-virus")},
        {"categories": words("vpn")},
        {"categories": words("cybersecurity")},
    ),
    Row(
        "purpose",
        {"purposes": words("public-safety", "national-security")},
        {"purposes": words("public-safety", "other")},
        {"purposes": words("other")},
        {"purposes": None},
    ),
    Row(
        "agreement",
        {"agreements": words("new")},
        {"agreement": "new"},
        {"agreement": "renewal"},
        {"agreement": None},
    ),
    Row(
        "position",
        {"positions": words("supplier")},
        {"worlds": (words("supplier"), words("supplier", "producer"))},
        {"worlds": (words("producer"), words("component"))},
        {"worlds": (words("producer"), words("producer", "supplier"))},
    ),
    Row(
        "fact device",
        {"facts": {"device": OneOf(words("government-mobile", "government-other"))}},
        {"facts": (("device", "government-mobile"),)},
        {"facts": (("device", "personal"),)},
        {"facts": (("consulting", "operational"),)},
    ),
    Row("identity", {}, {"is_certain": True}, None, {"is_certain": False}),
    Row("delivery", {}, {"is_delivered": True}, {"is_delivered": False}, None),
    Row("role", {}, {"roles": words("us-person", "de-person")}, None, {"roles": None}),
    Row("act", {}, {"act": at(SECOND)}, None, {"act": at(SECOND, name=None)}),
]

TABLE = pytest.mark.parametrize("row", CONDITIONS, ids=[row[0] for row in CONDITIONS])


class TestKleenesTable:
    """Design 4: "all yes: deny | some unknown, none no: review, naming each missing fact | a no, but the vendor
    matched: note, naming the condition that let it pass | not yet in force, all else yes: warn"."""

    @TABLE
    def test_yes_denies(self, row: Row) -> None:
        assert said(question(**row.yes), clause(**row.asks)) == DENY

    @TABLE
    def test_no_notes_and_names_the_condition(self, row: Row) -> None:
        if row.no is not None:
            assert said(question(**row.no), clause(**row.asks)) == ("note", (), row.name)

    @TABLE
    def test_unknown_reviews_and_names_what_is_missing(self, row: Row) -> None:
        if row.unknown is not None:
            assert said(question(**row.unknown), clause(**row.asks)) == ("review", (row.name,), None)

    @TABLE
    def test_not_yet_in_force_warns_whether_known_or_not(self, row: Row) -> None:
        """Design 4: "Not yet in force with something unknown: warn; ended: note"."""
        later = clause(**row.asks, interval=Interval(SECOND + 400 * DAY, None))
        over = clause(**row.asks, interval=Interval(None, SECOND))
        for answer in (row.yes, row.unknown):
            if answer is not None:
                assert said(question(**answer), later)[0] == "warn"
                assert said(question(**answer), over) == ("note", (), "ended")
        if row.no is not None:
            assert said(question(**row.no), later) == ("note", (), row.name)

    def test_a_no_outweighs_an_unknown_and_unknowns_add_up(self) -> None:
        for one, other in permutations(CONDITIONS, 2):
            asks = clause(**one.asks, **other.asks)
            if one.unknown is not None and other.no is not None:
                assert said(question(**one.unknown, **other.no), asks) == ("note", (), other.name)
            if one.unknown is not None and other.unknown is not None:
                effect, missing, spared = said(question(**one.unknown, **other.unknown), asks)
                assert (effect, set(missing), spared) == ("review", {one.name, other.name}, None)

    @pytest.mark.parametrize(
        ("changes", "is_bound"),
        [
            ({"roles": words("de-person")}, False),
            ({"act": at(SECOND, name="update")}, True),
            ({"roles": words("de-person"), "act": at(SECOND, name="update")}, False),
        ],
    )
    def test_a_buyer_not_bound_and_an_act_not_asked_give_no_reason(
        self, changes: dict[str, Any], is_bound: bool
    ) -> None:
        """Design 4: "No reason is made for an act not asked or a buyer known not to be bound; such clauses are
        counted"."""
        one = clause()
        assert evaluate(question(**changes), one, law_of(one)) == SetAsideReason(one.code, is_bound=is_bound)

    def test_a_clause_for_anyone_binds_also_whom_nobody_knows(self) -> None:
        everybody = clause(binds=words("anyone"))
        for roles in (None, words("de-person"), words("us-person")):
            assert said(question(roles=roles), everybody) == DENY

    def test_only_clauses_about_the_vendor_answer(self) -> None:
        mine, other = clause(), clause(code="other/clause", vendors=words("emca"))
        answers = list(decide(question(), law_of(mine, other, vendors=[vendor("emca")])))
        assert [a.clause.code for a in answers if isinstance(a, Outcome)] == [mine.code]


class TestEffects:
    """Design 4: "`kind` caps the effect after the AND: a warning at most warns, a proposal or notice at most notes"."""

    @pytest.mark.parametrize(
        ("kind", "known", "unknown", "later"),
        [
            ("prohibition", "deny", "review", "warn"),
            ("warning", "warn", "warn", "warn"),
            ("proposal", "note", "note", "note"),
            ("notice", "note", "note", "note"),
        ],
    )
    def test_the_kind_caps_the_effect(self, kind: str, known: str, unknown: str, later: str) -> None:
        assert outcome(question(), clause(kind=kind)).effect == known
        assert outcome(question(is_certain=False), clause(kind=kind)).effect == unknown
        assert outcome(question(), clause(kind=kind, interval=Interval(SECOND + DAY, None))).effect == later
        assert outcome(question(), clause(kind=kind, effect="review")).effect == unknown

    def test_a_clause_whose_text_leaves_it_open_reviews_with_nothing_missing(self) -> None:
        assert said(question(), clause(effect="review")) == ("review", (), None)
        assert said(question(purposes=None), clause(effect="review", purposes=words("other"))) == (
            "review",
            ("purpose",),
            None,
        )


class TestTheTimeOfTheAct:
    """Design 5: "An act has a time of its own"; "forbidden if any part of it is; the reason gives the overlap"."""

    @pytest.mark.parametrize(
        ("act", "effect"),
        [
            (at(FIRST - MICROSECOND), "warn"),
            (at(FIRST), "deny"),
            (at(END - MICROSECOND), "deny"),
            (at(END), "note"),
            (at(date(2024, 7, 19)), "warn"),
            (at(date(2024, 7, 20)), "deny"),
            (at(date(2025, 7, 19)), "deny"),
            (at(date(2025, 7, 20)), "note"),
            (at(date(2024, 1, 1), date(2024, 7, 20)), "warn"),
            (at(date(2024, 1, 1), date(2024, 7, 21)), "deny"),
            (at(date(2025, 7, 19), date(2030, 1, 1)), "deny"),
            (at(date(2025, 7, 20), date(2030, 1, 1)), "note"),
            (at(date(2020, 1, 1), date(2030, 1, 1)), "deny"),
        ],
    )
    def test_before_in_and_after_force(self, act: Act, effect: str) -> None:
        assert outcome(question(act=act), clause(interval=YEAR)).effect == effect

    def test_a_day_is_a_day_where_the_law_is(self) -> None:
        washington = clause(interval=Interval(SECOND, None), time_zone="America/New_York")
        assert outcome(question(act=at(date(2024, 7, 20))), washington).effect == "deny"
        assert outcome(question(act=at(date(2024, 7, 19))), washington).effect == "warn"
        in_rome = clause(interval=Interval(SECOND, None), time_zone="Europe/Rome")
        assert outcome(question(act=at(date(2024, 7, 20))), in_rome).effect == "deny"

    def test_the_reason_gives_the_part_that_falls_under_the_clause(self) -> None:
        found = outcome(question(act=at(date(2024, 1, 1), date(2026, 1, 1))), clause(interval=YEAR))
        assert (found.when, found.in_force) == (YEAR, YEAR)
        inside = outcome(question(act=at(date(2024, 8, 1), date(2026, 1, 1))), clause(interval=YEAR))
        assert inside.when == Interval(datetime(2024, 8, 1, tzinfo=UTC), END)


class TestActs:
    """Design 3: "acquire and renew imply install and use from delivery, unless resell or provide is asked for; use
    implies retain; agreement `renewal` or `option` makes acquire a renew"."""

    ordered, delivered = date(2024, 7, 1), date(2024, 8, 1)
    term = Span(date(2024, 8, 1), date(2025, 8, 1))

    def acts(self, *asked: str, **more: Any) -> dict[str | None, Span]:
        """The acts of a request, and when."""
        given = {"ordered": self.ordered, "delivered": self.delivered, "term": self.term, **more}
        return {act.name: act.span for act in acts_of([(name, None) for name in asked], **given)}

    @pytest.mark.parametrize(
        ("asked", "expected"),
        [
            (["acquire"], {"acquire", "install", "use", "retain"}),
            (["renew"], {"renew", "install", "use", "retain"}),
            (["use"], {"use", "retain"}),
            (["retain"], {"retain"}),
            (["acquire", "resell"], {"acquire", "resell"}),
            (["acquire", "provide"], {"acquire", "provide"}),
            (["acquire", "provide", "use"], {"acquire", "provide", "use", "retain"}),
            (["update"], {"update"}),
            (["fund"], {"fund"}),
            (["integrate"], {"integrate"}),
        ],
    )
    def test_what_is_implied(self, asked: list[str], expected: set[str]) -> None:
        assert set(self.acts(*asked)) == expected
        assert set(self.acts(*reversed(asked))) == expected

    @pytest.mark.parametrize("agreement", ["renewal", "option"])
    def test_to_acquire_under_an_old_agreement_is_to_renew(self, agreement: str) -> None:
        assert set(self.acts("acquire", agreement=agreement)) == {"renew", "install", "use", "retain"}
        assert set(self.acts(agreement=agreement)) == {"renew", "install", "use", "retain"}

    @pytest.mark.parametrize(
        ("agreement", "expected"),
        [("new", {"acquire", "install", "use", "retain"}), ("existing", {"use", "retain"}), (None, {None})],
    )
    def test_what_is_asked_by_who_names_no_act(self, agreement: str | None, expected: set[str | None]) -> None:
        assert set(self.acts(agreement=agreement)) == expected

    def test_each_act_has_its_time(self) -> None:
        found = self.acts("acquire", "update")
        assert found == {
            "acquire": Span(self.ordered),
            "install": Span(self.delivered),
            "use": self.term,
            "retain": self.term,
            "update": self.term,
        }
        assert self.acts("use", term=None) == {"use": Span(self.delivered), "retain": Span(self.delivered)}
        assert self.acts("use", term=None, delivered=None)["use"] == Span(self.ordered)

    def test_an_act_with_a_time_of_its_own_keeps_it_and_passes_it_on(self) -> None:
        own = Span(date(2030, 1, 1), date(2031, 1, 1))
        found = {act.name: act.span for act in acts_of([("use", own)], ordered=self.ordered, term=self.term)}
        assert found == {"use": own, "retain": own}

    def test_an_agreement_unsaid_is_told_by_the_act_where_the_act_tells(self) -> None:
        for name, agreements, effect in [
            ("acquire", {"new"}, "deny"),
            ("acquire", {"renewal"}, "note"),
            ("renew", {"renewal", "option"}, "deny"),
            ("renew", {"renewal"}, "review"),
            ("renew", {"new"}, "note"),
            ("use", {"new"}, "review"),
            (None, {"new"}, "review"),
        ]:
            one = clause(acts=words("acquire", "renew", "use"), agreements=frozenset(agreements))
            found = outcome(question(agreement=None, act=at(SECOND, name=name)), one)
            assert str(found.effect) == effect, (name, agreements)


class TestPositions:
    """Design 6: "an application may be a product or a part: unknown"; a vendor "stands in a position the clause
    names"."""

    @pytest.mark.parametrize(
        ("worlds", "named", "effect"),
        [
            ([{"producer"}], {"producer"}, "deny"),
            ([{"producer", "supplier"}], {"supplier"}, "deny"),
            ([{"producer"}], {"supplier"}, "note"),
            ([{"producer"}, {"producer", "supplier"}], {"supplier"}, "review"),
            ([{"producer"}, {"producer", "supplier"}], {"producer"}, "deny"),
            ([{"component"}, {"producer"}], {"producer", "component"}, "deny"),
            ([{"component"}, {"producer"}], {"producer"}, "review"),
            ([{"component"}, {"producer"}], {"supplier"}, "note"),
            ([{"used-by-supplier"}], {"supplier", "producer", "component"}, "note"),
            ([{"component"}], set(), "deny"),
        ],
    )
    def test_every_reading_says_yes_or_none_does_or_it_is_open(
        self, worlds: list[set[str]], named: set[str], effect: str
    ) -> None:
        asked = question(worlds=tuple(frozenset(world) for world in worlds))
        assert outcome(asked, clause(positions=frozenset(named))).effect == effect

    def test_a_day_longer_changes_only_what_time_decides(self) -> None:
        fixed = outcome(question(worlds=(words("component"),)), clause(positions=words("supplier")))
        assert fixed.is_fixed
        assert not outcome(question(act=at(FIRST + timedelta(days=900))), clause(interval=YEAR)).is_fixed
