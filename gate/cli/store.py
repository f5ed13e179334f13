"""`gate store`: make or migrate the service's database, and erase what is kept no longer."""

import argparse
from contextlib import closing
from datetime import UTC, datetime, timedelta

from gate.cli.database import add_store, oneself, store_of
from gate.errors import UsageError
from gate.terminal import counted


def add(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    steps = parser.add_subparsers(dest="step", required=True, metavar="COMMAND")
    one = steps.add_parser("upgrade", help="make the tables, or move them on to this version", allow_abbrev=False)
    one.set_defaults(step=_upgrade)
    one = steps.add_parser("retain", help="erase what is older than it is kept", allow_abbrev=False)
    one.set_defaults(step=_retain)
    one.add_argument("--inputs", type=_days, metavar="DAYS", help="keep documents so long; their digests stay")
    one.add_argument("--personal", type=_days, metavar="DAYS", help="keep who asked, and for whom, so long")
    one.add_argument("--dry-run", action="store_true", help="only say how much that is")
    for step in steps.choices.values():
        add_store(step)


def run(arguments: argparse.Namespace) -> int:
    """Do the step."""
    status: int = arguments.step(arguments)
    return status


def _upgrade(arguments: argparse.Namespace) -> int:
    with closing(store_of(arguments.store, upgrade=True)) as store:
        from gate.store.schema import VERSION

        print(f"upgraded  {store.database} is at version {VERSION}")
    return 0


def _retain(arguments: argparse.Namespace) -> int:
    if arguments.inputs is None and arguments.personal is None:
        raise UsageError("It is not said what is kept how long", remedy="Name --inputs DAYS, --personal DAYS, or both.")
    now = datetime.now(UTC)
    with closing(store_of(arguments.store)) as store:
        from gate.store import Who
        from gate.store.erase import retain

        done = retain(
            store.chain,
            Who(oneself()),
            now,
            inputs_before=None if arguments.inputs is None else now - arguments.inputs,
            personal_before=None if arguments.personal is None else now - arguments.personal,
            dry_run=arguments.dry_run,
        )
    word = "to erase" if arguments.dry_run else "erased  "
    print(f"{word}  {counted(done.inputs, 'input')}, personal fields of {counted(done.entries, 'record')}")
    return 0


def _days(text: str) -> timedelta:
    if not text.isdecimal() or not 1 <= int(text) <= 40_000:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of days")
    return timedelta(days=int(text))
