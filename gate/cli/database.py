"""The service's database, opened for a command that works beside the service."""

import argparse
import os
from typing import TYPE_CHECKING

from gate.errors import UsageError

if TYPE_CHECKING:
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
