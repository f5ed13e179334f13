"""The rest of the GitHub action: its comment, its installation, and what `action.yml` hands to whom."""

import json
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from tests.runner import ACTION, MARKER, ROOT, Json, Runner, commands


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    return Runner(tmp_path)


# --- The comment ------------------------------------------------------------------------------------------------------

GH = f"""#!{sys.executable}
import json, os, subprocess, sys
from pathlib import Path
store = Path(os.environ["HOME"], "comments.json")
comments = json.loads(store.read_text())
given = sys.argv[1:]
assert given[0] == "api", given
if "--jq" in given:
    sys.exit(subprocess.run(["jq", given[given.index("--jq") + 1]], input=json.dumps(comments).encode()).returncode)
body = Path(given[given.index("--field") + 1].removeprefix("body=@")).read_text()
method, path = given[given.index("--method") + 1 :][:2]
if method == "POST":
    assert path == "repos/o/r.x/issues/7/comments", path
    comments.append({{"id": 100 + len(comments), "body": body, "user": {{"type": "Bot"}}}})
else:
    [comment] = [one for one in comments if path == f"repos/o/r.x/issues/comments/{{one['id']}}"]
    comment["body"] = body
store.write_text(json.dumps(comments))
"""
"""GitHub's program, as far as the action uses it."""


class Comments:
    """The comments of a pull request, and the step that writes one."""

    def __init__(self, runner: Runner) -> None:
        self.runner = runner
        self.store = runner.temp / "comments.json"
        self.store.write_text("[]")
        (runner.bin / "gh").write_text(GH)
        (runner.bin / "gh").chmod(0o755)

    def write(self, text: str, **variables: str) -> "subprocess.CompletedProcess[str]":
        """The step, with this verdict."""
        (self.runner.temp / "verdict.md").write_text(f"{MARKER}\n{text}")
        where = {"REPOSITORY": "o/r.x", "PULL_REQUEST": "7", "SUMMARY": str(self.runner.temp / "verdict.md")}
        return self.runner.step("comment.sh", **{**where, **variables})

    @property
    def bodies(self) -> list[str]:
        """What stands there."""
        return [one["body"] for one in json.loads(self.store.read_text())]


@pytest.fixture
def comments(runner: Runner) -> Comments:
    return Comments(runner)


@pytest.mark.skipif(not shutil.which("jq"), reason="gh filters with the language of jq")
def test_the_first_run_writes_a_comment_and_the_next_one_updates_it(comments: Comments) -> None:
    people = [{"id": 1, "body": "Nice", "user": {"type": "User"}}, {"id": 2, "body": MARKER, "user": {"type": "User"}}]
    comments.store.write_text(json.dumps(people))
    for text in ("deny $(touch pwned) `x`", "allow\n@all"):
        assert comments.write(text).returncode == 0
        assert comments.bodies == ["Nice", MARKER, f"{MARKER}\n{text}"]
    assert not comments.runner.was_harmed()


@pytest.mark.parametrize(
    "variables",
    [
        {"PULL_REQUEST": "7; touch pwned"},
        {"PULL_REQUEST": "7/../8"},
        {"REPOSITORY": "o/r/../x"},
        {"REPOSITORY": "o\n/r"},
    ],
)
def test_a_pull_request_that_is_none_gets_no_comment(variables: dict[str, str], comments: Comments) -> None:
    assert comments.write("deny", **variables).returncode == 2
    assert comments.bodies == []


def test_a_token_that_may_only_read_does_not_change_the_verdict(comments: Comments) -> None:
    comments.runner.program("gh", "exit 1")
    done = comments.write("deny")
    assert done.returncode == 0
    assert done.stdout.startswith("::warning title=procurement-gate::")


# --- The installation -------------------------------------------------------------------------------------------------


@pytest.fixture
def pip(runner: Runner) -> Runner:
    """A runner whose Python makes an environment whose Python writes down what it is to install."""
    log = runner.temp.parent / "installed"
    inner = f"#!/usr/bin/env bash\necho \"$@\" >> '{log}'\n"
    runner.program(
        "python",
        '[[ "$1 $2" == "-m venv" ]] || exit 9',
        'mkdir -p "$3/bin"',
        f"printf '%s' {shlex.quote(inner)} > \"$3/bin/python\"",
        'chmod +x "$3/bin/python"',
    )
    return runner


def installed(pip: Runner) -> list[str]:
    return (pip.temp.parent / "installed").read_text().splitlines()


def test_without_a_version_the_action_installs_its_own_sources_with_hashes(pip: Runner) -> None:
    assert pip.step("install.sh", VERSION="").returncode == 0
    pinned, own = installed(pip)
    assert "--require-hashes" in pinned
    assert pinned.endswith(f"-r {ROOT}/requirements.txt")
    assert own.endswith(f"--no-deps --no-build-isolation {ROOT}")


def test_a_version_is_installed_from_the_index(pip: Runner) -> None:
    assert pip.step("install.sh", VERSION="1.2.0rc1").returncode == 0
    assert installed(pip)[0].endswith("procurement-gate==1.2.0rc1")


@pytest.mark.parametrize("version", ["1 --index-url=http://x", "1\n--index-url=x", "$(touch pwned)", "1;x", "../x"])
def test_a_version_that_is_none_installs_nothing(version: str, pip: Runner) -> None:
    done = pip.step("install.sh", VERSION=version)
    assert done.returncode == 2
    assert not (pip.temp / "procurement-gate").exists()
    assert commands(done.stdout) == []
    assert not pip.was_harmed()


# --- action.yml -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def action() -> Json:
    found: Json = msgspec.yaml.decode((ACTION / "action.yml").read_bytes())
    return found


def test_no_value_is_ever_part_of_a_script(action: Json) -> None:
    scripts = [step["run"] for step in action["runs"]["steps"] if "run" in step]
    assert scripts
    assert [script for script in scripts if "${{" in script] == []


def test_every_input_reaches_a_step_and_every_step_reads_what_it_is_given(action: Json) -> None:
    text = (ACTION / "action.yml").read_text("utf-8")
    assert [name for name in action["inputs"] if f"inputs.{name} " not in text] == []
    for step in action["runs"]["steps"]:
        if "run" not in step:
            continue
        script = (ACTION / step["run"].rpartition("/")[2].rstrip('"')).read_text("utf-8")
        given = {name for name in step["env"] if name != "GH_TOKEN"}  # `gh` itself reads that one
        assert given == set(re.findall(r"\bGATE_ACTION_\w+", script))


def test_every_output_is_one_that_the_script_writes(action: Json) -> None:
    script = (ACTION / "run.sh").read_text("utf-8")
    assert set(action["outputs"]) == set(re.findall(r'echo "([\w-]+)=', script))
    for name, output in action["outputs"].items():
        assert output["value"] == f"${{{{ steps.gate.outputs.{name} }}}}"
