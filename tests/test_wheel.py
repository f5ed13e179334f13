"""What is published works by itself: the wheel, installed where the source tree cannot be seen."""

import json
import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SAMPLES = ROOT / "sboms"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built without fetching anything."""
    folder = tmp_path_factory.mktemp("dist")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    done = subprocess.run(build, capture_output=True, check=False)
    assert done.returncode == 0, (done.stdout + done.stderr).decode()
    [built] = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh environment with the wheel; the dependencies are lent by the environment that runs the tests."""
    home = tmp_path_factory.mktemp("environment")
    venv.create(home, symlinks=True)
    python = home / "bin" / "python"
    install = [
        sys.executable,
        "-m",
        "pip",
        "--python",
        str(python),
        "install",
        "--no-deps",
        "--no-index",
        "-q",
        str(wheel),
    ]
    done = subprocess.run(install, capture_output=True, check=False)
    assert done.returncode == 0, (done.stdout + done.stderr).decode()
    [site] = (home / "lib").glob("python*/site-packages")
    # A plain line adds the folder alone: .pth files in it, such as that of an editable install, are not followed.
    (site / "lent.pth").write_text(f"{sysconfig.get_path('platlib')}\n{sysconfig.get_path('purelib')}\n")
    return home


def run(home: Path, *arguments: str, program: str = "gate") -> "subprocess.CompletedProcess[bytes]":
    """A program of the environment, started where no source tree is."""
    hidden = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV")
    environment = {name: value for name, value in os.environ.items() if name not in hidden}
    return subprocess.run(
        [str(home / "bin" / program), *arguments],
        capture_output=True,
        cwd=home,
        env={**environment, "XDG_CACHE_HOME": str(home / "cache")},
        timeout=120,
        check=False,
    )


def test_the_wheel_holds_the_whole_of_both_packages_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as packed:
        names = {name for name in packed.namelist() if ".dist-info/" not in name}
    wanted = {
        path.relative_to(ROOT).as_posix()
        for package in ("gate", "policy")
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    templates = {f"gate/pipelines/{path.name}" for path in (ROOT / ".github" / "ci").iterdir()}
    assert templates
    assert names == wanted | templates
    assert {"gate/py.typed", "policy/py.typed"} <= names


def test_both_packages_are_imported_from_the_wheel(installed: Path) -> None:
    code = "import gate, policy; print(gate.__file__); print(policy.__file__)"
    done = run(installed, "-c", code, program="python")
    assert done.returncode == 0, done.stderr.decode()
    places = [Path(line) for line in done.stdout.decode().splitlines()]
    assert len(places) == 2
    assert all(place.is_relative_to(installed) for place in places)


def test_the_installed_command_denies_and_allows_the_samples(installed: Path) -> None:
    agency = ("check", "--profile", "us-federal-agency", "--format", "json")
    denied = run(installed, *agency, str(SAMPLES / "webapp-hexa-ui.cyclonedx-npm.cdx.json"))
    assert (denied.returncode, json.loads(denied.stdout)["decision"]) == (1, "deny")
    allowed = run(installed, *agency, str(SAMPLES / "express-api.cyclonedx-npm.cdx.json"))
    assert (allowed.returncode, json.loads(allowed.stdout)["decision"]) == (0, "allow")
    assert json.loads(allowed.stdout)["engine"]["version"] == "0.1.0"
    xml = run(installed, "check", "--profile", "us-federal-agency", str(SAMPLES / "pyapp.cyclonedx-py.cdx.xml"))
    assert xml.returncode == 0


def test_the_installed_command_and_the_installed_module_agree(installed: Path) -> None:
    for arguments in (["--version"], ["vendor", "Kaspersky Lab"], ["check"]):
        command, module = run(installed, *arguments), run(installed, "-m", "gate", *arguments, program="python")
        assert (command.returncode, command.stdout) == (module.returncode, module.stdout)


def test_the_law_goes_along(installed: Path) -> None:
    done = run(installed, "law")
    assert done.returncode == 0
    for path in (ROOT / "policy" / "prohibitions").rglob("*.toml"):
        assert path.stem.encode() in done.stdout


def test_the_laws_own_cases_pass_from_the_wheel(installed: Path) -> None:
    done = run(installed, "policy", "test")
    assert done.returncode == 0, done.stdout.decode()
    assert b" 0 failed" in done.stdout


def test_the_wheel_makes_the_tables_of_the_service(installed: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'gate.db'}"
    done = run(installed, "store", "upgrade", "--store", url)
    assert done.returncode == 0, done.stderr.decode()
    done = run(installed, "audit", "verify", "--store", url)
    assert done.returncode == 0, done.stderr.decode()
    assert b"verified  0 entries" in done.stdout


def test_every_dependency_that_is_imported_is_declared(wheel: Path, installed: Path) -> None:
    with zipfile.ZipFile(wheel) as packed:
        [metadata] = [packed.read(name).decode() for name in packed.namelist() if name.endswith(".dist-info/METADATA")]
    code = """
import ast, importlib.metadata as m, pathlib, sys, gate
root = pathlib.Path(gate.__file__).parents[1]
used = set()
for package in ("gate", "policy"):
    for path in (root / package).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                used.update(alias.name.partition(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and not node.level:
                used.add((node.module or "").partition(".")[0])
known = m.packages_distributions()
for name in sorted(used - set(sys.stdlib_module_names) - {"gate", "policy"}):
    print(name, *known.get(name, []))
"""
    done = run(installed, "-c", code, program="python")
    assert done.returncode == 0, done.stderr.decode()
    declared = {
        line.removeprefix("Requires-Dist: ").partition(";")[0].strip()
        for line in metadata.splitlines()
        if line.startswith("Requires-Dist: ")
    }
    names = {_plain("".join(c if c.isalnum() or c in "-_." else " " for c in one).split()[0]) for one in declared}
    missing = []
    for line in done.stdout.decode().splitlines():
        module, *distributions = line.split()
        if names.isdisjoint(map(_plain, distributions)):
            missing.append(module)
    assert missing == []


def _plain(name: str) -> str:
    return name.lower().replace("_", "-").replace(".", "-")
