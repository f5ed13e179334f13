"""What spares: exceptions of an instrument, and waivers that somebody granted."""

from datetime import UTC, date, datetime
from typing import Any

import msgspec
import pytest

from gate.facts import OneOf
from gate.law import Permission
from gate.subject import Act
from gate.waiver import Grant
from policy.dates import Interval, Span
from tests.questions import DENY, END, at, outcome, said, words
from tests.strategies import MICROSECOND, SECOND, clause, exemption, question


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
