"""Say what a change of the law does to a portfolio, asking by both only where the two can differ."""

import argparse
import sys
from collections.abc import Iterator
from datetime import UTC, datetime

import msgspec

from gate.cli.arguments import EDITION, edition
from gate.cli.asking import add_asking, asking_of
from gate.cli.consequence import told
from gate.cli.portfolio import NO_VERDICT, add_executor, add_portfolio, index_of
from gate.consequence import Consequence
from gate.law import Law
from gate.portfolio.circumstances import question
from gate.portfolio.impact import impact
from gate.portfolio.judge import Job, law_bytes
from gate.portfolio.pool import executor
from gate.settings import settle
from gate.terminal import counted, defused, one_line
from policy.dates import in_words, instant

OTHERWISE = (
    "gate: The scan asked another question than this one. To compare with its verdicts, say what it was told:"
    " --profile, --role, --act, --waivers and the like."
)


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
    index = index_of(arguments)
    now = datetime.now(UTC)
    laws = edition(arguments.old), edition(arguments.new)
    old, new = (_job(arguments, law, now) for law in laws)
    asked = {asking for (asking,) in index.db.execute("SELECT DISTINCT asking FROM document")}
    if not asked & {question(old.asking), question(new.asking)}:
        print(OTHERWISE, file=sys.stderr)
    with executor(arguments.workers, arguments.scheduler) as (pool, slots):
        found = impact(index, old, new, laws, pool, slots)
    systems, unread = index.db.execute("SELECT sum(kind != ''), sum(kind = '') FROM document").fetchone()
    if arguments.format == "json":
        body = {"schema": 1, "systems": systems or 0, "not_asked": unread or 0, "changed": found}
        sys.stdout.buffer.write(defused(msgspec.json.format(msgspec.json.encode(body), indent=2)) + b"\n")
    else:
        for text in _lines(found, systems or 0, unread or 0):
            print(one_line(text))
    return 0


def _job(arguments: argparse.Namespace, law: Law, now: datetime) -> Job:
    asking = asking_of(arguments, law, now)
    return Job(f"{law.digest}\n{question(asking)}\n{now.isoformat()}", law_bytes(law), asking)


def _lines(found: list[Consequence], systems: int, unread: int) -> Iterator[str]:
    for one in found:
        yield one.file
        when = "today" if isinstance(one.as_of, datetime) else f"as of {one.as_of}"
        yield from told(one, when, lambda starts, _: in_words(instant(starts, "UTC"), "UTC"))
    yield f"{len(found)} of {counted(systems, 'system')} judged otherwise"
    if unread:
        yield f"{counted(unread, 'system')} not asked: {NO_VERDICT}"
