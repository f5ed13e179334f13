"""Whom an instrument reaches besides those it names: by which relation, and from when to when."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from gate.law import Owner, Vendor
from gate.subject import Act
from policy.dates import DAY, Interval
from tests.questions import END, FIRST, at, outcome, words
from tests.strategies import MICROSECOND, SECOND, clause, question, vendor


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
