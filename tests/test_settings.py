"""Settings: a flag, else the environment, else the one file; what nobody knows is refused."""

import json
from pathlib import Path
from typing import Any

import pytest

from gate.settings import CLOSED, Settings
from tests.boms import BANNED
from tests.command import inside

Json = dict[str, Any]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to stand in, with an SBOM, and nothing in the environment."""
    for name in Settings.__struct_fields__:
        monkeypatch.delenv(f"GATE_{name.upper()}", raising=False)
    monkeypatch.chdir(tmp_path)
    body = {"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [BANNED]}
    (tmp_path / "bom.json").write_text(json.dumps(body))
    return tmp_path


def buyer(*arguments: str) -> Json:
    """For whom it was decided."""
    inside("check", "--format", "json=out.json", *arguments, "bom.json")
    found: Json = json.loads(Path("out.json").read_bytes())
    return dict(found["buyer"])


FILES = {"gate.toml": "", "pyproject.toml": "[tool.gate]\n"}
"""Where settings stand -> what stands above them."""


@pytest.mark.parametrize("file", FILES)
def test_a_file_in_the_current_folder_is_read(file: str, here: Path) -> None:
    (here / file).write_text(FILES[file] + 'profile = "us-federal-agency"\n')
    assert buyer()["profile"] == "us-federal-agency"
    assert inside("check", "bom.json") == 1


def test_a_flag_comes_before_the_environment_and_that_before_the_file(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (here / "gate.toml").write_text('profile = "us-company"\n')
    assert buyer()["profile"] == "us-company"
    monkeypatch.setenv("GATE_PROFILE", "us-federal-agency")
    assert buyer()["profile"] == "us-federal-agency"
    assert buyer("--profile", "us-software-vendor")["profile"] == "us-software-vendor"


def test_an_empty_variable_says_nothing(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (here / "gate.toml").write_text('profile = "us-company"\n')
    monkeypatch.setenv("GATE_PROFILE", "")
    assert buyer()["profile"] == "us-company"


def test_an_empty_flag_does_not_fall_to_the_file(here: Path) -> None:
    (here / "gate.toml").write_text('profile = "us-company"\n')
    assert inside("check", "--profile", "", "bom.json") == 2


@pytest.mark.usefixtures("here")
def test_a_list_of_the_environment_is_cut_at_commas_colons_and_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    for text in ("us-person,us-federal-agency", "us-person, us-federal-agency", "us-person:us-federal-agency,"):
        monkeypatch.setenv("GATE_ROLE", text)
        assert buyer()["roles"] == ["us-federal-agency", "us-person"]


def test_a_list_of_a_flag_replaces_that_of_the_file(here: Path) -> None:
    (here / "gate.toml").write_text('role = ["us-person"]\n')
    assert buyer()["roles"] == ["us-person"]
    assert buyer("--role", "us-federal-agency")["roles"] == ["us-federal-agency"]


def test_a_switch_of_the_environment_can_be_turned_off(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (here / "gate.toml").write_text('profile = "us-federal-agency"\nexit-zero = true\n')
    assert inside("check", "bom.json") == 0
    monkeypatch.setenv("GATE_EXIT_ZERO", "false")
    assert inside("check", "bom.json") == 1
    monkeypatch.setenv("GATE_EXIT_ZERO", "perhaps")
    assert inside("check", "bom.json") == 2


def test_every_setting_can_stand_in_a_file(here: Path) -> None:
    (here / "empty").mkdir()
    (here / "gate.toml").write_text(
        """
profile = "us-federal-agency"
role = ["us-person"]
act = ["use"]
policy = []
only-policy = []
policy-key = []
waivers = []
findings = []
format = ["text", "json=out.json", "github=log.txt"]
baseline = ["bom.json"]
on-review = "deny"
fail-on = "new"
validate = true
warn-only = false
exit-zero = false
"""
    )
    assert inside("check", "bom.json") == 0
    assert (here / "out.json").exists()


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize(
    "text",
    [
        'profil = "us-company"',
        "as-of = 2017-01-01",
        "allow-past = true",
        'known-at = "2017-01-01"',
        "profile = 1",
        'role = "us-person"',
        'role = ["us-persona"]',
        'act = ["usee"]',
        'fail-on = "never"',
        'on-review = "perhaps"',
        "validate = 1",
        'format = ["pdf"]',
        'format = ["json="]',
        'profile = "nobody"',
        'profile = ""',
        'only_policy = ["x"]',
        'policy = ["no-such-folder"]',
        'waivers = ["no-such-folder"]',
        "profile = ",
    ],
)
def test_a_setting_nobody_knows_is_no_verdict(
    file: str, text: str, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / file).write_text(f"{FILES[file]}{text}\n")
    assert inside("check", "bom.json") == 2
    assert "internal error" not in capsys.readouterr().err


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("name", CLOSED)
def test_a_word_of_the_environment_nobody_knows_is_no_verdict(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"GATE_{name.upper()}", "nonsense")
    assert inside("check", "bom.json") == 2


def test_settings_in_both_files_are_refused(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "gate.toml").write_text('profile = "us-company"\n')
    (here / "pyproject.toml").write_text('[tool.gate]\nprofile = "us-federal-agency"\n')
    assert inside("check", "bom.json") == 2
    assert "Keep one of the two" in capsys.readouterr().err
    (here / "pyproject.toml").write_text('[project]\nname = "x"\n')
    assert buyer()["profile"] == "us-company"


@pytest.mark.parametrize("text", ["tool = 1\n", "[tool]\ngate = 1\n", "[tool\n", "\x00"])
def test_a_project_file_that_says_nonsense_is_refused_unless_it_is_about_others(
    text: str, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "pyproject.toml").write_text(text)
    assert inside("check", "bom.json") == (3 if text == "tool = 1\n" else 2)
    assert "internal error" not in capsys.readouterr().err


def test_a_file_above_or_beside_the_sbom_is_not_read(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (here / "gate.toml").write_text('profile = "us-company"\n')
    (here / "below").mkdir()
    monkeypatch.chdir(here / "below")
    inside("check", "--format", "json=out.json", "../bom.json")
    assert json.loads(Path("out.json").read_bytes())["buyer"]["profile"] is None
