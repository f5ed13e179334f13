"""Say what a change of the law does to a portfolio, asking by both only where the two can differ."""

import argparse
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from gate.cli.arguments import EDITION, edition
from gate.cli.asking import add_asking, asking_of
from gate.cli.consequence import told
from gate.cli.portfolio import add_executor, add_portfolio
from gate.consequence import Consequence
from gate.law import Law
from gate.portfolio.circumstances import question
from gate.portfolio.impact import impact
from gate.portfolio.index import Index
from gate.portfolio.judge import Job, law_bytes
from gate.portfolio.pool import executor
from gate.settings import settle
from gate.terminal import counted, defused, safe
from policy.dates import in_words, instant


def add(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("old", metavar="OLD", help=f"the law before; {EDITION}")
    parser.add_argument("new", metavar="NEW", help="the law now")
    add_portfolio(parser)
    add_asking(parser, with_law=False)
    add_executor(parser)
    parser.add_argument("--format", default="text", choices=("text", "json"))


def run(arguments: argparse.Namespace) -> int:
    """Print every system that is judged otherwise."""
    settle(arguments)
    index = Index(Path(arguments.portfolio), is_new=False)
    now = datetime.now(UTC)
    laws = edition(arguments.old), edition(arguments.new)
    old, new = (_job(arguments, law, now) for law in laws)
    with executor(arguments.workers, arguments.scheduler) as (pool, slots):
        found = impact(index, old, new, laws, pool, slots)
    systems = index.db.execute("SELECT count(*) FROM document WHERE kind = 'sbom'").fetchone()[0]
    requests = index.db.execute("SELECT count(*) FROM document WHERE kind = 'request'").fetchone()[0]
    if arguments.format == "json":
        body = {"schema": 1, "systems": systems, "requests_not_asked": requests, "changed": found}
        sys.stdout.buffer.write(defused(msgspec.json.format(msgspec.json.encode(body), indent=2)) + b"\n")
    else:
        print(safe("\n".join(_lines(found, systems, requests))))
    return 0


def _job(arguments: argparse.Namespace, law: Law, now: datetime) -> Job:
    asking = asking_of(arguments, law, now)
    return Job(f"{law.digest}\n{question(asking)}\n{now.isoformat()}", law_bytes(law), asking)


def _lines(found: list[Consequence], systems: int, requests: int) -> Iterator[str]:
    for one in found:
        yield one.file
        yield from told(one, "today", lambda starts, _: in_words(instant(starts, "UTC"), "UTC"))
    yield f"{len(found)} of {counted(systems, 'system')} judged otherwise"
    if requests:
        yield f"{counted(requests, 'purchase request')} not asked: give those files to `gate policy diff --against`"
