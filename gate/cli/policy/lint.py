"""`gate policy lint`: what is wrong with the law as a whole."""

import argparse
import sys
from datetime import UTC, datetime

from gate.cli.arguments import add_law, folders_of
from gate.cli.policy.place import shown
from gate.problems import LISTINGS
from gate.terminal import counted

EPILOG = "exit status: 0 no problem, 2 problems"


def add(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument(
        "--max-age", type=_days, metavar="DAYS", help="also name what nobody has checked for so many days"
    )
    parser.add_argument("--format", default="text", choices=LISTINGS, help="sarif is for code review tools")
    add_law(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print every problem. A fault that stops the law from loading is one of them."""
    from gate.alias import shared_aliases
    from gate.compile import compiled
    from policy.lint import lint
    from policy.load import PolicyError, load

    summary = "The policy cannot be used"
    try:
        policy = load(folders_of(arguments))
    except PolicyError as error:
        problems = list(error.problems)
    else:
        problems = shared_aliases(policy)
        if not problems:
            compiled(policy)
        problems += lint(policy, datetime.now(UTC).date(), arguments.max_age)
        summary = ", ".join(
            counted(len(entries), noun)
            for entries, noun in (
                (policy.prohibitions, "instrument"),
                (policy.vendors, "vendor"),
                (policy.lists, "list"),
            )
        )
    sys.stdout.buffer.write(LISTINGS[arguments.format]([shown(problem) for problem in problems]))
    print(f"{summary}: {counted(len(problems), 'problem')}", file=sys.stderr)
    return 2 if problems else 0


def _days(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is no number of days")
    return int(text)
