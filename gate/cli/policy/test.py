"""`gate policy test`: run the policy cases, and say how much they prove."""

import argparse
import sys
from typing import TYPE_CHECKING

from gate.cli.arguments import add_law, folders_of
from gate.cli.policy.place import relative, shown
from gate.errors import LawError, UsageError
from gate.proof import ACCOUNTS, Judged, Proof
from policy.spelling import meant

if TYPE_CHECKING:
    from gate.cases import Posed
    from gate.law import Law
    from policy.load import Policy

EPILOG = "exit status: 0 all proven, 1 something is not exercised or a mutant survives, 2 a case fails or cannot be run"


def add(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("only", nargs="*", metavar="PROHIBITION", help="only the cases of these")
    parser.add_argument(
        "--coverage", action="store_true", help="name the clauses, exceptions, waivers and conditions no case exercises"
    )
    parser.add_argument(
        "--mutate",
        action="store_true",
        help="get every date, condition, exception and effect wrong, one at a time, and name what no case notices",
    )
    parser.add_argument("--format", default="text", choices=ACCOUNTS, help="junit is for CI systems")
    add_law(parser)


def run(arguments: argparse.Namespace) -> int:
    """Run the cases and print the proof."""
    from gate.compile import compiled
    from policy.load import PolicyError, load

    try:
        policy = load(folders_of(arguments))
    except PolicyError as error:
        raise LawError(f"The policy cannot be used:\n{error}") from error
    if unknown := set(arguments.only) - set(policy.cases):
        raise UsageError(f"There are no cases of {min(unknown)!r}", remedy=meant(min(unknown), policy.cases))
    law = compiled(policy)
    proof, posed = _judged(policy, law, arguments.only or list(policy.cases))
    if not proof.cases:
        raise UsageError("There are no cases to run", remedy="Write some in cases/; a law without cases is not proven.")
    if arguments.coverage and not proof.failed:
        _cover(proof, policy, law, posed)
    if arguments.mutate and not proof.failed:
        _mutate(proof, policy, law, posed)
    sys.stdout.buffer.write(ACCOUNTS[arguments.format](proof))
    return 2 if proof.failed else 1 if proof.gaps or proof.survivors else 0


def _judged(policy: "Policy", law: "Law", only: list[str]) -> tuple[Proof, dict[str, "list[Posed]"]]:
    from gate.cases import Posed, failure, judge
    from gate.match import Matcher
    from gate.screen import Sieve

    sieve = Sieve(Matcher(law.register))
    proof = Proof([], len(only))
    posed: dict[str, list[Posed]] = {}
    for instrument in only:
        posed[instrument] = []
        for case, one in judge(policy.cases[instrument], law, sieve):
            why = failure(one)
            proof.cases.append(Judged(instrument, relative(policy.files[f"cases/{instrument}"]), case.name, why))
            if isinstance(one, Posed):
                posed[instrument].append(one)
    return proof, posed


def _cover(proof: Proof, policy: "Policy", law: "Law", posed: dict[str, "list[Posed]"]) -> None:
    from pathlib import Path

    from gate.coverage import Coverage, items

    coverage = Coverage()
    for instrument, cases in posed.items():
        clauses = [clause for clause in law.clauses if clause.instrument == instrument]
        file = Path(policy.files[f"prohibitions/{instrument}"])
        coverage.add(items(policy.prohibitions[instrument], clauses, cases), file)
    proof.coverage = {kind: (coverage.exercised.get(kind, 0), count) for kind, count in coverage.all.items()}
    proof.gaps = [shown(problem) for problem in coverage.gaps]


def _mutate(proof: Proof, policy: "Policy", law: "Law", posed: dict[str, "list[Posed]"]) -> None:
    from gate.mutation import survivors

    result = survivors(policy, law, posed)
    proof.mutants = result.mutants
    proof.survivors = [shown(problem) for problem in result.survivors]
