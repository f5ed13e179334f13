"""The bytes of a source, wherever it is, and the stamp by which they are known to be the same next time."""

import contextlib
import io
import logging
import lzma
import os
import time
import zipfile
import zlib
from collections.abc import Iterator
from functools import lru_cache
from typing import IO, Any, cast

import msgspec

from gate.errors import ReadError, UsageError
from gate.files import LIMIT, contents, regular
from gate.portfolio.row import Source, Stamp

MOST_IN_ARCHIVE = 512 * 1024**2
"""Bytes of a member of an archive: a larger one is a mistake or a bomb. Its own word for its size is not believed."""

UNREACHED = "Check the address, that its host answers from here, and that whoever runs this may read it."
"""What to do about a URL. Stores call an absent object, a host that is silent and a refusal by the same exceptions."""

IN_PARTS = "A .zip is read in parts, which not every server gives: if so, fetch it and scan the file."

PAGES = ("http://", "https://")
"""How the URL of a page of the web begins: nothing lists what is there."""

QUIET = logging.NullHandler()
"""What a store's library logs would go to stderr if nobody asked for it, and it may hold answers whole."""

WORDS = {
    "ClientPayloadError": "it breaks off",
    "ConnectionRefusedError": "the connection was refused",
    "EndpointConnectionError": "there is no connection",
    "FSTimeoutError": "no answer came in time",
    "FileNotFoundError": "there is nothing of this name",
    "NoCredentialsError": "there are no credentials",
    "PayloadEncodingError": "it breaks off",
    "SSLCertVerificationError": "its certificate is not trusted",
    "TimeoutError": "no answer came in time",
    "TooManyRedirects": "it is redirected too often",
    "gaierror": "its host is not known",
}
"""Name of a kind of exception, or of one that it is derived from -> what it means. Not all are Python's own."""

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
        return member_of(_zip(source.path, source.stamp), source)
    except BROKEN as error:
        raise ReadError(f"It cannot be unpacked: {error}", file=source.name) from error


@lru_cache(2)
def _zip(path: str, _stamp: Stamp) -> zipfile.ZipFile:
    """An archive, opened once for all its members: to read its directory for each would take the square of them."""
    with regular(path, path):
        return zipfile.ZipFile(path)  # which closes what it opened itself


def member_of(packed: zipfile.ZipFile, source: Source) -> bytes:
    """All bytes of a member of an archive that is open. Raises ReadError."""
    try:
        with packed.open(source.member or "") as member:
            data = member.read(MOST_IN_ARCHIVE + 1)
    except BROKEN as error:
        raise ReadError(f"It cannot be unpacked: {error}", file=source.name) from error
    if len(data) > MOST_IN_ARCHIVE:
        raise ReadError(f"It has more than {MOST_IN_ARCHIVE // 1024**2} MiB in an archive", file=source.name)
    return data


def _of_url(source: Source) -> bytes:
    with opened(source.path, source.name, source.inside) as file:
        return file.read(LIMIT + 1)


def opened(path: str, name: str, inside: str | None, *, in_order: bool = True) -> IO[bytes]:
    """A file, or what is `inside` of a store, to be read from. Raises ReadError, in which it is called `name`.

    `in_order`: from its beginning to its end, not here and there.
    """
    if inside is None:
        try:
            return regular(path, name)
        except OSError as error:
            raise ReadError(f"It cannot be read: {error.strerror or type(error).__name__}", file=name) from error
    system, _ = file_system(path)
    # One request and no part of it: a server that packs what it sends tells another size than that of the bytes.
    how = {"block_size": 0} if in_order and path.startswith(PAGES) else {}
    remedy = UNREACHED if in_order else f"{UNREACHED} {IN_PARTS}"
    with _fetching(name, remedy):
        file = system.open(inside, "rb", **how)
        if not in_order and file.size is None:
            raise ValueError(name)  # as where a part is asked for and the whole comes
        return cast(IO[bytes], _Fetched(file, name, remedy))


class _Fetched(io.RawIOBase):
    """An object that is read from. Whatever its store raises is a ReadError."""

    def __init__(self, file: Any, name: str, remedy: str) -> None:
        super().__init__()
        self._file, self._name, self._remedy = file, name, remedy

    def read(self, size: int = -1) -> bytes:
        """The next bytes: as many as are asked for, if there are so many. (A page gives what has arrived.)"""
        parts: list[bytes] = []
        with _fetching(self._name, self._remedy):
            while size and (data := self._file.read(size)):
                parts.append(data)
                size = size - len(data) if size > 0 else size
        return b"".join(parts)

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
def _fetching(name: str, remedy: str) -> Iterator[None]:
    try:
        yield
    except Exception as error:  # every store raises its own kind, with words that may hold a secret
        raise ReadError(f"It cannot be fetched{why(error)}", file=name, remedy=remedy) from error


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
    try:
        library = fsspec.get_filesystem_class(scheme).__module__.partition(".")[0]
    except ImportError as error:
        raise missing from error
    except ValueError as error:
        raise UsageError(f"{scheme}:// is no store that is known", remedy=None) from error
    logging.getLogger(library).addHandler(QUIET)
    try:
        system, inside = fsspec.core.url_to_fs(url)
    except ImportError as error:
        raise missing from error
    except Exception as error:  # every store raises its own kind, with words that may hold a secret
        raise UsageError(f"{scheme}:// cannot be used{why(error)}", remedy=NO_ACCOUNT) from error
    return system, inside


def why(error: BaseException) -> str:
    """What a store's fault comes to, in brackets and our words: in its own may stand an address with a key."""
    while True:
        answer = getattr(error, "response", None)  # botocore has a dict, Azure an object beside its `status_code`
        about = answer.get("ResponseMetadata", {}) if isinstance(answer, dict) else {}
        for status in (getattr(error, "status", 0), getattr(error, "status_code", 0), about.get("HTTPStatusCode")):
            if isinstance(status, int) and status:
                return f" (status {status})"
        if error.__cause__ is None:
            words = (WORDS[kind.__name__] for kind in type(error).__mro__ if kind.__name__ in WORDS)
            return next((f" ({one})" for one in words), "")
        error = error.__cause__
