"""Ways to allow by accident (design, section 9): what says little, says it oddly, or in words that nobody knows."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.barred import ALLOW, BARRED, COMPANY, DENY, NO_VERDICT, REVIEW, inside, outside, package, request
from tests.boms import Json, sbom
from tests.command import AGENCY

# --- Components that say little, or say it oddly ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "signs",
    [
        {"publisher": "Kaspersky Lab"},
        {"supplier": {"name": "AO Kaspersky Lab"}},
        {"manufacturer": {"name": "Kaspersky Lab, Inc."}},
        {"author": "AO Kaspersky Lab"},
        {"authors": [{"name": "AO Kaspersky Lab"}]},
        {"group": "@kaspersky"},
        {"group": "com.kaspersky.android-components"},
        {"cpe": "cpe:2.3:a:kaspersky:total_security:21:*:*:*:*:*:*:*"},
        {"bom-ref": BARRED},
    ],
)
def test_a_component_without_a_purl_is_not_skipped(signs: Json, write: Callable[..., str]) -> None:
    assert inside(*AGENCY, write(sbom(package(None, **signs)))) == DENY


BAD_PURLS = [
    "pkg:",
    "pkg:npm",
    "pkg:npm/",
    "no purl",
    "npm/left-pad",
    "pkg:npm/%",
    "pkg:npm/%zz/x",
    "pkg:@",
    "://",
    "  ",
]


@pytest.mark.parametrize("purl", BAD_PURLS)
def test_a_bad_purl_does_not_hide_the_other_fields(purl: str, write: Callable[..., str]) -> None:
    assert inside(*AGENCY, write(sbom(package(purl, publisher="Kaspersky Lab")))) == DENY


@pytest.mark.parametrize("purl", BAD_PURLS)
def test_a_bad_purl_does_not_hide_the_purl_that_the_reference_is(purl: str, write: Callable[..., str]) -> None:
    assert inside(*AGENCY, write(sbom(package(purl, **{"bom-ref": BARRED})))) == DENY


@pytest.mark.parametrize("purl", [5, ["pkg:npm/x"], {"type": "npm"}, True])
def test_a_purl_that_is_no_string_gets_no_verdict(purl: object, write: Callable[..., str]) -> None:
    assert inside(*AGENCY, write(sbom({**package(), "purl": purl}))) == NO_VERDICT


VERSIONS = [
    "",
    "0",
    "latest",
    "1:2.3~rc1-4ubuntu1",
    "2024.07.20-1",
    "v1.0.0+build.5",
    "1.0/2.0",
    "1.0@2.0",
    "§ 5",
    "двенадцать",
    "../..",
    "${version}",
]


@pytest.mark.parametrize("version", VERSIONS)
def test_a_version_that_is_not_semantic_does_not_escape(version: str, write: Callable[..., str]) -> None:
    assert inside(*AGENCY, write(sbom(package(f"pkg:npm/%40kaspersky/x@{version}", version=version)))) == DENY
    assert inside(*AGENCY, write(sbom(package(None, publisher="Kaspersky Lab", version=version)))) == DENY


@pytest.mark.parametrize("version", [1, 1.5, ["1"], {"major": 1}])
def test_a_version_that_is_no_string_never_allows(version: object, write: Callable[..., str]) -> None:
    assert inside(*AGENCY, write(sbom(package(BARRED, version=version)))) in (DENY, NO_VERDICT)


# Nobody says who sells: the clause on new agreements asks for Kaspersky as supplier, so that is to be settled.
UNSAID_SUPPLIERS: list[Json] = [{}, {"supplier": None}, {"supplier": {}}, {"supplier": {"name": ""}}]
PLACEHOLDERS = [
    "NOASSERTION",
    "noassertion",
    "NONE",
    "unknown",
    "N/A",
    "n/a",
    "Organization: NOASSERTION",
    "-",
    "?",
    " ",
]


@pytest.mark.parametrize("supplier", UNSAID_SUPPLIERS)
def test_an_absent_supplier_is_unknown_and_not_somebody_else(supplier: Json, write: Callable[..., str]) -> None:
    line = {
        "product": "Kaspersky Endpoint Security for Business",
        "manufacturer": {"name": "Kaspersky Lab, Inc."},
        **supplier,
    }
    path = write(request(line, buyer={"roles": ["us-person"]}))
    assert outside("--allow-past", path).returncode == REVIEW


@pytest.mark.parametrize("name", PLACEHOLDERS)
def test_a_placeholder_is_no_supplier(name: str, write: Callable[..., str]) -> None:
    line = {
        "product": "Kaspersky Endpoint Security for Business",
        "manufacturer": {"name": "Kaspersky Lab, Inc."},
        "supplier": {"name": name},
    }
    assert inside("--allow-past", write(request(line, buyer={"roles": ["us-person"]}))) == REVIEW


@pytest.mark.parametrize("name", PLACEHOLDERS)
def test_a_placeholder_for_the_products_supplier_is_as_good_as_none(name: str, write: Callable[..., str]) -> None:
    def product(**supplier: Any) -> str:
        root = package(None, name="Kaspersky Total Security", type="application", manufacturer={"name": "Kaspersky"})
        return write(sbom(package(), metadata={"component": {**root, **supplier}}))

    when = (*COMPANY, "--as-of", "2024-08-01", "--allow-past")
    assert inside(*when, product()) == REVIEW
    assert inside(*when, product(supplier={"name": name})) == REVIEW


@pytest.mark.parametrize("name", PLACEHOLDERS)
def test_a_placeholder_matches_nobody_and_hides_nobody(name: str, write: Callable[..., str]) -> None:
    says_nothing: Json = {"supplier": {"name": name}, "publisher": name, "author": name, "group": name}
    assert inside(*AGENCY, write(sbom(package(BARRED, **says_nothing)))) == DENY
    assert inside(*AGENCY, write(sbom(package(**says_nothing)))) == ALLOW


@pytest.mark.parametrize("product", ["TBD", "see quote", "N/A", "NOASSERTION", "-", "?", "various"])
def test_a_line_that_will_say_later_what_is_bought_is_a_review(product: str, write: Callable[..., str]) -> None:
    buyer = {"roles": ["us-person"]}
    reseller = {"product": product, "supplier": {"name": "CDW LLC"}}
    assert inside("--allow-past", write(request(reseller, buyer=buyer))) == REVIEW
    assert (
        inside("--allow-past", write(request({**reseller, "manufacturer": {"name": product}}, buyer=buyer))) == REVIEW
    )
    for said in ({"purl": "pkg:npm/left-pad@1"}, {"manufacturer": {"name": "Bosch"}}, {"product": "Chair"}):
        assert inside("--allow-past", write(request({**reseller, **said}, buyer=buyer))) == ALLOW


# --- Words that are not known -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments",
    [
        ("--format", "yaml"),
        ("--format", "JSON"),
        ("--format", ""),
        ("--format", "json="),
        ("--role", "us-persons"),
        ("--role", "anyone"),
        ("--role", ""),
        ("--act", "buy"),
        ("--act", ""),
        ("--profile", "us-federal"),
        ("--profile", ""),
        ("--profile", "US-FEDERAL-AGENCY"),
        ("--on-review", "ignore"),
        ("--as-of", "tomorrow"),
        ("--as-of", "0001-01-01"),
        ("--known-at", "9999-12-31"),
        ("--known-at", "yesterday"),
        ("--prof", "us-company"),
        ("--no-such-flag",),
        ("--force",),
    ],
)
def test_an_unknown_word_never_falls_to_a_default(arguments: tuple[str, ...], write: Callable[..., str]) -> None:
    assert inside(*arguments, write(sbom(package()))) == NO_VERDICT


@pytest.mark.parametrize(
    "more",
    [
        {"acts": ["buy"]},
        {"acts": ["Acquire"]},
        {"acts": [{"act": "buy", "on": "2030-01-01"}]},
        {"acts": ["acquire", ""]},
        {"agreement": "fresh"},
        {"purposes": ["fun"]},
        {"buyer": {"roles": ["citizen"]}},
        {"facts": {"device": "toaster"}},
        {"facts": {"colour": "red"}},
        {"Lines": []},
        {"comment": "unknown keys are refused"},
        {"supplier_uses": [{"product": "x", "category": "toaster"}]},
        {"lines": [{"product": "x", "category": "antivirus"}]},
        {"lines": [{"product": "x", "Manufacturer": {"name": "Kaspersky"}}]},
        {"lines": [{"product": "x", "manufacturer": {"Name": "Kaspersky"}}]},
        {"lines": [{}]},
        {"lines": [{"product": ""}]},
        {"lines": {"product": "x"}},
    ],
)
def test_an_unknown_word_in_a_request_gets_no_verdict(more: Json, write: Callable[..., str]) -> None:
    line = {"product": "x", "manufacturer": {"name": "Example"}}
    assert inside("--role", "us-person", write({**request(line, ordered="2030-01-01"), **more})) == NO_VERDICT


# --- Ways to write a name differently ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "purl",
    [
        f"{BARRED}?repository_url=https://example.com/left-pad",
        f"{BARRED}#left-pad",
        f"{BARRED}?a=b#pkg:npm/left-pad@1",
        f"{BARRED}?purl=pkg:npm/left-pad@1",
        f"{BARRED}#../../left-pad",
        "pkg:npm/%40kaspersky/hexa-ui?x=/",
        "pkg:npm/%40kaspersky/hexa-ui#/",
        "pkg:npm/%40kaspersky/hexa-ui@1.0%3Fx=1",
        "pkg:npm/%40kaspersky/hexa-ui@1/2/3",
        "pkg:maven/com.kaspersky.android-components/kaspresso@1.5.5?type=aar&classifier=x/y",
        "pkg:deb/debian/kesl@11?arch=amd64&distro=bookworm",
        "pkg:golang/github.com/kasperskylab/x@v1#sub/path",
        "pkg:github/kasperskylab/klara@1?x=y#z",
    ],
)
def test_a_purls_qualifiers_and_subpath_hide_nothing(purl: str, write: Callable[..., str]) -> None:
    assert inside(*AGENCY, write(sbom(package(purl)))) == DENY


@pytest.mark.parametrize(
    "purl",
    [
        "pkg:NPM/%40KASPERSKY/x",
        "PKG:npm/%40Kaspersky/x",
        "Pkg:Npm/@kaspersky/x",
        "pkg:npm/%40kaspersky%2Fhexa-ui",
        "pkg:npm/%40kaspersky%2fhexa-ui@1.0.0",
        "pkg:npm/%2540kaspersky/hexa-ui@1",
        "pkg:npm/%2540kaspersky%252Fhexa-ui",
        "pkg:npm/%40%6Baspersky/x",
        "pkg:npm/%40k%61spersk%79/x",
        "pkg:npm/kaspersky/x",
        "pkg://npm/%40kaspersky/x",
        "pkg:/npm/%40kaspersky/x",
        "pkg:npm//%40kaspersky//x",
        "pkg:npm/./%40kaspersky/x",
        " pkg:npm/%40kaspersky/x ",
        "pkg:npm/%40kaspersky%20/x",
        "pkg:npm/%20%40kaspersky/x",
        "pkg:maven/COM.Kaspersky/x@1",
        "pkg:maven/com%2Ekaspersky/x@1",
        "pkg:maven/com/kaspersky/x@1",
        "pkg:golang/GitHub.com/KasperskyLab/x",
        "pkg:golang/github.com%2Fkasperskylab%2Fx",
        "pkg:github/KasperskyLab/x",
    ],
)
@pytest.mark.parametrize("many", [False, True], ids=["alone", "among-many"])
def test_percent_encoding_and_letter_case_hide_nothing(purl: str, many: bool, write: Callable[..., str]) -> None:
    others = [package(f"pkg:npm/p{n}@1") for n in range(100)] if many else []
    assert inside(*AGENCY, write(sbom(*others, package(purl, name="x")))) in (DENY, REVIEW)


ALIASES = [
    "АО «Лаборатория Касперского»",
    "Лаборатория Касперского",
    "лаборатория касперского, ао",
    "ЛАБОРАТОРИЯ  КАСПЕРСКОГО",
    "Ｋａｓｐｅｒｓｋｙ　Ｌａｂ",
    "Kas\u200bpersky Lab",
    "K\u00adaspersky\u2060 Lab",
    "\u202eKaspersky Lab\u202c",
    "Kаspersky Lab",
    "КаsреrsKу Lab",
    "Κaspersky Lab",
    "Kaspersky\u00a0Lab",
    "Kaspérsky Lab",
    "KASPERSKY LAB, INC.",
    "Kaspersky-Lab",
    "Kaspersky_Lab",
    "Kaspersky\tLab\n",
    "Organization: Kaspersky Lab",
    "Kaspersky Lab (https://www.kaspersky.com)",
    "Kaspersky Lab <info@kaspersky.com>",
    "𝐊𝐚𝐬𝐩𝐞𝐫𝐬𝐤𝐲 Lab",
    "ᴋaspersky Lab",
    "Kɑspersky Lab",
    "Каspersky Lab",
    "Kaspеrsky Lаb ZAO",
]


@pytest.mark.parametrize("name", ALIASES)
@pytest.mark.parametrize("many", [False, True], ids=["alone", "among-many"])
def test_an_alias_in_another_script_is_the_same_company(name: str, many: bool, write: Callable[..., str]) -> None:
    others = [package(f"pkg:npm/p{n}@1") for n in range(100)] if many else []
    for field in ({"publisher": name}, {"supplier": {"name": name}}):
        assert inside(*AGENCY, write(sbom(*others, package(None, **field)))) in (DENY, REVIEW)


@pytest.mark.parametrize("name", ALIASES[:9])
def test_an_alias_in_another_script_is_the_same_company_in_a_request(name: str, write: Callable[..., str]) -> None:
    line = {"product": "A tool", "manufacturer": {"name": name}, "supplier": {"name": "CDW"}}
    path = write(request(line, ordered="2030-01-01", buyer={"roles": ["us-federal-agency"]}))
    assert outside(path).returncode == DENY


@pytest.mark.parametrize(
    ("product", "maker", "role", "purl"),
    [
        ("Hikvision DS-2CD camera with Artemis HTTP Client", "Hikvision", "us-federal-agency", None),
        ("Kaspersky Next EDR Optimum incl. Kaspersky Security Awareness", "Kaspersky Lab", "us-person", None),
        ("Kaspersky Antivirus 2026 (with Kaspersky Threat Intelligence feed)", "Kaspersky Lab", "us-person", None),
        ("Huawei S5720 switch (managed by Huawei HarmonyOS)", "Huawei", "us-federal-agency", None),
        ("Kaspersky Next", "Kaspersky Lab", "us-person", "pkg:npm/%40kaspersky/hexa-ui"),
        ("Kaspersky Security Awareness with Anti-Virus", "Kaspersky Lab", "us-person", None),
        ("Kaspersky Security Awareness, Total Security", "Kaspersky Lab", "us-person", None),
        ("Kaspersky Threat Intelligence + EDR", "Kaspersky Lab", "us-person", None),
        ("Huawei EulerOS server with S5720 switch", "Huawei", "us-federal-agency", None),
        ("Huawei S5720-28P switch", "OEM", "us-federal-agency", None),
        ("Huawei S5720-28P switch", "CDW LLC", "us-federal-agency", None),
        ("5x Huawei S5720-28P", None, "us-federal-agency", None),
        ("Used ZTE ZXR10 router", None, "us-federal-agency", None),
        ("IP camera Hikvision DS-2CD", "see quote", "us-federal-agency", None),
        ("one " * 47 + "Kaspersky Endpoint Security", None, "us-federal-agency", None),
        ("Dahua IPC-HFW2431 camera", "Luminys Systems Corp.", "us-federal-agency", None),
        # Nobody said what it makes, so it may be cameras: neither a package nor a bundled product says otherwise.
        ("Baidu Apollo", "Baidu, Inc.", "uk-government-department", "pkg:github/baidubce/x@1"),
        ("Baidu Cloud SDK with Apollo", "Baidu, Inc.", "uk-government-department", None),
    ],
)
def test_nothing_else_that_a_line_says_takes_its_product_out_of_the_law(
    product: str, maker: str | None, role: str, purl: str | None, write: Callable[..., str]
) -> None:
    line: Json = {"product": product, "purposes": ["public-safety"], **({"purl": purl} if purl else {})}
    if maker is not None:
        line |= {"manufacturer": {"name": maker}, "supplier": {"name": maker}}
    path = write(request(line, ordered="2030-01-01", buyer={"roles": [role]}))
    assert outside(path).returncode in (DENY, REVIEW)


PRODUCTS_TOGETHER = (
    "Kaspersky Anti-Virus",
    "Kaspersky Anti-Virus with support",
    "Kaspersky Anti-Virus + EDR",
    "Kaspersky Anti-Virus, Kaspersky Security Awareness",
    "Kaspersky Security Awareness, Kaspersky Anti-Virus",
)


def test_what_comes_with_a_barred_product_makes_it_no_less_barred(write: Callable[..., str]) -> None:
    maker = {"name": "Kaspersky Lab"}
    for product in PRODUCTS_TOGETHER:
        line = {"product": product, "supplier": maker, "manufacturer": maker}
        roles = {"roles": ["nl-central-government"]}
        assert inside(write(request(line, ordered="2030-01-01", buyer=roles))) == DENY


@pytest.mark.parametrize(
    "product",
    [
        "Kaspersky Antivirus",
        "Kaspersky Lab Endpoint Security",
        "Endpoint Security for Business",
        "Kaspersky Anti-Virus 12",
        "KasperskyEndpointSecurity",
        "Kaspersky InternetSecurity 2024",
        "Kaspersky KAVSDK",
        "Kaspersky SecureConnection",
        "Kaspersky Endpoint Detection & Response",
    ],
)
def test_no_claim_about_a_product_takes_it_out_of_scope_however_its_name_is_spaced(
    product: str, write: Callable[..., str]
) -> None:
    maker = {"name": "Kaspersky Lab"}
    for category in ("threat-intelligence", "computer"):
        line = {"product": product, "category": category, "supplier": maker, "manufacturer": maker}
        assert inside(write(request(line))) != ALLOW
