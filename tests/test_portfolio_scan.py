"""The portfolio: a scan decides as `gate check` does, reads only what is new, and survives whatever stops it."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from gate.cli import main
from gate.files import expand
from gate.law import Law
from gate.portfolio.row import Stamp
from tests.portfolio import (
    aged,
    ban,
    component,
    decisions,
    law,
    rows,
    sbom,
    scan,
    tables,
    timeless,
    until,
    vendor,
    verdicts,
)

ROOT = Path(__file__).parents[1]

GATE = (sys.executable, "-m", "gate")


@pytest.fixture(name="acme")
def _acme(tmp_path: Path) -> Law:
    folder = tmp_path / "law"
    vendor(folder, "acme", names=["Acme Industries"], purls=["pkg:npm/%40acme"])
    ban(folder, "xx-acme", ["acme"])
    return law(folder)


def portfolio(folder: Path, count: int = 3) -> Path:
    """Systems of which every other one holds something of Acme's."""
    for number in range(count):
        mine = [component(f"own-{number}-{place}") for place in range(3)]
        theirs = [component("@acme/tool")] if number % 2 else []
        sbom(folder / f"system-{number}.cdx.json", *mine, *theirs)
    return folder


def gate(*arguments: str | Path, cwd: Path = ROOT) -> "subprocess.CompletedProcess[str]":
    """The command, as a user runs it."""
    return subprocess.run(
        [*GATE, *map(str, arguments)], cwd=cwd, capture_output=True, text=True, check=False, timeout=120,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip


def samples() -> list[str]:
    """The project's own sample files, and some of the corpus where there is one."""
    found = list(expand([str(ROOT / "sboms")]))
    if corpus := os.environ.get("GATE_CORPUS"):
        files = list(expand([corpus]))
        random.Random(5).shuffle(files)  # noqa: S311 - no secret depends on it
        found += files[:250]
    return found


def test_a_scan_decides_every_file_as_a_check_does(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = []
    for number, path in enumerate(samples()):
        copy = tmp_path / "files" / f"{number}-{Path(path).name}"
        copy.parent.mkdir(exist_ok=True)
        shutil.copy(path, copy)
        files.append(str(copy))
    how = ["--profile", "us-federal-contractor", "--allow-past"]
    main(["check", *files, *how, "--format", "json"])
    checked = {one["subject"]["name"]: timeless(one) for one in json.loads(capsys.readouterr().out)}
    for one in checked.values():
        for edge in ("id", "engine", "digest"):
            del one[edge]
    assert main(["scan", str(tmp_path / "files"), *how, "--out", str(tmp_path / "out"), "--workers", "2"]) in (1, 2, 3)
    scanned = {one["subject"]["name"]: one for one in decisions(tmp_path / "out").values() if one is not None}
    assert scanned.keys() == checked.keys()
    assert [name for name in checked if checked[name] != scanned[name]] == []


@pytest.mark.usefixtures("_patient")
def test_an_unchanged_file_is_not_read_a_second_time(tmp_path: Path, acme: Law) -> None:
    files, out = portfolio(tmp_path / "files"), tmp_path / "out"
    first = scan(out, acme, files)
    assert (first.read, first.stood) == (3, 0)
    second = scan(out, acme, files)
    assert (second.read, second.hashed, second.stood) == (0, 0, 3)
    assert verdicts(out) == {
        "system-0.cdx.json": "allow", "system-1.cdx.json": "deny", "system-2.cdx.json": "allow",
    }  # fmt: skip


@pytest.mark.usefixtures("_patient")
def test_a_file_of_the_same_size_and_time_with_other_content_is_seen(tmp_path: Path, acme: Law) -> None:
    files, out = portfolio(tmp_path / "files"), tmp_path / "out"
    scan(out, acme, files)
    path = files / "system-0.cdx.json"
    before = path.stat()
    text = path.read_text()
    path.write_text(text.replace("own-0-0", "@acme/t"))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert path.stat().st_size == before.st_size
    tally = scan(out, acme, files)
    assert tally.read == 1
    assert verdicts(out)["system-0.cdx.json"] == "deny"


def test_a_file_written_within_the_tick_in_which_it_was_read_is_not_believed(tmp_path: Path, acme: Law) -> None:
    files, out = portfolio(tmp_path / "files"), tmp_path / "out"
    scan(out, acme, files)
    tally = scan(out, acme, files)
    assert (tally.read, tally.hashed, tally.stood) == (0, 3, 3)


def test_a_stamp_vouches_only_for_the_same_file_and_not_within_its_tick() -> None:
    stamp = Stamp(10, 5, 5, 7, 10**10)
    assert stamp.vouches_for(Stamp(10, 5, 5, 7, 0))
    for other in (Stamp(11, 5, 5, 7, 0), Stamp(10, 6, 5, 7, 0), Stamp(10, 5, 6, 7, 0), Stamp(10, 5, 5, 8, 0)):
        assert not stamp.vouches_for(other)
    assert not Stamp(10, 5, 10**10 - 1, 7, 10**10).vouches_for(Stamp(10, 5, 10**10 - 1, 7, 0))


@pytest.mark.usefixtures("_patient")
def test_to_rehash_reads_every_file_and_decides_none_again(tmp_path: Path, acme: Law) -> None:
    files, out = portfolio(tmp_path / "files"), tmp_path / "out"
    scan(out, acme, files)
    tally = scan(out, acme, files, rehash=True)
    assert (tally.read, tally.hashed) == (0, 3)


def test_what_is_gone_from_the_disk_is_gone_from_the_portfolio(tmp_path: Path, acme: Law) -> None:
    files, out = portfolio(tmp_path / "files"), tmp_path / "out"
    scan(out, acme, files)
    (files / "system-1.cdx.json").unlink()
    assert scan(out, acme, files).gone == 1
    assert "system-1.cdx.json" not in verdicts(out)


def test_a_bad_file_is_a_row_and_the_run_has_no_verdict(tmp_path: Path) -> None:
    files = portfolio(tmp_path / "files")
    (files / "broken.cdx.json").write_text('{"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [')
    (files / "empty.cdx.json").write_text("{}")
    (files / "dangling.cdx.json").symlink_to("nowhere")
    out = tmp_path / "out"
    found = gate("scan", files, "--profile", "us-company", "--out", out)
    assert found.returncode == 2
    assert "3 allow, 0 review, 0 deny, 3 no verdict" in found.stdout
    rows = pq.read_table(out / "decisions.parquet").to_pylist()
    faults = {Path(row["system"]).name: row["fault"] for row in rows if row["outcome"] == "no verdict"}
    assert faults.keys() == {"broken.cdx.json", "empty.cdx.json", "dangling.cdx.json"}
    assert all(faults.values())
    assert gate("scan", files, "--profile", "us-company", "--out", out, "--keep-going").returncode == 0


def test_only_bad_files_are_no_allow_however_one_keeps_going(tmp_path: Path) -> None:
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "broken.cdx.json").write_text("{")
    found = gate("scan", tmp_path / "files", "--out", tmp_path / "out", "--keep-going")
    assert found.returncode == 2


@pytest.mark.usefixtures("_patient")
def test_a_file_that_could_not_be_opened_is_tried_again(tmp_path: Path, acme: Law) -> None:
    files, out = portfolio(tmp_path / "files"), tmp_path / "out"
    link = files / "link.cdx.json"
    link.symlink_to(tmp_path / "later.json")
    scan(out, acme, files)
    assert verdicts(out)["link.cdx.json"] == "no verdict"
    sbom(tmp_path / "later.json", component("@acme/tool"))
    scan(out, acme, files)
    assert verdicts(out)["link.cdx.json"] == "deny"


@pytest.mark.usefixtures("_patient")
def test_a_scan_waits_for_no_pipe_and_reads_no_device(tmp_path: Path) -> None:
    files = tmp_path / "files"
    files.mkdir()
    os.mkfifo(tmp_path / "pipe")
    for name, target in (("a.json", tmp_path / "pipe"), ("b.tar.gz", tmp_path / "pipe"), ("c.json", "/dev/zero")):
        (files / name).symlink_to(target)
    run = gate("scan", files, "--profile", "us-company", "--out", tmp_path / "out")
    assert run.returncode == 2
    assert verdicts(tmp_path / "out") == dict.fromkeys(("a.json", "b.tar.gz", "c.json"), "no verdict")


@pytest.mark.usefixtures("_patient")
def test_a_request_has_a_verdict_once_what_it_attaches_is_there(tmp_path: Path, acme: Law) -> None:
    body = {"id": "1", "agreement": "new", "ordered": "2027-01-01"}
    body |= {"lines": [{"id": "1", "product": "A", "sbom": {"path": "part.cdx.json"}}]}  # type: ignore[dict-item]
    path = tmp_path / "files" / "buy.json"
    path.parent.mkdir()
    path.write_text(json.dumps(body))
    aged(path)
    scan(tmp_path / "out", acme, path, acts=())
    assert verdicts(tmp_path / "out") == {"buy.json": "no verdict"}
    sbom(tmp_path / "files" / "part.cdx.json", component("@acme/tool"))
    scan(tmp_path / "out", acme, path, acts=())
    assert verdicts(tmp_path / "out") == {"buy.json": "deny"}


def test_a_request_is_asked_again_each_time(tmp_path: Path, acme: Law) -> None:
    files, out = tmp_path / "files", tmp_path / "out"
    files.mkdir()
    body = {
        "id": "PR-1",
        "agreement": "new",
        "ordered": "2026-12-01",
        "lines": [{"id": "1", "product": "A", "sbom": {"path": "part.cdx.json"}}],
    }
    (files / "buy.json").write_text(json.dumps(body))
    sbom(files / "part.cdx.json", component("mine"))
    scan(out, acme, files, acts=())
    assert verdicts(out)["buy.json"] == "allow"
    sbom(files / "part.cdx.json", component("@acme/tool"))
    scan(out, acme, files, acts=())
    assert verdicts(out)["buy.json"] == "deny"


def test_what_is_written_does_not_depend_on_the_number_of_workers(tmp_path: Path) -> None:
    files = portfolio(tmp_path / "files", 70)
    for name in ("one", "three"):
        count = {"one": "1", "three": "3"}[name]
        gate("scan", files, "--profile", "us-federal-contractor", "--out", tmp_path / name, "--workers", count)
    assert tables(tmp_path / "one") == tables(tmp_path / "three")
    assert len(tables(tmp_path / "one")["decisions"]) == 70


def test_a_scan_that_is_killed_goes_on_where_it_was_and_leaves_no_worker_behind(tmp_path: Path) -> None:
    files, out = tmp_path / "files", tmp_path / "out"
    wide = [component(f"part-{number}", group=f"g{number}") for number in range(1500)]
    for number in range(160):
        sbom(files / f"system-{number:03}.cdx.json", *wide, component(f"own-{number}"))
    how = ["--profile", "us-federal-contractor", "--workers", "2"]
    started = subprocess.Popen(
        [*GATE, "scan", str(files), *how, "--out", str(out)], cwd=ROOT, start_new_session=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        while started.poll() is None and rows(out) == 0:
            time.sleep(0.02)
        assert started.poll() is None, "it was done before it could be killed"
        workers = _children(started.pid)
        os.kill(started.pid, signal.SIGKILL)
    finally:
        started.wait(timeout=30)
    until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in workers))
    kept = rows(out)
    assert 0 < kept < 160
    found = gate("scan", files, *how, "--out", out)
    assert f"{160 - kept} documents read" in found.stderr
    gate("scan", files, *how, "--out", tmp_path / "fresh")
    assert tables(out) == tables(tmp_path / "fresh")


def _children(pid: int) -> list[int]:
    found = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in found.read_text().split()] if found.exists() else []


def test_an_index_that_others_may_write_is_not_believed(tmp_path: Path, acme: Law) -> None:
    files, out = portfolio(tmp_path / "files"), tmp_path / "out"
    scan(out, acme, files)
    (out / "index.db").chmod(0o666)
    found = gate("where", "acme", "--portfolio", out)
    assert found.returncode == 2
    assert "Others may write this index" in found.stderr


def test_a_file_that_is_no_index_is_left_alone(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir(mode=0o700)
    (out / "index.db").write_text("something else that somebody needs")
    (out / "index.db").chmod(0o600)
    found = gate("scan", ROOT / "sboms", "--out", out)
    assert found.returncode == 2
    assert "Traceback" not in found.stderr
    assert (out / "index.db").read_text() == "something else that somebody needs"


def test_the_second_scan_writes_nothing_and_says_the_same(tmp_path: Path) -> None:
    files, out = portfolio(tmp_path / "files"), tmp_path / "out"
    how = ("scan", files, "--profile", "us-company", "--out", out)
    first = gate(*how)
    before = {path.name: path.stat().st_mtime_ns for path in out.iterdir() if path.suffix != ".db"}
    second = gate(*how)
    assert {path.name: path.stat().st_mtime_ns for path in out.iterdir() if path.suffix != ".db"} == before
    assert without_time(first.stdout) == without_time(second.stdout)
    (out / "systems.csv").unlink()
    gate(*how)
    assert (out / "systems.csv").is_file()


@pytest.mark.usefixtures("acme")
def test_what_is_written_is_not_scanned_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    portfolio(tmp_path / "files")
    monkeypatch.chdir(tmp_path / "files")
    for _ in range(2):
        assert main(["scan", ".", "--policy", str(tmp_path / "law"), "--act", "use"]) == 1
    assert sorted(verdicts(tmp_path / "files" / "portfolio")) == [f"system-{n}.cdx.json" for n in range(3)]


@pytest.mark.usefixtures("acme")
def test_a_name_that_is_a_formula_is_none_in_the_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sbom(tmp_path / "files" / "=1+1.cdx.json", component("x"))
    monkeypatch.chdir(tmp_path / "files")
    assert main(["scan", ".", "--policy", str(tmp_path / "law"), "--act", "use"]) == 0
    text = Path("portfolio/systems.csv").read_text("utf-8-sig")
    assert "'=1+1.cdx.json" in text
    assert "\n=1+1" not in text


def without_time(text: str) -> list[str]:
    """The lines but the one that says when."""
    return [line for line in text.splitlines() if not line.startswith("As of")]


def test_without_arrow_a_scan_says_what_to_install_and_the_other_commands_work(tmp_path: Path) -> None:
    (tmp_path / "pyarrow.py").write_text("raise ImportError('as if it were not installed')")
    code = "import sys; sys.path.insert(0, sys.argv.pop(1)); from gate.cli import command; command()"

    def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-c", code, str(tmp_path), *arguments]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)

    assert run("--help").returncode == 0
    found = run("scan", str(ROOT / "sboms"), "--out", str(tmp_path / "out"))
    assert found.returncode == 2
    assert "internal error" not in found.stderr
    assert "procurement-gate[portfolio]" in found.stderr


def test_two_scans_do_not_write_into_one_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each would take the systems of the other for gone, and both would say that the index is whole."""
    holds = "import sys; from pathlib import Path; from gate.portfolio.index import Index\n"
    holds += "index = Index(Path(sys.argv[1]), is_new=True); print(flush=True); sys.stdin.read()"
    out = tmp_path / "out"
    with subprocess.Popen(
        [sys.executable, "-c", holds, str(out)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT
    ) as other:
        assert other.stdout is not None
        other.stdout.readline()
        arguments = ["scan", str(portfolio(tmp_path / "files")), "--out", str(out), "--workers", "1"]
        assert main(arguments) == 2
        assert "Another scan writes there" in capsys.readouterr().err
        other.kill()
        other.wait()
        assert main(arguments) == 0
