"""From paths, folders, globs and standard input to bytes and subjects: the edge that touches the disk."""

import os
import re
import stat
import sys
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, NamedTuple, NoReturn

import msgspec

from gate.digest import sha256
from gate.errors import ReadError, UsageError
from gate.read import read as read_bytes
from gate.read import read_sbom
from gate.read.bom import Found
from gate.read.locate import Source
from gate.subject import Subject
from policy.dates import Moment

LIMIT = 2 * 1024**3
"""The most bytes one document may have, unpacked: beyond that it is a mistake or an attack."""

NAMES = (".json", ".xml", ".cdx", ".json.gz", ".xml.gz", ".cdx.gz")
"""What is picked up from a folder; a file named outright may be called anything."""

HEAD = 4096
_BEGINNING = re.compile(
    rb"""\A(?:\xef\xbb\xbf)?\s*(?:\{.*"bomFormat"|(?=<).*<(?:[\w.-]+:)?bom\s[^>]*cyclonedx\.org/schema/bom)""",
    re.DOTALL | re.IGNORECASE,
)
"""How a CycloneDX document begins, whatever its file is called."""

GZIP = b"\x1f\x8b"


class Document(NamedTuple):
    """What is judged, and the source in which its lines are found afterwards."""

    subject: Subject
    source: Source
    attached: dict[str, str]  # where a request's line names an SBOM -> its path
    inputs: dict[str, str]  # path of an attached SBOM -> its digest
    texts: dict[str, bytes]  # path as the request's line has it -> that SBOM, unpacked


def shown(name: str) -> str:
    """A path as reports have it: from here, if it lies below, and as text, where a name is not UTF-8."""
    if name == "-":
        return name
    path = os.path.normpath(name)
    here = os.getcwd()
    if os.path.isabs(path) and path.startswith(os.path.join(here, "")):
        path = os.path.relpath(path, here)
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def read(path: str | Path, *, now: Moment | None = None, validate: bool = False) -> Subject:
    """The document at `path` ("-": standard input) as a subject. Raises ReadError."""
    return document(str(path), now=now or datetime.now(UTC), validate=validate).subject


def document(name: str, *, now: Moment, validate: bool = False) -> Document:
    """The document of that name; the SBOMs that a request attaches are looked for below its folder."""
    data = bytes_of(name)
    folder = Path.cwd() if name == "-" else Path(name).parent
    texts: dict[str, bytes] = {}

    def attach(path: str, digest: str | None) -> Found:
        if path == digest:
            what, remedy = "A digest alone names no file", "Add the path, which starts in the request's folder."
            raise ReadError(what, pointer="/path", remedy=remedy)
        place = _place_of(path, folder)
        attached = bytes_of(os.path.join(".", place))  # "-" is a file here
        if digest is not None and digest != sha256(attached):
            raise ReadError(
                f"{path[:80]!r} is not the document the request means: its digest differs",
                pointer="/digest",
                remedy="Attach that document, or state the SHA-256 of this one.",
            )
        texts[path] = attached
        return read_sbom(attached, str(place), validate=validate)

    subject = read_bytes(data, name, now=now, attach=attach, validate=validate)
    source = Source(data, {pointer: texts[path] for pointer, path in subject.attached.items()})
    subject.name = os.fsencode(subject.name).decode("utf-8", "backslashreplace")
    attached = {pointer: shown(str(folder / path)) for pointer, path in subject.attached.items()}
    inputs = {shown(str(folder / path)): sha256(text) for path, text in texts.items()}
    return Document(subject, source, attached, inputs, texts)


def _place_of(path: str, folder: Path) -> Path:
    """Where an SBOM is that a request attaches by a path from its folder. Raises ReadError unless it is within that."""
    place = folder / path
    # Both are resolved, so that neither `..` nor a link leads out of the request's folder.
    try:
        is_inside = not Path(path).is_absolute() and place.resolve().is_relative_to(folder.resolve())
    except (OSError, RuntimeError, ValueError):  # links that lead in a circle, a NUL in the name
        is_inside = False
    if not is_inside:
        what, remedy = f"{path[:80]!r} lies outside the request's folder", "Put the SBOM beside the request."
        raise ReadError(what, pointer="/path", remedy=remedy)
    if not os.path.exists(place):
        what = f"There is no SBOM {path[:80]!r} that can be read"
        remedy = "Put it there, or correct the path, which starts in the request's folder."
        raise ReadError(what, pointer="/path", remedy=remedy)
    return place


def bytes_of(name: str) -> bytes:
    """All bytes of a file or of standard input, unpacked. Raises ReadError."""
    try:
        if name == "-":
            data = sys.stdin.buffer.read(LIMIT + 1)
        else:
            with regular(name, name) as file:
                data = contents(file)
    except OSError as error:
        raise ReadError(
            f"It cannot be read: {error.strerror or error}", file=name, remedy="Check the path and who may read it."
        ) from error
    return unpacked(data, name)


GIVEN_OPEN = ("/dev/fd/", "/dev/stdin", "/proc/self/fd/")
"""Where a system has the files that a process was given open."""


def regular(path: str, name: str) -> IO[bytes]:
    """A file, to be read from. Raises OSError, and ReadError for a pipe or a device, which may have no end.

    A link may lead to one. Opening a pipe waits for a writer, so it is opened without waiting, to see what it is. What
    this process was given open, as `<(command)` of a shell gives it, is read as it is.
    """
    if path.startswith(GIVEN_OPEN):
        return open(path, "rb")
    file = open(path, "rb", opener=_without_waiting)  # noqa: SIM115 - it is the caller's to close
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise ReadError("It is no regular file", file=name, remedy="Give what a pipe holds to `gate check -`.")
    return file


def _without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def contents(file: IO[bytes]) -> bytes:
    """All bytes of a file; of one that is too large, some more than LIMIT.

    What the system says of its size is not believed: it is 0 for those that it makes up, and others grow.
    """
    data = file.read(min(os.fstat(file.fileno()).st_size, LIMIT) + 1)
    rest = file.read(64 * 1024)
    if not rest:
        return data
    parts, size = [data, rest], len(data) + len(rest)
    while size <= LIMIT and (rest := file.read(1024**2)):
        parts.append(rest)
        size += len(rest)
    return b"".join(parts)


def unpacked(data: bytes, name: str) -> bytes:
    """The bytes of a document, without their gzip packing if they have one. Raises ReadError."""
    if data.startswith(GZIP):
        data = _without_gzip(data, name)
    if len(data) > LIMIT:
        raise ReadError(f"It has more than {LIMIT // 1024**2} MiB", file=name, remedy="Split it.")
    return data


def decisions_in(data: bytes) -> list[dict[str, Any]] | None:
    """The decisions in what an earlier run wrote as JSON; None if it is something else, such as an SBOM."""
    try:
        body = msgspec.json.decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    bodies = body if isinstance(body, list) else [body]
    is_ours = bool(bodies) and all(isinstance(one, dict) and "reasons" in one and "policy" in one for one in bodies)
    return bodies if is_ours else None


def _without_gzip(data: bytes, name: str) -> bytes:
    import gzip
    import io
    import zlib

    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as packed:
            text = packed.read(LIMIT + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise ReadError(
            "Its gzip packing is broken", file=name, remedy="Pack it again, or give it unpacked."
        ) from error
    return text


def expand(patterns: Iterable[str], passed_over: Callable[[str], None] | None = None) -> Iterator[str]:
    """Every file that paths, folders and globs stand for, in a fixed order. Raises UsageError where one has none.

    `passed_over` is told of each file in a folder that is not judged: it is neither named nor begins as a document.
    """
    for pattern in patterns:
        if not pattern:  # an unset variable; as a path it would be the current folder
            raise UsageError("A file's name is empty", remedy="Name a file, a folder, a glob, or - for standard input.")
        if pattern == "-" or os.path.isfile(pattern):
            yield pattern
        elif os.path.isdir(pattern):
            yield from _in_folder(pattern, passed_over)
        else:
            import glob

            # With "**" a glob names what is in a folder besides the folder itself.
            found = [path for path in glob.glob(pattern, recursive=True) if "**" not in pattern or os.path.isfile(path)]
            if not found:
                is_url = "://" in pattern
                remedy = "`gate scan` fetches URLs." if is_url else "Check the path; a glob must match something."
                raise UsageError(f"There is no file {pattern}", remedy=remedy)
            for path in sorted(found):
                yield from _in_folder(path, passed_over) if os.path.isdir(path) else [path]


def _in_folder(folder: str, passed_over: Callable[[str], None] | None) -> list[str]:
    """Every document in a folder and those below it, also where a link leads to; each folder once, so in no circle."""
    found: list[str] = []
    seen: set[tuple[int, int]] = set()
    for place, below, names in os.walk(folder, onerror=_refuse_folder, followlinks=True):
        status = os.stat(place)
        if (status.st_dev, status.st_ino) in seen:
            below.clear()
            continue
        seen.add((status.st_dev, status.st_ino))
        below.sort()
        for name in names:
            path = os.path.join(place, name)
            if is_document(path):
                found.append(path)
            elif passed_over is not None:
                passed_over(path)
    if not found:
        raise UsageError(f"No SBOM or request in the folder {folder}", remedy=f"It looks for {', '.join(NAMES)}.")
    return sorted(found)


def is_document(path: str) -> bool:
    """Whether a file is named as a document, or begins as one. A link to nothing is one: it is refused when read."""
    is_file = os.path.isfile(path)
    if path.lower().endswith(NAMES):
        return is_file or os.path.islink(path)
    try:
        with open(path if is_file else os.devnull, "rb") as file:
            return begins_as_one(file.read(HEAD))
    except OSError:
        return False


def begins_as_one(head: bytes) -> bool:
    """Whether these first bytes are those of a CycloneDX document."""
    return _BEGINNING.search(head) is not None


def _refuse_folder(error: OSError) -> NoReturn:
    raise UsageError(f"The folder {error.filename} cannot be searched: {error.strerror}") from error
