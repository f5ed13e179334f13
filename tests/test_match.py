"""Who a component is of: the identifiers of Kaspersky that really occur, and its false friends (law/names.md)."""

from urllib.parse import quote

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from packageurl import PackageURL

from gate.cpe import cpe_names
from gate.law import Law
from gate.match import EXACT, GUESSED, LINKED, NAMED, POSSIBLE, Matcher
from gate.purl import parts
from gate.subject import Component, Organisation, Person, Place, Reference, Swid
from tests.strategies import listed_vendor, matcher_of, product

LINE = Place((frozenset({"producer"}),), (frozenset({"supplier"}),), (), is_request=True)
BY_SYFT = Place((frozenset({"component"}),), (frozenset({"component"}),), (), guesses_cpes=True)


@pytest.fixture
def matcher(law: Law) -> Matcher:
    """Fresh look-ups, so that no test knows what another asked."""
    return Matcher(law.register)


def strengths(matcher: Matcher, component: Component) -> set[str]:
    """How strongly a component is of Kaspersky; empty if it is not."""
    return {piece.strength for m in matcher.match(component) if m.vendor == "kaspersky" for piece in m.evidence}


class TestOwnedPackages:
    """names.md: "Namespace checks are the safe ones"; design 9: "a purl qualifier or subpath hiding the name ·
    percent-encoding and letter case"."""

    @pytest.mark.parametrize(
        "purl",
        [
            "pkg:npm/%40kaspersky/hexa-ui@6.198.2",
            "pkg:npm/@kaspersky/hexa-ui@6.198.2",
            "pkg:npm/@kaspersky/hexa-ui",
            "pkg:npm/%40kaspersky/hexa-ui",
            "pkg:npm/kaspersky/hexa-ui@6.198.2",
            "pkg:npm/%40KASPERSKY/Hexa-UI@1",
            "PKG:NPM/@Kaspersky/hexa-ui@1",
            "pkg:npm/%40kaspersky%2Fhexa-ui@1",
            "pkg:npm/%40kaspersky%2fhexa-ui",
            "pkg:npm/@kaspersky%2Fhexa-ui@1",
            "pkg:npm/%40%6Baspersky/hexa-ui@1",
            "pkg:npm/%40kaspersky/%68exa-ui@1",
            "pkg:npm/%40kaspersky/hexa-ui@1?repository_url=https://registry.npmjs.org/left-pad",
            "pkg:npm/%40kaspersky/hexa-ui?vcs_url=git%2Bhttps://github.com/x/y@z",
            "pkg:npm/%40kaspersky/hexa-ui@1#src/left-pad",
            "pkg:npm/%40kaspersky/hexa-ui@1?a=b#c/d",
            "pkg:npm/%40kaspersky/hexa-ui@1.0.0-rc@1",
            "pkg:npm/%40kaspersky/hexa-ui@feature/1",
            "pkg:npm/%40kaspersky/hexa-ui@feature%2F1",
            "pkg:npm/%40kaspersky/hexa-ui@",
            "pkg://npm/%40kaspersky/hexa-ui@1",
            "pkg:/npm/%40kaspersky/hexa-ui@1",
            "pkg:npm//%40kaspersky//hexa-ui@1",
            "pkg:npm/./%40kaspersky/../hexa-ui@1",
            " pkg:npm/%40kaspersky/hexa-ui@1\n",
            "pkg:npm/%40kaspersky/anything-else@1",
            "pkg:maven/com.kaspersky.android-components/kaspresso@1.5.3?type=aar",
            "pkg:maven/com.kaspersky/x@1",
            "pkg:maven/com.kaspersky.x/y@1",
            "pkg:maven/COM.Kaspersky.X/y@1",
            "pkg:maven/com/kaspersky/x@1",
            "pkg:maven/com.kavsdk/sdk@1",
            "pkg:maven/com.kavsdk.antivirus/sdk@1",
            "pkg:github/KasperskyLab/klara@v1",
            "pkg:github/kasperskylab/Kaspresso",
            "pkg:github/KasperskyLab/uif@feature/x",
            "pkg:golang/github.com/KasperskyLab/knp/api@v1.0.0",
            "pkg:golang/github.com/kasperskylab/klogga@v1.0.0#cmd/x",
            "pkg:golang/github.com%2FKasperskyLab%2Fklogga@v1.0.0",
            "pkg:deb/debian/kesl@11.2.0?arch=amd64",
            "pkg:deb/kesl@11.2.0",
            "pkg:deb/kesl",
            "pkg:deb/ubuntu/kesl-gui@1:2.0-3",
            "pkg:deb/debian/kesl@1%3A2/3",
            "pkg:deb/debian/kesl@1:2/3",
            "pkg:deb/debian/KESL@1",
            "pkg:deb/debian/kesl ",
            "pkg:deb/debian/kesl/",
            "pkg:deb/debian/kesl/@11",
            "pkg:rpm/redhat/klnagent64@14.0",
            "pkg:rpm/klnagent64@14.0?distro=rhel-9",
            "pkg:rpm/klnagent",
        ],
    )
    def test_an_owned_package_matches_exactly_however_it_is_written(self, matcher: Matcher, purl: str) -> None:
        assert strengths(matcher, Component(purl=purl)) == {EXACT}
        assert strengths(matcher, Component(ref=purl.strip(), name="x")) == {EXACT}

    @pytest.mark.parametrize(
        "purl",
        [
            "pkg:npm/kaspersky-ksc-client@1",
            "pkg:npm/kaspersky@1",
            "pkg:npm/kasperskylab/x@1",
            "pkg:npm/%40kasperskyx/hexa-ui@1",
            "pkg:npm/%40x/kaspersky@1",
            "pkg:npm/hexa-ui@1",
            "pkg:npm/%40ft/ft-kaspersky@1",
            "pkg:maven/com.kasperskyx/y@1",
            "pkg:maven/com.kasperskylab/y@1",
            "pkg:maven/org.com.kaspersky/y@1",
            "pkg:maven/com/kasperskyx@1",
            "pkg:maven/com.example/com.kaspersky@1",
            "pkg:github/KasperSkytte/ampvis2@1",
            "pkg:github/AlanKaspersky/x",
            "pkg:github/kaspersky/x",
            "pkg:github/someone/kaspersky-test-task",
            "pkg:github/Financial-Times/ft-kaspersky",
            "pkg:github/someone/KasperskyLab",
            "pkg:golang/example.com/github.com/kasperskylab/x@1",
            "pkg:golang/github.com/someone/kasperskylab@1",
            "pkg:golang/gitlab.com/kasperskylab/x@1",
            "pkg:npm/kesl@1",
            "pkg:deb/debian/kesld@1",
            "pkg:deb/debian/libkesl@1",
            "pkg:deb/kesl/other@1",
            "pkg:pypi/kesl@1",
            "pkg:npm/left-pad@1?repository_url=https://kaspersky.com/%40kaspersky/x",
            "pkg:npm/left-pad@1#%40kaspersky/hexa-ui",
            "pkg:npm/left-pad@%40kaspersky%2Fhexa-ui",
            "pkg:docker/kaspersky/x@1",
            "pkg:gem/fastlane-plugin-kaspersky@1",
        ],
    )
    def test_a_package_that_only_sounds_alike_does_not_match(self, matcher: Matcher, purl: str) -> None:
        assert strengths(matcher, Component(purl=purl)) == set()

    @pytest.mark.parametrize(
        "odd",
        [
            "pkg:npm/%40kaspersky/",
            "pkg:npm/@kaspersky/",
            "pkg:npm/@kaspersky/?a=b",
            "pkg:npm/@kaspersky/.",
            "pkg:npm/@kaspersky/..",
            "pkg:npm/@kaspersky/@1",
            "pkg:npm/@kaspersky/#x",
        ],
    )
    def test_what_was_asked_before_changes_no_answer(self, matcher: Matcher, odd: str) -> None:
        matcher.match(Component(purl=odd))
        assert strengths(matcher, Component(purl="pkg:npm/@kaspersky/hexa-ui@1")) == {EXACT}
        assert strengths(matcher, Component(purl="pkg:npm/%40kaspersky/hexa-ui@1")) == {EXACT}

    @given(st.data())
    def test_the_answer_to_a_purl_never_depends_on_those_asked_before(self, law: Law, data: st.DataObject) -> None:
        piece = st.sampled_from(
            ["@kaspersky", "%40kaspersky", "hexa-ui", "kesl", "debian", "com.kaspersky", "x", "", "."]
        )
        kind = st.sampled_from(["npm", "deb", "maven", "github"])
        tail = st.sampled_from(["", "@1", "@1/2", "?a=b", "#s", "/", "%2F", "@", " "])
        one = st.tuples(kind, st.lists(piece, min_size=1, max_size=3), tail)
        asked = [f"pkg:{k}/{'/'.join(p)}{t}" for k, p, t in data.draw(st.lists(one, min_size=2, max_size=6))]
        used = Matcher(law.register)
        for purl in asked:
            assert used.match(Component(purl=purl)) == Matcher(law.register).match(Component(purl=purl)), asked

    @pytest.mark.parametrize(
        ("purl", "said"),
        [
            ("pkg:maven/com.kaspersky.android-components/kaspresso@1.5.3", "Kaspresso"),
            ("pkg:github/KasperskyLab/Kaspresso@feature/x", "Kaspresso"),
            ("pkg:npm/%40kaspersky/hexa-ui@1", "hexa-ui"),
            ("pkg:npm/kaspersky/hexa-ui@1", "hexa-ui"),
            ("pkg:deb/debian/kesl@1", "Kaspersky Endpoint Security"),
            ("pkg:rpm/klnagent64@1", "Kaspersky Security Center"),
        ],
    )
    def test_a_package_tells_the_product_where_the_register_knows_it(
        self, law: Law, matcher: Matcher, purl: str, said: str
    ) -> None:
        (match,) = matcher.match(Component(purl=purl))
        assert [law.vendors["kaspersky"].products[number].name for number in match.products] == [said]

    @pytest.mark.parametrize(
        ("group", "expected"),
        [
            ("@kaspersky", {EXACT}),
            ("com.kaspersky.android-components", {EXACT}),
            ("com.kaspersky", {EXACT}),
            ("COM.KASPERSKY", {EXACT}),
            ("github.com/KasperskyLab", {EXACT}),
            ("Kaspersky Lab", {EXACT}),
            ("com.kasperskyx", set()),
            ("com", set()),
            ("kaspersky-test-task", set()),
            ("@kasperskyx", set()),
        ],
    )
    def test_a_group_matches_by_whole_segments(self, matcher: Matcher, group: str, expected: set[str]) -> None:
        assert strengths(matcher, Component(group=group, name="x")) == expected

    @pytest.mark.parametrize(
        ("name", "expected"),
        [
            ("github.com/KasperskyLab/klogga", {GUESSED}),
            ("github.com/KasperSkytte/x", set()),
            ("github.com/someone/KasperskyLab", set()),
            ("example.com/KasperskyLab/x", set()),
        ],
    )
    def test_a_name_that_is_a_path_matches_by_its_owner(self, matcher: Matcher, name: str, expected: set[str]) -> None:
        assert strengths(matcher, Component(name=name)) == expected


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
            "cpe:2.3:kaspersky:x:y:1:*:*:*:*:*:*:*",
            "cpe:2.3:a:kaspersky\\:x:y:1:*:*:*:*:*:*:*",
            "cpe:/a:x:kaspersky",
            "kaspersky:x",
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
        """NISTIR 7695, 6.2: "a printable non-alphanumeric character is preceded by a backslash"."""
        said = ":".join(["cpe:2.3", part, escaped(vendor), escaped(name), *"********"])
        assert cpe_names(said) == cpe_names(said.upper()) == (vendor, name)

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


class TestOrganisations:
    """Design 4: "supplier, manufacturer, publisher, group and author organisations by normalised name"; "people's
    names are not companies"."""

    fields = ("publisher", "author", "authors", "supplier", "manufacturer")

    @pytest.mark.parametrize("field", fields)
    @pytest.mark.parametrize(
        "said",
        [
            "Kaspersky Lab",
            "KASPERSKY LAB, INC.",
            "AO Kaspersky Lab",
            "Kaspersky Lab ZAO",
            "OOO Kaspersky Group",
            "Kaspersky Labs Limited",
            "Kaspersky",
            "АО «Лаборатория Касперского»",
            "Лаборатория Касперского",
            "АО Лаборато\u0301рия Касперского",
            "Каѕреrѕку Lab",
            "Ｋａｓｐｅｒｓｋｙ Ｌａｂ",
            "Kas\u200bpersky Lab",
            "Organization: Kaspersky Lab",
            "Kaspersky Lab (UK)",
            "Kaspersky Lab <x@example.com>",
            "Kaspersky Lab, Pango Group",
            "Pango; Kaspersky Lab",
            "Kasper Skytte and Kaspersky Lab",
            "© Kaspersky Lab",
        ],
    )
    def test_a_listed_name_matches_exactly_in_every_field_for_organisations(
        self, matcher: Matcher, field: str, said: str
    ) -> None:
        assert EXACT in strengths(matcher, named(field, said))

    @pytest.mark.parametrize("field", ["publisher", "supplier", "manufacturer"])
    @pytest.mark.parametrize("said", ["(c) Kaspersky Lab", "(C) 2024 Kaspersky Lab", "(Kaspersky Lab)"])
    def test_what_stands_in_or_after_brackets_is_not_lost(self, matcher: Matcher, field: str, said: str) -> None:
        assert strengths(matcher, named(field, said))

    @pytest.mark.parametrize("field", fields)
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
            ("5493", set()),
        ]:
            found = one.match(Component(name="x", supplier=Organisation(identifiers={"lei": value})))
            assert {piece.strength for match in found for piece in match.evidence} == expected
        assert one.match(Component(supplier=Organisation(identifiers={"duns": "5493001KJTIIGC8Y1R12"}))) == ()


def named(field: str, said: str) -> Component:
    """A component with a name in one field."""
    if field == "authors":
        return Component(name="x", authors=[Person(name=said)])
    if field in ("supplier", "manufacturer"):
        return Component(name="x", **{field: Organisation(name=said)})  # type: ignore[arg-type]
    return Component(name="x", **{field: said})  # type: ignore[arg-type]


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
        ],
    )
    def test_a_mail_address_links_by_its_domain(self, matcher: Matcher, mail: str, expected: set[str]) -> None:
        person = Person(mail=mail)
        assert strengths(matcher, Component(name="x", authors=[person])) == expected
        assert strengths(matcher, Component(name="x", supplier=Organisation(contacts=[person]))) == expected
        assert strengths(matcher, Component(name="x", author=f"Somebody <{mail}>")) == expected

    @given(st.lists(st.text("abk-", min_size=1, max_size=5), min_size=0, max_size=3))
    def test_whatever_stands_before_the_domain_is_below_it_only_after_a_dot(self, law: Law, labels: list[str]) -> None:
        matcher, before = Matcher(law.register), ".".join(labels)
        dotted = f"{before}." if labels else ""
        below = Component(name="x", references=[Reference("website", f"https://{dotted}kaspersky.com/")])
        beside = Component(name="x", references=[Reference("website", f"https://{before}x-kaspersky.com/")])
        assert strengths(matcher, below) == {LINKED}
        assert strengths(matcher, beside) == set()


class TestProducts:
    """Design 4: "Product names match whole in an SBOM, and as leading tokens in a request, never by one token"."""

    @pytest.mark.parametrize(
        ("name", "in_sbom", "in_request"),
        [
            ("Kaspersky Endpoint Security", {NAMED}, {NAMED, POSSIBLE}),
            ("KASPERSKY ANTI-VIRUS", {NAMED}, {NAMED, POSSIBLE}),
            ("Kaspersky Total Security 2021, 3 devices", set(), {NAMED, POSSIBLE}),
            ("Kaspersky Endpoint Security for Business Advanced", set(), {NAMED, POSSIBLE}),
            ("Licence for Kaspersky Total Security", set(), {NAMED}),
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

    def test_one_word_of_the_register_never_matches_alone(self) -> None:
        one = matcher_of(listed_vendor("acme", products=[product("Shield")]))
        assert one.match(Component(name="Shield")) == ()
        assert one.match(Component(name="Shield 12", place=LINE)) == ()

    def test_a_brand_leads_a_line_only_where_the_line_names_no_other_maker(self, matcher: Matcher) -> None:
        other = Organisation(name="Pango Group")
        assert strengths(matcher, Component(name="Kaspersky Toolbox", place=LINE, manufacturer=other)) == set()
        nobody = Organisation(name="NOASSERTION")
        assert strengths(matcher, Component(name="Kaspersky Toolbox", place=LINE, manufacturer=nobody)) == {POSSIBLE}

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


class TestPurlsAreReadAsTheSpecificationReadsThem:
    """Package URL specification: "scheme:type/namespace/name@version?qualifiers#subpath"."""

    segment = st.text("abcXYZ019._-+~:@/ é漢", min_size=1, max_size=8).filter(
        lambda s: s.strip(" ./") == s and "//" not in s
    )
    kinds = st.sampled_from(["npm", "maven", "deb", "rpm", "github", "golang", "generic", "pypi", "composer", "nuget"])

    @given(
        kinds,
        st.lists(segment.filter(lambda s: "/" not in s), max_size=3),
        segment.filter(lambda s: "/" not in s),
        st.none() | st.text("abc019.@/:+-", min_size=1, max_size=8),
        st.sampled_from([None, {"arch": "amd64"}, {"vcs_url": "git+https://github.com/x/y@z#q"}]),
        st.sampled_from([None, "src/lib"]),
    )
    def test_type_namespace_and_name_are_those_of_the_reference_library(
        self,
        kind: str,
        namespace: list[str],
        name: str,
        version: str | None,
        qualifiers: dict[str, str] | None,
        path: str,
    ) -> None:
        made = PackageURL(kind, "/".join(namespace) or None, name, version, qualifiers, path)
        said = made.to_string()
        read = PackageURL.from_string(said)
        assume(read.name == made.name)
        # The library turns an underscore of PyPI into a hyphen; the gate leaves it, so names are compared as written.
        expected = [*(made.namespace or "").split("/"), made.name] if made.namespace else [made.name]
        found = parts(said)
        assert found is not None
        assert found[0] == kind
        assert [folded(one) for one in found[1]] == [folded(one) for one in expected]


def folded(text: str) -> str:
    """Letter case, accents and blanks at either end left out: what the gate leaves out of names of packages."""
    from gate.names import folded as without_accents

    return without_accents(text.strip())
