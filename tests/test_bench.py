"""The benchmark: its documents are what it says they are, and it runs. How fast anything is is not tested."""

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gate import Asking, check, load, read
from tests.bench import sbom
from tests.bench.contestants import PROFILE

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("bench") / "synthetic.cdx.json"
    sbom.write(path, 3_000)
    return path


def test_the_document_is_always_the_same(document: Path) -> None:
    text = "".join(sbom.pieces(3_000))
    assert document.read_text("utf-8") == text
    assert "".join(sbom.pieces(3_000, seed=1)) != text


def test_the_document_is_valid_and_holds_what_it_says(document: Path) -> None:
    now = datetime.now(UTC)
    law = load()
    decision = check(read(document, now=now, validate=True), law, Asking(now=now, profile=law.profiles[PROFILE]))
    assert decision.coverage.components == 3_000 + 1  # and the product itself
    denied = {c.pointer for reason in decision.reasons if reason.effect == "deny" for c in reason.components}
    assert denied == {"/components/500", "/components/1500", "/components/2500"}
    assert len({c.name for reason in decision.reasons for c in reason.components}) == 3


def test_without_hits_nothing_is_found(tmp_path: Path) -> None:
    sbom.write(tmp_path / "clean.json", 300, hits=0)
    now = datetime.now(UTC)
    law = load()
    decision = check(read(tmp_path / "clean.json", now=now), law, Asking(now=now, profile=law.profiles[PROFILE]))
    assert (decision.outcome, decision.reasons) == ("allow", ())


def test_size_and_repetition_are_those_of_real_files(document: Path) -> None:
    assert document.stat().st_size / 3_000 == pytest.approx(sbom.BYTES_EACH, rel=0.03)
    purls = [component["purl"].partition("?")[0] for component in sbom.components(3_000)]
    spaces = [space for space in (purl.rpartition("/")[0] for purl in purls) if "/" in space]
    assert 0.75 <= 1 - len(set(spaces)) / len(spaces) <= 0.8


def test_it_runs_and_prints_the_table() -> None:
    environment = {name: value for name, value in os.environ.items() if name != "GATE_CORPUS"}
    argv = [sys.executable, "-m", "tests.bench", "--quick", "--sizes", "100", "--rounds", "1"]
    run = subprocess.run(argv, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    rows = [line.strip("|").split("|") for line in run.stdout.splitlines() if line.startswith("|")]
    assert [title.strip() for title in rows[0]] == ["", "20", "100"]
    assert all(len(row) == 3 for row in rows[:16])
    assert "does not find" not in run.stdout
    assert "exit status" not in run.stdout
    assert run.stdout.count("not measured") == 4
    assert "reached" in run.stdout or "missed" in run.stdout
