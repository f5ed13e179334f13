"""Policy files -> Policy, or every fault at once with file and line."""

import re
import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from policy import VERSION
from policy.files import BUILT_IN, Folder, digest, files_of, strays
from policy.model import Cases, Finding, Model, Profile, Waiver
from policy.prohibition import ANY, Clause, Prohibition
from policy.register import List, Vendor

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
    for folder in folders:
        if not any((folder / family).is_dir() for family in FAMILIES):
            expected = ", ".join(f"{family}/" for family in FAMILIES)
            problems.append(problem_at(folder, None, f"is no policy folder: it has none of {expected}"))
        elif isinstance(folder, Path):
            problems.extend(problem_at(path, None, why) for path, why in strays(folder))
        for family in families:
            for path in files_of(folder, family):
                entry = _read(path, FAMILIES[family], problems)
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
    policy = Policy.model_construct(
        version=VERSION,
        digest=digest(folders),
        files=files,
        added=_added(files, folders, families),
        **found,  # type: ignore[arg-type]
    )
    problems.extend(_cross_check(policy))
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
    entries = [_read(path, model, problems) for path in sorted(folder.rglob("*.toml"))]
    if problems:
        raise PolicyError(problems)
    return [entry for entry in entries if entry is not None]


def _read(path: Folder, model: type[M], problems: list[Problem]) -> M | None:
    try:
        text = path.read_text("utf-8")
        return model.model_validate(tomllib.loads(text))
    except (OSError, UnicodeDecodeError) as error:
        problems.append(problem_at(path, None, f"cannot be read: {error}"))
    except tomllib.TOMLDecodeError as error:
        place = re.search(r" \(at line (\d+), column \d+\)", str(error))
        message = str(error)[: place.start()] if place else str(error)
        problems.append(Problem(file=str(path), line=int(place[1]) if place else None, message=message))
    except ValidationError as error:
        for fault in error.errors(include_url=False, include_context=False):
            where = ".".join(str(part) for part in fault["loc"] if not str(part).startswith("("))  # a union's tag
            message = fault["msg"].removeprefix("Value error, ")
            if fault["type"] == "extra_forbidden":
                message = "unknown key"
            rule = "citation-without-url" if fault["loc"][-2:] == ("citation", "url") else FAULT
            problems.append(problem_at(path, fault["loc"], f"{where}: {message}" if where else message, rule))
    return None


def _key(entry: Model) -> str:
    return entry.prohibition if isinstance(entry, Cases) else str(entry.id)  # type: ignore[attr-defined]


def _cross_check(policy: Policy) -> Iterator[Problem]:
    """Ids that one file uses and no other file says."""
    for prohibition in policy.prohibitions.values():
        yield from _check_prohibition(prohibition, policy, Path(policy.files[f"prohibitions/{prohibition.id}"]))
    for entry in policy.vendors.values():
        path = Path(policy.files[f"vendors/{entry.id}"])
        for number, owner in enumerate(entry.owners):
            yield from _unknown("vendor", [owner.vendor], policy.vendors, path, ("owners", number, "vendor"))
    for listed in policy.lists.values():
        path = Path(policy.files[f"lists/{listed.id}"])
        for number, row in enumerate(listed.rows):
            for problem in _unknown("vendor", [row.vendor], policy.vendors, path, ("rows", number, "vendor")):
                yield problem.model_copy(update={"rule": "row-without-vendor"})
    for cases in policy.cases.values():
        yield from _check_cases(cases, policy, Path(policy.files[f"cases/{cases.prohibition}"]))


def _check_prohibition(prohibition: Prohibition, policy: Policy, path: Path) -> Iterator[Problem]:
    places: list[tuple[Prohibition | Clause, tuple[int | str, ...]]] = [(prohibition, ())]
    places += [(clause, ("clauses", number)) for number, clause in enumerate(prohibition.clauses)]
    for part, where in places:
        named = part.vendors if part.vendors != ANY else []
        yield from _unknown("vendor", named or [], policy.vendors, path, (*where, "vendors"))
        yield from _unknown("list", part.lists or [], policy.lists, path, (*where, "lists"))
    yield from _unknown("prohibition", prohibition.replaces, policy.prohibitions, path, ("replaces",))


def _unknown(
    what: str, ids: Iterable[str], known: Mapping[str, Model], path: Path, where: tuple[int | str, ...]
) -> Iterator[Problem]:
    for one in ids:
        if one not in known:
            yield problem_at(path, where, f"no {what} {one!r}" + (" in the register" if what == "vendor" else ""))


def _check_cases(cases: Cases, policy: Policy, path: Path) -> Iterator[Problem]:
    subject = policy.prohibitions.get(cases.prohibition)
    if subject is None:
        yield problem_at(path, ("prohibition",), f"no prohibition {cases.prohibition!r}")
        return
    clauses = {clause.id for clause in subject.clauses}
    for number, case in enumerate(cases.case):
        for code in case.reasons:
            if code not in clauses:
                yield problem_at(path, ("case", number, "reasons", code), f"no clause {code!r} in {subject.id}")
        if case.profile and case.profile not in policy.profiles:
            yield problem_at(path, ("case", number, "profile"), f"no profile {case.profile!r}")
        is_request = case.request is not None or (case.sbom is None and bool(cases.request))
        if is_request == (case.sbom is not None):
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
