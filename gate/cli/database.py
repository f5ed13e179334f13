"""The service's database and its law, for a command that works beside the service and in its environment."""

import argparse
import os
from typing import TYPE_CHECKING

from gate.cli.arguments import law_of
from gate.errors import UsageError

if TYPE_CHECKING:
    from gate.law import Law
    from gate.store import Store


def store_of(arguments: argparse.Namespace) -> "Store":
    """The store that `--store` names; its head is signed with the key in GATE_AUDIT_KEY, as that of the service is.

    Raises StoreError, and UsageError where the service is not installed: call it before importing what needs that.
    """
    try:
        import httpx  # noqa: F401 - what the commands beside the service call other systems with

        from gate.store import open_store
    except ImportError:
        raise UsageError(
            "The service is not installed", remedy="Install procurement-gate[service], with postgres if you use it."
        ) from None
    return open_store(arguments.store, signer=os.environ.get("GATE_AUDIT_KEY") or None)


def served_law(arguments: argparse.Namespace) -> "Law":
    """The law that the flags choose, and where they say nothing GATE_POLICY and GATE_ONLY_POLICY, as `gate serve` does.

    By another law the command would miss bans. Raises LawError and UsageError.
    """
    from gate.api.settings import from_environment

    settings = from_environment()
    policy = arguments.policy or list(settings.policy)
    only_policy = arguments.only_policy or list(settings.only_policy)
    return law_of(argparse.Namespace(policy=policy, only_policy=only_policy, policy_key=arguments.policy_key))
