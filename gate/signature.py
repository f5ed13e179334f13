"""Signed files: a DSSE envelope around a payload, signed with Ed25519 or ECDSA P-256, keys as PEM.

https://github.com/secure-systems-lab/dsse. An envelope has one spelling here: what differs in a blank, in the padding
of its base64 or in the order of its keys is refused as altered, although it would say the same.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from gate.errors import LawError, UsageError

if TYPE_CHECKING:  # they cost more to import than a small SBOM to judge
    from securesystemslib.signer import CryptoSigner, SSlibKey

SCHEMES = {"ed25519": "Ed25519", "ecdsa-sha2-nistp256": "ECDSA P-256"}
"""Scheme of a key, as securesystemslib calls it -> its name for people. No other is taken."""

_MAKE = "Make one with `openssl genpkey -algorithm ed25519 -out key.pem`"


class _Signature(msgspec.Struct, forbid_unknown_fields=True):
    keyid: str
    sig: bytes


class _Envelope(msgspec.Struct, forbid_unknown_fields=True, rename="camel"):
    """The file. msgspec reads and writes bytes as base64."""

    payload: bytes
    payload_type: str
    signatures: list[_Signature]


def sealed(payload: bytes, kind: str, signer: "CryptoSigner | None") -> bytes:
    """The payload in an envelope, signed unless there is no signer."""
    from securesystemslib.dsse import Envelope

    signatures = []
    if signer is not None:
        made = Envelope(payload, kind, {}).sign(signer)
        signatures.append(_Signature(made.keyid, bytes.fromhex(made.signature)))
    return msgspec.json.encode(_Envelope(payload, kind, signatures))


def opened(
    data: bytes,
    kind: str,
    keys: "Sequence[SSlibKey] | None",
    name: str,
    *,
    what: str = "policy",
    maker: str = "gate policy bundle",
) -> bytes:
    """The payload of an envelope. Raises LawError unless one of the keys signed it; None: whoever did, if anyone.

    `what` it should hold and who is its `maker` are for messages.
    """
    try:
        envelope = msgspec.json.decode(data, type=_Envelope)
        is_canonical = msgspec.json.encode(envelope) == data
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise LawError("It is no DSSE envelope", file=name, remedy=f"Make one with `{maker}`.") from error
    if not is_canonical:
        raise LawError(f"It is altered: the envelope is not as `{maker}` writes it", file=name)
    if envelope.payload_type != kind:
        raise LawError(f"It holds {envelope.payload_type[:80]!r} and no {what}", file=name)
    if keys is not None:
        _verify(envelope, keys, name)
    return envelope.payload


def _verify(envelope: _Envelope, keys: "Sequence[SSlibKey]", name: str) -> None:
    from securesystemslib.dsse import Envelope
    from securesystemslib.exceptions import Error
    from securesystemslib.signer import Signature

    if not envelope.signatures:
        raise LawError("It is not signed, and a trusted key is set", file=name, remedy="Sign it with that key.")
    if len(envelope.signatures) > 1:  # whatever is not verified could be altered unseen
        raise LawError("It has several signatures; one is wanted", file=name)
    [found] = envelope.signatures
    signatures = {found.keyid: Signature(found.keyid, found.sig.hex())}
    try:
        Envelope(envelope.payload, envelope.payload_type, signatures).verify(list(keys), 1)
    except (Error, ValueError) as error:
        trusted = " or ".join(key.keyid[:16] for key in keys)
        raise LawError(
            "It is altered, or signed with another key than the trusted one",
            file=name,
            remedy=f"Trusted is {trusted}, the signature names {found.keyid[:16]!r}.",
        ) from error


def private_key(pem: bytes, name: str) -> "CryptoSigner":
    """The signer with that private key. Raises UsageError, which never quotes the key."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_private_key
    from securesystemslib.signer import CryptoSigner

    try:
        signer = CryptoSigner(load_pem_private_key(pem, password=None))
    except TypeError:  # cryptography's way to ask for a password
        fault = UsageError(
            "The key is encrypted",
            file=name,
            remedy='Sign with GATE_SIGNING_KEY="$(openssl pkey -in key.pem)"; openssl asks for the password.',
        )
    except (ValueError, UnsupportedAlgorithm):
        fault = UsageError("It is no private key in PEM", file=name, remedy=f"{_MAKE}.")
    else:
        _demand_known(signer.public_key.scheme, name)
        return signer
    raise fault  # outside of `except`, so that nothing about the key hangs on it


def public_keys(paths: Sequence[Path]) -> "list[SSlibKey]":
    """The trusted keys in those files. Raises UsageError."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_public_key
    from securesystemslib.signer import SSlibKey

    keys = []
    for path in paths:
        pem = bytes_of_key(path)
        try:
            key = SSlibKey.from_crypto(load_pem_public_key(pem))
        except (ValueError, UnsupportedAlgorithm) as error:
            remedy = f"{_MAKE}, and its public half with `openssl pkey -in key.pem -pubout -out key.pub.pem`."
            raise UsageError("It is no public key in PEM", file=str(path), remedy=remedy) from error
        _demand_known(key.scheme, str(path))
        keys.append(key)
    return keys


def bytes_of_key(path: Path) -> bytes:
    """A key file. Raises UsageError."""
    try:
        with path.open("rb") as file:
            return file.read(64 * 1024)  # no key is longer
    except OSError as error:
        raise UsageError(f"The key cannot be read: {error.strerror}", file=str(path)) from error


def _demand_known(scheme: str, name: str) -> None:
    if scheme not in SCHEMES:
        kinds = " and ".join(SCHEMES.values())
        raise UsageError(f"A key for {scheme} is not taken, only {kinds}", file=name, remedy=f"{_MAKE}.")
