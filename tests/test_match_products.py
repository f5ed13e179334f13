"""Products by their names, which of several it is, and which of them a waiver is about."""

import pytest

from gate.asking import Asking, Waiver
from gate.law import Law
from gate.match import Matcher
from gate.question import questions_about
from gate.strength import NAMED, POSSIBLE
from gate.subject import Act, Component, Organisation, Reference, Swid
from gate.waiver import Grant
from policy.dates import Span
from tests.matching import LINE, decided, of_vendors, strengths
from tests.strategies import SECOND, listed_vendor, matcher_of, product, sbom


class TestProducts:
    """Design 4: "Product names match whole in an SBOM, and as leading tokens in a request, never by one token"."""

    @pytest.mark.parametrize(
        ("name", "in_sbom", "in_request"),
        [
            ("Kaspersky Endpoint Security", {NAMED}, {NAMED, POSSIBLE}),
            ("KASPERSKY ANTI-VIRUS", {NAMED}, {NAMED, POSSIBLE}),
            ("Kaspersky Total Security 2021, 3 devices", set(), {NAMED, POSSIBLE}),
            ("Kaspersky Total Security 2021", {NAMED}, {NAMED, POSSIBLE}),
            ("Kaspersky Endpoint Security 12.5 for Windows", {NAMED}, {NAMED, POSSIBLE}),
            ("Kaspersky Security Center 14 Network Agent (x64)", {NAMED}, {NAMED, POSSIBLE}),
            ("Kaspersky Anti-Virus (64-bit)", {NAMED}, {NAMED, POSSIBLE}),
            ("Kaspersky's Endpoint Security", set(), {NAMED, POSSIBLE}),
            ("KasperskyLab protection", set(), {POSSIBLE}),
            ("Kaspersky Endpoint Security for Business Advanced", set(), {NAMED, POSSIBLE}),
            ("Licence for Kaspersky Total Security", set(), {NAMED, POSSIBLE}),
            ("Kaspersky Toolbox", set(), {POSSIBLE}),
            ("Kaspersky", set(), {POSSIBLE}),
            ("kaspersky-ksc-client", set(), {POSSIBLE}),
            ("Kaspresso", set(), set()),
            ("KAV SDK", {NAMED}, {NAMED}),
            ("kaspersky-test-task", set(), {POSSIBLE}),
            ("ft-kaspersky", set(), set()),
            ("UltraAV", set(), set()),
            ("Endpoint Security", set(), set()),
            ("Total Security", set(), set()),
        ],
    )
    def test_a_product_name_is_weak_and_one_word_is_none(
        self, matcher: Matcher, name: str, in_sbom: set[str], in_request: set[str]
    ) -> None:
        assert strengths(matcher, Component(name=name)) == in_sbom
        assert strengths(matcher, Component(name="x", swid=Swid(name=name))) == in_sbom
        assert strengths(matcher, Component(name=name, place=LINE)) == in_request

    @pytest.mark.parametrize(
        ("name", "vendor"),
        [
            ("TPLink Archer AX55", "tp-link"),
            ("华为交换机", "huawei"),
            ("华为S5720", "huawei"),
            ("海康威视摄像机", "hikvision"),
            ("Tik Tok app", "tiktok"),
            ("Ads on Tik-Tok", "tiktok"),
            ("2 x HIK Vision camera", "hikvision"),
        ],
    )
    def test_a_brand_that_is_written_together_with_what_follows_or_apart_is_one(
        self, matcher: Matcher, name: str, vendor: str
    ) -> None:
        assert of_vendors(matcher, Component(name=name, place=LINE)) == {vendor: False}

    @pytest.mark.parametrize(
        ("name", "vendor"),
        [
            ("HuaweiS5720", "huawei"),
            ("switch huaweis5720", "huawei"),
            ("HikvisionDS2CD2043", "hikvision"),
            ("DahuaIPC-HFW", "dahua"),
            ("KasperskyEDR", "kaspersky"),
            ("ZTEMF283", "zte"),
            ("DJIMavic3", "dji"),
            ("huaweiS5720", "huawei"),
            ("switch huaweiS5720", "huawei"),
            ("hikvisionDS-2CD2043", "hikvision"),
            ("dahuaIPC-HDW2431", "dahua"),
            ("kasperskyEndpoint", "kaspersky"),
            ("zteMF283", "zte"),
            ("djiMavic3", "dji"),
        ],
    )
    def test_a_brand_is_seen_with_its_type_written_on_to_it(self, matcher: Matcher, name: str, vendor: str) -> None:
        assert of_vendors(matcher, Component(name=name, place=LINE)) == {vendor: False}
        assert of_vendors(matcher, Component(name=name.removeprefix("switch "), type="device")) == {vendor: False}
        assert of_vendors(matcher, Component(name=name, type="application")) == {}

    @pytest.mark.parametrize(
        ("name", "vendor"),
        [
            ("SWITCH-HUAWEI-S5720", "huawei"),
            ("switch-huawei-s5720", "huawei"),
            ("Router-ZTE", "zte"),
            ("4G-ZTE-MF283", "zte"),
            ("RouterHuawei", "huawei"),
            ("cameraHikvision", "hikvision"),
            ("5GRouterZTE", "zte"),
            ("1.Huawei S5720", "huawei"),
        ],
    )
    def test_a_brand_is_seen_behind_what_the_thing_is(self, matcher: Matcher, name: str, vendor: str) -> None:
        assert of_vendors(matcher, Component(name=name, place=LINE)) == {vendor: False}
        assert of_vendors(matcher, Component(name=name, type="application")) == {}

    @pytest.mark.parametrize(
        ("name", "vendor"),
        [
            ("采购华为交换机", "huawei"),
            ("购买华为路由器", "huawei"),
            ("路由器华为", "huawei"),
            ("Mate60华为", "huawei"),
            ("采购海康威视摄像机", "hikvision"),
            ("Huawei交换机", "huawei"),
            ("交换机Huawei", "huawei"),
            ("采购ZTE路由器", "zte"),
        ],
    )
    def test_a_brand_is_seen_in_chinese_which_parts_no_words(self, matcher: Matcher, name: str, vendor: str) -> None:
        assert of_vendors(matcher, Component(name=name, place=LINE)) == {vendor: False}

    @pytest.mark.parametrize("name", ["中华为先", "精华为主", "nioSocket", "nio2", "niosPort"])
    def test_letters_of_another_word_are_no_brand_in_small_letters_or_chinese(
        self, matcher: Matcher, name: str
    ) -> None:
        assert of_vendors(matcher, Component(name=name, place=LINE)) == {}

    @pytest.mark.parametrize(
        "name", ["ft-kaspersky", "homebridge-hikvision-ultimate", "netty-nio", "CosmiConfig", "macOSNIOs"]
    )
    def test_a_program_called_after_what_it_speaks_to_is_none_in_a_line_either(
        self, matcher: Matcher, name: str
    ) -> None:
        assert of_vendors(matcher, Component(name=name, place=LINE)) == {}

    @pytest.mark.parametrize(
        "name", ["BOEING747", "NIOSH guide", "DJIbouti 12", "BYDesign", "CATLab", "Hytrax5", "honorary5", "xHuaweiS5"]
    )
    def test_letters_that_go_on_with_a_word_are_no_brand(self, matcher: Matcher, name: str) -> None:
        assert of_vendors(matcher, Component(name=name, place=LINE)) == {}

    def test_a_program_that_speaks_to_a_brand_is_not_it_however_it_is_written(self, matcher: Matcher) -> None:
        assert of_vendors(matcher, Component(name="TikTokConnector", type="service")) == {}

    @pytest.mark.parametrize(
        ("name", "vendors"),
        [
            ("camera zte mf283", {"zte"}),
            ("modem zte", {"zte"}),
            ("4g router: zte mf283+", {"zte"}),
            ("Router zte MF283", {"zte"}),
            ("Router Zte MF283", {"zte"}),
            ("drone dji mavic 3", {"dji"}),
            ("Cable for nio 3 kg", set()),
            ("Boletin boe", set()),
            ("Drone boe", set()),
        ],
    )
    def test_an_acronym_in_small_letters_is_one_where_no_capitals_are_written_or_a_type_follows(
        self, matcher: Matcher, name: str, vendors: set[str]
    ) -> None:
        assert of_vendors(matcher, Component(name=name, place=LINE)).keys() == vendors

    def test_one_word_of_the_register_never_matches_alone(self) -> None:
        one = matcher_of(listed_vendor("acme", products=[product("Shield")]))
        assert one.match(Component(name="Shield")) == ()
        assert one.match(Component(name="Shield 12", place=LINE)) == ()

    @pytest.mark.parametrize("maker", [None, "NOASSERTION", "OEM", "Unspecified", "see quote", "CDW LLC", "Tencent"])
    @pytest.mark.parametrize(
        "name",
        [
            "Kaspersky Toolbox",
            "5x Kaspersky Toolbox",
            "The Kaspersky Toolbox",
            "Used Kaspersky Toolbox",
            "Antivirus Kaspersky, 3 devices",
            "Antivirus (Kaspersky)",
            "one " * 60 + "Kaspersky Endpoint Security",
        ],
    )
    def test_a_brand_in_a_line_is_possible_whoever_is_called_the_maker(
        self, matcher: Matcher, name: str, maker: str | None
    ) -> None:
        company = None if maker is None else Organisation(name=maker)
        assert POSSIBLE in strengths(matcher, Component(name=name, place=LINE, manufacturer=company))
        assert POSSIBLE not in strengths(matcher, Component(name=name, manufacturer=company))

    @pytest.mark.parametrize(
        ("name", "maker", "expected"),
        [
            ("Dahua IPC-HFW2431 camera", "Luminys Systems Corp.", {"luminys": True, "dahua": False}),
            ("Huawei S5720 switch", "Honor Device Co., Ltd.", {"honor": True, "huawei": False}),
            ("Hikvision Canada camera", "Hikvision Canada Inc.", {"hikvision-canada": True}),
            ("SMIC chip", "SMIC Hong Kong International Company Limited", {"smic-hong-kong": True}),
        ],
    )
    def test_a_makers_own_name_explains_a_brand_and_whose_it_was_does_not(
        self, matcher: Matcher, name: str, maker: str, expected: dict[str, bool]
    ) -> None:
        line = Component(name=name, place=LINE, manufacturer=Organisation(name=maker))
        assert of_vendors(matcher, line) == expected
        device = Component(type="device", name=name, manufacturer=Organisation(name=maker))
        assert of_vendors(matcher, device) == expected

    @pytest.mark.parametrize(
        ("name", "maker"),
        [
            ("Pango UltraAV, replaces Kaspersky", "Pango Group"),
            ("Uninstaller for Kaspersky", "Acme"),
            ("ft-kaspersky", None),
            ("Running shoes nio", None),
            ("Medal of Honor", None),
            ("Honor Roll plaques", None),
        ],
    )
    def test_and_nothing_where_it_says_what_another_thing_is_for_or_is_a_common_word(
        self, matcher: Matcher, name: str, maker: str | None
    ) -> None:
        company = None if maker is None else Organisation(name=maker)
        assert matcher.match(Component(name=name, place=LINE, manufacturer=company)) == ()

    @pytest.mark.parametrize(
        ("name", "vendor"),
        [
            ("Router ZTE MF286", "zte"),
            ("Huawei S5720", "huawei"),
            ("IP camera Dahua IPC", "dahua"),
            ("Camera—Hikvision DS-2CD", "hikvision"),
            ("DS-2CD–Hikvision", "hikvision"),
            ("Camera · Hikvision · DS-2CD", "hikvision"),
            ("<b>Hikvision</b> DS-2CD", "hikvision"),
            ("brand=Hikvision model=DS-2CD", "hikvision"),
            ("«Hikvision» DS-2CD", "hikvision"),
        ],
    )
    def test_a_short_brand_in_capitals_stands_out_further_on(self, matcher: Matcher, name: str, vendor: str) -> None:
        assert of_vendors(matcher, Component(name=name, place=LINE)) == {vendor: False}

    def test_every_field_that_says_it_is_told_once(self, matcher: Matcher) -> None:
        (match,) = matcher.match(
            Component(
                name="hexa-ui",
                purl="pkg:npm/%40kaspersky/hexa-ui@1",
                publisher="Kaspersky Lab",
                group="@kaspersky",
                references=[Reference("website", "https://kaspersky.com")],
            )
        )
        said = [(piece.field, piece.said) for piece in match.evidence]
        assert len(set(said)) == len(said) == 5
        assert match.is_certain


class TestWhichProduct:
    """Design 3: "A product has the categories the request states, else the register's product": where the register
    knows it by more than a name that anybody may write."""

    portal = "Kaspersky Threat Intelligence Portal"

    def products(self, law: Law, matcher: Matcher, component: Component) -> tuple[list[str], list[str]]:
        (match,) = matcher.match(component)
        known = law.vendors["kaspersky"].products
        return [known[n].name for n in match.products], [known[n].name for n in match.hinted]

    def test_a_name_alone_hints_where_the_vendor_is_known_otherwise(self, law: Law, matcher: Matcher) -> None:
        told = "Kaspersky Threat Intelligence"
        for more in (
            {"purl": "pkg:npm/%40kaspersky/x@1"},
            {"publisher": "Kaspersky Lab"},
            {"publisher": "Kaspersky Nordic"},
            {"references": [Reference("website", "https://kaspersky.com")]},
        ):
            assert self.products(law, matcher, Component(name=self.portal, **more)) == ([], [told])
        assert self.products(law, matcher, Component(name=self.portal)) == ([told], [])
        assert self.products(law, matcher, Component(name=self.portal, publisher="Kaspersky Lab", place=LINE))[0] == [
            told
        ]

    def test_a_package_or_cpe_gives_the_product_whatever_the_name_says(self, law: Law, matcher: Matcher) -> None:
        kesl = Component(name=self.portal, purl="pkg:deb/debian/kesl@1")
        assert self.products(law, matcher, kesl) == (["Kaspersky Endpoint Security"], [])
        total = Component(name=self.portal, cpe="cpe:2.3:a:kaspersky:total_security:1")
        assert self.products(law, matcher, total) == (["Kaspersky Total Security"], [])
        link = Reference("vcs", "https://github.com/KasperskyLab/Kaspresso")
        linked = Component(name="x", purl="pkg:npm/%40kaspersky/x@1", references=[link])
        assert self.products(law, matcher, linked) == ([], ["Kaspresso"])

    @pytest.mark.parametrize(
        ("name", "purl", "given", "hinted"),
        [
            ("Kaspersky Endpoint Security for Business", None, ["Kaspersky Endpoint Security"], []),
            ("Licence for Kaspersky Total Security", None, ["Kaspersky Total Security"], []),
            (
                "Kaspersky Next EDR Optimum incl. Kaspersky Security Awareness",
                None,
                [],
                ["Kaspersky Security Awareness"],
            ),
            ("Antivirus 2026 (with Kaspersky Threat Intelligence feed)", None, [], ["Kaspersky Threat Intelligence"]),
            (
                "Kaspersky Security Awareness and Kaspersky Total Security",
                None,
                ["Kaspersky Security Awareness"],
                ["Kaspersky Total Security"],
            ),
            ("Kaspersky Next", "pkg:npm/%40kaspersky/hexa-ui", [], ["hexa-ui"]),
            ("hexa-ui 6", "pkg:npm/%40kaspersky/hexa-ui", ["hexa-ui"], []),
            ("Kaspersky hexa-ui", "pkg:npm/%40kaspersky/hexa-ui", ["hexa-ui"], []),
            ("unknown", "pkg:npm/%40kaspersky/hexa-ui", ["hexa-ui"], []),
            (None, "pkg:npm/%40kaspersky/hexa-ui", ["hexa-ui"], []),
        ],
    )
    def test_in_a_request_the_product_is_what_the_line_begins_with(
        self, law: Law, matcher: Matcher, name: str | None, purl: str | None, given: list[str], hinted: list[str]
    ) -> None:
        """Design 4: "Product names match whole in an SBOM, and as leading tokens in a request"."""
        maker = Organisation(name="Kaspersky Lab")
        line = Component(name=name, purl=purl, manufacturer=maker, place=LINE)
        assert self.products(law, matcher, line) == (given, hinted)

    def test_calling_it_threat_intelligence_takes_nothing_out_of_scope(self, law: Law) -> None:
        plain = {"type": "application", "name": "x", "publisher": "Kaspersky Lab"}
        named_so = {**plain, "name": self.portal}
        for one in (plain, named_so):
            decision = decided(law, sbom(one), profile="us-software-vendor")
            effects = {r.effect for r in decision.reasons if r.code.endswith("resale-and-integration")}
            assert effects == ({"deny"} if one is plain else {"review"})


class TestWhatAWaiverIsAbout:
    """Design 4: a waiver is for "vendors = [...] and optionally products, purls": those and no others."""

    @pytest.mark.parametrize(
        ("pattern", "fits"),
        [
            ("pkg:npm/%40kaspersky/hexa-ui", True),
            ("pkg:npm/@Kaspersky/hexa-ui", True),
            ("pkg:npm/kaspersky/hexa-ui?x=y#z", True),
            ("pkg:npm/%40kaspersky/hexa-ui@1.0", True),
            ("pkg:npm/%40kaspersky/hexa-ui@1%2E0", True),
            ("pkg:npm/*/hexa-ui", True),
            ("pkg:npm/%40kaspersky/hexa-ui@2.0", False),
            ("pkg:npm/hexa-ui", False),
            ("pkg:npm/%40other/hexa-ui", False),
            ("pkg:npm/%40kaspersky", False),
            ("pkg:npm/%40kaspersky/icons", False),
            ("pkg:pypi/%40kaspersky/hexa-ui", False),
            ("pkg:npm/%zz", False),
            ("", False),
        ],
    )
    def test_a_purl_is_of_one_type_namespace_and_name_and_version_if_it_says_one(
        self, law: Law, pattern: str, fits: bool
    ) -> None:
        assert granted(law, Component(name="x", purl="pkg:npm/%40kaspersky/hexa-ui@1.0"), purls=(pattern,)) is fits

    def test_a_version_may_stand_beside_the_purl(self, law: Law) -> None:
        one = Component(name="x", purl="pkg:npm/%40kaspersky/hexa-ui", version="1.0")
        assert granted(law, one, purls=("pkg:npm/%40kaspersky/hexa-ui@1.0",))
        assert not granted(law, one, purls=("pkg:npm/%40kaspersky/hexa-ui@1.1",))

    def test_a_maven_group_is_the_same_with_dots_and_slashes(self, law: Law) -> None:
        one = Component(name="x", purl="pkg:maven/com.kaspersky.x/y@1")
        assert granted(law, one, purls=("pkg:maven/com/kaspersky/x/y",))
        assert not granted(law, one, purls=("pkg:maven/com.kaspersky/y",))

    def test_a_name_is_the_whole_name(self, law: Law) -> None:
        one = Component(name="Kaspersky Endpoint Security", publisher="Kaspersky Lab")
        assert granted(law, one, products=frozenset({"kaspersky endpoint security"}))
        assert not granted(law, one, products=frozenset({"endpoint security", "kaspersky endpoint security cloud"}))
        assert not granted(law, Component(name="N/A", publisher="Kaspersky Lab"), products=frozenset({""}))


def granted(
    law: Law, component: Component, *, purls: tuple[str, ...] = (), products: frozenset[str] = frozenset()
) -> bool:
    """Whether a waiver for those purls or products is for that component."""
    span = Span(SECOND)
    component.place = LINE
    (match,) = Matcher(law.register).match(component)
    waiver = Waiver(Grant("W-1", (), "head", "A", "B", span), frozenset({"kaspersky"}), products, purls, frozenset())
    acts = (Act("use", span),)
    [asked] = questions_about(component, match, acts, None, law, Asking(now=SECOND, waivers=(waiver,)))
    return bool(asked.grants)
