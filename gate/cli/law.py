"""Say what is in force on a day, for whom, and what comes next: as text, JSON, calendar or timeline."""

import argparse
from datetime import UTC, datetime

from gate.almanac import DRAWINGS
from gate.almanac.content import almanac
from gate.cli.arguments import add_trusted_law, law_of, moment, profile_of
from gate.cli.output import write
from gate.law import Law
from policy.roles import Role


def add(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    roles = [role.value for role in Role]
    parser.add_argument("--on", type=moment, metavar="T", help="a day, or an instant with offset (default: now)")
    parser.add_argument(
        "--for", dest="roles", action="append", default=[], choices=roles, metavar="R", help="only what binds this role"
    )
    parser.add_argument("--profile", metavar="P", help="only what binds the roles of this profile")
    parser.add_argument("--profiles", action="store_true", help="list the profiles and who they are")
    parser.add_argument(
        "--format", default="text", choices=DRAWINGS, help="ics is a calendar to subscribe to, svg and html a timeline"
    )
    parser.add_argument("--out", metavar="PATH", help="write to a file (default: standard output)")
    add_trusted_law(parser)


def run(arguments: argparse.Namespace) -> int:
    """Draw the almanac of the law, or list the profiles."""
    law = law_of(arguments)
    if arguments.profiles:
        data = _profiles(law)
    else:
        profile = profile_of(arguments.profile, law)
        roles = [*arguments.roles, *(profile.roles if profile else ())]
        on = arguments.on or datetime.now(UTC).replace(second=0, microsecond=0)
        data = DRAWINGS[arguments.format](almanac(law, on, roles))
    write([data], arguments.out)
    return 0


def _profiles(law: Law) -> bytes:
    lines = []
    for profile in sorted(law.profiles.values(), key=lambda p: p.id):
        roles, acts = ", ".join(sorted(profile.roles)), ", ".join(profile.acts)
        lines.append(f"{profile.id}\n  {profile.text}\n  roles {roles}; acts {acts}\n")
    return "".join(lines).encode()
