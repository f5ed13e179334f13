"""`gate policy bundle` and `gate policy verify`: policy folders as one signed file."""

import argparse
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from gate.cli.arguments import trusted_keys
from gate.errors import LawError, UsageError
from policy.files import BUILT_IN

if TYPE_CHECKING:
    from securesystemslib.signer import CryptoSigner

    from gate.packed import Content

SIGNING_KEY = "GATE_SIGNING_KEY"
"""The environment variable with the private key itself, for where secrets are no files."""

EPILOG = "exit status: 0 done, 2 refused"


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The two subcommands and their arguments."""
    bundle = _command(commands, "bundle", "policy folders as one signed file, for `--policy` and `--only-policy`")
    bundle.add_argument("--out", required=True, metavar="FILE", help="the file to write")
    bundle.add_argument(
        "--policy",
        action="append",
        default=[],
        metavar="DIR",
        help="a folder to bundle, whose law adds to the built-in one (default: the built-in law itself)",
    )
    bundle.add_argument(
        "--only-policy", action="append", default=[], metavar="DIR", help="a folder to bundle, whose law stands alone"
    )
    bundle.add_argument("--key", metavar="PEM", help=f"the private key (default: the PEM text in {SIGNING_KEY})")
    bundle.add_argument("--unsigned", action="store_true", help="do not sign; refused wherever a trusted key is set")
    verify = _command(commands, "verify", "whether a bundle is unaltered and signed with a key, and what it holds")
    verify.add_argument("file", metavar="FILE", help="the bundle")
    verify.add_argument(
        "--key",
        action="append",
        default=[],
        metavar="PEM",
        help="the public key (default: GATE_POLICY_KEY); may be given again, and one of them is enough",
    )


def _command(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, summary: str
) -> argparse.ArgumentParser:
    return commands.add_parser(name, help=summary, description=summary, epilog=EPILOG, allow_abbrev=False)


def _bundle(arguments: argparse.Namespace) -> int:
    """Write the bundle, once its law has been compiled: what cannot be used is not signed."""
    from gate.packed import content_of, packed

    signer = _signer(arguments.key, arguments.unsigned)
    folders = [Path(folder) for folder in (*arguments.only_policy, *arguments.policy)] or [BUILT_IN]
    content = content_of(folders, alone=bool(arguments.only_policy) or not arguments.policy)
    _demand_usable(folders if arguments.only_policy or not arguments.policy else [BUILT_IN, *folders])
    _write(Path(arguments.out), packed(content, signer))
    print(_described(arguments.out, content))
    print(f"  signed with key {signer.public_key.keyid}" if signer else "  not signed")
    return 0


def _verify(arguments: argparse.Namespace) -> int:
    """Say whether the bundle is unaltered, whose it is, and what it holds."""
    from gate.packed import unpacked

    keys = trusted_keys(arguments.key)
    if not keys:
        raise UsageError("No key to verify with", remedy="Name the public key: --key PEM, or GATE_POLICY_KEY.")
    content = unpacked(Path(arguments.file), keys)
    print(_described(arguments.file, content))
    print("  unaltered, and signed with a trusted key")
    return 0


COMMANDS: dict[str, Callable[[argparse.Namespace], int]] = {"bundle": _bundle, "verify": _verify}
"""Name of a subcommand of `gate policy` -> what it does."""


def _signer(key: str | None, unsigned: bool) -> "CryptoSigner | None":
    from gate.signature import bytes_of_key, private_key

    text = os.environ.get(SIGNING_KEY)
    if unsigned:
        if key is not None:
            raise UsageError("--unsigned and --key contradict each other", remedy="Leave one of them out.")
        return None
    if key is not None:
        return private_key(bytes_of_key(Path(key)), key)
    if text is None:
        raise UsageError(
            "No key to sign with", remedy=f"Name the private key: --key PEM, or {SIGNING_KEY}; or say --unsigned."
        )
    return private_key(
        text.encode(errors="surrogateescape"), SIGNING_KEY
    )  # messages name the variable, never what it holds


def _demand_usable(folders: list[Path]) -> None:
    from gate.compile import compiled
    from policy.load import PolicyError, load

    try:
        compiled(load(folders))
    except PolicyError as error:
        raise LawError(f"The policy cannot be used, and is not bundled:\n{error}") from error


def _described(name: str, content: "Content") -> str:
    from collections import Counter

    from gate.packed import digest_of

    count = Counter(file.partition("/")[0] for file in content.files)
    held = ", ".join(f"{number} {family}" for family, number in sorted(count.items()))
    return f"{name}: edition {content.version}, {held}\n  {digest_of(content)}"


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
