"""Which files are the law, and the law's identity. Light: it needs neither the models nor their library."""

import hashlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from policy import VERSION
from policy.packed import Packed

Folder = Path | Packed
"""A policy folder: on the disk, or in a bundle."""

BUILT_IN = Path(__file__).parent
"""The folder of the law that ships with the package."""

_CODE = ("vocabulary.py", "roles.py", "facts.py", "words.py", "model.py", "prohibition.py", "register.py", "dates.py")

FAMILIES = ("prohibitions", "vendors", "lists", "profiles", "cases")
"""The folders of a policy."""

LAW_FAMILIES = ("prohibitions", "vendors", "lists", "profiles")
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


def names_of(folder: Folder, family: str) -> list[str]:
    """The policy files of one family, each by its name inside the folder, in a fixed order."""
    if isinstance(folder, Packed):
        return sorted(folder.below(family))
    start, found, waiting = len(f"{folder}/"), list[str](), [f"{folder}/{family}"]
    while waiting:  # by hand: pathlib takes ten times as long, and every start of the gate waits for this
        try:
            entries = os.scandir(waiting.pop())
        except (FileNotFoundError, NotADirectoryError):
            continue
        with entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)
                elif entry.name.endswith(".toml"):
                    found.append(entry.path[start:])
    return sorted(name.replace(os.sep, "/") for name in found)


def files_of(folder: Folder, family: str) -> list[Folder]:
    """The policy files of one family, in the same order."""
    return [folder / name for name in names_of(folder, family)]


def digest(folders: Iterable[Folder], code: Iterable[Path] = ()) -> str:
    """SHA-256 over names and bytes of every file that decides, the vocabulary they use, and any `code` given."""
    state = hashlib.sha256(VERSION.encode())
    for path in (*(BUILT_IN / name for name in _CODE), *code):
        _update(state, path.name, path.read_bytes())
    for folder in folders:
        for family in LAW_FAMILIES:
            for name in names_of(folder, family):
                _update(state, name, _bytes(folder, name))
    return "sha256:" + state.hexdigest()


def _update(state: "hashlib._Hash", name: str, data: bytes) -> None:
    # Lengths go in too, so that moving bytes from one file to the next is seen.
    state.update(f"{len(name)}:{name}:{len(data)}:".encode())
    state.update(data)


def _bytes(folder: Folder, name: str) -> bytes:
    if isinstance(folder, Packed):
        return (folder / name).read_bytes()
    file = os.open(f"{folder}/{name}", os.O_RDONLY | getattr(os, "O_BINARY", 0))  # half the time that `open` takes
    try:
        return b"".join(iter(lambda: os.read(file, 65536), b""))
    finally:
        os.close(file)
