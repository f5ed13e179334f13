"""Which components could be of a vendor in the register: a sieve before `match`, there for speed alone.

Nearly every component of nearly every SBOM is of nobody the law names. Whatever `match` finds, an anchor stands in the
text: a word or segment of the register entry that is met. One pass for all anchors at once (Aho-Corasick, by the
library ahocorasick_rs) over the text of a whole document tells which components hold any. The sieve may let through too
much and never too little: tests hold it against `match` over the corpus and over documents made to fool it.
"""

import re
from collections.abc import Sequence
from functools import cached_property

from ahocorasick_rs import AhoCorasick, BytesAhoCorasick, Implementation, MatchKind

from gate import cpe as cpes
from gate import purl as purls
from gate.identity import Kind
from gate.match import Matcher
from gate.memory import keep
from gate.purl import decoded
from gate.register import Register
from gate.subject import Component, Organisation

FEW = 64
"""Below so many components the sieve costs more than it spares."""

CHUNK = 8192
"""So many components go through at once: their text is all the memory that the sieve takes."""

# An encoded letter, digit, slash or mark could hide an anchor; these cannot, for none has one.
_HARMLESS = "@+ :~"
_HIDING = re.compile(f"%(?!{'|'.join(f'{ord(mark):02x}' for mark in _HARMLESS)})")

_LOWER = bytes(range(256)).lower()
_CONTROLS = bytes({*range(32), 127} - {ord("\n")})
_UNSAID = _CONTROLS + b"\n\\"
_UNSAID_IN_NAMES = _UNSAID + b".'"


COMMON = frozenset(
    """
    agent android api app bridge client cloud common com core data design device devices electronics energy engine
    europe global group hardware holding international link mobile network networks open org platform plugin proxy
    python sdk security server service services shared software solar south studio support systems tech technologies
    technology tool tools web
    """.split()  # noqa: SIM905 - a list of sixty quoted words says less
)
"""Words that stand in everybody's packages: sound as anchors, and useless as a sieve."""

SHORTEST = 4
"""Letters below which a part stands within too many other words."""


class Sieve:
    """The sieve for one register; what it learns from one document serves the next."""

    def __init__(self, matcher: Matcher) -> None:
        self.matcher = matcher
        self._known: dict[tuple[Kind, str], bool] = {}

    @cached_property
    def _anchors(self) -> AhoCorasick:
        """Made when the first large document comes: a table takes longer to make, and half the time to search with."""
        anchors = sorted(_anchors(self.matcher.register))
        return AhoCorasick(anchors, matchkind=MatchKind.LeftmostFirst, implementation=Implementation.DFA)

    def suspects(self, components: Sequence[Component]) -> Sequence[int]:
        """The numbers of the components that `match` has to look at, and of those whose purl or CPE cannot be read.

        The fields are those of `identity.identities`.
        """
        if len(components) < FEW:
            return range(len(components))
        return [
            start + number
            for start in range(0, len(components), CHUNK)
            for number in self._in_chunk(components[start : start + CHUNK])
        ]

    def anchored(self, texts: list[str], *, are_names: bool = False) -> set[int]:
        """The numbers of the texts, of whichever field and component, that may meet an entry by a word in them."""
        return self._with_anchors(texts, are_names=are_names) if texts else set()

    def stands_in(self, encoded: bytes, *, are_names: bool = False) -> bool:
        """Whether a word of an entry stands in texts that were encoded together, among whichever other bytes.

        It sees no letter that is written otherwise: in a percent-encoding, or as one that is not ASCII.
        """
        text = encoded.translate(_LOWER, _UNSAID_IN_NAMES if are_names else _UNSAID)
        return bool(self._words.find_matches_as_indexes(text))

    @cached_property
    def _words(self) -> BytesAhoCorasick:
        anchors = [anchor.encode() for anchor in sorted(_anchors(self.matcher.register))]
        return BytesAhoCorasick(anchors, implementation=Implementation.DFA)

    def _in_chunk(self, components: Sequence[Component]) -> list[int]:
        found = self._with_organisations(components) | self._with_links(components)
        found |= self._with_anchors([c.purl or "" for c in components])
        found |= self._with_refs([c.ref or "" for c in components])
        found |= self._with_anchors([c.cpe or "" for c in components])
        # In one that cannot be read any word counts, also one that is written otherwise than its anchor.
        found.update(purls.odd([c.purl for c in components]))
        found.update(cpes.unreadable([c.cpe for c in components]))
        found |= self._with_anchors([c.name or "" for c in components], are_names=True)
        found |= self._with_anchors([c.group or "" for c in components], are_names=True)
        found |= self._with_anchors([c.author or "" for c in components], are_names=True)
        found.update([number for number, c in enumerate(components) if c.authors or c.swid])
        return sorted(found)

    def _with_refs(self, column: list[str]) -> set[int]:
        """Only a ref that is a purl says anything; others may be paths through the whole tree of dependencies."""
        if "pkg:" not in "\n".join(column[:FEW]) and "pkg:" not in _joined(column):
            return set()
        return {number for number in self._with_anchors(column) if purls.is_purl(column[number])}

    def _with_anchors(self, column: list[str], *, are_names: bool = False) -> set[int]:
        """The numbers of the texts that hold an anchor, or a letter that is not ASCII and so could pose as one."""
        text = _joined(column)
        if are_names:
            text = _undotted(text)
        if "\\" in text:  # as CPEs escape
            text = text.replace("\\", "")
        found: set[int] = set()
        if "%" in text and _HIDING.search(text):
            # Without controls, as `match` reads it: one of them can stand within an encoding.
            lines = text.split("\n")
            encoded = [number for number, one in enumerate(lines) if "%" in one]
            plain = [decoded(lines[number]).replace("%", "") for number in encoded]
            found = {encoded[number] for number in self._with_anchors(plain, are_names=are_names)}
        matches = self._anchors.find_matches_as_indexes(text)
        if not matches and text.isascii():
            return found
        if not text.isascii():
            found.update([number for number, one in enumerate(column) if not one.isascii()])
        place = line = 0
        for _, start, _ in matches:
            line += text.count("\n", place, start)
            place = start
            found.add(line)
        return found

    def _with_links(self, components: Sequence[Component]) -> set[int]:
        lists = [c.references for c in components]
        found = self._with_anchors([link.url or "" for links in lists if links for link in links])
        if not found:
            return found
        owners = [number for number, links in enumerate(lists) if links for _ in links]
        return {owners[number] for number in found}

    def _with_organisations(self, components: Sequence[Component]) -> set[int]:
        """Publishers, suppliers and manufacturers, which may also be spelt closely: each distinct one is looked at."""
        publishers = [c.publisher for c in components]
        names = self._met(Kind.ORGANISATION, {name for name in publishers if name})
        found = {number for number, name in enumerate(publishers) if name in names} if names else set()
        for column in ([c.supplier for c in components], [c.manufacturer for c in components]):
            there = [one for one in column if one]
            names = self._met(Kind.PARTY, {one.name for one in there if one.name})
            links = self._met(Kind.LINK, {url for one in there if one.urls for url in one.urls})
            if names or links or any(one.contacts or one.identifiers for one in there):
                found.update(number for number, one in enumerate(column) if one and _may_be(one, names, links))
        return found

    def _met(self, kind: Kind, texts: set[str]) -> set[str]:
        """Those that meet an entry: an anchor stands in them, or they are a close spelling of a name."""
        met = {text for text in texts if self._known.get((kind, text))}
        fresh = [text for text in texts if (kind, text) not in self._known]
        are_names = kind is not Kind.LINK
        anchored = self._with_anchors(fresh, are_names=are_names)
        for number, text in enumerate(fresh):
            is_suspect = number in anchored or (are_names and self.matcher.is_misspelt(text))
            if keep(self._known, (kind, text), is_suspect and self.matcher.meets(kind, text)):
                met.add(text)
        return met


def _may_be(one: Organisation, names: set[str], links: set[str]) -> bool:
    if one.name in names or one.identifiers or one.contacts:
        return True
    return one.urls is not None and not links.isdisjoint(one.urls)


def _joined(column: list[str]) -> str:
    """One text a line, in lower case, without line breaks and control characters of their own."""
    text = "\n".join(column)
    if text.count("\n") != len(column) - 1:
        text = "\n".join([one.replace("\n", "") for one in column])
    return text.encode("utf-8", "surrogatepass").translate(_LOWER, _CONTROLS).decode("utf-8", "surrogatepass")


def _anchors(register: Register) -> set[str]:
    """For each entry of the register, what must stand in a text that meets it."""
    # A name below a namespace that is in the register itself is found by the namespace.
    purls = {key for key in register.purls if not any(above in register.purls for above in _above(key))}
    segments = {_segment(key) for key in purls}
    vendors = {key.partition(":")[0] for key in register.cpes}
    words = {_telling(name.split(" ")) for name in register.organisations}
    # A product is mostly called after its maker; its own longest word is often everybody's.
    for name in register.products:
        parts = name.split(" ")
        if words.isdisjoint(parts):
            words.add(_telling(parts))
    # Entries in other scripts can only be met by texts that are not ASCII, and those are looked at anyway.
    whole = [anchor for anchor in (*segments, *vendors, *words, *register.domains) if anchor.isascii()]
    anchors = {_telling(re.split(f"[{_HARMLESS}]", anchor)) for anchor in whole}
    return anchors | {_undotted(anchor) for anchor in anchors}


def _segment(key: str) -> str:
    """The segment that tells most, for all of a key stand in a purl that meets it; of a Maven group a label, for its
    dots may be written as slashes, and of a PyPI name a part, for the marks in it may be others."""
    kind, *path = key.split("/")
    parts = [part.removeprefix("@") for part in path if part != "*"]
    if kind == "maven":
        parts = [label for part in parts for label in part.split(".")]
    elif kind == "pypi":
        parts = [piece for part in parts for piece in part.split("-")]
    return _telling(parts)


def _telling(parts: list[str]) -> str:
    """The part that the fewest texts hold: none that everybody uses, if there is another, and of those the longest."""
    return max(parts, key=_telling_much)


def _telling_much(part: str) -> tuple[bool, bool, bool, int]:
    is_own = part not in COMMON
    return len(part) >= SHORTEST and is_own, len(part) > SHORTEST, len(part) == SHORTEST - 1 and is_own, len(part)


def _above(key: str) -> list[str]:
    parts = key.split("/")
    return ["/".join(parts[:end]) for end in range(2, len(parts))]


def _undotted(text: str) -> str:
    """As `names.normalise` does it: "S.r.l." is "Srl"."""
    return text.replace(".", "").replace("'", "")
