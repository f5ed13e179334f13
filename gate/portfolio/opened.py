"""The bytes of a source, wherever it is, and the stamp by which they are known to be the same next time."""

import lzma
import os
import time
import zipfile
import zlib
from typing import IO, Any

import msgspec

from gate.errors import ReadError, UsageError
from gate.files import LIMIT, contents, regular
from gate.portfolio.row import Source, Stamp

MOST_IN_ARCHIVE = 512 * 1024**2
"""Bytes of a member of an archive: a larger one is a mistake or a bomb. Its own word for its size is not believed."""

UNREACHED = "Check the address, that its host answers from here, and that whoever runs this may read it."
"""What to do about a URL. Stores call an absent object, a host that is silent and a refusal by the same exceptions."""

# RuntimeError: encrypted; NotImplementedError: packed in a way of its own; KeyError: there no more.
BROKEN = (
    *(OSError, EOFError, KeyError, RuntimeError, NotImplementedError, ValueError),
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError),
)
"""What a member of an archive raises that cannot be unpacked."""


def bytes_of(source: Source) -> tuple[bytes, Stamp]:
    """All bytes of a source. Raises ReadError."""
    if source.fault is not None:
        raise ReadError(source.fault, file=source.name)
    if source.data is not None:
        return source.data, source.stamp
    if source.member is not None:
        return _of_member(source), source.stamp
    if source.is_url:
        return _of_url(source), source.stamp
    try:
        with regular(source.path, source.name) as file:
            before = stamp_of(os.fstat(file.fileno()))
            data = contents(file)
            after = stamp_of(os.fstat(file.fileno()))
    except OSError as error:
        raise ReadError(f"It cannot be read: {error.strerror or error}", file=source.name) from error
    is_still = msgspec.structs.replace(after, read_ns=before.read_ns) == before
    return data, before if is_still else msgspec.structs.replace(before, read_ns=0)


def stamp_of(status: os.stat_result) -> Stamp:
    """The stamp of a file that is read now."""
    return Stamp(status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino, time.time_ns())


def _of_member(source: Source) -> bytes:
    try:
        with (
            opened(source.path, source.name, is_url=source.is_url) as file,
            zipfile.ZipFile(file) as archive,
            archive.open(source.member or "") as member,
        ):
            data = member.read(MOST_IN_ARCHIVE + 1)
    except BROKEN as error:
        raise ReadError(f"It cannot be unpacked: {error}", file=source.name) from error
    if len(data) > MOST_IN_ARCHIVE:
        raise ReadError(f"It has more than {MOST_IN_ARCHIVE // 1024**2} MiB in an archive", file=source.name)
    return data


def _of_url(source: Source) -> bytes:
    with opened(source.path, source.name, is_url=True) as file:
        try:
            return file.read(LIMIT + 1)
        except Exception as error:  # every store raises its own kind; none of them is a verdict
            raise ReadError("It breaks off while it is fetched", file=source.name, remedy=UNREACHED) from error


def opened(path: str, name: str, *, is_url: bool) -> IO[bytes]:
    """A file or an object behind a URL, to be read from. Raises ReadError, in which it is called `name`."""
    try:
        if not is_url:
            return regular(path, name)
        system, inside = file_system(path)
        file: IO[bytes] = system.open(inside, "rb")
    except OSError as error:
        if is_url:
            raise ReadError("It cannot be fetched", file=name, remedy=UNREACHED) from error
        raise ReadError(f"It cannot be read: {error.strerror or type(error).__name__}", file=name) from error
    return file


def file_system(url: str) -> tuple[Any, str]:
    """What fsspec has for a URL, and the path in it. Raises UsageError where an extra is missing."""
    try:
        import fsspec

        system, inside = fsspec.core.url_to_fs(url)
    except ImportError as error:
        scheme = url.partition("://")[0]
        raise UsageError(
            f"{scheme}:// needs a library that is not installed", remedy="pip install 'procurement-gate[cloud]'"
        ) from error
    except ValueError as error:
        raise UsageError(f"{url.partition('://')[0]}:// is no store that is known", remedy=None) from error
    return system, inside
