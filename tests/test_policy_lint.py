"""What lint names in the law, at which line, and how the problems are listed."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from gate.alias import shared_aliases
from gate.cli import main
from policy.lint import RULES, WARNINGS, lint
from policy.load import PolicyError, Problem, load
from tests.proven_policy import LISTED, MAKER, NEW, OLD, OLD_CASES, PARENT, alter, proven


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return proven(tmp_path / "policy")


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
