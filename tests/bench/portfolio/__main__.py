"""Measure a portfolio: `make bench-portfolio`. It measures and does not test: exit status 0."""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from tests.bench.portfolio import corpus

ROOT = Path(__file__).parents[3]

SYSTEMS = 2_000
FEW, MANY = 200, 20_000

SMALL = 100
"""Components of each document where it is about their number."""

PROFILE = "us-federal-contractor"

HUNDRED = 100
CORES = 64
PRICE = 0.05
"""Dollars that an hour of one core is taken to cost, as clouds ask for machines on demand. Not measured."""

LAW = """\
id = "xx-new"
title = "A new ban"
kind = "prohibition"
jurisdiction = "XX"
authority = "A ministry"
time_zone = "UTC"
published = 2026-01-01
checked = 2026-06-01
provenance = "official"
citation = { text = "Gazette", url = "https://gazette.example/1" }
binds = ["anyone"]
vendors = ["new-vendor"]

[scope]

[[clauses]]
id = "no-use"
text = "Nobody may use what they make"
acts = ["use"]
starts = 2026-01-01
"""

VENDOR = """\
id = "new-vendor"
name = "New Vendor {number}"
country = "XX"
categories = ["software"]
source = "https://register.example/new-vendor"
names = ["New Vendor Works {number}"]
purls = ["pkg:npm/{package}"]
"""


@dataclass(frozen=True)
class Spent:
    """What one run took: seconds, CPU seconds of all processes, bytes of memory at most."""

    seconds: float
    cpu: float
    peak: int
    status: int


def spend(*command: str, cores: int = 0) -> Spent:
    """Run a command and say what it took."""
    watch = [sys.executable, str(Path(__file__).with_name("watch.py")), str(cores), *command]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    found = subprocess.run(watch, cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE)
    return Spent(*json.loads(found.stdout))


class Bench:
    """Measures, and gathers the rows of the table."""

    def __init__(self, place: Path, rounds: int) -> None:
        self.place, self.rounds = place, rounds
        self.files = place / "files"
        self.rows: list[tuple[str, str, str]] = []

    def scan(self, *more: str, files: Sequence[Path] = (), out: str = "out", cores: int = 0) -> Spent:
        """A scan of the files."""
        targets = map(str, files or [self.files])
        flags = ("--profile", PROFILE, "--out", str(self.place / out), *more)
        spent = spend(sys.executable, "-m", "gate", "scan", *targets, *flags, cores=cores)
        if spent.status not in (0, 1, 3):
            raise RuntimeError(f"a scan ended with exit status {spent.status}")
        return spent

    def row(self, what: str, measured: str, target: str = "") -> None:
        """A row of the table."""
        self.rows.append((what, measured, target))
        print(f"{what}: {measured} {target}", file=sys.stderr, flush=True)

    def fresh(self, cores: int) -> Spent:
        """A first scan, on so many cores."""
        shutil.rmtree(self.place / "out", ignore_errors=True)
        return self.scan("--workers", str(cores), cores=cores)

    def run(self, *, large: bool) -> None:
        """All of it."""
        size = corpus.write(self.files, SYSTEMS)
        self.row("The portfolio", f"{SYSTEMS:,} SBOMs, {SYSTEMS * corpus.COMPONENTS:,} components, {size / 1e9:.1f} GB")
        first = self._first()
        self._second(first)
        self._law(first)
        self._questions()
        if large:
            self._growth()
        self._hundred(first)

    def _first(self) -> Spent:
        parse: list[Spent] = []
        one: list[Spent] = []
        two: list[Spent] = []
        self.scan(out="warm")  # so that the system has the files, and the law is compiled
        for _ in range(self.rounds):
            parse.append(spend(sys.executable, "-m", "tests.bench.portfolio.parsed", str(self.files), cores=1))
            one.append(self.fresh(1))
            two.append(self.fresh(2))
        reference, single, double = _middle(parse), _middle(one), _middle(two)
        self.row("`orjson.loads` over the same files, one core", f"{reference.cpu:.1f} s of CPU")
        self.row("First scan, one core", f"{single.seconds:.1f} s, {SYSTEMS / single.seconds:,.0f} SBOMs/s")
        self.row(
            "First scan, two cores",
            f"{double.seconds:.1f} s, {single.seconds / double.seconds:.2f} times one core's rate",
            _target(single.seconds / double.seconds >= 1.7, "at least 1.7"),
        )
        ratio = single.cpu / reference.cpu
        self.row("CPU of the first scan", f"{ratio:.2f} times `orjson.loads`", _target(ratio <= 0.5, "at most 0.5"))
        return double

    def _second(self, first: Spent) -> None:
        spent = _middle([self.scan("--workers", "2", cores=2) for _ in range(self.rounds + 2)])
        share = spent.seconds / first.seconds
        self.row(
            "Second scan, nothing changed",
            f"{spent.seconds * 1000:,.0f} ms, {share:.1%} of the first",
            _target(share <= 0.02, "at most 2 %"),
        )

    def _law(self, first: Spent) -> None:
        spent = []
        index, before = self.place / "out", self.place / "before"
        shutil.copytree(index, before)
        for number, package in enumerate(corpus.shared_packages(self.rounds)):
            folder = self._new_law(number, package)
            shutil.rmtree(index)
            shutil.copytree(before, index)  # else the vendor of the round before would go, and two would have changed
            spent.append(self.scan("--workers", "2", "--policy", str(folder), cores=2))
        middle = _middle(spent)
        share = middle.seconds / first.seconds
        self.row(
            "After a law with a new vendor, who is in one system of twenty",
            f"{middle.seconds:.2f} s, {share:.1%} of the first",
            _target(share <= 0.1, "at most 10 %"),
        )

    def _new_law(self, number: int, package: str) -> Path:
        folder = self.place / f"law-{number}"
        (folder / "prohibitions" / "xx").mkdir(parents=True)
        (folder / "vendors").mkdir()
        (folder / "prohibitions" / "xx" / "xx-new.toml").write_text(LAW)
        (folder / "vendors" / "new-vendor.toml").write_text(VENDOR.format(number=number, package=package))
        return folder

    def _questions(self) -> None:
        start = median(spend(sys.executable, "-c", "pass").seconds for _ in range(9))
        package = f"pkg:npm/{corpus.shared_packages(1)[0]}"
        for what in ("kaspersky", package, "us-ndaa-fy2018-1634-kaspersky"):
            command = (sys.executable, "-m", "gate", "where", what, "--portfolio", str(self.place / "out"))
            seconds = median(spend(*command).seconds for _ in range(9)) - start
            self.row(
                f"`gate where {what}`",
                f"{seconds * 1000:.0f} ms besides the interpreter's start",
                _target(seconds < 0.2, "under 200 ms"),
            )

    def _growth(self) -> None:
        files = self.place / "small"
        corpus.write(files, MANY, components=SMALL)
        spent = {count: self._of_small(files, count) for count in (FEW, SYSTEMS, MANY)}
        few, some, many = spent.values()
        self.row(
            f"Memory of all processes, {FEW} and {MANY:,} SBOMs of {SMALL} components",
            f"{few.peak >> 20} and {many.peak >> 20} MiB",
            _target(many.peak < few.peak * 1.5, "no growth"),
        )
        growth, times = many.cpu / some.cpu, MANY // SYSTEMS
        self.row(
            f"CPU of a first scan, {SYSTEMS:,} and {MANY:,} SBOMs of {SMALL} components",
            f"{some.cpu:.1f} and {many.cpu:.1f} s, {growth:.1f} times",
            _target(growth <= times * 1.15, f"{times}, linear"),
        )
        again = self._of_small(files, MANY)
        self.row(f"Second scan of {MANY:,} SBOMs", f"{again.seconds:.1f} s, {again.seconds / many.seconds:.1%}")

    def _of_small(self, files: Path, count: int) -> Spent:
        targets = [files / f"team-{number:04}" for number in range(count // 100)]
        return self.scan("--workers", "2", files=targets, out=f"small-{count}", cores=2)

    def _hundred(self, first: Spent) -> None:
        systems = SYSTEMS * HUNDRED
        hours = first.cpu / SYSTEMS * systems / 3600
        index = sum(path.stat().st_size for path in (self.place / "out").iterdir()) * HUNDRED / 1e9
        self.row(
            f"A hundred times more: {systems:,} SBOMs, computed",
            f"{hours:.1f} core-hours, so {hours * 60 / CORES:.1f} minutes on {CORES} cores and {hours * PRICE:.2f} "
            f"dollars at {PRICE} a core-hour; an index of {index:.0f} GB",
        )


def _middle(spent: list[Spent]) -> Spent:
    return Spent(
        seconds=median(one.seconds for one in spent),
        cpu=median(one.cpu for one in spent),
        peak=max(one.peak for one in spent),
        status=spent[0].status,
    )


def _target(reached: bool, words: str) -> str:
    return f"{words}: {'reached' if reached else 'not reached'}"


def main(make: Callable[[Path, int], Bench] = Bench) -> None:
    """Run it."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.portfolio", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="of what is measured in turns (default 3)")
    parser.add_argument("--small", action="store_true", help=f"leave out the {MANY:,} SBOMs, which take minutes")
    parser.add_argument("--folder", type=Path, help="where the files go (default: a temporary folder)")
    arguments = parser.parse_args()
    started = datetime.now(UTC)
    with tempfile.TemporaryDirectory(prefix="gate-bench-", dir=arguments.folder) as folder:
        bench = make(Path(folder), arguments.rounds)
        bench.run(large=not arguments.small)
    print(
        f"\n{started:%Y-%m-%d %H:%M} UTC, load {os.getloadavg()[0]:.1f} at the end; "
        f"medians of {arguments.rounds} interleaved rounds.\n"
    )
    print("| what | measured | target |\n| --- | --- | --- |")
    print("\n".join(f"| {' | '.join(row)} |" for row in bench.rows))


if __name__ == "__main__":
    main()
