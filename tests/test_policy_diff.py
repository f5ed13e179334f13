"""What a new edition of the law changes, in words, and which decisions change with it."""

import json
import shutil
from collections.abc import Iterable
from pathlib import Path

import msgspec
import pytest

from gate import load as load_law
from gate.change import changes
from gate.cli import main
from gate.law import Clause, Exemption, Profile, Row
from gate.phrase import CLAUSE, EXEMPTION, PROFILE, ROW
from policy.files import BUILT_IN
from policy.lint import lint
from policy.load import load
from tests.proven_policy import LISTED, MAKER, NEW, OLD, OLD_CASES, PARENT, alter, proven


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return proven(tmp_path / "policy")


@pytest.mark.parametrize(
    ("struct", "fields", "identity"),
    [
        (Clause, CLAUSE, {"code"}),
        (Exemption, EXEMPTION, {"id"}),
        (Row, ROW, {"vendor", "name"}),
        (Profile, PROFILE, {"id"}),
    ],
)
def test_no_field_can_change_without_a_phrase(
    struct: type[msgspec.Struct], fields: Iterable[str], identity: set[str]
) -> None:
    assert set(fields) | identity == set(struct.__struct_fields__)


# Words of a file, what is there instead, and what a lawyer reads.
SAID: dict[str, tuple[str, str, str, str]] = {
    "start": (
        OLD, "starts = 2020-03-01", "starts = 2020-05-01",
        "xx-2020/buy now starts on 1 May 2020 instead of 1 March 2020"),
    "end": (OLD, "ends = 2024-01-01\n", "", "xx-2020/buy no longer ends on 1 January 2024"),
    "binds": (OLD, '["us-person"]', '["us-person", "us-dod"]', "xx-2020/buy now also binds us-dod"),
    "unbinds": (OLD, '["us-person"]', '["us-dod"]', "xx-2020/buy no longer binds us-person"),
    "condition": (
        NEW, 'positions = ["supplier", "producer"]', "",
        "xx-2024 in every clause no longer asks for the position producer or supplier"),
    "asks": (
        OLD, "[scope]", '[scope]\ncategories = ["vpn"]',
        "xx-2020/buy now asks for the category vpn; any would do before"),
    "effect": (NEW, 'effect = "review"\n', "", "xx-2024/phones now denies, and no longer asks for a review"),
    "kind": (OLD, '"prohibition"', '"warning"', "xx-2020/buy now is a warning, and no longer is a prohibition"),
    "exception": (
        NEW, "Testing is", "Testing once is",
        "xx-2024 in every clause its exception 'testing' now has as the text: Testing once is left alone."),
    "waiver": (
        NEW, "until = 2025-01-01", "until = 2026-01-01",
        "xx-2024 in every clause waivers by 'minister' now run until 1 January 2026 instead of 1 January 2025"),
    "fact": (
        NEW, '"government-mobile"', '"personal"',
        "xx-2024/phones now asks for device: personal; instead of: government-mobile"),
    "row": (LISTED, "ends = 2026-01-01\n", "", "listed/Parent Ltd no longer ends on 1 January 2026"),
    "owner": (MAKER, "ends = 2025-07-01\n", "", "maker now belongs to parent (subsidiary) from 2015-01-01"),
    "name": (PARENT, 'name = "Parent Ltd"', 'name = "Parent Ltd"\ncpes = ["parent"]', "parent now has the CPE parent"),
}  # fmt: skip


@pytest.mark.parametrize("which", SAID)
def test_a_change_is_said_in_words(which: str, folder: Path) -> None:
    old = load_law([folder], only=True)
    name, said, instead, words = SAID[which]
    alter(folder, name, said, instead)
    new = load_law([folder], only=True)
    assert any(str(change).startswith(words) for change in changes(old, new))
    assert changes(new, new) == []


def test_what_is_new_and_what_is_gone_is_said(folder: Path) -> None:
    whole = load_law([folder], only=True)
    alter(folder, NEW, 'replaces = ["xx-2020"]\n', "")
    (folder / OLD).unlink()
    (folder / OLD_CASES).unlink()
    part = load_law([folder], only=True)
    assert [str(change) for change in changes(whole, part)] == ["xx-2020 is gone: A ban"]
    assert [str(change) for change in changes(part, whole)] == [
        "xx-2020 is new: A ban",
        "xx-2020/buy is new, from 1 March 2020: Nobody may buy it.",
    ]


def test_a_vendor_that_no_instrument_means_is_named_also_beside_the_built_in_law(tmp_path: Path) -> None:
    (tmp_path / "vendors").mkdir()
    for name, more in (("tweed", 'country = "GB"'), ("wool", ""), ("steppe", 'country = "RU"')):
        (tmp_path / "vendors" / f"{name}.toml").write_text(
            f'id = "{name}"\nname = "{name}"\n{more}\nsource = "https://{name}.example/"\n'
        )
    owned = 'id = "silk"\nname = "Silk"\nsource = "https://silk.example/"\n[[owners]]\nvendor = "huawei"\n'
    (tmp_path / "vendors" / "silk.toml").write_text(owned + 'kind = "subsidiary"\nsource = "https://silk.example/"\n')
    problems = lint(load([BUILT_IN, tmp_path]))
    assert [(problem.rule, problem.message) for problem in problems] == [
        ("unreached-vendor", "no instrument reaches tweed"),
        ("unreached-vendor", "no instrument reaches wool"),
    ]


def test_the_decisions_that_change_are_named_and_from_when(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(folder, tmp_path / "next")
    alter(tmp_path / "next", OLD, "starts = 2020-03-01", "starts = 2020-05-01")
    request = tmp_path / "order.json"
    request.write_text(
        '{"id": "PR-1", "acts": ["acquire", "provide"], "ordered": "2020-04-01", "buyer": {"roles": ["us-person"]},'
        ' "lines": [{"product": "Office", "manufacturer": {"name": "Parent Ltd"}}]}'
    )
    other = tmp_path / "other.json"
    other.write_text(request.read_text().replace("Parent Ltd", "Other Ltd"))
    command = ["policy", "diff", str(folder), str(tmp_path / "next"), "--against", str(request), str(other)]
    assert main(command) == 0
    shown = capsys.readouterr().out
    assert "as of 2020-04-01: allow instead of deny" in shown
    assert "from 2020-03-01 on: allow instead of deny" in shown
    assert "from 2020-05-01 on: deny as before" in shown
    assert "1 of 2 documents judged otherwise" in shown
    assert main([*command, "--format", "json"]) == 0
    body = json.loads(capsys.readouterr().out)
    assert [turn["starts"] for turn in body["decisions"][0]["turns"]] == ["2020-03-01", "2020-05-01"]
    assert main(["policy", "diff", str(folder), str(tmp_path / "absent")]) == 2
    assert "There is no edition" in capsys.readouterr().err


def test_a_decision_changes_on_the_legal_day_of_the_law_that_changes_it(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """1 April in Berlin begins at 22:00 on 31 March in UTC."""
    (folder / "profiles").mkdir(exist_ok=True)
    (folder / "profiles" / "buyer.toml").write_text(
        'id = "buyer"\ntext = "Whoever buys."\nroles = ["us-person"]\nacts = ["acquire", "provide"]\n'
    )
    shutil.copytree(folder, tmp_path / "next")
    alter(tmp_path / "next", OLD, "starts = 2020-03-01", "starts = 2020-04-01")
    sbom = tmp_path / "bom.json"
    component = {"type": "application", "name": "Office", "manufacturer": {"name": "Parent Ltd"}}
    body = {"bomFormat": "CycloneDX", "specVersion": "1.6", "metadata": {"component": component}}
    sbom.write_text(json.dumps({**body, "components": [{"type": "library", "name": "left-pad"}]}))
    command = ["policy", "diff", str(folder), str(tmp_path / "next"), "--profile", "buyer", "--against", str(sbom)]
    assert main(command) == 0
    shown = capsys.readouterr().out
    assert "from 2020-03-01 (Europe/Berlin) on: " in shown
    assert "from 2020-04-01 (Europe/Berlin) on: " in shown
    assert "T2" not in shown
