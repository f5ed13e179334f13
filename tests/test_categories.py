"""What a product is for, and which scope that meets."""

from typing import Any

import msgspec
import pytest

from gate.category import categories_of
from gate.decide import meets_category
from gate.law import Product
from gate.match import Evidence, Match
from gate.subject import Component, Place
from policy.vocabulary import Category
from tests.questions import outcome, words
from tests.strategies import clause, exemption, question, vendor


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
