"""The tools for those who keep the law: what lint names, what the cases prove, what a new edition changes."""

import json
import shutil
import tomllib
from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import jsonschema_rs
import msgspec
import pytest
from lxml import etree

from gate import load as load_law
from gate.alias import shared_aliases
from gate.cases import Posed, judge
from gate.change import changes
from gate.cli import main
from gate.compile import clauses_of, compiled
from gate.coverage import Coverage, items
from gate.law import Clause, Exemption, Law, Profile, Row
from gate.match import Matcher
from gate.meaning import mean_the_same
from gate.mutant import Mutant, mutants
from gate.mutation import Result, Trial, survivors
from gate.phrase import CLAUSE, EXEMPTION, PROFILE, ROW
from gate.screen import Sieve
from policy.files import BUILT_IN
from policy.lint import RULES, WARNINGS, lint
from policy.load import Policy, PolicyError, Problem, load
from policy.prohibition import Prohibition

OLD, NEW = "prohibitions/xx/xx-2020.toml", "prohibitions/xx/xx-2024.toml"
OLD_CASES, NEW_CASES = "cases/xx/xx-2020.toml", "cases/xx/xx-2024.toml"
MAKER, PARENT, LISTED = "vendors/maker.toml", "vendors/parent.toml", "lists/listed.toml"

HEAD = """\
id = "{id}"
title = "A ban"
kind = "prohibition"
jurisdiction = "XX"
authority = "A ministry"
time_zone = "Europe/Berlin"
published = {published}
checked = 2024-06-01
provenance = "official"
citation = {{ text = "Gazette", url = "https://gazette.example/1" }}
"""

FILES = {
    OLD: HEAD.format(id="xx-2020", published="2020-01-10")
    + """\
binds = ["us-person"]
vendors = ["parent"]

[scope]

[[clauses]]
id = "buy"
text = "Nobody may buy it."
acts = ["acquire"]
starts = 2020-03-01
ends = 2024-01-01
""",
    NEW: HEAD.format(id="xx-2024", published="2023-11-20")
    + """\
replaces = ["xx-2020"]
binds = ["us-person"]
lists = ["listed"]
reach = ["subsidiaries"]

[scope]
positions = ["supplier", "producer"]

[[exceptions]]
id = "testing"
text = "Testing is left alone."
purposes = ["security-testing"]

[[clauses]]
id = "buy"
text = "Nobody may buy it."
acts = ["acquire"]
starts = 2024-01-01

[[clauses]]
id = "phones"
text = "Nobody may use it on a phone of the government."
acts = ["use"]
starts = 2024-02-01
effect = "review"
facts = { device = ["government-mobile"] }

[[waivers_allowed]]
by = "minister"
text = "The minister may."
until = 2025-01-01
""",
    LISTED: """\
id = "listed"
title = "A list"
authority = "A ministry"
jurisdiction = "XX"
time_zone = "Europe/Berlin"
checked = 2024-06-01
provenance = "official"
citation = { text = "List", url = "https://gazette.example/list" }

[[rows]]
vendor = "parent"
name = "Parent Ltd"
published = 2023-11-10
ends = 2026-01-01
""",
    MAKER: """\
id = "maker"
name = "Maker Ltd"
categories = ["software"]
source = "https://register.example/maker"
purls = ["pkg:npm/maker"]

[[products]]
names = ["Maker Office"]
categories = ["software"]

[[owners]]
vendor = "parent"
kind = "subsidiary"
starts = 2015-01-01
ends = 2025-07-01
source = "https://register.example/sale"
""",
    PARENT: 'id = "parent"\nname = "Parent Ltd"\nsource = "https://register.example/parent"\n',
    OLD_CASES: """\
prohibition = "xx-2020"

[request]
lines = [{ product = "Office", manufacturer = { name = "Parent Ltd" } }]
buyer = { roles = ["us-person"] }
acts = ["acquire", "provide"]
""",
    NEW_CASES: """\
prohibition = "xx-2024"

[request]
lines = [{ product = "Office", manufacturer = { name = "Parent Ltd" } }]
buyer = { roles = ["us-person"] }
acts = ["acquire", "provide"]
purposes = ["other"]
""",
}


def case(name: str, expect: str, reasons: str, request: str, more: str = "") -> str:
    said = f'name = "{name}"\nexpect = "{expect}"\nreasons = {{ {reasons} }}'
    return f"\n[[case]]\n{said}\n{more}request = {{ {request} }}\n"


WAIVER = """
[[case.waivers]]
id = "W"
prohibitions = ["xx-2024"]
vendors = ["parent"]
granted_by = "minister"
authority = "Gazette"
approver = "The minister"
reason = "Late."
starts = 2024-01-01
ends = {ends}
"""

MAKER_LINE = 'lines = [{ product = "Office", manufacturer = { name = "Maker Ltd" } }]'
SUPPLIER_LINE = """\
lines = [{ product = "Portal", supplier = { name = "Parent Ltd" }, manufacturer = { name = "Other Ltd" } }]"""
PART_LINE = 'lines = [{ product = "Portal", manufacturer = { name = "Other Ltd" }, sbom = { path = "portal" } }]'
PORTAL = """{ bomFormat = "CycloneDX", specVersion = "1.6", \
metadata = { component = { type = "application", name = "x" } }, \
components = [{ type = "library", name = "x", supplier = { name = "Parent Ltd" } }] }"""
PHONE = 'acts = ["use"], agreement = "existing", facts = { device = "government-mobile" }'

CASES = {
    OLD_CASES: [
        case("before", "allow", 'buy = "warn"', "ordered = 2020-02-29T23:59:59+01:00"),
        case("first", "deny", 'buy = "deny"', "ordered = 2020-03-01T00:00:00+01:00"),
        case("last", "deny", 'buy = "deny"', "ordered = 2023-12-31T23:59:59+01:00"),
        case("after", "allow", 'buy = "note"', "ordered = 2024-01-01T00:00:00+01:00"),
        case("unbound", "allow", 'buy = "none"', 'ordered = 2021-01-01, buyer = { roles = ["de-person"] }'),
        case("unknown", "allow", 'buy = "none"', "ordered = 2021-01-01", "known_at = 2020-01-09T23:59:59+01:00\n"),
        case("known", "deny", 'buy = "deny"', "ordered = 2021-01-01", "known_at = 2020-01-10T00:00:00+01:00\n"),
    ],
    NEW_CASES: [
        case("before", "allow", 'buy = "warn"', "ordered = 2023-12-31T23:59:59+01:00"),
        case("first", "deny", 'buy = "deny"', "ordered = 2024-01-01T00:00:00+01:00"),
        case("on a list to the last", "deny", 'buy = "deny"', "ordered = 2025-12-31T23:59:59+01:00"),
        case("off the list", "allow", 'buy = "note"', "ordered = 2026-01-01T00:00:00+01:00"),
        case("owned to the last", "deny", 'buy = "deny"', f"ordered = 2025-06-30, {MAKER_LINE}"),
        case("sold", "allow", 'buy = "note"', f"ordered = 2025-07-01, {MAKER_LINE}"),
        case("unbound", "allow", 'buy = "none"', 'ordered = 2024-05-05, buyer = { roles = ["de-person"] }'),
        case("a part", "allow", 'buy = "note"', f"ordered = 2024-05-05, {PART_LINE}, sboms = {{ portal = {PORTAL} }}"),
        case("supplied", "deny", 'buy = "deny"', f"ordered = 2024-05-05, {SUPPLIER_LINE}"),
        case("tested", "allow", 'buy = "note"', 'ordered = 2024-05-05, purposes = ["security-testing"]'),
        case("phone before", "allow", 'phones = "warn"', f"ordered = 2024-01-31T23:59:59+01:00, {PHONE}"),
        case("phone first", "review", 'phones = "review"', f"ordered = 2024-02-01T00:00:00+01:00, {PHONE}"),
        case("no phone", "allow", 'phones = "note"', f"ordered = 2024-02-01, {PHONE.replace('mobile', 'other')}"),
        case("unknown", "allow", 'buy = "none"', "ordered = 2024-05-05", "known_at = 2023-11-19T23:59:59+01:00\n"),
        case("known", "allow", 'phones = "note"', f"ordered = 2024-05-05, {PHONE.replace('mobile', 'other')}",
             "known_at = 2023-11-20T00:00:00+01:00\n"),
        case("waived", "allow", 'buy = "note"', "ordered = 2024-05-05") + WAIVER.format(ends="2025-01-01"),
        case("waived too long", "deny", 'buy = "deny"', "ordered = 2024-05-05")
        + WAIVER.format(ends="2025-01-01T00:00:01+01:00"),
    ],
}  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A policy in which everything is proven."""
    place = tmp_path / "policy"
    for name, text in FILES.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_text(text + "".join(CASES.get(name, ())), "utf-8")
    return place


def alter(folder: Path, name: str, said: str, instead: str) -> int:
    """Replace words of a file; the line on which they stood."""
    text = (folder / name).read_text("utf-8")
    assert text.count(said) >= 1, said
    (folder / name).write_text(text.replace(said, instead, 1), "utf-8")
    return text[: text.index(said)].count("\n") + 1


def without(folder: Path, name: str, *cases: str) -> None:
    """The cases of an instrument, less some."""
    kept = [one for one in CASES[name] if not any(f'name = "{dropped}"' in one for dropped in cases)]
    assert len(kept) == len(CASES[name]) - len(cases)
    (folder / name).write_text(FILES[name] + "".join(kept), "utf-8")


def posed(policy: Policy, law: Law) -> dict[str, list[Posed]]:
    sieve = Sieve(Matcher(law.register))
    found: dict[str, list[Posed]] = {}
    for name, cases in policy.cases.items():
        found[name] = [one for _, one in judge(cases, law, sieve) if isinstance(one, Posed)]
        assert len(found[name]) == len(cases.case)
    return found


def tried(folder: Path) -> Result:
    """The mutants of a policy."""
    policy = load([folder])
    law = compiled(policy)
    return survivors(policy, law, posed(policy, law))


# --- Lint -------------------------------------------------------------------------------------------------------------


def problems(folder: Path, max_age: int | None = None) -> list[Problem]:
    try:
        policy = load([folder])
    except PolicyError as error:
        return list(error.problems)
    return [*shared_aliases(policy), *lint(policy, date(2024, 6, 11), max_age)]


def test_a_proven_policy_has_no_problem(folder: Path) -> None:
    assert problems(folder, max_age=10) == []


# Rule -> the file, words of it, and what breaks the rule instead.
BROKEN: dict[str, tuple[str, str, str]] = {
    "fault": (OLD, 'kind = "prohibition"', 'kind = "advice"'),
    "citation-without-url": (OLD, ', url = "https://gazette.example/1"', ""),
    "row-without-vendor": (LISTED, 'vendor = "parent"', 'vendor = "nobody"'),
    "shared-alias": (PARENT, 'name = "Parent Ltd"', 'name = "Parent Ltd"\nnames = ["MAKER, Limited"]'),
    "unproven-boundary": (OLD_CASES, "2023-12-31T23:59:59", "2023-12-31T23:59:58"),
    "twin-cases": (OLD_CASES, 'name = "unbound"', 'name = "before"'),
    "overlap": (OLD, "ends = 2024-01-01", "ends = 2024-01-02"),
    "gap": (OLD, "ends = 2024-01-01", "ends = 2023-12-31T23:59:59+01:00"),
    "unmatchable-product": (MAKER, 'names = ["Maker Office"]', 'names = ["Office"]'),
    "stale": (OLD, "checked = 2024-06-01", "checked = 2024-05-31"),
}


@pytest.mark.parametrize("rule", BROKEN)
def test_a_broken_rule_is_named_with_file_and_line(rule: str, folder: Path) -> None:
    name, said, instead = BROKEN[rule]
    line = alter(folder, name, said, instead)
    told = [problem for problem in problems(folder, max_age=10) if problem.rule == rule]
    assert told, problems(folder, max_age=10)
    if rule in ("unproven-boundary", "twin-cases"):
        return  # of these the line is that of the clause, and of the second of the two
    assert (Path(told[0].file).name, told[0].line) == (Path(name).name, line + instead.count("\n"))


def test_an_instrument_without_cases_is_named(folder: Path) -> None:
    (folder / OLD_CASES).unlink()
    assert [(p.rule, p.line) for p in problems(folder)] == [("no-cases", 1)]


def test_an_alias_of_two_vendors_is_named_with_both_places(folder: Path) -> None:
    alter(folder, PARENT, 'name = "Parent Ltd"', 'name = "Parent Ltd"\npurls = ["pkg:npm/Maker"]')
    [told] = problems(folder)
    assert told.rule == "shared-alias"
    assert told.file.endswith("parent.toml")
    assert told.line == 3
    assert f"maker ({folder}/{MAKER}:5)" in told.message


def test_a_vendor_that_nobody_names_is_named_unless_it_is_of_a_country_that_controls(folder: Path) -> None:
    (folder / "vendors" / "third.toml").write_text('id = "third"\nname = "Third Ltd"\nsource = "https://x.example/3"\n')
    assert [p.message for p in problems(folder)] == ["no instrument reaches third"]
    alter(folder, OLD, 'vendors = ["parent"]', 'vendors = "any"\ncontrolled_from = ["RU"]')
    assert "no instrument reaches third" in [p.message for p in problems(folder)]  # of whose country nobody knows
    alter(folder, "vendors/third.toml", 'name = "Third Ltd"', 'name = "Third Ltd"\ncountry = "RU"')
    assert problems(folder) == []
    alter(folder, "vendors/third.toml", 'country = "RU"', 'country = "FR"')
    assert "no instrument reaches third" in [p.message for p in problems(folder)]


def test_a_list_that_nobody_names_is_named(folder: Path) -> None:
    alter(folder, NEW, 'lists = ["listed"]\n', 'vendors = ["parent"]\n')
    assert [(p.rule, Path(p.file).name) for p in problems(folder)] == [("unused-list", "listed.toml")]


def test_an_old_clause_without_an_end_overlaps_with_whatever_replaces_it(folder: Path) -> None:
    line = alter(folder, OLD, "ends = 2024-01-01\n", "") - 1
    alter(folder, NEW, 'acts = ["acquire"]', 'acts = ["renew"]')
    overlaps = [problem for problem in problems(folder) if problem.rule == "overlap"]
    assert [(Path(p.file).name, p.line) for p in overlaps] == [("xx-2020.toml", line)]
    assert "nothing takes its place" in overlaps[0].message


def test_clauses_about_different_things_do_not_follow_each_other(folder: Path) -> None:
    alter(folder, OLD, "ends = 2024-01-01", "ends = 2024-06-01")
    alter(folder, OLD, 'acts = ["acquire"]', 'acts = ["acquire"]\ncategories = ["hardware"]')
    alter(folder, NEW, "[scope]", '[scope]\ncategories = ["software"]')
    assert "overlap" not in {problem.rule for problem in problems(folder)}


def test_every_rule_has_a_sentence_and_a_test() -> None:
    elsewhere = {"no-cases", "unreached-vendor", "unused-list"}
    assert set(BROKEN) | elsewhere == set(RULES)
    assert set(RULES) > WARNINGS


# What the tool uses of SARIF 2.1.0 (OASIS), sections 3.14, 3.18, 3.19, 3.27, 3.49: no other property, and these right.
def closed(properties: dict[str, Any], *required: str) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(required), "additionalProperties": False}


MESSAGE = closed({"text": {"type": "string", "minLength": 1}}, "text")
LEVEL = {"enum": ["none", "note", "warning", "error"]}
REGION = closed({"startLine": {"type": "integer", "minimum": 1}}, "startLine")
ARTIFACT = closed({"uri": {"type": "string", "format": "uri-reference"}}, "uri")
PHYSICAL = closed({"artifactLocation": ARTIFACT, "region": REGION}, "artifactLocation")
RULE = closed(
    {"id": {"type": "string"}, "shortDescription": MESSAGE, "defaultConfiguration": closed({"level": LEVEL})}, "id"
)
RESULT = closed(
    {
        "ruleId": {"type": "string"},
        "ruleIndex": {"type": "integer", "minimum": -1},
        "level": LEVEL,
        "message": MESSAGE,
        "locations": {"type": "array", "items": closed({"physicalLocation": PHYSICAL})},
        "partialFingerprints": {"type": "object", "additionalProperties": {"type": "string"}},
    },
    "message",
)
DRIVER = closed(
    {"name": {"type": "string"}, "version": {"type": "string"}, "rules": {"type": "array", "items": RULE}}, "name"
)
RUN = closed(
    {
        "tool": closed({"driver": DRIVER}, "driver"),
        "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
        "results": {"type": "array", "items": RESULT},
    },
    "tool",
)
SARIF = closed(
    {
        "$schema": {"type": "string", "format": "uri"},
        "version": {"const": "2.1.0"},
        "runs": {"type": "array", "items": RUN},
    },
    "version",
    "runs",
)


def test_problems_are_listed_as_sarif(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(folder.parent)
    line = alter(folder, OLD, "ends = 2024-01-01", "ends = 2024-01-02")
    assert main(["policy", "lint", "--only-policy", "policy", "--format", "sarif"]) == 2
    log = json.loads(capsys.readouterr().out)
    jsonschema_rs.validator_for(SARIF, validate_formats=True).validate(log)
    [run] = log["runs"]
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == list(RULES)
    assert {run["tool"]["driver"]["rules"][r["ruleIndex"]]["id"] for r in run["results"]} == {
        "overlap",
        "unproven-boundary",
    }
    [overlap] = [result for result in run["results"] if result["ruleId"] == "overlap"]
    place = overlap["locations"][0]["physicalLocation"]
    assert place == {"artifactLocation": {"uri": f"policy/{OLD}"}, "region": {"startLine": line}}


def test_a_policy_that_cannot_be_loaded_is_listed_too(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    alter(folder, OLD, 'kind = "prohibition"', 'kind = "advice"')
    assert main(["policy", "lint", "--only-policy", str(folder), "--format", "json"]) == 2
    problem = json.loads(capsys.readouterr().out)["problems"][0]
    assert (Path(problem["file"]).name, problem["rule"], problem["line"]) == ("xx-2020.toml", "fault", 3)


def test_the_age_of_a_source_is_a_number_of_days(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["policy", "lint", "--max-age", "100000"]) == 0
    assert main(["policy", "lint", "--max-age", "-1"]) == 2
    capsys.readouterr()


# --- Mutants and coverage ---------------------------------------------------------------------------------------------


def test_no_mutant_of_a_proven_policy_survives(folder: Path) -> None:
    result = tried(folder)
    assert [str(problem) for problem in result.survivors] == []
    assert result.mutants > 50


# The cases that are taken away -> what then is not noticed, in which file, and on the line of which words.
UNNOTICED: dict[str, tuple[str, tuple[str, ...], str, str, str]] = {
    "start-early": (OLD_CASES, ("before",), "`starts` of clause 'buy' is a second earlier", OLD, "starts = 2020-03-01"),
    "start-late": (OLD_CASES, ("first",), "`starts` of clause 'buy' is a second later", OLD, "starts = 2020-03-01"),
    "end-early": (OLD_CASES, ("last",), "`ends` of clause 'buy' is a second earlier", OLD, "ends = 2024-01-01"),
    "end-late": (OLD_CASES, ("after",), "`ends` of clause 'buy' is a day later", OLD, "ends = 2024-01-01"),
    "everybody": (OLD_CASES, ("unbound",), "binds anyone", OLD, "binds ="),
    "publication-early": (OLD_CASES, ("unknown",), "`published` of the instrument is a day ear", OLD, "published ="),
    "publication-late": (OLD_CASES, ("known",), "`published` of the instrument is a day later", OLD, "published ="),
    "exception": (NEW_CASES, ("tested",), "exception 'testing' is missing", NEW, "[[exceptions]]"),
    "waiver": (NEW_CASES, ("waived",), "waiver permission 'minister' is missing", NEW, "[[waivers_allowed]]"),
    "waiver-late": (NEW_CASES, ("waived too long",), "is a second later", NEW, "until = 2025-01-01"),
    "condition": (NEW_CASES, ("a part",), "`positions` of the scope asks for nothing", NEW, "positions ="),
    "fact": (NEW_CASES, ("no phone", "known"), "does not ask for 'device'", NEW, "facts ="),
    "effect": (NEW_CASES, ("phone first",), "clause 'phones' says deny instead of review", NEW, "effect ="),
    "row": (NEW_CASES, ("off the list",), "`ends` of row 'parent' is a second later", LISTED, "ends ="),
    "owner": (NEW_CASES, ("sold",), "`ends` of owner 'parent' is a day later", MAKER, "ends ="),
    "reach": (NEW_CASES, ("owned to the last", "sold"), "`reach` of the instrument lacks 'subsid", NEW, "reach ="),
}  # fmt: skip


@pytest.mark.parametrize("which", UNNOTICED)
def test_what_no_case_notices_is_named_with_its_line_and_its_remedy(which: str, folder: Path) -> None:
    cases, dropped, what, file, words = UNNOTICED[which]
    without(folder, cases, *dropped)
    line = FILES[file][: FILES[file].index(words)].count("\n") + 1
    told = [p for p in tried(folder).survivors if what in p.message and p.file.endswith(file)]
    assert told, [str(problem) for problem in tried(folder).survivors]
    assert told[0].line == line
    assert "Write a case" in told[0].message


def test_the_remedy_names_the_instant(folder: Path) -> None:
    without(folder, OLD_CASES, "before")
    [told] = [p for p in tried(folder).survivors if "a second earlier" in p.message]
    assert "2020-02-29T23:59:59+01:00" in told.message


def test_what_makes_no_difference_is_no_mutant(folder: Path) -> None:
    # Nobody stands anywhere else when it is bought, and what is used is kept.
    alter(folder, NEW, 'positions = ["supplier", "producer"]', 'positions = ["supplier", "producer", "component"]')
    alter(folder, NEW, 'acts = ["use"]', 'acts = ["use", "retain"]')
    without(folder, NEW_CASES, "a part")
    told = [problem.message for problem in tried(folder).survivors]
    assert [one for one in told if "asks for nothing" in one or "lacks 'use'" in one] == []
    assert any("lacks 'retain'" in one for one in told)


SUBTLE = (
    *("us-commerce-icts-2021-002-kaspersky", "us-ndaa-fy2019-889-a1b", "de-bsi-warning-2022-kaspersky"),
    *("us-fcc-covered-list-subsidy", "us-ndaa-fy2023-5949", "us-dod-1260h-list", "pl-ksc-2026"),
)
"""Instruments with something of every kind: roles, lists, a warning, a notice, anybody."""


@pytest.mark.parametrize("name", SUBTLE)
def test_no_case_notices_a_mutant_that_is_said_to_mean_the_same(name: str, law: Law) -> None:
    policy = load()
    sieve = Sieve(Matcher(law.register))
    heard = [one for _, one in judge(policy.cases[name], law, sieve) if isinstance(one, Posed)]
    trial = Trial(policy, law, name, heard)
    same = 0
    for mutant in mutants(tomllib.loads(trial.file.read_text("utf-8"))):
        altered = valid(mutant)
        if altered is None or any(
            code not in altered or not mean_the_same(clause, altered[code], law)
            for code, clause in trial.clauses.items()
        ):
            continue
        same += 1
        assert not trial.notices(altered), mutant.what
    assert same


def valid(mutant: Mutant) -> dict[str, Clause] | None:
    try:
        return {clause.code: clause for clause in clauses_of(Prohibition.model_validate(mutant.document))}
    except ValueError:
        return None


def gaps(folder: Path) -> Coverage:
    policy = load([folder])
    law = compiled(policy)
    coverage = Coverage()
    for name, cases in posed(policy, law).items():
        clauses = [clause for clause in law.clauses if clause.instrument == name]
        coverage.add(items(policy.prohibitions[name], clauses, cases), Path(policy.files[f"prohibitions/{name}"]))
    return coverage


def test_a_proven_policy_is_exercised_whole(folder: Path) -> None:
    coverage = gaps(folder)
    assert coverage.gaps == []
    assert coverage.all == coverage.exercised == {"clause": 3, "exception": 1, "waiver": 1, "condition": 4}


@pytest.mark.parametrize(
    ("cases", "dropped", "what", "file", "words"),
    [
        (NEW_CASES, ("phone first",), "clause 'phones' never bites", NEW, 'id = "phones"'),
        (NEW_CASES, ("tested",), "exception 'testing' never applies", NEW, "[[exceptions]]"),
        (NEW_CASES, ("waived",), "no waiver by 'minister'", NEW, "[[waivers_allowed]]"),
        (NEW_CASES, ("a part",), "condition on position", NEW, "positions ="),
        (NEW_CASES, ("no phone", "known"), "condition on fact device", NEW, "facts ="),
        (OLD_CASES, ("unbound",), "condition on role", OLD, "binds ="),
    ],
)
def test_what_no_case_exercises_is_named_with_its_line(
    cases: str, dropped: tuple[str, ...], what: str, file: str, words: str, folder: Path
) -> None:
    without(folder, cases, *dropped)
    [told] = [problem for problem in gaps(folder).gaps if what in problem.message]
    line = FILES[file][: FILES[file].index(words)].count("\n") + 1
    assert told.file.endswith(file)
    assert told.line in (line, line - 1)  # a table is told by its header


def test_the_exit_status_tells_proven_from_unproven_from_failed(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["policy", "test", "--only-policy", str(folder), "--coverage", "--mutate"]
    assert main(command) == 0
    assert "0 survived" in capsys.readouterr().out
    without(folder, OLD_CASES, "before")
    assert main([*command, "xx-2024"]) == 0
    capsys.readouterr()
    assert main([*command, "--format", "json"]) == 1
    proof = json.loads(capsys.readouterr().out)
    assert {Path(problem["file"]).name for problem in proof["survivors"]} == {"xx-2020.toml"}
    alter(folder, OLD_CASES, 'expect = "deny"', 'expect = "allow"')
    assert main([*command, "--format", "junit"]) == 2
    suites = etree.fromstring(capsys.readouterr().out.encode())
    assert [suite.get("failures") for suite in suites] == ["1", "0"]
    [failed] = suites.iter("failure")
    assert str(failed.get("message")).startswith("expected allow, got deny")


# --- A new edition ----------------------------------------------------------------------------------------------------


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


# --- Starting a file --------------------------------------------------------------------------------------------------


def test_a_new_instrument_is_proven_from_the_start(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own = tmp_path / "own"
    start = [
        "policy",
        "new",
        "tx-2026-ban",
        "--jurisdiction",
        "US-TX",
        "--title",
        'The "ban" \\ 禁令',
        "--into",
        str(own),
    ]
    assert main(start) == 0
    table = tomllib.loads((own / "prohibitions/us/tx-2026-ban.toml").read_text("utf-8"))
    assert (table["id"], table["jurisdiction"], table["title"]) == ("tx-2026-ban", "US-TX", 'The "ban" \\ 禁令')
    assert main(["policy", "test", "tx-2026-ban", "--policy", str(own), "--coverage", "--mutate"]) == 0
    before = {path: path.read_bytes() for path in own.rglob("*.toml")}
    assert main(start) == 2
    assert "is there already" in capsys.readouterr().err
    assert main(["policy", "new", "tx-2027-ban", "--jurisdiction", "US-TX", "--into", str(own)]) == 0
    assert {path: path.read_bytes() for path in before} == before


@pytest.mark.parametrize(("name", "code"), [("TX Ban", "US"), ("../ban", "US"), ("ban", "Texas"), ("", "US")])
def test_an_instrument_is_not_started_under_a_bad_name(
    name: str, code: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["policy", "new", name, "--jurisdiction", code, "--into", str(tmp_path / "own")]) == 2
    assert "Write it as in" in capsys.readouterr().err
    assert not (tmp_path / "own").exists()


def plain(value: object) -> object:
    """A TOML value as an editor hands it to a JSON Schema."""
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    return value.isoformat() if isinstance(value, date | datetime) else value


def test_the_schemas_accept_every_file_of_the_law_and_refuse_a_wrong_word(tmp_path: Path) -> None:
    assert main(["policy", "schema", "--out", str(tmp_path)]) == 0
    for folder in (BUILT_IN, BUILT_IN / "template"):
        for path in sorted(folder.glob("*/**/*.toml")):
            family = path.relative_to(folder).parts[0]
            if family == "template":
                continue
            schema = json.loads((tmp_path / f"{family}.json").read_text("utf-8"))
            validator = jsonschema_rs.validator_for(schema)
            document = plain(tomllib.loads(path.read_text("utf-8")))
            assert isinstance(document, dict)
            assert [error.message for error in validator.iter_errors(document)] == [], path
            assert not validator.is_valid({**document, "no-such-key": 1})


def test_the_first_line_of_a_template_is_its_schema() -> None:
    for path in (BUILT_IN / "template").rglob("*.toml"):
        parts = path.relative_to(BUILT_IN / "template").parts
        first = path.read_text("utf-8").splitlines()[0]
        assert first == f"#:schema {'../' * (len(parts) - 1)}.schemas/{parts[0]}.json"
