"""`gate replay`: make a stored decision again, by its own law and times, and show whether it is the same."""

import argparse
from contextlib import closing

from gate.cli.database import add_store, store_of
from gate.terminal import safe

SHOWN = 20
"""Differences that are printed."""


def add(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("id", metavar="ID", help="the decision's id")
    parser.add_argument("--json", action="store_true", help="print the decision as it is made now")
    add_store(parser)


def run(arguments: argparse.Namespace) -> int:
    """Decide again: exit status 0 if the bytes are the same, 1 if not."""
    import sys

    with closing(store_of(arguments.store)) as store:
        from gate.store.replay import replay

        found = replay(store, arguments.id)
    if arguments.json:
        sys.stdout.buffer.write(found.replayed + b"\n")
        sys.stdout.buffer.flush()
    else:
        word = "the same" if found.same else "DIFFERENT"
        print(f"{word}  decision {safe(found.id)}, made again by the stored law {found.law} and gate {found.engine}")
        for one in found.differences[:SHOWN]:
            print(safe(f"  {one.pointer}: stored {one.stored!r:.200}, now {one.replayed!r:.200}"))
    return 0 if found.same else 1
