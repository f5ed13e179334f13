"""The bytes of a source, wherever it is, and the stamp by which they are known to be the same next time."""

import contextlib
import io
import lzma
import os
import time
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO, Any, cast

import msgspec

from gate.errors import ReadError, UsageError
from gate.files import LIMIT, contents, regular
from gate.portfolio.row import Source, Stamp

MOST_IN_ARCHIVE = 512 * 1024**2
"""Bytes of a member of an archive: a larger one is a mistake or a bomb. Its own word for its size is not believed."""

UNREACHED = "Check the address, that its host answers from here, and that whoever runs this may read it."
"""What to do about a URL. Stores call an absent object, a host that is silent and a refusal by the same exceptions."""

NO_ACCOUNT = "Say by its variables in the environment whose account it is: gate/portfolio/README.md has them."
"""What to do about a store that does not know who asks."""

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
    if source.inside is not None:
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
            opened(source.path, source.name, source.inside) as file,
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
    with opened(source.path, source.name, source.inside) as file:
        return file.read(LIMIT + 1)


def opened(path: str, name: str, inside: str | None) -> IO[bytes]:
    """A file, or what is `inside` of a store, to be read from. Raises ReadError, in which it is called `name`."""
    if inside is None:
        try:
            return regular(path, name)
        except OSError as error:
            raise ReadError(f"It cannot be read: {error.strerror or type(error).__name__}", file=name) from error
    system, _ = file_system(path)
    with _fetching(name):
        return cast(IO[bytes], _Fetched(system.open(inside, "rb"), name))


class _Fetched(io.RawIOBase):
    """An object that is read from. Whatever its store raises is a ReadError."""

    def __init__(self, file: Any, name: str) -> None:
        super().__init__()
        self._file, self._name = file, name

    def read(self, size: int = -1) -> bytes:
        """The next bytes."""
        with _fetching(self._name):
            data: bytes = self._file.read(size)
        return data

    def seek(self, offset: int, whence: int = 0) -> int:
        """Go there; in what can only be read on, ValueError."""
        place: int = self._file.seek(offset, whence)
        return place

    def tell(self) -> int:
        """Where it is."""
        place: int = self._file.tell()
        return place

    def seekable(self) -> bool:
        """Whether it says that one can go about in it."""
        return bool(self._file.seekable())

    def close(self) -> None:
        """End it."""
        with contextlib.suppress(Exception):  # what was wanted is read
            self._file.close()
        super().close()


@contextlib.contextmanager
def _fetching(name: str) -> Iterator[None]:
    try:
        yield
    except Exception as error:  # every store raises its own kind, with words that may hold a secret
        raise ReadError(f"It cannot be fetched ({kind(error)})", file=name, remedy=UNREACHED) from error


def file_system(url: str) -> tuple[Any, str]:
    """What fsspec has for a URL, and the path in it. Raises UsageError where an extra or an account is missing."""
    scheme = url.partition("://")[0]
    missing = UsageError(
        f"{scheme}:// needs a library that is not installed", remedy="pip install 'procurement-gate[cloud]'"
    )
    try:
        import fsspec
    except ImportError as error:
        raise missing from error
    if scheme not in fsspec.available_protocols():
        raise UsageError(f"{scheme}:// is no store that is known", remedy=None)
    try:
        system, inside = fsspec.core.url_to_fs(url)
    except ImportError as error:
        raise missing from error
    except Exception as error:  # every store raises its own kind, with words that may hold a secret
        raise UsageError(f"{scheme}:// cannot be used ({kind(error)})", remedy=NO_ACCOUNT) from error
    return system, inside


def kind(error: BaseException) -> str:
    """What kind of fault a store has, without its words, in which may stand an address with a key."""
    cause = error
    while cause.__cause__ is not None:
        cause = cause.__cause__
    status = getattr(cause, "status", None)
    return f"status {status}" if isinstance(status, int) else type(cause).__name__
