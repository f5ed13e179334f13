"""Find approved purchases that are no longer allowed, or will not be, and announce each once; for a scheduled job."""

import argparse
import asyncio
import sys
from contextlib import closing
from datetime import UTC, datetime

from gate.cli.arguments import add_trusted_law
from gate.cli.database import add_store, served_law, served_store
from gate.decision import EXIT_STATUS
from gate.terminal import counted, safe


def add(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("--workflow", metavar="FILE", help="the workflow file (default: GATE_WORKFLOW)")
    parser.add_argument("--dry-run", action="store_true", help="say what would be announced; store and tell nothing")
    add_store(parser)
    add_trusted_law(parser)


def run(arguments: argparse.Namespace) -> int:
    """Look at every approved purchase: 2 if one could not be judged again, else 0."""
    with closing(served_store(arguments)) as store:
        from gate.workflow.outbox import empty
        from gate.workflow.settings import arranged
        from gate.workflow.watch import look

        plan, law = arranged(arguments.workflow), served_law(arguments)
        found = look(store, law, plan.workflow, datetime.now(UTC), dry_run=arguments.dry_run)
        for change in found.changes:
            print(safe(str(change)))
        for fault in found.faults:
            print(safe(f"gate: {fault}"), file=sys.stderr)
        print(f"{counted(found.purchases, 'approved purchase')}, {len(found.changes)} new, {found.known} told before")
        if not arguments.dry_run:
            print(f"outbox: {asyncio.run(empty(store, plan))}")
    return EXIT_STATUS["no verdict" if found.faults else "allow"]
