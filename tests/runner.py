"""A machine like the ones on which GitHub runs the steps of an action, as far as a step can tell."""

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
ACTION = ROOT / ".github" / "actions" / "gate"
MARKER = "<!-- procurement-gate -->"

Json = dict[str, Any]


class Runner:
    """What GitHub's runner gives to a step, and reads afterwards."""

    def __init__(self, path: Path) -> None:
        self.workspace = path / "workspace"
        self.temp = path / "temp"
        self.bin = path / "bin"
        for folder in (self.workspace, self.temp, self.bin):
            folder.mkdir()
        self.output, self.summary = path / "output", path / "summary"

    def program(self, name: str, *lines: str) -> Path:
        """A program on the step's PATH."""
        path = self.bin / name
        path.write_text("\n".join(["#!/usr/bin/env bash", *lines, ""]))
        path.chmod(0o755)
        return path

    def sbom(self, name: str, *components: Json) -> str:
        """An SBOM in the workspace."""
        body = {"bomFormat": "CycloneDX", "specVersion": "1.6", "components": list(components)}
        (self.workspace / name).write_text(json.dumps(body))
        return name

    def step(self, script: str = "run.sh", **variables: str) -> "subprocess.CompletedProcess[str]":
        """A step of the action. The runner makes the two files anew for each."""
        self.output.write_text("")
        self.summary.write_text("")
        return subprocess.run(
            ["bash", str(ACTION / script)],  # noqa: S607 - as the runner finds it
            cwd=self.workspace,
            env={
                "PATH": f"{self.bin}{os.pathsep}{os.environ['PATH']}",
                "HOME": str(self.temp),
                "LANG": "C.UTF-8",
                "XDG_CACHE_HOME": os.environ["XDG_CACHE_HOME"],
                "GITHUB_ACTIONS": "true",
                "GITHUB_OUTPUT": str(self.output),
                "GITHUB_STEP_SUMMARY": str(self.summary),
                "RUNNER_TEMP": str(self.temp),
                "GATE_COMMAND": str(self.bin / "gate"),
                **{f"GATE_ACTION_{name}": value for name, value in variables.items()},
            },
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def outputs(self) -> dict[str, str]:
        """The step's outputs, as the runner reads them."""
        found = {}
        for line in self.output.read_text("utf-8").splitlines():
            name, equals, value = line.partition("=")
            assert equals, line
            assert "<<" not in name, line
            found[name] = value
        return found

    def was_harmed(self) -> bool:
        """Whether something that was a value has been run."""
        return any(path.name == "pwned" for folder in (self.workspace, self.temp) for path in folder.rglob("*"))


def commands(text: str) -> list[str]:
    """The commands that GitHub's runner would obey (actions/runner, ActionCommand.cs), other than annotations."""
    found = []
    for line in text.splitlines():
        current = re.match(r"\s*::([\w-]+)[^:]*(?::[^:]+)*::", line)
        if current is None or current[1] not in ("error", "warning", "notice"):
            found += [current[1]] if current else []
            found += re.findall(r"##\[([\w-]+)", line)
    return found
