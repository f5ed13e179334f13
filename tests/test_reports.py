"""Reports: every one shows every verdict, is read by the programs it is for, and is steered by no document."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from gate.record import Run, exit_status
from gate.report import FORMATS
from tests import parsers
from tests.boms import sbom
from tests.command import inside
from tests.parsers import PARSERS
from tests.records import FAILURE, RUNS, TRICKS, component, reason, record, tricked
from tests.rendered import plain, rendered

GOLDEN = Path(__file__).parent / "golden"


# --- Every format, every verdict --------------------------------------------------------------------------------------


def test_every_format_has_a_parser_of_somebody_else() -> None:
    assert list(PARSERS) == list(FORMATS)


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("name", RUNS)
def test_every_report_of_every_verdict_is_read_by_others(form: str, name: str) -> None:
    PARSERS[form](rendered(form, RUNS[name]))


VERDICTS: dict[str, Callable[[Any], str]] = {
    "json": lambda read: " ".join(one["decision"] for one in read),
    "sarif": lambda read: " ".join(one["decision"] for one in read["runs"][0]["properties"]["decisions"]),
    "dotenv": lambda read: str(read["GATE_DECISION"]),
    "azure": lambda read: str(read[-1][2]),
    "csv": lambda read: str(read[0]["decision"]),
    "junit": lambda read: "deny" if read.failures else "allow",
    "tap": lambda read: "allow" if read[0].ok else "deny",
    "vsa": lambda read: str(read["predicate"]["verificationResult"]),
    "test-result": lambda read: str(read["predicate"]["result"]),
    "cyclonedx": lambda read: str(read["declarations"]["attestations"][0]["summary"].partition(":")[0]),
}
"""Format -> where a program finds the verdict."""


@pytest.mark.parametrize("form", VERDICTS)
@pytest.mark.parametrize(
    ("name", "verdicts"),
    [
        ("allow without a reason", {"allow", "PASSED"}),
        ("deny", {"deny", "FAILED"}),
        ("review", {"deny", "review", "FAILED"}),
        ("review that is allowed meanwhile", {"allow", "PASSED", "deny", "FAILED"}),
        ("warn", {"allow", "PASSED", "WARNED"}),
        ("note", {"allow", "PASSED"}),
        ("waived", {"allow", "PASSED"}),
    ],
)
def test_a_program_finds_the_verdict(form: str, name: str, verdicts: set[str]) -> None:
    assert VERDICTS[form](PARSERS[form](rendered(form, RUNS[name]))) in verdicts


@pytest.mark.parametrize("form", FORMATS)
def test_the_same_run_gives_the_same_bytes(form: str) -> None:
    assert rendered(form, RUNS["several inputs"]) == rendered(form, RUNS["several inputs"])


@pytest.mark.parametrize(
    ("form", "empty"), [("json", b""), ("cyclonedx", b""), ("vsa", b""), ("test-result", b""), ("text", b"")]
)
def test_what_was_not_judged_is_attested_by_nothing(form: str, empty: bytes) -> None:
    assert rendered(form, RUNS["no verdict at all"]) == empty


@pytest.mark.parametrize("form", ["sarif", "html", "markdown", "github", "gitlab", "azure", "junit", "tap", "csv"])
def test_an_input_without_a_verdict_is_shown_where_people_look(form: str) -> None:
    data = rendered(form, Run((), (FAILURE,)))
    assert b"broken.json" in data
    assert b"It is no JSON" in data


@pytest.mark.parametrize("form", ["sarif", "github", "azure", "junit", "tap", "gitlab"])
def test_with_warn_only_a_build_server_sees_no_failure(form: str) -> None:
    read = PARSERS[form](rendered(form, RUNS["warn only"]))
    failing = {
        "sarif": lambda: [r for r in read["runs"][0]["results"] if r["level"] == "error"],
        "github": lambda: [kind for kind, _, _ in read if kind == "error"],
        "azure": lambda: [stated for _, stated, _ in read if stated.get("type") == "error"],
        "junit": lambda: [suite for suite in read if suite.failures or suite.errors],
        "tap": lambda: [line for line in read if not line.ok],
        "gitlab": lambda: [one for one in read if one["severity"] in ("blocker", "critical")],
    }
    assert failing[form]() == []


def test_with_warn_only_a_denial_is_a_warning_and_not_less() -> None:
    """The flag's help: "report denials as warnings, and exit 0"."""
    run = RUNS["warn only"]
    [log] = parsers.sarif(rendered("sarif", run))["runs"]
    assert {r["properties"]["effect"]: r["level"] for r in log["results"]} == {
        "deny": "warning",
        "review": "warning",
        "warn": "note",
        "note": "none",
    }
    kinds = {place["title"]: kind for kind, place, _ in parsers.github(rendered("github", run))}
    assert kinds == {"test-law/deny": "warning", "test-law/review": "warning", "test-law/warn": "notice"}
    found = {one["check_name"]: one["severity"] for one in parsers.gitlab(rendered("gitlab", run))}
    assert (found["test-law/deny"], found["test-law/warn"]) == ("major", "minor")


@pytest.mark.parametrize("form", ["text", "markdown", "html", "github"])
@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("warn only", "This is reported as a warning only, and the exit status is 0 (--warn-only)."),
        ("exit zero", "The exit status is 0 all the same (--exit-zero)."),
        ("nothing new", "Nothing of this is new since the baseline, so the exit status is 0 (--fail-on new)."),
        ("only denials fail", "Only a denial fails here, so the exit status is 0 (--fail-on deny)."),
    ],
)
def test_a_report_of_a_deny_that_exits_0_says_why(form: str, name: str, why: str) -> None:
    run = RUNS[name]
    assert exit_status(run) == 0
    assert why in plain(form, run)
    failed = msgspec.structs.replace(run, failures=(FAILURE,))
    assert "exit status is 0" not in plain(form, failed)


@pytest.mark.parametrize("form", ["text", "markdown", "html", "github"])
def test_a_deny_that_exits_1_says_nothing_of_0(form: str) -> None:
    for name in ("deny", "review", "every effect", "baseline"):
        assert "exit status is 0" not in plain(form, RUNS[name])


# --- Goldens ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["github", "azure", "markdown", "junit", "tap", "csv", "gitlab", "text"])
def test_a_small_run_looks_as_it_did(form: str) -> None:
    """GOLDEN=write makes them again; what changes is then read in the diff."""
    path = GOLDEN / f"every-effect.{form}"
    data = rendered(form, RUNS["every effect"])
    if os.environ.get("GOLDEN") == "write":
        path.write_bytes(data)
    assert data == path.read_bytes()


# --- Hostile documents ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("name", TRICKS)
def test_no_trick_of_a_document_breaks_a_report(form: str, name: str) -> None:
    data = rendered(form, tricked(TRICKS[name]))
    PARSERS[form](data)
    if form not in ("github", "azure"):  # whose own commands their parsers look at
        assert not any(line.lstrip().startswith(b"::") for line in data.splitlines())
        assert b"##[" not in data
        assert b"##vso" not in data.lower()


@pytest.mark.parametrize("name", TRICKS)
def test_json_says_what_the_document_said_to_the_letter(name: str) -> None:
    [body] = parsers.as_json(rendered("json", tricked(TRICKS[name])))
    assert body["reasons"][0]["components"][0]["name"] == TRICKS[name]
    assert body["subject"]["name"] == TRICKS[name]


@pytest.mark.parametrize("form", FORMATS)
def test_ten_megabytes_of_a_name_make_no_large_report(form: str) -> None:
    long = "x" * 10_000_000
    run = Run((record(reason("deny", components=(component(name=long, version=long),))),))
    data = rendered(form, run)
    PARSERS[form](data)
    if form != "json":
        assert len(data) < 100_000


@pytest.mark.parametrize("name", TRICKS)
def test_a_hostile_document_goes_through_the_whole_command(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    trick = TRICKS[name]
    words = dict.fromkeys(("name", "version", "publisher", "group", "bom-ref"), trick)
    part = {"type": "library", **words, "purl": f"pkg:npm/%40kaspersky/{trick[:1000]}"}
    supplied = {**part, "bom-ref": "b", "purl": trick, "supplier": {"name": "AO Kaspersky Lab"}}
    (tmp_path / "bom.json").write_text(json.dumps(sbom(part, supplied)))
    wanted = [argument for form in FORMATS for argument in ("--format", f"{form}=out.{form}")]
    assert inside("check", "--profile", "us-federal-agency", *wanted, "bom.json") == 1
    for form in FORMATS:
        data = Path(f"out.{form}").read_bytes()
        if form in ("sarif", "text", "json", "github", "azure", "gitlab", "dotenv", "junit", "tap", "csv", "vsa"):
            PARSERS[form](data)
        assert b"##vso[task" not in data or form == "azure"


def test_a_file_whose_name_is_no_utf_8_is_named_in_every_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    name = os.fsdecode(b"caf\xe9\n::error::x.json")
    Path(name).write_text(json.dumps(sbom({"type": "library", "name": "x", "purl": "pkg:npm/%40kaspersky/x@1"})))
    wanted = [argument for form in FORMATS for argument in ("--format", f"{form}=out.{form}")]
    assert inside("check", "--profile", "us-federal-agency", *wanted, name) == 1
    parsers.github(Path("out.github").read_bytes())
    assert all(
        b"caf" in Path(f"out.{form}").read_bytes() for form in FORMATS if form not in ("dotenv", "gitlab-annotations")
    )
