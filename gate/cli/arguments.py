"""What several commands ask for in the same words."""

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

from gate import chosen
from gate.compiled import load
from gate.errors import LawError, UsageError
from gate.law import Law, Profile
from gate.settings import policy_keys
from policy.dates import Moment
from policy.files import BUILT_IN, Folder
from policy.spelling import meant

EDITION = "an edition is `built-in`, a policy folder, a bundle, or several with + between: built-in+my-policy"

BUILT_IN_LAW = "built-in"


def add_law(parser: argparse.ArgumentParser) -> None:
    """`--policy` and `--only-policy`."""
    parser.add_argument(
        "--policy",
        action="append",
        default=[],
        metavar="DIR",
        help="a policy folder, or a bundle of one, that adds to the built-in law",
    )
    parser.add_argument(
        "--only-policy",
        action="append",
        default=[],
        metavar="DIR",
        help="a policy folder, or a bundle of one, that replaces the built-in law",
    )


def add_trusted_law(parser: argparse.ArgumentParser) -> None:
    """`--policy` and `--only-policy`, and `--policy-key` to take no law but what that key signed."""
    add_law(parser)
    parser.add_argument(
        "--policy-key",
        action="append",
        default=[],
        metavar="PEM",
        help="take only bundles this key signed (default: GATE_POLICY_KEY, or gate.toml's); may be given again",
    )


def law_of(arguments: argparse.Namespace) -> Law:
    """The law that the flags choose. Raises LawError."""
    keys = trusted_keys(arguments.policy_key, policy_keys())
    if keys:
        from gate.signature import public_keys

        public_keys(keys)  # also where no bundle is given: who names a key that is none is told so
    if arguments.only_policy:
        return load([*map(Path, arguments.only_policy), *map(Path, arguments.policy)], only=True, keys=keys)
    return load(map(Path, arguments.policy), keys=keys)


def folders_of(arguments: argparse.Namespace) -> list[Folder]:
    """The folders and bundles that the flags choose, for work on the law, whoever signed them. Raises LawError."""
    from gate.bundle import folder_at

    own = [folder_at(Path(name)) for name in (*arguments.only_policy, *arguments.policy)]
    return own if arguments.only_policy else [BUILT_IN, *own]


def trusted_keys(given: list[str], settings: Sequence[str] = ()) -> list[Path]:
    """The files of the keys that are trusted: those given, else the settings', else those GATE_POLICY_KEY names.

    Where GATE_POLICY_KEY is set, flags and settings can only choose among its keys. Raises UsageError.
    """
    by_flag, given = bool(given), given or list(settings)
    setting = os.environ.get("GATE_POLICY_KEY")
    trusted = [] if setting is None else setting.split(os.pathsep)
    if trusted and not {*map(os.path.realpath, given)} <= {*map(os.path.realpath, trusted)}:
        who = "--policy-key" if by_flag else "The setting policy-key"
        raise UsageError(
            f"{who} names a key that GATE_POLICY_KEY does not trust",
            remedy="Whoever sets the environment decides whom to trust; flags and files only choose among those keys.",
        )
    named = given or trusted
    if not all(named):  # no key at all would trust anything
        raise UsageError("A trusted key's name is empty", remedy="Name a file, or unset GATE_POLICY_KEY.")
    return [Path(name) for name in named]


def edition(name: str) -> Law:
    """The law that a name stands for. Raises LawError."""
    parts = [name] if Path(name).exists() else name.split("+")
    folders = [part for part in parts if part != BUILT_IN_LAW]
    for folder in folders:
        if not Path(folder).exists():
            raise LawError(
                f"There is no edition {folder!r}", remedy=f"Name a policy folder, a bundle or {BUILT_IN_LAW}."
            )
    return load(folders, only=BUILT_IN_LAW not in parts)


def profile_of(name: str | None, law: Law) -> Profile | None:
    """The profile of that name. Raises UsageError: an unknown one never falls to a default."""
    if name is None:
        return None
    if name not in law.profiles:
        raise UsageError(f"There is no profile {name!r}", remedy=meant(name, sorted(law.profiles)))
    return law.profiles[name]


def moment(text: str) -> Moment:
    """A day, or an instant with its offset, as an argument."""
    try:
        return chosen.moment(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
