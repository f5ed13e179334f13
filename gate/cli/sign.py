"""`gate sign`: a statement in a DSSE envelope, signed, for the next stage to trust."""

import argparse

from gate.cli.output import write
from gate.cli.signing import SIGNING_KEY, signer
from gate.files import bytes_of
from gate.statement import PAYLOAD_TYPE, statement


def add(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("file", metavar="FILE", help="what --format vsa or test-result wrote; - for standard input")
    who = parser.add_mutually_exclusive_group()
    who.add_argument(
        "--key", metavar="PEM", help=f"the private key, Ed25519 or ECDSA P-256 (default: the PEM text in {SIGNING_KEY})"
    )
    who.add_argument("--keyless", action="store_true", help="sign as this job's identity, by sigstore")
    parser.add_argument("--out", metavar="FILE", help="the envelope to write (default: standard output)")


def run(arguments: argparse.Namespace) -> int:
    """Sign what is understood, and nothing else."""
    data = bytes_of(arguments.file)
    statement(data, arguments.file)
    envelope = _keyless(data) if arguments.keyless else _sealed(data, arguments.key)
    write([envelope], arguments.out, "The envelope")
    return 0


def _keyless(data: bytes) -> bytes:
    from gate.keyless import signed

    return signed(data)


def _sealed(data: bytes, key: str | None) -> bytes:
    from gate.signature import sealed

    return sealed(data, PAYLOAD_TYPE, signer(key))
