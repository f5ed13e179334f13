"""The page for whoever connects a system is under test: its commands, its mapping, its tables, its example file."""

import json
import re
import shlex
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gate.cli import main
from gate.store import open_store
from gate.workflow.event import CHANGING, DECIDED
from gate.workflow.file import parsed
from gate.workflow.mapping import Mapping
from gate.workflow.mappings import names
from gate.workflow.outbox import ATTEMPTS, pause
from gate.workflow.request import mapped
from gate.workflow.schemes import SCHEMES
from gate.workflow.settings import Poll, Workflow, arranged
from tests.systems import Coupa, serving

FOLDER = Path(__file__).parents[1] / "gate" / "workflow"
PAGE = (FOLDER / "README.md").read_text("utf-8")
EXAMPLE = FOLDER / "workflow.example.toml"


def block(name: str) -> str:
    """What stands between `<!-- name -->` and `<!-- end -->`."""
    found = re.search(rf"<!-- {re.escape(name)} -->(.*?)<!-- end -->", PAGE, re.DOTALL)
    assert found, name
    return found[1]


COMMANDS = re.findall(r"^\$ gate (.*)$", block("commands"), re.MULTILINE)


def test_every_command_shown_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving(Coupa()) as server:
        text = EXAMPLE.read_text().replace("https://example.coupahost.com", server.url)
        (tmp_path / "workflow.toml").write_text(text)
        monkeypatch.setenv("GATE_WORKFLOW", str(tmp_path / "workflow.toml"))
        monkeypatch.setenv("GATE_DATABASE_URL", f"sqlite:///{tmp_path / 'gate.db'}")
        monkeypatch.setenv("GATE_COUPA_SECRET", Coupa.SECRET)
        for command in COMMANDS:
            if command == "poll coupa":  # it looks until it is stopped
                continue
            assert main(shlex.split(command)) == 0, (command, capsys.readouterr().err)
    assert "poll coupa" in COMMANDS


def test_the_example_file_is_one_and_names_what_there_is(tmp_path: Path) -> None:
    workflow = parsed(EXAMPLE, Workflow)
    assert set(Workflow.model_fields) == set(workflow.model_dump(exclude_unset=True))
    assert set(Poll.model_fields) == set(workflow.poll.model_dump(exclude_unset=True))
    (tmp_path / "workflow.toml").write_text(EXAMPLE.read_text())
    assert arranged(str(tmp_path / "workflow.toml")).mappings.keys() == set(names())


def test_the_mapping_shown_is_one_and_reads_a_payload(tmp_path: Path) -> None:
    text = block("mapping").strip().removeprefix("```toml\n").removesuffix("\n```")
    (tmp_path / "own.toml").write_text(text)
    payload = {
        "ticket": "T-1",
        "wanted_by": "01.03.2027",
        "country": "US",
        "positions": [{"article": {"name": "Desk"}, "number": 3, "group": "Furniture", "from": "Example Inc."}],
    }
    found = mapped(json.dumps(payload).encode(), parsed(tmp_path / "own.toml", Mapping), "x", datetime.now(UTC))
    assert found.reference == "T-1"
    body = json.loads(found.data)
    assert body["delivered"] == "2027-03-01"
    assert body["lines"] == [
        {
            "product": "Desk",
            "quantity": 3.0,
            "supplier": {"name": "Example Inc."},
            "manufacturer": {"country": "US"},
        }
    ]


def test_the_page_lists_every_scheme_system_and_event() -> None:
    assert re.findall(r"^\| `([a-z]+)` \|", block("table: schemes"), re.MULTILINE) == list(SCHEMES)
    assert all(f"(mappings/{name}.toml)" in PAGE for name in names())
    assert DECIDED in PAGE
    assert CHANGING in PAGE


def test_the_page_is_right_about_how_often_a_callback_is_tried() -> None:
    assert f"After {ATTEMPTS} attempts" in PAGE
    days = sum(pause(attempt, 0.5).total_seconds() for attempt in range(1, ATTEMPTS)) / 86400
    assert 2 < days * 4 / 3 < 3, "about two and a half days, less what chance shortens"


def test_every_flag_that_the_page_names_is_one(capsys: pytest.CaptureFixture[str]) -> None:
    for command, flag in set(re.findall(r"`?gate (poll|watch|deliver)[^`\n]*?(--[a-z-]+)", PAGE)):
        with pytest.raises(SystemExit):
            main([command, "--help"])
        assert flag in capsys.readouterr().out, (command, flag)


def test_a_store_without_tables_is_told_what_to_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["deliver", "--dry-run", "--store", f"sqlite:///{tmp_path / 'none.db'}"]) == 2
    assert "gate store upgrade" in capsys.readouterr().err
    open_store(f"sqlite:///{tmp_path / 'none.db'}", upgrade=True).close()
    assert main(["deliver", "--dry-run", "--store", f"sqlite:///{tmp_path / 'none.db'}"]) == 0
