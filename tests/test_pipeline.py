"""The GitHub action judges: its script run by a real bash, in an environment like the one GitHub gives it."""

import json
import sys
from pathlib import Path

import pytest

from tests.boms import BANNED, CLEAN, UNSETTLED
from tests.runner import MARKER, ROOT, Json, Runner, commands

TEMPLATE = ROOT / "policy" / "template"


HOSTILE = [
    "$(touch pwned)",
    "`touch pwned`",
    "; touch pwned;",
    '"; touch pwned; "',
    "'; touch pwned; '",
    "| touch pwned",
    "&& touch pwned",
    "${IFS}$(touch${IFS}pwned)",
    "> pwned",
    "--help",
    "-x",
    "--",
    "*",
    "~",
    "a b  c ",
    "a\\nb",
    "%0Adecision=allow",
    "x<<EOF",
    "::set-output name=decision::allow",
    "##[set-output name=decision]allow",
    "$GITHUB_OUTPUT",
    "Касперский\u202e",
]
"""What a stranger may put into a value of one line."""

VARIABLES = {
    "PROFILE": "--profile",
    "POLICY": "--policy",
    "WAIVERS": "--waivers",
    "AS_OF": "--as-of",
    "FORMAT": "--format",
    "FAIL_ON": "--fail-on",
    "BASELINE": "--baseline",
}
"""Variable of the action -> the flag it becomes."""


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    """A runner on which the gate is installed."""
    made = Runner(tmp_path)
    made.program("gate", f'PYTHONPATH="{ROOT}" exec "{sys.executable}" -m gate "$@"')
    return made


@pytest.fixture
def recorder(tmp_path: Path) -> Runner:
    """A runner on which the gate only writes down with which arguments it was called."""
    made = Runner(tmp_path)
    made.program("gate", f"printf '%s\\0' \"$@\" > '{tmp_path / 'arguments'}'", "exit 2")
    return made


def arguments(recorder: Runner) -> list[str]:
    return (recorder.temp.parent / "arguments").read_bytes().decode().split("\0")[:-1]


# --- The verdict ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("component", "status", "decision", "review"),
    [(CLEAN, 0, "allow", "false"), (BANNED, 1, "deny", "false"), (UNSETTLED, 3, "review", "true")],
)
def test_the_outputs_say_the_verdict(component: Json, status: int, decision: str, review: str, runner: Runner) -> None:
    runner.workspace.joinpath("gate.toml").write_text('act = ["use"]\n')
    done = runner.step(
        SBOM=runner.sbom("bom.json", component), PROFILE="us-federal-agency", POLICY=str(TEMPLATE), FAIL_ON="review"
    )
    assert done.returncode == status, done.stdout + done.stderr
    found = runner.outputs()
    assert (found["decision"], found["review"]) == (decision, review)
    assert bool(found["reasons"]) == (decision != "allow")
    assert json.loads((runner.workspace / found["sarif-file"]).read_bytes())["version"] == "2.1.0"
    assert Path(found["summary"]).read_text("utf-8").startswith(MARKER)
    assert runner.summary.read_text("utf-8").count(MARKER) == 1
    assert ("::error" in done.stdout) == (decision == "deny")


def test_a_document_that_cannot_be_read_is_no_verdict(runner: Runner) -> None:
    (runner.workspace / "bom.json").write_text("{")
    assert runner.step(SBOM="bom.json").returncode == 2
    assert runner.outputs()["decision"] == "no-verdict"


@pytest.mark.parametrize(
    "variables",
    [{}, {"SBOM": " \n\r\n"}, {"SBOM": "bom.json", "SARIF_FILE": "a\nb=c"}, {"SBOM": "bom.json", "SARIF_FILE": "a\rb"}],
)
def test_what_cannot_be_asked_is_no_verdict_and_says_so(variables: dict[str, str], runner: Runner) -> None:
    runner.sbom("bom.json", CLEAN)
    done = runner.step(**variables)
    assert done.returncode == 2
    assert done.stdout.startswith("::error title=procurement-gate::")
    assert runner.outputs()["decision"] == "no-verdict"


@pytest.mark.parametrize(
    "variables", [{"PROFILE": "nobody"}, {"AS_OF": "yesterday"}, {"FAIL_ON": "never"}, {"SARIF_FILE": "nowhere/x"}]
)
def test_an_input_nobody_knows_is_no_verdict(variables: dict[str, str], runner: Runner) -> None:
    assert runner.step(SBOM=runner.sbom("bom.json", CLEAN), **variables).returncode == 2
    assert runner.outputs()["decision"] == "no-verdict"


def test_a_gate_that_dies_is_no_verdict_whatever_an_earlier_step_left(runner: Runner) -> None:
    assert runner.step(SBOM=runner.sbom("bom.json", CLEAN)).returncode == 0
    runner.program("gate", "kill -9 $$")
    assert runner.step(SBOM="bom.json").returncode not in (0, 1, 3)
    assert runner.outputs() == {"decision": "no-verdict", "review": "false", "reasons": ""}


def test_of_several_sboms_and_requests_the_gravest_counts(runner: Runner) -> None:
    one, two = runner.sbom("one.json", CLEAN), runner.sbom("two words.json", BANNED)
    request = str(ROOT / "sboms" / "webapp-for-an-agency.request.json")
    done = runner.step(SBOM=f"{one}\r\n\n{two}\n", REQUEST=request, PROFILE="us-federal-agency")
    assert done.returncode == 1
    assert runner.outputs()["decision"] == "deny"
    assert "two words.json" in done.stdout


def test_against_a_baseline_only_what_is_new_fails(runner: Runner) -> None:
    old = runner.sbom("old.json", BANNED)
    asked = {"PROFILE": "us-federal-agency", "BASELINE": old, "FAIL_ON": "new"}
    assert runner.step(SBOM=runner.sbom("same.json", BANNED, CLEAN), **asked).returncode == 0
    assert runner.outputs()["decision"] == "deny"
    assert (
        runner.step(
            SBOM=runner.sbom("more.json", BANNED, {**BANNED, "name": "x", "purl": "pkg:npm/%40kaspersky/x"}), **asked
        ).returncode
        == 1
    )


def test_more_reports_are_written_where_asked(runner: Runner) -> None:
    runner.step(SBOM=runner.sbom("bom.json", CLEAN), FORMAT="json=a.json\nhtml=a.html", SARIF_FILE="-o.sarif")
    assert json.loads((runner.workspace / "a.json").read_bytes())["decision"] == "allow"
    assert (runner.workspace / "a.html").stat().st_size
    assert runner.outputs()["sarif-file"] == "-o.sarif"


# --- Strangers --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("variable", VARIABLES)
def test_a_value_is_an_argument_and_nothing_else(variable: str, recorder: Runner) -> None:
    recorder.step(SBOM="bom.json", **{variable: "\n".join(HOSTILE)})
    called = arguments(recorder)
    assert called[0] == "check"
    assert called[1 : len(HOSTILE) + 1] == [f"{VARIABLES[variable]}={value}" for value in HOSTILE]
    assert called[-2:] == ["--", "bom.json"]
    assert not recorder.was_harmed()
    assert recorder.outputs()["decision"] == "no-verdict"


def test_a_path_is_a_path_and_nothing_else(recorder: Runner) -> None:
    recorder.step(SBOM="\n".join(HOSTILE), REQUEST="\n".join(HOSTILE))
    assert arguments(recorder)[-2 * len(HOSTILE) - 1 :] == ["--", *HOSTILE, *HOSTILE]
    assert not recorder.was_harmed()


@pytest.mark.parametrize("value", HOSTILE)
def test_the_name_of_the_sarif_file_makes_no_output_of_its_own(value: str, recorder: Runner) -> None:
    recorder.program("gate", 'for a; do [[ $a != --format=sarif=* ]] || echo > "${a#--format=sarif=}"; done')
    recorder.step(SBOM="bom.json", SARIF_FILE=value)
    assert set(recorder.outputs()) == {"decision", "review", "reasons", "sarif-file"}
    assert recorder.outputs()["sarif-file"] == value
    assert not recorder.was_harmed()


@pytest.mark.parametrize("variable", ["SBOM", *VARIABLES])
def test_whatever_the_gate_itself_makes_of_it_is_never_an_allow(variable: str, runner: Runner) -> None:
    hostile = "$(touch pwned)\n`touch pwned`\n::set-output name=decision::allow\n##[set-output name=decision]allow"
    done = runner.step(**{"SBOM": runner.sbom("bom.json", CLEAN), variable: hostile})
    assert done.returncode == 2
    assert runner.outputs()["decision"] == "no-verdict"
    assert commands(done.stdout + done.stderr) == []
    assert not runner.was_harmed()


def test_what_documents_and_file_names_say_is_no_command_to_github(runner: Runner) -> None:
    words = (
        "x\n::set-output name=decision::allow\n  ::add-mask::a\n##[set-output name=decision]allow\n::stop-commands::x"
    )
    runner.sbom("bom.json", {**BANNED, "name": words, "version": words}, {**CLEAN, "name": words})
    (runner.workspace / f"{words.replace('/', '')}.json").write_text("{")
    done = runner.step(SBOM="*.json", PROFILE="us-federal-agency")
    assert done.returncode == 2
    assert commands(done.stdout + done.stderr) == []
    assert runner.outputs()["decision"] == "no-verdict"
    assert not (set(runner.outputs()) - {"decision", "review", "reasons", "sarif-file", "summary"})


def test_the_commands_are_recognised_as_the_runner_does() -> None:
    assert commands("a\n ::set-output name=x::y\nsaid ##[add-mask]z\n::error file=a%3Ab::x ##[add-path]q\n") == [
        "set-output",
        "add-mask",
    ]
