"""The mappings that come with the gate, one TOML file for each system, and how an operator's own is found."""

from functools import cache
from pathlib import Path

from gate.errors import UsageError
from gate.workflow.file import parsed
from gate.workflow.mapping import Mapping

BUILT_IN = Path(__file__).parent


def names() -> list[str]:
    """The systems for which the gate brings a mapping."""
    return sorted(path.stem for path in BUILT_IN.glob("*.toml"))


def mapping_named(name: str, folder: Path) -> Mapping:
    """A mapping by its system's name, or by the path of a file, taken from `folder` on. Raises UsageError."""
    if name.endswith(".toml"):
        return parsed(folder / name, Mapping)
    if name not in names():
        known = ", ".join(names())
        raise UsageError(f"There is no mapping {name!r}", remedy=f"Known are {known}, or name a .toml file.")
    return _built_in(name)


@cache
def _built_in(name: str) -> Mapping:
    return parsed(BUILT_IN / f"{name}.toml", Mapping)
