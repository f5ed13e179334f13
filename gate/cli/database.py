"""The service's database and its law, for a command that works on them, or beside the service in its environment."""

import argparse
import getpass
import logging
import os
import sys
from typing import TYPE_CHECKING

from gate.cli.arguments import trusted_keys
from gate.errors import UsageError
from gate.settings import policy_keys
from gate.terminal import safe

if TYPE_CHECKING:
    from gate.law import Law
    from gate.store import Store


class Unsent(logging.Handler):
    """What could not be sent, and why, in a line for whoever looks on; the service writes it into its log."""

    def emit(self, record: logging.LogRecord) -> None:
        """Print it."""
        letter: str | None = record.__dict__.get("letter")
        if letter is not None:
            why = record.exc_info[1] if record.exc_info else record.__dict__.get("why")
            said = record.getMessage() if why is None else f"{record.getMessage()}: {why}"
            print(safe(f"gate: {letter}: {said}"), file=sys.stderr)


UNSENT = Unsent(logging.WARNING)
"""The one of this process."""


def add_store(parser: argparse.ArgumentParser, flag: str = "--store") -> None:
    """The flag that names the database."""
    parser.add_argument(
        flag,
        default=os.environ.get("GATE_DATABASE_URL") or "sqlite:///gate.db",
        metavar="URL",
        help="the service's database (default: GATE_DATABASE_URL, else sqlite:///gate.db)",
    )


def store_of(url: str, *, upgrade: bool = False, signer: str | None = None) -> "Store":
    """The store that is named. Raises StoreError, and UsageError where what a service needs is not installed."""
    try:
        from gate.store import open_store
    except ImportError as error:
        raise not_installed(error) from error
    return open_store(url, upgrade=upgrade, signer=signer)


def served_store(arguments: argparse.Namespace) -> "Store":
    """The store that `--store` names; its head is signed with the service's key, as the service itself does.

    Raises as `store_of` does: call it before importing what the commands beside the service call other systems with.
    """
    try:
        import httpx  # noqa: F401
    except ImportError as error:
        raise not_installed(error) from error
    logging.getLogger("gate").addHandler(UNSENT)
    return store_of(arguments.store, signer=audit_key())


def served_law(arguments: argparse.Namespace) -> "Law":
    """The law that the flags choose, and where they say nothing GATE_POLICY and GATE_ONLY_POLICY, as `gate serve` does.

    By another law the command would miss bans; so what the service refuses to serve is refused here, too. Raises
    LawError and UsageError.
    """
    from gate.api.edition import Editions
    from gate.api.settings import from_environment

    settings = from_environment()
    policy = arguments.policy or settings.policy
    only_policy = arguments.only_policy or settings.only_policy
    editions = Editions(policy, only_policy, [*map(str, trusted_keys(arguments.policy_key, policy_keys()))])
    editions.refresh()
    return editions.in_force().law


def audit_key() -> str | None:
    """The private key (PEM) that signs the heads of the service's record, if it has one."""
    return os.environ.get("GATE_AUDIT_KEY") or None


def oneself() -> str:
    """Who works at the command line, as the record names them."""
    return f"cli:{getpass.getuser()}"


def not_installed(error: ImportError) -> UsageError:
    """What to say where the gate was installed without what a service needs."""
    remedy = "Install procurement-gate[service], with postgres if you use it."
    return UsageError(f"The service needs {error.name}, which is not installed", remedy=remedy)
