"""Baselines: what a change brings in, what was there before, and what is gone."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from tests import parsers
from tests.boms import BANNED, CLEAN, OURS, UNSETTLED
from tests.command import AGENCY, UNDER_TEMPLATE, inside

Json = dict[str, Any]


class Folder:
    """A folder of SBOMs, in which `gate check` is run."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def sbom(self, name: str, *components: Json) -> str:
        """An SBOM of these components."""
        body = {"bomFormat": "CycloneDX", "specVersion": "1.6", "components": list(components)}
        (self.path / name).write_text(json.dumps(body))
        return str(self.path / name)

    def decision(self, name: str, *components: Json) -> str:
        """What the gate said of such an SBOM, kept as JSON."""
        path = str(self.path / f"{name}.decision")
        inside("check", *AGENCY, "--format", f"json={path}", self.sbom(name, *components))
        return path

    def compared(self, *arguments: str) -> list[Json]:
        """The decisions of a run."""
        out = self.path / "out.json"
        inside("check", *AGENCY, "--format", f"json={out}", *arguments)
        return parsers.as_json(out.read_bytes())


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def since(bodies: Iterable[Json], effect: str = "deny") -> dict[str, set[str]]:
    """Name of a component -> how it compares with the baseline."""
    found: dict[str, set[str]] = {}
    for body in bodies:
        for reason in body["reasons"]:
            for component in reason["components"] if reason["effect"] == effect else ():
                found.setdefault(component["name"], set()).add(component["since_baseline"])
    return found


@pytest.mark.parametrize("kind", ["sbom", "decision"])
def test_a_reason_is_new_or_unchanged_and_what_is_gone_is_told(kind: str, folder: Folder) -> None:
    old = (folder.sbom if kind == "sbom" else folder.decision)("old.json", BANNED, CLEAN)
    new = folder.sbom("new.json", OURS, CLEAN)
    bodies = folder.compared("--baseline", old, new)
    assert since(bodies) == {"icons": {"new"}}
    assert {known["name"] for known in bodies[0]["gone_since_baseline"]} == {"hexa-ui"}
    both = folder.sbom("both.json", CLEAN, OURS, BANNED)
    assert since(folder.compared("--baseline", old, both)) == {"icons": {"new"}, "hexa-ui": {"unchanged"}}


def test_without_a_baseline_nothing_is_said_of_one(folder: Folder) -> None:
    [body] = folder.compared(folder.sbom("new.json", BANNED))
    assert "gone_since_baseline" not in body
    assert all("since_baseline" not in c for reason in body["reasons"] for c in reason["components"])


def test_a_new_version_of_a_known_component_is_not_new(folder: Folder) -> None:
    newer = {**BANNED, "version": "9.0.0", "purl": "pkg:npm/%40kaspersky/hexa-ui@9.0.0", "bom-ref": "x"}
    old, new = folder.sbom("old.json", BANNED), folder.sbom("new.json", CLEAN, newer)
    assert since(folder.compared("--baseline", old, new)) == {"hexa-ui": {"unchanged"}}
    assert inside("check", *AGENCY, "--baseline", old, "--fail-on", "new", new) == 0


def test_only_what_a_change_brings_in_fails_when_asked_so(folder: Folder) -> None:
    old = folder.sbom("old.json", BANNED)
    asked = ("check", *AGENCY, "--baseline", old, "--fail-on", "new")
    assert inside(*asked, folder.sbom("same.json", BANNED)) == 0
    assert inside(*asked, folder.sbom("more.json", BANNED, OURS)) == 1
    assert inside(*asked, folder.sbom("less.json", CLEAN)) == 0
    assert inside("check", *AGENCY, "--baseline", old, folder.sbom("same.json", BANNED)) == 1


def test_a_new_review_is_a_review_and_an_old_one_is_none(folder: Folder) -> None:
    asked = ("check", *AGENCY, *UNDER_TEMPLATE, "--fail-on", "new", "--baseline")
    clean, unsettled = folder.sbom("old.json", CLEAN), folder.sbom("new.json", CLEAN, UNSETTLED)
    assert inside(*asked, clean, unsettled) == 3
    assert inside(*asked, unsettled, unsettled) == 0
    assert inside(*asked, clean, "--on-review", "allow", unsettled) == 0


def test_what_was_milder_before_is_new(folder: Folder) -> None:
    old = Path(folder.decision("old.json", BANNED))
    body = json.loads(old.read_bytes())
    for reason in body["reasons"]:
        reason["effect"] = "warn"
    old.write_text(json.dumps(body))
    new = folder.sbom("new.json", BANNED)
    assert since(folder.compared("--baseline", str(old), new)) == {"hexa-ui": {"new"}}
    assert inside("check", *AGENCY, "--baseline", str(old), "--fail-on", "new", new) == 1


def test_of_several_judgements_of_one_document_the_gravest_word_counts_in_any_order(folder: Folder) -> None:
    grave, mild = Path(folder.decision("grave.json", BANNED)), folder.path / "mild.decision"
    body = json.loads(grave.read_bytes())
    for reason in body["reasons"]:
        reason["effect"] = "note"
    mild.write_text(json.dumps(body))
    new = folder.sbom("new.json", BANNED)
    for first, second in ((grave, mild), (mild, grave)):
        assert since(folder.compared("--baseline", str(first), "--baseline", str(second), new)) == {
            "hexa-ui": {"unchanged"}
        }


@pytest.mark.parametrize("kind", ["sboms", "one run"])
@pytest.mark.parametrize(("one", "other"), [("a.json", "b.json"), ("a/bom.json", "b/bom.json")])
def test_what_is_new_in_one_document_is_not_hidden_by_another_that_had_it(
    kind: str, one: str, other: str, folder: Folder
) -> None:
    for path in (path for when in ("old", "new") for path in (f"{when}/{one}", f"{when}/{other}")):
        (folder.path / path).parent.mkdir(parents=True, exist_ok=True)
    old = [folder.sbom(f"old/{one}", BANNED, CLEAN), folder.sbom(f"old/{other}", CLEAN)]
    new = [folder.sbom(f"new/{one}", BANNED), folder.sbom(f"new/{other}", BANNED)]
    if kind == "one run":
        run = str(folder.path / "old.decision")
        inside("check", *AGENCY, "--format", f"json={run}", *old)
        old = [run]
    baseline = [word for name in old for word in ("--baseline", name)]
    first, second = folder.compared(*new, *baseline)
    assert (since([first]), since([second])) == ({"hexa-ui": {"unchanged"}}, {"hexa-ui": {"new"}})
    assert inside("check", *AGENCY, *baseline, "--fail-on", "new", *new) == 1


def test_what_is_called_like_no_earlier_document_or_like_two_that_differ_is_new(folder: Folder) -> None:
    for name in ("x", "y", "new", "new/z"):
        (folder.path / name).mkdir()
    baseline = ["--baseline", folder.sbom("x/a.json", BANNED), "--baseline", folder.sbom("y/a.json", CLEAN)]
    found = folder.compared(folder.sbom("new/b.json", BANNED), folder.sbom("new/z/a.json", BANNED), *baseline)
    assert [since([one]) for one in found] == [{"hexa-ui": {"new"}}] * 2


@pytest.mark.parametrize(
    ("before", "now"),
    [
        ({"old/a.json": [BANNED]}, {"a.json": [BANNED], "b.json": [BANNED]}),
        ({"old/a.json": [BANNED], "old/b.json": [CLEAN]}, {"b.json": [BANNED]}),
        ({"old/a/bom.json": [BANNED]}, {"a/bom.json": [BANNED], "b/bom.json": [BANNED]}),
        ({"old/a/bom.json": [BANNED], "old/b/bom.json": [CLEAN]}, {"b/bom.json": [BANNED]}),
    ],
)
def test_a_document_that_comes_or_goes_hides_nothing_that_is_new_in_another(
    before: dict[str, list[Json]], now: dict[str, list[Json]], folder: Folder
) -> None:
    for path in (*before, *now):
        (folder.path / path).parent.mkdir(parents=True, exist_ok=True)
    baseline = [word for name in before for word in ("--baseline", folder.sbom(name, *before[name]))]
    new = [folder.sbom(name, *now[name]) for name in now]
    found = {
        Path(body["subject"]["name"]).relative_to(folder.path).as_posix(): since([body])
        for body in folder.compared(*new, *baseline)
    }
    known = {name for name in now if name.startswith("a")}
    assert found == {name: {"hexa-ui": {"unchanged" if name in known else "new"}} for name in now}
    assert inside("check", *AGENCY, *baseline, "--fail-on", "new", *new) == 1


def test_what_two_documents_are_called_like_alike_is_the_baseline_of_neither(folder: Folder) -> None:
    for name in ("old", "x", "y"):
        (folder.path / name).mkdir()
    old = folder.sbom("old/bom.json", BANNED)
    found = folder.compared("--baseline", old, folder.sbom("x/bom.json", BANNED), folder.sbom("y/bom.json", BANNED))
    assert [since([one]) for one in found] == [{"hexa-ui": {"new"}}] * 2


def test_one_document_and_one_are_compared_whatever_they_are_called(folder: Folder) -> None:
    old, new = folder.sbom("main.json", BANNED), folder.sbom("branch.json", BANNED)
    assert since(folder.compared("--baseline", old, new)) == {"hexa-ui": {"unchanged"}}


def test_of_several_inputs_only_what_none_of_them_has_is_gone(folder: Folder) -> None:
    old = folder.sbom("old.json", BANNED, OURS)
    bodies = folder.compared("--baseline", old, folder.sbom("one.json", BANNED), folder.sbom("two.json", OURS))
    assert [body["gone_since_baseline"] for body in bodies] == [[], []]


def test_a_run_over_several_inputs_is_a_baseline_too(folder: Folder) -> None:
    old = folder.path / "old.decision"
    inside("check", *AGENCY, "--format", f"json={old}", folder.sbom("a.json", BANNED), folder.sbom("b.json", OURS))
    assert since(folder.compared("--baseline", str(old), folder.sbom("b.json", OURS, BANNED))) == {
        "hexa-ui": {"new"},
        "icons": {"unchanged"},
    }


MARKED: dict[str, tuple[str, str]] = {
    "text": ("icons 2 as component, new (", "hexa-ui 6.1.0 as component, unchanged ("),
    "markdown": ("<b>icons 2</b> (new)", "<b>hexa-ui 6.1.0</b> (unchanged)"),
    "html": ("<b>icons 2</b> (new)", "<b>hexa-ui 6.1.0</b> (unchanged)"),
    "github": ("::icons 2 (new): ", "::hexa-ui 6.1.0 (unchanged): "),
    "azure": ("]icons 2: ", "]hexa-ui 6.1.0: "),
    "tap": ("# icons 2 (new) at", "# hexa-ui 6.1.0 (unchanged) at"),
}
"""Format -> how it shows what is new, and what was there."""

GONE: dict[str, str] = {
    "text": "Gone: widgets (",
    "markdown": "Gone: widgets (",
    "html": "Gone: widgets (",
    "github": "procurement-gate: gone since the baseline: widgets (",
    "tap": "# gone since the baseline: widgets (",
}
"""Format -> how it shows what is gone."""

WIDGETS = {"type": "library", "name": "widgets", "version": "1", "purl": "pkg:npm/%40kaspersky/widgets@1"}


def report(form: str, folder: Folder) -> bytes:
    """A run in which one denied component is new, one was there, and one is gone."""
    old, out = folder.sbom("old.json", BANNED, WIDGETS), folder.path / "out"
    new = folder.sbom("new.json", BANNED, OURS)
    assert inside("check", *AGENCY, "--baseline", old, "--format", f"{form}={out}", new) == 1
    return out.read_bytes()


@pytest.mark.parametrize("form", MARKED)
def test_what_people_read_says_what_is_new_unchanged_and_gone(form: str, folder: Folder) -> None:
    said = report(form, folder).decode()
    for mark in MARKED[form]:
        assert mark in " ".join(said.split())
    assert GONE.get(form, "") in " ".join(said.split())
    if form == "azure":
        issues = [line for line in said.splitlines() if "type=error" in line]
        assert all(("(new)" in line) == ("]icons" in line) for line in issues)
        assert all(("(unchanged)" in line) == ("]hexa-ui" in line) for line in issues)


def test_sarif_says_what_is_new_unchanged_and_absent(folder: Folder) -> None:
    [run] = parsers.sarif(report("sarif", folder))["runs"]
    found = {(r["message"]["text"].split()[0], r["baselineState"]) for r in run["results"] if r["level"] == "error"}
    assert found == {("icons", "new"), ("hexa-ui", "unchanged")}
    absent = [r for r in run["results"] if r["baselineState"] == "absent"]
    assert absent
    assert all((r["level"], r["kind"]) == ("none", "pass") for r in absent)
    assert all(r["message"]["text"].startswith("Gone since the baseline: widgets (") for r in absent)


def test_gitlab_says_what_is_new_unchanged_and_gone(folder: Folder) -> None:
    findings = parsers.gitlab(report("gitlab", folder))
    grave = {
        (f["description"].split()[0], f["description"].rpartition(" ")[2])
        for f in findings
        if f["severity"] == "blocker"
    }
    assert grave == {("icons", "(new)"), ("hexa-ui", "(unchanged)")}
    [gone, *_] = [f for f in findings if f["description"].startswith("Gone since the baseline: widgets (")]
    assert gone["severity"] == "info"


def test_a_table_says_what_is_new_unchanged_and_gone(folder: Folder) -> None:
    rows = parsers.table(report("csv", folder))
    assert {(row["component"], row["since_baseline"]) for row in rows if row["effect"] == "deny"} == {
        ("icons", "new"),
        ("hexa-ui", "unchanged"),
        ("widgets", "gone"),
    }


def test_a_build_server_sees_what_is_gone_as_a_case_that_passes(folder: Folder) -> None:
    cases = [case for suite in parsers.junit(report("junit", folder)) for case in suite]
    failed = {case.name: case.result[0].message.rpartition(" ")[2] for case in cases if case.is_failure and case.result}
    assert failed.pop(str(folder.path / "new.json"))
    assert failed == {"icons 2": "(new)", "hexa-ui 6.1.0": "(unchanged)"}
    gone = [case for case in cases if case.name == "widgets"]
    assert gone
    assert all(case.is_passed and case.system_out.startswith("Gone since the baseline") for case in gone)


def test_a_reason_without_a_component_is_marked_too(folder: Folder) -> None:
    body = {
        "id": "PR-1",
        "buyer": {"roles": ["us-federal-agency"]},
        "ordered": "2031-01-01",
        "acts": ["contract-with-user"],
        "lines": [{"product": "Suite", "manufacturer": {"name": "Example"}}],
    }
    request, out = folder.path / "request.json", folder.path / "out"
    request.write_text(json.dumps(body))
    code = "gate/supplier-uses-unsaid"
    for old, mark in ((folder.sbom("old.json", CLEAN), "new"), (str(request), "unchanged")):
        inside("check", "--baseline", old, "--format", f"text={out}", str(request))
        said = " ".join(out.read_text("utf-8").split())
        assert f"covered equipment that supplier uses. ({mark})" in said
        assert (f"New since the baseline: {code}." in said) == (mark == "new")
        assert (f"Unchanged: {code}." in said) == (mark == "unchanged")


def test_components_of_one_clause_are_told_together_and_the_rest_counted(folder: Folder) -> None:
    many = [OURS | {"name": f"part-{number}", "purl": f"pkg:npm/%40kaspersky/part-{number}@2"} for number in range(30)]
    out = folder.path / "out"
    inside("check", *AGENCY, "--baseline", folder.sbom("old.json", CLEAN), "--format", f"text={out}",
           folder.sbom("new.json", *many))  # fmt: skip
    said = " ".join(out.read_text("utf-8").split()).partition("New since the baseline: ")[2].partition(". Unchanged")[0]
    clauses = said.split("; ")
    assert len(clauses) == len(set(clauses))
    assert clauses[0].startswith("part-0 2, part-1 2, ")
    assert all(", and 10 more (us-" in clause for clause in clauses)


REASON: Json = {"code": "a/b", "act": None, "effect": "deny", "components": []}


@pytest.mark.parametrize(
    "body",
    [
        {"schema": 1, "reasons": 1, "policy": {}},
        {"schema": 1, "reasons": [{}], "policy": {}},
        {"schema": 1, "reasons": [{**REASON, "effect": "fine"}], "policy": {}},
        {"schema": 1, "reasons": [{**REASON, "effect": ["deny"]}], "policy": {}},
        {"schema": 1, "reasons": [{**REASON, "code": None}], "policy": {}},
        {"schema": 1, "reasons": [{**REASON, "components": [{"fingerprint": []}]}], "policy": {}},
        {"schema": 1, "reasons": [{**REASON, "components": [1]}], "policy": {}},
        {"schema": 2, "reasons": [], "policy": {}},
        {"reasons": [], "policy": {}},
        [],
        {},
        "decision",
    ],
)
def test_a_baseline_that_is_none_is_no_verdict(
    body: object, folder: Folder, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder.path / "old.json").write_text(json.dumps(body))
    new = folder.sbom("new.json", CLEAN)
    assert inside("check", *AGENCY, "--baseline", str(folder.path / "old.json"), "--fail-on", "new", new) == 2
    assert "internal error" not in capsys.readouterr().err


def test_a_baseline_that_is_not_there_is_no_verdict(folder: Folder) -> None:
    new = folder.sbom("new.json", CLEAN)
    assert inside("check", *AGENCY, "--baseline", str(folder.path / "old.json"), new) == 2
    assert inside("check", *AGENCY, "--baseline", "", new) == 2
    assert inside("check", *AGENCY, "--fail-on", "new", new) == 2


# --- What fails -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("component", "fail_on", "status"),
    [
        (BANNED, "deny", 1),
        (BANNED, "review", 1),
        (BANNED, "warn", 1),
        (UNSETTLED, "deny", 0),
        (UNSETTLED, "review", 3),
        (UNSETTLED, "warn", 3),
        (CLEAN, "deny", 0),
        (CLEAN, "warn", 0),
    ],
)
def test_the_exit_status_tells_of_what_it_is_asked_for(
    component: Json, fail_on: str, status: int, folder: Folder
) -> None:
    path = folder.sbom("bom.json", component)
    assert inside("check", *AGENCY, *UNDER_TEMPLATE, "--fail-on", fail_on, path) == status


def test_a_ban_to_come_fails_only_when_warnings_do(folder: Folder) -> None:
    body = {
        "id": "PR-1",
        "buyer": {"roles": ["us-person"]},
        "agreement": "new",
        "ordered": "2024-07-01",
        "acts": ["acquire"],
        "lines": [{"product": "Kaspersky Anti-Virus", "supplier": {"name": "Kaspersky Lab, Inc."}}],
    }
    path = folder.path / "request.json"
    path.write_text(json.dumps(body))
    assert inside("check", "--allow-past", str(path)) == 0
    assert inside("check", "--allow-past", "--fail-on", "review", str(path)) == 0
    assert inside("check", "--allow-past", "--fail-on", "warn", str(path)) == 1


@pytest.mark.parametrize("flag", ["--warn-only", "--exit-zero"])
def test_a_deny_can_be_told_to_pass_and_no_verdict_cannot(flag: str, folder: Folder) -> None:
    banned = folder.sbom("bom.json", BANNED)
    (folder.path / "broken.json").write_text("{")
    assert inside("check", *AGENCY, flag, banned) == 0
    assert inside("check", *AGENCY, flag, banned, str(folder.path / "broken.json")) == 2
    assert inside("check", *AGENCY, flag, str(folder.path / "nowhere.json")) == 2
    assert inside("check", "--profile", "nobody", flag, banned) == 2


def test_the_decision_is_the_same_whatever_fails(folder: Folder) -> None:
    banned = folder.sbom("bom.json", BANNED)
    for flags in ([], ["--warn-only"], ["--exit-zero"], ["--fail-on", "deny"]):
        [body] = folder.compared(*flags, banned)
        assert body["decision"] == "deny"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ([{"name": "-"}], [{"name": "N/A"}, {"name": "unknown"}]),
        ([{"name": "x"}], [{"name": "x"}, {"type": "application", "name": "x", "version": "99"}]),
        ([{"name": "a", "purl": "pkg:npm/@a/x"}], [{"name": "a", "purl": "pkg:npm/@b/x"}]),
        ([{"name": "a", "purl": "pkg:golang/a.example/x"}], [{"name": "a", "purl": "pkg:golang/b.example/x"}]),
        ([{"name": "a", "purl": "pkg:%zz"}], [{"name": "b", "purl": "pkg:npm/%"}]),
    ],
)
def test_what_is_called_like_nothing_or_like_another_thing_is_not_taken_for_known(
    before: list[Json], after: list[Json], folder: Folder
) -> None:
    def made(components: list[Json]) -> list[Json]:
        return [{"type": "library", "supplier": {"name": "Kaspersky Lab"}, **one} for one in components]

    old, new = folder.sbom("old.json", *made(before)), folder.sbom("new.json", *made(after))
    assert inside("check", "--profile", "us-federal-agency", "--baseline", old, "--fail-on", "new", old) == 0
    assert inside("check", "--profile", "us-federal-agency", "--baseline", old, "--fail-on", "new", new) == 1
