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
from policy.files import BUILT_IN, FAMILIES, LAW_FAMILIES, Folder, digest, strays
from policy.packed import Packed

_CODE = (
    "law.py",
    "register.py",
    "compile.py",
    "alias.py",
    "names.py",
    "letters.py",
    "purl.py",
    "ownership.py",
    "facts.py",
)
"""The modules by which a law is made; those of `policy/` are in its digest already."""

_WRITABLE_BY_OTHERS = 0o022


def load(folders: Iterable[Path | str] = (), *, only: bool = False, keys: Iterable[Path | str] = ()) -> Law:
    """The built-in law and the policy folders or bundles that add to it (`only`: instead of it). Raises LawError.

    With `keys` (public keys, PEM) only bundles that one of them signed are taken, and the law is compiled anew: the
    cache is not signed, and may have come from anywhere.
    """
    paths, trusted = [Path(folder) for folder in folders], [Path(key) for key in keys]
    chosen = tuple(_folder(path, trusted) for path in paths)
    if not only and any((BUILT_IN / name).is_file() for folder in chosen for name in getattr(folder, "texts", ())):
        raise LawError("The bundle holds the built-in law itself", remedy="Name it with --only-policy.")
    if only and chosen and not any(getattr(folder, "alone", True) for folder in chosen):
        raise LawError(
            "The bundle was made to add to the built-in law, not to stand in its place",
            file=str(chosen[0]),
            remedy="Name it with --policy, or make it with `gate policy bundle --only-policy`.",
        )
    if trusted:
        law = _make(chosen if only else (BUILT_IN, *chosen))
    else:
        law = _cached(chosen if only else (BUILT_IN, *chosen))
    if only and len(chosen) == 1 and isinstance(chosen[0], Packed):
        law = msgspec.structs.replace(law, version=chosen[0].version)
    if not law.clauses:
        raise LawError("The policy forbids nothing", remedy="A policy has prohibitions/; see policy/README.md.")
    return law


def _folder(path: Path, keys: list[Path]) -> Folder:
    if not keys and not path.is_file():
        return path
    from gate.bundle import folder_at

    return folder_at(path, keys)


def _cached(folders: tuple[Folder, ...]) -> Law:
    name = _name(folders)
    path = _cache() / f"{name}.law"
    law = _kept(path, name)
    if law is None:
        law = _make(folders)
        _keep(_Kept(name, law), path)
    return law


class _Kept(msgspec.Struct):
    """The file: what it was made from, and the law."""

    name: str
    law: Law


def _kept(path: Path, name: str) -> Law | None:
    """The compiled law in the cache, if it is there, ours, readable, and of this very policy."""
    try:
        is_ours = not hasattr(os, "getuid") or (_is_only_ours(path) and _is_only_ours(path.parent))
        kept = msgspec.msgpack.decode(path.read_bytes(), type=_Kept) if is_ours else None
    except (OSError, msgspec.MsgspecError):
        return None
    return kept.law if kept is not None and kept.name == name else None


def _is_only_ours(path: Path) -> bool:
    """Whether nobody else could have put something there: who writes the law decides."""
    status = path.stat()
    return status.st_uid == os.getuid() and not status.st_mode & _WRITABLE_BY_OTHERS


def _make(folders: tuple[Folder, ...]) -> Law:
    from gate.compile import compiled
    from policy.load import PolicyError
    from policy.load import load as load_policy

    try:
        return compiled(load_policy(folders, LAW_FAMILIES))  # cases only test
    except PolicyError as error:
        raise LawError(f"The policy cannot be used:\n{error}") from error


def _name(folders: tuple[Folder, ...]) -> str:
    """What the compiled law depends on: the bytes of every policy file, and of the code that compiles them."""
    for folder in folders:
        if not any((folder / family).is_dir() for family in FAMILIES):
            from gate.bundle import no_policy_folder

            raise no_policy_folder(folder)
        for path, why in strays(folder) if isinstance(folder, Path) and folder != BUILT_IN else ():
            raise LawError(f"{path} {why}", remedy="Move or rename it, so that what it forbids is forbidden.")
    code = [Path(__file__).parent / name for name in _CODE]
    try:
        return digest(folders, code).removeprefix("sha256:")
    except OSError as error:
        raise LawError(f"The policy cannot be read: {error.strerror}", file=error.filename) from error


def _cache() -> Path:
    home = os.environ.get("XDG_CACHE_HOME")
    return (Path(home) if home else Path("~/.cache").expanduser()) / "procurement-gate"


def _keep(kept: _Kept, path: Path) -> None:
    """Write it whole or not at all; a cache that cannot be written only costs time."""
    import tempfile

    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
            file.write(msgspec.msgpack.encode(kept))
        Path(file.name).replace(path)
    except OSError:
        return
