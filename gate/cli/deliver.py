"""Send what waits in the outbox, and look after what could not be sent."""

import argparse
import asyncio
from contextlib import closing
from datetime import UTC, datetime

from gate.cli.database import add_store, served_store
from gate.decision import EXIT_STATUS
from gate.errors import UsageError
from gate.terminal import counted, safe


def add(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("--workflow", metavar="FILE", help="the workflow file (default: GATE_WORKFLOW)")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--dry-run", action="store_true", help="list what waits, and send nothing")
    which.add_argument("--dead", action="store_true", help="list what was given up, and why")
    which.add_argument("--drop", metavar="ID", help="give one up that waits: it is sent no more, unless it is revived")
    which.add_argument("--revive", metavar="ID", help="try one that was given up anew")
    add_store(parser)


def run(arguments: argparse.Namespace) -> int:
    """Send what is due, once: 2 if something was given up, else 0."""
    with closing(served_store(arguments)) as store:
        if arguments.dead or arguments.dry_run:
            for one in store.outbox.all("dead" if arguments.dead else "waiting"):
                why = f": {one.last_error}" if one.last_error else ""
                print(safe(f"{one.id} to {one.url}, {counted(one.attempts, 'attempt')}{why}"))
            return EXIT_STATUS["allow"]
        if arguments.drop:
            if all(one.id != arguments.drop for one in store.outbox.all("waiting")):
                raise UsageError(
                    f"No message {arguments.drop[:80]!r} waits", remedy="`gate deliver --dry-run` lists what does."
                )
            store.outbox.dead(arguments.drop, "It was dropped by hand", datetime.now(UTC))
            return EXIT_STATUS["allow"]
        from gate.workflow.outbox import empty
        from gate.workflow.settings import arranged

        plan = arranged(arguments.workflow)
        if arguments.revive:
            store.outbox.revive(arguments.revive, datetime.now(UTC))
        done = asyncio.run(empty(store, plan))
        print(done)
    return EXIT_STATUS["no verdict" if done.dead else "allow"]
