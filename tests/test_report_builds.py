"""What build servers, forges and spreadsheets are shown: annotations, comments, suites, variables, tables."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from gate.record import Run
from tests import parsers
from tests.boms import BANNED, sbom
from tests.command import inside
from tests.parsers import PARSERS
from tests.records import FAILURE, LAW, RUNS, TRICKS, component, reason, record, tricked
from tests.rendered import plain, rendered


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
    (tmp_path / "bom.json").write_text(json.dumps(sbom(BANNED)))
    assert inside("check", "--role", "us-federal-agency", "--format", "github", str(tmp_path / "bom.json")) == 3
    assert parsers.github(capfdbinary.readouterr().out)
    assert (tmp_path / "summary.md").read_bytes().startswith(b"<!-- procurement-gate -->\n## ")
