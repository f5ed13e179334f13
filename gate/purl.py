"""Package URLs, cut into what can name a maker (purl specification, "Rules for each purl component").

Lenient where generators err: upper-case types, `pkg://`, raw `@` scopes, a scope without its `@`. Qualifiers and
subpath never count, so nothing can hide behind them.
"""

import re
from typing import NamedTuple

from gate.letters import folded, without_controls

# A second path to the same owner: Go modules and links name the host that pkg:github stands for.
FORGE = "github.com"

MOST_SEGMENTS = 48
"""Segments of a path, or labels of a group, that are looked at."""

MOST_ENCODINGS = 4
"""So often a text may be encoded over again before it is taken as it stands."""

_RUN = re.compile(r"[-_.]+")
_UNDECODABLE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_ODD_LINE = re.compile(r"\n(?!pkg:[A-Za-z]+/(?:%40|[A-Za-z0-9_@]))")
_PLAIN = re.compile(r"pkg:[A-Za-z]+/(?:%40|[A-Za-z0-9_@])[^%\n]*(?:%[0-9A-Fa-f]{2}[^%\n]*)*\Z")


class Package(NamedTuple):
    """What a purl names. The path is its namespace and name, in lower case; a Maven group is one segment."""

    kind: str
    path: tuple[str, ...]
    version: str


def unreadable(purls: list[str | None]) -> list[int]:
    """The numbers of those that cannot be read. Mostly there are none, and all are told at once."""
    there = [purl for purl in purls if purl]
    text = "\n".join(["", *there])
    if text.count("\n") == len(there) and not _ODD_LINE.search(text) and not _UNDECODABLE.search(text):
        return []
    return [n for n, purl in enumerate(purls) if purl and not _PLAIN.match(purl) and parts(purl) is None]


def decoded(text: str) -> str:
    """Without percent-encoding, also where it was encoded twice; what cannot be decoded stays as it is."""
    text = text.replace("%40", "@")  # an npm scope: nearly always the only one there is
    if "%" not in text:
        return text
    from urllib.parse import unquote

    for _ in range(MOST_ENCODINGS):
        before, text = text, unquote(text)
        if before == text:
            break
    return text


def is_purl(text: str) -> bool:
    """Whether a text says that it is a purl, read or unread."""
    return without_controls(text).lstrip()[:4].lower() == "pkg:"


def kind_of(purl: str) -> str:
    """The type alone; empty if there is none."""
    return plain(decoded(_cut(purl)[0]))


def parts(purl: str) -> tuple[str, list[str]] | None:
    """The type and the path (namespace segments and name), decoded, lower case. None if it cannot be read."""
    kind, rest, _ = _cut(purl)
    if _UNDECODABLE.search(kind) or _UNDECODABLE.search(rest):  # encoded wrongly: whatever it hides is not read
        return None
    kind = plain(decoded(kind))
    path = _path(kind, rest)
    return (kind, path) if path else None


def _cut(purl: str) -> tuple[str, str, str]:
    """Type, path and version as they are written; empty where there is none."""
    text = without_controls(purl).strip()
    if text[:4].lower() != "pkg:":
        return "", "", ""
    kind, _, rest = text[4:].partition("#")[0].partition("?")[0].strip("/").partition("/")
    # The version is cut before decoding: an encoded slash in it stays in it. A raw "@" at the start is an npm scope's.
    rest = rest.lstrip("/")
    at = rest.rfind("@")
    return (kind, rest[:at], rest[at + 1 :]) if at > 0 else (kind, rest, "")


def _path(kind: str, rest: str) -> list[str]:
    # Folding can bring slashes to light that are written with full width.
    segments = "/".join([plain(segment) for segment in decoded(rest).split("/")]).split("/")
    path = [segment for segment in segments if segment not in ("", ".", "..")]
    if kind == "pypi":  # PEP 503: runs of these marks are one hyphen
        path = [_RUN.sub("-", segment) for segment in path]
    return [*path[:MOST_SEGMENTS], path[-1]] if len(path) > MOST_SEGMENTS else path


def plain(text: str) -> str:
    """A segment in lower case, without control characters, blanks at either end, width and accents."""
    text = without_controls(text).strip().lower()
    return text if text.isascii() else folded(text).strip()


def labels_of(group: str) -> list[str]:
    """The labels of a Maven group, whose dots some write as slashes."""
    return [label for label in (part.strip() for part in group.replace("/", ".").split(".")) if label]


def package_of(purl: str) -> Package | None:
    """The package and version that a purl names, to be compared with another's. None if it cannot be read."""
    cut = parts(purl)
    if cut is None:
        return None
    kind, path = cut
    if kind == "npm" and len(path) > 1:
        path = [_scope(path[0]), *path[1:]]
    if kind == "maven":
        path = [".".join(labels_of("/".join(path[:-1]))), path[-1]]
    return Package(kind, tuple(path), decoded(_cut(purl)[2]).strip())


def _scope(segment: str) -> str:
    return segment if segment == "*" else "@" + segment.removeprefix("@")


def above(kind: str, path: list[str]) -> list[str]:
    """A path and the namespaces it lies in, as register keys, most general first."""
    return [f"{kind}/" + "/".join(path[:end]) for end in range(1, len(path) + 1)]


def groups(labels: list[str]) -> list[str]:
    """A Maven group and the groups it continues, as register keys: com.kaspersky owns com.kaspersky.x."""
    return ["maven/" + ".".join(labels[:end]) for end in range(1, min(len(labels), MOST_SEGMENTS) + 1)]


def keys(kind: str, path: list[str]) -> list[str]:
    """The register keys a purl meets, most general first: whole segments of its path, and its name in any namespace."""
    if kind == "npm" and len(path) > 1:
        path = [_scope(path[0]), *path[1:]]
    if kind == "maven":
        labels = labels_of("/".join(path[:-1]))
        return [*groups(labels), "maven/" + "/".join([".".join(labels), path[-1]] if labels else path)]
    found = [*above(kind, path), f"{kind}/*/{path[-1]}"]
    if FORGE in path[:1] and len(path) > 1:
        found.extend(above("github", path[1:]))
    return found


def keys_of(purl: str) -> list[str]:
    """All register keys a purl meets. Of one that is encoded wrongly, those of the segments that can be read."""
    kind, rest, _ = _cut(purl)
    kind = plain(decoded(kind))
    path = _path(kind, rest)
    return keys(kind, path) if path else []


_LINK = re.compile(r"^(?:[a-z][a-z0-9+-]*:)*(?://)?(?:[^/@\s]*@)?([^/:?#\s]+)(?::\d+)?[/:]?([^?#\s]*)", re.IGNORECASE)


def host_and_path(link: str) -> tuple[str, list[str]]:
    """Host and path segments of a link as people and tools write it: URL, `git+ssh://git@host/x`, `git@host:x/y`."""
    found = _LINK.match(without_controls(link).strip())
    if not found:
        return "", []
    path = [segment for segment in map(plain, decoded(found[2]).split("/")) if segment]
    if path:
        path[-1] = path[-1].removesuffix(".git")
    return plain(found[1]).rstrip("."), path
