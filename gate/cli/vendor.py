"""Screen a name, package URL, CPE or domain against the register of vendors, with the words that met."""

import argparse

from gate.cli.arguments import add_trusted_law, law_of
from gate.inquiry import inquire
from gate.law import Law
from gate.match import Match, Matcher
from gate.reach import WAYS, reach


def add(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("name", nargs="?", help="what to look for; without it, all vendors are listed")
    add_trusted_law(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print every vendor the words may mean, and why."""
    law = law_of(arguments)
    if arguments.name is None:
        for vendor in sorted(law.vendors.values(), key=lambda v: v.id):
            print(f"{vendor.id}  {vendor.name}")
        return 0
    matches = inquire(arguments.name, Matcher(law.register))
    if not matches:
        print(f"No vendor of the register is meant by {arguments.name!r}.")
    for match in matches:
        _print(match, law)
    return 0


def _print(match: Match, law: Law) -> None:
    vendor = law.vendors[match.vendor]
    print(f"{vendor.id}  {vendor.name}  {'yes' if match.is_certain else 'possibly'}")
    met = (f"  {evidence.said!r} met {evidence.matched!r} ({evidence.strength})" for evidence in match.evidence)
    print("\n".join(dict.fromkeys(met)))  # one word may stand for a name and for a link
    for number in match.products:
        product = vendor.products[number]
        print(f"  product {product.name}: {', '.join(sorted(product.categories))}")
    reached = reach(match.vendor, law)
    for way, instruments in reached.items():
        if instruments:
            print(f"  {WAYS[way]} {', '.join(instruments)}")
    if not any(reached.values()):
        print("  named by no instrument")
