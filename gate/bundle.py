"""A bundle: policy folders as one file that can be signed. The payload is the files themselves.

It is the law's text, not the compiled law: so a reader can see what was signed, `gate policy diff` can compare it, and
another version of the engine can use it. The compiled law is made from it as from a folder, and kept in the same cache.
A bundle is data: it is walked in memory (`policy.packed`), nothing is unpacked to the disk and nothing in it is run.
"""

import os
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from gate import signature
from gate.digest import sha256
from gate.errors import LawError
from gate.terminal import counted
from policy import VERSION
from policy.files import BUILT_IN, FAMILIES, Folder, names_of
from policy.packed import Packed

if TYPE_CHECKING:
    from securesystemslib.signer import CryptoSigner

PAYLOAD_TYPE = "application/vnd.procurement-gate.policy+json"

LIMIT = 64 * 1024**2
"""The most bytes a bundle may have; the built-in law has one hundredth of that."""

MOST_FILES = 20_000

NAME = re.compile(rf"(?:{'|'.join(FAMILIES)})/(?:[A-Za-z0-9][\w-]*/){{0,8}}[A-Za-z0-9][\w.-]{{0,99}}\.toml", re.ASCII)
"""A file's name in a bundle: relative, below a family, and without a way up."""


class Content(msgspec.Struct, forbid_unknown_fields=True):
    """The payload. `version` is the edition of the law it was made of; `alone`: it stands in place of the built-in law,
    which is signed with it, so that nobody uses what was to add to that law instead of it."""

    version: str
    files: dict[str, str]
    alone: bool
    schema: int = 1


def no_policy_folder(folder: object) -> LawError:
    """That a folder has no law in it, or is not there, and how one is started."""
    start = f"Start one with `gate policy new ID --jurisdiction XX --into {folder}`."
    return LawError(f"{folder} is no policy folder", remedy=f"It has none of {', '.join(FAMILIES)}. {start}")


def content_of(folders: Iterable[Path], *, alone: bool) -> Content:
    """The policy files of folders that add up, to stand `alone` or beside the built-in law. Raises LawError."""
    texts: dict[str, str] = {}
    for folder in folders:
        if not any((folder / family).is_dir() for family in FAMILIES):
            raise no_policy_folder(folder)
        for family in FAMILIES:
            for name in names_of(folder, family):
                if name in texts:
                    raise LawError("Another folder has a file of the same name", file=str(folder / name))
                texts[name] = _text(folder / name)
    content = Content(VERSION, dict(sorted(texts.items())), alone)
    _demand_sound(content, "the bundle")
    return content


def digest_of(content: Content) -> str:
    """What two bundles share that hold the same files, whoever signed them."""
    return sha256(msgspec.json.encode(content))


def described(content: Content) -> str:
    """Its edition, how much of each family it holds, and its digest, in two lines."""
    count = Counter(file.partition("/")[0] for file in content.files)
    held = ", ".join(counted(number, family.removesuffix("s")) for family, number in sorted(count.items()))
    return f"edition {content.version}, {held}\n  {digest_of(content)}"


def packed(content: Content, signer: "CryptoSigner | None") -> bytes:
    """The bundle's file: the same bytes for the same policy files and an Ed25519 key."""
    return signature.sealed(msgspec.json.encode(content), PAYLOAD_TYPE, signer)


def unpacked(path: Path, keys: Sequence[Path] = ()) -> Content:
    """What a bundle holds. Raises LawError unless it is sound and, where keys are given, one of them signed it."""
    name = str(path)
    payload = signature.opened(_bytes(path), PAYLOAD_TYPE, signature.public_keys(keys) if keys else None, name)
    try:
        content = msgspec.json.decode(payload, type=Content)
        is_canonical = msgspec.json.encode(content) == payload
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise LawError("The bundle's payload holds no policy files", file=name) from error
    if not is_canonical:
        raise LawError("The bundle's payload is not as `gate policy bundle` writes it", file=name)
    _demand_sound(content, name)
    return content


def folder_at(path: Path, keys: Sequence[Path] = ()) -> Folder:
    """The policy folder at a path, or the one in the bundle there. Raises LawError if the keys do not vouch for it."""
    if path.is_file():
        content = unpacked(path, keys)
        return Packed(str(path), content.version, content.files, alone=content.alone)
    if not path.exists():
        raise LawError("There is no such policy folder or bundle", file=str(path), remedy="Check the path.")
    if keys and path.resolve() != BUILT_IN.resolve():
        raise LawError(
            "A plain folder is not signed, and a trusted key is set",
            file=str(path),
            remedy="Make it a signed file with `gate policy bundle`.",
        )
    return path


def _demand_sound(content: Content, name: str) -> None:
    if content.schema != 1:
        raise LawError(f"It has schema {content.schema}; this gate reads 1", file=name, remedy="Use a newer gate.")
    if len(content.files) > MOST_FILES:
        raise LawError(f"It has more than {MOST_FILES} files", file=name)
    for inside in content.files:
        if NAME.fullmatch(inside) is None:
            raise LawError(f"It names a file {inside[:120]!r}, which no policy has", file=name)


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            if os.fstat(file.fileno()).st_size > LIMIT:
                raise LawError(f"It has more than {LIMIT // 1024**2} MiB", file=str(path))
            return file.read(LIMIT)
    except OSError as error:
        raise LawError(f"It cannot be read: {error.strerror}", file=str(path)) from error


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")  # with plain line ends, so that every checkout gives the same bundle
    except (OSError, UnicodeDecodeError) as error:
        raise LawError("It cannot be read as UTF-8", file=str(path)) from error
