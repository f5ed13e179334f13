"""Which mutants of the law its cases do not notice: a wrong date, a dropped exception, a position taken for another.

An instrument's mutant is put to that instrument's cases. A mutant of what several share, an owner of a vendor or a row
of a list, is put to the cases of every instrument in which it changes how a vendor they are about is reached.
"""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from pydantic import ValidationError

from gate.cases import Effects, Posed, difference, effects_of, outcome
from gate.compile import clauses_of, list_of, vendor_of
from gate.decide import Question
from gate.law import Clause, Law
from gate.meaning import Reached, mean_the_same, reached
from gate.mutant import Mutant, mutants
from policy.dates import is_known
from policy.load import Policy, Problem, problem_at
from policy.model import Model
from policy.prohibition import Prohibition
from policy.register import List, Vendor

SURVIVOR = "survivor"
"""The rule that a mutant breaks which no case notices."""

M = TypeVar("M", bound=Model)

Changed = Mapping[str, Clause | None]
"""Code of a clause -> the clause as the mutant has it; None if it has none."""


class Result(msgspec.Struct):
    """How many mutants there were, and those that no case noticed."""

    mutants: int = 0
    survivors: list[Problem] = []

    def add(self, mutant: Mutant, file: Path, *, is_noticed: bool) -> None:
        """Count a mutant."""
        self.mutants += 1
        if not is_noticed:
            message = f"no case would notice that {mutant.what}. {mutant.remedy}"
            self.survivors.append(problem_at(file, mutant.where, message, SURVIVOR))


class Altered:
    """The law with a mutant of what several instruments share. `kin`: the vendors it could make a difference to."""

    def __init__(self, file: Path, mutant: Mutant, law: Law, kin: frozenset[str]) -> None:
        self.file, self.mutant, self.law, self.kin = file, mutant, law, kin
        self._known: dict[datetime, Law] = {}

    def known(self, at: datetime) -> Law:
        """That law as it was known at an instant."""
        if at not in self._known:
            self._known[at] = self.law.known(at)
        return self._known[at]


class Trial:
    """The cases of one instrument, and what each of its clauses says to them."""

    def __init__(self, policy: Policy, law: Law, instrument: str, cases: Iterable[Posed]) -> None:
        self.file = Path(policy.files[f"prohibitions/{instrument}"])
        self.clauses = {clause.code: clause for clause in law.clauses if clause.instrument == instrument}
        self.heard: list[tuple[Posed, Effects]] = []
        for posed in cases:
            said = {_id(code): effects_of(posed.asked(clause)) for code, clause in self.clauses.items()}
            self.heard.append((posed, {name: effects for name, effects in said.items() if effects}))
        self._reached: dict[str, dict[tuple[datetime, Question], Reached]] = {}

    def notices(self, changed: Changed, altered: Altered | None = None) -> bool:
        """Whether any case fails."""
        for number, (posed, said) in enumerate(self.heard):
            law = altered.known(posed.decision.known_at) if altered else None
            other = {**said}
            for code, clause in changed.items():
                other[_id(code)] = effects_of(posed.asked(clause, law)) if clause is not None else frozenset()
            if other != said and difference(posed.case, outcome(posed, other), other) is not None:
                # What noticed one mutant often notices the next.
                self.heard.insert(0, self.heard.pop(number))
                return True
        return False

    def touched(self, altered: Altered) -> Changed:
        """The clauses that reach somebody the cases are about otherwise than in the law as it is."""
        return {
            code: clause
            for code, clause in self.clauses.items()
            if any(
                reached(clause, altered.known(at), question) != before
                for (at, question), before in self._reached_by(clause).items()
                if question.vendor in altered.kin
            )
        }

    def vendors(self) -> set[str]:
        """Everybody whom the cases are about."""
        return {question.vendor for posed, _ in self.heard for question in posed.questions}

    def _reached_by(self, clause: Clause) -> dict[tuple[datetime, Question], Reached]:
        """How a clause reaches everybody the cases are about; a day matters only to the control by a country."""
        if clause.code not in self._reached:
            different: dict[tuple[object, ...], tuple[Posed, Question]] = {}
            for posed, _ in self.heard:
                is_known_then = is_known(clause.published, posed.decision.known_at)
                for question in posed.questions if is_known_then else ():
                    day = question.act.span if clause.controlled_from else None
                    key = (posed.decision.known_at, question.vendor, question.country, day)
                    different.setdefault(key, (posed, question))
            self._reached[clause.code] = {
                (posed.decision.known_at, question): reached(clause, posed.law, question)
                for posed, question in different.values()
            }
        return self._reached[clause.code]


def survivors(policy: Policy, law: Law, proven: Mapping[str, Iterable[Posed]]) -> Result:
    """The mutants of these instruments, each with its cases, all of which pass, and of what the instruments share."""
    trials = [Trial(policy, law, instrument, cases) for instrument, cases in proven.items()]
    result = Result()
    for trial in trials:
        for mutant in mutants(_table(trial.file)):
            changed = _changed(mutant, trial, law)
            if changed:
                result.add(mutant, trial.file, is_noticed=trial.notices(changed))
    asked = set().union(*(trial.vendors() for trial in trials))
    for altered in (*_owners(policy, law, asked), *_rows(policy, law, asked)):
        touched = [(trial, changed) for trial in trials if (changed := trial.touched(altered))]
        if touched:
            is_noticed = any(trial.notices(changed, altered) for trial, changed in touched)
            result.add(altered.mutant, altered.file, is_noticed=is_noticed)
    return result


def _changed(mutant: Mutant, trial: Trial, law: Law) -> Changed:
    """The clauses that mean something else in a mutant. None at all if it is no valid file."""
    instrument = _valid(Prohibition, mutant.document)
    if instrument is None:
        return {}
    altered = {clause.code: clause for clause in clauses_of(instrument)}
    return {
        code: altered.get(code)
        for code, clause in trial.clauses.items()
        if code not in altered or not mean_the_same(clause, altered[code], law)
    }


def _owners(policy: Policy, law: Law, asked: set[str]) -> Iterator[Altered]:
    """Mutants of the owners of every vendor that the cases are about, or that those are related to."""
    for vendor in sorted(asked.union(*(law.relatives.get(one, frozenset()) for one in asked)) & law.vendors.keys()):
        file, kin = Path(policy.files[f"vendors/{vendor}"]), law.relatives[vendor]
        table = _table(file)
        for mutant in mutants({"owners": table.get("owners", [])}):
            one = _valid(Vendor, {**table, **mutant.document})
            if one is not None:
                vendors = {**law.vendors, vendor: vendor_of(one)}
                yield Altered(file, mutant, msgspec.structs.replace(law, vendors=vendors), kin)


def _rows(policy: Policy, law: Law, asked: set[str]) -> Iterator[Altered]:
    """Mutants of the rows that name a vendor the cases are about, or a relative."""
    for name in sorted(law.lists):
        file = Path(policy.files[f"lists/{name}"])
        table = _table(file)
        for number, row in enumerate(table["rows"]):
            kin = law.relatives[row["vendor"]]
            for mutant in [] if kin.isdisjoint(asked) else mutants({"time_zone": table["time_zone"], "rows": [row]}):
                rows = [*table["rows"][:number], *mutant.document["rows"], *table["rows"][number + 1 :]]
                one = _valid(List, {**table, "rows": rows})
                if one is not None:
                    place = mutant._replace(where=("rows", number, *mutant.where[2:]))
                    lists = {**law.lists, name: list_of(one)}
                    yield Altered(file, place, msgspec.structs.replace(law, lists=lists), kin)


def _valid(model: type[M], table: dict[str, Any]) -> M | None:
    try:
        return model.model_validate(table)
    except ValidationError:
        return None


def _table(file: Path) -> dict[str, Any]:
    return tomllib.loads(file.read_text("utf-8"))


def _id(code: str) -> str:
    return code.partition("/")[2]
