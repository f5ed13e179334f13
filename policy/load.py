"""Policy files -> Policy, or every fault at once with file and line."""

import re
import tomllib
from collections.abc import Collection, Iterable, Iterator, Sequence, Set
from pathlib import Path
from typing import NamedTuple, TypeVar

from pydantic import BaseModel, ValidationError

from policy import VERSION
from policy.faults import in_model, in_toml
from policy.files import BUILT_IN, Folder, digest, files_of, strays
from policy.model import Cases, Finding, Model, Profile, Waiver
from policy.prohibition import Prohibition
from policy.references import Table, clauses_of, references
from policy.register import List, Vendor
from policy.spelling import closest

M = TypeVar("M", bound=Model)

FAMILIES: dict[str, type[Model]] = {
    "prohibitions": Prohibition,
    "vendors": Vendor,
    "lists": List,
    "profiles": Profile,
    "cases": Cases,
}
"""Folder of a policy -> what its files say."""


FAULT = "fault"
"""The rule that a file breaks when it cannot be used at all; `policy.lint.RULES` has the others."""


class Problem(BaseModel):
    """One thing wrong with a policy, where, and by which rule."""

    file: str
    line: int | None
    message: str
    rule: str = FAULT

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}" if self.line else f"{self.file}: {self.message}"


class PolicyError(Exception):
    """The policy cannot be used; `problems` names every fault that was found."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


class Policy(BaseModel):
    """Everything the policy folders say, checked file by file and against each other."""

    version: str
    digest: str
    prohibitions: dict[str, Prohibition]
    vendors: dict[str, Vendor]
    lists: dict[str, List]
    profiles: dict[str, Profile]
    cases: dict[str, Cases]
    files: dict[str, str]  # "<family>/<id>" -> path
    added: frozenset[str] = frozenset()  # of those, what other folders add to the first


def load(folders: Iterable[Folder] = (BUILT_IN,), families: Collection[str] = FAMILIES) -> Policy:
    """Read policy folders, or some families of them; several add up. Raises PolicyError with every fault."""
    folders = tuple(folders)
    problems: list[Problem] = []
    found: dict[str, dict[str, Model]] = {family: {} for family in FAMILIES}
    files: dict[str, str] = {}
    said: list[_Said] = []
    for folder in folders:
        if not any((folder / family).is_dir() for family in FAMILIES):
            expected = ", ".join(f"{family}/" for family in FAMILIES)
            problems.append(problem_at(folder, None, f"is no policy folder: it has none of {expected}"))
        elif isinstance(folder, Path):
            problems.extend(problem_at(path, None, why) for path, why in strays(folder))
        for family in families:
            for path in files_of(folder, family):
                table, entry = _read(path, FAMILIES[family], problems)
                said.append(_Said(family, path, table))
                if entry is None:
                    continue
                key = _key(entry)
                if key != path.stem:
                    problems.append(problem_at(path, ("id",), f"the id {key!r} must be the file's name, {path.stem!r}"))
                if key in found[family]:
                    problems.append(problem_at(path, ("id",), f"{key!r} is already said in {files[f'{family}/{key}']}"))
                    continue
                found[family][key] = entry
                files[f"{family}/{key}"] = str(path)
    problems.extend(_cross_check(said))
    policy = Policy.model_construct(
        version=VERSION,
        digest=digest(folders),
        files=files,
        added=_added(files, folders, families),
        **found,  # type: ignore[arg-type]
    )
    problems.extend(problem for cases in policy.cases.values() for problem in _check_cases(cases, policy))
    if problems:
        raise PolicyError(problems)
    return policy


def _added(files: dict[str, str], folders: tuple[Folder, ...], families: Collection[str]) -> frozenset[str]:
    first = {str(path) for folder in folders[:1] for family in families for path in files_of(folder, family)}
    return frozenset(key for key, path in files.items() if path not in first)


def load_waivers(folder: Path) -> list[Waiver]:
    """The waivers in a folder. Raises PolicyError: a malformed waiver waives nothing, and says so."""
    return _load_all(folder, Waiver)


def load_findings(folder: Path) -> list[Finding]:
    """The findings in a folder. Raises PolicyError."""
    return _load_all(folder, Finding)


def _load_all(folder: Path, model: type[M]) -> list[M]:
    problems: list[Problem] = []
    if not folder.is_dir():
        raise PolicyError([problem_at(folder, None, "is no folder")])
    entries = [_read(path, model, problems)[1] for path in sorted(folder.rglob("*.toml"))]
    if problems:
        raise PolicyError(problems)
    return [entry for entry in entries if entry is not None]


class _Said(NamedTuple):
    """A policy file as TOML has it (None: it is no TOML), whether or not it may say so."""

    family: str
    path: Folder
    table: Table | None

    @property
    def ids(self) -> set[str]:
        """What others may call it: a file with a fault is there all the same."""
        own = (self.table or {}).get("prohibition" if self.family == "cases" else "id")
        return {self.path.stem, *([own] if isinstance(own, str) else [])}


def _read(path: Folder, model: type[M], problems: list[Problem]) -> tuple[Table | None, M | None]:
    """What a file says, and what it means; whatever is wrong with it goes to the problems."""
    text, table = "", None
    try:
        text = path.read_text("utf-8")
        table = tomllib.loads(text)
        return table, model.model_validate(table)
    except (OSError, UnicodeDecodeError) as error:
        problems.append(problem_at(path, None, f"cannot be read: {error}"))
    except tomllib.TOMLDecodeError as error:
        line, message = in_toml(text, error)
        problems.append(Problem(file=str(path), line=line, message=message))
    except ValidationError as error:
        for loc, message in in_model(error):
            where = ".".join(str(part) for part in loc if not str(part).startswith("("))  # a union's tag
            rule = "citation-without-url" if loc[-2:] == ("citation", "url") else FAULT
            problems.append(problem_at(path, loc, f"{where}: {message}" if where else message, rule))
    return table, None


def _key(entry: Model) -> str:
    return entry.prohibition if isinstance(entry, Cases) else str(entry.id)  # type: ignore[attr-defined]


def _cross_check(said: Sequence[_Said]) -> Iterator[Problem]:
    """Ids that one file uses and no other file says."""
    known: dict[str, dict[str, _Said]] = {family: {} for family in FAMILIES}
    for one in said:
        known[one.family].update(dict.fromkeys(one.ids, one))
    for one in said:
        for reference in references(one.family, one.table or {}):
            what, wanted = reference.what, reference.id
            if what == "clause":
                instrument = known["prohibitions"].get(str((one.table or {}).get("prohibition")))
                if instrument is None or instrument.table is None:
                    continue  # which is a problem of its own
                ids: Set[str] = clauses_of(instrument.table)
                of = f" in {instrument.path.stem}"
            else:
                ids = known[f"{what}s"].keys()
                of = " in the register" if what == "vendor" else ""
            if wanted not in ids:
                close = closest(wanted, ids)
                ask = f" (did you mean {close}?)" if close else ""
                rule = "row-without-vendor" if one.family == "lists" else FAULT
                yield problem_at(one.path, reference.where, f"no {what} {wanted!r}{of}{ask}", rule)


def _check_cases(cases: Cases, policy: Policy) -> Iterator[Problem]:
    for number, case in enumerate(cases.case):
        is_request = case.request is not None or (case.sbom is None and bool(cases.request))
        if is_request == (case.sbom is not None):
            path = Path(policy.files[f"cases/{cases.prohibition}"])
            yield problem_at(path, ("case", number), "a case judges either a request or an sbom")


def problem_at(path: Folder, where: tuple[int | str, ...] | None, message: str, rule: str = FAULT) -> Problem:
    """What is wrong at a key of a policy file (None: with the file as a whole), with its line."""
    return Problem(file=str(path), line=_line(path, where) if where is not None else None, message=message, rule=rule)


def _line(path: Folder, where: tuple[int | str, ...]) -> int | None:
    """The line that says the key at `where`, else of the deepest table on the way to it.

    tomllib gives no positions; a policy file is written by people, one key a line, so headers and keys are enough.
    """
    table: list[str] = []
    best, depth = 1, 0
    count: dict[tuple[str, ...], int] = {}
    wanted = [str(part) for part in where]
    try:
        text = path.read_text("utf-8")
    except OSError:  # a file in a bundle, known here by its name alone
        return None
    for number, line in enumerate(text.splitlines(), start=1):
        header = re.match(r"\s*(\[\[?)\s*([^\]]+?)\s*\]", line)
        if header:
            table = re.split(r"\s*\.\s*", header[2])
            if header[1] == "[[":
                count[tuple(table)] = count.get(tuple(table), -1) + 1
                table = [*table, str(count[tuple(table)])]
            at = table
        elif key := re.match(r"\s*([A-Za-z0-9_\-.\"]+)\s*=", line):
            at = [*table, *key[1].replace('"', "").split(".")]
        else:
            continue
        shared = next(
            (i for i, (a, b) in enumerate(zip(at, wanted, strict=False)) if a != b), min(len(at), len(wanted))
        )
        if shared > depth and shared >= min(len(at), len(wanted)):
            best, depth = number, shared
    return best
