"""Which files are the law, and the law's identity. Light: it needs neither the models nor their library."""

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from policy import VERSION

BUILT_IN = Path(__file__).parent
"""The folder of the law that ships with the package."""

_CODE = ("vocabulary.py", "words.py", "model.py", "dates.py")

FAMILIES = ("prohibitions", "vendors", "profiles", "cases")
"""The folders of a policy."""

LAW_FAMILIES = ("prohibitions", "vendors", "profiles")
"""The folders that decide; cases only test."""


LEFT_ALONE = ("template", "__pycache__")
"""Folders beside the families that say nothing: what is there to be copied, and Python's own."""


def strays(folder: Path) -> Iterator[tuple[Path, str]]:
    """What looks like law in a policy folder and would not be read, and why: a ban in `prohibition/` bans nothing."""
    for entry in sorted(folder.iterdir()):
        if entry.name.startswith(".") or entry.name in LEFT_ALONE:
            continue
        if entry.name in FAMILIES:
            for path in sorted(entry.rglob("*")):
                if path.is_symlink() and path.is_dir():
                    yield path, "is a link to a folder, which is not followed"
                elif path.is_file() and path.suffix not in (".toml", ".md") and not path.name.startswith("."):
                    yield path, "is not read: a policy file's name ends in .toml"
        elif entry.is_dir() and any(path.suffix.lower() == ".toml" for path in entry.rglob("*")):
            yield entry, f"is not read: a policy's folders are {', '.join(FAMILIES)}"
        elif entry.suffix.lower() == ".toml":
            yield entry, f"is not read: it belongs in one of {', '.join(f'{family}/' for family in FAMILIES)}"


def law_files(folders: Iterable[Path]) -> Iterator[tuple[str, Path]]:
    """The files that decide, each with its name inside its folder, in a fixed order."""
    for folder in folders:
        for family in LAW_FAMILIES:
            for path in sorted((folder / family).rglob("*.toml")):
                yield path.relative_to(folder).as_posix(), path


def digest(folders: Iterable[Path], code: Iterable[Path] = ()) -> str:
    """SHA-256 over names and bytes of every file that decides, the vocabulary they use, and any `code` given."""
    state = hashlib.sha256(VERSION.encode())
    words = ((path.name, path) for path in (*(BUILT_IN / name for name in _CODE), *code))
    for name, path in (*words, *law_files(folders)):
        data = path.read_bytes()
        # Lengths go in too, so that moving bytes from one file to the next is seen.
        state.update(f"{len(name)}:{name}:{len(data)}:".encode())
        state.update(data)
    return "sha256:" + state.hexdigest()
