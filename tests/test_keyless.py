"""Statements that sigstore signed: verified by sigstore's own code against an instance of ours, without a network."""

import base64
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from gate.statement import PAYLOAD_TYPE
from tests.command import inside
from tests.sigstore_instance import Instance

WHO = "https://github.com/example/shop/.github/workflows/release.yml@refs/heads/main"
ISSUER = "https://token.actions.githubusercontent.com"

Json = dict[str, Any]


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two documents, whom to trust, and what was signed about them."""
    path = tmp_path_factory.mktemp("keyless")
    instance = Instance()
    (path / "root.json").write_bytes(instance.trusted_root())
    (path / "strangers.json").write_bytes(Instance().trusted_root())
    for name, purl in (("clean", "pkg:npm/left-pad@1.3.0"), ("banned", "pkg:npm/%40kaspersky/hexa-ui@6.1.0")):
        body = {"bomFormat": "CycloneDX", "specVersion": "1.6"}
        component = {"type": "library", "name": purl.partition("@1")[0].rpartition("/")[2], "purl": purl}
        (path / f"{name}.json").write_text(json.dumps({**body, "components": [component]}))
        statement = path / f"{name}.vsa"
        inside("check", str(path / f"{name}.json"), "--profile", "us-federal-agency", "--format", f"vsa={statement}")
        bundle = instance.bundle(statement.read_bytes(), PAYLOAD_TYPE, identity=WHO, issuer=ISSUER)
        (path / f"{name}.sigstore.json").write_text(json.dumps(bundle))
    return path


def verified(here: Path, bundle: str = "clean.sigstore.json", *more: str, **other: str) -> int:
    """The exit status of `gate verify` for a bundle."""
    said = {"identity": WHO, "issuer": ISSUER, "trusted_root": str(here / "root.json"), **other}
    flags = [word for name, value in said.items() for word in (f"--{name.replace('_', '-')}", value)]
    subject = () if "--subject" in more else ("--subject", str(here / f"{bundle.partition('.')[0]}.json"))
    return inside("verify", str(here / bundle), *flags, *subject, *more)


def test_what_the_job_signed_is_taken_and_its_verdict_told(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert verified(here, "clean.sigstore.json", "--subject", str(here / "clean.json")) == 0
    assert f"{WHO} ({ISSUER})" in capsys.readouterr().out
    assert verified(here, "banned.sigstore.json") == 1
    assert verified(here, "clean.sigstore.json", "--subject", str(here / "banned.json")) == 2


@pytest.mark.parametrize(
    "other",
    [
        {"identity": WHO.replace("example", "exampie")},
        {"identity": WHO.removesuffix("main")},
        {"issuer": "https://accounts.example"},
        {"trusted_root": "strangers.json"},
        {"identity": ""},
        {"issuer": ""},
    ],
)
def test_nobody_else_is_taken_for_the_signer(
    other: dict[str, str], here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if "trusted_root" in other:
        other = {"trusted_root": str(here / other["trusted_root"])}
    assert verified(here, **other) == 2
    assert "internal error" not in capsys.readouterr().err


def altered(bundle: Json) -> list[Json]:
    """The bundle with one thing altered in each."""

    def flipped(said: str) -> str:
        data = bytearray(base64.b64decode(said))
        data[len(data) // 2] ^= 1
        return base64.b64encode(data).decode()

    entry = ("verificationMaterial", "tlogEntries", 0)
    ways: list[tuple[str | int, ...]] = [
        ("dsseEnvelope", "payload"),
        ("dsseEnvelope", "signatures", 0, "sig"),
        ("verificationMaterial", "certificate", "rawBytes"),
        (*entry, "canonicalizedBody"),
        (*entry, "inclusionPromise", "signedEntryTimestamp"),
        (*entry, "inclusionProof", "rootHash"),
        (*entry, "logId", "keyId"),
    ]
    found = []
    for way in ways:
        copy = json.loads(json.dumps(bundle))
        place: Any = copy
        for step in way[:-1]:
            place = place[step]
        place[way[-1]] = flipped(place[way[-1]])
        found.append(copy)
    return found


def test_whatever_is_altered_is_refused(here: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bundle = json.loads((here / "clean.sigstore.json").read_bytes())
    spoilt = altered(bundle)
    unlogged = json.loads(json.dumps(bundle))
    unlogged["verificationMaterial"]["tlogEntries"] = []
    for number, body in enumerate([*spoilt, unlogged, {}, [], {**bundle, "dsseEnvelope": None}]):
        path = tmp_path / f"{number}.json"
        path.write_text(json.dumps(body))
        assert verified(here, str(path)) == 2, number
        assert "internal error" not in capsys.readouterr().err


def test_a_payload_of_another_kind_is_no_statement(here: Path, tmp_path: Path) -> None:
    instance = Instance()
    root = tmp_path / "root.json"
    root.write_bytes(instance.trusted_root())
    payload = (here / "clean.vsa").read_bytes()
    for kind, status in ((PAYLOAD_TYPE, 0), ("application/json", 2)):
        path = tmp_path / "bundle.json"
        path.write_text(json.dumps(instance.bundle(payload, kind, identity=WHO, issuer=ISSUER)))
        about = ("--subject", str(here / "clean.json"))
        assert verified(here, str(path), *about, trusted_root=str(root)) == status


def test_a_key_and_an_identity_are_two_things(here: Path) -> None:
    bundle = str(here / "clean.sigstore.json")
    about = ("--subject", str(here / "clean.json"))
    assert inside("verify", bundle, *about) == 2
    assert inside("verify", bundle, *about, "--key", "k.pem", "--identity", WHO, "--issuer", ISSUER) == 2
    assert inside("verify", bundle, *about, "--key", "k.pem", "--issuer", ISSUER) == 2
    assert verified(here, trusted_root=str(here / "clean.vsa")) == 2
    assert verified(here, trusted_root=str(here / "nowhere")) == 2


def test_where_nobody_says_who_signs_nothing_is_signed(here: Path) -> None:
    environment = {"PATH": "/nowhere", "HOME": str(here), "LANG": "C.UTF-8"}
    command = [sys.executable, "-m", "gate", "sign", str(here / "clean.vsa"), "--keyless"]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert "id-token: write" in done.stderr


def test_without_the_extra_it_says_what_to_install(here: Path) -> None:
    code = "import sys; sys.modules['sigstore'] = None; from gate.cli import main; sys.exit(main(sys.argv[1:]))"
    for arguments in (
        ("sign", str(here / "clean.vsa"), "--keyless"),
        ("verify", str(here / "clean.sigstore.json"), "--identity", WHO, "--issuer", ISSUER, "--subject", "x"),
    ):
        command = [sys.executable, "-c", code, *arguments]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 2
        assert "procurement-gate[keyless]" in done.stderr
