"""What of an instrument its cases exercise: clauses, exceptions, waivers, and every condition met and not met."""

from collections.abc import Iterator
from pathlib import Path

import msgspec

from gate.cases import Posed
from gate.decide import SetAsideReason, may_mean
from gate.law import Clause
from gate.meaning import asked_positions
from policy.dates import Phase
from policy.faults import Where
from policy.load import Problem, problem_at
from policy.prohibition import Prohibition
from policy.roles import Role

UNEXERCISED = "unexercised"
"""The rule that breaks what no case exercises."""

CONDITIONS = {"categories": "category", "positions": "position", "purposes": "purpose", "agreements": "agreement"}
"""Key of a condition -> what an outcome calls it."""


class Item(msgspec.Struct, frozen=True):
    """Something that a case can exercise. `remedy` None: one does."""

    kind: str  # clause, exception, waiver or condition
    where: Where
    what: str
    remedy: str | None


class Coverage(msgspec.Struct):
    """How much there is of each kind, how much of it is exercised, and what is not."""

    all: dict[str, int] = {}
    exercised: dict[str, int] = {}
    gaps: list[Problem] = []

    def add(self, items: Iterator[Item], file: Path) -> None:
        """Count what the cases of one instrument exercise."""
        for item in items:
            self.all[item.kind] = self.all.get(item.kind, 0) + 1
            if item.remedy is None:
                self.exercised[item.kind] = self.exercised.get(item.kind, 0) + 1
            else:
                self.gaps.append(problem_at(file, item.where, f"{item.what}. {item.remedy}", UNEXERCISED))


class Heard(msgspec.Struct):
    """What the cases heard from one clause: whether it bit, what spared them or was open, whose waivers lifted it."""

    bites: bool = False
    spared: set[str] = set()
    open: set[str] = set()
    granted: set[str] = set()


def items(instrument: Prohibition, clauses: list[Clause], cases: list[Posed]) -> Iterator[Item]:
    """Everything in an instrument that a case can exercise."""
    heard = {clause.code.partition("/")[2]: _heard(clause, cases) for clause in clauses}
    spared = set().union(*(one.spared for one in heard.values()))
    granted = set().union(*(one.granted for one in heard.values()))
    for number, clause in enumerate(instrument.clauses):
        remedy = None if heard[clause.id].bites else "Write a case in which all its conditions are met."
        yield Item("clause", ("clauses", number), f"clause {clause.id!r} never bites in a case", remedy)
    for number, exemption in enumerate(instrument.exceptions):
        remedy = None if f"exception {exemption.id}" in spared else "Write a case that only this exception spares."
        what = f"exception {exemption.id!r} never applies in a case"
        yield Item("exception", ("exceptions", number), what, remedy)
    for number, waiver in enumerate(instrument.waivers_allowed):
        remedy = None if waiver.by in granted else f"Write a case with a waiver granted by {waiver.by!r}."
        yield Item("waiver", ("waivers_allowed", number), f"no waiver by {waiver.by!r} lifts in a case", remedy)
    yield from _conditions(instrument, clauses, heard)


def _heard(clause: Clause, cases: list[Posed]) -> Heard:
    heard = Heard()
    for posed in cases:
        if clause.asks_anybody and not all(may_mean(question, clause) for question in posed.questions):
            heard.spared.add("category")  # what is surely out of scope is not even asked about
        for _, one in posed.asked(clause):
            if isinstance(one, SetAsideReason):
                heard.spared |= set() if one.is_bound else {"role"}
            elif one.spared_by is not None:
                heard.spared.add(one.spared_by)
                heard.granted |= {one.grant.granted_by} if one.grant else set()
            elif one.missing:
                heard.open.update(one.missing)
            elif one.in_force.phase_of(one.when) is Phase.IN_FORCE:
                heard.bites = True
    return heard


def _conditions(instrument: Prohibition, clauses: list[Clause], heard: dict[str, Heard]) -> Iterator[Item]:
    """Every condition where it is written: one on the instrument is exercised by any clause that inherits it."""
    places: dict[Where, tuple[str, list[Heard]]] = {}
    by_id = {clause.code.partition("/")[2]: clause for clause in clauses}
    for number, clause in enumerate(instrument.clauses):
        for where, name in _written(instrument, number, by_id[clause.id]):
            places.setdefault(where, (name, []))[1].append(heard[clause.id])
    for where, (name, clauses_there) in places.items():
        remedy = None
        if not any(one.bites for one in clauses_there):
            remedy = "Write a case in which it and all the others are met."
        elif not any(name in one.spared | one.open for one in clauses_there):
            remedy = "Write a case in which it is not met or not stated, and all the others are met."
        yield Item("condition", where, f"no case exercises the condition on {name} both ways", remedy)


def _written(instrument: Prohibition, number: int, compiled: Clause) -> Iterator[tuple[Where, str]]:
    """Where each condition of a clause is written, and what an outcome calls it."""
    clause = instrument.clauses[number]
    if Role.ANYONE not in compiled.binds:
        yield ("binds",) if clause.binds is None else ("clauses", number, "binds"), "role"
    for key, name in CONDITIONS.items():
        asked = getattr(compiled, key)
        if key == "positions":
            asked = asked_positions(compiled.positions, compiled.acts)
        if asked:
            yield ("scope", key) if getattr(clause, key) is None else ("clauses", number, key), name
    for fact in compiled.facts:
        place: Where = ("scope", "facts", fact) if clause.facts is None else ("clauses", number, "facts", fact)
        yield place, f"fact {fact}"
