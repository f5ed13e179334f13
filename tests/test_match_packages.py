"""Packages that are of Kaspersky by their package URLs, however these are written, and false friends."""

import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from packageurl import PackageURL

from gate import cpe
from gate.law import Law
from gate.match import Matcher
from gate.purl import odd, parts, unreadable
from gate.strength import EXACT, GUESSED, POSSIBLE
from gate.subject import Component
from tests.matching import decided, of_vendors, strengths
from tests.strategies import listed_vendor, matcher_of, sbom


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
            "pkg:npm/%40kaspersky/hexa-ui@1?repository_url=https://registry.example/left-pad",
            "pkg:npm/%40kaspersky/hexa-ui?vcs_url=git%2Bhttps://github.com/x/y@z",
            "pkg:npm/%40kaspersky/hexa-ui@1#src/left-pad",
            "pkg:npm/%40kaspersky/hexa-ui@1?a=b#c/d",
            "pkg:npm/%40kaspersky/hexa-ui@1.0.0-rc@1",
            "pkg:npm/@kaspersky/hexa-ui@git+ssh://git@git.example/x.git",
            "pkg:npm/%40kaspersky/hexa-ui@feature/1",
            "pkg:npm/%40kaspersky/hexa-ui@feature%2F1",
            "pkg:npm/%40kaspersky/hexa-ui@",
            "pkg://npm/%40kaspersky/hexa-ui@1",
            "pkg:/npm/%40kaspersky/hexa-ui@1",
            "pkg:npm//%40kaspersky//hexa-ui@1",
            "pkg:npm/./%40kaspersky/hexa-ui@1",
            "pkg:golang/www.github.com/KasperskyLab/klara",
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
            (" com.kaspersky ", {EXACT}),
            ("com . kaspersky", {EXACT}),
            ("com%2Ekaspersky", {EXACT}),
            ("com%252Ekaspersky", {EXACT}),
            ("com.kas\x00persky", {EXACT}),
            ("ｃｏｍ．ｋａｓｐｅｒｓｋｙ", {EXACT}),
            ("com/kaspersky", {EXACT}),
            ("com/kaspersky/android-components/", {EXACT}),
            (" @Kaspersky", {EXACT}),
            ("%40kaspersky", {EXACT}),
            ("@kaspersky/hexa-ui", {EXACT}),
            ("https://github.com/KasperskyLab", {EXACT}),
            ("github.com%2FKasperskyLab", {EXACT}),
            ("KasperskyLab", {POSSIBLE}),
            ("kaspersky", {POSSIBLE}),
            ("Kaspersky", {POSSIBLE}),
            ("github.com/kaspersky", set()),
            ("github.com/KasperSkytte", set()),
            ("org/com/kaspersky", set()),
            ("100%", set()),
            ("com.kaspersky:x", {EXACT}),
            ("com.kasperskyx:x", set()),
            ("com.kasperskyx", set()),
            ("com", set()),
            ("kaspersky-test-task", set()),
            ("@kasperskyx", set()),
        ],
    )
    def test_a_group_matches_by_whole_segments(self, matcher: Matcher, group: str, expected: set[str]) -> None:
        assert strengths(matcher, Component(group=group, name="x")) == expected

    @pytest.mark.parametrize(
        ("group", "purl", "expected"),
        [
            ("kaspersky", "pkg:github/kaspersky/x@1", set()),
            ("Kaspersky", "pkg:docker/kaspersky/x@1", set()),
            ("kaspersky", "pkg:composer/kaspersky/x@1", set()),
            ("kasperskylab", "pkg:github/kasperskylab/x@1", {EXACT}),
            ("kaspersky", "pkg:github/someone/x@1", {POSSIBLE}),
            ("kaspersky", "pkg:generic/kaspersky/x@1", {POSSIBLE}),
            ("kaspersky", "pkg:github/x@1", {POSSIBLE}),
            ("kaspersky", None, {POSSIBLE}),
        ],
    )
    def test_a_group_that_repeats_a_purls_account_says_no_more(
        self, matcher: Matcher, group: str, purl: str | None, expected: set[str]
    ) -> None:
        """names.md: the user `kaspersky` of GitHub is somebody else."""
        assert strengths(matcher, Component(group=group, name="x", purl=purl)) == expected

    @pytest.mark.parametrize(
        ("name", "expected"),
        [
            ("github.com/KasperskyLab/klogga", {GUESSED}),
            ("@kaspersky/hexa-ui", {GUESSED}),
            ("%40kaspersky/hexa-ui", {GUESSED}),
            ("com.kaspersky.android-components:kaspresso", {GUESSED}),
            ("com.kaspersky.android-components:kaspresso:1.5", {GUESSED}),
            ("com.kaspersky/kaspresso", {GUESSED}),
            ("com/kaspersky/kaspresso", {GUESSED}),
            ("pkg:npm/%40kaspersky/hexa-ui", {GUESSED}),
            ("com.kaspersky.kes.apk", {GUESSED}),
            ("com.kavsdk", {GUESSED}),
            ("ghcr.io/kasperskylab/klara:1", {GUESSED}),
            ("KasperskyLab/klara", {POSSIBLE}),
            ("@kasperskyx/hexa-ui", set()),
            ("com.kasperskyx.kes", set()),
            ("kaspersky.js", set()),
            ("someone/kasperskylab", set()),
            ("KasperskyLab/klara/x", set()),
            ("com.kasperskyx:y", set()),
            ("kaspersky:y", set()),
            ("Kaspersky: a history", set()),
            ("pkg:npm/left-pad", set()),
            ("github.com/KasperSkytte/x", set()),
            ("github.com/someone/KasperskyLab", set()),
            ("example.com/KasperskyLab/x", set()),
        ],
    )
    def test_a_name_that_is_a_path_matches_by_its_owner(self, matcher: Matcher, name: str, expected: set[str]) -> None:
        assert strengths(matcher, Component(name=name)) == expected

    @pytest.mark.parametrize(
        "ref", [" pkg:npm/%40kaspersky/hexa-ui@1", "\tPKG:npm/@kaspersky/hexa-ui", "\x00pkg:deb/kesl"]
    )
    def test_a_ref_that_is_a_purl_counts_also_beside_another_purl(self, matcher: Matcher, ref: str) -> None:
        assert strengths(matcher, Component(ref=ref, name="x")) == {EXACT}
        assert strengths(matcher, Component(ref=ref, name="x", purl="pkg:npm/left-pad@1")) == {EXACT}

    def test_what_says_the_same_again_is_no_further_evidence(self, matcher: Matcher) -> None:
        (match,) = matcher.match(
            Component(
                name="github.com/KasperskyLab/klogga",
                purl="pkg:golang/github.com/KasperskyLab/klogga@v1",
                ref="pkg:golang/github.com/KasperskyLab/klogga@v1?package-id=0",
            )
        )
        assert [piece.field for piece in match.evidence] == ["purl"]


class TestPackedOver:
    """A distribution packs what a registry holds under a name of its own, as its policy says how to make."""

    @pytest.mark.parametrize(
        ("purl", "vendor"),
        [
            ("pkg:conda/huaweicloudsdkcore@3", "huawei"),
            ("pkg:conda/conda-forge/volcengine@1?subdir=noarch", "bytedance"),
            ("pkg:deb/debian/python3-huaweicloudsdkcore@3", "huawei"),
            ("pkg:rpm/fedora/python3.12-oss2@3", "alibaba"),
            ("pkg:rpm/fedora/python3-cos_python_sdk_v5@3", "tencent"),
            ("pkg:apk/alpine/py3-oss2@3", "alibaba"),
            ("pkg:alpm/arch/python-oss2@3", "alibaba"),
            ("pkg:deb/debian/node-ali-oss@6", "alibaba"),
            ("pkg:rpm/fedora/nodejs-tencentcloud-sdk-nodejs-common@6", "tencent"),
            ("pkg:deb/debian/golang-github-bytedance-sonic-dev@1", "bytedance"),
            ("pkg:rpm/fedora/golang-github-deepseek-ai-3fs-devel@1", "deepseek"),
        ],
    )
    def test_it_may_be_of_whoever_made_what_is_in_it(self, matcher: Matcher, purl: str, vendor: str) -> None:
        assert of_vendors(matcher, Component(purl=purl)) == {vendor: False}

    @pytest.mark.parametrize(
        "purl",
        [
            "pkg:conda/huaweicloudsdk-mine@3",
            "pkg:deb/debian/huaweicloudsdkcore@3",
            "pkg:deb/debian/python3-huaweicloud@3",
            "pkg:deb/debian/golang-github-hashicorp-tencentcloud-dev@1",
            "pkg:deb/debian/golang-github-bytedance@1",
            "pkg:deb/debian/golang-gitlab-bytedance-sonic-dev@1",
            "pkg:deb/debian/node-@1",
            "pkg:cargo/python3-oss2@1",
        ],
    )
    def test_no_other_name_is_taken_for_it(self, matcher: Matcher, purl: str) -> None:
        assert of_vendors(matcher, Component(purl=purl)) == {}


class TestWhatCannotBeRead:
    """Design 9: "a component without purl, or with a bad one, skipped" - unknown is never allow, and never a deny."""

    @pytest.mark.parametrize("name", ["q%c3%b4%25", "100%25", "%25%25x", "a%2525"])
    def test_a_percent_sign_that_is_encoded_is_read(self, name: str) -> None:
        """Package URL specification: "All other characters MUST be encoded as UTF-8 and then percent-encoded"."""
        read = parts(f"pkg:npm/{name}@1")
        assert read is not None
        assert read[1][0].endswith(("%", "x"))

    def test_a_namespace_counts_beside_a_percent_sign(self, matcher: Matcher) -> None:
        assert strengths(matcher, Component(purl="pkg:npm/%40kaspersky/100%25@1")) == {EXACT}

    @pytest.mark.parametrize(
        "purl", ["pkg:npm/%40kaspersky/100%", "pkg:npm/%40kaspersky/%zz@1", "pkg:maven/com.kaspersky/x%4"]
    )
    def test_segments_that_can_be_read_count_beside_one_that_cannot(self, matcher: Matcher, purl: str) -> None:
        assert parts(purl) is None
        assert EXACT in strengths(matcher, Component(purl=purl))

    @pytest.mark.parametrize(
        "purl",
        [
            "pkg:/kaspersky",
            "pkg:kaspersky",
            "npm/@kaspersky/hexa-ui@1",
            "Kaspersky Lab",
            "p kg:npm/@kaspersky/x",
            "com.kaspersky:kaspresso:1.5",
            "https://www.kaspersky.com/x",
            "pkg:npm/%zz%2540%6baspersky%2Fx",
            "pkg:deb%/debian/kesl@1",
            "ｐｋｇ：npm／＠ｋａｓｐｅｒｓｋｙ／x",
            "kas\x00persky",
            "github:KasperskyLab",
            "pkg:maven/com.kaspersky:kaspresso@1",
            "pkg:maven/com.kaspersky%3Akaspresso@1",
            "pkg:npm:@kaspersky/hexa-ui@1",
            "pkg:npm/x/../%40kaspersky/hexa-ui@1",
            "pkg:npm/x/.\r./%40kaspersky/hexa-ui@1",
            "pkg:npm/x/‥/%40kaspersky/hexa-ui@1",
            "pkg:npm/%40kaspersky\\hexa-ui@1",
            "pkg:n_pm/x/%40kaspersky@1",
            "pkg:deb/debian/kesl@1.0.0(libc@2.0)",
            "pkg:deb/debian/kesl%40x@1",
            "pkg:deb/debian/kesl@11@12",
            "pkg:deb/kesl@npm:left-pad@1",
            "pkg:npm/x@git+ssh://git@github.com/KasperskyLab/x.git",
            "pkg:swift/git@github.com:KasperskyLab/x@1",
            "pkg:swift/git@kaspersky.com/x@1",
        ],
    )
    def test_a_vendors_words_in_an_unreadable_purl_are_possible(self, matcher: Matcher, purl: str) -> None:
        assert strengths(matcher, Component(name="x", purl=purl)) == {POSSIBLE}

    @pytest.mark.parametrize(
        "purl",
        [
            "",
            "pkg:/",
            "pkg:pypi/",
            "a-purl-2",
            "pkg:///",
            "/",
            "kasperskyx",
            "pkg:maven/com.kasperskyx:y@1",
            "xkaspersky",
            "ka spersky",
            "pkg:/kasper/sky",
            "100%",
        ],
    )
    def test_an_unreadable_purl_without_them_is_of_nobody(self, matcher: Matcher, purl: str) -> None:
        assert matcher.match(Component(name="x", purl=purl)) == ()

    @pytest.mark.parametrize(
        "cpe",
        [
            "kaspersky:x",
            "cpe:2.3:kaspersky:x:y:1:*:*:*:*:*:*:*",
            "cpe:2.3:a:kaspersky lab:x:*",
            "cpe:2.3:a::kaspersky:x:*",
            "cpe:2.3:a:*:kaspersky_x:1:*",
            "cpe:2.2:a:kaspersky:x",
            "cpe:/golang/kaspersky/x:1",
            "Kaspersky Lab",
            "a:%6baspersky:x",
            "cpe:2.3:a:%6baspersky:x:1:*:*:*:*:*:*:*",
            "cpe:2.3:a:kaspersk?:x:1:*:*:*:*:*:*:*",
            "cpe:2.3:a:?aspersky:x:1:*:*:*:*:*:*:*",
            "cpe:2.3:a:*kaspersky*:x:1:*:*:*:*:*:*:*",
            "cpe:2.3:a:kasp*:x:1:*:*:*:*:*:*:*",
            "cpe:/a:kaspersk%01:x",
            "cpe:/a:%02spersky:x",
        ],
    )
    def test_a_vendors_words_in_an_unreadable_cpe_are_possible(self, matcher: Matcher, cpe: str) -> None:
        assert strengths(matcher, Component(name="x", cpe=cpe)) == {POSSIBLE}

    @pytest.mark.parametrize(
        "cpe", ["cpe:/golang/github.com/x/y:v1", "NOASSERTION", "cpe:2.3:a:*:x:1", "kasperskyx:y", "cpe:2.3:a:kaspe?:x"]
    )
    def test_an_unreadable_cpe_without_them_is_of_nobody(self, matcher: Matcher, cpe: str) -> None:
        assert matcher.match(Component(name="x", cpe=cpe)) == ()

    @pytest.mark.parametrize("between", [" ", ",", "; ", "|", "\n", "?arch=x ", "#a&", "?download_url=https://x.y&"])
    def test_of_two_package_urls_in_one_field_either_may_be_meant(self, matcher: Matcher, between: str) -> None:
        own, other = "pkg:npm/%40kaspersky/hexa-ui@1", "pkg:npm/left-pad@1"
        assert strengths(matcher, Component(purl=f"{other}{between}{own}")) == {POSSIBLE}
        assert strengths(matcher, Component(purl=f"{own}{between}{other}"))

    @pytest.mark.parametrize("between", [" ", ",", "; ", "|", "\n", "", ":*:*, "])
    @pytest.mark.parametrize("own", ["cpe:2.3:a:kaspersky:total_security:21:*:*:*:*:*:*:*", "cpe:/a:kaspersky:x"])
    def test_of_two_cpes_in_one_field_both_count(self, matcher: Matcher, own: str, between: str) -> None:
        other = "cpe:2.3:a:x:y:1:*:*:*:*:*:*:*"
        for said in (f"{other}{between}{own}", f"{own}{between}{other}"):
            assert strengths(matcher, Component(name="x", cpe=said)) == {EXACT}

    purls = st.sampled_from(
        [
            *("pkg:npm/x@1", "pkg:npm/@x/y", "pkg:npm/%40x/y", "PKG:npm/x", "pkg:npm/", "pkg:/x", "pkg:npm/%zz", ""),
            *("pkg:npm/x@1:2", "pkg:npm/a:b", "pkg:npm/a\\b", "pkg:npm/x/../y", "pkg:npm/x/.\x01./y", "pkg:npm:x/y"),
            *("pkg:npm/x@1?a=b:c/../d", "pkg:npm/x%3Ay", "pkg:npm/x@y@z:1", "pkg:npm/‥/x", "pkg:npm/x%2F..%2Fy"),
            *("pkg:npm/x@%", "pkg:npm/?a", "pkg:npm/.", "pkg:npm/%2e", "pkg:n.p-m/x", "pkg:npm//x", " pkg:npm/x", "x"),
            *("pkg:npm/a\npkg:npm/b", "pkg:npm/a?b=c pkg:npm/d", "pkg:npm/a#PKG:npm/b"),
        ]
    )

    @given(st.lists(purls | st.text("pkg:/%@.? x\\\r\x01\n", max_size=12).map(lambda tail: f"pkg:{tail}")))
    def test_purls_told_all_at_once_are_told_as_each_by_itself(self, purls: list[str]) -> None:
        assert unreadable(list(purls)) == [n for n, purl in enumerate(purls) if purl and parts(purl) is None]
        cut = [parts(purl) for purl in purls]
        marks = [one and [segment[:1].replace("@", "") + segment[1:] for segment in one[1]] for one in cut]
        strange = [
            n
            for n, one in enumerate(marks)
            if one is None or {":", "\\", "@"} & set("".join(one)) or purls[n].lower().count("pkg:") > 1
        ]
        assert odd(list(purls)) == [n for n in strange if purls[n]]

    strange = st.sampled_from(
        [
            "cpe:2.3:a:x:y:1",
            "cpe:/a:x:y",
            "CPE:2.3:a:x",
            "cpe:2.3:a:*:x",
            "cpe:/a:%20:x",
            "cpe:2.3:a:x y:z",
            "cpe:2.3:a:x?:z",
            "cpe:/a:x%2\n0y:z",
            "cpe:/a:x%\r20y:z",
            "cpe:/a:x%02:z",
            "cpe:2.3:x",
        ]
    )

    @given(st.lists(strange | st.text("cpe:/23.a\\*?%4 \r\x01\n", max_size=12).map(lambda tail: f"cpe:2.3:{tail}")))
    def test_cpes_told_all_at_once_are_told_as_each_by_itself(self, cpes: list[str]) -> None:
        assert cpe.unreadable(list(cpes)) == [n for n, one in enumerate(cpes) if one and not cpe.is_readable(one)]

    def test_the_decision_notes_what_could_not_be_read_and_reviews_what_could_be_a_vendor(self, law: Law) -> None:
        made = sbom(
            {"name": "a", "purl": "pkg:npm/%zz"}, {"name": "b", "cpe": "b"}, {"name": "c", "purl": "pkg:npm/x%25"}
        )
        noted = {reason.code: [c.name for c in reason.components] for reason in decided(law, made).reasons}
        assert noted == {"gate/unreadable-purl": ["a"], "gate/unreadable-cpe": ["b"]}
        hidden = decided(law, sbom({"name": "a", "purl": "pkg:/kaspersky"}))
        assert (hidden.decision, hidden.review) == ("deny", True)


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
        expected = [*(made.namespace or "").split("/"), made.name] if made.namespace else [made.name]
        found = parts(said)
        assert found is not None
        assert found[0] == kind
        assert [folded(one, kind) for one in found[1]] == [folded(one, kind) for one in expected]

    @pytest.mark.parametrize("written", ["a_b.c", "A-B-C", "a--b__c", "a.-_b-C", "a%5Fb%2Ec"])
    def test_a_name_of_pypi_is_one_however_its_marks_are_written(self, written: str) -> None:
        """PEP 503: "all runs of the characters ., -, or _ replaced with a single - character"."""
        for listed in ("pkg:pypi/a-b-c", "pkg:pypi/a_b.c"):
            one = matcher_of(listed_vendor("acme", purls=[listed]))
            assert [match.is_certain for match in one.match(Component(purl=f"pkg:pypi/{written}@1"))] == [True]
            assert one.match(Component(purl=f"pkg:npm/{written}@1")) == ()
            assert one.match(Component(purl=f"pkg:pypi/{written}-d@1")) == ()


def folded(text: str, kind: str) -> str:
    """Letter case, accents and blanks at either end left out: what the gate leaves out of names of packages."""
    from gate.letters import folded as without_accents

    text = without_accents(text.strip())
    return re.sub(r"[-_.]+", "-", text) if kind == "pypi" else text
