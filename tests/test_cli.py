"""The command line: what it accepts, what it prints and what its exit status says."""

import gzip
import json
import os
import pty
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gate.cli import COMMANDS, STATUSES
from tests.boms import sbom
from tests.command import AGENCY, ROOT, UNDER_TEMPLATE, inside, outside

Json = dict[str, Any]
Documents = dict[str, str]


def package(purl: str, **more: Any) -> Json:
    return {"type": "library", "name": purl.rpartition("/")[2].partition("@")[0], "purl": purl, **more}


CLEAN = sbom(package("pkg:npm/left-pad@1.3.0"))
BARRED = sbom(package("pkg:npm/%40kaspersky/hexa-ui@6.198.2"))
# A part of another's product: the template's law leaves open whether it has to go.
UNSETTLED = sbom(package("pkg:npm/%40template-vendor/part@1"))


@pytest.fixture
def documents(tmp_path: Path) -> Documents:
    """One file for each outcome."""
    folder = tmp_path / "documents"
    folder.mkdir()
    texts = {"allow": CLEAN, "deny": BARRED, "review": UNSETTLED}
    for name, document in texts.items():
        (folder / f"{name}.json").write_text(json.dumps(document))
    (folder / "broken.json").write_text("{")
    return {name: str(folder / f"{name}.json") for name in (*texts, "broken")}


def decision(*arguments: str, capsys: pytest.CaptureFixture[str]) -> Json:
    """The JSON report on one input."""
    capsys.readouterr()
    inside("check", "--format", "json", *arguments)
    found: Json = json.loads(capsys.readouterr().out)
    return found


# --- Exit status ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "status"), [("allow", 0), ("deny", 1), ("broken", 2), ("review", 3)])
def test_the_exit_status_says_the_outcome(name: str, status: int, documents: Documents) -> None:
    assert outside("check", *AGENCY, *UNDER_TEMPLATE, documents[name]).returncode == status


@pytest.mark.parametrize(
    ("names", "status"),
    [
        (["allow", "allow"], 0),
        (["allow", "review"], 3),
        (["review", "allow"], 3),
        (["allow", "deny", "review"], 1),
        (["review", "deny"], 1),
        (["deny", "broken", "allow"], 2),
        (["broken", "deny"], 2),
        (["allow", "broken"], 2),
    ],
)
def test_of_several_inputs_the_worst_counts(names: list[str], status: int, documents: Documents) -> None:
    assert inside("check", *AGENCY, *UNDER_TEMPLATE, *(documents[name] for name in names)) == status


def test_inputs_after_a_broken_one_are_still_judged(documents: Documents, capsys: pytest.CaptureFixture[str]) -> None:
    assert inside("check", *AGENCY, documents["broken"], documents["deny"]) == 2
    shown = capsys.readouterr()
    assert shown.out.startswith("DENY")
    assert "broken.json" in shown.err


def test_no_arguments_at_all_is_a_usage_error() -> None:
    assert outside().returncode == 2
    assert outside("check").returncode == 2
    assert outside("no-such-command").returncode == 2


# --- Inputs -----------------------------------------------------------------------------------------------------------


def test_a_folder_is_searched_for_documents_at_any_depth(
    documents: Documents, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = Path(documents["allow"]).parent
    (folder / "broken.json").unlink()
    (folder / "below").mkdir()
    (folder / "below" / "more.cdx.json.gz").write_bytes(gzip.compress(json.dumps(CLEAN).encode()))
    (folder / "README.md").write_text("not looked at")
    assert inside("check", *AGENCY, *UNDER_TEMPLATE, "--format", "json", str(folder)) == 1
    found = json.loads(capsys.readouterr().out)
    names = [Path(one["subject"]["name"]).name for one in found]
    assert sorted(names) == ["allow.json", "deny.json", "more.cdx.json.gz", "review.json"]


def test_a_glob_is_expanded_by_the_gate_too(documents: Documents, capsys: pytest.CaptureFixture[str]) -> None:
    assert inside("check", *AGENCY, "--format", "json", str(Path(documents["allow"]).parent / "[ad]*.json")) == 1
    assert [one["decision"] for one in json.loads(capsys.readouterr().out)] == ["allow", "deny"]


def test_a_relative_glob_and_path_are_looked_for_where_one_stands(documents: Documents) -> None:
    folder = Path(documents["allow"]).parent
    elsewhere: dict[str, Any] = {"cwd": folder, "env": {**os.environ, "PYTHONPATH": str(ROOT)}}
    assert outside("check", *AGENCY, "allow.json", "a*.json", **elsewhere).returncode == 0
    assert outside("check", *AGENCY, "deny.json", **elsewhere).returncode == 1


def test_files_in_a_folder_that_are_no_documents_are_named_up_to_a_few(
    documents: Documents, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = Path(documents["allow"]).parent
    (folder / "broken.json").unlink()
    (folder / "::error::x").write_text("no document")
    assert inside("check", *AGENCY, str(folder)) == 1
    assert "gate: 1 file in folders passed over, no SBOM or request: " in capsys.readouterr().err
    for number in range(4):
        (folder / f"picture-{number}.png").write_text("no document")
    assert inside("check", *AGENCY, str(folder)) == 1
    said = capsys.readouterr().err
    assert "gate: 5 files in folders passed over, no SBOM or request: " in said
    assert said.rstrip().endswith(" and 2 more")
    assert not any(line.startswith("::") for line in said.splitlines())


def test_an_empty_argument_is_no_folder(documents: Documents) -> None:
    elsewhere: dict[str, Any] = {
        "cwd": Path(documents["allow"]).parent,
        "env": {**os.environ, "PYTHONPATH": str(ROOT)},
    }
    Path(documents["broken"]).unlink()
    Path(documents["deny"]).unlink()
    done = outside("check", *AGENCY, "", **elsewhere)
    assert (done.returncode, done.stdout) == (2, b"")


@pytest.mark.parametrize(("document", "status"), [(CLEAN, 0), (BARRED, 1)])
def test_standard_input_is_read_plain_and_packed(document: Json, status: int) -> None:
    data = json.dumps(document).encode()
    assert outside("check", *AGENCY, "-", stdin=data).returncode == status
    assert outside("check", *AGENCY, "-", stdin=gzip.compress(data)).returncode == status


def test_a_packed_file_says_what_the_plain_one_says(tmp_path: Path) -> None:
    path = tmp_path / "bom.json.gz"
    path.write_bytes(gzip.compress(json.dumps(BARRED).encode()))
    assert inside("check", *AGENCY, str(path)) == 1


def test_the_samples_are_judged_as_their_names_lead_one_to_expect() -> None:
    samples = ROOT / "sboms"
    assert outside("check", *AGENCY, str(samples / "webapp-hexa-ui.cyclonedx-npm.cdx.json")).returncode == 1
    assert outside("check", *AGENCY, str(samples / "express-api.cyclonedx-npm.cdx.json")).returncode == 0
    assert inside("check", *AGENCY, str(samples / "pyapp.cyclonedx-py.cdx.xml")) == 0
    assert inside("check", *AGENCY, str(samples)) == 1


def test_a_schema_fault_is_refused_only_when_asked(documents: Documents) -> None:
    path = Path(documents["allow"])
    path.write_text(json.dumps({**CLEAN, "no-such-key": 1}))
    assert inside("check", *AGENCY, str(path)) == 0
    assert inside("check", *AGENCY, "--validate", str(path)) == 2


# --- Reports ----------------------------------------------------------------------------------------------------------

KEYS = {
    "schema",
    "id",
    "decision",
    "review",
    "as_of",
    "known_at",
    "evaluated_at",
    "subject",
    "buyer",
    "policy",
    "engine",
    "reasons",
    "coverage",
    "timeline",
}
REASON_KEYS = {
    "code",
    "effect",
    "message",
    "act",
    "when",
    "in_force",
    "vendor",
    "components",
    "citation",
    "provenance",
    "published",
    "checked",
    "missing",
    "remedy",
    "waiver",
}
COMPONENT_KEYS = {"ref", "position", "name", "version", "purl", "pointer", "line", "fingerprint", "evidence"}


def test_the_json_report_has_every_key_of_the_wire_format(
    documents: Documents, capsys: pytest.CaptureFixture[str]
) -> None:
    found = decision(*AGENCY, documents["deny"], capsys=capsys)
    assert found["schema"] == 1
    assert (found["decision"], found["review"]) == ("deny", False)
    assert set(found) >= KEYS
    assert set(found["subject"]) >= {"kind", "name", "digest"}
    assert set(found["buyer"]) >= {"profile", "roles"}
    assert set(found["policy"]) >= {"version", "digest"}
    assert set(found["engine"]) >= {"version"}
    assert set(found["coverage"]) >= {"components", "identified"}
    for reason in found["reasons"]:
        assert set(reason) >= REASON_KEYS
        for component in reason["components"]:
            assert set(component) >= COMPONENT_KEYS
            for evidence in component["evidence"]:
                assert set(evidence) >= {"field", "said", "matched", "strength"}
    [first, *_] = found["reasons"]
    assert first["effect"] == "deny"
    assert set(first["vendor"]) >= {"id", "name", "through"}
    assert first["components"][0]["line"] == 1
    assert found["timeline"][0]["starts"] is None


def test_the_json_report_is_a_list_for_several_inputs(documents: Documents, capsys: pytest.CaptureFixture[str]) -> None:
    inside("check", *AGENCY, "--format", "json", documents["allow"], documents["deny"])
    found = json.loads(capsys.readouterr().out)
    assert [one["decision"] for one in found] == ["allow", "deny"]
    assert len({one["id"] for one in found}) == 2


def test_the_same_question_gives_the_same_digest(documents: Documents, capsys: pytest.CaptureFixture[str]) -> None:
    when = ("--as-of", "2031-01-01", "--known-at", "2026-01-01", "--allow-past")
    one, other = (decision(*AGENCY, *when, documents["deny"], capsys=capsys) for _ in range(2))
    assert one["digest"] == other["digest"]
    assert one["id"] != other["id"]


def test_a_report_goes_to_a_file_while_another_is_printed(documents: Documents, tmp_path: Path) -> None:
    path = tmp_path / "report.txt"
    done = outside("check", *AGENCY, "--format", f"text={path}", "--format", "json", documents["deny"])
    assert done.returncode == 1
    assert json.loads(done.stdout)["decision"] == "deny"
    assert path.read_text("utf-8").startswith("DENY")
    assert "\x1b" not in path.read_text("utf-8")


@pytest.mark.parametrize("formats", [("json", "text"), ("text", "text"), ("json", "html=x.html", "sarif")])
def test_two_reports_on_standard_output_are_refused_before_anything_is_written(
    formats: tuple[str, ...], documents: Documents, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = outside("check", *AGENCY, *(f"--format={one}" for one in formats), documents["allow"])
    assert (done.returncode, done.stdout) == (2, b"")
    assert f"--format {formats[0]}=PATH".encode() in done.stderr
    assert list(tmp_path.glob("*.html")) == []


def test_a_report_to_a_file_leaves_standard_output_empty(documents: Documents, tmp_path: Path) -> None:
    done = outside("check", *AGENCY, "--format", f"json={tmp_path / 'a=b.json'}", documents["allow"])
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert json.loads((tmp_path / "a=b.json").read_text())["decision"] == "allow"


# --- Who asks, for what, when -----------------------------------------------------------------------------------------


def test_a_profile_stands_for_its_roles_and_acts(documents: Documents, capsys: pytest.CaptureFixture[str]) -> None:
    found = decision(*AGENCY, documents["deny"], capsys=capsys)
    assert found["buyer"]["profile"] == "us-federal-agency"
    assert found["buyer"]["roles"] == ["us-federal-agency"]
    assert {reason["act"] for reason in found["reasons"]} > {"use"}


def test_a_role_nobody_stated_and_an_act_nobody_stated_are_missing(
    documents: Documents, capsys: pytest.CaptureFixture[str]
) -> None:
    assert inside("check", documents["deny"]) == 3
    missing = {name for r in decision(documents["deny"], capsys=capsys)["reasons"] for name in r["missing"]}
    assert {"role", "act"} <= missing
    assert inside("check", "--role", "us-federal-agency", documents["deny"]) == 3
    assert inside("check", "--act", "use", documents["deny"]) == 3
    assert inside("check", "--role", "us-federal-agency", "--act", "use", documents["deny"]) == 1


def test_roles_and_acts_may_be_given_several_times(documents: Documents, capsys: pytest.CaptureFixture[str]) -> None:
    several = ("--role", "us-person", "--role", "us-federal-agency", "--act", "resell", "--act", "use")
    found = decision(*several, documents["deny"], capsys=capsys)
    assert found["buyer"]["roles"] == ["us-federal-agency", "us-person"]
    assert found["decision"] == "deny"


def test_a_role_adds_to_the_profile(documents: Documents, capsys: pytest.CaptureFixture[str]) -> None:
    found = decision("--profile", "us-company", "--role", "us-federal-agency", documents["deny"], capsys=capsys)
    assert found["buyer"]["roles"] == ["us-federal-agency", "us-person"]


def test_acts_for_a_request_that_states_its_own_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "request.json"
    lines = [{"product": "x", "manufacturer": {"name": "Example"}}]
    path.write_text(json.dumps({"id": "1", "ordered": "2031-01-01", "acts": ["acquire"], "lines": lines}))
    assert inside("check", "--role", "us-person", str(path)) == 0
    assert inside("check", "--role", "us-person", "--act", "use", str(path)) == 2


def test_a_past_date_needs_leave_and_the_report_says_so(
    documents: Documents, capsys: pytest.CaptureFixture[str]
) -> None:
    past = ("--as-of", "2017-01-01")
    assert inside("check", *AGENCY, *past, documents["deny"]) == 2
    assert "--allow-past" in capsys.readouterr().err
    assert inside("check", *AGENCY, *past, "--allow-past", documents["deny"]) == 0
    assert "--allow-past" in capsys.readouterr().out
    assert decision(*AGENCY, *past, "--allow-past", documents["deny"], capsys=capsys)["past_allowed"] is True
    found = decision(*AGENCY, "--allow-past", "--as-of", "2031-01-01", documents["deny"], capsys=capsys)
    assert found["past_allowed"] is False


def test_a_future_date_needs_no_leave(documents: Documents, capsys: pytest.CaptureFixture[str]) -> None:
    found = decision(*AGENCY, "--as-of", "2031-01-01T00:00:00+09:00", documents["deny"], capsys=capsys)
    assert (found["decision"], found["as_of"]) == ("deny", "2031-01-01T00:00:00+09:00")


def test_what_was_not_published_yet_was_not_known(documents: Documents, capsys: pytest.CaptureFixture[str]) -> None:
    def codes(known_at: str) -> set[str]:
        return {
            reason["code"].partition("/")[0]
            for reason in decision(
                "--profile", "us-company", "--known-at", known_at, "--allow-past", documents["deny"], capsys=capsys
            )["reasons"]
        }

    assert "us-commerce-icts-2021-002-kaspersky" not in codes("2024-06-18")
    assert "us-commerce-icts-2021-002-kaspersky" in codes("2024-06-20")
    assert inside("check", "--known-at", "2190-01-01", documents["deny"]) == 2


def test_on_review_allow_allows_and_still_says_that_it_is_a_review(
    documents: Documents, capsys: pytest.CaptureFixture[str]
) -> None:
    assert inside("check", *UNDER_TEMPLATE, "--on-review", "deny", documents["review"]) == 3
    assert inside("check", *UNDER_TEMPLATE, "--on-review", "allow", documents["review"]) == 0
    found = decision(*UNDER_TEMPLATE, "--on-review", "allow", documents["review"], capsys=capsys)
    assert (found["decision"], found["review"]) == ("allow", True)
    assert inside("check", *AGENCY, "--on-review", "allow", documents["deny"]) == 1


# --- Whose law --------------------------------------------------------------------------------------------------------


@pytest.fixture
def own(tmp_path: Path) -> str:
    """An organisation's own ban, of left-pad."""
    folder = tmp_path / "own"
    (folder / "prohibitions").mkdir(parents=True)
    (folder / "vendors").mkdir()
    (folder / "prohibitions" / "own-ban.toml").write_text(
        """
id = "own-ban"
title = "Our list"
kind = "prohibition"
jurisdiction = "XX"
authority = "Our board"
time_zone = "UTC"
published = 2020-01-01
checked = 2020-01-01
provenance = "official"
citation = { text = "Minutes 1", url = "https://board.example/1" }
binds = ["anyone"]
vendors = ["padder"]
[scope]
[[clauses]]
id = "use"
text = "We use it no more."
acts = ["use"]
starts = 2020-03-01
"""
    )
    (folder / "vendors" / "padder.toml").write_text(
        'id = "padder"\nname = "Padder"\npurls = ["pkg:npm/left-pad"]\nsource = "https://board.example/2"\n'
    )
    return str(folder)


def test_a_policy_adds_to_the_built_in_law(own: str, documents: Documents) -> None:
    assert outside("check", *AGENCY, "--policy", own, documents["allow"]).returncode == 1
    assert inside("check", *AGENCY, "--policy", own, documents["deny"]) == 1


def test_only_policy_replaces_the_built_in_law(own: str, documents: Documents) -> None:
    asked = ("--role", "us-federal-agency", "--act", "use", "--only-policy", own)
    assert outside("check", *asked, documents["allow"]).returncode == 1
    assert inside("check", *asked, documents["deny"]) == 0


def test_the_law_that_was_used_is_in_the_decision(
    own: str, documents: Documents, capsys: pytest.CaptureFixture[str]
) -> None:
    built_in = decision(*AGENCY, documents["allow"], capsys=capsys)["policy"]["digest"]
    added = decision(*AGENCY, "--policy", own, documents["allow"], capsys=capsys)["policy"]["digest"]
    assert built_in != added


# --- The other commands -----------------------------------------------------------------------------------------------


def test_a_reasons_code_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    assert inside("explain", "us-commerce-icts-2021-002-kaspersky/new-agreements") == 0
    shown = capsys.readouterr().out
    assert "20 July 2024" in shown
    assert "89 FR 52434" in shown
    assert inside("explain", "us-commerce-icts-2021-002-kaspersky") == 0
    assert capsys.readouterr().out.count("us-commerce-icts-2021-002-kaspersky/") > 2
    assert inside("explain", "gate/empty-sbom") == 0
    assert inside("explain", "no-such-code") == 2


def test_every_code_of_a_decision_can_be_explained(documents: Documents, capsys: pytest.CaptureFixture[str]) -> None:
    codes = {reason["code"] for reason in decision(documents["deny"], capsys=capsys)["reasons"]}
    assert [code for code in codes if inside("explain", code) != 0] == []


def test_the_law_in_force_on_a_day_is_listed(capsys: pytest.CaptureFixture[str]) -> None:
    code = "us-commerce-icts-2021-002-kaspersky/new-agreements"
    assert inside("law", "--on", "2024-07-19") == 0
    before, _, after = capsys.readouterr().out.partition("To come")
    assert code not in before
    assert code in after
    assert inside("law", "--on", "2024-07-20") == 0
    assert code in capsys.readouterr().out.partition("To come")[0]
    assert inside("law", "--for", "nl-central-government") == 0
    assert code not in capsys.readouterr().out
    assert inside("law", "--profiles") == 0
    assert "us-federal-agency" in capsys.readouterr().out
    assert inside("law", "--on", "someday") == 2
    assert inside("law", "--for", "somebody") == 2


@pytest.mark.parametrize(
    "name", ["Kaspersky Lab, Inc.", "pkg:npm/%40kaspersky/x", "cpe:/a:kaspersky:x", "kaspersky.com", "Kasperski Lab"]
)
def test_a_name_is_screened_against_the_register(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert inside("vendor", name) == 0
    assert capsys.readouterr().out.startswith("kaspersky ")


def test_the_instruments_that_reach_a_vendor_are_told_apart_by_how(capsys: pytest.CaptureFixture[str]) -> None:
    assert inside("vendor", "Hikvision") == 0
    [named] = [line for line in capsys.readouterr().out.splitlines() if "named by" in line]
    assert "us-ndaa-fy2019-889-a1a" in named
    assert "uk-ncsc-letter-2017-russian-antivirus" not in named


def test_a_vendor_that_no_instrument_means_is_named_by_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "vendors").mkdir()
    (tmp_path / "vendors" / "tweed.toml").write_text(
        'id = "tweed"\nname = "Tweed & Daughters Ltd."\ncountry = "GB"\nsource = "https://tweed.example/"\n'
    )
    assert inside("vendor", "Tweed & Daughters Ltd.", "--policy", str(tmp_path)) == 0
    shown = capsys.readouterr().out
    assert "tweed  Tweed & Daughters Ltd.  yes" in shown
    assert "named by" not in shown
    assert "russian" not in shown


def test_what_met_is_told_once(capsys: pytest.CaptureFixture[str]) -> None:
    assert inside("vendor", "kaspersky.com") == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(set(lines))


def test_a_name_of_nobody_meets_nobody_and_all_vendors_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert inside("vendor", "Example Widgets") == 0
    assert "No vendor" in capsys.readouterr().out
    assert inside("vendor") == 0
    assert "kaspersky" in capsys.readouterr().out


def test_the_built_in_law_passes_its_lint_and_its_cases() -> None:
    lint = outside("policy", "lint")
    assert lint.returncode == 0, lint.stdout.decode()
    test = outside("policy", "test")
    assert test.returncode == 0, test.stdout.decode()
    assert b" 0 failed" in test.stdout


def test_cases_of_one_instrument_are_run_alone(capsys: pytest.CaptureFixture[str]) -> None:
    assert inside("policy", "test", "it-acn-2025") == 0
    assert "of 1 instrument:" in capsys.readouterr().out
    assert inside("policy", "test", "no-such-instrument") == 2


def test_a_law_without_cases_is_not_proven(own: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert inside("policy", "test", "--only-policy", own) == 2
    assert inside("policy", "lint", "--only-policy", own) == 2
    assert "no cases" in capsys.readouterr().out


def test_a_case_that_fails_is_named(own: str, capsys: pytest.CaptureFixture[str]) -> None:
    (Path(own) / "cases").mkdir()
    (Path(own) / "cases" / "own-ban.toml").write_text(
        'prohibition = "own-ban"\n[[case]]\nname = "pad on"\nexpect = "allow"\nreasons = { use = "deny" }\n'
        "[case.request]\n"
        'ordered = 2021-01-01\nacts = ["use"]\nlines = [{ purl = "pkg:npm/left-pad" }]\n'
    )
    assert inside("policy", "test", "--only-policy", own) == 2
    shown = capsys.readouterr().out
    assert "pad on" in shown
    assert "expected allow, got deny" in shown


def test_the_schemas_of_the_policy_files_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert inside("policy", "schema") == 0
    assert {"prohibitions", "vendors", "profiles", "cases", "waivers"} <= set(json.loads(capsys.readouterr().out))
    assert inside("policy", "schema", "vendors") == 0
    assert json.loads(capsys.readouterr().out)["type"] == "object"
    assert inside("policy", "schema", "recipes") == 2


@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_a_completion_script_is_one_that_its_shell_can_parse(shell: str, tmp_path: Path) -> None:
    done = outside("completion", shell)
    assert done.returncode == 0
    assert len(done.stdout) > 1000
    assert all(name.encode() in done.stdout for name in COMMANDS)
    script = tmp_path / f"gate.{shell}"
    script.write_bytes(done.stdout)
    program = shutil.which(shell)
    if program is None:
        pytest.skip(f"there is no {shell} here")
    parsed = subprocess.run([program, "-n", str(script)], capture_output=True, check=False)
    assert (parsed.returncode, parsed.stderr) == (0, b"")


def test_a_completion_script_can_be_sourced_by_bash(tmp_path: Path) -> None:
    program = shutil.which("bash")
    if program is None:
        pytest.skip("there is no bash here")
    script = tmp_path / "gate.bash"
    script.write_bytes(outside("completion", "bash").stdout)
    sourced = subprocess.run([program, "-c", f"source {script} && complete -p gate"], capture_output=True, check=False)
    assert sourced.returncode == 0, sourced.stderr.decode()


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (
            "check x --profil us-company",
            "`gate check` has no flag '--profil'. Did you mean '--profile'? See `gate check",
        ),
        (
            "check x --profil=us-company",
            "`gate check` has no flag '--profil'. Did you mean '--profile'? See `gate check",
        ),
        ("check x --role us-persn", "--role is 'us-persn'. Did you mean 'us-person'?"),
        ("check x --act aquire", "--act is 'aquire'. Did you mean 'acquire'? Known are acquire, renew, "),
        ("check x --as-of tomorrow", "--as-of: 'tomorrow' is neither a day (2024-07-20) nor an instant"),
        ("check x --profile us-companny", "There is no profile 'us-companny'. Did you mean 'us-company'"),
        ("check x --format jsn", "There is no format 'jsn'. Did you mean 'json'? Known are text, json, "),
        ("check x --on-review no", "--on-review is 'no'. Known are deny, allow."),
        ("check", "The following arguments are required: FILE. See `gate check --help`."),
        ("chek x", "There is no command 'chek'. Did you mean 'check'?"),
        ("policy lnt", "There is no command 'lnt'. Did you mean 'lint'?"),
        ("policy lint --maxage 3", "`gate policy lint` has no flag '--maxage'. Did you mean '--max-age'?"),
        ("policy test us-fascsa", "There are no cases of 'us-fascsa'. Did you mean 'us-fascsa-"),
        ("policy schema vendor", "There is no family 'vendor'. Did you mean 'vendors'?"),
        ("law --for us-persn", "--for is 'us-persn'. Did you mean 'us-person'?"),
        ("explain us-dhs-bod-1701", "There is no code 'us-dhs-bod-1701'. Did you mean 'us-dhs-bod-17-01'"),
        ("vendor a b", "`gate vendor` takes no further 'b'. See `gate vendor --help`."),
    ],
)
def test_wrong_words_are_told_in_one_line_with_what_was_meant(
    command: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert inside(*command.split()) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith(f"gate: {said}")
    assert captured.err.count("\n") == 1


def test_an_unknown_shell_is_refused() -> None:
    assert inside("completion", "fish-and-chips") == 2


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_that_names_its_own_exit_status(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert inside(command, "--help") == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert f"exit status: {STATUSES[command]}" in shown
    assert ("1 deny" in shown) == (command in ("check", "scan")), "nothing else judges"


# --- The terminal -----------------------------------------------------------------------------------------------------


def on_a_terminal(*arguments: str, stream: str = "stdout", **environment: str) -> bytes:
    """What the command writes when its standard output, or standard error, is a terminal."""
    ours, theirs = pty.openpty()
    try:
        process = subprocess.Popen(
            [sys.executable, "-m", "gate", *arguments],
            stdout=theirs if stream == "stdout" else subprocess.DEVNULL,
            stderr=theirs if stream == "stderr" else subprocess.DEVNULL,
            stdin=subprocess.DEVNULL,
            cwd=ROOT,
            env={**os.environ, **environment},
        )
        os.close(theirs)
        found = b""
        while True:
            try:
                piece = os.read(ours, 65536)
            except OSError:  # Linux says EIO when the other side is closed
                break
            if not piece:
                break
            found += piece
        process.wait(60)
    finally:
        os.close(ours)
    return found


def test_a_terminal_gets_colour_unless_it_is_refused(documents: Documents) -> None:
    assert b"\x1b[31mDENY\x1b[0m" in on_a_terminal("check", *AGENCY, documents["deny"])
    refused = on_a_terminal("check", *AGENCY, documents["deny"], NO_COLOR="1")
    assert refused.startswith(b"DENY")
    assert b"\x1b" not in refused


def test_on_a_terminal_a_large_file_is_named_while_it_is_read_and_nothing_is_left(tmp_path: Path) -> None:
    large = {**CLEAN, "metadata": {"properties": [{"name": "x", "value": "y" * 21_000_000}]}}
    (tmp_path / "large.json").write_text(json.dumps(large))
    shown = on_a_terminal("check", *AGENCY, str(tmp_path / "large.json"), stream="stderr")
    assert b"large.json, 21 MB\r\x1b[Kjudging " in shown
    assert shown.endswith(b"large.json\r\x1b[K")
    assert b"\n" not in shown


def test_on_a_terminal_a_small_file_shows_no_progress(documents: Documents) -> None:
    assert on_a_terminal("check", *AGENCY, documents["allow"], stream="stderr") == b""


def test_many_files_are_counted_on_a_terminal(tmp_path: Path) -> None:
    for number in range(20):
        (tmp_path / f"{number:02}.json").write_text(json.dumps(CLEAN))
    shown = on_a_terminal("check", *AGENCY, str(tmp_path), stream="stderr")
    assert b"\r\x1b[K1 of 20\r\x1b[K2 of 20" in shown
    assert shown.endswith(b"20 of 20\r\x1b[K")


def test_a_refusal_is_not_written_behind_the_progress(tmp_path: Path) -> None:
    (tmp_path / "00.json").write_text("{")
    for number in range(1, 20):
        (tmp_path / f"{number:02}.json").write_text(json.dumps(CLEAN))
    shown = on_a_terminal("check", *AGENCY, str(tmp_path), stream="stderr")
    assert b"1 of 20\r\x1b[Kgate: " in shown


def test_what_is_no_terminal_gets_no_escape_sequences(documents: Documents) -> None:
    assert b"\x1b" not in outside("check", *AGENCY, documents["deny"], documents["allow"]).stdout


def steers(trick: str, capsys: pytest.CaptureFixture[str]) -> bool:
    """Whether a letter of the trick that is no plain letter reached the terminal as it is."""
    shown = capsys.readouterr()
    return any(letter in shown.out + shown.err for letter in trick if not letter.isprintable())


TRICKS = ["\x1b[2J\x1b[31m", "\x07\x08\r", "\x9b31m", "\u202e\u2066", "\u200f", "\u2028", "\x00"]


@pytest.mark.parametrize("trick", TRICKS, ids=ascii)
def test_what_a_document_says_cannot_steer_the_terminal(
    trick: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "bom.json"
    names = dict.fromkeys(("name", "publisher", "version", "group", "author"), f"{trick}Kaspersky Lab{trick}")
    component = {"type": "library", **names, "bom-ref": trick, "supplier": {"name": names["name"]}}
    path.write_text(
        json.dumps(sbom({**component, "purl": f"pkg:npm/%40kaspersky/{trick}"}, {**component, "purl": trick}))
    )
    assert inside("check", *AGENCY, str(path)) == 1
    assert not steers(trick, capsys)


@pytest.mark.parametrize("trick", TRICKS, ids=ascii)
def test_what_a_refusal_quotes_cannot_steer_the_terminal(
    trick: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    key = json.dumps(f"{trick}key")
    documents = [
        f'{{"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [{{{key}: 1, {key}: 2}}]}}',
        f'{{"bomFormat": {key}, "specVersion": "1.6", "components": []}}',
        f'{{"bomFormat": "CycloneDX", "specVersion": {key}, "components": []}}',
        f'{{"id": "1", "ordered": {key}, "lines": []}}',
        f'{{"id": "1", "ordered": "2030-01-01", "lines": [], {key}: 1}}',
        f'{{"id": "1", "ordered": "2030-01-01", "lines": [{{"product": "x", "facts": {{{key}: 1}}}}]}}',
        f'{{"id": "1", "ordered": "2030-01-01", "lines": [{{"product": "x", "sbom": {{"path": {key}}}}}]}}',
        f'{{"id": {key}, "ordered": "2030-01-01", "lines": []}}',
    ]
    for document in documents:
        path = tmp_path / "bom.json"
        path.write_text(document)
        assert inside("check", *AGENCY, str(path)) == 2
        assert not steers(trick, capsys), document


@pytest.mark.parametrize("trick", TRICKS[:-1], ids=ascii)
def test_a_files_name_cannot_steer_the_terminal(trick: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for text in ("{", json.dumps(BARRED)):
        path = tmp_path / f"{trick}.json"
        path.write_text(text)
        inside("check", *AGENCY, str(path))
        assert not steers(trick, capsys)


@pytest.mark.parametrize("trick", TRICKS[:-1], ids=ascii)
def test_a_name_that_is_screened_cannot_steer_the_terminal(trick: str, capsys: pytest.CaptureFixture[str]) -> None:
    for name in (f"{trick}Kaspersky Lab", f"{trick}nobody at all"):
        inside("vendor", name)
        assert not steers(trick, capsys)


def test_a_reader_that_goes_away_gets_no_traceback(documents: Documents) -> None:
    for arguments in (("law",), ("check", *AGENCY, documents["deny"]), ("policy", "schema"), ("completion", "bash")):
        ours, theirs = os.pipe()
        os.close(ours)  # as `| head -1` does, only sooner
        done = subprocess.run(
            [sys.executable, "-m", "gate", *arguments], stdout=theirs, stderr=subprocess.PIPE, cwd=ROOT, check=False
        )
        os.close(theirs)
        assert done.stderr == b"", arguments
        assert done.returncode in (0, 2), arguments  # never the 1 that means deny


def test_a_terminal_without_unicode_is_no_reason_to_crash(documents: Documents) -> None:
    plain = {**os.environ, "LC_ALL": "C", "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    assert outside("check", *AGENCY, documents["deny"], env=plain).returncode == 1
    for arguments in (("vendor", "Kaspersky"), ("law",), ("explain", "us-ndaa-fy2018-1634-kaspersky")):
        assert outside(*arguments, env=plain).returncode == 0, arguments


# --- The program ------------------------------------------------------------------------------------------------------


def test_the_version_is_the_projects(capsys: pytest.CaptureFixture[str]) -> None:
    assert inside("--version") == 0
    assert capsys.readouterr().out.split()[0] == "gate"


def test_the_console_script_and_the_module_agree(documents: Documents) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    module, _, function = project["scripts"]["gate"].partition(":")
    start = f"import sys; from {module} import {function}; sys.exit({function}())"
    for arguments in (["--version"], ["check", *AGENCY, documents["deny"]], ["check"], ["vendor", "Kaspersky"]):
        script = subprocess.run([sys.executable, "-c", start, *arguments], capture_output=True, cwd=ROOT, check=False)
        as_module = outside(*arguments)
        assert script.returncode == as_module.returncode
        assert script.stderr == as_module.stderr
        assert script.stdout.partition(b"\n")[0] == as_module.stdout.partition(b"\n")[0]


def test_an_interrupted_program_has_given_no_verdict(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Interrupting:
        @property
        def buffer(self) -> Callable[[], bytes]:
            raise KeyboardInterrupt

    monkeypatch.setattr(sys, "stdin", Interrupting())
    assert inside("check", *AGENCY, "-") == 2
    assert "interrupted" in capsys.readouterr().err
