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
from policy.files import BUILT_IN, digest

_CODE = ("law.py", "compile.py", "names.py", "purl.py", "ownership.py")


def load(folders: Iterable[Path | str] = (), *, only: bool = False) -> Law:
    """The built-in law and the policy folders that add to it (`only`: instead of it). Raises LawError."""
    chosen = tuple(Path(folder) for folder in folders)
    paths = chosen if only else (BUILT_IN, *chosen)
    cached = _cache() / f"{_name(paths)}.law"
    try:
        # The file is ours alone: in a folder only this user can write to, and belonging to this user.
        if cached.stat().st_uid == os.getuid() if hasattr(os, "getuid") else True:
            return _DECODER.decode(cached.read_bytes())
    except (OSError, msgspec.MsgspecError):
        pass  # not there, or not readable: it is made again from the policy itself
    made = _make(paths)
    _keep(made, cached)
    return made


_DECODER = msgspec.msgpack.Decoder(Law)


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
        if not folder.is_dir():
            raise LawError(
                f"{folder} is no folder", remedy="A policy is a folder with prohibitions/, vendors/ or profiles/."
            )
    code = [Path(__file__).parent / name for name in _CODE]
    return digest(folders, code).removeprefix("sha256:")


def _cache() -> Path:
    home = os.environ.get("XDG_CACHE_HOME")
    return (Path(home) if home else Path("~/.cache").expanduser()) / "procurement-gate"


def _keep(law: Law, path: Path) -> None:
    """Write the bundle whole or not at all; a cache that cannot be written only costs time."""
    import tempfile

    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
            file.write(msgspec.msgpack.encode(law))
        Path(file.name).replace(path)
    except OSError:
        return
