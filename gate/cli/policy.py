"""Work on the law itself: lint it, run its cases, print the JSON Schemas of its files."""

import argparse
import sys
from pathlib import Path

from gate.cli import bundle
from gate.cli.arguments import add_law
from gate.errors import LawError, UsageError
from policy.files import BUILT_IN


def add(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    commands = parser.add_subparsers(dest="policy_command", required=True, metavar="COMMAND")
    lint = commands.add_parser("lint", help="faults of the law as a whole, not only of one file")
    add_law(lint)
    test = commands.add_parser("test", help="run the policy cases")
    test.add_argument("only", nargs="*", metavar="PROHIBITION", help="only the cases of these")
    add_law(test)
    schema = commands.add_parser("schema", help="JSON Schemas of the policy files")
    schema.add_argument("family", nargs="?", help="one kind of file (default: all, as one object)")
    bundle.add_to(commands)


def run(arguments: argparse.Namespace) -> int:
    """Run the subcommand."""
    return {"lint": _lint, "test": _test, "schema": _schema, **bundle.COMMANDS}[arguments.policy_command](arguments)


def _folders(arguments: argparse.Namespace) -> list[Path]:
    if arguments.only_policy:
        return [*map(Path, arguments.only_policy), *map(Path, arguments.policy)]
    return [BUILT_IN, *map(Path, arguments.policy)]


def _lint(arguments: argparse.Namespace) -> int:
    from gate.compile import compiled
    from policy.lint import lint
    from policy.load import PolicyError, load

    try:
        policy = load(_folders(arguments))
        compiled(policy)
    except PolicyError as error:
        raise LawError(f"The policy cannot be used:\n{error}") from error
    problems = lint(policy)
    for problem in problems:
        print(problem)
    print(
        f"{len(policy.prohibitions)} instruments, {len(policy.vendors)} vendors: {len(problems)} problems",
        file=sys.stderr,
    )
    return 2 if problems else 0


def _test(arguments: argparse.Namespace) -> int:
    from gate.cases import failures
    from gate.compile import compiled
    from policy.load import PolicyError, load

    try:
        policy = load(_folders(arguments))
    except PolicyError as error:
        raise LawError(f"The policy cannot be used:\n{error}") from error
    if unknown := set(arguments.only) - set(policy.cases):
        raise UsageError(
            f"There are no cases of {min(unknown)!r}", remedy=f"There are cases of {', '.join(policy.cases)}."
        )
    law = compiled(policy)
    chosen = [cases for name, cases in policy.cases.items() if not arguments.only or name in arguments.only]
    count = failed = 0
    for cases in chosen:
        for case, why in failures(cases, law):
            count += 1
            if why:
                failed += 1
                print(f"{policy.files[f'cases/{cases.prohibition}']}: {case.name}\n  {why}")
    print(f"{count} cases of {len(chosen)} instruments: {count - failed} passed, {failed} failed")
    if count == 0:
        raise UsageError("There are no cases to run", remedy="Write some in cases/; a law without cases is not proven.")
    return 2 if failed else 0


def _schema(arguments: argparse.Namespace) -> int:
    import json

    from policy.load import FAMILIES
    from policy.model import Finding, Model, Waiver

    models: dict[str, type[Model]] = {**FAMILIES, "waivers": Waiver, "findings": Finding}
    if arguments.family is not None and arguments.family not in models:
        raise UsageError(f"There is no family {arguments.family!r}", remedy=f"Known are {', '.join(models)}.")
    wanted = [arguments.family] if arguments.family else list(models)
    schemas = {family: models[family].model_json_schema() for family in wanted}
    print(json.dumps(schemas[arguments.family] if arguments.family else schemas, indent=2))
    return 0
