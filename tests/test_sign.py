"""Signed verdicts: what `gate sign` wraps others can verify, and `gate verify` refuses whatever was altered."""

import base64
import hashlib
import json
import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, SECP384R1
from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key as generate_ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)
from hypothesis import given
from hypothesis import strategies as st
from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import VerificationError
from securesystemslib.signer import CryptoSigner, SSlibKey

from gate.errors import GateError
from gate.signature import opened, public_keys
from gate.statement import PAYLOAD_TYPE
from tests.command import inside

Json = dict[str, Any]

CLEAN = {"type": "library", "name": "left-pad", "purl": "pkg:npm/left-pad@1.3.0"}
BANNED = {"type": "library", "name": "hexa-ui", "purl": "pkg:npm/%40kaspersky/hexa-ui@6.1.0"}
KINDS = ("vsa", "test-result")


class Bench:
    """A folder with keys, documents, statements about them and envelopes around those."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.key("mine", Ed25519PrivateKey.generate())
        self.key("other", Ed25519PrivateKey.generate())
        self.key("p256", generate_ec(SECP256R1()))
        self.key("p384", generate_ec(SECP384R1()))
        for name, component in (("clean", CLEAN), ("banned", BANNED)):
            body = {"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [component]}
            (path / f"{name}.json").write_text(json.dumps(body))
            for kind in KINDS:
                self.judge(f"{name}.json", f"{name}.{kind}", kind)
                assert (
                    inside(
                        "sign",
                        self / f"{name}.{kind}",
                        "--key",
                        self / "mine.pem",
                        "--out",
                        self / f"{name}.{kind}.dsse",
                    )
                    == 0
                )

    def __truediv__(self, name: str) -> str:
        return str(self.path / name)

    def key(self, name: str, key: PrivateKeyTypes) -> None:
        """Both halves of a key, as PEM."""
        private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        (self.path / f"{name}.pem").write_bytes(private)
        (self.path / f"{name}.pub").write_bytes(public)

    def judge(self, document: str, out: str, kind: str, *more: str, profile: str | None = "us-federal-agency") -> None:
        """A statement about a document."""
        who = () if profile is None else ("--profile", profile)
        inside("check", *who, *more, "--format", f"{kind}={self / out}", self / document)

    def envelope(self, statement: object, name: str = "mine") -> str:
        """An envelope around whatever a holder of the key signs."""
        data = statement if isinstance(statement, bytes) else json.dumps(statement).encode()
        made = Envelope(data, PAYLOAD_TYPE, {})
        made.sign(CryptoSigner(load_pem_private_key((self.path / f"{name}.pem").read_bytes(), None)))
        path = self.path / f"{hashlib.sha256(data).hexdigest()[:16]}.dsse"
        path.write_text(json.dumps(made.to_dict(), separators=(",", ":")))
        return str(path)

    def verify(self, envelope: str, *more: str, key: str = "mine", about: str = "clean") -> int:
        """The exit status of `gate verify`; `about` is the document at hand, unless more say another."""
        subject = () if "--subject" in more else ("--subject", self / f"{about}.json")
        return inside("verify", envelope, "--key", self / f"{key}.pub", *subject, *more)


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    os.environ.pop("GATE_SIGNING_KEY", None)
    return Bench(tmp_path_factory.mktemp("bench"))


# --- What is signed and verified --------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_a_signed_allow_is_verified_and_said_in_words(
    kind: str, bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    assert bench.verify(bench / f"clean.{kind}.dsse", "--subject", bench / "clean.json") == 0
    shown = capsys.readouterr().out
    digest = hashlib.sha256((bench.path / "clean.json").read_bytes()).hexdigest()
    assert shown.startswith("PASSED\n")
    assert f"sha256:{digest}" in shown
    statement = json.loads((bench.path / "clean.vsa").read_bytes())
    assert statement["predicate"]["policy"]["digest"]["sha256"] in shown
    year = statement["predicate"]["timeVerified"][:4]
    assert f"judged  {year}-" in shown
    assert "verdict allow" in shown
    assert SSlibKey.from_crypto(load_pem_public_key((bench.path / "mine.pub").read_bytes())).keyid in shown


@pytest.mark.parametrize("kind", KINDS)
def test_a_signed_deny_is_genuine_and_no_allow(kind: str, bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    envelope = bench / f"banned.{kind}.dsse"
    assert bench.verify(envelope, about="banned") == 1
    assert capsys.readouterr().out.startswith("FAILED: not an allow to rely on\n")
    assert bench.verify(envelope, "--subject", bench / "banned.json") == 1
    assert bench.verify(envelope, "--subject", bench / "banned.json", "--any-result") == 0


def test_the_document_must_be_the_one_that_was_judged(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    assert bench.verify(bench / "clean.vsa.dsse", "--subject", bench / "banned.json") == 2
    assert "other documents" in capsys.readouterr().err
    assert bench.verify(bench / "clean.vsa.dsse", "--subject", bench / "banned.json", "--any-result") == 2
    both = ("--subject", bench / "clean.json", "--subject", bench / "banned.json")
    assert bench.verify(bench / "clean.vsa.dsse", *both) == 2
    assert bench.verify(bench / "clean.vsa.dsse", "--subject", bench / "nowhere.json") == 2


def test_a_statement_about_no_document_at_hand_lets_nothing_pass(
    bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    assert inside("verify", bench / "clean.vsa.dsse", "--key", bench / "mine.pub") == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "--subject" in shown.err


def test_a_packed_document_is_the_one_inside(bench: Bench) -> None:
    import gzip

    (bench.path / "clean.json.gz").write_bytes(gzip.compress((bench.path / "clean.json").read_bytes()))
    assert bench.verify(bench / "clean.vsa.dsse", "--subject", bench / "clean.json.gz") == 0


def test_one_of_several_inputs_denied_fails_the_statement_about_all(bench: Bench) -> None:
    out = bench / "both.vsa"
    inside(
        "check", "--profile", "us-federal-agency", "--format", f"vsa={out}", bench / "clean.json", bench / "banned.json"
    )
    assert inside("sign", out, "--key", bench / "mine.pem", "--out", bench / "both.dsse") == 0
    assert bench.verify(bench / "both.dsse", "--subject", bench / "clean.json") == 1


def test_an_allow_as_of_a_chosen_past_is_none_to_rely_on(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    for kind in KINDS:
        bench.judge("banned.json", f"past.{kind}", kind, "--as-of", "2017-01-01", "--allow-past")
        assert inside("sign", bench / f"past.{kind}", "--key", bench / "mine.pem", "--out", bench / "past.dsse") == 0
        assert bench.verify(bench / "past.dsse", "--subject", bench / "banned.json") == 1
        assert "a past date that was chosen" in capsys.readouterr().out


@pytest.mark.parametrize("flags", [["--exit-zero"], ["--warn-only"], ["--fail-on", "deny"]])
def test_what_the_exit_status_is_told_to_be_changes_no_statement(flags: list[str], bench: Bench) -> None:
    bench.judge("banned.json", "lax.vsa", "vsa", *flags)
    assert inside("sign", bench / "lax.vsa", "--key", bench / "mine.pem", "--out", bench / "lax.dsse") == 0
    assert bench.verify(bench / "lax.dsse", about="banned") == 1


def test_an_allow_that_somebody_has_yet_to_review_is_none_to_rely_on(
    bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    bench.judge("banned.json", "lax.vsa", "vsa", "--on-review", "allow", profile=None)
    body = json.loads((bench.path / "lax.vsa").read_bytes())
    assert body["predicate"]["verificationResult"] == "PASSED"
    assert inside("sign", bench / "lax.vsa", "--key", bench / "mine.pem", "--out", bench / "lax.dsse") == 0
    capsys.readouterr()
    assert bench.verify(bench / "lax.dsse", "--subject", bench / "banned.json") == 1
    assert "verdict allow, and something needs review" in capsys.readouterr().out


def test_a_request_is_verified_with_the_sboms_attached_to_it(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    line = {"product": "Portal", "supplier": {"name": "Example Ltd"}, "sbom": {"path": "clean.json"}}
    body = {"id": "PR-1", "buyer": {"roles": ["us-person"]}, "agreement": "new", "lines": [line]}
    (bench.path / "r.json").write_text(json.dumps({**body, "ordered": f"{datetime.now(UTC).date()}"}))
    bench.judge("r.json", "r.vsa", "vsa", profile=None)
    assert inside("sign", bench / "r.vsa", "--key", bench / "mine.pem", "--out", bench / "r.dsse") == 0
    request = ("--subject", bench / "r.json")
    assert bench.verify(bench / "r.dsse", *request, "--subject", bench / "clean.json") == 0
    assert bench.verify(bench / "r.dsse", *request) == 2
    assert "Name that file" in capsys.readouterr().err
    assert bench.verify(bench / "r.dsse", *request, "--subject", bench / "banned.json") == 2


# --- By others --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["mine", "p256"])
def test_securesystemslib_verifies_what_was_signed(kind: str, name: str, bench: Bench) -> None:
    out = bench / f"{name}.dsse"
    assert inside("sign", bench / f"clean.{kind}", "--key", bench / f"{name}.pem", "--out", out) == 0
    envelope = Envelope.from_dict(json.loads(Path(out).read_bytes()))
    assert envelope.payload_type == "application/vnd.in-toto+json"
    assert envelope.payload == (bench.path / f"clean.{kind}").read_bytes()
    key = SSlibKey.from_crypto(load_pem_public_key((bench.path / f"{name}.pub").read_bytes()))
    assert list(envelope.verify([key], 1)) == [key.keyid]
    other = SSlibKey.from_crypto(load_pem_public_key((bench.path / "other.pub").read_bytes()))
    with pytest.raises(VerificationError):
        envelope.verify([other], 1)
    assert bench.verify(out, key=name) == 0


def test_openssl_verifies_the_signature_itself(bench: Bench, tmp_path: Path) -> None:
    """PAE, as DSSE defines it: what is signed is the type and the payload with their lengths."""
    body = json.loads((bench.path / "clean.vsa.dsse").read_bytes())
    payload = base64.b64decode(body["payload"])
    kind = body["payloadType"].encode()
    (tmp_path / "pae").write_bytes(b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload))
    (tmp_path / "sig").write_bytes(base64.b64decode(body["signatures"][0]["sig"]))
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("there is no openssl here")
    files = ("-in", str(tmp_path / "pae"), "-sigfile", str(tmp_path / "sig"))
    done = subprocess.run(
        [openssl, "pkeyutl", "-verify", "-pubin", "-inkey", bench / "mine.pub", "-rawin", *files],
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_an_envelope_of_securesystemslib_is_verified(bench: Bench) -> None:
    assert bench.verify(bench.envelope((bench.path / "clean.vsa").read_bytes())) == 0


# --- Altered ----------------------------------------------------------------------------------------------------------


@given(data=st.data())
def test_a_change_of_any_byte_is_refused(data: st.DataObject, bench: Bench) -> None:
    """DSSE: the signature covers the payload and its type; what it does not cover has one spelling here."""
    good = (bench.path / "clean.vsa.dsse").read_bytes()
    signature = good.index(b'"signatures"')
    place = data.draw(st.integers(0, len(good) - 1) | st.integers(signature, len(good) - 1) | st.integers(0, 60))
    change = data.draw(st.sampled_from(["replace", "insert", "delete"]))
    byte = bytes([data.draw(st.integers(0, 255) | st.sampled_from(b' =+/\n"{}[],A'))])
    altered = {
        "replace": good[:place] + byte + good[place + 1 :],
        "insert": good[:place] + byte + good[place:],
        "delete": good[:place] + good[place + 1 :],
    }[change]
    if altered == good:
        return
    with pytest.raises(GateError):
        opened(altered, PAYLOAD_TYPE, public_keys([bench.path / "mine.pub"]), "it")


def test_every_single_byte_matters(bench: Bench) -> None:
    keys = public_keys([bench.path / "mine.pub"])
    good = (bench.path / "clean.vsa.dsse").read_bytes()
    assert opened(good, PAYLOAD_TYPE, keys, "it")
    for place in range(0, len(good), 7):
        altered = bytearray(good)
        altered[place] ^= 1
        with pytest.raises(GateError):
            opened(bytes(altered), PAYLOAD_TYPE, keys, "it")


def test_an_envelope_has_one_spelling(bench: Bench) -> None:
    """What the signature does not cover says the same in another spelling, and is refused as altered all the same."""
    keys = public_keys([bench.path / "mine.pub"])
    good = (bench.path / "clean.vsa.dsse").read_bytes()
    body = json.loads(good)
    [signature] = body["signatures"]
    others = [
        good + b"\n",
        b" " + good,
        json.dumps(body).encode(),
        *(good.replace(mark, mark + b" ", 1) for mark in (b"{", b"[", b":", b",")),
        json.dumps(dict(reversed(body.items())), separators=(",", ":")).encode(),
        json.dumps({**body, "more": 1}, separators=(",", ":")).encode(),
        json.dumps({**body, "signatures": [{**signature, "cert": "x"}]}, separators=(",", ":")).encode(),
        good.replace(b"payloadType", b"\\u0070ayloadType"),
        good.replace(b'=","payloadType"', b'","payloadType"'),
    ]
    for altered in others:
        if altered != good:
            with pytest.raises(GateError):
                opened(altered, PAYLOAD_TYPE, keys, "it")


def test_an_altered_envelope_is_no_verdict(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    body = json.loads((bench.path / "banned.vsa.dsse").read_bytes())
    payload = base64.b64decode(body["payload"]).replace(b"FAILED", b"PASSED")
    body["payload"] = base64.b64encode(payload).decode()
    (bench.path / "altered.dsse").write_text(json.dumps(body, separators=(",", ":")))
    assert bench.verify(bench / "altered.dsse", "--any-result") == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "altered, or signed with another key" in shown.err


def test_another_key_no_key_and_several_signatures_are_refused(bench: Bench) -> None:
    assert bench.verify(bench / "clean.vsa.dsse", key="other") == 2
    about = ("--subject", bench / "clean.json")
    assert inside("verify", bench / "clean.vsa.dsse", *about) == 2
    several = ("--key", bench / "mine.pub", *about)
    assert inside("verify", bench / "clean.vsa.dsse", "--key", bench / "other.pub", *several) == 0
    body = json.loads((bench.path / "clean.vsa.dsse").read_bytes())
    wrong: list[list[Json]] = [[], body["signatures"] * 2]
    for signatures in wrong:
        path = bench.path / "signatures.dsse"
        path.write_text(json.dumps({**body, "signatures": signatures}, separators=(",", ":")))
        assert bench.verify(str(path)) == 2


def test_an_envelope_around_something_else_is_refused(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    made = Envelope(b"{}", "application/vnd.other+json", {})
    made.sign(CryptoSigner(load_pem_private_key((bench.path / "mine.pem").read_bytes(), None)))
    path = bench.path / "other.dsse"
    path.write_text(json.dumps(made.to_dict(), separators=(",", ":")))
    assert bench.verify(str(path)) == 2
    assert "no statement" in capsys.readouterr().err


def changed(bench: Bench, **changes: object) -> Json:
    """The statement about the clean document, but for what is changed."""
    body: Json = json.loads((bench.path / "clean.vsa").read_bytes())
    return {**body, **changes}


@pytest.mark.parametrize(
    "changes",
    [
        {"_type": "https://in-toto.io/Statement/v0.1"},
        {"predicateType": "https://slsa.dev/provenance/v1"},
        {"subject": []},
        {"subject": [{"name": "x"}]},
        {"subject": [{"name": "x", "digest": {"sha1": "ab" * 20}}]},
        {"subject": [{"name": "x", "digest": {"sha256": "AB" * 32}}]},
        {"subject": [{"name": "x", "digest": {"sha256": ["ab" * 32]}}]},
        {"predicate": None},
        {"predicate": []},
    ],
)
def test_a_statement_of_another_kind_is_neither_signed_nor_believed(changes: Json, bench: Bench) -> None:
    body = changed(bench, **changes)
    (bench.path / "odd.json").write_text(json.dumps(body))
    assert inside("sign", bench / "odd.json", "--key", bench / "mine.pem", "--out", bench / "odd.dsse") == 2
    assert bench.verify(bench.envelope(body), "--any-result") == 2


@pytest.mark.parametrize(
    "predicate",
    [
        {},
        {"verificationResult": "PASSED"},
        {"verificationResult": "PASSED", "verifiedLevels": ["PROCUREMENT_GATE_ALLOW"]},
        {"verificationResult": "PASSED", "verifiedLevels": ["SLSA_BUILD_LEVEL_3"]},
        {"verificationResult": ["PASSED"]},
        {"result": "PASSED"},
        {"verificationResult": "PASSED\n::set-output name=x::y", "urn:x-procurement-gate:decisions:1": [{}, 1, "x"]},
        {"verificationResult": "PASSED", "urn:x-procurement-gate:decisions:1": [{"past_allowed": "", "policy": 1}]},
    ],
)
def test_somebody_elses_statement_is_no_allow_though_the_key_is_the_same(
    predicate: Json, bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    assert bench.verify(bench.envelope(changed(bench, predicate=predicate))) == 1
    assert "\n::" not in capsys.readouterr().out


# --- Keys and files ---------------------------------------------------------------------------------------------------


def test_the_key_may_come_from_the_environment(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATE_SIGNING_KEY", (bench.path / "mine.pem").read_text())
    assert inside("sign", bench / "clean.vsa", "--out", bench / "env.dsse") == 0
    assert bench.verify(bench / "env.dsse") == 0
    monkeypatch.setenv("GATE_SIGNING_KEY", (bench.path / "other.pem").read_text())
    assert inside("sign", bench / "clean.vsa", "--key", bench / "mine.pem", "--out", bench / "env.dsse") == 0
    assert bench.verify(bench / "env.dsse") == 0


def test_without_a_key_or_with_a_bad_one_nothing_is_signed(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("GATE_SIGNING_KEY", raising=False)
    out = bench / "never.dsse"
    assert inside("sign", bench / "clean.vsa", "--out", out) == 2
    for name in ("p384.pem", "mine.pub", "clean.json", "nowhere.pem"):
        assert inside("sign", bench / "clean.vsa", "--key", bench / name, "--out", out) == 2
    locked = Ed25519PrivateKey.generate().private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret")
    )
    (bench.path / "locked.pem").write_bytes(locked)
    assert inside("sign", bench / "clean.vsa", "--key", bench / "locked.pem", "--out", out) == 2
    monkeypatch.setenv("GATE_SIGNING_KEY", "-----BEGIN PRIVATE KEY-----\nTOPSECRET\n-----END PRIVATE KEY-----\n")
    assert inside("sign", bench / "clean.vsa", "--out", out) == 2
    assert "TOPSECRET" not in capsys.readouterr().err
    assert not Path(out).exists()


def test_a_private_key_is_not_taken_for_a_public_one(bench: Bench) -> None:
    assert (
        inside("verify", bench / "clean.vsa.dsse", "--key", bench / "mine.pem", "--subject", bench / "clean.json") == 2
    )


def test_what_is_no_statement_or_no_envelope_is_refused(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("clean.json", "clean.vsa.dsse", "mine.pub", "nowhere"):
        assert inside("sign", bench / name, "--key", bench / "mine.pem", "--subject", bench / "clean.json") == 2
    (bench.path / "empty").write_bytes(b"")
    for name in ("clean.json", "clean.vsa", "mine.pub", "nowhere", "empty"):
        assert bench.verify(bench / name) == 2
    assert capsys.readouterr().out == ""


def test_an_envelope_that_cannot_be_written_is_no_success(bench: Bench) -> None:
    assert inside("sign", bench / "clean.vsa", "--key", bench / "mine.pem", "--out", bench / "no/such/folder") == 2


def test_signing_and_verifying_go_through_pipes(bench: Bench) -> None:
    def piped(data: bytes, *arguments: str) -> bytes:
        command = [sys.executable, "-m", "gate", *arguments]
        return subprocess.run(command, input=data, capture_output=True, check=True).stdout

    envelope = piped((bench.path / "clean.vsa").read_bytes(), "sign", "-", "--key", bench / "mine.pem")
    shown = piped(envelope, "verify", "-", "--key", bench / "mine.pub", "--subject", bench / "clean.json")
    assert shown.startswith(b"PASSED")


def test_judging_does_not_import_what_signing_needs() -> None:
    code = (
        "import sys, gate.cli; gate.cli.main(['check', sys.argv[1], '--profile', 'us-company']); "
        "print(sorted({'securesystemslib', 'cryptography', 'cyclonedx', 'lxml'} & set(sys.modules)), file=sys.stderr)"
    )
    sample = Path(__file__).parents[1] / "sboms" / "express-api.cyclonedx-npm.cdx.json"
    done = subprocess.run([sys.executable, "-c", code, str(sample)], capture_output=True, check=True)
    assert done.stderr == b"[]\n"
