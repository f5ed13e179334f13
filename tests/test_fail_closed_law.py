"""Ways to allow by accident (design, section 9): the law and its owners, waivers, findings and time."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gate import Asking, check, load
from gate.read import read
from tests.barred import ALLOW, BARRED, DENY, NO_VERDICT, REVIEW, inside, outside, package, reasons, request
from tests.boms import sbom
from tests.command import AGENCY, TEMPLATE

# --- The law itself ---------------------------------------------------------------------------------------------------

INSTRUMENT = """
id = "xx-ban"
title = "A ban"
kind = "prohibition"
jurisdiction = "XX"
authority = "A ministry"
time_zone = "Europe/Berlin"
published = 2020-01-01
checked = 2020-01-01
provenance = "official"
citation = {{ text = "Gazette 1", url = "https://gazette.example/1" }}
binds = ["anyone"]
vendors = ["oldco"]
reach = ["subsidiaries", "successors"]
[scope]
[[clauses]]
id = "use"
text = "Nobody may use it."
acts = ["use"]
starts = {starts}
"""

REGISTER = {
    "oldco": 'names = ["Oldco Systems"]',
    "daughter": 'purls = ["pkg:npm/daughter"]\n[[owners]]\nvendor = "oldco"\nkind = "subsidiary"\n'
    'starts = 2015-01-01\nends = 2022-01-01\nsource = "https://register.example/sale"',
    "newco": 'purls = ["pkg:npm/newco"]\n[[owners]]\nvendor = "oldco"\nkind = "successor"\n'
    'starts = 2023-06-01\nsource = "https://register.example/rename"',
    "label": 'purls = ["pkg:npm/label"]\n[[owners]]\nvendor = "oldco"\nkind = "brand"\n'
    'source = "https://register.example/brand"',
}


@pytest.fixture
def law(tmp_path: Path) -> Path:
    """A policy folder of our own: one ban, and four vendors that belong to each other for a time."""
    folder = tmp_path / "law"
    (folder / "prohibitions").mkdir(parents=True)
    (folder / "vendors").mkdir()
    (folder / "prohibitions" / "xx-ban.toml").write_text(INSTRUMENT.format(starts="2020-03-01"))
    for name, more in REGISTER.items():
        text = f'id = "{name}"\nname = "{name.title()}"\nsource = "https://register.example/{name}"\n{more}\n'
        (folder / "vendors" / f"{name}.toml").write_text(text)
    return folder


@pytest.mark.parametrize(
    "text",
    [
        "this is no TOML",
        INSTRUMENT.format(starts="2020-02-30"),
        INSTRUMENT.format(starts='"2020-03-01"'),
        INSTRUMENT.format(starts="2020-03-01").replace('"use"]', '"utilise"]'),
        INSTRUMENT.format(starts="2020-03-01").replace('"oldco"', '"nobody"'),
        INSTRUMENT.format(starts="2020-03-01").replace("Europe/Berlin", "Europe/Atlantis"),
        INSTRUMENT.format(starts="2020-03-01") + "surprise = 1\n",
        "",
        "\ufeff" + INSTRUMENT.format(starts="2020-03-01"),
        "\x00",
    ],
)
def test_a_law_that_cannot_be_read_is_not_skipped(text: str, law: Path, write: Callable[..., str]) -> None:
    (law / "prohibitions" / "xx-other.toml").write_text(text.replace('"xx-ban"', '"xx-other"'), "utf-8")
    assert inside(*AGENCY, "--policy", str(law), write(sbom(package()))) == NO_VERDICT


def test_a_law_that_cannot_be_read_does_not_leave_the_others_to_decide(law: Path, write: Callable[..., str]) -> None:
    (law / "prohibitions" / "xx-other.toml").write_text("this is no TOML")
    for document in (sbom(package()), sbom(package(BARRED)), sbom(package("pkg:npm/label@1"))):
        assert outside(*AGENCY, "--policy", str(law), write(document)).returncode == NO_VERDICT


def test_a_policy_folder_that_is_not_there_or_holds_no_law_is_not_skipped(
    tmp_path: Path, write: Callable[..., str]
) -> None:
    (tmp_path / "empty").mkdir()
    assert inside(*AGENCY, write(sbom(package()))) == ALLOW  # so that the built-in law is in the cache
    for folder in ("absent", "empty", "bom.json"):
        for flag in ("--policy", "--only-policy"):
            assert inside(*AGENCY, flag, str(tmp_path / folder), write(sbom(package()))) == NO_VERDICT


def test_a_law_that_forbids_nothing_at_all_gets_no_verdict(law: Path, write: Callable[..., str]) -> None:
    (law / "prohibitions" / "xx-ban.toml").unlink()
    assert inside("--act", "use", "--only-policy", str(law), write(sbom(package()))) == NO_VERDICT


@pytest.mark.parametrize("name", ["Kaspersky Lab Switzerland", "Kasperski"])
def test_a_vendor_that_somebody_adds_hides_none_of_the_law(
    name: str, write: Callable[..., str], tmp_path: Path
) -> None:
    folder = tmp_path / "own" / "vendors"
    folder.mkdir(parents=True)
    (folder / "acme.toml").write_text(
        f'id = "acme"\nname = "Acme"\nnames = ["{name}"]\nsource = "https://acme.example"\n', encoding="utf-8"
    )
    line = {"product": "A tool", "manufacturer": {"name": f"{name} GmbH"}, "supplier": {"name": "CDW"}}
    path = write(request(line, ordered="2030-01-01", buyer={"roles": ["us-federal-agency"]}))
    assert outside(path).returncode == REVIEW
    assert outside(path, "--policy", str(folder.parent)).returncode == REVIEW


def test_two_vendors_that_claim_one_name_are_refused(law: Path, write: Callable[..., str]) -> None:
    twin = '\nid = "twin"\nname = "OLDCO"\nsource = "https://register.example/twin"\n'
    (law / "vendors" / "twin.toml").write_text(twin)
    assert outside("--only-policy", str(law), write(sbom(package()))).returncode == NO_VERDICT


# --- Waivers ----------------------------------------------------------------------------------------------------------

WAIVER = """
id = "W-1"
prohibitions = ["xx-example-ban"]
vendors = ["template-vendor"]
granted_by = "minister"
authority = "Decision No. 1, art. 4"
approver = "The head of procurement"
reason = "The replacement is late."
starts = 2021-01-01
ends = 2021-06-01
"""


@pytest.fixture
def waived(tmp_path: Path, write: Callable[..., str]) -> Callable[..., tuple[str, ...]]:
    """Arguments that judge a purchase under the template's ban, with a waiver."""

    def arguments(waiver: str, ordered: str = "2021-05-05") -> tuple[str, ...]:
        product = {"product": "Template Suite", "manufacturer": {"name": "Template Vendor Ltd"}}
        document = request({**product, "supplier": {"name": "Shop"}}, acts=["acquire", "provide"], ordered=ordered)
        write(waiver, "waivers/w.toml")
        folder = str(tmp_path / "waivers")
        path = write(document, "request.json")
        return ("--policy", str(TEMPLATE), "--allow-past", "--waivers", folder, path)

    return arguments


def test_a_waiver_in_force_lifts_the_denial_and_stays_visible(
    waived: Callable[..., tuple[str, ...]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert inside(*waived(WAIVER)) == ALLOW
    capsys.readouterr()
    [lifted] = [r for r in reasons(*waived(WAIVER), capsys=capsys) if r["waiver"]]
    assert (lifted["effect"], lifted["waiver"]["id"], lifted["waiver"]["refused"]) == ("note", "W-1", None)


@pytest.mark.parametrize("ordered", ["2020-12-31", "2021-06-01", "2021-06-01T00:00:00+02:00", "2022-02-02"])
def test_a_waiver_outside_its_time_waives_nothing_and_the_decision_says_so(
    ordered: str, waived: Callable[..., tuple[str, ...]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert inside(*waived(WAIVER, ordered)) == DENY
    capsys.readouterr()
    [denied] = [r for r in reasons(*waived(WAIVER, ordered), capsys=capsys) if r["effect"] == "deny"]
    assert denied["waiver"]["refused"]


def test_the_last_moment_of_a_waiver_is_still_waived(waived: Callable[..., tuple[str, ...]]) -> None:
    assert inside(*waived(WAIVER, "2021-05-31T23:59:59.999999+02:00")) == ALLOW


@pytest.mark.parametrize(
    ("said", "instead"),
    [
        ('"minister"', '"mayor"'),  # whom the law does not name
        ("ends = 2021-06-01", "ends = 2022-01-02"),  # longer than the law lets any waiver run
    ],
)
def test_a_waiver_that_its_law_does_not_permit_waives_nothing(
    said: str, instead: str, waived: Callable[..., tuple[str, ...]]
) -> None:
    done = outside(*waived(WAIVER.replace(said, instead)))
    assert done.returncode == DENY
    assert b"waives nothing" in done.stdout


def test_a_waiver_of_a_law_that_permits_none_waives_nothing(write: Callable[..., str], tmp_path: Path) -> None:
    write(WAIVER.replace("xx-example-ban", "us-ndaa-fy2018-1634-kaspersky").replace("template-vendor", "kaspersky")
          .replace("ends = 2021-06-01", "ends = 2199-01-01"), "waivers/w.toml")  # fmt: skip
    assert inside(*AGENCY, "--waivers", str(tmp_path / "waivers"), write(sbom(package(BARRED)))) == DENY


@pytest.mark.parametrize(
    ("said", "instead"),
    [
        ("ends = 2021-06-01", ""),
        ("ends = 2021-06-01", 'ends = "never"'),
        ("ends = 2021-06-01", "ends = 2020-01-01"),
        ("ends = 2021-06-01", "ends = 2021-06-01T00:00:00"),
        ("starts = 2021-01-01", ""),
        ('approver = "The head of procurement"', ""),
        ('approver = "The head of procurement"', 'approver = ""'),
        ('reason = "The replacement is late."', ""),
        ('authority = "Decision No. 1, art. 4"', ""),
        ('granted_by = "minister"', ""),
        ('["xx-example-ban"]', "[]"),
        ('["xx-example-ban"]', '["xx-exemple-ban"]'),
        ('["template-vendor"]', "[]"),
        ('["template-vendor"]', '["*"]'),
        ('id = "W-1"', 'id = "W-1"\nforce = true'),
        ('id = "W-1"', 'id = "W-1'),
    ],
)
def test_a_malformed_waiver_gets_no_verdict(
    said: str, instead: str, waived: Callable[..., tuple[str, ...]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert said in WAIVER
    assert inside(*waived(WAIVER.replace(said, instead))) == NO_VERDICT
    assert "W-1" in (shown := capsys.readouterr().err) or "w.toml" in shown


def test_a_folder_of_waivers_that_is_not_there_gets_no_verdict(write: Callable[..., str], tmp_path: Path) -> None:
    assert inside(*AGENCY, "--waivers", str(tmp_path / "absent"), write(sbom(package()))) == NO_VERDICT


# --- Time -------------------------------------------------------------------------------------------------------------


def test_now_is_asked_anew_for_every_decision(law: Path) -> None:
    known = load([law], only=True)
    data = json.dumps(sbom(package("pkg:npm/label@1"))).encode()
    outcomes = []
    for now in (datetime(2020, 2, 29, 12, tzinfo=UTC), datetime(2020, 3, 1, 12, tzinfo=UTC)):
        decision = check(read(data, "bom.json", now=now), known, Asking(now=now, acts=("use",)))
        assert (decision.as_of, decision.known_at) == (now, now)
        outcomes.append(decision.outcome)
    assert outcomes == ["allow", "deny"]


def test_two_runs_of_one_process_are_made_at_two_times(
    write: Callable[..., str], capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(sbom(package()))
    times = []
    for _ in range(2):
        assert inside(*AGENCY, "--format", "json", path) == ALLOW
        record = json.loads(capsys.readouterr().out)
        assert record["as_of"] == record["known_at"] == record["evaluated_at"]
        times.append(record["as_of"])
    assert times[0] != times[1]


def test_a_clause_that_begins_between_two_runs_is_seen_by_the_second(law: Path, write: Callable[..., str]) -> None:
    path = write(sbom(package("pkg:npm/label@1")))
    file = law / "prohibitions" / "xx-ban.toml"
    tomorrow = (datetime.now(UTC) + timedelta(days=2)).date().isoformat()
    file.write_text(INSTRUMENT.format(starts=tomorrow))
    assert inside("--act", "use", "--only-policy", str(law), path) == ALLOW
    file.write_text(INSTRUMENT.format(starts="2020-03-01"))
    assert inside("--act", "use", "--only-policy", str(law), path) == DENY


@pytest.mark.parametrize(
    ("ordered", "status"),
    [
        ("2024-07-20T03:59:59Z", ALLOW),
        ("2024-07-20T03:59:59.999999Z", ALLOW),
        ("2024-07-20T04:00:00Z", DENY),
        ("2024-07-20T00:00:00-04:00", DENY),
        ("2024-07-20T06:00:00+02:00", DENY),
        ("2024-07-20T04:00:00.000001Z", DENY),
        ("2024-07-19", ALLOW),
        ("2024-07-20", DENY),
    ],
)
def test_the_first_instant_itself_is_inside(
    ordered: str, status: int, write: Callable[..., str], capsys: pytest.CaptureFixture[str]
) -> None:
    seller = {"name": "Kaspersky Lab, Inc."}
    line = {"product": "Kaspersky Endpoint Security for Business", "supplier": seller, "manufacturer": seller}
    path = write(request(line, buyer={"roles": ["us-person"]}, ordered=ordered))
    assert outside("--allow-past", path).returncode == status
    found = reasons("--allow-past", path, capsys=capsys)
    [clause] = [r for r in found if r["code"] == "us-commerce-icts-2021-002-kaspersky/new-agreements"]
    assert clause["effect"] == ("deny" if status == DENY else "warn")
    assert clause["in_force"]["starts"] == "2024-07-20T04:00:00Z"


@pytest.mark.parametrize(
    "moment",
    ["2024-07-20T00:00:00", "2024-07-20T00:00", "2024-07-20 00:00:00", "20240720T000000", "2024-W29-6T00:00:00"],
)
def test_a_naive_date_time_gets_no_verdict(moment: str, write: Callable[..., str]) -> None:
    line = {"product": "x", "manufacturer": {"name": "Example"}}
    for key in ("ordered", "delivered"):
        assert inside("--allow-past", write(request(line, **{key: moment}))) == NO_VERDICT
    term = {"starts": moment, "ends": "2030-01-01"}
    assert inside("--allow-past", write(request(line, term=term))) == NO_VERDICT
    assert inside("--allow-past", write(request(line, acts=[{"act": "use", "on": moment}]))) == NO_VERDICT
    assert inside(*AGENCY, "--allow-past", "--as-of", moment, write(sbom(package()))) == NO_VERDICT
    assert inside(*AGENCY, "--known-at", moment, write(sbom(package()))) == NO_VERDICT


def test_a_naive_date_time_in_the_law_gets_no_verdict(law: Path, write: Callable[..., str]) -> None:
    (law / "prohibitions" / "xx-ban.toml").write_text(INSTRUMENT.format(starts="2020-03-01T00:00:00"))
    assert outside("--only-policy", str(law), write(sbom(package()))).returncode == NO_VERDICT


# --- Vendors that were renamed or sold --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("purl", "day", "status"),
    [
        ("pkg:npm/label@1", "2020-02-29", ALLOW),  # before the ban
        ("pkg:npm/label@1", "2020-03-01", DENY),  # a brand is its owner under another name
        ("pkg:npm/label@1", "2025-01-01", DENY),
        ("pkg:npm/daughter@1", "2020-03-01", DENY),
        ("pkg:npm/daughter@1", "2021-12-31", DENY),
        ("pkg:npm/daughter@1", "2022-01-02", ALLOW),  # sold the day before
        ("pkg:npm/newco@1", "2023-05-31", ALLOW),  # not yet the successor
        ("pkg:npm/newco@1", "2023-06-01", DENY),  # renamed
    ],
)
def test_a_vendor_renamed_or_sold_is_judged_by_whose_it_was_that_day(
    purl: str, day: str, status: int, law: Path, write: Callable[..., str]
) -> None:
    arguments = ("--only-policy", str(law), "--act", "use", "--allow-past", "--as-of", day)
    assert inside(*arguments, write(sbom(package(purl)))) == status


@pytest.mark.parametrize(
    ("zone", "moment", "status"),
    [
        ("America/New_York", "2021-12-31T23:00:00-05:00", DENY),
        ("America/New_York", "2022-01-01T00:00:00-05:00", ALLOW),
        ("Europe/Berlin", "2021-12-31T23:59:59+01:00", DENY),
        ("Europe/Berlin", "2022-01-01T00:00:00+01:00", ALLOW),
    ],
)
def test_a_vendor_is_sold_on_a_legal_day_of_the_law_that_is_applied(
    zone: str, moment: str, status: int, law: Path, write: Callable[..., str]
) -> None:
    text = INSTRUMENT.format(starts="2020-03-01").replace("Europe/Berlin", zone)
    (law / "prohibitions" / "xx-ban.toml").write_text(text)
    arguments = ("--only-policy", str(law), "--act", "use", "--allow-past", "--as-of", moment)
    assert inside(*arguments, write(sbom(package("pkg:npm/daughter@1")))) == status


def test_a_finding_that_settles_something_is_named_in_the_decision(
    tmp_path: Path, write: Callable[..., str], capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "findings").mkdir()
    (tmp_path / "findings" / "F-1.toml").write_text(
        'id = "F-1"\nvendor = "kaspersky"\nnames = ["a"]\nnot_this_vendor = true\nby = "Ann"\nreason = "Another one."\n'
        "starts = 2020-01-01\nends = 2040-01-01\n"
    )
    document = write(sbom({"type": "library", "name": "a", "supplier": {"name": "Kaspesky"}}))
    assert inside(*AGENCY, document) == REVIEW
    capsys.readouterr()
    arguments = (*AGENCY, "--findings", str(tmp_path / "findings"), "--format", "json", document)
    assert inside(*arguments) == ALLOW
    [reason] = json.loads(capsys.readouterr().out)["reasons"]
    assert reason["code"] == "gate/finding"
    assert "F-1 by Ann" in reason["message"]
    assert [component["pointer"] for component in reason["components"]] == ["/components/0"]


def test_a_finding_that_settles_nothing_is_named_too(
    tmp_path: Path, write: Callable[..., str], capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "findings").mkdir()
    (tmp_path / "findings" / "F-2.toml").write_text(
        f'id = "F-2"\nvendor = "kaspersky"\npurls = ["{BARRED}"]\nnot_this_vendor = true\nby = "Ann"\n'
        'reason = "A fork."\n'
        "starts = 2020-01-01\nends = 2040-01-01\n"
    )
    arguments = (*AGENCY, "--findings", str(tmp_path / "findings"), "--format", "json", write(sbom(package(BARRED))))
    assert inside(*arguments) == DENY
    told = [r["message"] for r in json.loads(capsys.readouterr().out)["reasons"] if r["code"] == "gate/finding"]
    assert len(told) == 1
    assert "F-2 by Ann changed nothing" in told[0]


def test_a_finding_makes_a_known_category_more_exact_and_takes_none_away(
    tmp_path: Path, write: Callable[..., str]
) -> None:
    (tmp_path / "findings").mkdir()

    def judged(product: str, category: str) -> int:
        (tmp_path / "findings" / "F-3.toml").write_text(
            f'id = "F-3"\nvendor = "kaspersky"\nnames = ["{product.lower()}"]\ncategories = ["{category}"]\n'
            'by = "Ann"\nreason = "Read the manual."\nstarts = 2020-01-01\nends = 2040-01-01\n'
        )
        line = {"product": product, "supplier": {"name": "Kaspersky Lab"}, "manufacturer": {"name": "Kaspersky Lab"}}
        document = write(request(line, buyer={"roles": ["us-person"]}))
        return inside("--findings", str(tmp_path / "findings"), "--allow-past", document)

    assert judged("Kaspersky Password Manager", "development-tool") == ALLOW
    assert judged("Kaspersky Password Manager", "vpn") == DENY
    assert judged("Kaspersky Anti-Virus", "development-tool") == DENY


def test_a_scope_excludes_parts_alone(write: Callable[..., str]) -> None:
    """Design, section 6: `scope: excluded` is not delivered and only noted. The product itself is what is bought."""
    barred = package(BARRED, scope="excluded")
    held = sbom(package(), metadata={"component": {"type": "application", "name": "x", "components": [barred]}})
    assert inside(*AGENCY, write(sbom(package(), barred))) == ALLOW
    assert inside(*AGENCY, write(held)) == ALLOW
    assert inside(*AGENCY, write(sbom(package(), package(pedigree={"ancestors": [barred]})))) == DENY
    product = {"type": "application", "name": "KES", "scope": "excluded", "manufacturer": {"name": "Kaspersky Lab"}}
    write(sbom(package(), metadata={"component": product}), "a.json")
    line = {"product": "Endpoint protection", "supplier": {"name": "CDW LLC"}, "sbom": {"path": "a.json"}}
    assert inside(*AGENCY, write(request(line), "r.json")) != ALLOW
