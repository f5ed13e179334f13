"""Organisations by their names: whole, within others, beside a known maker, and namesakes (law/names.md)."""

import pytest

from gate.match import Matcher
from gate.question import worlds_of
from gate.strength import EXACT, POSSIBLE
from gate.subject import Component, Organisation, Person
from tests.matching import FIELDS, LINE, named, of_vendors, strengths
from tests.strategies import listed_vendor, matcher_of, product


class TestOrganisations:
    """Design 4: "supplier, manufacturer, publisher, group and author organisations by normalised name"; "people's
    names are not companies"."""

    @pytest.mark.parametrize("field", FIELDS)
    @pytest.mark.parametrize(
        "said",
        [
            "Kaspersky Lab",
            "KASPERSKY LAB, INC.",
            "AO Kaspersky Lab",
            "Kaspersky Lab ZAO",
            "OOO Kaspersky Group",
            "Kaspersky Labs Limited",
            "Kaspersky, Inc.",
            "АО «Лаборатория Касперского»",
            "Лаборатория Касперского",
            "АО Лаборато\u0301рия Касперского",
            "Каѕреrѕку Lab",
            "Ｋａｓｐｅｒｓｋｙ Ｌａｂ",
            "Kas\u200bpersky Lab",
            "Kas\x00persky Lab",
            "Organization: Kaspersky Lab",
            "Kaspersky Lab (UK)",
            "Kaspersky Lab <x@example.com>",
            "Kaspersky Lab, Pango Group",
            "Pango; Kaspersky Lab",
            "Pango\nKaspersky Lab",
            "Pango <a@pango.example>, Kaspersky Lab <b@pango.example>",
            "Pango <a@pango.example>, Kaspersky Lab",
            "Kaspersky Lab <https://example.com>",
            "Kaspersky Lab Polska Sp. z o.o., Kaspersky Lab s. r. o.",
            "Kasper Skytte and Kaspersky Lab",
            "© Kaspersky Lab",
            "@Kaspersky Lab",
        ],
    )
    def test_a_listed_name_matches_exactly_in_every_field_for_organisations(
        self, matcher: Matcher, field: str, said: str
    ) -> None:
        assert EXACT in strengths(matcher, named(field, said))

    @pytest.mark.parametrize("said", ["Kaspersky", "kaspersky", "Kaspersky, Eugene", "Alice & Kaspersky"])
    def test_a_word_alone_is_possible_where_people_stand(self, matcher: Matcher, said: str) -> None:
        for field in ("author", "authors"):
            assert strengths(matcher, named(field, said)) == {POSSIBLE}

    @pytest.mark.parametrize(
        ("purl", "expected"),
        [
            (None, EXACT),
            ("pkg:generic/x@1", EXACT),
            ("pkg:npm/x@1", POSSIBLE),
            ("PKG:NPM/x@1", POSSIBLE),
            ("pkg:golang/github.com/kaspersky/x@1", POSSIBLE),
            ("pkg:npm/%40kaspersky/x@1", EXACT),
        ],
    )
    def test_a_publisher_that_is_a_word_alone_is_possible_where_anybody_publishes(
        self, matcher: Matcher, purl: str | None, expected: str
    ) -> None:
        """names.md: the user `kaspersky` of GitHub is somebody else."""
        for said in ("kaspersky", "kaspersky <me@example.com>"):
            (match,) = matcher.match(Component(name="x", publisher=said, purl=purl))
            assert match.is_certain is (expected == EXACT)
        assert strengths(matcher, Component(name="x", publisher="Kaspersky Lab", purl=purl)) == {EXACT}

    @pytest.mark.parametrize(
        "said",
        [
            "Acme (Kaspersky Lab)",
            "Acme [Kaspersky]",
            "The Kaspersky Lab",
            "The Kaspersky",
            "Acme/Kaspersky Lab",
            "Acme/Kaspersky",
            "Acme | Kaspersky",
            "Acme - Kaspersky",
            "Kaspersky Lab Switzerland",
            "Kaspersky Switzerland",
            "A division of Kaspersky Lab",
            "Distributed by Kaspersky",
            "Acme Kaspersky GmbH",
            "ООО Касперский и Лаборатория Касперского",
            "Acme <kaspersky.lab@example.com> (Kaspersky Lab)",
            "Acme, a Kaspersky Lab company",
        ],
    )
    def test_a_name_within_another_is_possible_for_organisations(self, matcher: Matcher, said: str) -> None:
        for field in ("publisher", "supplier", "manufacturer"):
            assert strengths(matcher, named(field, said)) == {POSSIBLE}

    @pytest.mark.parametrize("said", ["Kaspersky Lab Switzerland", "Ivan Petrov (Kaspersky Lab)", "Kaspersky Lab"])
    def test_a_contact_or_author_of_two_words_or_more_is_no_family_name(self, matcher: Matcher, said: str) -> None:
        contact = Organisation(name="Acme", contacts=[Person(name=said)])
        assert strengths(matcher, Component(name="x", supplier=contact)) == {POSSIBLE}
        assert strengths(matcher, named("author", said)) <= {POSSIBLE, EXACT}
        assert strengths(matcher, named("author", said))

    @pytest.mark.parametrize("said", ["Kaspersky Team", "The Kaspersky Developers", "Kaspersky Contributors <a@b.c>"])
    def test_a_team_as_an_author_is_a_companys(self, matcher: Matcher, said: str) -> None:
        for field in ("author", "authors"):
            assert strengths(matcher, named(field, said)) == {POSSIBLE}

    @pytest.mark.parametrize(
        "said", ["Eugene Kaspersky", "Kaspersky Eugene", "Kaspersky-Smith", "Alan Kaspersky <a@b.c>"]
    )
    def test_people_are_not_companies(self, matcher: Matcher, said: str) -> None:
        contact = Organisation(name="Acme", contacts=[Person(name=said)])
        assert strengths(matcher, Component(name="x", supplier=contact)) == set()
        for field in ("author", "authors"):
            assert strengths(matcher, named(field, said)) == set()

    @pytest.mark.parametrize(
        ("said", "vendor"),
        [
            ("Group IT", None),
            ("Group-IT", None),
            ("Group IB", "group-ib"),
            ("Groups IB", "group-ib"),
            ("Security Gem", None),
            ("Honor Society", None),
            ("KasperSkytte Laboratories", None),
        ],
    )
    def test_another_short_word_makes_another_name(self, matcher: Matcher, said: str, vendor: str | None) -> None:
        for field in ("publisher", "supplier", "manufacturer"):
            assert [match.vendor for match in matcher.match(named(field, said))] == ([vendor] if vendor else [])

    @pytest.mark.parametrize("field", ["publisher", "supplier", "manufacturer"])
    @pytest.mark.parametrize("said", ["(c) Kaspersky Lab", "(C) 2024 Kaspersky Lab", "(Kaspersky Lab)"])
    def test_what_stands_in_or_after_brackets_is_not_lost(self, matcher: Matcher, field: str, said: str) -> None:
        assert strengths(matcher, named(field, said))

    @pytest.mark.parametrize("field", FIELDS)
    @pytest.mark.parametrize(
        "said",
        [
            "Kasper Skytte",
            "KasperSkytte",
            "Jean-Marie Dautelle, Werner Keil, Otavio Santana",
            "Pango Group",
            "UltraAV",
            "UltraVPN (Pango)",
            "Alan Kaspersky",
            "AlanKaspersky",
            "Financial Times",
            "NOASSERTION",
            "UNKNOWN",
            "N/A",
            "Lab",
            "Group",
            "Lin Dahua",
            "",
            " ",
        ],
    )
    def test_a_false_friend_matches_in_no_field(self, matcher: Matcher, field: str, said: str) -> None:
        assert strengths(matcher, named(field, said)) == set()

    @pytest.mark.parametrize(
        "said", ["Kasperski Lab", "Caspersky Lab", "Kaspersky Laab", "KasperskyLab", "Kaspersky Nordic"]
    )
    def test_a_close_spelling_is_possible_for_organisations_and_nothing_for_people(
        self, matcher: Matcher, said: str
    ) -> None:
        for field in ("publisher", "supplier", "manufacturer"):
            assert strengths(matcher, named(field, said)) == {POSSIBLE}
        for field in ("author", "authors"):
            assert strengths(matcher, named(field, said)) == set()

    def test_who_is_named_as_supplier_alone_is_no_maker(self, matcher: Matcher) -> None:
        (supplied,) = matcher.match(named("supplier", "Kaspersky Lab"))
        (both,) = matcher.match(
            Component(supplier=Organisation(name="Kaspersky"), manufacturer=Organisation(name="Kaspersky Lab"))
        )
        assert (supplied.as_supplier, supplied.as_maker) == (True, False)
        assert (both.as_supplier, both.as_maker) == (True, True)

    def test_identifiers_match_exactly_whatever_their_case_and_blanks(self) -> None:
        one = matcher_of(listed_vendor("acme", identifiers={"lei": ["5493001KJTIIGC8Y1R12"]}))
        for value, expected in [
            ("5493001kjtiigc8y1r12", {EXACT}),
            (" 5493 001KJTIIGC8Y1R12", {EXACT}),
            ("5493-001K-JTII-GC8Y-1R12", {EXACT}),
            ("５４９３001KJTIIGC8Y1R12", {EXACT}),
            ("5493001KJTIIGC8Y1R12\u200b", {EXACT}),
            ("LEI: 5493001KJTIIGC8Y1R12", {EXACT}),
            ("5493001KJTIIGC8Y1R1", set()),
            ("5493", set()),
        ]:
            found = one.match(Component(name="x", supplier=Organisation(identifiers={"lei": value})))
            assert {piece.strength for match in found for piece in match.evidence} == expected
        assert one.match(Component(supplier=Organisation(identifiers={"duns": "5493001KJTIIGC8Y1R12"}))) == ()


class TestNamesOfCompanies:
    """names.md: the companies of the register under the names they go by, and those that only sound alike."""

    @pytest.mark.parametrize("field", FIELDS)
    @pytest.mark.parametrize("joint", ["&", " & ", "and"])
    def test_and_is_one_however_it_is_written(self, matcher: Matcher, field: str, joint: str) -> None:
        said = f"Huawei Investment {joint} Holding Co., Ltd."
        assert of_vendors(matcher, named(field, said)) == {"huawei": True}

    @pytest.mark.parametrize("field", ["supplier", "manufacturer", "publisher"])
    @pytest.mark.parametrize(
        ("said", "vendor"),
        [
            ("HuaweiTechnologiesCoLtd", "huawei"),
            ("ZTECorporation", "zte"),
            ("HikvisionDigital", "hikvision"),
            ("DJITechnology", "dji"),
            ("ByteDanceLtd", "bytedance"),
            ("SystEMUIController", None),
            ("DautelleLabs", None),
            ("CatalystLab", None),
            ("DJIboutiTelecom", None),
            ("EugeneKaspersky", None),
            ("HonorSociety", None),
        ],
    )
    def test_words_written_on_to_each_other_are_words(
        self, matcher: Matcher, field: str, said: str, vendor: str | None
    ) -> None:
        assert of_vendors(matcher, named(field, said)) == ({vendor: False} if vendor else {})

    @pytest.mark.parametrize("field", FIELDS)
    @pytest.mark.parametrize(
        ("said", "vendor"),
        [
            ("ComNet (USA) LLC", "pacific-networks"),
            ("ComNet (USA)", "pacific-networks"),
            ("ComNet (USA) LLC <noc@example.com>", "pacific-networks"),
            ("(c) ComNet (USA) LLC", "pacific-networks"),
            ("China Unicom (Americas) Operations Limited", "china-unicom"),
            ("Semiconductor Manufacturing International (Beijing) Corporation", "smic"),
        ],
    )
    def test_brackets_belong_to_a_name_that_has_them(
        self, matcher: Matcher, field: str, said: str, vendor: str
    ) -> None:
        assert of_vendors(matcher, named(field, said)) == {vendor: True}

    @pytest.mark.parametrize("said", ["ComNet", "ComNet LLC", "ComNet (UK) LLC"])
    def test_and_to_no_name_without_them(self, matcher: Matcher, said: str) -> None:
        assert of_vendors(matcher, named("publisher", said)) == {}

    @pytest.mark.parametrize("field", ["publisher", "supplier", "manufacturer"])
    @pytest.mark.parametrize(
        ("said", "vendor"),
        [
            ("ZTE USA", "zte"),
            ("Acronis SCS", "acronis"),
            ("Dahua Security", "dahua"),
            ("Huawei Marine Networks", "huawei"),
            ("NIO USA, Inc.", "nio"),
            ("BYD Europe B.V.", "byd"),
            ("Honor International", "honor"),
            ("Hytera Mobilfunk GmbH", "hytera"),
            ("The ZTE Group", "zte"),
            ("ZTE™ Group", "zte"),
            ("华为 Huawei", "huawei"),
            ("Huawei 华为", "huawei"),
            ("海康威视 HIKVISION", "hikvision"),
            ("中兴 ZTE", "zte"),
            ("大疆 DJI", "dji"),
            ("卡巴斯基 Kaspersky", "kaspersky"),
            ("大华", "dahua"),
            ("大华 Technology", "dahua"),
            ("Tencent Team", "tencent"),
        ],
    )
    def test_a_short_name_leads_the_name_of_a_branch(
        self, matcher: Matcher, field: str, said: str, vendor: str
    ) -> None:
        assert of_vendors(matcher, named(field, said)) == {vendor: False}

    @pytest.mark.parametrize(
        ("said", "vendor"),
        [
            ("Huawei Consumer Business Group", "huawei"),
            ("Huawei Hellas", "huawei"),
            ("Huawei OpenLab Cairo", "huawei"),
            ("by Huawei", "huawei"),
            ("Acme LLC dba Huawei", "huawei"),
            ("Acme LLC d/b/a Huawei", "huawei"),
            ("Acme GmbH (formerly Huawei)", "huawei"),
            ("Huawei+ZTE", "huawei"),
            ("Huawei+ZTE", "zte"),
            ("ZTE Kangxun Telecommunications Ltd.", "zte"),
            ("ZTE Österreich GmbH", "zte"),
            ("Dahua Vision", "dahua"),
            ("DJI Store", "dji"),
            ("Tencent Games", "tencent"),
            ("AUTEL INTELLIGENT", "autel-robotics"),
            ("BYD Auto", "byd"),
            ("Acme (formerly Huawei)", "huawei"),
            ("Acme d/b/a Huawei", "huawei"),
            ("Acme, a division of ZTE", "zte"),
        ],
    )
    def test_a_name_that_begins_a_partys_is_possible(self, matcher: Matcher, said: str, vendor: str) -> None:
        for field in ("supplier", "manufacturer"):
            assert of_vendors(matcher, named(field, said))[vendor] is False

    @pytest.mark.parametrize("field", ["publisher", "supplier", "manufacturer"])
    @pytest.mark.parametrize(
        ("said", "is_certain"),
        [
            ("BOE", True),
            ("BOE Ltd", True),
            ("B.O.E.", True),
            ("ΒОЕ", True),
            ("Boe AS", False),
            ("boe", False),
            ("Nio GmbH", False),
            ("NIO GmbH", True),
            ("Catl Ltd", False),
            ("Smic", False),
        ],
    )
    def test_an_acronym_is_one_in_capitals(self, matcher: Matcher, field: str, said: str, *, is_certain: bool) -> None:
        """names.md: "treat acronyms (ZTE, DJI, SMIC, CXMT, YMTC) as exact-case whole tokens"."""
        (match,) = matcher.match(named(field, said))
        assert match.is_certain is is_certain

    @pytest.mark.parametrize(
        ("said", "vendor"),
        [
            ("华为", "huawei"),
            ("華為技術有限公司", "huawei"),
            ("海康威视", "hikvision"),
            ("浙江大华", "dahua"),
            ("大疆创新", "dji"),
            ("腾讯", "tencent"),
            ("字节跳动", "bytedance"),
            ("抖音视界", "bytedance"),
            ("海能达", "hytera"),
            ("深度求索", "deepseek"),
            ("道通智能", "autel-robotics"),
        ],
    )
    def test_a_chinese_name_is_known_without_its_trade(self, matcher: Matcher, said: str, vendor: str) -> None:
        for field in ("supplier", "manufacturer"):
            assert of_vendors(matcher, named(field, said)) == {vendor: len(said) > 2}

    @pytest.mark.parametrize(
        ("said", "vendor"),
        [
            ("华为终端有限公司", "huawei"),
            ("深圳华为", "huawei"),
            ("深圳市中兴通讯技术有限责任公司", "zte"),
            ("杭州深度求索", "deepseek"),
            ("卡巴斯基实验室", "kaspersky"),
            ("Shenzhen ZTE Kangxun Telecom Co., Ltd.", "zte"),
            ("SZ DJI Osmo Technology", "dji"),
        ],
    )
    def test_a_chinese_company_may_begin_its_name_with_its_place(
        self, matcher: Matcher, said: str, vendor: str
    ) -> None:
        for field in ("supplier", "manufacturer"):
            assert of_vendors(matcher, named(field, said)) == {vendor: False}

    @pytest.mark.parametrize("field", FIELDS)
    @pytest.mark.parametrize(
        "said",
        [
            "Honor Society",
            "Honor Society, Inc.",
            "Honor Flight Network",
            "DAHUA ELECTRONICS CORPORATION",
            "AMEC Foster Wheeler plc",
            "ZTE Parsian",
            "Ryze Tech",
            "Amcrest",
            "EmpireTech",
            "H3C Technologies Co., Limited",
            "Sebastien Martini <seb@dbzteam.org>",
            "Ärztezentrum",
            "Aztec",
            "wezterm",
            "Jean-Marie Dautelle, Werner Keil, Otavio Santana",
            "Matthew Grasmick",
            "Suman Rautela",
            "Gautelinga",
            "Seismic",
            "Prismic",
            "Plasmic",
            "Macronisme",
            "Ekhytera",
            "Lin Dahua",
            "Lin, Dahua",
            "lindahua",
            "Zhang, Wei and Lin, Dahua; Li, Na",
            "Deng-dahua",
            "PaulDahuach",
            "bytedancer01",
            "xianhuawei",
            "Djibouti",
            "Pango Group",
            "Antel",
            "Autec s.r.l.",
            "Questel",
            "Questel SAS",
            "Dahua Electronics",
            "Nio Water",
            "华为杯",
            "大华银行",
            "University of Honor",
            "John Honor Team",
        ],
    )
    def test_a_false_friend_is_nobodys(self, matcher: Matcher, field: str, said: str) -> None:
        assert of_vendors(matcher, named(field, said)) == {}

    @pytest.mark.parametrize("said", ["Google, Dahua", "Dahua, Lin", "Lin, Dahua, Huawei", "Dahua and Acme"])
    @pytest.mark.parametrize("field", ["author", "authors", "publisher"])
    def test_a_word_of_an_enumeration_is_possible_at_most(self, matcher: Matcher, field: str, said: str) -> None:
        assert of_vendors(matcher, named(field, said))["dahua"] is False

    @pytest.mark.parametrize("group", ["nio", "smic", "wechat", "honor", "zte", "dji"])
    def test_a_group_of_one_word_is_possible_at_most(self, matcher: Matcher, group: str) -> None:
        assert of_vendors(matcher, Component(name="x", group=group)) == {group: False}

    @pytest.mark.parametrize(
        "purl",
        [
            "pkg:npm/cosmiconfig@9.0.0",
            "pkg:deb/debian/pop-cosmic@1",
            "pkg:github/smicallef/spiderfoot",
            "pkg:composer/qossmic/deptrac@1",
            "pkg:maven/org.hamcrest/hamcrest-core@1.3",
            "pkg:maven/cn.rongcloud.sdk.push/huawei@5",
            "pkg:maven/javax.measure/unit-api@2.2",
            "pkg:oci/node?repository_url=swr.cn-north-4.myhuaweicloud.com/x",
            "pkg:gem/fastlane-plugin-huawei_appgallery_connect@1.0.31",
            "pkg:golang/github.com/hashicorp/packer-plugin-tencentcloud@v1.0.5",
            "pkg:npm/tencent-server@1",
            "pkg:npm/expo-dji-sdk@1",
            "pkg:pypi/pyacronis@1",
            "pkg:nuget/SKIT.FlurlHttpClient.ByteDance@1",
            "pkg:github/rroller/dahua",
            "pkg:github/HuaweiCloudDeveloperX/x",
            "pkg:github/Unity-Technologies/HuaweiServiceSample",
            "pkg:github/datawhalechina/huawei-od-python",
            "pkg:github/Shlobro/dji-sdk-v5",
            "pkg:github/OK-DMR/Hytera_Homebrew_Bridge",
            "pkg:github/PhyTera/x",
            "pkg:github/iamromulan/quectel-rgmii-toolkit",
            "pkg:github/map220v/TencentPvZOL",
        ],
    )
    def test_a_package_that_only_sounds_alike_is_nobodys(self, matcher: Matcher, purl: str) -> None:
        name = purl.partition("?")[0].rpartition("/")[2].partition("@")[0]
        assert of_vendors(matcher, Component(type="library", name=name, purl=purl)) == {}

    @pytest.mark.parametrize("vendor", ["tencent-server_project", "cosmiconfig", "wechat_broadcast_project", "dahua"])
    def test_a_cpe_of_another_vendor_is_nobodys(self, matcher: Matcher, vendor: str) -> None:
        assert of_vendors(matcher, Component(name="x", cpe=f"cpe:2.3:a:{vendor}:x:1:*:*:*:*:*:*:*")) == {}


class TestBesideAKnownMaker:
    """Design 4: "a brand may be a vendor of its own (TikTok)"; its name, one word, says so beside its maker's."""

    @pytest.mark.parametrize(
        ("name", "maker", "brand", "is_certain"),
        [
            ("TikTok", "ByteDance", "tiktok", True),
            ("tiktok", "ByteDance Ltd.", "tiktok", True),
            ("TikTok app", "ByteDance", "tiktok", True),
            ("WeChat", "Tencent", "wechat", True),
            ("Weixin", "Tencent", "wechat", True),
            ("TikTok Lite", "ByteDance", "tiktok", False),
            ("ByteDance TikTok", "ByteDance", "tiktok", False),
            ("TikTok", "ByteDance Singapore", "tiktok", False),
            ("Lorex", "Dahua", "lorex", False),
            ("Lorex camera", "Dahua", "lorex", False),
            ("Honor", "Huawei", "honor", False),
        ],
    )
    def test_the_brand_is_met_in_a_request_and_as_an_application(
        self, matcher: Matcher, name: str, maker: str, brand: str, *, is_certain: bool
    ) -> None:
        company = Organisation(name=maker)
        for component in (
            Component(name=name, manufacturer=company, place=LINE),
            Component(name=name, supplier=company, place=LINE),
            Component(type="application", name=name, publisher=maker),
            Component(type="application", name=name, manufacturer=company),
            Component(type="device", name=name, supplier=company),
        ):
            assert of_vendors(matcher, component)[brand] is is_certain

    @pytest.mark.parametrize("kind", ["library", "framework", "file"])
    def test_a_library_is_no_brand(self, matcher: Matcher, kind: str) -> None:
        assert of_vendors(matcher, Component(type=kind, name="tiktok", publisher="ByteDance")) == {"bytedance": True}

    @pytest.mark.parametrize(("name", "maker"), [("TikTok", "Tencent"), ("WeChat", "Acme"), ("TikToker", "ByteDance")])
    def test_beside_another_maker_a_word_says_nothing(self, matcher: Matcher, name: str, maker: str) -> None:
        component = Component(type="application", name=name, publisher=maker)
        assert of_vendors(matcher, component).keys().isdisjoint({"tiktok", "wechat"})

    @pytest.mark.parametrize(
        ("maker", "vendors"),
        [
            ("TikTok USDS Joint Venture LLC", {"tiktok-usds": True}),
            ("Tencent", {"tencent": True, "tiktok": False}),
            ("Acme", {"tiktok": False}),
        ],
    )
    def test_in_a_line_the_maker_tells_which_of_a_family_is_meant_and_no_more(
        self, matcher: Matcher, maker: str, vendors: dict[str, bool]
    ) -> None:
        line = Component(name="TikTok", manufacturer=Organisation(name=maker), place=LINE)
        assert of_vendors(matcher, line) == vendors

    def test_a_product_of_one_word_is_told_beside_its_maker(self) -> None:
        one = matcher_of(listed_vendor("acme", products=[product("Shield")]))
        acme = Organisation(name="Acme")
        (bought,) = one.match(Component(name="Shield", manufacturer=acme, place=LINE))
        (part,) = one.match(Component(type="application", name="Shield", manufacturer=acme))
        assert (bought.products, part.products, part.hinted) == ((0,), (), (0,))
        (other,) = one.match(Component(name="Shield for Acme", manufacturer=acme, place=LINE))
        assert other.products == ()


class TestWhoPerhapsSupplies:
    """Design 4: "a lone domain ... unknown": a page or contact beside the maker's name makes nobody the supplier."""

    @pytest.mark.parametrize(
        ("supplier", "worlds"),
        [
            (Organisation(name="Kaspersky Lab"), [{"producer", "supplier"}]),
            (Organisation(name="CDW", urls=["https://kaspersky.com"]), [{"producer"}, {"producer", "supplier"}]),
            (Organisation(contacts=[Person(mail="a@kaspersky.com")]), [{"producer"}, {"producer", "supplier"}]),
            (Organisation(name="Kaspersky Nordic"), [{"producer"}, {"producer", "supplier"}]),
            (Organisation(name="CDW"), [{"producer"}]),
        ],
    )
    def test_beside_the_makers_name_a_weak_hint_leaves_it_open(
        self, matcher: Matcher, supplier: Organisation, worlds: list[set[str]]
    ) -> None:
        maker = Organisation(name="Kaspersky Lab")
        component = Component(name="x", supplier=supplier, manufacturer=maker, place=LINE)
        (match,) = matcher.match(component)
        assert [set(world) for world in worlds_of(component, match)] == worlds

    def test_alone_it_names_the_supplier_if_anybody(self, matcher: Matcher) -> None:
        component = Component(name="x", supplier=Organisation(urls=["https://kaspersky.com"]), place=LINE)
        (match,) = matcher.match(component)
        assert worlds_of(component, match) == (frozenset({"supplier"}),)
