"""The service's README is under test: its commands run, its tables are made from the program's own."""

import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from gate.api.accept import MEDIA_TYPES
from gate.api.problem import PROBLEMS
from gate.api.settings import Settings
from gate.guard.role import MAY
from tests.service import kill, service

ROOT = Path(__file__).parents[1]
README = (ROOT / "gate" / "api" / "README.md").read_text("utf-8")


def block(name: str) -> str:
    """What stands between `<!-- name -->` and `<!-- end -->`."""
    found = re.search(rf"<!-- {re.escape(name)} -->\n?(.*?)<!-- end -->", README, re.DOTALL)
    assert found, f"the README has no block {name!r}"
    return found[1]


def rows(name: str) -> list[list[str]]:
    """The cells of a table, without its head."""
    lines = block(name).strip().splitlines()[2:]
    return [[cell.strip().strip("`") for cell in line.strip("|").split("|")] for line in lines]


def test_the_commands_shown_run_as_they_stand(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as one:
        port = one.getsockname()[1]
    code = re.findall(r"```sh\n(.*?)```", block("run"), re.DOTALL)[0]
    script = f"set -e\n{code.replace('8080', str(port))}"
    (tmp_path / "sboms").symlink_to(ROOT / "sboms")
    process = subprocess.Popen(
        ["bash", "-c", script],  # noqa: S607 - as a reader would
        cwd=tmp_path,
        env={
            **os.environ,
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "GATE_PORT": str(port),
        },
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        assert process.wait(90) == 0
        assert '"decision":"deny"' in (tmp_path / "decision.json").read_text()
    finally:
        kill(process)
        if process.stderr is not None:
            process.stderr.close()


def test_every_setting_is_listed_with_its_default() -> None:
    defaults = Settings()
    expected = []
    for name in Settings.__struct_fields__:
        value = getattr(defaults, name)
        shown = "" if value in (None, ()) else str(value).lower() if isinstance(value, bool) else str(value)
        expected.append([f"GATE_{name.upper()}", shown])
    assert [row[:2] for row in rows("table: settings")] == expected


def test_every_refusal_role_and_report_is_listed() -> None:
    assert rows("table: problems") == [[str(status), kind, title] for kind, (status, title) in PROBLEMS.items()]
    assert rows("table: roles") == [[role.value, what] for role, what in MAY.items()]
    assert rows("table: media types") == [[kind, form] for form, kind in MEDIA_TYPES.items()]


def test_every_metric_is_listed(tmp_path: Path) -> None:
    with service(f"sqlite:///{tmp_path}/gate.db") as client:
        client.post("/v1/decisions", content=b"{}")
        families = {one.name for one in text_string_to_metric_families(client.get("/metrics").text)}
    listed = set(re.findall(r"`(gate_\w+)`", block("list: metrics")))
    assert {name.removesuffix("_total") for name in listed} == families


@pytest.mark.parametrize("command", sorted(set(re.findall(r"`gate ([a-z]+(?: [a-z]+)?)[` ]", README))))
def test_every_command_named_exists(command: str) -> None:
    from gate.cli import COMMANDS

    assert command.split(maxsplit=1)[0] in COMMANDS
