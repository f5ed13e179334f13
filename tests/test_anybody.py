"""Clauses that name no vendor: who controls a maker, and makers that the register does not have."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import msgspec
import pytest

from gate.asking import Asking
from gate.check import check
from gate.compile import compiled
from gate.decide import Outcome, decide, evaluate
from gate.decision import Decision, Reason
from gate.facts import OneOf
from gate.law import Clause, Law, List, Owner
from gate.ownership import LONGEST_CHAIN, STRANGER
from gate.read import read, read_sbom
from policy.dates import DAY, Interval
from policy.load import Policy
from tests.strategies import FAR, SECOND, Json, clause, law_of, listed_vendor, question, sbom, vendor


def words(*some: str) -> frozenset[str]:
    return frozenset(some)


def anybody(**changes: Any) -> Clause:
    """A clause that names nobody and asks who controls a vendor, but for what is changed."""
    return clause(**{"vendors": frozenset(), "controlled_from": words("RU"), **changes})


FROM_RUSSIA = vendor("boss", country="RU")


class TestShares:
    """SPEC C: "an owner's `share` below it does not count, an owner with no `share` is unknown"."""

    @pytest.mark.parametrize(
        ("share", "kind", "least", "expected"),
        [
            (25.0, "affiliate", 25, "deny"),
            (24.9, "affiliate", 25, "note"),
            (100.0, "subsidiary", 25, "deny"),
            (None, "subsidiary", 25, "review"),
            (None, "brand", 25, "deny"),
            (None, "affiliate", None, "deny"),
            (0.1, "affiliate", None, "deny"),
        ],
    )
    def test_an_owner_counts_from_a_share_on(
        self, share: float | None, kind: str, least: float | None, expected: str
    ) -> None:
        child = vendor("child", country="DE", owners=(Owner("boss", kind, None, None, share),))
        one = anybody(control_share=least)
        found = evaluate(question(vendor="child"), one, law_of(one, vendors=(FROM_RUSSIA, child)))
        assert isinstance(found, Outcome)
        assert str(found.effect) == expected
        assert found.missing == (("ownership",) if expected == "review" else ())

    @pytest.mark.parametrize(
        ("lower", "upper", "expected"),
        [
            (60.0, 60.0, "deny"),
            (60.0, 10.0, "note"),
            (10.0, 60.0, "note"),
            (None, 10.0, "note"),
            (None, 60.0, "review"),
        ],
    )
    def test_every_link_of_a_chain_has_to_hold(self, lower: float | None, upper: float, expected: str) -> None:
        middle = vendor("middle", country="SE", owners=(Owner("boss", "subsidiary", None, None, upper),))
        child = vendor("child", country="DE", owners=(Owner("middle", "subsidiary", None, None, lower),))
        one = anybody(control_share=25)
        found = evaluate(question(vendor="child"), one, law_of(one, vendors=(FROM_RUSSIA, middle, child)))
        assert isinstance(found, Outcome)
        assert str(found.effect) == expected

    def test_owners_in_a_circle_end_and_too_long_a_chain_is_unknown(self) -> None:
        ring = [
            vendor("a", country="DE", owners=(Owner("b", "subsidiary", None, None),)),
            vendor("b", country="FR", owners=(Owner("a", "subsidiary", None, None),)),
        ]
        one = anybody()
        found = evaluate(question(vendor="a"), one, law_of(one, vendors=ring))
        assert isinstance(found, Outcome)
        assert (str(found.effect), found.spared_by) == ("note", "ownership")
        last = LONGEST_CHAIN + 2
        chain = [
            vendor(f"v{n}", country="DE", owners=(Owner(f"v{n + 1}", "subsidiary", None, None),)) for n in range(last)
        ]
        law = law_of(one, vendors=[*chain, vendor(f"v{last}", country="RU")])
        assert [effect for effect, _ in effects(law, vendor="v0")] == ["review"]
        assert [effect for effect, _ in effects(law, vendor=f"v{last - 2}")] == ["deny"]


def effects(law: Law, **changes: Any) -> list[tuple[str, tuple[str, ...]]]:
    return [(str(o.effect), o.missing) for o in decide(question(**changes), law) if isinstance(o, Outcome)]


class TestStatedCountry:
    """SPEC C: "in a request the manufacturer's stated `country` answers it"; a claim alone takes nothing out."""

    @pytest.mark.parametrize(
        ("known", "stated", "expected"),
        [
            (None, None, "review"),
            (None, "RU", "deny"),
            (None, "DE", "note"),
            ("RU", "DE", "deny"),
            ("DE", "RU", "deny"),
            ("DE", "DE", "note"),
        ],
    )
    def test_the_register_and_the_request_are_both_heard(
        self, known: str | None, stated: str | None, expected: str
    ) -> None:
        law = law_of(anybody(), vendors=(vendor("child", country=known),))
        assert [effect for effect, _ in effects(law, vendor="child", country=stated)] == [expected]


class TestStrangers:
    """SPEC C: a line "whose maker is not in the register poses the question to `vendors = "any"` clauses only when the
    line states a category within the scope"."""

    def ask(self, law: Law, have: str | None, country: str | None = None) -> list[tuple[str, tuple[str, ...]]]:
        categories = words(have) if have else frozenset()
        return effects(law, vendor=STRANGER, categories=categories, country=country)

    @pytest.mark.parametrize(
        ("have", "country", "expected"),
        [
            ("anti-virus", None, [("review", ("ownership",))]),
            ("anti-virus", "RU", [("deny", ())]),
            ("anti-virus", "DE", [("note", ())]),
            ("router", None, []),
            ("router", "RU", []),
            ("software", None, []),
            ("software", "DE", []),
            ("software", "RU", [("review", ("category",))]),
            (None, None, []),
            (None, "DE", []),
            (None, "RU", [("review", ("category",))]),
        ],
    )
    def test_only_what_lies_surely_in_the_scope_is_asked_about(
        self, have: str | None, country: str | None, expected: list[tuple[str, tuple[str, ...]]]
    ) -> None:
        assert self.ask(law_of(anybody(categories=words("cybersecurity"))), have, country) == expected

    def test_a_clause_that_names_somebody_is_not_asked(self) -> None:
        assert self.ask(law_of(clause(categories=words("cybersecurity"))), "anti-virus") == []
        law = law_of(clause(vendors=frozenset(), lists=words("black")))
        law = msgspec.structs.replace(law, lists={"black": List("black", "Black List", "UTC", ())})
        assert self.ask(law, "anti-virus") == []

    def test_where_no_country_is_asked_it_does_not_matter_who_the_maker_is(self) -> None:
        place = {"place-of-production": OneOf(words("US"), is_not=True)}
        law = law_of(anybody(controlled_from=frozenset(), categories=words("anti-virus"), facts=place))
        for who in ({"vendor": STRANGER}, {"vendor": "acme", "is_certain": False}, {"vendor": "acme"}):
            asked = {**who, "facts": (("place-of-production", "CN"),)}
            assert effects(law, **asked) == [("deny", ())]
            assert effects(law, **who) == [("review", ("fact place-of-production",))]


def law_with(*clauses: Clause) -> Law:
    """A law with a register that has one vendor, Acme of Germany."""
    acme = listed_vendor("acme", country="DE", names=["Acme Corp"], categories=["router"], purls=["pkg:npm/acme"])
    policy = Policy(
        version="1", digest="", prohibitions={}, vendors={"acme": acme}, lists={}, profiles={}, cases={}, files={}
    )
    return msgspec.structs.replace(compiled(policy), clauses=clauses)


ROUTERS = anybody(categories=words("router"), positions=words("producer"))


def decision(line: Json, *clauses: Clause) -> Decision:
    document = {
        "id": "PR",
        "ordered": "2024-07-20",
        "acts": ["use"],
        "buyer": {"roles": ["us-person"]},
        "lines": [{"product": "Box 3000", **line}],
    }
    subject = read(msgspec.json.encode(document), "r.json", now=FAR)
    return check(subject, law_with(*clauses), Asking(now=FAR, allow_past=True))


def reasons(line: Json, *clauses: Clause) -> Iterator[Reason]:
    yield from decision(line, *clauses).reasons


class TestRequests:
    """From a request's line to the reason."""

    def test_the_reason_names_the_maker_as_the_request_does(self) -> None:
        line = {"category": "router", "manufacturer": {"name": "Sirius GmbH", "country": "RU"}}
        [reason] = reasons(line, ROUTERS)
        assert reason.effect == "deny"
        assert reason.vendor is not None
        assert (reason.vendor.id, reason.vendor.name, reason.vendor.through) == (None, "Sirius GmbH", ())
        [component] = reason.components
        assert {(e.field, e.said) for e in component.evidence} == {
            ("manufacturer.name", "Sirius GmbH"),
            ("manufacturer.country", "RU"),
            ("category", "router"),
        }

    def test_two_strangers_are_two_reasons(self) -> None:
        lines = [{"product": f"Box {n}", "category": "router", "manufacturer": {"name": f"Maker {n}"}} for n in (1, 2)]
        document: Json = {"id": "P", "ordered": "2024-07-20", "acts": ["use"], "lines": lines}
        document["buyer"] = {"roles": ["us-person"]}
        found = check(read(msgspec.json.encode(document), "r", now=FAR), law_with(ROUTERS), Asking(now=FAR))
        named = [reason.vendor.name for reason in found.reasons if reason.vendor is not None]
        assert named == ["Maker 1", "Maker 2"]

    @pytest.mark.parametrize(
        ("line", "expected"),
        [
            ({"category": "router"}, "review"),
            ({"category": "router", "manufacturer": {"country": "RU"}}, "deny"),
            ({"category": "router", "manufacturer": {"country": "DE"}}, "allow"),
            ({"manufacturer": {"country": "RU"}}, "review"),
            ({"manufacturer": {"name": "Sirius GmbH"}}, "allow"),
            ({"category": "handset", "manufacturer": {"country": "RU"}}, "allow"),
            # Who sells it says nothing about who made it.
            ({"category": "router", "supplier": {"name": "Acme Corp"}}, "review"),
            ({"category": "router", "supplier": {"name": "Other Ltd", "country": "RU"}}, "review"),
            ({"category": "router", "manufacturer": {"name": "Acme Corp"}}, "allow"),
            ({"category": "router", "manufacturer": {"name": "Acme Corp", "country": "RU"}}, "deny"),
            ({"manufacturer": {"name": "Acme Corp"}}, "allow"),
            # A name that only may be meant leaves the maker open.
            ({"category": "router", "manufacturer": {"name": "Acme Corp Router"}}, "review"),
        ],
    )
    def test_what_comes_of_a_line(self, line: Json, expected: str) -> None:
        assert decision(line, ROUTERS).outcome == expected

    def test_a_suppliers_own_country_is_heard_where_the_law_asks_for_suppliers(self) -> None:
        suppliers = anybody(categories=words("router"), positions=words("supplier"))
        line = {"category": "router", "supplier": {"name": "Acme Corp", "country": "RU"}}
        assert decision({**line, "manufacturer": {"name": "Sirius"}}, suppliers).outcome == "deny"

    def test_an_sbom_poses_no_question_about_strangers(self) -> None:
        document = sbom({"type": "device", "name": "router", "manufacturer": {"name": "Sirius GmbH"}})
        found = read_sbom(msgspec.json.encode(document), "s.json")
        assert found.components
        subject = read(msgspec.json.encode(document), "s.json", now=FAR)
        assert check(subject, law_with(ROUTERS), Asking(now=FAR, acts=("use",))).reasons == ()

    def test_nothing_changes_with_the_day_for_a_stranger_but_the_clause(self) -> None:
        line = {"category": "router", "manufacturer": {"name": "Sirius GmbH", "country": "RU"}}
        dated = msgspec.structs.replace(ROUTERS, interval=Interval(SECOND, SECOND + DAY), time_zone="America/New_York")
        assert [(period.starts, period.decision) for period in decision(line, dated).timeline] == [
            (None, "allow"),
            (date(2024, 7, 20), "deny"),
            (date(2024, 7, 21), "allow"),
        ]
