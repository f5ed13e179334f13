"""The service's database, opened for a command that works beside the service."""

import argparse
import os
from pathlib import Path

from gate.store.store import Store, open_store


def store_of(arguments: argparse.Namespace) -> Store:
    """The store that `--store` names. Its head is signed with the key in the file that GATE_AUDIT_KEY names, if any.

    Raises StoreError and UsageError.
    """
    from gate.signature import bytes_of_key

    path = os.environ.get("GATE_AUDIT_KEY")
    key = bytes_of_key(Path(path)).decode("utf-8", "replace") if path else None
    return open_store(arguments.store, signer=key)
