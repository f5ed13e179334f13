"""The compiled law: one file in the user's cache, loaded in milliseconds and rebuilt when any policy file changes.

It is named by the digest of the policy's own bytes, so a stale one is never found. It is a cache and no more: what it
holds is made from the policy files, and any doubt about it makes it anew.
"""

import os
from collections.abc import Iterable
from pathlib import Path

import msgspec

from gate.errors import LawError
from gate.law import Law
from policy.files import BUILT_IN, FAMILIES, digest, strays

_CODE = ("law.py", "compile.py", "names.py", "purl.py", "ownership.py")
"""The modules by which a law is made; those of `policy/` are in its digest already."""

_WRITABLE_BY_OTHERS = 0o022


def load(folders: Iterable[Path | str] = (), *, only: bool = False) -> Law:
    """The built-in law and the policy folders that add to it (`only`: instead of it). Raises LawError."""
    chosen = tuple(Path(folder) for folder in folders)
    paths = chosen if only else (BUILT_IN, *chosen)
    name = _name(paths)
    path = _cache() / f"{name}.law"
    law = _kept(path, name)
    if law is None:
        law = _make(paths)
        _keep(_Bundle(name, law), path)
    if not law.clauses:
        raise LawError("The policy forbids nothing", remedy="A policy has prohibitions/; see policy/README.md.")
    return law


class _Bundle(msgspec.Struct):
    """The file: what it was made from, and the law."""

    name: str
    law: Law


def _kept(path: Path, name: str) -> Law | None:
    """The compiled law in the cache, if it is there, ours, readable, and of this very policy."""
    try:
        is_ours = not hasattr(os, "getuid") or (_is_only_ours(path) and _is_only_ours(path.parent))
        bundle = msgspec.msgpack.decode(path.read_bytes(), type=_Bundle) if is_ours else None
    except (OSError, msgspec.MsgspecError):
        return None
    return bundle.law if bundle is not None and bundle.name == name else None


def _is_only_ours(path: Path) -> bool:
    """Whether nobody else could have put something there: who writes the law decides."""
    status = path.stat()
    return status.st_uid == os.getuid() and not status.st_mode & _WRITABLE_BY_OTHERS


def _make(paths: tuple[Path, ...]) -> Law:
    from gate.compile import compiled
    from policy.load import PolicyError
    from policy.load import load as load_policy

    try:
        return compiled(load_policy(paths))
    except PolicyError as error:
        raise LawError(f"The policy cannot be used:\n{error}") from error


def _name(folders: tuple[Path, ...]) -> str:
    """What the compiled law depends on: the bytes of every policy file, and of the code that compiles them."""
    for folder in folders:
        if not any((folder / family).is_dir() for family in FAMILIES):
            raise LawError(f"{folder} is no policy folder", remedy=f"It has none of {', '.join(FAMILIES)}.")
        for path, why in () if folder == BUILT_IN else strays(folder):
            raise LawError(f"{path} {why}", remedy="Move or rename it, so that what it forbids is forbidden.")
    code = [Path(__file__).parent / name for name in _CODE]
    return digest(folders, code).removeprefix("sha256:")


def _cache() -> Path:
    home = os.environ.get("XDG_CACHE_HOME")
    return (Path(home) if home else Path("~/.cache").expanduser()) / "procurement-gate"


def _keep(bundle: _Bundle, path: Path) -> None:
    """Write the bundle whole or not at all; a cache that cannot be written only costs time."""
    import tempfile

    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
            file.write(msgspec.msgpack.encode(bundle))
        Path(file.name).replace(path)
    except OSError:
        return
