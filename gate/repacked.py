"""Packages of a registry that a distribution packs over, told by the name it gives them.

https://www.debian.org/doc/packaging-manuals/python-policy/ (4.3), https://go-team.pages.debian.net/packaging.html,
https://docs.fedoraproject.org/en-US/packaging-guidelines/ (Python, Golang, Node.js).
In conda a package of PyPI keeps its name.
"""

import re

from gate.purl import hyphenated, parts

KINDS = frozenset({"conda", "deb", "rpm", "apk", "alpm"})
"""Types of purls of such distributions."""

_PYTHON = re.compile(r"(?:python[\d.]*|py3)-(.+)")
_NODE = re.compile(r"(?:node|nodejs)-(.+)")
_GO = re.compile(r"golang-github-(.+)")

MOST_PARTS = 3
"""Parts of an account's name at most, between hyphens: `deepseek-ai`."""


def keys(purl: str) -> list[str]:
    """The register keys of the packages that one of a distribution may be made from."""
    kind, path = parts(purl) or ("", [])
    if kind not in KINDS:
        return []
    name = path[-1]
    if kind == "conda":
        return [f"pypi/{hyphenated(name)}"]
    if found := _PYTHON.fullmatch(name):
        return [f"pypi/{hyphenated(found[1])}"]
    if found := _NODE.fullmatch(name):
        return [f"npm/{found[1]}"]
    if found := _GO.fullmatch(name):
        account = found[1].split("-")
        return ["github/" + "-".join(account[:end]) for end in range(1, min(len(account), MOST_PARTS + 1))]
    return []
