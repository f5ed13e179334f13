"""Package URLs, cut into what can name a maker (purl specification, "Rules for each purl component").

Lenient where generators err: upper-case types, `pkg://`, raw `@` scopes, a scope without its `@`. Qualifiers, subpath
and version never count, so nothing can hide behind them.
"""

import re

from gate.names import folded

# A second path to the same owner: Go modules and links name the host that pkg:github stands for.
FORGE = "github.com"

MOST_SEGMENTS = 48
"""Segments of a path that are looked at."""

LONGEST = 4096
"""Letters after which a purl is asked by itself."""

MOST_ENCODINGS = 4
"""So often a text may be encoded over again before it is taken as it stands."""


_ODD = re.compile(r"pkg:[^/\n]*/*(?:[?#@.]|%2[eEfF]|\n|$)")


_UNDECODABLE = re.compile(r"%(?:25|(?![0-9A-Fa-f]{2}))")


def are_readable(purls: list[str]) -> bool:
    """Whether `parts` surely reads every one of many; told of all at once. If not, each has to be asked."""
    if any(len(purl) > LONGEST for purl in purls):
        return False
    text = "\n".join(["", *purls])
    is_plain = text.count("\npkg:") == len(purls) == text.count("\n")
    return is_plain and _ODD.search(text) is None and _UNDECODABLE.search(text) is None


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


def parts(purl: str) -> tuple[str, list[str]] | None:
    """The type and the path (namespace segments and name), decoded, lower case. None if it is no purl."""
    text = purl.strip()
    if text[:4].lower() != "pkg:":
        return None
    text = text[4:].partition("#")[0].partition("?")[0].strip("/")
    kind, slash, rest = text.partition("/")
    if not slash or not rest:
        return None
    # The version is cut before decoding: an encoded slash in it stays in it. A raw "@" at the start is an npm scope's.
    rest = rest.lstrip("/")
    at = rest.rfind("@")
    if at > 0:
        rest = rest[:at]
    segments = [_plain(segment) for segment in decoded(rest).split("/")]
    path = [segment for segment in segments if segment not in ("", ".", "..")]
    path = [*path[:MOST_SEGMENTS], path[-1]] if len(path) > MOST_SEGMENTS else path
    if not path or any("%" in segment for segment in path):  # encoded wrongly: whatever it hides is not read
        return None
    return _plain(decoded(kind)), path


def _plain(segment: str) -> str:
    segment = segment.strip().lower()
    return segment if segment.isascii() else folded(segment)


def keys(kind: str, path: list[str]) -> list[str]:
    """The register keys a purl meets, most general first: whole segments of its path, and its name in any namespace."""
    if kind == "npm" and len(path) > 1:
        path = ["@" + path[0].removeprefix("@"), *path[1:]]
    if kind == "maven":
        # A Maven group is one segment whose dots are the boundaries: com.kaspersky owns com.kaspersky.x.
        groups = path[:-1]
        dots = ".".join(groups).split(".")
        found = ["maven/" + ".".join(dots[:end]) for end in range(1, len(dots) + 1) if groups]
        return [*found, "maven/" + "/".join(path)]
    found = [f"{kind}/" + "/".join(path[:end]) for end in range(1, len(path) + 1)]
    found.append(f"{kind}/*/{path[-1]}")
    if FORGE in path[:1] and len(path) > 1:
        found.extend("github/" + "/".join(path[1:end]) for end in range(2, len(path) + 1))
    return found


def keys_of(purl: str) -> list[str]:
    """All register keys a purl meets; none if it cannot be read."""
    cut = parts(purl)
    return keys(*cut) if cut else []


_LINK = re.compile(r"^(?:[a-z][a-z0-9+-]*:)*(?://)?(?:[^/@\s]*@)?([^/:?#\s]+)(?::\d+)?[/:]?([^?#\s]*)", re.IGNORECASE)


def host_and_path(link: str) -> tuple[str, list[str]]:
    """Host and path segments of a link as people and tools write it: URL, `git+ssh://git@host/x`, `git@host:x/y`."""
    found = _LINK.match(link.strip())
    if not found:
        return "", []
    path = [segment.lower() for segment in decoded(found[2]).split("/") if segment]
    if path:
        path[-1] = path[-1].removesuffix(".git")
    return found[1].lower().rstrip("."), path
