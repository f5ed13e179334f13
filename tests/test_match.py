"""Who a component is of, by CPEs, domains and all it says at once: identifiers that really occur, and false friends."""

import re
from time import process_time
from typing import Any, get_args
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gate import memory
from gate.alias import register_of as register_from
from gate.cpe import cpe_names
from gate.identity import SCHEMES, identified, is_named
from gate.law import Law
from gate.match import MOST_EVIDENCE, Matcher
from gate.screen import FEW, Sieve
from gate.strength import EXACT, GUESSED, LINKED, NAMED, POSSIBLE
from gate.subject import Component, Organisation, Person, Place, Reference, Swid
from policy.register import Vendor
from tests.matching import BY_SYFT, FIELDS, LINE, named, of_vendors, strengths
from tests.strategies import listed_vendor, matcher_of, product


class TestCpes:
    """names.md, trap 1: "CPE vendor equality must be against an explicit list, and `*_project` never inherits"."""

    @pytest.mark.parametrize(
        "cpe",
        [
            "cpe:2.3:a:kaspersky:total_security:2021:*:*:*:*:*:*:*",
            "cpe:2.3:a:kaspersky_lab:kaspersky_anti-virus:7:*:*:*:*:*:*:*",
            "cpe:2.3:a:kaspersky\\_lab:kaspersky_anti\\-virus:7:*:*:*:*:*:*:*",
            "CPE:2.3:A:KASPERSKY:Total_Security:*",
            "cpe:2.3:a:kas\\persky:x:*",
            "cpe:/a:kaspersky:anti-virus:7.0",
            "cpe:/a:kaspersky_lab:x",
            "cpe:/a:%6baspersky:x",
            " cpe:2.3:a:kaspersky:x:*\n",
            "cpe:2.3:a: Kaspersky :x:*",
            "cpe:2.3:A:kaspersky",
            "cpe:2.3:a:kas\x00persky:x:*",
            "cpe:2.3:a:kas\tper\nsky\x7f:x:*",
            "c\x01pe:2.3:a:kaspersky:x:*",
            "cpe:2.3:a:kaspersky:x y:*",
            "cpe:2.3:a:ｋａｓｐｅｒｓｋｙ:x:*",
            "cpe:2.3:a:kas\u200bpersky:x:*",
            "cpe:/a:kas%00persky:x",
            "cpe:2.3:a:kaspersky",
            "cpe:/o:kaspersky",
        ],
    )
    def test_a_listed_vendor_matches_exactly_in_either_form(self, matcher: Matcher, cpe: str) -> None:
        assert strengths(matcher, Component(name="x", cpe=cpe)) == {EXACT}

    @pytest.mark.parametrize(
        "cpe",
        [
            "cpe:2.3:a:kaspersky_project:x:1:*:*:*:*:*:*:*",
            "cpe:2.3:a:kasperskyx:x:1:*:*:*:*:*:*:*",
            "cpe:2.3:a:x:kaspersky:1:*:*:*:*:*:*:*",
            "cpe:2.3:a:kaspersky\\:x:y:1:*:*:*:*:*:*:*",
            "cpe:2.3:a:*:x:1:*:*:*:*:*:*:*",
            "cpe:/a:x:kaspersky",
            "",
            "cpe:",
            "cpe:2.3",
            "cpe:/",
        ],
    )
    def test_any_other_vendor_does_not_match(self, matcher: Matcher, cpe: str) -> None:
        assert strengths(matcher, Component(name="x", cpe=cpe)) == set()

    @pytest.mark.parametrize(
        "component",
        [
            Component(name="x", cpe="cpe:2.3:a:kaspersky:x:1:*:*:*:*:*:*:*", place=BY_SYFT),
            Component(name="kaspersky", cpe="cpe:2.3:a:kaspersky:kaspersky:1:*:*:*:*:*:*:*"),
        ],
    )
    def test_a_cpe_that_a_tool_guessed_is_weak(self, matcher: Matcher, component: Component) -> None:
        (match,) = matcher.match(component)
        assert [piece.strength for piece in match.evidence] == [GUESSED]
        assert not match.is_certain

    word = st.text("abcxyz019_.-*?:\\/!@+~ ", min_size=1, max_size=8)

    @given(word, word, st.sampled_from("aoh"))
    def test_a_formatted_string_gives_back_what_was_put_in(self, vendor: str, name: str, part: str) -> None:
        """NISTIR 7695, 6.2: "a printable non-alphanumeric character is preceded by a backslash". Blanks say nothing."""
        said = ":".join(["cpe:2.3", part, escaped(vendor), escaped(name), *"********"])
        assert cpe_names(said) == cpe_names(said.upper()) == (vendor.strip(), name.strip())

    @given(word.filter(lambda w: w == w.strip()), word.filter(lambda w: w == w.strip()), st.sampled_from("aoh"))
    def test_a_uri_gives_back_what_was_put_in(self, vendor: str, name: str, part: str) -> None:
        """NISTIR 7695, 6.1: "each ... is percent-encoded"."""
        said = f"cpe:/{part}:{quote(vendor, safe='')}:{quote(name, safe='')}:1.0"
        assert cpe_names(said) == (vendor, name)

    @given(st.text(max_size=40) | st.text("cpe:/23.a\\*%4", max_size=40).map(lambda tail: f"cpe:2.3:{tail}"))
    def test_whatever_stands_there_is_read_without_a_crash(self, said: str) -> None:
        vendor, name = cpe_names(said)
        assert isinstance(vendor, str)
        assert isinstance(name, str)


def escaped(text: str) -> str:
    """As a CPE 2.3 formatted string writes it."""
    return "".join(letter if letter.isalnum() or letter == "_" else f"\\{letter}" for letter in text)


class TestDomains:
    """Design 4: "domain of a URL or e-mail"; "Whole segments and whole tokens, never substrings"."""

    @pytest.mark.parametrize(
        "url",
        [
            "https://kaspersky.com",
            "https://www.kaspersky.com/x?y#z",
            "https://support.kaspersky.com/KES4Linux/",
            "http://KASPERSKY.RU:8080/",
            "https://kaspersky.com.",
            "https://user:word@kaspersky.com/",
            "//securelist.com",
            "kaspersky.com",
            "kaspersky.com/x",
            "kaspersky.com:443/x",
            "git+https://git.kaspersky.com/x.git",
            "https://dnl-01.geo.kaspersky-labs.com",
            "https://github.com/KasperskyLab/klara",
            "git+ssh://git@github.com/KasperskyLab/klara.git",
            "git@github.com:KasperskyLab/klara.git",
            "github.com:KasperskyLab/klara.git",
            "ssh://git@github.com:22/KasperskyLab/klara",
            "scm:git:git@github.com:KasperskyLab/Kaspresso.git",
            "scm:git:https://github.com/KasperskyLab/Kaspresso.git",
            "https://www.github.com/KasperskyLab",
            "git://github.com/%4BasperskyLab/klara",
            "https:///kaspersky.com",
            "https:\\\\kaspersky.com\\x",
            "https://kaspersky%2ecom/",
            "https://user:p@ss@kaspersky.com/",
            "github:KasperskyLab/klara",
            "GitHub:KasperskyLab/klara#main",
            "https://registry.example/npm/@kaspersky/hexa-ui/-/hexa-ui-6.tgz",
            "https://registry.example/@kaspersky%2fhexa-ui",
        ],
    )
    def test_the_vendors_own_host_links(self, matcher: Matcher, url: str) -> None:
        for kind in ("website", "vcs", "distribution"):
            assert strengths(matcher, Component(name="x", references=[Reference(kind, url)])) == {LINKED}
        assert strengths(matcher, Component(name="x", supplier=Organisation(urls=[url]))) == {LINKED}

    @pytest.mark.parametrize(
        "url",
        [
            "https://notkaspersky.com",
            "https://kaspersky.com.evil.example",
            "https://evil.example/kaspersky.com",
            "https://evil.example/?u=https://kaspersky.com",
            "https://kaspersky.com@evil.example/",
            "https://kaspersky.de.example",
            "https://kaspersky",
            "https://com",
            "https://github.com/KasperSkytte/ampvis2",
            "https://github.com/AlanKaspersky/x",
            "https://github.com/Financial-Times/ft-kaspersky",
            "https://github.com/someone/KasperskyLab",
            "https://github.com.evil.example/KasperskyLab/x",
            "https://evil.example/github.com/KasperskyLab/x",
            "https://ultraav.com",
            "https://pango.co",
            "",
            "::::",
            "%%%",
        ],
    )
    def test_another_host_does_not(self, matcher: Matcher, url: str) -> None:
        assert strengths(matcher, Component(name="x", references=[Reference("website", url)])) == set()

    @pytest.mark.parametrize("kind", ["website", "Website", " VCS ", "DISTRIBUTION"])
    def test_the_kind_of_a_link_is_one_in_whatever_letters(self, matcher: Matcher, kind: str) -> None:
        link = Reference(kind, "https://kaspersky.com")
        assert strengths(matcher, Component(name="x", references=[link])) == {LINKED}

    @pytest.mark.parametrize("kind", ["advisories", "license", "documentation", "chat", "social", "other", None])
    def test_links_to_other_peoples_pages_say_nothing(self, matcher: Matcher, kind: str | None) -> None:
        found = strengths(matcher, Component(name="x", references=[Reference(kind, "https://securelist.com/x")]))
        assert found == set()

    @pytest.mark.parametrize(
        ("mail", "expected"),
        [
            ("info@kaspersky.com", {LINKED}),
            ("INFO@Mail.Kaspersky.COM ", {LINKED}),
            ("kaspersky.com@example.org", set()),
            ("info@notkaspersky.com", set()),
            ("kaspersky@gmail.com", set()),
            ("info@kaspersky.com, ann@example.com", {LINKED}),
            ("mailto:info@kaspersky.com?subject=x", {LINKED}),
        ],
    )
    def test_a_mail_address_links_by_its_domain(self, matcher: Matcher, mail: str, expected: set[str]) -> None:
        person = Person(mail=mail)
        assert strengths(matcher, Component(name="x", authors=[person])) == expected
        assert strengths(matcher, Component(name="x", supplier=Organisation(contacts=[person]))) == expected
        assert strengths(matcher, Component(name="x", author=f"Somebody <{mail}>")) == expected

    @pytest.mark.parametrize(
        "url",
        [
            "https://kas\tper\nsky.com/",
            "https://ｋａｓｐｅｒｓｋｙ.com",
            "https://KASPERSKY．com/",
            "https://kaspersky。com/",
            "<https://kaspersky.com>",
        ],
    )
    def test_what_a_browser_drops_or_folds_hides_no_host(self, matcher: Matcher, url: str) -> None:
        assert strengths(matcher, Component(name="x", references=[Reference("website", url)])) == {LINKED}

    @pytest.mark.parametrize("field", ["author", "publisher", "supplier"])
    def test_the_page_that_npm_writes_after_a_name_links(self, matcher: Matcher, field: str) -> None:
        for page in ("(https://kaspersky.com/x)", "<https://kaspersky.com/x>"):
            assert strengths(matcher, named(field, f"Ann {page}")) == {LINKED}

    @given(st.lists(st.text("abk-", min_size=1, max_size=5), min_size=0, max_size=3))
    def test_whatever_stands_before_the_domain_is_below_it_only_after_a_dot(self, law: Law, labels: list[str]) -> None:
        matcher, before = Matcher(law.register), ".".join(labels)
        dotted = f"{before}." if labels else ""
        below = Component(name="x", references=[Reference("website", f"https://{dotted}kaspersky.com/")])
        beside = Component(name="x", references=[Reference("website", f"https://{before}x-kaspersky.com/")])
        assert strengths(matcher, below) == {LINKED}
        assert strengths(matcher, beside) == set()


class TestWhatAPurlSaysBesideItsName:
    """A namespace that no registry gives out, and qualifiers that are links (purl specification, its types)."""

    @pytest.mark.parametrize(
        ("purl", "expected"),
        [
            ("pkg:swid/Kaspersky%20Lab/kaspersky.com/Endpoint%20Protection@12?tag_id=75b8", {LINKED, POSSIBLE}),
            ("pkg:swid/Other/kaspersky.com/x@1?tag_id=75b8", {LINKED}),
            ("pkg:generic/kaspersky/kesl@11", {POSSIBLE}),
            ("pkg:generic/Kaspersky%20Lab/kesl@11", {POSSIBLE}),
            ("pkg:golang/go.kaspersky.com/tool@1", {LINKED}),
            ("pkg:docker/registry.kaspersky.com/kesl@1", {LINKED}),
            ("pkg:docker/ghcr.io/kasperskylab/klara@1", {EXACT}),
            ("pkg:oci/klara@sha256:1?repository_url=ghcr.io/kasperskylab/klara", {LINKED}),
            ("pkg:oci/kesl?repository_url=registry.kaspersky.com/kesl", {LINKED}),
            ("pkg:generic/x@1?vcs_url=git%2Bhttps://github.com/KasperskyLab/x.git%40abc", {LINKED}),
            ("pkg:generic/x@1?checksum=sha1:1&Download_URL=https://s.kaspersky-labs.com/x.deb", {LINKED}),
            ("pkg:docker/kasperskylab/klara@1?repository_url=ghcr.io", {LINKED}),
            ("pkg:docker/x/kesl@1?repository_url=registry.kaspersky.com/", {LINKED}),
            ("pkg:docker/kasperskylab/klara@1?repository_url=quay.io", set()),
            ("pkg:generic/com.kaspersky.security@1", {GUESSED}),
            ("pkg:android/com.kaspersky.security@1", {GUESSED}),
            ("pkg:generic/com.kaspersky/security@1", {GUESSED}),
            ("pkg:p2/com.kaspersky.security.core@1?classifier=osgi.bundle", {GUESSED}),
            ("pkg:generic/com.kasperskytte.security@1", set()),
            ("pkg:golang/gopkg.in/kasperskylab/klara.v1@v1.2.0", {EXACT}),
            ("pkg:generic/kasperskyx/x@1", set()),
            ("pkg:generic/eugene%20kaspersky/x@1", set()),
            ("pkg:generic/x/kaspersky@1", set()),
            ("pkg:oci/x?repository_url=ghcr.io/someone/kasperskylab", set()),
            ("pkg:maven/a/b@1?repository_url=https://repository.kaspersky.com", set()),
            ("pkg:generic/x@1?vcs_url=https://example.com/?x=https://kaspersky.com", set()),
            ("pkg:generic/x@1#?vcs_url=https://kaspersky.com", set()),
        ],
    )
    def test_a_company_or_host_there_counts_as_elsewhere(self, matcher: Matcher, purl: str, expected: set[str]) -> None:
        assert strengths(matcher, Component(name="x", purl=purl)) == expected

    @pytest.mark.parametrize("kind", ["generic", "android", "nuget", "apk"])
    def test_a_purl_that_repeats_the_name_of_a_program_hides_nothing(self, matcher: Matcher, kind: str) -> None:
        name = "com.zhiliaoapp.musically"
        program = Component(type="application", name=name, purl=f"pkg:{kind}/{name}@36.1")
        assert of_vendors(matcher, program) == of_vendors(matcher, Component(name=name)) == {"tiktok": False}

    @pytest.mark.parametrize(
        "url",
        [
            "https://huggingface.co/deepseek-ai/DeepSeek-V3",
            "https://hf.co/deepseek-ai/DeepSeek-V3/resolve/main/model.safetensors",
            "https://raw.githubusercontent.com/deepseek-ai/DeepSeek-V3/main/README.md",
            "https://codeload.github.com/deepseek-ai/DeepSeek-V3/tar.gz/v1",
            "https://api.github.com/repos/deepseek-ai/DeepSeek-V3/zipball/7d1cb8a",  # as Composer has it
            "https://deepseek-ai.github.io/",
            "https://deepseek-ai.github.io/DeepSeek-V3",
        ],
    )
    def test_an_account_is_one_on_every_host_of_its_registry(self, matcher: Matcher, url: str) -> None:
        model = Component(type="machine-learning-model", name="m", references=[Reference("distribution", url)])
        assert of_vendors(matcher, model) == {"deepseek": False}


class TestDevicesAndModels:
    """A device is called by its brand and type; a CPE of hardware names a vendor that the dictionary need not have."""

    @pytest.mark.parametrize("kind", ["device", "firmware", "operating-system", "machine-learning-model"])
    @pytest.mark.parametrize(
        ("name", "vendor"),
        [
            ("Hikvision DS-2CD2043G2-I", "hikvision"),
            ("HUAWEI S5720-28P-LI-AC", "huawei"),
            ("ZTE MF286R firmware", "zte"),
            ("DJI Mavic 3", "dji"),
            ("dji mavic 3", "dji"),
            ("华为S5720", "huawei"),
            ("海康威视摄像机", "hikvision"),
            ("杭州\u200b海康威视数字技术股份有限公司 DS-2CD", "hikvision"),
            ("DeepSeek-V3.2-Exp", "deepseek"),
            ("deepseek-r1:7b", "deepseek"),
            ("unsloth/DeepSeek-R1-GGUF", "deepseek"),
        ],
    )
    def test_the_brand_that_its_name_begins_with_is_possible(
        self, matcher: Matcher, kind: str, name: str, vendor: str
    ) -> None:
        assert of_vendors(matcher, Component(type=kind, name=name)) == {vendor: False}
        assert of_vendors(matcher, Component(type="library", name=name)) == {}

    @pytest.mark.parametrize(
        "name",
        ["Bracket for Hikvision", "zte", "Medal of Honor", "Honor Roll", "nio-driver", "Djibouti", "unsloth/R1-GGUF"],
    )
    def test_a_brand_elsewhere_or_a_common_word_is_none(self, matcher: Matcher, name: str) -> None:
        assert of_vendors(matcher, Component(type="device", name=name)) == {}

    @pytest.mark.parametrize(
        ("name", "provider", "expected"),
        [
            ("DeepSeek", None, {"deepseek": False}),
            ("DeepSeek chat", None, {"deepseek": False}),
            ("DeepSeek", "unknown", {"deepseek": False}),
            ("Huawei Cloud OBS", None, {"huawei": False}),
            ("deepseek-connector", None, {}),
            ("DeepSeek", "Acme Hosting", {"deepseek": False}),
        ],
    )
    def test_a_service_is_known_by_its_name_whoever_provides_it(
        self, matcher: Matcher, name: str, provider: str | None, expected: dict[str, bool]
    ) -> None:
        service = Component(type="service", name=name, supplier=Organisation(name=provider) if provider else None)
        assert of_vendors(matcher, service) == expected

    @pytest.mark.parametrize(
        ("kind", "name"),
        [("device", "Huawei S9300"), ("machine-learning-model", "DeepSeek-R1"), ("service", "DeepSeek API")],
    )
    def test_a_product_that_the_register_knows_is_told_by_its_name(
        self, matcher: Matcher, kind: str, name: str
    ) -> None:
        (match,) = matcher.match(Component(type=kind, name=name))
        assert [piece.strength for piece in match.evidence] == [NAMED]
        assert (bool(match.products), match.hinted) == (True, ())

    def test_a_model_is_called_after_the_account_that_publishes_it(self, matcher: Matcher) -> None:
        for name in ("deepseek-ai/DeepSeek-R1", "deepseek-ai/Janus-Pro-7B"):
            assert of_vendors(matcher, Component(type="machine-learning-model", name=name)) == {"deepseek": False}

    @pytest.mark.parametrize(
        ("cpe", "vendor"),
        [
            ("cpe:2.3:h:dji:mavic_3:-:*:*:*:*:*:*:*", "dji"),
            ("cpe:2.3:o:dahua:ipc-hfw_firmware:-:*:*:*:*:*:*:*", "dahua"),
            ("cpe:/h:hytera:pd785", "hytera"),
            ("cpe:/o:hangzhou_hikvision:x", "hikvision"),
        ],
    )
    def test_the_vendor_of_a_devices_cpe_is_possible_by_its_companys_name(
        self, matcher: Matcher, cpe: str, vendor: str
    ) -> None:
        assert of_vendors(matcher, Component(type="device", name="x", cpe=cpe)) == {vendor: False}
        application = re.sub("[ho]:", "a:", cpe, count=1)
        assert of_vendors(matcher, Component(type="device", name="x", cpe=application)) == {}


class TestSeveralVendors:
    """Design 8: an organisation's own policy folder adds vendors, and takes nothing from those that are there."""

    def test_a_more_exact_entry_of_another_vendor_hides_no_general_one(self) -> None:
        matcher = matcher_of(
            listed_vendor("acme", domains=["acme.com"], purls=["pkg:npm/%40acme", "pkg:maven/com.acme"], cpes=["acme"]),
            listed_vendor(
                "labs",
                domains=["labs.acme.com"],
                purls=["pkg:npm/%40acme/labs", "pkg:maven/com.acme.labs"],
                products=[product("Acme Labs", cpes=["acme:labs"])],
            ),
        )
        for component in (
            Component(name="x", references=[Reference("website", "https://x.labs.acme.com")]),
            Component(name="x", author="Ann <ann@labs.acme.com>"),
            Component(name="x", purl="pkg:npm/%40acme/labs@1"),
            Component(name="x", purl="pkg:maven/com.acme.labs/x@1"),
            Component(name="x", group="com.acme.labs"),
            Component(name="x", cpe="cpe:2.3:a:acme:labs:1"),
        ):
            assert [match.vendor for match in matcher.match(component)] == ["acme", "labs"]

    @pytest.mark.parametrize("name", ["Kaspersky Lab Switzerland", "Kasperski", "Acme Kaspersky Lab"])
    def test_a_name_that_somebody_added_hides_no_vendor_of_the_law(self, name: str) -> None:
        own = listed_vendor("kaspersky", names=["Kaspersky Lab"])
        added = listed_vendor("acme", names=[name], others=["Kaspersky Lab", "Kaspersky Toolbox", name])
        matcher = Matcher(register_from([own, added], ["acme"]))
        assert of_vendors(matcher, named("manufacturer", f"{name} GmbH")) == {"acme": True, "kaspersky": False}
        assert of_vendors(matcher, Component(name="Kaspersky Toolbox", place=LINE)) == {"kaspersky": False}

    def test_nor_does_what_it_says_of_owners(self) -> None:
        owner = {"vendor": "kaspersky", "kind": "subsidiary", "source": "https://law.example/1"}
        own, added = listed_vendor("kaspersky"), listed_vendor("acme", names=["Kaspersky Works"], owners=[owner])
        line = Component(name="Kaspersky Toolbox", manufacturer=Organisation(name="Kaspersky Works"), place=LINE)
        assert of_vendors(Matcher(register_from([own, added])), line) == {"acme": True}
        found = Matcher(register_from([own, added], ["acme"])).match(line)
        assert [match.vendor for match in found if "product" in {piece.field for piece in match.evidence}] == [
            "kaspersky"
        ]

    def test_of_one_vendor_the_most_exact_domain_is_told(self) -> None:
        matcher = matcher_of(listed_vendor("acme", domains=["acme.com", "labs.acme.com"]))
        (match,) = matcher.match(Component(name="x", references=[Reference("website", "https://labs.acme.com")]))
        assert [piece.matched for piece in match.evidence] == ["labs.acme.com"]


class TestWhatIsRemembered:
    """A service runs for months and reads what anybody sends."""

    def test_answers_are_kept_within_a_limit_and_stay_the_same(
        self, matcher: Matcher, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(memory, "MOST_KEPT", 10)
        sieve = Sieve(matcher)
        for number in range(3):
            many = [
                Component(
                    name="x",
                    publisher=f"Acme {number} {n}",
                    group=f"acme{number}{n}",
                    references=[Reference("vcs", f"https://a{n}.example{number}.com/")],
                )
                for n in range(FEW)
            ]
            assert list(sieve.suspects(many)) == []
            assert [matcher.match(component) for component in many] == [()] * FEW
            assert strengths(matcher, Component(name="x", publisher="Kaspersky Lab")) == {EXACT}
        found = matcher._lookup
        for answers in (sieve._known, found._organisations, found._groups, found._hosts):
            assert 0 < len(answers) <= 10


class TestMuchEvidence:
    """Design 7: evidence is read by people; however much there is, the decision rests on all of it."""

    def test_few_pieces_are_kept_the_strongest_and_one_of_either_side(self, matcher: Matcher) -> None:
        links = [Reference("website", f"https://x{number}.kaspersky.com") for number in range(3000)]
        (match,) = matcher.match(
            Component(
                name="x",
                references=links,
                purl="pkg:npm/%40kaspersky/hexa-ui@1",
                supplier=Organisation(contacts=[Person(mail=f"{number}@kaspersky.com") for number in range(30)]),
            )
        )
        assert len(match.evidence) == MOST_EVIDENCE
        assert (match.is_certain, match.as_supplier, match.as_maker) == (True, True, True)
        (supplied,) = matcher.match(
            Component(name="x", references=links, supplier=Organisation(contacts=[Person(name="Kaspersky Lab")]))
        )
        assert (supplied.is_certain, supplied.as_supplier, supplied.as_maker) == (False, True, True)

    def test_ten_times_the_links_take_no_hundred_times_as_long(self, matcher: Matcher) -> None:
        def seconds(count: int) -> float:
            component = Component(
                name="x", references=[Reference("vcs", f"https://a{n}.kaspersky.com") for n in range(count)]
            )
            fresh = Matcher(matcher.register)  # another would remember
            start = process_time()
            fresh.match(component)
            return process_time() - start

        assert min(seconds(20_000) for _ in range(2)) < 40 * min(seconds(2_000) for _ in range(3))


class TestWhoIsNamed:
    """Design 9: `supplier` absent taken for harmless · "NOASSERTION" taken for a name."""

    @pytest.mark.parametrize(
        ("organisation", "named_so"),
        [
            (None, False),
            (Organisation(), False),
            (Organisation(name="NOASSERTION"), False),
            (Organisation(name=" "), False),
            (Organisation(urls=[]), False),
            (Organisation(urls=["", " "]), False),
            (Organisation(urls=["NOASSERTION"]), False),
            (Organisation(urls=["N.A.", "unknown", "https://"]), False),
            (Organisation(identifiers={"lei": " "}), False),
            (Organisation(identifiers={"lei": "N/A"}), False),
            (Organisation(identifiers={"kvk": "12345678"}), False),
            (Organisation(contacts=[]), False),
            (Organisation(contacts=[Person()]), False),
            (Organisation(contacts=[Person(name="unknown", mail="none")]), False),
            (Organisation(name="Acme"), True),
            (Organisation(urls=["https://acme.example"]), True),
            (Organisation(urls=["acme.example"]), True),
            (Organisation(identifiers={"duns": "123456789"}), True),
            (Organisation(contacts=[Person(mail="a@acme.example")]), True),
            (Organisation(contacts=[Person(name="Ann")]), True),
        ],
    )
    def test_only_what_could_tell_somebody_names_somebody(
        self, organisation: Organisation | None, named_so: bool
    ) -> None:
        assert is_named(organisation) is named_so

    def test_the_schemes_are_those_of_the_register(self) -> None:
        (schemes, _) = get_args(Vendor.model_fields["identifiers"].annotation)
        assert set(get_args(schemes)) == SCHEMES

    @pytest.mark.parametrize("said", [None, "", " ", "NOASSERTION", "NoAssertion", "unknown", "UNKNOWN", "N/A", "-"])
    @pytest.mark.parametrize("field", ["group", "publisher", "author", "cpe", "supplier", "manufacturer", "authors"])
    def test_a_placeholder_is_no_coverage(self, field: str, said: str | None) -> None:
        if field in ("supplier", "manufacturer"):
            component = Component(name="x", purl="pkg:npm/x", **{field: Organisation(name=said)})  # type: ignore[arg-type]
        elif field == "authors":
            component = Component(name="x", purl="pkg:deb/debian/x", authors=[Person(name=said)])
        else:
            component = Component(name="x", **{field: said})  # type: ignore[arg-type]
        assert identified([component]) == 0

    @pytest.mark.parametrize(
        "component",
        [
            *(named(field, "Acme") for field in (*FIELDS, "group")),
            Component(cpe="cpe:2.3:a:x:y"),
            Component(purl="pkg:npm/%40x/y"),
            Component(supplier=Organisation(name="NOASSERTION", urls=["https://acme.example"])),
        ],
    )
    def test_anything_else_is(self, component: Component) -> None:
        assert identified([component]) == 1


SAID: tuple[dict[str, Any], ...] = (
    {
        "ref": "pkg:npm/%40kaspersky/x@1",
        "name": "github.com/KasperskyLab/x",
        "purl": "pkg:npm/left-pad@1",
        "cpe": "cpe:2.3:a:kaspersky:x:1",
        "group": "com.kaspersky",
        "publisher": "Kaspersky",
        "author": "Ann <a@kaspersky.com>",
        "authors": [Person(name="Kaspersky Lab")],
        "supplier": Organisation(name="Kaspersky"),
        "manufacturer": Organisation(name="Kaspersky Lab"),
        "references": [Reference("vcs", "https://github.com/KasperskyLab/x")],
        "swid": Swid(name="Kaspersky Total Security"),
        "scope": "excluded",
    },
    {
        "ref": " pkg:deb/kesl",
        "name": "Kaspersky Total Security",
        "purl": "pkg:/kaspersky",
        "cpe": "kaspersky",
        "group": "kaspersky",
        "publisher": "Kasperski Lab",
        "author": "Kaspersky",
        "authors": [Person(mail="a@b.example")],
        "supplier": Organisation(name="CDW", urls=["https://securelist.com"]),
        "manufacturer": Organisation(name="Pango Group"),
        "type": "device",
    },
    {"ref": "r1", "name": "kaspersky", "purl": "pkg:golang/github.com/kasperskylab/x", "publisher": "Ann"},
    {"ref": "pkg:npm/left-pad@1", "name": "x/y", "purl": "pkg:npm/%zz", "cpe": "cpe:2.3:a:x:y:1", "group": "org.x"},
)
"""What components say, a column for each field."""


class TestMoreSaidNeverMatchesLess:
    """Whatever else a component says, the vendors it may be of stay."""

    full = st.fixed_dictionaries({key: st.sampled_from([said.get(key) for said in SAID]) for key in SAID[0]})

    @settings(max_examples=200)
    @given(full, st.sets(st.sampled_from(sorted(SAID[0]))), st.sampled_from([None, BY_SYFT]))
    def test_one_more_field_removes_no_match(
        self, law: Law, full: dict[str, Any], left_out: set[str], place: Place | None
    ) -> None:
        matcher, some = Matcher(law.register), {key: full[key] for key in full if key not in left_out}
        less = {match.vendor for match in matcher.match(Component(**some, place=place))}
        assert less <= {match.vendor for match in matcher.match(Component(**full, place=place))}
