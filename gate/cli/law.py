"""Say what is in force on a day, for whom, and what comes next."""

import argparse
from datetime import UTC, datetime

from gate.cli.arguments import add_law, law_of, moment
from gate.law import Clause
from policy.dates import Phase, Span, in_words
from policy.vocabulary import ROLE_IMPLIES, Role


def add(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    roles = [role.value for role in Role]
    parser.add_argument("--on", type=moment, metavar="T", help="a day, or an instant with offset (default: now)")
    parser.add_argument("--for", dest="role", choices=roles, metavar="R", help="only what binds this role")
    parser.add_argument("--profiles", action="store_true", help="list the profiles and who they are")
    add_law(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print the clauses in force, those to come, and those that have ended."""
    law = law_of(arguments)
    if arguments.profiles:
        for profile in sorted(law.profiles.values(), key=lambda p: p.id):
            roles, acts = ", ".join(sorted(profile.roles)), ", ".join(profile.acts)
            print(f"{profile.id}\n  {profile.text}\n  roles {roles}; acts {acts}")
        return 0
    day = Span(arguments.on or datetime.now(UTC))
    phases: dict[Phase, list[Clause]] = {phase: [] for phase in (Phase.IN_FORCE, Phase.BEFORE, Phase.ENDED)}
    for clause in law.clauses:
        if arguments.role is None or not clause.binds.isdisjoint(_with_implied(arguments.role)):
            phases[clause.interval.phase_of(day.within(clause.time_zone))].append(clause)
    titles = {Phase.IN_FORCE: "In force", Phase.BEFORE: "To come", Phase.ENDED: "Ended"}
    print(f"Law {law.version} ({law.digest[:19]})")
    for phase, clauses in phases.items():
        print(f"\n{titles[phase]}: {len(clauses)}")
        for clause in clauses:
            print(f"  {clause.code}  {clause.kind}, {clause.effect}")
            print(f"    {clause.text}")
            ends = f" until {in_words(clause.interval.ends, clause.time_zone)}" if clause.interval.ends else ""
            starts = in_words(clause.interval.starts, clause.time_zone)
            print(f"    binds {', '.join(sorted(clause.binds))}; from {starts}{ends}; {clause.citation[0].text}")
    return 0


def _with_implied(role: str) -> set[str]:
    return {"anyone", role, *(implied.value for implied in ROLE_IMPLIES.get(Role(role), ()))}
