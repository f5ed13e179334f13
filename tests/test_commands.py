"""The other commands: what is the law, whom it means, whether it is proven; help, completion and wrong words."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from gate.cli import COMMANDS, STATUSES
from tests.command import decision, inside, outside


def test_a_reasons_code_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    assert inside("explain", "us-commerce-icts-2021-002-kaspersky/new-agreements") == 0
    shown = capsys.readouterr().out
    assert "20 July 2024" in shown
    assert "89 FR 52434" in shown
    assert inside("explain", "us-commerce-icts-2021-002-kaspersky") == 0
    assert capsys.readouterr().out.count("us-commerce-icts-2021-002-kaspersky/") > 2
    assert inside("explain", "gate/empty-sbom") == 0
    assert inside("explain", "no-such-code") == 2


def test_every_code_of_a_decision_can_be_explained(
    documents: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
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
        ("key add", "There is no command 'add'. Known are create, list, revoke."),
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
