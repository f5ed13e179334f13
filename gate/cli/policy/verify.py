"""`gate policy verify`: whether a bundle is as it was signed, and what it holds."""

import argparse
from pathlib import Path

from gate.cli.arguments import trusted_keys
from gate.errors import UsageError

EPILOG = "exit status: 0 done, 2 refused"


def add(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("file", metavar="FILE", help="the bundle")
    parser.add_argument(
        "--key",
        action="append",
        default=[],
        metavar="PEM",
        help="the public key (default: GATE_POLICY_KEY); may be given again, and one of them is enough",
    )


def run(arguments: argparse.Namespace) -> int:
    """Say whether the bundle is unaltered, whose it is, and what it holds."""
    from gate.bundle import described, unpacked

    keys = trusted_keys(arguments.key)
    if not keys:
        raise UsageError("No key to verify with", remedy="Name the public key: --key PEM, or GATE_POLICY_KEY.")
    content = unpacked(Path(arguments.file), keys)
    print(f"{arguments.file}: {described(content)}")
    print("  unaltered, and signed with a trusted key")
    return 0
