"""A barred package, and `gate check` on whatever holds it. It stands for all that the law denies whatever it is for."""

import json
import subprocess
from typing import Any

import pytest

from tests import command
from tests.boms import Json

COMPANY = ("--profile", "us-company")
BARRED = "pkg:npm/%40kaspersky/hexa-ui@6.198.2"

ALLOW, DENY, NO_VERDICT, REVIEW = 0, 1, 2, 3


def inside(*arguments: str) -> int:
    """The exit status of the command, run in this process."""
    return command.inside("check", *arguments)


def outside(*arguments: str, stdin: bytes = b"") -> "subprocess.CompletedProcess[bytes]":
    """The command, run as a pipeline runs it; it never ends in a crash."""
    done = command.outside("check", *arguments, stdin=stdin)
    assert done.returncode in (ALLOW, DENY, NO_VERDICT, REVIEW), done.stderr.decode()
    assert b"Traceback" not in done.stderr, done.stderr.decode()
    assert b"internal error" not in done.stderr, done.stderr.decode()
    return done


def package(purl: str | None = "pkg:npm/left-pad@1.3.0", **more: Any) -> Json:
    component: Json = {"type": "library", "name": "left-pad", **more}
    return component if purl is None else {**component, "purl": purl}


def request(*lines: Json, **more: Any) -> Json:
    return {
        "id": "PR-1",
        "agreement": "new",
        "acts": ["acquire"],
        "ordered": "2024-08-01",
        "lines": list(lines),
        **more,
    }


def reasons(*arguments: str, capsys: pytest.CaptureFixture[str]) -> list[Json]:
    """The reasons of the decision on one input."""
    inside(*arguments, "--format", "json")
    found: list[Json] = json.loads(capsys.readouterr().out)["reasons"]
    return found


XML = '<?xml version="1.0"?><bom xmlns="http://cyclonedx.org/schema/bom/1.6" version="1">{}</bom>'
PART = f'<component type="library"><name>x</name><purl>{BARRED}</purl></component>'
