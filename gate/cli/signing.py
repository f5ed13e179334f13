"""The private key that a command signs with."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from gate.errors import UsageError

if TYPE_CHECKING:
    from securesystemslib.signer import CryptoSigner

SIGNING_KEY = "GATE_SIGNING_KEY"
"""The environment variable with the private key itself, for where secrets are no files."""


def signer(key: str | None, otherwise: str = "") -> "CryptoSigner":
    """Who signs with the key in that file, else with the one in SIGNING_KEY.

    Raises UsageError where there is neither; `otherwise` ends its remedy.
    """
    from gate.signature import bytes_of_key, private_key

    if key is not None:
        return private_key(bytes_of_key(Path(key)), key)
    text = os.environ.get(SIGNING_KEY)
    if not text:
        remedy = f"Name the private key: --key PEM, or {SIGNING_KEY}{otherwise}."
        raise UsageError("No key to sign with", remedy=remedy)
    return private_key(text.encode(errors="surrogateescape"), SIGNING_KEY)  # messages name the variable alone
