"""Starting an instrument from the template, and the schemas that help to write it."""

import json
import tomllib
from datetime import date, datetime
from pathlib import Path

import jsonschema_rs
import pytest

from gate.cli import main
from policy.files import BUILT_IN


def test_a_new_instrument_is_proven_from_the_start(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own = tmp_path / "own"
    start = [
        "policy",
        "new",
        "tx-2026-ban",
        "--jurisdiction",
        "US-TX",
        "--title",
        'The "ban" \\ 禁令',
        "--into",
        str(own),
    ]
    assert main(start) == 0
    table = tomllib.loads((own / "prohibitions/us/tx-2026-ban.toml").read_text("utf-8"))
    assert (table["id"], table["jurisdiction"], table["title"]) == ("tx-2026-ban", "US-TX", 'The "ban" \\ 禁令')
    assert main(["policy", "test", "tx-2026-ban", "--policy", str(own), "--coverage", "--mutate"]) == 0
    before = {path: path.read_bytes() for path in own.rglob("*.toml")}
    assert main(start) == 2
    assert "is there already" in capsys.readouterr().err
    assert main(["policy", "new", "tx-2027-ban", "--jurisdiction", "US-TX", "--into", str(own)]) == 0
    assert {path: path.read_bytes() for path in before} == before


@pytest.mark.parametrize(("name", "code"), [("TX Ban", "US"), ("../ban", "US"), ("ban", "Texas"), ("", "US")])
def test_an_instrument_is_not_started_under_a_bad_name(
    name: str, code: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["policy", "new", name, "--jurisdiction", code, "--into", str(tmp_path / "own")]) == 2
    assert "Write it as in" in capsys.readouterr().err
    assert not (tmp_path / "own").exists()


def plain(value: object) -> object:
    """A TOML value as an editor hands it to a JSON Schema."""
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    return value.isoformat() if isinstance(value, date | datetime) else value


def test_the_schemas_accept_every_file_of_the_law_and_refuse_a_wrong_word(tmp_path: Path) -> None:
    assert main(["policy", "schema", "--out", str(tmp_path)]) == 0
    for folder in (BUILT_IN, BUILT_IN / "template"):
        for path in sorted(folder.glob("*/**/*.toml")):
            family = path.relative_to(folder).parts[0]
            if family == "template":
                continue
            schema = json.loads((tmp_path / f"{family}.json").read_text("utf-8"))
            validator = jsonschema_rs.validator_for(schema)
            document = plain(tomllib.loads(path.read_text("utf-8")))
            assert isinstance(document, dict)
            assert [error.message for error in validator.iter_errors(document)] == [], path
            assert not validator.is_valid({**document, "no-such-key": 1})


def test_the_first_line_of_a_template_is_its_schema() -> None:
    for path in (BUILT_IN / "template").rglob("*.toml"):
        parts = path.relative_to(BUILT_IN / "template").parts
        first = path.read_text("utf-8").splitlines()[0]
        assert first == f"#:schema {'../' * (len(parts) - 1)}.schemas/{parts[0]}.json"
