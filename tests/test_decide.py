"""Kleene's tables: each condition is yes, no or unknown, and what comes of it."""

from datetime import UTC, date, datetime, timedelta
from itertools import permutations
from typing import Any, NamedTuple

import msgspec
import pytest

from gate.acts import acts_of
from gate.category import categories_of
from gate.decide import Outcome, Question, SetAsideReason, decide, evaluate, meets_category
from gate.facts import OneOf
from gate.law import Clause, Owner, Permission, Product, Vendor
from gate.match import Evidence, Match
from gate.subject import Act, Component, Place
from gate.waiver import Grant
from policy.dates import DAY, Interval, Span
from policy.vocabulary import Category
from tests.strategies import MICROSECOND, SECOND, clause, exemption, law_of, question, vendor

FIRST = datetime(2024, 7, 20, tzinfo=UTC)
END = datetime(2025, 7, 20, tzinfo=UTC)
YEAR = Interval(FIRST, END)


def words(*some: str) -> frozenset[str]:
    """A set of words of the vocabulary."""
    return frozenset(some)


def at(moment: date | datetime, ends: date | datetime | None = None, name: str | None = "use") -> Act:
    """An act at a moment, or from one to another."""
    return Act(name, Span(moment, ends))


def outcome(asked: Question, one: Clause, *vendors: Vendor) -> Outcome:
    """What a clause says to a question, which it does not set aside."""
    said = evaluate(asked, one, law_of(one, vendors=vendors))
    assert isinstance(said, Outcome)
    return said


def said(asked: Question, one: Clause, *vendors: Vendor) -> tuple[str, tuple[str, ...], str | None]:
    """Effect, missing facts, and what spared it."""
    found = outcome(asked, one, *vendors)
    return str(found.effect), found.missing, found.spared_by


DENY = ("deny", (), None)


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


class TestExceptions:
    """Design 3: an exception "applies when all its conditions do", to all of the act."""

    def test_an_exception_that_applies_spares_and_is_named(self) -> None:
        left_alone = clause(exemptions=(exemption(categories=words("cybersecurity")),))
        assert said(question(), left_alone) == ("note", (), "exception left-alone")

    @pytest.mark.parametrize(
        ("asks", "changes", "missing"),
        [
            ({"categories": words("anti-virus")}, {"categories": words("software")}, "category"),
            ({"purposes": words("other")}, {"purposes": None}, "purpose"),
            ({"agreements": words("new")}, {"agreement": None}, "agreement"),
            ({"positions": words("component")}, {"worlds": (words("component"), words("producer"))}, "position"),
            ({"facts": {"consulting": OneOf(words("informational"))}}, {}, "fact consulting"),
            ({"acts": words("use")}, {"act": at(SECOND, name=None)}, "act"),
        ],
    )
    def test_an_exception_that_may_apply_reviews_and_names_what_would_tell(
        self, asks: dict[str, Any], changes: dict[str, Any], missing: str
    ) -> None:
        one = clause(exemptions=(exemption(**asks),))
        assert said(question(**changes), one) == ("review", (missing,), None)

    @pytest.mark.parametrize(
        ("asks", "changes"),
        [
            ({"categories": words("vpn")}, {}),
            ({"purposes": words("public-safety")}, {}),
            ({"agreements": words("option")}, {}),
            ({"positions": words("component")}, {}),
            ({"facts": {"device": OneOf(words("none"))}}, {"facts": (("device", "personal"),)}),
            ({"acts": words("update")}, {}),
            ({"categories": words("anti-virus"), "purposes": words("public-safety")}, {}),
        ],
    )
    def test_an_exception_with_a_no_changes_nothing(self, asks: dict[str, Any], changes: dict[str, Any]) -> None:
        assert said(question(**changes), clause(exemptions=(exemption(**asks),))) == DENY

    def test_one_of_several_exceptions_is_enough(self) -> None:
        some = (exemption(categories=words("vpn")), exemption(id="second", purposes=words("other")))
        assert said(question(), clause(exemptions=some))[2] == "exception second"
        open_and_met = (exemption(facts={"device": words("none")}), exemption(id="second", purposes=words("other")))
        assert said(question(), clause(exemptions=open_and_met)) == ("note", (), "exception second")

    def test_a_scope_is_met_by_any_purpose_and_an_exception_by_all(self) -> None:
        """Purposes: any one in scope is enough to forbid, and every one has to be excepted to allow."""
        mixed = words("public-safety", "other")
        assert said(question(purposes=mixed), clause(purposes=words("public-safety"))) == DENY
        assert said(question(purposes=mixed), clause(exemptions=(exemption(purposes=words("other")),))) == DENY
        assert said(question(purposes=words("other")), clause(exemptions=(exemption(purposes=mixed),)))[0] == "note"
        assert said(question(purposes=frozenset()), clause(exemptions=(exemption(purposes=words("other")),))) == DENY

    def test_an_exception_of_a_time_spares_only_what_lies_within_it(self) -> None:
        until = clause(exemptions=(exemption(purposes=words("other"), interval=Interval(None, END)),))
        assert said(question(act=at(END - MICROSECOND)), until)[0] == "note"
        assert said(question(act=at(END)), until) == DENY
        assert said(question(act=at(date(2025, 7, 1), date(2025, 7, 20))), until)[0] == "note"
        assert said(question(act=at(date(2025, 7, 1), date(2025, 7, 21))), until) == DENY


def grant(**changes: Any) -> Grant:
    """A waiver by the agency's head for 2024."""
    plain = Grant("W-1", ("test-law",), "agency-head", "Head", "sec. 1", Span(date(2024, 1, 1), date(2025, 1, 1)))
    return msgspec.structs.replace(plain, **changes)


class TestWaivers:
    """Design 4: "A waiver that the instrument does not permit, that is malformed, pending or expired waives nothing,
    and the decision says so"."""

    permitted = (Permission("agency-head", datetime(2025, 1, 1, tzinfo=UTC)),)

    def test_a_permitted_waiver_notes_and_stays_visible(self) -> None:
        found = outcome(question(grants=(grant(),)), clause(permissions=self.permitted))
        assert (str(found.effect), found.spared_by, found.grant) == ("note", "waiver W-1", grant())

    @pytest.mark.parametrize(
        ("changes", "act", "why"),
        [
            ({"granted_by": "somebody"}, at(SECOND), "no somebody"),
            ({"span": Span(date(2024, 1, 1), date(2025, 1, 2))}, at(SECOND), "runs longer"),
            ({"span": Span(date(2024, 1, 1), date(2024, 7, 20))}, at(SECOND), "whole time"),
            ({"span": Span(date(2024, 7, 21), date(2025, 1, 1))}, at(SECOND), "whole time"),
            ({}, at(date(2024, 7, 1), date(2025, 1, 2)), "whole time"),
            ({}, at(date(2023, 12, 31), date(2024, 7, 1)), "whole time"),
            ({}, at(datetime(2025, 1, 1, tzinfo=UTC)), "whole time"),
        ],
    )
    def test_any_other_waives_nothing_and_says_why(self, changes: dict[str, Any], act: Act, why: str) -> None:
        found = outcome(question(act=act, grants=(grant(**changes),)), clause(permissions=self.permitted))
        assert found.effect == "deny"
        assert found.grant is None
        assert found.refusal is not None
        assert why in found.refusal.why

    @pytest.mark.parametrize(
        "act",
        [
            at(datetime(2024, 1, 1, tzinfo=UTC)),
            at(datetime(2025, 1, 1, tzinfo=UTC) - MICROSECOND),
            at(date(2024, 12, 31)),
            at(date(2024, 1, 1), date(2025, 1, 1)),
        ],
    )
    def test_it_covers_its_first_instant_to_its_last(self, act: Act) -> None:
        assert outcome(question(act=act, grants=(grant(),)), clause(permissions=self.permitted)).effect == "note"

    def test_it_need_cover_only_what_is_forbidden(self) -> None:
        one = clause(permissions=self.permitted, interval=Interval(datetime(2024, 6, 1, tzinfo=UTC), END))
        long_before = question(act=at(date(2020, 1, 1), date(2024, 7, 1)), grants=(grant(),))
        assert outcome(long_before, one).effect == "note"

    @pytest.mark.parametrize(
        ("prohibitions", "effect"),
        [
            (("test-law",), "note"),
            (("test-law/clause",), "note"),
            (("test-law/other",), "deny"),
            (("test",), "deny"),
            (("other", "test-law/clause"), "note"),
        ],
    )
    def test_it_is_for_an_instrument_or_one_clause_of_it(self, prohibitions: tuple[str, ...], effect: str) -> None:
        one = clause(permissions=self.permitted)
        assert outcome(question(grants=(grant(prohibitions=prohibitions),)), one).effect == effect

    def test_a_law_that_permits_none_is_waived_by_none(self) -> None:
        found = outcome(question(grants=(grant(),)), clause())
        assert found.effect == "deny"
        assert found.refusal is not None

    def test_one_good_waiver_among_bad_ones_is_enough(self) -> None:
        both = (grant(id="W-0", granted_by="somebody"), grant())
        assert outcome(question(grants=both), clause(permissions=self.permitted)).spared_by == "waiver W-1"

    def test_two_that_cover_half_each_waive_nothing(self) -> None:
        halves = (
            grant(span=Span(date(2024, 1, 1), date(2024, 7, 1))),
            grant(id="W-2", span=Span(date(2024, 7, 1), date(2025, 1, 1))),
        )
        whole = question(act=at(date(2024, 6, 1), date(2024, 8, 1)), grants=halves)
        assert outcome(whole, clause(permissions=self.permitted)).effect == "deny"

    def test_a_waiver_without_a_last_day_in_the_law_may_run_long(self) -> None:
        long = grant(span=Span(date(2020, 1, 1), date(2040, 1, 1)))
        assert (
            outcome(question(grants=(long,)), clause(permissions=(Permission("agency-head", None),))).effect == "note"
        )


class TestCategories:
    """Design 3: "A category meets a scope (or exception) that names it or lies above it; it is unknown if it lies above
    what the scope names; else no. Of several categories: all, none, else unknown"."""

    @pytest.mark.parametrize(
        ("have", "named", "truth"),
        [
            ({"anti-virus"}, {"anti-virus"}, True),
            ({"anti-virus"}, {"cybersecurity"}, True),
            ({"anti-virus"}, {"software"}, True),
            ({"cybersecurity"}, {"anti-virus"}, None),
            ({"software"}, {"anti-virus"}, None),
            ({"vpn"}, {"anti-virus"}, False),
            ({"anti-virus"}, {"hardware"}, False),
            ({"anti-virus"}, set(), True),
            ({"anti-virus", "vpn"}, {"anti-virus", "vpn"}, True),
            ({"anti-virus", "vpn"}, {"cybersecurity"}, True),
            ({"anti-virus", "vpn"}, {"anti-virus"}, None),
            ({"anti-virus", "vpn"}, {"hardware"}, False),
            ({"software", "vpn"}, {"vpn"}, None),
            ({"software", "router"}, {"vpn"}, None),
            (set(), {"vpn"}, None),
            (set(), set(), True),
        ],
    )
    def test_what_meets_what(self, have: set[str], named: set[str], truth: bool | None) -> None:
        assert meets_category(frozenset(have), frozenset(named)) is truth

    known = vendor(
        categories=words("cybersecurity"),
        products=(
            Product("Acme Shield", words("anti-virus")),
            Product("Acme Feed", words("threat-intelligence")),
            Product("Acme Chat", words("messaging-application")),
        ),
    )

    def categories(
        self, kind: str | None = None, stated: str | None = None, products: tuple[int, ...] = (), **maker: Any
    ) -> frozenset[str]:
        """The categories of a component with that type and line, of `acme`."""
        place = Place((words("producer"),), (words("supplier"),), (), category=stated)
        match = Match("acme", products, (Evidence("name", "x", "x", "named"),))
        return categories_of(
            Component(name="x", type=kind, place=place), match, msgspec.structs.replace(self.known, **maker)
        )

    def test_what_is_stated_goes_before_what_the_vendor_makes(self) -> None:
        assert self.categories() == {"cybersecurity"}
        assert self.categories(stated="security-training") == {"security-training"}
        assert self.categories(products=(0,)) == {"anti-virus"}

    @pytest.mark.parametrize("stated", ["cybersecurity", "software", "endpoint-security", "anti-virus"])
    def test_saying_it_less_exactly_changes_nothing(self, stated: str) -> None:
        assert self.categories(stated=stated, products=(0,)) == {"anti-virus"}

    def test_calling_endpoint_security_threat_intelligence_changes_nothing(self) -> None:
        """Design 3: "if the request contradicts the register's product it is unknown (calling Endpoint Security
        `threat-intelligence` changes nothing)"."""
        contradictory = self.categories(stated="threat-intelligence", products=(0,))
        assert contradictory == {"anti-virus", "threat-intelligence"}
        one = clause(
            categories=words("cybersecurity", "service"),
            exemptions=(exemption(categories=words("threat-intelligence")),),
        )
        assert outcome(question(categories=contradictory), one).effect == "review"
        assert outcome(question(categories=words("threat-intelligence")), one).effect == "note"
        assert outcome(question(categories=contradictory), clause(categories=words("anti-virus"))).effect == "review"

    def test_two_products_that_disagree_leave_it_open(self) -> None:
        assert self.categories(products=(0, 1)) == {"anti-virus", "threat-intelligence"}

    @pytest.mark.parametrize(
        ("kind", "makes", "expected"),
        [
            ("library", {"telecommunications-equipment"}, {"software"}),
            ("framework", {"telecommunications-equipment", "cybersecurity"}, {"cybersecurity"}),
            ("library", {"social-media-application"}, {"software"}),
            ("container", {"messaging-application", "cloud-service"}, {"software"}),
            ("file", {"anti-virus"}, {"anti-virus"}),
            ("application", {"social-media-application"}, {"social-media-application"}),
            ("application", {"video-surveillance-equipment"}, {"software"}),
            ("device", {"video-surveillance-equipment", "software"}, {"video-surveillance-equipment"}),
            ("firmware", {"router"}, {"router"}),
            ("device", {"anti-virus"}, {"anti-virus", "hardware"}),
            ("device", set(), {"hardware"}),
            ("machine-learning-model", {"social-media-application"}, {"ai-model", "social-media-application"}),
            ("service", {"cloud-service"}, {"cloud-service"}),
            (None, {"router", "vpn"}, {"router", "vpn"}),
            ("library", set(), {"software"}),
            (None, set(), set()),
        ],
    )
    def test_the_type_caps_what_the_register_gives_and_adds_nothing(
        self, kind: str | None, makes: set[str], expected: set[str]
    ) -> None:
        """Design 3: "a Huawei library is not telecommunications equipment, and bytedance/sonic is not TikTok"."""
        assert self.categories(kind, categories=frozenset(makes)) == expected

    @pytest.mark.parametrize("kind", ["library", "framework", "file", "container"])
    def test_only_an_application_is_a_named_application_also_as_a_product(self, kind: str) -> None:
        assert self.categories(kind, products=(2,)) == {"software"}
        assert self.categories("application", products=(2,)) == {"messaging-application"}

    def test_every_category_meets_itself_and_no_scope_asks_of_none(self) -> None:
        for category in Category:
            assert meets_category(frozenset({category.value}), frozenset({category.value})) is True
            assert meets_category(frozenset({category.value}), frozenset()) is True


def owned(ident: str, *owners: Owner, **changes: Any) -> Vendor:
    """A vendor with owners."""
    return vendor(ident, owners=owners, **changes)


class TestOwnership:
    """Design 4: "vendor is covered (through ownership, on the day of the act)"; design 3: "until 2020-11-17 a
    subsidiary of huawei"."""

    until = Owner("acme", "subsidiary", None, "2024-07-20")
    since = Owner("acme", "subsidiary", "2024-07-20", None)

    @pytest.mark.parametrize(
        ("kind", "reach"),
        [("subsidiary", "subsidiaries"), ("affiliate", "affiliates"), ("successor", "successors"), ("brand", "brand")],
    )
    def test_an_instrument_reaches_only_the_relatives_it_names(self, kind: str, reach: str) -> None:
        child = owned("child", Owner("acme", kind, None, None))
        for word in ("subsidiaries", "affiliates", "successors", "parents"):
            found = outcome(question(vendor="child"), clause(reach=words("brand", word)), child)
            is_reached = kind == "brand" or word == reach
            assert (str(found.effect), found.spared_by) == (("deny", None) if is_reached else ("note", "ownership"))
            assert found.through == (("acme",) if is_reached else ())

    def test_a_parent_is_reached_by_parents_alone(self) -> None:
        parent, child = vendor("parent"), owned("acme", Owner("parent", "subsidiary", None, None))
        for word, effect in [("parents", "deny"), ("subsidiaries", "note"), ("affiliates", "note")]:
            assert (
                outcome(question(vendor="parent"), clause(reach=words("brand", word)), parent, child).effect == effect
            )

    def test_affiliates_are_affiliates_of_each_other(self) -> None:
        one, other = owned("acme", Owner("other", "affiliate", None, None)), vendor("other")
        assert outcome(question(vendor="other"), clause(reach=words("affiliates")), one, other).effect == "deny"

    @pytest.mark.parametrize(
        ("act", "effect"),
        [
            (at(FIRST - MICROSECOND), "deny"),
            (at(FIRST), "note"),
            (at(date(2024, 7, 19)), "deny"),
            (at(date(2024, 7, 20)), "note"),
            (at(date(2024, 1, 1), date(2025, 1, 1)), "deny"),
        ],
    )
    def test_a_subsidiary_is_reached_until_the_day_it_was_sold(self, act: Act, effect: str) -> None:
        child = owned("child", self.until)
        assert outcome(question(vendor="child", act=act), clause(reach=words("subsidiaries")), child).effect == effect

    def test_the_day_of_the_sale_is_a_legal_day_where_the_law_is(self) -> None:
        """Design 5: "A date in a law file is midnight in the instrument's `time_zone`"."""
        child, one = owned("child", self.until), clause(reach=words("subsidiaries"), time_zone="America/New_York")
        for moment, effect in [(SECOND - MICROSECOND, "deny"), (SECOND, "note")]:
            assert outcome(question(vendor="child", act=at(moment)), one, child).effect == effect
        for day, effect in [(date(2024, 7, 19), "deny"), (date(2024, 7, 20), "note")]:
            assert outcome(question(vendor="child", act=at(day)), one, child).effect == effect

    def test_a_subsidiary_bought_later_is_reached_from_then_on(self) -> None:
        child, one = owned("child", self.since), clause(reach=words("subsidiaries"))
        assert outcome(question(vendor="child", act=at(FIRST - MICROSECOND)), one, child).effect == "warn"
        assert outcome(question(vendor="child", act=at(FIRST)), one, child).effect == "deny"

    def test_the_part_of_the_act_while_it_was_owned_is_the_part_that_is_forbidden(self) -> None:
        child = owned("child", self.until)
        found = outcome(
            question(vendor="child", act=at(date(2024, 1, 1), date(2025, 1, 1))),
            clause(reach=words("subsidiaries")),
            child,
        )
        assert found.when == Interval(datetime(2024, 1, 1, tzinfo=UTC), FIRST)

    def test_a_law_that_began_after_the_sale_never_reached_it(self) -> None:
        child = owned("child", self.until)
        later = clause(reach=words("subsidiaries"), interval=Interval(FIRST, None))
        for moment in (FIRST - 500 * DAY, FIRST, FIRST + 500 * DAY):
            found = outcome(question(vendor="child", act=at(moment)), later, child)
            assert (str(found.effect), found.spared_by) == ("note", "ownership")

    @pytest.mark.parametrize("order", [1, -1])
    def test_a_vendor_sold_and_bought_again_is_reached_both_times(self, order: int) -> None:
        again = Owner("acme", "subsidiary", "2025-07-20", None)
        child = owned("child", *(self.until, again)[::order])
        one = clause(reach=words("subsidiaries"))
        for moment, effect in [(FIRST - DAY, "deny"), (FIRST, "warn"), (END - MICROSECOND, "warn"), (END, "deny")]:
            assert outcome(question(vendor="child", act=at(moment)), one, child).effect == effect, moment

    def test_a_vendor_that_passed_from_one_named_owner_to_another_is_reached_through_either(self) -> None:
        other = vendor("other")
        child = owned("child", self.until, Owner("other", "subsidiary", "2024-07-20", None))
        one = clause(vendors=words("acme", "other"), reach=words("subsidiaries"))
        for moment, through in [(FIRST - DAY, ("acme",)), (FIRST, ("other",))]:
            found = outcome(question(vendor="child", act=at(moment)), one, child, other)
            assert (str(found.effect), found.through) == ("deny", through)

    def test_ownership_passes_on_down_the_line(self) -> None:
        child, grandchild = (
            owned("child", Owner("acme", "subsidiary", None, None)),
            owned("grandchild", Owner("child", "subsidiary", None, "2024-07-20")),
        )
        one = clause(reach=words("subsidiaries"))
        found = outcome(question(vendor="grandchild", act=at(FIRST - DAY)), one, child, grandchild)
        assert (str(found.effect), found.through) == ("deny", ("child", "acme"))
        assert outcome(question(vendor="grandchild", act=at(FIRST)), one, child, grandchild).effect == "note"

    def test_a_longer_way_that_runs_is_found_where_a_shorter_one_has_ended(self) -> None:
        middle = owned("middle", Owner("acme", "subsidiary", None, None))
        child = owned("child", self.until, Owner("middle", "subsidiary", "2024-07-20", None))
        one = clause(reach=words("subsidiaries"))
        found = outcome(question(vendor="child", act=at(FIRST)), one, middle, child)
        assert (str(found.effect), found.through) == ("deny", ("middle", "acme"))

    def test_owners_in_a_circle_end(self) -> None:
        one, other = (
            owned("one", Owner("other", "subsidiary", None, None)),
            owned("other", Owner("one", "subsidiary", None, None)),
        )
        asks = clause(vendors=words("acme", "one"), reach=words("subsidiaries"))
        assert outcome(question(vendor="other"), asks, one, other).effect == "deny"

    @pytest.mark.parametrize(
        ("country", "owner", "effect"),
        [
            ("RU", None, "deny"),
            ("DE", None, "note"),
            (None, None, "review"),
            ("DE", "RU", "deny"),
            ("DE", "FR", "note"),
            ("DE", "unknown", "review"),
            (None, "RU", "deny"),
        ],
    )
    def test_who_controls_a_vendor_is_asked_by_country(
        self, country: str | None, owner: str | None, effect: str
    ) -> None:
        parent = vendor("parent", country=None if owner == "unknown" else owner)
        owners = (Owner("parent", "subsidiary", None, None),) if owner else ()
        one = clause(vendors=frozenset(), controlled_from=words("RU"))
        found = outcome(question(vendor="child"), one, parent, vendor("child", country=country, owners=owners))
        assert str(found.effect) == effect
        assert found.missing == (("ownership",) if effect == "review" else ())

    @pytest.mark.parametrize(("moment", "effect"), [(FIRST - MICROSECOND, "deny"), (FIRST, "note")])
    def test_control_ends_when_the_owner_sells(self, moment: datetime, effect: str) -> None:
        """Design 4: "vendor is covered (through ownership, on the day of the act)"."""
        parent = vendor("parent", country="RU")
        child = vendor("child", country="DE", owners=(Owner("parent", "subsidiary", None, "2024-07-20"),))
        one = clause(vendors=frozenset(), controlled_from=words("RU"))
        assert outcome(question(vendor="child", act=at(moment)), one, parent, child).effect == effect


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
