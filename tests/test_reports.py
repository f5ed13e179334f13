"""Reports: every one shows every verdict, is read by the programs it is for, and is steered by no document."""

import gzip
import html
import json
import os
import random
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from gate.cli import main
from gate.decision import BuyerNamed, Coverage, SubjectNamed, VendorNamed
from gate.record import Run, exit_status
from gate.report import FORMATS, report
from tests import parsers
from tests.parsers import PARSERS
from tests.records import FAILURE, LAST_DAY, LAW, RUNS, TRICKS, component, reason, record, tricked

ROOT = Path(__file__).parents[1]
GOLDEN = Path(__file__).parent / "golden"

Json = dict[str, Any]


def rendered(form: str, run: Run) -> bytes:
    return report(form)(run, False)


def inside(*arguments: str) -> int:
    try:
        return main(arguments)
    except SystemExit as stop:
        return int(stop.code or 0)


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


def plain(form: str, run: Run) -> str:
    """What a person reads in a report, on one line."""
    text = html.unescape(rendered(form, run).decode()).replace("\u200b", "")
    return re.sub(r"\s+", " ", text)


# --- What a person reads ----------------------------------------------------------------------------------------------


def test_a_component_of_an_attached_sbom_is_named_with_its_file() -> None:
    for form in ("text", "markdown"):
        assert "(orders/kes.cdx.json, /components/0, line 12)" in plain(form, RUNS["attached SBOM"])
        assert "(/lines/0, line 2)" in plain(form, RUNS["attached SBOM"])


@pytest.mark.parametrize(
    ("position", "said"),
    [
        ("component", "component"),
        ("producer and supplier", "producer and supplier"),
        ("supplier or producer and supplier", "supplier, perhaps also producer"),
        ("component or producer", "component or producer"),
        ("component or producer or producer and supplier", "component, producer or supplier"),
    ],
)
def test_positions_that_can_be_read_two_ways_are_said_in_words(position: str, said: str) -> None:
    run = Run((record(reason("deny", components=(component(position=position),))),))
    assert f"part-0 1.0 as {said} (" in plain("text", run)
    assert f" as {said} <code>" in plain("html", run)


@pytest.mark.parametrize("form", ["text", "markdown", "html", "github", "azure", "junit", "sarif"])
def test_a_text_that_ends_with_a_full_stop_gets_no_second_one(form: str) -> None:
    run = Run((record(reason("deny", message="Finding F-1: Other firm.")),))
    assert "Other firm" in plain(form, run)
    assert "Other firm.." not in plain(form, run)


def test_what_has_no_name_is_called_the_product_of_the_sbom() -> None:
    assert "- the product (/metadata/component)" in plain("text", RUNS["reason of the gate's own"])


@pytest.mark.parametrize("form", ["text", "html", "markdown"])
def test_the_note_of_a_review_is_printed_once(form: str) -> None:
    note = "Whether a test library is meant was not read"
    assert plain(form, Run((record(reason("review", note=f"{note}.")),))).count(note) == 1


@pytest.mark.parametrize("form", ["text", "html", "markdown"])
def test_an_answer_that_rests_on_no_maker_says_what_it_rests_on(form: str) -> None:
    for identified, said in ((0, True), (1, False)):
        run = Run((record(coverage=Coverage(27, identified)),))
        assert ("; the answer rests on package names and links alone" in plain(form, run)) == said


@pytest.mark.parametrize("form", ["text", "html"])
def test_what_is_to_be_done_is_called_so(form: str) -> None:
    assert "To do: Use something else." in plain(form, RUNS["deny"])


def test_a_list_in_the_text_hangs_so_that_each_component_is_seen() -> None:
    run = Run((record(reason("deny", components=(component(name="a long name " * 20), component(1)))),))
    lines = rendered("text", run).decode().splitlines()
    first = next(number for number, line in enumerate(lines) if line.startswith(" " * 10 + "- a long name"))
    assert lines[first + 1].startswith(" " * 12 + "long") or lines[first + 1].startswith(" " * 12 + "name")
    assert sum(line.startswith(" " * 10 + "- ") for line in lines) == 2


@pytest.mark.parametrize("form", ["text", "html", "markdown"])
def test_a_clause_that_spares_several_vendors_counts_once_and_names_them(form: str) -> None:
    spares = [
        reason("note", vendor=VendorNamed(name, name), act=act) for name in ("A", "B") for act in ("use", "retain")
    ]
    others = [reason("note", code=f"test-law/other-{number}") for number in range(3)]
    said = plain(form, Run((record(*spares, *others),)))
    assert "4 clauses do not bar it, or only inform" in said
    if form != "text":
        assert said.count("A, B: Nobody may use it") == 1


def test_tap_tells_reasons_apart_that_differ_in_the_act_alone() -> None:
    said = rendered("tap", Run((record(reason("deny"), reason("deny", act="integrate")),))).decode()
    assert "not ok 1 - test-law/deny [use] deny:" in said
    assert "not ok 2 - test-law/deny [integrate] deny:" in said


def test_a_review_that_the_laws_text_leaves_open_says_so_in_cyclonedx() -> None:
    said = rendered("cyclonedx", Run((record(reason("review", missing=())),))).decode()
    assert "Not known: what the law means" in said


@pytest.mark.parametrize("form", ["text", "html"])
def test_a_waiver_is_told_with_whose_it_is_and_what_stands_against_it(form: str) -> None:
    assert "Waiver W-1 by The head of the agency waives nothing: it has ended." in plain(form, RUNS["waiver refused"])


@pytest.mark.parametrize("form", ["text", "markdown", "html"])
def test_the_head_names_the_profile(form: str) -> None:
    for buyer, said in [
        (
            BuyerNamed("Example Ltd", "us-company", ("us-person",)),
            "For Example Ltd (profile us-company: us-person), as",
        ),
        (BuyerNamed(None, "us-company", ("us-person",)), "For profile us-company (us-person), as"),
        (BuyerNamed(None, "nobody", None), "For profile nobody, as"),
        (BuyerNamed(None, None, ("us-person",)), "For us-person, as"),
        (BuyerNamed("Example Ltd", None, None), "For Example Ltd (no stated capacity), as"),
        (BuyerNamed(None, None, None), "For a buyer in no stated capacity, as"),
    ]:
        assert said in plain(form, Run((record(buyer=buyer),)))


@pytest.mark.parametrize("form", ["text", "markdown", "html"])
def test_what_nobody_said_is_said_first_and_asked_for_once(form: str) -> None:
    ways = ["State buyer.roles, --role or --profile; state acts.", "State acts; state agreement."]
    reviews = [
        reason("review", code=f"law/{n}", missing=("role", "act"), remedy=way, components=(component(n),))
        for n, way in enumerate(ways)
    ]
    said = plain(form, Run((record(*reviews, buyer=BuyerNamed(None, None, None)),)))
    first = "Nobody said who is asking. Say it: --profile us-software-vendor (`gate law --profiles` lists them)."
    assert said.index(first) < said.index("law/0")
    for way in ("State buyer.roles, --role or --profile.", "State acts.", "State agreement."):
        assert said.count(way) == 1
    assert "Nobody said" not in plain(form, Run((record(*reviews),)))
    asked = record(*reviews, buyer=BuyerNamed("A", None, None), subject=SubjectNamed("request", "PR", "sha256:ab"))
    assert "State buyer.roles in the request, or --profile" in plain(form, Run((asked,)))


@pytest.mark.parametrize("form", ["text", "markdown", "html"])
def test_an_allow_names_the_vendors_it_found(form: str) -> None:
    assert "Found, and not barred here: Acme | Ltd." in plain(form, RUNS["note"])
    assert "Found, and" not in plain(form, RUNS["allow without a reason"])
    assert "Found, and" not in plain(form, RUNS["deny"])


@pytest.mark.parametrize("form", ["text", "markdown", "html"])
def test_of_several_inputs_the_end_says_what_they_came_to(form: str) -> None:
    assert "3 judged: 2 deny, 1 allow; exit status 1." in plain(form, RUNS["several inputs"])
    assert "1 judged: 1 deny, 1 without a verdict; exit status 2." in plain(form, RUNS["deny and no verdict"])
    assert "judged: " not in plain(form, RUNS["deny"])
    kept = rendered("text", RUNS["several inputs"]).decode().rstrip().splitlines()[-1]
    assert kept == "3 judged: 2 deny, 1 allow; exit status 1."


def judged_sbom(folder: Path, *arguments: str, form: str = "text") -> str:
    """What the command prints about an SBOM with one of Kaspersky's libraries, on one line."""
    (folder / "bom.json").write_text(json.dumps(sbom(BANNED)))
    inside("check", *arguments, "--format", f"{form}={folder / 'out'}", str(folder / "bom.json"))
    return " ".join((folder / "out").read_text("utf-8").split())


@pytest.mark.parametrize("form", ["text", "markdown", "html"])
def test_a_review_is_one_sentence_and_its_note_stands_below(form: str, tmp_path: Path) -> None:
    said = judged_sbom(tmp_path, "--profile", "us-software-vendor", form=form)
    assert "To be settled (the law" in said
    first = said.partition("s text leaves it open): ")[2].partition("89 FR")[0]
    assert ". " not in first
    assert said.count("without the word cybersecurity") == 1


def test_a_review_that_lacks_facts_names_them_in_its_sentence(tmp_path: Path) -> None:
    said = judged_sbom(tmp_path)
    asks = "To be settled (in which capacity the buyer acts; what is to be done with it): No part of the federal"
    assert asks in said


def test_a_waiver_that_ends_with_a_legal_day_is_told_with_that_day(tmp_path: Path) -> None:
    """In the clause's own zone: its last instant is another day in UTC."""
    (tmp_path / "waivers").mkdir()
    (tmp_path / "waivers" / "w.toml").write_text(WAIVER)
    lines = [{"product": "Template Suite", "manufacturer": {"name": "Template Vendor Ltd"}}]
    body = {"id": "1", "buyer": {"name": "A"}, "ordered": "2021-02-05", "acts": ["acquire"], "lines": lines}
    (tmp_path / "request.json").write_text(json.dumps(body))
    for form in ("text", "html", "markdown"):
        out = tmp_path / "out"
        asked = ("--policy", str(ROOT / "policy" / "template"), "--waivers", str(tmp_path / "waivers"), "--allow-past")
        assert inside("check", *asked, "--format", f"{form}={out}", str(tmp_path / "request.json")) == 0
        said = " ".join(out.read_text("utf-8").split())
        assert "(waived by W-1 until 1 March 2021): Nobody may buy" in said
        assert "28 February" not in said
        assert ("Waiver W-1 by The head of procurement." in said) == (form == "text")


WAIVER = """
id = "W-1"
prohibitions = ["xx-example-ban"]
vendors = ["template-vendor"]
granted_by = "minister"
authority = "Decision No. 1, art. 4"
approver = "The head of procurement"
reason = "The replacement is late."
starts = 2021-01-01
ends = 2021-03-01
"""


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


def sbom(*components: Json, **more: Any) -> Json:
    return {"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "components": list(components), **more}


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


# --- Where it stands --------------------------------------------------------------------------------------------------

BANNED = {"type": "library", "name": "hexa-ui", "version": "6.1.0", "purl": "pkg:npm/%40kaspersky/hexa-ui@6.1.0"}
OTHER = {"type": "library", "name": "𝄞 é 中", "version": "1", "purl": "pkg:npm/left-pad@1.3.0"}
OURS = {"type": "library", "name": "icons", "version": "2", "purl": "pkg:npm/%40kaspersky/icons@2"}
XML = (
    '<?xml version="1.0" encoding="utf-8"?>{0}<bom xmlns="http://cyclonedx.org/schema/bom/1.6" version="1">'
    "<components>{0}"
    '<component type="library"><name>𝄞 é 中</name><version>1</version></component>{0}'
    '<component type="library"><name>hexa-ui</name><version>6.1.0</version>{0}'
    "<purl>pkg:npm/%40kaspersky/hexa-ui@6.1.0</purl></component></components></bom>"
)

MANY = [{**OTHER, "bom-ref": str(number)} for number in range(5)]

DOCUMENTS = {
    "after many": json.dumps(sbom(*MANY, BANNED), ensure_ascii=False),
    "after many, pretty": json.dumps(sbom(*MANY, BANNED), indent="\t", ensure_ascii=False),
    "unevenly written": json.dumps(sbom(*MANY, BANNED), ensure_ascii=False)
    .replace('}, {"type": "library", "name": "hexa', '}\n ,{"type": "library", "name": "hexa')
    .replace('}, {"', '} ,\r\n{"', 2),
    "pretty": json.dumps(sbom(OTHER, BANNED), indent=2, ensure_ascii=False),
    "on one line": json.dumps(sbom(OTHER, BANNED), ensure_ascii=False),
    "escaped": json.dumps(sbom(OTHER, BANNED)),
    "nested": json.dumps(sbom({**OTHER, "components": [BANNED]}), indent=1, ensure_ascii=False),
    "xml": XML.format("\n"),
    "xml on one line": XML.format(""),
    "xml with carriage returns": XML.format("\r\n"),
}


def log_of(text: str | bytes, folder: Path, name: str = "bom.json") -> Json:
    """The SARIF log of a document, in a run of its own."""
    path = folder / name
    path.parent.mkdir(exist_ok=True, parents=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    out = folder / "out.sarif"
    inside("check", "--profile", "us-federal-agency", "--format", f"sarif={out}", str(path))
    return parsers.sarif(out.read_bytes())


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_result_points_at_the_first_letter_of_its_component(name: str, tmp_path: Path) -> None:
    text = DOCUMENTS[name]
    [run] = log_of(text, tmp_path)["runs"]
    places = {tuple(r["locations"][0]["physicalLocation"]["region"].values()) for r in run["results"]}
    [(line, column)] = places
    pointed = text.split("\n")[line - 1].encode("utf-16-le")[2 * (column - 1) :].decode("utf-16-le")
    rest = "\n".join([pointed, *text.split("\n")[line:]])
    assert rest.startswith(('{"', "{\n", '<component type="library"><name>hexa-ui'))
    assert rest.index("hexa-ui") < 80


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "iso-8859-1", "utf-8-sig"])
def test_a_column_is_counted_in_letters_whatever_the_encoding(encoding: str, tmp_path: Path) -> None:
    text = XML.format("").replace("𝄞 é 中", "é").replace("utf-8", encoding.removesuffix("-sig").removesuffix("-le"))
    mark = b"\xff\xfe" if encoding == "utf-16-le" else b""
    [run] = log_of(mark + text.encode(encoding), tmp_path, "bom.xml")["runs"]
    column = text.index('<component type="library"><name>hexa') + 1
    regions = [result["locations"][0]["physicalLocation"]["region"] for result in run["results"]]
    assert {(region["startLine"], region["startColumn"]) for region in regions} == {(1, column)}


def test_a_result_in_an_attached_sbom_points_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "orders").mkdir()
    (tmp_path / "orders" / "part.json").write_text(DOCUMENTS["pretty"])
    lines = [{"product": "Suite", "manufacturer": {"name": "Example"}, "sbom": {"path": "part.json"}}]
    body = {"id": "1", "buyer": {"roles": ["us-federal-agency"]}, "ordered": "2031-01-01", "lines": lines}
    (tmp_path / "orders" / "request.json").write_text(json.dumps(body))
    assert inside(
        "check", "--format", "sarif=out.sarif", "--format", "vsa=out.vsa", str(tmp_path / "orders/request.json")
    )
    [run] = parsers.sarif(Path("out.sarif").read_bytes())["runs"]
    uris = {r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for r in run["results"]}
    assert uris == {"orders/part.json"}
    [detail] = parsers.vsa(Path("out.vsa").read_bytes())["predicate"]["urn:x-procurement-gate:decisions:1"]
    assert list(detail["attached"]) == ["orders/part.json"]


def test_a_path_below_the_current_folder_is_relative_however_it_was_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("bom.json", "./bom.json", str(tmp_path / "bom.json"), str(tmp_path / "x" / ".." / "bom.json")):
        (tmp_path / "x").mkdir(exist_ok=True)
        (tmp_path / "bom.json").write_text(DOCUMENTS["pretty"])
        inside(
            "check", "--role", "us-federal-agency", "--format", "gitlab=out.json", "--format", "sarif=out.sarif", name
        )
        assert {one["location"]["path"] for one in parsers.gitlab(Path("out.json").read_bytes())} == {"bom.json"}
        [run] = parsers.sarif(Path("out.sarif").read_bytes())["runs"]
        for result in run["results"]:
            location = result["locations"][0]["physicalLocation"]["artifactLocation"]
            assert location == {"uri": "bom.json", "uriBaseId": "%SRCROOT%"}


def marks(log: Json) -> list[tuple[str, str]]:
    """The rules and fingerprints of a log."""
    return sorted(
        (result["ruleId"], result["partialFingerprints"]["primaryLocationLineHash"])
        for result in log["runs"][0]["results"]
    )


def test_fingerprints_survive_a_new_version_and_another_order(tmp_path: Path) -> None:
    old = log_of(json.dumps(sbom(BANNED, OTHER, OURS)), tmp_path)
    newer = {**BANNED, "version": "7.0.0", "purl": "pkg:npm/%40kaspersky/hexa-ui@7.0.0", "bom-ref": "another"}
    new = log_of(json.dumps(sbom(OURS, OTHER, {**OTHER, "name": "more"}, newer), indent=1), tmp_path)
    assert marks(old) == marks(new)
    assert len(set(marks(old))) == len(marks(old))


def test_a_component_that_is_there_twice_has_two_fingerprints(tmp_path: Path) -> None:
    twice = log_of(json.dumps(sbom(BANNED, {**BANNED, "version": "6.2.0", "bom-ref": "b"})), tmp_path)
    assert len(set(marks(twice))) == len(marks(twice))


# --- SARIF's limits ---------------------------------------------------------------------------------------------------


def test_more_results_than_github_shows_are_cut_and_counted() -> None:
    parts = tuple(component(number) for number in range(4000))
    run = Run((record(reason("note", components=parts), reason("deny", components=parts)),))
    [log] = parsers.sarif(rendered("sarif", run))["runs"]
    assert [r["properties"]["effect"] for r in log["results"]] == ["deny"] * 4000 + ["note"] * 1000
    [notice] = log["invocations"][0]["toolExecutionNotifications"]
    assert notice["message"]["text"].startswith("3000 of 8000 results were cut")


def test_a_log_is_below_ten_megabytes_packed_whatever_the_names_are() -> None:
    dice = random.Random(1)  # noqa: S311 - no secret depends on it
    letters = "".join(map(chr, dice.choices(range(0x4E00, 0x9FFF), k=500_000)))
    names = [letters[start : start + 900] for start in (dice.randrange(499_000) for _ in range(5000))]
    parts = tuple(component(n, name=name, purl=f"pkg:npm/{name}") for n, name in enumerate(names))
    data = rendered("sarif", Run((record(reason("deny", message=names[0], components=parts)),)))
    assert len(gzip.compress(data)) < 10_000_000
    log = json.loads(data)["runs"][0]
    assert f"{5000 - len(log['results'])} of 5000 results were cut" in rendered_notice(log)


def rendered_notice(log: Json) -> str:
    return str(log["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"])


def test_a_rule_says_where_the_law_is_to_be_read() -> None:
    [log] = parsers.sarif(rendered("sarif", RUNS["deny"]))["runs"]
    [rule] = log["tool"]["driver"]["rules"]
    assert rule["id"] == "test-law/deny"
    assert rule["helpUri"] == LAW
    assert LAW in rule["help"]["text"]
    assert f"[Law 1]({LAW})" in rule["help"]["markdown"]
    assert "Use something else." in rule["help"]["text"]
    assert rule["properties"]["security-severity"] == "8.0"


# --- What others show -------------------------------------------------------------------------------------------------


def test_github_shows_ten_of_a_kind_gravest_first_and_counts_the_rest() -> None:
    parts = tuple(component(number) for number in range(30))
    found = rendered("github", Run((record(reason("warn", components=parts), reason("deny", components=parts)),)))
    kinds = [kind for kind, _, _ in parsers.github(found)]
    assert kinds == ["error"] * 10 + ["notice"] * 10
    assert b"procurement-gate: 40 more are in the other reports" in found


def test_github_and_azure_point_at_file_line_and_column() -> None:
    [(_, place, said), *_] = parsers.github(rendered("github", RUNS["deny"]))
    assert (place["file"], place["line"], place["col"], place["title"]) == ("bom.json", "3", "5", "test-law/deny")
    assert LAW in said
    [(_, stated, said), *_] = parsers.azure(rendered("azure", RUNS["deny"]))
    assert (stated["sourcepath"], stated["linenumber"], stated["columnnumber"]) == ("bom.json", "3", "5")
    assert LAW in said


def test_escaping_loses_nothing_that_was_printable() -> None:
    name = "50% off; a,b:c=d ] [x] 'q' \"r\" é"
    run = Run((record(reason("deny", components=(component(name=name, version=None),))),))
    for form in ("github", "azure"):
        [(_, _, said), *_] = PARSERS[form](rendered(form, run))
        assert said.startswith(f"{name}: ")


def test_a_files_odd_name_is_named_in_full() -> None:
    name = "a];b,c:d%25 [e].json"
    run = Run((record(reason("deny"), file=name),))
    [(_, place, _), *_] = parsers.github(rendered("github", run))
    assert place["file"] == name
    [(_, stated, _), *_] = parsers.azure(rendered("azure", run))
    assert stated["sourcepath"] == name


def test_a_comment_is_cut_where_a_forge_would_refuse_it() -> None:
    many = [reason("deny", code=f"law-{n}/clause", message=f"{n} " + "word " * 200) for n in range(200)]
    data = rendered("markdown", Run((record(*many),)))
    parsers.markdown(data)
    assert len(data) < 65_536
    assert data.endswith(b"Cut here: a comment holds no more. The JSON report has all of it.\n")


def test_the_page_shows_what_was_said_and_draws_every_period() -> None:
    page = parsers.html(rendered("html", tricked(TRICKS["markup"])))
    assert any("<img src=x onerror=alert(1)>" in words for words in page.words)
    drawn = parsers.html(rendered("html", RUNS["deny"]))
    assert drawn.words.count("deny") >= 2  # the headline's and the bar's
    assert "2027-08-13" in drawn.words
    assert "judged here" in drawn.words


@pytest.mark.parametrize("form", ["text", "html", "markdown"])
def test_components_are_named_once_where_several_reasons_are_about_the_same(form: str) -> None:
    both = (component(0), component(1))
    grave = reason("deny", components=both)
    words = plain(form, Run((record(grave, reason("review", components=both), reason("warn", components=both[:1])),)))
    assert words.lower().count("the same 2 components") == 1
    assert (words.count("part-0 1.0"), words.count("part-1 1.0")) == (2, 1)


def test_the_printed_page_shows_what_is_folded_away_on_the_screen(tmp_path: Path) -> None:
    browser = shutil.which("chromium")
    if browser is None:
        pytest.skip("chromium is not installed")
    page = rendered("html", RUNS["note"]).decode()
    assert "<details>" in page
    page = page.replace("default-src 'none'", "default-src 'none'; script-src 'unsafe-inline'")
    ask = "document.title = document.querySelector('details > ul').checkVisibility({contentVisibilityAuto: true})"
    flags = ["--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom"]
    for medium, seen in (("@media print", "false"), ("@media all", "true")):
        (tmp_path / "page.html").write_text(
            page.replace("@media print", medium).replace("</body>", f"<script>{ask}</script></body>"), "utf-8"
        )
        found = subprocess.run(
            [browser, *flags, f"file://{tmp_path / 'page.html'}"],
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
        assert f"<title>{seen}</title>" in found.stdout


def test_a_suite_is_an_instrument_and_a_case_a_component_and_clause() -> None:
    suites = {suite.name: suite for suite in parsers.junit(rendered("junit", RUNS["every effect"]))}
    assert set(suites) == {"inputs", "test-law"}
    assert {case.classname for case in suites["test-law"]} == {
        f"test-law/{e}" for e in ("deny", "review", "warn", "note")
    }
    assert (suites["test-law"].failures, suites["test-law"].skipped) == (2, 1)


def test_several_acts_are_one_case_one_result_and_one_finding_that_names_them() -> None:
    run = RUNS["several acts"]
    [suite] = [suite for suite in parsers.junit(rendered("junit", run)) if suite.name == "test-law"]
    [case] = suite
    assert (case.name, case.classname) == ("part-0 1.0", "test-law/clause")
    [[failure]] = [case.result]
    [result] = parsers.sarif(rendered("sarif", run))["runs"][0]["results"]
    assert result["level"] == "error"
    assert result["properties"]["acts"] == ["acquire", "use"]
    [finding] = parsers.gitlab(rendered("gitlab", run))
    [(kind, _, annotated)] = parsers.github(rendered("github", run))
    [(_, stated, issue), _] = parsers.azure(rendered("azure", run))
    assert (finding["severity"], kind, stated["type"]) == ("blocker", "error", "error")
    for said in (failure.message, result["message"]["text"], finding["description"], annotated, issue):
        assert "deny [use, acquire]. Nobody may use it, since 20 July 2024 (Law 1): review [renew]" in said
        assert "resell" not in said


def test_the_fingerprint_of_several_acts_does_not_turn_on_what_is_said_of_them() -> None:
    """A clause that comes into force for one act first puts its reasons in another order."""
    found = []
    for effects in [("deny", "deny"), ("deny", "warn"), ("warn", "deny"), ("note", "note")]:
        parts = [
            reason(effect, code="law/clause", act=act, components=(component(fingerprint=act),))
            for effect, act in zip(effects, ("use", "acquire"), strict=True)
        ]
        parts.sort(key=lambda part: ("deny", "review", "warn", "note").index(part.effect))
        run = Run((record(*parts),))
        [result] = parsers.sarif(rendered("sarif", run))["runs"][0]["results"]
        found.append((result["partialFingerprints"]["procurementGate/v1"],))
        found.append((parsers.gitlab(rendered("gitlab", run))[0]["fingerprint"],))
    assert len(set(found)) == 2


def test_every_link_to_a_law_is_an_annotation_once() -> None:
    links = parsers.gitlab_annotations(rendered("gitlab-annotations", RUNS["several inputs"]))
    assert [link["external_link"]["url"] for link in links] == [LAW] * 3
    assert [link["external_link"]["label"] for link in links] == ["deny: Law 1", "review: Law 1", "warn: Law 1"]


def test_variables_can_be_read_by_a_shell(tmp_path: Path) -> None:
    import subprocess

    (tmp_path / "gate.env").write_bytes(rendered("dotenv", RUNS["deny and no verdict"]))
    command = '. ./gate.env; echo "$GATE_DECISION $GATE_CODES $GATE_NO_VERDICT"'
    done = subprocess.run(["/bin/sh", "-c", command], cwd=tmp_path, capture_output=True, check=True)
    assert done.stdout == b"no-verdict test-law/deny 1\n"


@pytest.mark.parametrize(
    ("run", "review"),
    [
        (RUNS["allow without a reason"], "false"),
        (RUNS["deny"], "false"),
        (RUNS["every effect"], "false"),
        (RUNS["review"], "true"),
        (RUNS["review that is allowed meanwhile"], "true"),
        (Run((record(), *RUNS["review"].records)), "true"),
        (Run((*RUNS["deny"].records, *RUNS["review"].records)), "false"),
        (Run(RUNS["review"].records, (FAILURE,)), "false"),
    ],
)
def test_the_variable_of_a_review_is_true_only_if_nothing_else_stands_in_the_way(run: Run, review: str) -> None:
    assert parsers.dotenv(rendered("dotenv", run))["GATE_REVIEW"] == review


def test_a_table_has_a_row_for_each_reason_and_component() -> None:
    rows = parsers.table(rendered("csv", RUNS["attached SBOM"]))
    assert [(row["file"], row["pointer"], row["line"]) for row in rows] == [
        ("orders/request.json", "/lines/0", "2"),
        ("orders/kes.cdx.json", "/lines/0/sbom#/components/0", "12"),
    ]
    [row] = parsers.table(rendered("csv", RUNS["allow without a reason"]))
    assert (row["decision"], row["code"]) == ("allow", "")


def test_azure_hands_the_decision_to_later_steps() -> None:
    *_, (command, stated, value) = parsers.azure(rendered("azure", RUNS["review"]))
    assert (command, stated, value) == (
        "task.setvariable",
        {"variable": "GATE_DECISION", "isoutput": "true"},
        "review",
    )


def test_the_jobs_summary_is_written_beside_githubs_commands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    (tmp_path / "bom.json").write_text(DOCUMENTS["pretty"])
    assert inside("check", "--role", "us-federal-agency", "--format", "github", str(tmp_path / "bom.json")) == 3
    assert parsers.github(capfdbinary.readouterr().out)
    assert (tmp_path / "summary.md").read_bytes().startswith(b"<!-- procurement-gate -->\n## ")


# --- CycloneDX --------------------------------------------------------------------------------------------------------


def declared(name: str) -> Json:
    found: Json = parsers.cyclonedx(rendered("cyclonedx", RUNS[name]))["declarations"]
    return found


def test_what_a_clause_bars_is_a_counter_claim_and_what_it_lets_pass_a_claim() -> None:
    body = declared("every effect")
    [attestation] = body["attestations"]
    by_requirement = {mapped["requirement"]: mapped for mapped in attestation["map"]}
    for effect, side, score in [
        ("deny", "counterClaims", 0),
        ("review", "counterClaims", 0),
        ("warn", "claims", 1),
        ("note", "claims", 1),
    ]:
        mapped = by_requirement[f"requirement:test-law/{effect}"]
        assert len(mapped[side]) == 1
        assert not {"claims", "counterClaims"} - {side} & set(mapped)
        assert mapped["conformance"]["score"] == score
        assert mapped["conformance"]["rationale"]
        assert ("confidence" in mapped) == (effect == "review")


def test_every_instrument_is_a_standard_and_every_clause_a_requirement_with_its_link() -> None:
    body = parsers.cyclonedx(rendered("cyclonedx", RUNS["every effect"]))
    [standard] = body["definitions"]["standards"]
    assert standard["name"] == "test-law"
    assert [one["identifier"] for one in standard["requirements"]] == sorted(
        f"test-law/{effect}" for effect in ("deny", "note", "review", "warn")
    )
    for requirement in standard["requirements"]:
        assert requirement["text"] == "Nobody may use it"
        assert [link["url"] for link in requirement["externalReferences"]] == [LAW]


def test_what_the_document_said_is_evidence_and_a_waiver_is_one_that_expires() -> None:
    pieces = declared("waived")["evidence"]
    assert [piece.get("expires") for piece in pieces] == [None, "2027-08-13T04:00:00Z"]
    assert pieces[0]["propertyName"] == "procurement-gate:purl"
    assert pieces[0]["data"][0]["contents"]["attachment"]["content"] == "pkg:npm/%40acme/part-0@1.0"
    assert pieces[1]["author"]["name"] == "The head of the agency"
    assert f"{LAST_DAY:%Y}" in pieces[1]["expires"]
    [claim] = declared("waiver refused")["claims"]
    assert len(claim["counterEvidence"]) == 1


def test_the_documents_judged_are_targets_with_their_digests() -> None:
    body = parsers.cyclonedx(rendered("cyclonedx", RUNS["several inputs"]))
    targets = body["declarations"]["targets"]["components"]
    assert [one["name"] for one in targets] == ["bom.json", "bom.json", "PR-1"] + ["part-0"] * 3
    assert targets[2]["hashes"] == [{"alg": "SHA-256", "content": "12" * 32}]


def test_beyond_a_thousand_components_it_says_how_many_it_left_out() -> None:
    parts = tuple(component(number) for number in range(1200))
    body = parsers.cyclonedx(rendered("cyclonedx", Run((record(reason("deny", components=parts)),))))
    stated = {one["name"]: one["value"] for one in body["metadata"]["properties"]}
    assert stated["procurement-gate:cut"].startswith("200 components")
    assert len(body["declarations"]["claims"]) == 1000


def test_a_declaration_can_be_read_by_the_library() -> None:
    from cyclonedx.model.bom import Bom

    read = Bom.from_json(json.loads(rendered("cyclonedx", RUNS["every effect"])))  # type: ignore[attr-defined] # added by its decorator
    assert read.serial_number.hex == RUNS["every effect"].records[0].id.replace("-", "")


@pytest.mark.parametrize("name", ["deny", "every effect", "several inputs", "allow without a reason", "attached SBOM"])
def test_a_verdict_that_is_judged_in_place_of_the_document_is_no_verdict(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "bom.json").write_bytes(rendered("cyclonedx", RUNS[name]))
    assert inside("check", str(tmp_path / "bom.json")) == 2
    assert inside("check", "--validate", "--exit-zero", str(tmp_path / "bom.json")) == 2
    assert "There is nothing to judge" in capsys.readouterr().err
    lines = [{"product": "Suite", "manufacturer": {"name": "Example"}, "sbom": {"path": "bom.json"}}]
    body = {"id": "1", "buyer": {"roles": ["us-person"]}, "ordered": "2031-01-01", "lines": lines}
    (tmp_path / "request.json").write_text(json.dumps(body))
    assert inside("check", str(tmp_path / "request.json")) == 3


# --- Statements -------------------------------------------------------------------------------------------------------


def test_a_statement_names_every_document_by_its_digest() -> None:
    for form in ("vsa", "test-result"):
        body = PARSERS[form](rendered(form, RUNS["several inputs"]))
        assert [one["digest"]["sha256"] for one in body["subject"]] == ["ab" * 32, "ab" * 32, "12" * 32]


def test_one_input_without_a_verdict_fails_the_statement_about_the_others() -> None:
    run = Run(RUNS["allow without a reason"].records, (FAILURE,))
    assert parsers.vsa(rendered("vsa", run))["predicate"]["verificationResult"] == "FAILED"
    assert parsers.test_result(rendered("test-result", run))["predicate"]["result"] == "FAILED"


def test_a_past_that_was_chosen_gives_another_level() -> None:
    assert parsers.vsa(rendered("vsa", RUNS["past chosen"]))["predicate"]["verifiedLevels"] == [
        "PROCUREMENT_GATE_ALLOW_AS_OF_A_CHOSEN_PAST"
    ]


def test_of_several_effects_of_a_clause_the_gravest_is_the_tests_result() -> None:
    both = (
        reason("note", code="a/b"),
        reason("deny", code="a/b"),
        reason("warn", code="a/c"),
        reason("note", code="a/c"),
    )
    predicate = parsers.test_result(rendered("test-result", Run((record(*both),))))["predicate"]
    assert (predicate["failedTests"], predicate["warnedTests"], predicate["passedTests"]) == (["a/b"], ["a/c"], [])


def test_records_can_be_told_apart_from_those_of_other_schemas() -> None:
    assert all(one["schema"] == 1 for one in parsers.as_json(rendered("json", RUNS["several inputs"])))
    assert msgspec.json.decode(rendered("json", RUNS["deny"]))["decision"] == "deny"
