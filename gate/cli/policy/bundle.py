"""`gate policy bundle`: policy folders as one signed file, for `--policy` and `--only-policy`."""

import argparse
from pathlib import Path

from gate.cli.signing import SIGNING_KEY, signer
from gate.errors import LawError, UsageError
from policy.files import BUILT_IN

EPILOG = "exit status: 0 done, 2 refused"


def add(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("--out", required=True, metavar="FILE", help="the file to write")
    parser.add_argument(
        "--policy",
        action="append",
        default=[],
        metavar="DIR",
        help="a folder to bundle, whose law adds to the built-in one (default: the built-in law itself)",
    )
    parser.add_argument(
        "--only-policy", action="append", default=[], metavar="DIR", help="a folder to bundle, whose law stands alone"
    )
    parser.add_argument("--key", metavar="PEM", help=f"the private key (default: the PEM text in {SIGNING_KEY})")
    parser.add_argument("--unsigned", action="store_true", help="do not sign; refused wherever a trusted key is set")


def run(arguments: argparse.Namespace) -> int:
    """Write the bundle, once its law has been compiled: what cannot be used is not signed."""
    from gate.bundle import content_of, described, packed

    if arguments.unsigned and arguments.key is not None:
        raise UsageError("--unsigned and --key contradict each other", remedy="Leave one of them out.")
    by = None if arguments.unsigned else signer(arguments.key, otherwise="; or say --unsigned")
    folders = [Path(folder) for folder in (*arguments.only_policy, *arguments.policy)] or [BUILT_IN]
    content = content_of(folders, alone=bool(arguments.only_policy) or not arguments.policy)
    _demand_usable(folders if arguments.only_policy or not arguments.policy else [BUILT_IN, *folders])
    _write(Path(arguments.out), packed(content, by))
    print(f"{arguments.out}: {described(content)}")
    print(f"  signed with key {by.public_key.keyid}" if by else "  not signed")
    return 0


def _demand_usable(folders: list[Path]) -> None:
    from gate.compile import compiled
    from policy.load import PolicyError, load

    try:
        compiled(load(folders))
    except PolicyError as error:
        raise LawError(f"The policy cannot be used, and is not bundled:\n{error}") from error


def _write(path: Path, data: bytes) -> None:
    """The whole file or none."""
    import tempfile

    made = None
    try:
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
            made = Path(file.name)
            file.write(data)
        made.chmod(0o644)  # a bundle is no secret, as temporary files are
        made.replace(path)
    except OSError as error:
        if made is not None:
            made.unlink(missing_ok=True)
        raise UsageError(f"The bundle cannot be written: {error.strerror}", file=str(path)) from error
