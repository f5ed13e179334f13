"""`gate init`: what it writes the gate reads, what is there it leaves alone, and on a terminal it asks."""

import io
import os
import pty
import subprocess
import sys
import threading
import tomllib
from pathlib import Path

import pytest

from gate.cli.init import PIPELINES, TEMPLATES
from gate.settings import Settings
from tests.command import ROOT, inside

SAMPLE = str(ROOT / "sboms" / "webapp-hexa-ui.cyclonedx-npm.cdx.json")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to stand in, with nothing in the environment."""
    for name in Settings.__struct_fields__:
        monkeypatch.delenv(f"GATE_{name.upper()}", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def written() -> dict[str, object]:
    return tomllib.loads(Path("gate.toml").read_text("utf-8"))


def on_a_terminal(*answers: str, arguments: tuple[str, ...] = (), ended: bool = False) -> tuple[int, str]:
    """Exit status of `gate init` on a terminal, and what stood there; `ended`: then Ctrl-D."""
    here, there = pty.openpty()
    said = bytearray()

    def listen() -> None:
        while True:
            try:
                said.extend(os.read(here, 4096))
            except OSError:  # the terminal is closed
                return

    process = subprocess.Popen(
        [sys.executable, "-m", "gate", "init", *arguments],
        stdin=there,
        stdout=there,
        stderr=there,
        env={**os.environ, "PYTHONPATH": str(ROOT), "TERM": "dumb"},
        close_fds=True,
    )
    os.close(there)
    listener = threading.Thread(target=listen)
    listener.start()
    os.write(here, "".join(f"{answer}\n" for answer in answers).encode() + (b"\x04" if ended else b""))
    status = process.wait(timeout=30)
    listener.join(timeout=5)
    os.close(here)
    return status, said.decode(errors="replace")


# --- With flags -------------------------------------------------------------------------------------------------------


def test_what_the_flags_say_is_written_and_then_holds(here: Path) -> None:
    (here / "signed").mkdir()
    assert inside("init", "--profile", "us-federal-agency", "--waivers", "signed", "--format", "json=out.json") == 0
    assert written() == {"profile": "us-federal-agency", "waivers": ["signed"], "format": ["json=out.json"]}
    assert inside("check", SAMPLE) == 1
    assert '"profile":"us-federal-agency"' in (here / "out.json").read_text().replace(" ", "")


@pytest.mark.parametrize(("fail_on", "status"), [("deny", 1), ("review", 1), ("warn", 1)])
def test_every_word_of_fail_on_is_one_the_check_takes(fail_on: str, status: int, here: Path) -> None:  # noqa: ARG001
    assert inside("init", "--profile", "us-federal-agency", "--fail-on", fail_on) == 0
    assert inside("check", SAMPLE) == status


def test_policy_folders_are_read_and_may_hold_the_profile(here: Path) -> None:
    folder = here / 'our "law"\\ür alle'
    (folder / "profiles").mkdir(parents=True)
    profile = 'id = "our-team"\ntext = "Us."\nroles = ["us-person"]\nacts = ["use"]\nagreement = "new"\n'
    (folder / "profiles" / "our-team.toml").write_text(profile)
    assert inside("init", "--profile", "our-team") == 2
    assert inside("init", "--profile", "our-team", "--policy", str(folder)) == 0
    assert written() == {"profile": "our-team", "policy": [str(folder)]}
    assert inside("check", SAMPLE) in (0, 1, 3)


@pytest.mark.parametrize("file", ["gate.toml", "pyproject.toml"])
def test_settings_that_stand_here_are_left_alone(file: str, here: Path) -> None:
    (here / file).write_text('[tool.gate]\nprofile = "us-company"\n' if file == "pyproject.toml" else "# ours\n")
    before = {path: path.read_bytes() for path in here.iterdir()}
    assert inside("init", "--profile", "us-company", "--ci", "github") == 2
    assert {path: path.read_bytes() for path in here.iterdir()} == before


@pytest.mark.parametrize("file", ["gate.toml", "pyproject.toml"])
def test_where_settings_stand_the_template_alone_can_be_had(file: str, here: Path) -> None:
    (here / file).write_text('[tool.gate]\nprofile = "us-company"\n' if file == "pyproject.toml" else "# ours\n")
    before = (here / file).read_bytes()
    assert inside("init", "--ci", "gitlab") == 0
    assert (here / file).read_bytes() == before
    assert {path.name for path in here.iterdir()} == {file, ".gitlab"}


def test_a_pyproject_without_settings_is_no_hindrance(here: Path) -> None:
    (here / "pyproject.toml").write_text('[project]\nname = "x"\n')
    assert inside("init", "--profile", "us-company") == 0


def test_a_link_that_leads_nowhere_is_not_written_through(here: Path) -> None:
    (here / "gate.toml").symlink_to("elsewhere.toml")
    assert inside("init", "--profile", "us-company") == 2
    assert not (here / "elsewhere.toml").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("--profile", "nobody"),
        ("--profile", ""),
        ("--profile", "us-company", "--fail-on", "new"),
        ("--profile", "us-company", "--format", "xlsx"),
        ("--profile", "us-company", "--format", "json="),
        ("--profile", "us-company", "--format", "json=a\nb"),
        ("--profile", "us-company", "--policy", "nowhere"),
        ("--profile", "us-company", "--waivers", "nowhere"),
        ("--profile", "us-company", "--ci", "travis"),
    ],
)
def test_what_no_run_could_use_is_not_written(
    arguments: tuple[str, ...], here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO())
    assert inside("init", *arguments) == 2
    assert list(here.iterdir()) == []
    assert "internal error" not in capsys.readouterr().err


# --- The template of a pipeline ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("server", PIPELINES)
def test_the_template_of_a_pipeline_is_written_beside_it(
    server: str, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    template, path, _ = PIPELINES[server]
    assert inside("init", "--profile", "us-company", "--ci", server) == 0
    assert (here / path).read_bytes() == (ROOT / ".github" / "ci" / template).read_bytes()
    assert path in capsys.readouterr().out


def templates() -> list[Path]:
    """What is in their folder beside its README."""
    return [path for path in TEMPLATES[-1].iterdir() if path.name != "README.md"]


def test_every_template_has_a_build_server() -> None:
    assert {template for template, _, _ in PIPELINES.values()} == {path.name for path in templates()}


def test_no_template_says_who_is_asking_in_place_of_the_settings() -> None:
    for template in templates():
        assert "us-" not in template.read_text("utf-8"), template.name


def test_a_pipeline_that_is_there_is_left_alone_and_nothing_else_is_written(here: Path) -> None:
    theirs = here / PIPELINES["github"][1]
    theirs.parent.mkdir(parents=True)
    theirs.write_text("theirs")
    assert inside("init", "--profile", "us-company", "--ci", "github") == 2
    assert theirs.read_text() == "theirs"
    assert not (here / "gate.toml").exists()


# --- Asking -----------------------------------------------------------------------------------------------------------


def test_on_a_terminal_it_asks(here: Path) -> None:
    status, said = on_a_terminal("", "us-federal-agency", "", "", "gitlab")
    assert status == 0, said
    assert "Who is asking" in said
    assert written() == {"profile": "us-federal-agency", "fail-on": "review"}
    assert (here / ".gitlab" / "procurement-gate.yml").is_file()


def test_a_wrong_answer_is_asked_again_and_a_number_is_an_answer(here: Path) -> None:
    (here / "signed").mkdir()
    status, said = on_a_terminal("nowhere", "", "nobody", "", "1", "signed", "never", "warn", "none")
    assert status == 0, said
    assert said.count("That is none of them.") == 3
    assert written() == {"profile": "au-commonwealth-entity", "waivers": ["signed"], "fail-on": "warn"}


def test_with_a_flag_it_asks_nothing(here: Path) -> None:  # noqa: ARG001
    status, said = on_a_terminal(arguments=("--profile", "us-company"))
    assert status == 0
    assert "?" not in said
    assert written() == {"profile": "us-company"}


def test_whoever_leaves_in_the_middle_leaves_nothing_behind(here: Path) -> None:
    status, said = on_a_terminal("", "us-company", ended=True)
    assert status == 2
    assert "internal error" not in said
    assert list(here.iterdir()) == []
