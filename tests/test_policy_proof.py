"""What the cases of a law prove: no mutant survives, and nothing is left unexercised."""

import json
import tomllib
from pathlib import Path

import pytest
from lxml import etree

from gate.cases import Posed, judge
from gate.cli import main
from gate.compile import clauses_of, compiled
from gate.coverage import Coverage, items
from gate.law import Clause, Law
from gate.match import Matcher
from gate.meaning import mean_the_same
from gate.mutant import Mutant, mutants
from gate.mutation import Trial
from gate.screen import Sieve
from policy.load import load
from policy.prohibition import Prohibition
from tests.proven_policy import (
    FILES,
    LISTED,
    MAKER,
    NEW,
    NEW_CASES,
    OLD,
    OLD_CASES,
    alter,
    posed,
    proven,
    tried,
    without,
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return proven(tmp_path / "policy")


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
