"""The command line as tests call it, and for whom they mostly ask."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from gate.cli import main
from tests.boms import Json

ROOT = Path(__file__).parents[1]
TEMPLATE = ROOT / "policy" / "template"

AGENCY = ("--profile", "us-federal-agency")
UNDER_TEMPLATE = ("--policy", str(TEMPLATE), "--act", "use")


def inside(*arguments: str) -> int:
    """The exit status of the command, run in this process."""
    try:
        return main(arguments)
    except SystemExit as stop:  # argparse's way to refuse arguments and to print help
        return int(stop.code or 0)


def outside(*arguments: str, stdin: bytes = b"", **more: Any) -> "subprocess.CompletedProcess[bytes]":
    """The command in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "gate", *arguments],
        input=stdin,
        capture_output=True,
        timeout=60,
        check=False,
        **{"cwd": ROOT, **more},
    )


def decision(*arguments: str, capsys: pytest.CaptureFixture[str]) -> Json:
    """The JSON report on one input."""
    capsys.readouterr()
    inside("check", "--format", "json", *arguments)
    found: Json = json.loads(capsys.readouterr().out)
    return found
