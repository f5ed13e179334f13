"""A sigstore of our own: a certificate authority, a log of certificates and a log of signatures, all in this process.

It makes what Fulcio and Rekor would make, so that sigstore's own verifier has something to verify without a network.
"""

import base64
import hashlib
import json
import struct
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

SCT_LIST = x509.ObjectIdentifier("1.3.6.1.4.1.11129.2.4.2")
"""RFC 6962, section 3.3."""

ISSUER = x509.ObjectIdentifier("1.3.6.1.4.1.57264.1.1")
"""Who says who signed; https://github.com/sigstore/fulcio/blob/main/docs/oid-info.md."""


def der(key: EllipticCurvePrivateKey) -> bytes:
    """The public half."""
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def key_id(key: EllipticCurvePrivateKey) -> bytes:
    """What a log is called by."""
    return hashlib.sha256(der(key)).digest()


def text(data: bytes) -> str:
    """Base64."""
    return base64.b64encode(data).decode()


def signed(key: EllipticCurvePrivateKey, data: bytes) -> bytes:
    """ECDSA over P-256 and SHA-256, the one scheme of this instance."""
    return key.sign(data, ECDSA(SHA256()))


class Instance:
    """One certificate authority with its two logs."""

    def __init__(self) -> None:
        self.authority, self.certificates, self.signatures = (generate_private_key(SECP256R1()) for _ in range(3))
        self.now = datetime.now(UTC).replace(microsecond=0)
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "an authority of ours")])
        self.root = (
            x509.CertificateBuilder(name, name, self.authority.public_key(), x509.random_serial_number())
            .not_valid_before(self.now - timedelta(days=1))
            .not_valid_after(self.now + timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage(key_cert_sign=True), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(self.authority.public_key()), critical=False)
            .sign(self.authority, SHA256())
        )

    def trusted_root(self) -> bytes:
        """The file that says to trust this instance."""
        start = {"start": f"{self.now - timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}"}

        def log(key: EllipticCurvePrivateKey) -> dict[str, Any]:
            details = {"rawBytes": text(der(key)), "keyDetails": "PKIX_ECDSA_P256_SHA_256", "validFor": start}
            return {
                "baseUrl": "https://log.example",
                "hashAlgorithm": "SHA2_256",
                "publicKey": details,
                "logId": {"keyId": text(key_id(key))},
            }

        chain = {"certificates": [{"rawBytes": text(self.root.public_bytes(Encoding.DER))}]}
        authority = {
            "subject": {"organization": "example", "commonName": "authority"},
            "uri": "https://authority.example",
            "certChain": chain,
            "validFor": start,
        }
        body = {
            "mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
            "tlogs": [log(self.signatures)],
            "certificateAuthorities": [authority],
            "ctlogs": [log(self.certificates)],
            "timestampAuthorities": [],
        }
        return json.dumps(body).encode()

    def bundle(self, payload: bytes, kind: str, *, identity: str, issuer: str) -> dict[str, Any]:
        """A bundle around a payload, signed as `identity`."""
        key = generate_private_key(SECP256R1())
        certificate = self._certificate(key, identity, issuer)
        prefix = f"DSSEv1 {len(kind)} {kind} {len(payload)} ".encode()
        signature = signed(key, prefix + payload)
        pem = certificate.public_bytes(Encoding.PEM)
        return {
            "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
            "verificationMaterial": {
                "certificate": {"rawBytes": text(certificate.public_bytes(Encoding.DER))},
                "tlogEntries": [self._entry(payload, signature, pem)],
            },
            "dsseEnvelope": {
                "payload": text(payload),
                "payloadType": kind,
                "signatures": [{"sig": text(signature), "keyid": ""}],
            },
        }

    def _certificate(self, key: EllipticCurvePrivateKey, identity: str, issuer: str) -> x509.Certificate:
        name = x509.UniformResourceIdentifier(identity) if "://" in identity else x509.RFC822Name(identity)
        plain = (
            x509.CertificateBuilder(self.root.subject, x509.Name([]), key.public_key(), x509.random_serial_number())
            .not_valid_before(self.now - timedelta(minutes=1))
            .not_valid_after(self.now + timedelta(minutes=9))
            .add_extension(_usage(digital_signature=True), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CODE_SIGNING]), critical=False)
            .add_extension(x509.SubjectAlternativeName([name]), critical=True)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self.authority.public_key()), critical=False
            )
            .add_extension(x509.UnrecognizedExtension(ISSUER, issuer.encode()), critical=False)
        )
        entry = plain.sign(self.authority, SHA256()).tbs_certificate_bytes
        time = int(self.now.timestamp() * 1000)
        issuer_hash = hashlib.sha256(der(self.authority)).digest()
        said = struct.pack(">BBQH32s", 0, 0, time, 1, issuer_hash) + len(entry).to_bytes(3, "big") + entry + b"\0\0"
        mark = signed(self.certificates, said)
        stamp = struct.pack(">B32sQHBBH", 0, key_id(self.certificates), time, 0, 4, 3, len(mark)) + mark
        stamps = struct.pack(">HH", len(stamp) + 2, len(stamp)) + stamp
        assert len(stamps) < 128
        return plain.add_extension(
            x509.UnrecognizedExtension(SCT_LIST, bytes([0x04, len(stamps)]) + stamps), critical=False
        ).sign(self.authority, SHA256())

    def _entry(self, payload: bytes, signature: bytes, pem: bytes) -> dict[str, Any]:
        def digest(data: bytes) -> dict[str, str]:
            return {"algorithm": "sha256", "value": hashlib.sha256(data).hexdigest()}

        spec = {
            "envelopeHash": digest(b"the envelope, as the log got it"),
            "payloadHash": digest(payload),
            "signatures": [{"signature": text(signature), "verifier": text(pem)}],
        }
        body = canonical({"apiVersion": "0.0.1", "kind": "dsse", "spec": spec})
        time = int(self.now.timestamp())
        log = key_id(self.signatures)
        promise = canonical({"body": text(body), "integratedTime": time, "logID": log.hex(), "logIndex": 0})
        leaf = hashlib.sha256(b"\0" + body).digest()  # RFC 6962, section 2.1; the tree has this leaf alone
        note = f"log.example\n1\n{text(leaf)}\n"
        mark = text(log[:4] + signed(self.signatures, note.encode()))
        return {
            "logIndex": "0",
            "logId": {"keyId": text(log)},
            "kindVersion": {"kind": "dsse", "version": "0.0.1"},
            "integratedTime": str(time),
            "inclusionPromise": {"signedEntryTimestamp": text(signed(self.signatures, promise))},
            "inclusionProof": {
                "logIndex": "0",
                "rootHash": text(leaf),
                "treeSize": "1",
                "hashes": [],
                "checkpoint": {"envelope": f"{note}\n\u2014 log.example {mark}\n"},
            },
            "canonicalizedBody": text(body),
        }


def canonical(body: dict[str, Any]) -> bytes:
    """As RFC 8785 has it, for what stands in here."""
    return json.dumps(body, sort_keys=True, separators=(",", ":")).encode()


def _usage(*, digital_signature: bool = False, key_cert_sign: bool = False) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=digital_signature,
        key_cert_sign=key_cert_sign,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
