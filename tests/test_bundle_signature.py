"""Signed bundles: what is signed is the law's own text, and nothing that was altered is ever used."""

import base64
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, SECP384R1
from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key as generate_ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key as generate_rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from hypothesis import given
from hypothesis import strategies as st
from securesystemslib.dsse import Envelope
from securesystemslib.signer import CryptoSigner

from gate.bundle import PAYLOAD_TYPE, unpacked
from gate.compiled import load
from gate.errors import LawError
from policy.files import BUILT_IN
from tests.command import ROOT, TEMPLATE, inside

CLEAN = {"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [{"type": "library", "name": "x"}]}


class Keys:
    """Key files in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.make("mine", Ed25519PrivateKey.generate())
        self.make("other", Ed25519PrivateKey.generate())
        self.make("p256", generate_ec(SECP256R1()))
        self.make("p384", generate_ec(SECP384R1()))
        self.make("rsa", generate_rsa(65537, 2048))

    def make(self, name: str, key: PrivateKeyTypes) -> None:
        """Write both halves of a key as PEM."""
        private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        (self.folder / f"{name}.pem").write_bytes(private)
        (self.folder / f"{name}.pub").write_bytes(public)

    def private(self, name: str) -> str:
        """The file of a private key."""
        return str(self.folder / f"{name}.pem")

    def public(self, name: str) -> str:
        """The file of a public key."""
        return str(self.folder / f"{name}.pub")


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    return Keys(tmp_path_factory.mktemp("keys"))


@pytest.fixture(autouse=True)
def _settings(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    for name in ("GATE_POLICY_KEY", "GATE_SIGNING_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.getbasetemp() / "cache"))


@pytest.fixture(scope="module")
def bundle(keys: Keys, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The template's policy, signed with `mine`."""
    path = tmp_path_factory.mktemp("bundle") / "own.bundle"
    assert inside("policy", "bundle", "--policy", str(TEMPLATE), "--out", str(path), "--key", keys.private("mine")) == 0
    return path


@pytest.fixture
def alone(bundle: Path, keys: Keys) -> Path:
    """The same, signed to stand in place of the built-in law."""
    return resigned(bundle, keys, lambda content: content.update(alone=True))


@pytest.fixture
def sbom(tmp_path: Path) -> str:
    path = tmp_path / "bom.json"
    path.write_text(json.dumps(CLEAN))
    return str(path)


def resigned(path: Path, keys: Keys, change: Callable[[dict[str, Any]], Any], name: str = "mine") -> Path:
    """A bundle with another payload, rightly signed: what its maker could do, not what a thief could."""
    payload = json.loads(base64.b64decode(json.loads(path.read_bytes())["payload"]))
    data = json.dumps(change(payload) or payload, separators=(",", ":"), ensure_ascii=False).encode()
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    envelope = Envelope(data, PAYLOAD_TYPE, {})
    envelope.sign(CryptoSigner(load_pem_private_key(Path(keys.private(name)).read_bytes(), None)))
    other = path.with_name(f"{path.name}.{len(list(path.parent.iterdir()))}")
    wire = envelope.to_dict()
    other.write_text(json.dumps(wire, separators=(",", ":")))
    return other


# --- What a bundle holds ----------------------------------------------------------------------------------------------


def test_a_bundle_is_a_dsse_envelope_around_the_policys_own_text(bundle: Path) -> None:
    envelope = json.loads(bundle.read_bytes())
    assert envelope["payloadType"] == "application/vnd.procurement-gate.policy+json"
    assert [set(signature) for signature in envelope["signatures"]] == [{"keyid", "sig"}]
    content = json.loads(base64.b64decode(envelope["payload"]))
    assert content["files"] == {
        path.relative_to(TEMPLATE).as_posix(): path.read_text("utf-8") for path in TEMPLATE.rglob("*.toml")
    }


def test_the_same_folder_gives_the_same_bytes(bundle: Path, keys: Keys, tmp_path: Path) -> None:
    shutil.copytree(TEMPLATE, tmp_path / "copy")
    for path in (tmp_path / "copy").rglob("*.toml"):
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))  # as git leaves it on Windows
    again = tmp_path / "again"
    folder = str(tmp_path / "copy")
    assert inside("policy", "bundle", "--policy", folder, "--out", str(again), "--key", keys.private("mine")) == 0
    assert again.read_bytes() == bundle.read_bytes()


def test_a_bundle_is_the_law_its_folder_is(bundle: Path, keys: Keys) -> None:
    folder = load([TEMPLATE])
    assert load([bundle]) == folder
    assert load([bundle], keys=[keys.public("mine")]) == folder
    assert folder.digest != load().digest


def test_the_built_in_law_can_be_pinned_as_a_bundle(keys: Keys, tmp_path: Path) -> None:
    path = tmp_path / "law.bundle"
    assert inside("policy", "bundle", "--out", str(path), "--key", keys.private("p256")) == 0
    pinned = load([path], only=True, keys=[keys.public("p256")])
    assert pinned == load()
    with pytest.raises(LawError, match="--only-policy"):
        load([path])


def test_what_was_signed_to_add_to_the_law_does_not_replace_it(bundle: Path, keys: Keys) -> None:
    assert len(load([bundle], keys=[keys.public("mine")]).clauses) > len(load().clauses)
    with pytest.raises(LawError, match="not to stand in its place"):
        load([bundle], only=True, keys=[keys.public("mine")])


def test_where_a_key_is_trusted_the_cache_does_not_decide(
    keys: Keys, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    law = load()
    [kept] = (tmp_path / "procurement-gate").glob("*.law")
    other = load([TEMPLATE], only=True)
    [others] = set((tmp_path / "procurement-gate").glob("*.law")) - {kept}
    kept.write_bytes(others.read_bytes().replace(others.stem.encode(), kept.stem.encode()))
    assert load().digest == other.digest  # somebody put it there
    assert load(keys=[keys.public("mine")]).digest == law.digest


def test_a_bundle_knows_its_own_edition(alone: Path, keys: Keys) -> None:
    older = resigned(alone, keys, lambda content: content.update(version="2020.01.01"))
    assert load([older], only=True, keys=[keys.public("mine")]).version == "2020.01.01"


def test_a_policy_with_a_fault_is_not_signed(keys: Keys, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copytree(TEMPLATE, tmp_path / "own")
    [file] = (tmp_path / "own" / "prohibitions").rglob("*.toml")
    file.write_text(file.read_text().replace("starts = 20", "starts = 30", 1).replace("[scope]", "[scoop]"))
    out = tmp_path / "x"
    asked = ("policy", "bundle", "--policy", str(tmp_path / "own"), "--out", str(out), "--key", keys.private("mine"))
    assert inside(*asked) == 2
    assert "scoop" in capsys.readouterr().err
    assert not out.exists()


# --- Who signed it ----------------------------------------------------------------------------------------------------


def test_verify_says_what_was_verified(bundle: Path, keys: Keys, capsys: pytest.CaptureFixture[str]) -> None:
    assert inside("policy", "verify", str(bundle), "--key", keys.public("mine")) == 0
    assert "1 prohibition," in capsys.readouterr().out
    assert inside("policy", "verify", str(bundle), "--key", keys.public("other")) == 2
    assert inside("policy", "verify", str(bundle)) == 2
    assert "GATE_POLICY_KEY" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["mine", "p256"])
def test_both_kinds_of_key_sign_and_verify(name: str, keys: Keys, tmp_path: Path) -> None:
    path = tmp_path / "x"
    asked = ("policy", "bundle", "--policy", str(TEMPLATE), "--out", str(path))
    assert inside(*asked, "--key", keys.private(name)) == 0
    assert inside("policy", "verify", str(path), "--key", keys.public(name)) == 0
    assert inside("policy", "verify", str(path), "--key", keys.public("other")) == 2


def test_one_of_several_trusted_keys_is_enough(
    bundle: Path, keys: Keys, sbom: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    both = ("--policy-key", keys.public("other"), "--policy-key", keys.public("mine"))
    assert inside("check", "--policy", str(bundle), *both, sbom) == 0
    monkeypatch.setenv("GATE_POLICY_KEY", os.pathsep.join((keys.public("p256"), keys.public("mine"))))
    assert inside("check", "--policy", str(bundle), sbom) == 0


@pytest.mark.parametrize("name", ["p384", "rsa"])
def test_other_kinds_of_key_are_refused(
    name: str, bundle: Path, keys: Keys, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert inside("policy", "bundle", "--out", str(tmp_path / "x"), "--key", keys.private(name)) == 2
    assert inside("policy", "verify", str(bundle), "--key", keys.public(name)) == 2
    assert capsys.readouterr().err.count("only Ed25519 and ECDSA P-256") == 2


def test_a_private_key_is_no_trusted_key_and_the_other_way_round(bundle: Path, keys: Keys, tmp_path: Path) -> None:
    assert inside("policy", "verify", str(bundle), "--key", keys.private("mine")) == 2
    assert inside("policy", "bundle", "--out", str(tmp_path / "x"), "--key", keys.public("mine")) == 2


# --- A trusted key is set ---------------------------------------------------------------------------------------------


@pytest.fixture(params=["flag", "environment", "gate.toml", "pyproject.toml"])
def trusting(
    request: pytest.FixtureRequest, keys: Keys, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> tuple[str, ...]:
    """`mine` is trusted, by each way to say so."""
    if request.param == "flag":
        return ("--policy-key", keys.public("mine"))
    if request.param.endswith(".toml"):
        monkeypatch.chdir(tmp_path)
        head = "" if request.param == "gate.toml" else "[tool.gate]\n"
        (tmp_path / request.param).write_text(f"{head}policy-key = [{json.dumps(keys.public('mine'))}]\n")
        return ()
    monkeypatch.setenv("GATE_POLICY_KEY", keys.public("mine"))
    return ()


def test_a_trusted_key_lets_only_what_it_signed_decide(
    trusting: tuple[str, ...], bundle: Path, alone: Path, keys: Keys, sbom: str, tmp_path: Path
) -> None:
    foreign, unsigned = tmp_path / "foreign", tmp_path / "unsigned"
    make = ("policy", "bundle", "--policy", str(TEMPLATE), "--out")
    assert inside(*make, str(foreign), "--key", keys.private("other")) == 0
    assert inside(*make, str(unsigned), "--unsigned") == 0
    for flag, good in (("--policy", bundle), ("--only-policy", alone)):
        assert inside("check", *trusting, flag, str(good), sbom) == 0
        for refused in (foreign, unsigned, TEMPLATE, tmp_path / "none"):
            assert inside("check", *trusting, flag, str(refused), sbom) == 2, refused
    assert inside("check", *trusting, "--policy", str(bundle), "--policy", str(TEMPLATE), sbom) == 2
    assert inside("check", *trusting, sbom) == 0
    assert inside("check", *trusting, "--only-policy", str(BUILT_IN), sbom) == 0


def test_no_other_command_uses_a_law_that_check_refuses(trusting: tuple[str, ...]) -> None:
    own = ("--policy", str(TEMPLATE))
    for command in (("law",), ("explain", "xx-example-ban"), ("vendor", "Template")):
        assert inside(*command, *own) == (0 if trusting else 2)
        assert inside(*command, *trusting, *own) == 2


def test_without_a_trusted_key_an_unsigned_bundle_is_a_folder(sbom: str, tmp_path: Path) -> None:
    path = tmp_path / "x"
    assert inside("policy", "bundle", "--policy", str(TEMPLATE), "--out", str(path), "--unsigned") == 0
    assert inside("check", "--policy", str(path), sbom) == 0


def test_a_trusted_key_that_says_nothing_is_a_mistake(
    bundle: Path, sbom: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "empty").touch()
    for key in ("", str(tmp_path / "none"), str(tmp_path / "empty"), str(tmp_path)):
        assert inside("check", "--policy", str(bundle), "--policy-key", key, sbom) == 2
        monkeypatch.setenv("GATE_POLICY_KEY", key)
        assert inside("check", "--policy", str(bundle), sbom) == 2
        monkeypatch.delenv("GATE_POLICY_KEY")


def test_a_trusted_key_that_is_none_is_told_also_where_there_is_nothing_to_verify(
    keys: Keys, sbom: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").touch()
    for key in ("", "none", "empty", ".", keys.private("mine")):
        assert inside("check", "--policy-key", key, sbom) == 2
        assert inside("check", "--only-policy", str(BUILT_IN), "--policy-key", key, sbom) == 2
        with monkeypatch.context() as patch:
            patch.setenv("GATE_POLICY_KEY", key)
            assert inside("check", sbom) == 2
        (tmp_path / "gate.toml").write_text(f"policy-key = [{json.dumps(key)}]\n")
        assert inside("check", sbom) == 2
        assert inside("law", "--profiles") == 2
        (tmp_path / "gate.toml").unlink()


def test_a_file_chooses_among_the_keys_of_the_environment_and_adds_none(
    bundle: Path,
    keys: Keys,
    sbom: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "gate.toml").write_text(f"policy-key = [{json.dumps(keys.public('mine'))}]\n")
    assert inside("check", "--policy", str(bundle), sbom) == 0
    assert inside("check", "--policy", str(bundle), "--policy-key", keys.public("other"), sbom) == 2
    monkeypatch.setenv("GATE_POLICY_KEY", os.pathsep.join((keys.public("other"), keys.public("mine"))))
    assert inside("check", "--policy", str(bundle), sbom) == 0
    monkeypatch.setenv("GATE_POLICY_KEY", keys.public("other"))
    capsys.readouterr()
    assert inside("check", "--policy", str(bundle), sbom) == 2
    assert "The setting policy-key names a key that GATE_POLICY_KEY does not trust" in capsys.readouterr().err


def test_the_cache_vouches_for_nothing_once_a_key_is_trusted(
    bundle: Path, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever could write the cache could else write the law."""
    monkeypatch.setattr("gate.compiled._kept", lambda *_: pytest.fail("the cache was read"))
    monkeypatch.setattr("gate.compiled._keep", lambda *_: pytest.fail("the cache was written"))
    assert load([bundle], keys=[keys.public("mine")]).clauses


# --- What was altered -------------------------------------------------------------------------------------------------


@given(data=st.data())
def test_any_altered_byte_is_refused(bundle: Path, keys: Keys, data: st.DataObject) -> None:
    """DSSE: "the consumer ... rejects" whatever the signature does not cover; here it covers the file."""
    good = bytearray(bundle.read_bytes())
    signature = good.index(b'"signatures"')
    place = data.draw(st.integers(0, len(good) - 1) | st.integers(signature - 8, len(good) - 1) | st.integers(0, 60))
    good[place] ^= data.draw(st.integers(1, 255))
    refused(bytes(good), bundle, keys)


@given(data=st.data())
def test_any_byte_more_or_less_is_refused(bundle: Path, keys: Keys, data: st.DataObject) -> None:
    good = bundle.read_bytes()
    start = data.draw(st.integers(0, len(good)))
    end = data.draw(st.integers(start, min(len(good), start + 5)))
    put = data.draw(st.binary(max_size=3) | st.sampled_from([b" ", b"\n", b"=", b"A"]))
    bad = good[:start] + put + good[end:]
    if bad != good:
        refused(bad, bundle, keys)


def refused(data: bytes, bundle: Path, keys: Keys) -> None:
    path = bundle.with_name("altered")
    path.write_bytes(data)
    with pytest.raises(LawError):
        unpacked(path, [Path(keys.public("mine"))])


def test_a_signature_of_another_payload_does_not_fit(bundle: Path, keys: Keys) -> None:
    other = resigned(bundle, keys, lambda content: content["files"].popitem(), name="other")
    mine, theirs = json.loads(bundle.read_bytes()), json.loads(other.read_bytes())
    refused(json.dumps({**theirs, "signatures": mine["signatures"]}, separators=(",", ":")).encode(), bundle, keys)
    refused(json.dumps({**mine, "payloadType": "text/plain"}, separators=(",", ":")).encode(), bundle, keys)
    both = [*theirs["signatures"], *mine["signatures"]]
    refused(json.dumps({**mine, "signatures": both}, separators=(",", ":")).encode(), bundle, keys)
    named = [{**theirs["signatures"][0], "keyid": mine["signatures"][0]["keyid"]}]
    refused(json.dumps({**theirs, "signatures": named}, separators=(",", ":")).encode(), bundle, keys)


@pytest.mark.parametrize("data", [b"", b"{", b"null", b"[]", b"\x00" * 100, b"[" * 100_000, b'{"payload":"\\ud800"}'])
def test_what_is_no_bundle_is_refused_whether_a_key_is_set_or_not(data: bytes, tmp_path: Path, sbom: str) -> None:
    path = tmp_path / "x"
    path.write_bytes(data)
    assert inside("check", "--policy", str(path), sbom) == 2


# --- What even its maker cannot do ------------------------------------------------------------------------------------

NAMES = [
    "../prohibitions/x.toml",
    "prohibitions/../../x.toml",
    "/etc/x.toml",
    "prohibitions//x.toml",
    "prohibitions/./x.toml",
    "prohibitions\\..\\x.toml",
    "C:/prohibitions/x.toml",
    "prohibitions/C:x.toml",
    "prohibitions/x.toml\x00",
    "prohibitions/x.toml\n",
    "prohibitions/.x.toml",
    "prohibitions/x.py",
    "prohibitions.toml",
    "gate/x.toml",
    "prohibitions/" + "a/" * 50 + "x.toml",
    "prohibitions/" + "a" * 300 + ".toml",
    "prohibitions/х.toml",  # not a Latin x
    "",
]


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_a_file_name_that_no_policy_has_is_refused(
    name: str, bundle: Path, keys: Keys, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = resigned(bundle, keys, lambda content: content["files"].update({name: ""}))
    for key in ([], ["--policy-key", keys.public("mine")]):
        assert inside("law", "--policy", str(bad), *key) == 2
        assert "no policy has" in capsys.readouterr().err


def test_a_payload_that_is_not_as_it_should_be_is_refused(bundle: Path, keys: Keys) -> None:
    changes: list[Callable[[dict[str, Any]], Any]] = [
        lambda content: content.update(schema=2),
        lambda content: content.update(more=1),
        lambda content: content.pop("files"),
        lambda content: content.update(files=["x"]),
        lambda content: content["files"].update({f"vendors/v{n}.toml": "" for n in range(20_001)}),
        lambda _: [1],
        lambda content: dict(reversed(content.items())),
    ]
    for change in changes:
        with pytest.raises(LawError):
            unpacked(resigned(bundle, keys, change), [Path(keys.public("mine"))])


def test_a_bundle_that_is_too_large_is_refused_unread(tmp_path: Path, sbom: str) -> None:
    path = tmp_path / "large"
    with path.open("wb") as file:
        file.truncate(64 * 1024**2 + 1)
    assert inside("check", "--policy", str(path), sbom) == 2


def test_using_a_bundle_runs_nothing_and_writes_nothing(bundle: Path, keys: Keys, sbom: str) -> None:
    """Seen by the interpreter itself: https://docs.python.org/3/library/audit_events.html."""
    watch = f"""
import os, sys
def seen(event, given):
    writing = os.O_WRONLY | os.O_RDWR | os.O_CREAT
    if event == "open" and (str(given[1] or "r").strip("rbtU") or (given[2] or 0) & writing):
        print("writes", given, file=sys.stderr)
    if event in ("os.mkdir", "os.rename", "os.remove", "os.symlink", "os.system", "subprocess.Popen", "socket.connect"):
        print("does", event, given, file=sys.stderr)
sys.dont_write_bytecode = True
sys.addaudithook(seen)
from gate.cli import main
sys.exit(main(["check", "--policy", {str(bundle)!r}, "--policy-key", {keys.public("mine")!r}, {sbom!r}]))
"""
    done = subprocess.run([sys.executable, "-c", watch], capture_output=True, cwd=ROOT, check=False)
    assert (done.returncode, done.stderr.decode()) == (0, "")


# --- Secrets ----------------------------------------------------------------------------------------------------------


def test_the_key_may_be_in_the_environment_and_is_never_shown(
    keys: Keys, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    secret = Path(keys.private("mine")).read_text()
    body = secret.splitlines()[1]
    asked = ("policy", "bundle", "--policy", str(TEMPLATE), "--out", str(tmp_path / "x"))
    for value, status in (
        (secret, 0),
        (body, 2),
        (secret[:-40], 2),
        (secret.replace("PRIVATE", "PUBLIC"), 2),
        ("", 2),
    ):
        monkeypatch.setenv("GATE_SIGNING_KEY", value)
        assert inside(*asked) == status
        shown = capsys.readouterr()
        assert body[:12] not in shown.out + shown.err
        assert body[-12:] not in shown.out + shown.err


def test_an_encrypted_key_is_refused_with_a_way_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "encrypted.pem"
    made = Ed25519PrivateKey.generate()
    path.write_bytes(made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret")))
    assert inside("policy", "bundle", "--out", str(tmp_path / "x"), "--key", str(path)) == 2
    assert "openssl pkey" in capsys.readouterr().err


def test_not_to_sign_is_said_outright(keys: Keys, tmp_path: Path) -> None:
    out = ("policy", "bundle", "--out", str(tmp_path / "x"))
    assert inside(*out) == 2
    assert inside(*out, "--unsigned", "--key", keys.private("mine")) == 2
    assert inside(*out, "--key", str(tmp_path / "none")) == 2
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "folder").mkdir()
    for place in (tmp_path / "none" / "x", tmp_path / "folder"):
        assert inside(*out[:2], "--out", str(place), "--unsigned") == 2
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


# --- What it costs ----------------------------------------------------------------------------------------------------


def test_nothing_of_this_is_imported_unless_it_is_used(sbom: str, bundle: Path) -> None:
    slow = {"securesystemslib", "cryptography", "icalendar", "lxml", "pydantic", "gate.signature", "gate.almanac.svg"}
    code = f"import sys; from gate.cli import main; main(sys.argv[1:]); print(sorted({slow!r} & set(sys.modules)))"

    def imported(*arguments: str) -> str:
        done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, cwd=ROOT, check=True)
        return done.stdout.decode().splitlines()[-1]

    load()
    load([bundle])
    assert imported("check", sbom) == "[]"
    assert imported("law") == "[]"
    assert imported("check", "--policy", str(bundle), sbom) == "['gate.signature']"


def test_a_bundle_that_is_gone_is_not_called_a_folder_without_a_signature(
    keys: Keys, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert inside("law", "--policy", str(tmp_path / "gone.bundle"), "--policy-key", keys.public("mine")) == 2
    assert "gone.bundle: There is no such policy folder or bundle. Check the path." in capsys.readouterr().err
