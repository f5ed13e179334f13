"""`gate check`: what it accepts, what it prints and what its exit status says."""

import gzip
import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.boms import BANNED, CLEAN, Json, sbom
from tests.command import AGENCY, ROOT, UNDER_TEMPLATE, decision, inside, outside

# --- Exit status ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "status"), [("allow", 0), ("deny", 1), ("broken", 2), ("review", 3)])
def test_the_exit_status_says_the_outcome(name: str, status: int, documents: dict[str, str]) -> None:
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
def test_of_several_inputs_the_worst_counts(names: list[str], status: int, documents: dict[str, str]) -> None:
    assert inside("check", *AGENCY, *UNDER_TEMPLATE, *(documents[name] for name in names)) == status


def test_inputs_after_a_broken_one_are_still_judged(
    documents: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
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
    documents: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    folder = Path(documents["allow"]).parent
    (folder / "broken.json").unlink()
    (folder / "below").mkdir()
    (folder / "below" / "more.cdx.json.gz").write_bytes(gzip.compress(json.dumps(sbom(CLEAN)).encode()))
    (folder / "README.md").write_text("not looked at")
    assert inside("check", *AGENCY, *UNDER_TEMPLATE, "--format", "json", str(folder)) == 1
    found = json.loads(capsys.readouterr().out)
    names = [Path(one["subject"]["name"]).name for one in found]
    assert sorted(names) == ["allow.json", "deny.json", "more.cdx.json.gz", "review.json"]


def test_a_glob_is_expanded_by_the_gate_too(documents: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert inside("check", *AGENCY, "--format", "json", str(Path(documents["allow"]).parent / "[ad]*.json")) == 1
    assert [one["decision"] for one in json.loads(capsys.readouterr().out)] == ["allow", "deny"]


def test_a_relative_glob_and_path_are_looked_for_where_one_stands(documents: dict[str, str]) -> None:
    folder = Path(documents["allow"]).parent
    elsewhere: dict[str, Any] = {"cwd": folder, "env": {**os.environ, "PYTHONPATH": str(ROOT)}}
    assert outside("check", *AGENCY, "allow.json", "a*.json", **elsewhere).returncode == 0
    assert outside("check", *AGENCY, "deny.json", **elsewhere).returncode == 1


def test_files_in_a_folder_that_are_no_documents_are_named_up_to_a_few(
    documents: dict[str, str], capsys: pytest.CaptureFixture[str]
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


def test_an_empty_argument_is_no_folder(documents: dict[str, str]) -> None:
    elsewhere: dict[str, Any] = {
        "cwd": Path(documents["allow"]).parent,
        "env": {**os.environ, "PYTHONPATH": str(ROOT)},
    }
    Path(documents["broken"]).unlink()
    Path(documents["deny"]).unlink()
    done = outside("check", *AGENCY, "", **elsewhere)
    assert (done.returncode, done.stdout) == (2, b"")


@pytest.mark.parametrize(("document", "status"), [(sbom(CLEAN), 0), (sbom(BANNED), 1)])
def test_standard_input_is_read_plain_and_packed(document: Json, status: int) -> None:
    data = json.dumps(document).encode()
    assert outside("check", *AGENCY, "-", stdin=data).returncode == status
    assert outside("check", *AGENCY, "-", stdin=gzip.compress(data)).returncode == status


def test_a_packed_file_says_what_the_plain_one_says(tmp_path: Path) -> None:
    path = tmp_path / "bom.json.gz"
    path.write_bytes(gzip.compress(json.dumps(sbom(BANNED)).encode()))
    assert inside("check", *AGENCY, str(path)) == 1


def test_the_samples_are_judged_as_their_names_lead_one_to_expect() -> None:
    samples = ROOT / "sboms"
    assert outside("check", *AGENCY, str(samples / "webapp-hexa-ui.cyclonedx-npm.cdx.json")).returncode == 1
    assert outside("check", *AGENCY, str(samples / "express-api.cyclonedx-npm.cdx.json")).returncode == 0
    assert inside("check", *AGENCY, str(samples / "pyapp.cyclonedx-py.cdx.xml")) == 0
    assert inside("check", *AGENCY, str(samples)) == 1


def test_a_schema_fault_is_refused_only_when_asked(documents: dict[str, str]) -> None:
    path = Path(documents["allow"])
    path.write_text(json.dumps({**sbom(CLEAN), "no-such-key": 1}))
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
    documents: dict[str, str], capsys: pytest.CaptureFixture[str]
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


def test_the_json_report_is_a_list_for_several_inputs(
    documents: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    inside("check", *AGENCY, "--format", "json", documents["allow"], documents["deny"])
    found = json.loads(capsys.readouterr().out)
    assert [one["decision"] for one in found] == ["allow", "deny"]
    assert len({one["id"] for one in found}) == 2


def test_the_same_question_gives_the_same_digest(documents: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    when = ("--as-of", "2031-01-01", "--known-at", "2026-01-01", "--allow-past")
    one, other = (decision(*AGENCY, *when, documents["deny"], capsys=capsys) for _ in range(2))
    assert one["digest"] == other["digest"]
    assert one["id"] != other["id"]


def test_a_report_goes_to_a_file_while_another_is_printed(documents: dict[str, str], tmp_path: Path) -> None:
    path = tmp_path / "report.txt"
    done = outside("check", *AGENCY, "--format", f"text={path}", "--format", "json", documents["deny"])
    assert done.returncode == 1
    assert json.loads(done.stdout)["decision"] == "deny"
    assert path.read_text("utf-8").startswith("DENY")
    assert "\x1b" not in path.read_text("utf-8")


@pytest.mark.parametrize("formats", [("json", "text"), ("text", "text"), ("json", "html=x.html", "sarif")])
def test_two_reports_on_standard_output_are_refused_before_anything_is_written(
    formats: tuple[str, ...], documents: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = outside("check", *AGENCY, *(f"--format={one}" for one in formats), documents["allow"])
    assert (done.returncode, done.stdout) == (2, b"")
    assert f"--format {formats[0]}=PATH".encode() in done.stderr
    assert list(tmp_path.glob("*.html")) == []


def test_a_report_to_a_file_leaves_standard_output_empty(documents: dict[str, str], tmp_path: Path) -> None:
    done = outside("check", *AGENCY, "--format", f"json={tmp_path / 'a=b.json'}", documents["allow"])
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert json.loads((tmp_path / "a=b.json").read_text())["decision"] == "allow"


# --- Who asks, for what, when -----------------------------------------------------------------------------------------


def test_a_profile_stands_for_its_roles_and_acts(documents: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    found = decision(*AGENCY, documents["deny"], capsys=capsys)
    assert found["buyer"]["profile"] == "us-federal-agency"
    assert found["buyer"]["roles"] == ["us-federal-agency"]
    assert {reason["act"] for reason in found["reasons"]} > {"use"}


def test_a_role_nobody_stated_and_an_act_nobody_stated_are_missing(
    documents: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert inside("check", documents["deny"]) == 3
    missing = {name for r in decision(documents["deny"], capsys=capsys)["reasons"] for name in r["missing"]}
    assert {"role", "act"} <= missing
    assert inside("check", "--role", "us-federal-agency", documents["deny"]) == 3
    assert inside("check", "--act", "use", documents["deny"]) == 3
    assert inside("check", "--role", "us-federal-agency", "--act", "use", documents["deny"]) == 1


def test_roles_and_acts_may_be_given_several_times(
    documents: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    several = ("--role", "us-person", "--role", "us-federal-agency", "--act", "resell", "--act", "use")
    found = decision(*several, documents["deny"], capsys=capsys)
    assert found["buyer"]["roles"] == ["us-federal-agency", "us-person"]
    assert found["decision"] == "deny"


def test_a_role_adds_to_the_profile(documents: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    found = decision("--profile", "us-company", "--role", "us-federal-agency", documents["deny"], capsys=capsys)
    assert found["buyer"]["roles"] == ["us-federal-agency", "us-person"]


def test_acts_for_a_request_that_states_its_own_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "request.json"
    lines = [{"product": "x", "manufacturer": {"name": "Example"}}]
    path.write_text(json.dumps({"id": "1", "ordered": "2031-01-01", "acts": ["acquire"], "lines": lines}))
    assert inside("check", "--role", "us-person", str(path)) == 0
    assert inside("check", "--role", "us-person", "--act", "use", str(path)) == 2


def test_a_past_date_needs_leave_and_the_report_says_so(
    documents: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    past = ("--as-of", "2017-01-01")
    assert inside("check", *AGENCY, *past, documents["deny"]) == 2
    assert "--allow-past" in capsys.readouterr().err
    assert inside("check", *AGENCY, *past, "--allow-past", documents["deny"]) == 0
    assert "A past date was chosen, and allowed." in capsys.readouterr().out
    assert decision(*AGENCY, *past, "--allow-past", documents["deny"], capsys=capsys)["past_allowed"] is True
    found = decision(*AGENCY, "--allow-past", "--as-of", "2031-01-01", documents["deny"], capsys=capsys)
    assert found["past_allowed"] is False


def test_a_future_date_needs_no_leave(documents: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    found = decision(*AGENCY, "--as-of", "2031-01-01T00:00:00+09:00", documents["deny"], capsys=capsys)
    assert (found["decision"], found["as_of"]) == ("deny", "2031-01-01T00:00:00+09:00")


def test_what_was_not_published_yet_was_not_known(
    documents: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
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
    documents: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert inside("check", *UNDER_TEMPLATE, "--on-review", "deny", documents["review"]) == 3
    assert inside("check", *UNDER_TEMPLATE, "--on-review", "allow", documents["review"]) == 0
    found = decision(*UNDER_TEMPLATE, "--on-review", "allow", documents["review"], capsys=capsys)
    assert (found["decision"], found["review"]) == ("allow", True)
    assert inside("check", *AGENCY, "--on-review", "allow", documents["deny"]) == 1


# --- Whose law --------------------------------------------------------------------------------------------------------


def test_a_policy_adds_to_the_built_in_law(own: str, documents: dict[str, str]) -> None:
    assert outside("check", *AGENCY, "--policy", own, documents["allow"]).returncode == 1
    assert inside("check", *AGENCY, "--policy", own, documents["deny"]) == 1


def test_only_policy_replaces_the_built_in_law(own: str, documents: dict[str, str]) -> None:
    asked = ("--role", "us-federal-agency", "--act", "use", "--only-policy", own)
    assert outside("check", *asked, documents["allow"]).returncode == 1
    assert inside("check", *asked, documents["deny"]) == 0


def test_the_law_that_was_used_is_in_the_decision(
    own: str, documents: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    built_in = decision(*AGENCY, documents["allow"], capsys=capsys)["policy"]["digest"]
    added = decision(*AGENCY, "--policy", own, documents["allow"], capsys=capsys)["policy"]["digest"]
    assert built_in != added
