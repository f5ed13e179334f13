"""Explain a reason's code: the clause, what it asks, its dates, and where it stands."""

import argparse

from gate import own
from gate.almanac.content import runs
from gate.cli.arguments import add_trusted_law, law_of
from gate.errors import UsageError
from gate.facts import in_short
from gate.law import Clause
from policy.dates import in_words
from policy.spelling import meant


def add(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("code", help="the code of a reason, or of an instrument")
    add_trusted_law(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print the explanation. Raises UsageError for a code the law does not have."""
    if arguments.code in own.HELP:
        print(f"{arguments.code}\n  {own.HELP[arguments.code]}")
        return 0
    law = law_of(arguments)
    clauses = [c for c in law.clauses if arguments.code in (c.code, c.instrument)]
    if not clauses:
        codes = {code for clause in law.clauses for code in (clause.code, clause.instrument)} | own.HELP.keys()
        see = "See `gate law` for the codes there are."
        raise UsageError(f"There is no code {arguments.code!r}", remedy=meant(arguments.code, sorted(codes), see=see))
    print("\n\n".join(described(clause) for clause in clauses))
    return 0


def described(clause: Clause) -> str:
    """A clause in full."""
    asks = {
        "acts": clause.acts,
        "binds": clause.binds,
        "vendors": clause.vendors or ({"any"} if clause.asks_anybody else set()),
        "controlled": clause.controlled_from,
        "lists": clause.lists,
        "share": {f"at least {clause.control_share:g} per cent"} if clause.control_share else set(),
        "reach": clause.reach - {"brand"},
        "categories": clause.categories,
        "positions": clause.positions,
        "purposes": clause.purposes,
        "agreements": clause.agreements,
        **{f"fact {name}": in_short(asked, clause.time_zone) for name, asked in clause.facts.items()},
    }
    lines = [
        clause.code,
        f"  {clause.title} ({clause.authority})",
        f"  {clause.text}",
        f"  effect      {clause.effect} ({clause.kind})",
        f"  in force    {runs(clause)}, {clause.time_zone}",
        *(f"  {name:<11} {', '.join(sorted(words))}" for name, words in asks.items() if words),
        *(f"  except      {exemption.text}" for exemption in clause.exemptions),
        *(f"  waivable by {permission.by}" for permission in clause.permissions),
        *([f"  note        {clause.note}"] if clause.note else []),
        *([f"  remedy      {clause.remedy}"] if clause.remedy else []),
        *(f"  citation    {citation.text} {citation.url}" for citation in clause.citation),
        f"  source      {clause.provenance}, checked {clause.checked}",
        f"  published   {in_words(clause.published, clause.time_zone)}",
    ]
    return "\n".join(lines)
