"""Work on the law itself: lint it, test it, compare two editions, start an instrument, bundle it."""

import argparse
from types import ModuleType

from gate.cli.policy import bundle, diff, lint, new, schema, test, verify

SUBCOMMANDS: dict[str, tuple[ModuleType, str]] = {
    "lint": (lint, "what is wrong with the law as a whole, not only with one file"),
    "test": (test, "run the policy cases; say what no case exercises, and which faults no case would notice"),
    "diff": (diff, "what changed between two editions of the law, and which decisions change"),
    "new": (new, "start an instrument from the template"),
    "schema": (schema, "JSON Schemas of the policy files, for editors"),
    "bundle": (bundle, "policy folders as one signed file, for `--policy` and `--only-policy`"),
    "verify": (verify, "whether a bundle is unaltered and signed with a key, and what it holds"),
}
"""Name of a subcommand -> its module, with `add(parser)` and `run(arguments)`, and what it does."""


def add(parser: argparse.ArgumentParser) -> None:
    """The subcommands and their arguments."""
    commands = parser.add_subparsers(dest="policy_command", required=True, metavar="COMMAND")
    for name, (module, summary) in SUBCOMMANDS.items():
        one = commands.add_parser(name, help=summary, description=summary, epilog=module.EPILOG, allow_abbrev=False)
        module.add(one)


def run(arguments: argparse.Namespace) -> int:
    """Run the subcommand."""
    module, _ = SUBCOMMANDS[arguments.policy_command]
    status: int = module.run(arguments)
    return status
