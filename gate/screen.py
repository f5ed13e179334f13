"""Which components could be of a vendor in the register: a sieve before `match`, there for speed alone.

Nearly every component of nearly every SBOM is of nobody the law names. Whatever `match` finds, an anchor stands in the
text: a word or segment of the register entry that is met. One pass for all anchors at once (Aho-Corasick, by the
library ahocorasick_rs) over the text of a whole document tells which components hold any. The sieve may let through too
much and never too little: tests hold it against `match` over the corpus and over documents made to fool it.
"""

import re
from collections.abc import Iterable, Sequence
from urllib.parse import unquote

from ahocorasick_rs import AhoCorasick

from gate.identity import Kind
from gate.law import Register
from gate.match import Matcher
from gate.subject import Component, Organisation

FEW = 64
"""Below so many components the sieve costs more than it spares."""

# An encoded letter, digit, slash or mark could hide an anchor; an encoded plus or blank cannot, "%40" is undone first.
_HIDING = re.compile("%(?!2b|20)")
_DROPPED = str.maketrans("", "", ".'")  # as `names.normalise` drops them


class Sieve:
    """The sieve for one register; what it learns from one document serves the next."""

    def __init__(self, matcher: Matcher) -> None:
        self.matcher = matcher
        identifiers, names = _anchors(matcher.register)
        self._identifiers = AhoCorasick(sorted(identifiers))
        self._names = AhoCorasick(sorted(names))
        self._organisations: dict[str, bool] = {}

    def suspects(self, components: Sequence[Component]) -> Iterable[Component]:
        """The components that `match` has to look at, in their order. The fields are those of `identity.identities`."""
        if len(components) < FEW or components[0].place.is_request:
            return components
        found = self._with_identifiers(components) | self._with_names(components) | self._with_organisations(components)
        return [components[number] for number in sorted(found)]

    def _with_identifiers(self, components: Sequence[Component]) -> set[int]:
        """Package URLs, CPEs, links and names that are paths."""
        lines = [
            f"{c.purl or c.ref or ''} {c.name or ''} {c.cpe or ''}"
            if not c.references
            else f"{c.purl or c.ref or ''} {c.name or ''} {c.cpe or ''} {[link.url for link in c.references]}"
            for c in components
        ]
        text = _joined(lines).replace("%40", "@")
        if _HIDING.search(text):
            text = _joined([unquote(line) for line in lines])
        if "\\" in text:
            text = text.replace("\\", "")
        return self._lines_with(self._identifiers, text)

    def _with_names(self, components: Sequence[Component]) -> set[int]:
        """Names of products, groups, authors and publishers."""
        lines = [f"{c.name or ''} {c.group or ''} {c.author or ''} {c.publisher or ''}" for c in components]
        found = self._lines_with(self._names, _joined(lines).translate(_DROPPED))
        return found | {number for number, c in enumerate(components) if c.authors or c.swid}

    def _with_organisations(self, components: Sequence[Component]) -> set[int]:
        """Publishers, suppliers and manufacturers, which may also be spelt closely: each distinct one is looked up."""
        publishers = [c.publisher for c in components]
        bad = {name for name in set(publishers) if name and self._is_known(name)}
        found = {number for number, name in enumerate(publishers) if name in bad} if bad else set()
        for number, component in enumerate(components):
            supplier, manufacturer = component.supplier, component.manufacturer
            if supplier is not None and self._may_be(supplier):
                found.add(number)
            if manufacturer is not None and self._may_be(manufacturer):
                found.add(number)
        return found

    def _may_be(self, organisation: Organisation) -> bool:
        if organisation.name and self._is_known(organisation.name):
            return True
        if organisation.identifiers or organisation.contacts:
            return True
        return bool(organisation.urls) and any(map(self._is_known_link, organisation.urls or ()))

    def _is_known(self, name: str) -> bool:
        known = self._organisations.get(name)
        if known is None:
            known = self._organisations[name] = self.matcher.meets(Kind.ORGANISATION, name)
        return known

    def _is_known_link(self, url: str) -> bool:
        known = self._organisations.get(url)
        if known is None:
            known = self._organisations[url] = self.matcher.meets(Kind.LINK, url)
        return known

    @staticmethod
    def _lines_with(anchors: AhoCorasick, text: str) -> set[int]:
        """The numbers of the lines that hold an anchor, or a letter that is not ASCII and so could pose as one."""
        found: set[int] = set()
        place = line = 0
        for _, start, _ in anchors.find_matches_as_indexes(text):
            line += text.count("\n", place, start)
            place = start
            found.add(line)
        if not text.isascii():
            found.update(number for number, one in enumerate(text.split("\n")) if not one.isascii())
        return found


def _joined(lines: list[str]) -> str:
    """One line for each component, in lower case, whatever breaks the document's own strings hold."""
    text = "\n".join(lines)
    if text.count("\n") >= len(lines):
        text = "\n".join(line.replace("\n", " ") for line in lines)
    return text.lower()


def _anchors(register: Register) -> tuple[set[str], set[str]]:
    """For each entry of the register, what must stand in a text that meets it: in identifiers, and in names."""
    segments = {key.rpartition("/")[2].removeprefix("@") for key in register.purls}
    vendors = {part for key in register.cpes for part in key.split(":")[:1]}
    identifiers = {anchor for anchor in (*segments, *vendors, *register.domains) if anchor.isascii()}
    words = {max(name.split(" "), key=len) for name in (*register.organisations, *register.products)}
    names = {word for word in (*words, *(segment.translate(_DROPPED) for segment in segments)) if word.isascii()}
    return identifiers, names
