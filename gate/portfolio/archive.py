"""The documents in an archive. Nothing is unpacked to the disk, so a member's name leads nowhere; it is only shown.

A bomb is stopped three ways: by what a member may have, by how many members there may be, and by how much larger all of
them may be than the archive itself (SBOMs are packed to a tenth, seldom to a fiftieth).
"""

import gzip
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO, Self

from gate.errors import ReadError
from gate.files import HEAD, NAMES, begins_as_one
from gate.portfolio.opened import BROKEN, MOST_IN_ARCHIVE, member_of, opened
from gate.portfolio.row import Source
from gate.portfolio.sources import Archive, Told
from gate.terminal import safe

MOST_MEMBERS = 1_000_000

MOST_TIMES = 250
"""How many times an archive's size its members may have together."""

ALWAYS = 64 * 1024**2
"""Bytes that they may have whatever the archive's size."""


def members(archive: Archive, passed_over: Told) -> Iterator[Source]:
    """Every document in an archive, in the archive's order. Raises ReadError where it cannot be gone through."""
    try:
        is_zip = archive.name.lower().endswith(".zip")
        with opened(archive.path, archive.name, archive.inside, in_order=not is_zip) as file:
            yield from (_in_zip if is_zip else _in_tar)(archive, file, passed_over)
    except (OSError, EOFError, zipfile.BadZipFile, tarfile.TarError, zlib.error, ValueError) as error:
        raise ReadError(f"The archive is broken: {error}", file=archive.name, remedy="Pack it again.") from error


def _in_zip(archive: Archive, file: IO[bytes], passed_over: Told) -> Iterator[Source]:
    with zipfile.ZipFile(file) as packed:
        budget = _Budget(archive)
        if min((member.header_offset for member in packed.infolist()), default=0) > 0:
            raise zipfile.BadZipFile("something stands before its first member")  # as where two were put together
        for member in packed.infolist():
            budget.take(member.file_size)
            is_first = budget.count(member.filename)
            if member.is_dir():
                continue
            is_one = _is_named(member.filename) or _begins_as_one(packed, member)
            source = _member(archive, member.filename, member.file_size) if is_one else None
            if source is not None and not is_first:
                raise _named_twice(archive, member.filename)
            if source is None:
                passed_over(f"{archive.name}!/{safe(member.filename)}")
            elif stat.S_ISLNK(member.external_attr >> 16):
                yield _refused(source, "It is a link, and nothing in an archive is followed")
            elif member.flag_bits & 1:
                yield _refused(source, "It is encrypted")
            elif archive.inside is None or source.fault is not None:
                yield source
            else:
                yield _fetched(source, packed)


def _fetched(source: Source, packed: zipfile.ZipFile) -> Source:
    """A member with its bytes: a worker would open what is behind a URL again for each, and fetch much of it."""
    try:
        data = member_of(packed, source)
    except ReadError as error:
        return _refused(source, error.what)
    return Source(source.name, source.path, source.stamp, data=data, size=len(data))


def _in_tar(archive: Archive, file: IO[bytes], passed_over: Told) -> Iterator[Source]:
    budget = _Budget(archive)
    with _Counted(file, budget) as text, tarfile.open(fileobj=text, mode="r|", tarinfo=_Header) as packed:
        for member in packed:
            is_first = budget.count(member.name)
            if member.isdir():
                continue
            taken = packed.extractfile(member) if member.isreg() and not member.issparse() else None
            data = taken.read(HEAD) if taken is not None else b""
            is_one = _is_named(member.name) or begins_as_one(data)
            source = _member(archive, member.name, member.size) if is_one else None
            if source is not None and not is_first:
                raise _named_twice(archive, member.name)
            if source is None:
                passed_over(f"{archive.name}!/{safe(member.name)}")
            elif member.issparse():  # a few bytes stand for as many zeros as it likes
                yield _refused(source, "It is packed as a sparse file")
            elif not member.isfile():
                yield _refused(source, "It is a link or a device, and nothing in an archive is followed")
            else:
                data += taken.read(MOST_IN_ARCHIVE + 1 - len(data)) if taken is not None else b""
                yield Source(source.name, source.path, source.stamp, data=data, size=len(data), fault=source.fault)
            packed.members = []  # type: ignore[attr-defined] # tarfile remembers every member it has seen
        _demand_end(packed.fileobj)  # type: ignore[arg-type] # it is open


class _Header(tarfile.TarInfo):
    """A member's header. A bad one is an error wherever it is: to tarfile, any but the first is the archive's end."""

    @classmethod
    def fromtarfile(cls, archive: tarfile.TarFile) -> Self:
        """The next header. Raises tarfile.ReadError."""
        try:
            return super().fromtarfile(archive)
        except tarfile.EOFHeaderError:  # type: ignore[attr-defined] # a block of zeros
            raise
        except tarfile.HeaderError as error:
            raise tarfile.ReadError(f"a member's header is damaged: {error}") from error


def _demand_end(text: IO[bytes]) -> None:
    """That two blocks of zeros end it and nothing follows, as POSIX has it (pax, ustar Interchange Format).

    https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html
    """
    rest = text.read(tarfile.BLOCKSIZE)  # the second one: the first has ended the members
    if len(rest) < tarfile.BLOCKSIZE:
        raise tarfile.ReadError("it breaks off before its end")
    while rest:
        if rest.strip(b"\0"):
            raise tarfile.ReadError("something follows its end")
        rest = text.read(1 << 20)


def _is_named(name: str) -> bool:
    return name.lower().endswith(NAMES)


def _begins_as_one(packed: zipfile.ZipFile, member: zipfile.ZipInfo) -> bool:
    """Whether a member begins as a document, as it is asked of a file in a folder. What cannot be opened does not."""
    try:
        with packed.open(member) as file:
            return begins_as_one(file.read(HEAD))
    except BROKEN:
        return False


def _named_twice(archive: Archive, name: str) -> ReadError:
    what = f"It holds two members named {_text(name)[:80]!r}"  # and who would know which is meant?
    return ReadError(what, file=archive.name, remedy="Pack it anew.")


def _member(archive: Archive, name: str, size: int) -> Source:
    """The source for a member."""
    label = f"{archive.name}!/{_text(name)}"
    parts = name.replace("\\", "/").split("/")
    if name.startswith(("/", "\\")) or ".." in parts or "\x00" in name or ":" in parts[0]:
        return Source(label, archive.path, archive.stamp, fault="Its name leads out of the archive")
    if size > MOST_IN_ARCHIVE:
        fault = f"It has more than {MOST_IN_ARCHIVE // 1024**2} MiB in an archive"
        return Source(label, archive.path, archive.stamp, fault=fault)
    return Source(label, archive.path, archive.stamp, member=name, size=size)


def _text(name: str) -> str:
    """A member's name as text, where it is not UTF-8."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _refused(source: Source, why: str) -> Source:
    return Source(source.name, source.path, source.stamp, fault=source.fault or why)


class _Budget:
    """How much more an archive may hold."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._left = ALWAYS + MOST_TIMES * archive.stamp.size
        self._names: set[str] = set()

    def take(self, size: int) -> None:
        """Take bytes in. Raises ReadError when it is too much."""
        self._left -= size
        if self._left < 0:
            raise ReadError(
                f"What it holds is more than {MOST_TIMES} times its size",
                file=self._archive.name,
                remedy="That is what a bomb is like; unpack it yourself if you know it.",
            )

    def count(self, name: str) -> bool:
        """Take a member in; whether it is the first of its name. Raises ReadError when there are too many."""
        name, before = _text(name), len(self._names)
        self._names.add(name)
        if len(self._names) > MOST_MEMBERS:
            raise ReadError(f"It has more than {MOST_MEMBERS:,} members", file=self._archive.name, remedy="Split it.")
        return len(self._names) > before


class _Counted(gzip.GzipFile):
    """What comes out of a gzip stream, whatever it says about itself: headers too may be a bomb."""

    def __init__(self, file: IO[bytes], budget: _Budget) -> None:
        super().__init__(fileobj=file)
        self._budget = budget

    def read(self, size: int | None = -1) -> bytes:
        """The next bytes."""
        data = super().read(size)
        self._budget.take(len(data))
        return data
