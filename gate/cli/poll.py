"""Ask a system what waits for an approval, judge it, and approve, hold, reject or comment."""

import argparse
import asyncio
import sys
import time
from contextlib import closing
from typing import TYPE_CHECKING

from gate.cli.arguments import add_trusted_law
from gate.cli.database import add_store, served_law, served_store
from gate.decision import EXIT_STATUS
from gate.errors import GateError
from gate.terminal import safe

if TYPE_CHECKING:
    from gate.workflow.judge import Judge
    from gate.workflow.settings import Arranged

SYSTEMS = ("ariba", "coupa")
"""The systems that can be polled. Said here, so that no command waits for what polling imports; a test compares."""


def add(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("system", choices=SYSTEMS, metavar="SYSTEM", help=f"{' or '.join(SYSTEMS)}")
    parser.add_argument("--workflow", metavar="FILE", help="the workflow file (default: GATE_WORKFLOW)")
    parser.add_argument("--once", action="store_true", help="look once, and end; for a scheduled job")
    parser.add_argument("--dry-run", action="store_true", help="say what would be done, once; store and tell nothing")
    add_store(parser)
    add_trusted_law(parser)


def run(arguments: argparse.Namespace) -> int:
    """Look until interrupted, or once: then 2 if about something there is no verdict, else 0."""
    with closing(served_store(arguments)) as store:
        from gate.workflow.judge import Judge
        from gate.workflow.settings import arranged
        from gate.workflow.systems import polled

        plan = arranged(arguments.workflow)
        every = polled(arguments.system, plan).every
        judge = Judge(served_law(arguments), store)
        if arguments.once or arguments.dry_run:
            return asyncio.run(_look(arguments, plan, judge))
        while True:
            try:
                if (law := served_law(arguments)).digest != judge.law.digest:  # its files have changed
                    judge = Judge(law, store)
                asyncio.run(_look(arguments, plan, judge))
            except GateError as error:  # a system that is down is up again later
                print(safe(f"gate: {error}"), file=sys.stderr)
            sys.stdout.flush()
            time.sleep(every)


async def _look(arguments: argparse.Namespace, plan: "Arranged", judge: "Judge") -> int:
    from gate.workflow.outbox import empty
    from gate.workflow.poll import look

    found = await look(arguments.system, plan, judge, dry_run=arguments.dry_run)
    for one in found:
        print(safe(f"{'would tell ' if arguments.dry_run and one.is_new else ''}{one}"))
    if not arguments.dry_run:
        done = await empty(judge.store, plan)
        print(f"outbox: {done}")
    return EXIT_STATUS["no verdict" if any(one.answer is None for one in found) else "allow"]
