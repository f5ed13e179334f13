"""How the law reaches a vendor: which instruments name it, and which ask about it as about anybody."""

from gate.law import Law
from gate.ownership import ways
from policy.dates import Interval

WAYS = {
    "named": "named by",
    "related": "reached through its relatives by",
    "controlled": "reached by who controls it:",
    "perhaps_controlled": "reached if one of its countries controls it, which the register does not say:",
    "anybody": "like everybody, if of the kind and origin they ask about, reached by",
}
"""A way -> what is said of it, the surest first."""


def reach(vendor: str, law: Law) -> dict[str, list[str]]:
    """Way -> the instruments that at some time reach the vendor so; each under its surest."""
    found: dict[str, set[str]] = {way: set() for way in WAYS}
    for clause in law.clauses_about(vendor):
        for one in ways(vendor, None, clause, law, Interval()):
            if not clause.asks_anybody:
                found["related" if one.through else "named"].add(clause.instrument)
            elif not clause.controlled_from:
                found["anybody"].add(clause.instrument)
            else:
                found["controlled" if one.truth else "perhaps_controlled"].add(clause.instrument)
    said: set[str] = set()
    surest: dict[str, list[str]] = {}
    for way, instruments in found.items():
        surest[way] = sorted(instruments - said)
        said |= instruments
    return surest
