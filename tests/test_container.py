"""The container file: its build steps run as far as a machine without containers can, and what comes out judges."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FILE = ROOT / ".github" / "container" / "Containerfile"
SBOM = ROOT / "sboms" / "webapp-hexa-ui.cyclonedx-npm.cdx.json"

Steps = list[tuple[str, str]]


def stages() -> list[Steps]:
    """The instructions of each stage."""
    text = re.sub(r"^#.*\n", "", FILE.read_text("utf-8"), flags=re.MULTILINE).replace("\\\n", " ")
    found: list[Steps] = []
    for line in filter(None, map(str.strip, text.splitlines())):
        instruction, _, rest = line.partition(" ")
        if instruction == "FROM":
            found.append([])
        found[-1].append((instruction, rest))
    return found


def of(stage: Steps, instruction: str) -> list[str]:
    return [rest for name, rest in stage if name == instruction]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The root of the first stage, built; the dependencies are those of the environment that runs the tests."""
    root = tmp_path_factory.mktemp("container")
    here = root
    for instruction, rest in stages()[0]:
        if instruction == "WORKDIR":
            here = inside(root, rest)
            here.mkdir()
        elif instruction == "COPY":
            *sources, target = rest.split()
            for source in sources:
                place = here / target / ("" if (ROOT / source).is_dir() else source)
                place.parent.mkdir(parents=True, exist_ok=True)
                copy = shutil.copytree if (ROOT / source).is_dir() else shutil.copy2
                copy(ROOT / source, place)
        elif instruction == "RUN" and "requirements.txt" not in rest:
            run(re.sub(r"(?<=[ =])/(app|cache)\b", rf"{root}/\1", rest), here)
    return root


def inside(root: Path, path: str) -> Path:
    return root / path.removeprefix("/")


def run(script: str, here: Path, **environment: str) -> None:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    home = {"PATH": path, "HOME": str(here), "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INDEX": "1", **environment}
    done = subprocess.run(["sh", "-ec", script], cwd=here, env=home, capture_output=True, timeout=120, check=False)  # noqa: S607
    assert done.returncode == 0, (done.stdout + done.stderr).decode()


def test_dependencies_are_wheels_checked_against_their_hashes() -> None:
    [install] = [step for step in of(stages()[0], "RUN") if "requirements.txt" in step]
    assert {"--require-hashes", "--only-binary", ":all:", "requirements.txt"} <= set(shlex.split(install))


def test_what_is_built_judges_where_no_source_is(root: Path, tmp_path: Path) -> None:
    final = stages()[-1]
    assert (root / "app" / "gate" / "pipelines").is_dir()
    settings = dict(pair.split("=", 1) for pair in of(final, "ENV")[0].split())
    environment = {name: re.sub(r"^/", f"{root}/", value) for name, value in settings.items()}
    shutil.copy(SBOM, tmp_path / "bom.json")
    entry = [*json.loads(of(final, "ENTRYPOINT")[0]), "check", "bom.json", "--profile", "us-federal-agency"]
    kept = {path: path.read_bytes() for path in (root / "cache").rglob("*") if path.is_file()}
    script = f"test $(python -c 'import gate; print(gate.__file__)') = {root}/app/gate/__init__.py; " + shlex.join(
        entry
    )
    run(f"{script} > verdict.txt || test $? = 1", tmp_path, **environment)
    assert (tmp_path / "verdict.txt").read_text().startswith("DENY")
    # The compiled law came along: a container that may write nowhere starts as quickly as any.
    assert kept == {path: path.read_bytes() for path in (root / "cache").rglob("*") if path.is_file()}
    assert kept


def test_what_runs_is_nobody_and_needs_no_shell() -> None:
    final = stages()[-1]
    [user] = of(final, "USER")
    assert re.fullmatch(r"[1-9]\d+:[1-9]\d+", user)
    assert of(final, "RUN") == []
    assert of(final, "ENTRYPOINT")[0].startswith('["python"')
    assert len({of(stage, "FROM")[0].removesuffix(" AS build") for stage in stages()}) == 1


def test_the_compiled_law_belongs_to_whoever_runs() -> None:
    final = stages()[-1]
    [cache] = [step for step in of(final, "COPY") if step.endswith(" /cache")]
    assert f"--chown={of(final, 'USER')[0]}" in cache.split()
    assert "--chmod=700" in cache.split()
