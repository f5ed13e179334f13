"""What several commands ask for in the same words."""

import argparse
from datetime import date, datetime
from pathlib import Path

from gate.bundle import load
from gate.errors import UsageError
from gate.law import Law, Profile
from policy.dates import Moment


def add_law(parser: argparse.ArgumentParser) -> None:
    """`--policy` and `--only-policy`."""
    parser.add_argument(
        "--policy", action="append", default=[], metavar="DIR", help="a policy folder that adds to the built-in law"
    )
    parser.add_argument(
        "--only-policy",
        action="append",
        default=[],
        metavar="DIR",
        help="a policy folder that replaces the built-in law",
    )


def law_of(arguments: argparse.Namespace) -> Law:
    """The law that the flags choose. Raises LawError."""
    if arguments.only_policy:
        return load([*map(Path, arguments.only_policy), *map(Path, arguments.policy)], only=True)
    return load(map(Path, arguments.policy))


def profile_of(name: str | None, law: Law) -> Profile | None:
    """The profile of that name. Raises UsageError: an unknown one never falls to a default."""
    if name is None:
        return None
    if name not in law.profiles:
        raise UsageError(f"There is no profile {name!r}", remedy=f"Known are {', '.join(sorted(law.profiles))}.")
    return law.profiles[name]


def moment(text: str) -> Moment:
    """A day, or an instant with its offset, as an argument."""
    try:
        value = date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text)
    except ValueError:
        value = None
    if value is None or (isinstance(value, datetime) and value.utcoffset() is None) or not 1990 <= value.year <= 2200:
        raise argparse.ArgumentTypeError(
            f"{text!r} is neither a day (2024-07-20) nor an instant with its offset (2024-07-20T00:00:00-04:00)"
        )
    return value
