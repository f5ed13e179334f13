"""Statements signed without a key of one's own: by sigstore, for who an identity provider says somebody is.

https://docs.sigstore.dev. The signature, the short-lived certificate and the entry in the transparency log come as one
bundle. It needs the extra `keyless`.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from gate.errors import LawError, UsageError

if TYPE_CHECKING:
    from sigstore.models import Bundle, TrustedRoot

EXTRA = "Install it: pip install 'procurement-gate[keyless]'."


def signed(payload: bytes) -> bytes:
    """A bundle around a statement, signed as whom the build server says this job is. Raises UsageError."""
    try:
        from sigstore.dsse import Statement
        from sigstore.errors import Error
        from sigstore.models import ClientTrustConfig
        from sigstore.oidc import ExpiredIdentity, IdentityError, IdentityToken, detect_credential
        from sigstore.sign import SigningContext
    except ImportError as error:
        raise UsageError("Signing without a key needs sigstore", remedy=EXTRA) from error
    try:
        credential = detect_credential()
        if credential is None:
            raise UsageError(
                "Nobody here says who is signing",
                remedy="Let the job have an identity token (GitHub: permissions, id-token: write), or sign with --key.",
            )
        context = SigningContext.from_trust_config(ClientTrustConfig.production())
        with context.signer(IdentityToken(credential)) as signer:
            return signer.sign_dsse(Statement(payload)).to_json().encode()
    except (Error, IdentityError, ExpiredIdentity, OSError) as error:  # requests' errors are OSErrors
        raise UsageError(f"Sigstore did not sign: {_first_line(error)}", remedy="Try again, or use --key.") from error


def opened(data: bytes, kind: str, name: str, *, identity: str, issuer: str, root: Path | None = None) -> bytes:
    """The payload of a bundle. Raises LawError unless `identity`, as `issuer` knows it, signed it.

    `root` is a file with whom to trust, as sigstore writes it; None: the public instance, asked over the network.
    """
    try:
        from sigstore.errors import Error
        from sigstore.verify import Verifier
        from sigstore.verify.policy import Identity
    except ImportError as error:
        raise UsageError("To verify what was signed without a key needs sigstore", remedy=EXTRA) from error
    bundle = _bundle(data, name)
    try:
        verifier = Verifier.production() if root is None else Verifier(trusted_root=_root(root))
        found, payload = verifier.verify_dsse(bundle, Identity(identity=identity, issuer=issuer))
    except (Error, OSError) as error:
        raise LawError(
            f"It is altered, or not signed by {identity!r}: {_first_line(error)}",
            file=name,
            remedy="Check --identity and --issuer; who signs is in the certificate.",
        ) from error
    if found != kind:
        raise LawError(f"It holds {found[:80]!r} and no statement", file=name)
    return payload


def _bundle(data: bytes, name: str) -> "Bundle":
    from sigstore.models import Bundle, InvalidBundle

    try:
        return Bundle.from_json(data)
    except (InvalidBundle, ValueError) as error:
        raise LawError("It is no sigstore bundle", file=name, remedy="Make one with `gate sign --keyless`.") from error


def _root(path: Path) -> "TrustedRoot":
    from sigstore.models import TrustedRoot

    try:
        return TrustedRoot.from_file(str(path))
    except (OSError, ValueError) as error:
        raise UsageError(f"It holds nobody to trust: {_first_line(error)}", file=str(path)) from error


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
