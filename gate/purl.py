"""Package URLs, cut into what can name a maker (purl specification, "Rules for each purl component").

Lenient where generators err: upper-case types, `pkg://`, raw `@` scopes, a scope without its `@`. Nothing can hide
behind qualifiers and subpath: of these only links count, and as links do.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from gate.letters import folded, without_controls

# A second path to the same owner: Go modules, images and links name the host that a type of purl stands for.
HOSTS = {
    "github.com": "github",
    "ghcr.io": "github",
    "codeload.github.com": "github",
    "raw.githubusercontent.com": "github",
    "gopkg.in": "github",
    "huggingface.co": "huggingface",
    "hf.co": "huggingface",
}

MOST_SEGMENTS = 48
"""Segments of a path, or labels of a group, that are looked at."""

MOST_ENCODINGS = 4
"""So often a text may be encoded over again before it is taken as it stands."""

_RUN = re.compile(r"[-_.]+")
_UNDECODABLE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_TYPE = re.compile(r"[a-z][a-z0-9.+-]*")
# One that can be read, told without cutting it: its path holds nothing that would have to be decoded or folded first.
_READABLE = r"pkg:[A-Za-z]+/(?:%40|[A-Za-z0-9_@])(?:[\w.~+/!$&'()*,;=-]|%2[46-9A-Da-d])*(?:@[^@?#\n]*)?(?:[?#][^\n]*)?"
_PLAIN = re.compile(_READABLE, re.ASCII)
_ODD_LINE = re.compile(rf"\n(?!{_READABLE}(?:\n|\Z))", re.ASCII)
_ODD_START = re.compile(r"\n(?!pkg:[A-Za-z]+/(?:%40|[A-Za-z0-9_@]))")
_ENCODED = re.compile(r"%(?!40|2[0-46-9A-Da-d])")
_AT_WITHIN = re.compile(r"[^/\n](?:@[^@?#\n]*@|%40)")  # pnpm writes what a version rests on: x@1.0.0(react@18.2.0)
_IDEOGRAPHIC_DOT = "\u3002"  # is one between the labels of a host (RFC 3490, section 3.1)


class Package(NamedTuple):
    """What a purl names. The path is its namespace and name, in lower case; a Maven group is one segment."""

    kind: str
    path: tuple[str, ...]
    version: str


def unreadable(purls: list[str | None]) -> list[int]:
    """The numbers of those that cannot be read."""
    return [number for number in odd(purls) if parts(purls[number] or "") is None]


def odd(purls: list[str | None]) -> list[int]:
    """The numbers of those that may hide a name. Mostly there are none, and all are told at once."""
    there = [number for number, purl in enumerate(purls) if purl]
    if not there:
        return []
    text = "\n".join(["", *[purl for purl in purls if purl]])
    if text.count("\n") == len(there) and "/.." not in text and not _are_several(text, len(there)):
        there = _odd_lines(text, there)
    return [number for number in there if is_odd(purls[number] or "")]


def _odd_lines(text: str, numbers: list[int]) -> list[int]:
    """Of the numbers, one for each line, those of the lines that have to be looked at."""
    has_no_marks = text.count(":") == len(numbers) and "\\" not in text and text.isascii()
    is_common = has_no_marks and text.replace("\n", "").isprintable()
    patterns = (_ODD_START, _ENCODED, _AT_WITHIN) if is_common else (_ODD_LINE,)
    return sorted({numbers[line] for pattern in patterns for line in lines_with(pattern, text)})


def lines_with(pattern: "re.Pattern[str]", text: str) -> Iterator[int]:
    """The numbers of the lines in which a pattern is found, for a text of which each line follows a line break."""
    place, line = 0, -1
    for found in pattern.finditer(text):
        line += text.count("\n", place, found.start() + 1)
        place = found.start() + 1
        yield line


def _are_several(text: str, number: int) -> bool:
    """Whether a text of so many purls holds more: somebody wrote two into one field."""
    return text.count(":") > number and text.lower().count("pkg:") > number


def is_odd(purl: str) -> bool:
    """Whether it cannot be read, holds two, or has marks in a segment by which other notations part name and namespace.

    An "@" there may be a second version's (x@1@2, x@git+ssh://git@host/y), or a link's (git@github.com:owner/x@1).
    """
    is_one = not _are_several(purl, 1)
    if is_one and "/.." not in purl and _PLAIN.fullmatch(purl):
        return False
    cut = parts(purl) if is_one else None
    return cut is None or any(":" in segment or "\\" in segment or "@" in segment[1:] for segment in cut[1])


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
    kind, segments = plain(decoded(kind)), _segments(rest)
    if not _TYPE.fullmatch(kind) or ".." in segments:  # the specification has neither
        return None
    path = _path(kind, segments)
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


def _segments(rest: str) -> list[str]:
    # Folding can bring slashes to light that are written with full width.
    return "/".join([plain(segment) for segment in decoded(rest).split("/")]).split("/")


def _path(kind: str, segments: list[str]) -> list[str]:
    path = [segment for segment in segments if segment not in ("", ".", "..")]
    if kind == "pypi":
        path = [hyphenated(segment) for segment in path]
    return [*path[:MOST_SEGMENTS], path[-1]] if len(path) > MOST_SEGMENTS else path


def hyphenated(name: str) -> str:
    """A name of PyPI as it is compared: runs of these marks are one hyphen (PEP 503)."""
    return _RUN.sub("-", name)


def plain(text: str) -> str:
    """A segment in lower case, without control characters, blanks at either end, width and accents."""
    text = without_controls(text).strip().lower()
    return text if text.isascii() else folded(text).strip()


def labels_of(group: str) -> list[str]:
    """The labels of a Maven group, whose dots some write as slashes, and after which some write an artifact."""
    return [label for label in (part.strip() for part in group.replace("/", ".").replace(":", ".").split(".")) if label]


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
    if len(path) > 1:
        found.extend(accounts(path[0], path[1:]))
    return found


def accounts(host: str, path: list[str]) -> list[str]:
    """The register keys of the account, and what is below it, that a host's path leads to; none at another host."""
    owner, _, pages = host.partition(".")
    if pages == "github.io":
        return above("github", [owner, *path[:MOST_SEGMENTS]])
    if host == "api.github.com" and path[:1] == ["repos"]:
        return above("github", path[1:MOST_SEGMENTS])
    kind = HOSTS.get(host.removeprefix("www."))
    return above(kind, path[:MOST_SEGMENTS]) if kind else []


def keys_of(purl: str) -> list[str]:
    """All register keys a purl meets. Of one that is encoded wrongly, those of the segments that can be read."""
    kind, rest, _ = _cut(purl)
    kind = plain(decoded(kind))
    path = _path(kind, _segments(rest))
    return keys(kind, path) if path else []


_LINKS = {"vcs_url": "", "download_url": "", "repository_url": "oci"}
"""Qualifier -> the type in which alone it tells the maker: elsewhere a repository holds what others made, too."""


def links_of(purl: str) -> Iterator[str]:
    """The links in a purl's qualifiers that say where its own source or file is, or for an image all of its path."""
    if "_url=" not in purl.lower():
        return
    kind = kind_of(purl)
    for qualifier in purl.partition("#")[0].partition("?")[2].split("&"):
        name, _, link = qualifier.partition("=")
        if _LINKS.get(name.lower(), "no type") in ("", kind):
            yield decoded(link)
        elif (name.lower(), kind) == ("repository_url", "docker"):  # the host alone; the purl's path is below it
            yield "/".join((decoded(link).rstrip("/"), *(parts(purl) or ("", []))[1]))


_AROUND = " \t\r\n<>\"'"
_SHORT = "github:"  # as package.json writes a link to there
_LINK = re.compile(
    r"^(?:[a-z][a-z0-9+-]*:)*/*(?:[^/?#\s]*@)?([^/:?#\s]+)(?::\d+)?[/:]?([^?#\s]*)",
    re.IGNORECASE,
)


def host_and_path(link: str) -> tuple[str, list[str]]:
    """Host and path segments of a link as people and tools write it: URL, `git+ssh://git@host/x`, `git@host:x/y`."""
    text = without_controls(link).strip(_AROUND).replace("\\", "/")  # as browsers do it
    if text[: len(_SHORT)].lower() == _SHORT:
        text = f"github.com/{text[len(_SHORT) :].lstrip('/')}"
    found = _LINK.match(text)
    if not found:
        return "", []
    path = [segment for segment in map(plain, decoded(found[2]).split("/")) if segment]
    if path:
        path[-1] = path[-1].removesuffix(".git")
    return plain(decoded(found[1])).replace(_IDEOGRAPHIC_DOT, ".").rstrip("."), path
