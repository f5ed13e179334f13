"""From paths, folders, globs, archives and URLs to sources, one after the other in a fixed order: none are gathered."""

import glob
import os
import re
import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

import msgspec

from gate.errors import ReadError, UsageError
from gate.files import NAMES, is_document, shown
from gate.portfolio.opened import PAGES, UNREACHED, file_system, stamp_of, why
from gate.portfolio.row import Source, Stamp

ARCHIVES = (".zip", ".tar.gz", ".tgz")
"""What is looked into. An archive within an archive is not."""

Told = Callable[[str], None]
"""Told of each file that is passed over: it is no document, by name or content."""

# What in an object's description changes when the object does, as the stores call it.
_VERSIONS = (
    "ETag",
    "etag",
    "generation",
    "content_md5",
    "md5Hash",
    "LastModified",
    "last_modified",
    "mtime",
    "created",
)


class Archive(msgspec.Struct, frozen=True):
    """An archive; its members are sources."""

    name: str
    path: str
    stamp: Stamp
    inside: str | None = None  # as a Source's


def sources(targets: Sequence[str], passed_over: Told, own: str = "") -> Iterator[Source | Archive]:
    """Every document and archive that the targets stand for. Raises UsageError where one stands for nothing.

    `own`: the folder into which is written, and in which nothing is looked for.
    """
    for target in targets:
        if not target or target == "-":
            raise UsageError(
                "A scan reads files, folders, globs, archives and URLs", remedy="Use `gate check -` for standard input."
            )
        if "://" in target:
            yield from _behind_url(target, passed_over)
        elif os.path.isdir(target):
            yield from _demanded(_in_folder(target, passed_over, own), target)
        elif os.path.isfile(target):
            yield _file(target)
        else:
            yield from _matching(target, passed_over, own)


def _matching(pattern: str, passed_over: Told, own: str) -> Iterator[Source | Archive]:
    # With "**" a glob names what is in a folder besides the folder itself.
    found = [path for path in glob.glob(pattern, recursive=True) if "**" not in pattern or os.path.isfile(path)]
    if not found:
        raise UsageError(f"There is no file {pattern}", remedy="Check the path; a glob must match something.")
    for path in sorted(found):
        if os.path.isdir(path):
            yield from _demanded(_in_folder(path, passed_over, own), path)
        else:
            yield _file(path)


def _demanded(found: Iterator[Source | Archive], where: str) -> Iterator[Source | Archive]:
    first = next(found, None)
    if first is None:
        looks = ", ".join((*NAMES, *ARCHIVES))
        raise UsageError(f"No SBOM, request or archive in {where}", remedy=f"It looks for {looks}.")
    yield first
    yield from found


def _in_folder(folder: str, passed_over: Told, own: str) -> Iterator[Source | Archive]:
    """Every document in a folder and those below it, also where a link leads to; each folder once, so in no circle."""
    seen = {_identity(os.stat(own))} if own and os.path.isdir(own) else set()
    waiting = [folder]
    while waiting:
        place = waiting.pop()
        try:
            status = os.stat(place)
            if _identity(status) in seen:
                continue
            seen.add(_identity(status))
            with os.scandir(place) as entries:
                ordered = sorted(entries, key=lambda entry: entry.name)
        except OSError as error:
            raise UsageError(f"The folder {shown(place)} cannot be searched: {error.strerror}") from error
        folders = []
        for entry in ordered:
            if entry.is_dir():
                folders.append(entry.path)
            elif entry.name.lower().endswith(ARCHIVES) or is_document(entry.path):
                yield _file(entry.path)
            else:
                passed_over(entry.path)
        waiting.extend(reversed(folders))


def _identity(status: os.stat_result) -> tuple[int, int]:
    return status.st_dev, status.st_ino


def _file(path: str) -> Source | Archive:
    name = shown(path)
    try:
        stamp = stamp_of(os.stat(path))
    except OSError as error:  # a link to nothing, or a file that has just gone
        fault = f"It cannot be read: {error.strerror}"
        return Source(name, path, Stamp(0, 0, 0, 0, 0), fault=fault)
    if path.lower().endswith(ARCHIVES):
        return Archive(name, path, stamp)
    return Source(name, path, stamp, size=stamp.size)


def _behind_url(url: str, passed_over: Told) -> Iterator[Source | Archive]:
    system, inside = file_system(url)
    is_page = url.startswith(PAGES)  # so that "?" is part of it
    try:
        with warnings.catch_warnings(action="ignore"):  # adlfs warns of what it then raises
            about = {inside: system.info(inside)} if is_page else _listed(system, inside)
    except Exception as error:  # every store raises its own kind, with words that may hold a secret
        what = f"Nothing that can be read is there{why(error)}"
        raise ReadError(what, file=named(url), remedy=UNREACHED) from error
    if is_page:
        yield _object(named(url), url, inside, about[inside])
    else:
        yield from _demanded(_in_store(url, inside, about, passed_over), named(url))


def _listed(system: Any, inside: str) -> dict[str, dict[str, Any]]:
    """What a store says of an object, or of each in a folder or that a glob matches. Raises what the store raises."""
    mark = re.search(r"[*?\[]", inside)
    if mark is not None and not system.exists(inside):
        from fsspec.utils import glob_translate

        # Not the store's own glob, which passes over in silence what it may not list.
        folder, wanted = inside[: mark.start()].rpartition("/")[0], re.compile(glob_translate(inside))
        found = system.find(folder, detail=True)
        return {path: one for path, one in found.items() if wanted.match(path)}
    if not system.isfile(inside) and system.isdir(inside):  # a store may have both of one name; the object was named
        return dict(system.find(inside, detail=True))
    return {inside: system.info(inside)}


def _in_store(url: str, inside: str, about: dict[str, dict[str, Any]], passed_over: Told) -> Iterator[Source | Archive]:
    scheme, _, rest = url.partition("://")
    root = url if "::" in url else f"{scheme}://{rest.partition('/')[0]}"  # by which the worker finds the same store
    for path, one in sorted(about.items()):
        name = f"{scheme}://{path.lstrip('/')}"
        if path == inside or path.lower().endswith((*NAMES, *ARCHIVES)):
            yield _object(name, root, path, one)
        else:
            passed_over(name)


def _object(name: str, url: str, inside: str, about: dict[str, Any]) -> Source | Archive:
    # RFC 9110, 8.8.1: with a weak validator two representations need not have the same bytes.
    said = {key: str(about[key]) for key in _VERSIONS if about.get(key)}
    version = "|".join(f"{key}={value}" for key, value in said.items() if not value.startswith("W/"))
    size = int(about.get("size") or 0)
    # Without a version nothing tells whether it is the same: it is read again each time.
    stamp = Stamp(size, 0, 0, 0, 1 << 62 if version else 0, version)
    if name.lower().endswith(ARCHIVES):
        return Archive(name, url, stamp, inside)
    return Source(name, url, stamp, inside=inside, size=size)


def named(url: str) -> str:
    """A URL as reports have it: without user, password and query, which may be a signature."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
