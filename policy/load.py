"""Policy files -> Policy, or every fault at once with file and line."""

import re
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from policy import VERSION
from policy.files import BUILT_IN, digest, strays
from policy.model import Cases, Finding, Model, Profile, Prohibition, Vendor, Waiver

M = TypeVar("M", bound=Model)

FAMILIES: dict[str, type[Model]] = {
    "prohibitions": Prohibition,
    "vendors": Vendor,
    "profiles": Profile,
    "cases": Cases,
}
"""Folder of a policy -> what its files say."""


class Problem(BaseModel):
    """One fault in a policy file."""

    file: str
    line: int | None
    message: str

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
    profiles: dict[str, Profile]
    cases: dict[str, Cases]
    files: dict[str, str]  # "<family>/<id>" -> path


def load(folders: Iterable[Path] = (BUILT_IN,)) -> Policy:
    """Read policy folders; several add up. Raises PolicyError with every fault."""
    folders = tuple(folders)
    problems: list[Problem] = []
    found: dict[str, dict[str, Model]] = {family: {} for family in FAMILIES}
    files: dict[str, str] = {}
    for folder in folders:
        if not any((folder / family).is_dir() for family in FAMILIES):
            expected = ", ".join(f"{family}/" for family in FAMILIES)
            problems.append(problem_at(folder, None, f"is no policy folder: it has none of {expected}"))
        else:
            problems.extend(problem_at(path, None, why) for path, why in strays(folder))
        for family, model in FAMILIES.items():
            for path in sorted((folder / family).rglob("*.toml")):
                entry = _read(path, model, problems)
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
    policy = Policy.model_construct(version=VERSION, digest=digest(folders), files=files, **found)  # type: ignore[arg-type]
    problems.extend(_cross_check(policy))
    if problems:
        raise PolicyError(problems)
    return policy


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


def _read(path: Path, model: type[M], problems: list[Problem]) -> M | None:
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
            where = ".".join(str(part) for part in fault["loc"])
            message = fault["msg"].removeprefix("Value error, ")
            if fault["type"] == "extra_forbidden":
                message = "unknown key"
            problems.append(problem_at(path, fault["loc"], f"{where}: {message}" if where else message))
    return None


def _key(entry: Model) -> str:
    return entry.prohibition if isinstance(entry, Cases) else str(entry.id)  # type: ignore[attr-defined]


def _cross_check(policy: Policy) -> Iterator[Problem]:
    """Ids that one file uses and no other file says."""
    for prohibition in policy.prohibitions.values():
        path = Path(policy.files[f"prohibitions/{prohibition.id}"])
        yield from _unknown(prohibition.vendors if prohibition.vendors != "any" else [], policy, path, ("vendors",))
        for number, clause in enumerate(prohibition.clauses):
            yield from _unknown(clause.vendors or [], policy, path, ("clauses", number, "vendors"))
    for entry in policy.vendors.values():
        path = Path(policy.files[f"vendors/{entry.id}"])
        for number, owner in enumerate(entry.owners):
            yield from _unknown([owner.vendor], policy, path, ("owners", number, "vendor"))
    for cases in policy.cases.values():
        yield from _check_cases(cases, policy, Path(policy.files[f"cases/{cases.prohibition}"]))


def _unknown(vendors: Iterable[str], policy: Policy, path: Path, where: tuple[int | str, ...]) -> Iterator[Problem]:
    for vendor in vendors:
        if vendor not in policy.vendors:
            yield problem_at(path, where, f"no vendor {vendor!r} in the register")


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


def problem_at(path: Path, where: tuple[int | str, ...] | None, message: str) -> Problem:
    """A fault at a key of a policy file (None: at the file as a whole), with its line."""
    return Problem(file=str(path), line=_line(path, where) if where is not None else None, message=message)


def _line(path: Path, where: tuple[int | str, ...]) -> int | None:
    """The line that says the key at `where`, else of the deepest table on the way to it.

    tomllib gives no positions; a policy file is written by people, one key a line, so headers and keys are enough.
    """
    table: list[str] = []
    best, depth = 1, 0
    count: dict[tuple[str, ...], int] = {}
    wanted = [str(part) for part in where]
    for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
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
