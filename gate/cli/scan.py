"""Judge every SBOM and request of a portfolio into an index, reading only what is new."""

import argparse
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from gate.cli.arguments import law_of
from gate.cli.asking import add_asking, asking_of
from gate.cli.portfolio import OUT, add_executor
from gate.decision import EXIT_STATUS
from gate.portfolio.circumstances import circumstances
from gate.portfolio.index import Index
from gate.portfolio.pool import executor
from gate.portfolio.progress import Progress
from gate.portfolio.scan import Scan, Tally
from gate.portfolio.sources import sources
from gate.portfolio.summary import PAGES
from gate.portfolio.summary.content import Summary
from gate.portfolio.written import written
from gate.record import gravest
from gate.settings import settle
from gate.terminal import counted, safe


def add(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("targets", nargs="+", metavar="PATH", help="a file, folder, glob, .zip, .tar.gz or URL")
    add_asking(parser)
    parser.add_argument("--out", default=OUT, metavar="DIR", help=f"the index and what is written (default: {OUT})")
    add_executor(parser)
    parser.add_argument("--keep-going", action="store_true", help="exit by the verdicts, not 2, if a file is bad")
    parser.add_argument(
        "--rehash",
        action="store_true",
        help="trust no file's times, which a write by mmap may leave: read and hash every one",
    )


def run(arguments: argparse.Namespace) -> int:
    """Scan, write, and return the gravest exit status."""
    settle(arguments)
    law = law_of(arguments)
    asking = asking_of(arguments, law, datetime.now(UTC))
    total = _count(arguments) if sys.stderr.isatty() else None
    progress = Progress(total)
    with closing(Index(Path(arguments.out), is_new=True)) as index:
        try:
            with executor(arguments.workers, arguments.scheduler) as (pool, slots):
                scan = Scan(index, circumstances(law, asking), pool, slots, progress)
                tally = scan.run(arguments.targets, rehash=arguments.rehash)
        finally:
            progress.close()
        found = written(index, Path(arguments.out), law, asking)
    print(safe(f"gate: {_told(tally)}"), file=sys.stderr)
    sys.stdout.buffer.write(PAGES["text"](found))
    return _status(found, keeps_going=arguments.keep_going)


def _count(arguments: argparse.Namespace) -> int:
    return sum(1 for _ in sources(arguments.targets, lambda _: None, arguments.out))


def _told(tally: Tally) -> str:
    said = f"{counted(tally.read, 'document')} read, {tally.again} decided again, {tally.stood} as before"
    if tally.hashed:
        said += f" ({tally.hashed} hashed)"
    if tally.gone:
        said += f", {tally.gone} gone"
    if tally.passed_over:
        said += f"; {counted(tally.passed_over, 'file')} passed over: no SBOM, request or archive"
    return said


def _status(found: Summary, *, keeps_going: bool) -> int:
    outcomes = [outcome for outcome, number in found.outcomes.items() if number]
    if keeps_going and len(outcomes) > 1:
        outcomes = [outcome for outcome in outcomes if outcome != "no verdict"]
    return EXIT_STATUS[gravest(outcomes)]
