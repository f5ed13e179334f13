"""The words by which documents may name a vendor, each once for a batch: when the register changes they are screened
in place of the documents. Package URLs are kept so that one can be looked up.
"""

import re
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any

import msgspec

from gate import cpe as cpes
from gate import purl as purls
from gate.identity import Kind
from gate.match import Matcher
from gate.memory import keep
from gate.portfolio.row import Texts
from gate.register import Register
from gate.screen import Sieve
from gate.subject import Component, Organisation

MOST = 64
"""Documents of one batch: a mask has so many bits."""

SHORT = 256
"""Letters of a package URL within which a name is looked for: a hostile one has slashes without end."""

IN_A_BLOCK = 512
"""Package URLs that are read to find one."""

PURL = "purl"

_NPM = "pkg:npm/"
# What tools write otherwise: an npm scope without its "@", the marks in a name of PyPI.
_OTHERWISE = re.compile(r"pkg:(?:npm/[^@?#/]+/|pypi/[^@?#]*[_.][^@?#]*)")

KINDS: dict[str, tuple[Kind, ...]] = {
    PURL: (Kind.PURL,),
    "ref": (Kind.REF,),
    "cpe": (Kind.CPE,),
    "organisation": (Kind.ORGANISATION, Kind.PARTY),
    "group": (Kind.GROUP,),
    "author": (Kind.AUTHOR,),
    "link": (Kind.LINK,),
    "mail": (Kind.MAIL,),
    "contact": (Kind.CONTACT,),
    "name": (Kind.PRODUCT, Kind.PATH),
}
"""Field -> what a text in it may be to the register. Together they are all that `identity.identities` reads."""

ABSENT = frozenset({None, ""})

NAMES = frozenset({"group", "author", "name"})
"""Fields in which a dot says nothing."""

RARE = frozenset({"organisation", "mail", "contact"})
"""Fields of which each text is looked up: few are distinct, and a name may be spelt closely without any anchor."""


class Block(msgspec.Struct, array_like=True):
    """Texts of one field: in which a name may hide, each as it is looked up, and how it is written if otherwise."""

    hiding: list[int]
    keys: list[str]
    others: dict[int, str] = {}

    @property
    def texts(self) -> list[str]:
        """As documents write them."""
        return [self.others.get(place, key) for place, key in enumerate(self.keys)] if self.others else self.keys


class _Hiding(msgspec.Struct, array_like=True):
    """Of a block its beginning: the rest is passed over unread."""

    hiding: list[int]


_BLOCKS = msgspec.msgpack.Decoder(Block)
_BEGINNINGS = msgspec.msgpack.Decoder(_Hiding)


class Gathered:
    """The texts of a batch's documents."""

    def __init__(self) -> None:
        self._said: dict[str, dict[str, int]] = {field: {} for field in KINDS}

    def add(self, components: Sequence[Component], place: int) -> None:
        """Take in the document at a place of the batch."""
        bit = 1 << place
        for field, found in _texts_in(components):
            texts = found - ABSENT
            masks = self._said[field]
            fresh = texts.difference(masks)
            for text in texts.difference(fresh):
                masks[text] |= bit
            masks.update(dict.fromkeys(fresh, bit))

    def add_packages(self, components: Sequence[Component], place: int) -> None:
        """Take in the package URLs of a request: it is judged anew each time, so nobody looks for its other texts."""
        masks = self._said[PURL]
        for text in {component.purl for component in components if component.purl}:
            masks[text] = masks.get(text, 0) | 1 << place

    def texts(self, pack: Any) -> Iterator[Texts]:
        """All of them; `pack` packs bytes."""
        for field, masks in self._said.items():
            if field == PURL:
                yield from _packages(masks)
            elif masks:
                ordered = sorted(masks)
                said = msgspec.msgpack.encode(Block(_hiding(field, ordered, ordered), ordered))
                yield Texts(field, pack(said), len(said), _bits(masks, ordered))


def _bits(masks: dict[str, int], texts: list[str]) -> bytes:
    return array("Q", [masks[text] for text in texts]).tobytes()


def _hiding(field: str, texts: list[str], keys: list[str]) -> list[int]:
    """The numbers of the texts in which a name may stand that the plain letters of their keys do not show."""
    encoded = {number for number, key in enumerate(keys) if "%" in key or not key.isascii()}
    return sorted(encoded.union(_unreadable(field, texts)))


def _unreadable(field: str, texts: list[str]) -> list[int]:
    """The numbers of those in which any word counts."""
    if field in (PURL, "ref"):
        return purls.odd([*texts])
    return cpes.unreadable([*texts]) if field == "cpe" else []


def _packages(masks: dict[str, int]) -> Iterator[Texts]:
    others_of = {
        text: canonical(text)
        for text in masks
        if "%" in text or not text.islower() or not _is_plain(text) or _OTHERWISE.match(text)
    }
    ordered = sorted(masks, key=lambda text: others_of.get(text, text))
    for start in range(0, len(ordered), IN_A_BLOCK):
        written = ordered[start : start + IN_A_BLOCK]
        keys = [others_of.get(text, text) for text in written]
        others = {place: text for place, text in enumerate(written) if text in others_of}  # few
        said = msgspec.msgpack.encode(Block(_hiding(PURL, written, keys), keys, others))
        yield Texts(PURL, said, 0, _bits(masks, written), keys[0])


def _is_plain(purl: str) -> bool:
    return purl.startswith("pkg:") and not purl.startswith("pkg:/") and not purl[-1].isspace()


def packages_in(said: bytes, masks: bytes, wanted: str) -> Iterator[tuple[str, str, int]]:
    """Of one block, those whose key starts so: the key, the package URL as it is written, the mask of its documents."""
    block, bits = _BLOCKS.decode(said), array("Q", masks)
    keys = block.keys
    for place in range(bisect_left(keys, wanted), len(keys)):
        if not keys[place].startswith(wanted):
            return
        yield keys[place], block.others.get(place, keys[place]), bits[place]


@lru_cache(1 << 14)
def canonical(purl: str) -> str:
    """A package URL as it is looked up: decoded, in lower case, an npm scope with its "@", a PyPI name with hyphens."""
    text = purl.replace("%40", "@").replace("%2B", "+").replace("%3A", ":")  # nearly all there is
    text = (purls.decoded(purl) if "%" in text else text).strip().lower()
    text = "pkg:" + text[4:].lstrip("/") if text.startswith("pkg:/") else text
    found = _OTHERWISE.match(text)
    if found is None:
        return text
    if text.startswith(_NPM):
        return f"{_NPM}@{text[len(_NPM) :]}"
    return purls.hyphenated(found[0]) + text[found.end() :]


def _texts_in(components: Sequence[Component]) -> Iterator[tuple[str, set[Any]]]:
    yield PURL, {c.purl for c in components}
    others = [(c.ref, c.purl) for c in components if c.ref != c.purl]
    yield "ref", {ref for ref, purl in others if ref and not _repeats(ref, purl)}
    yield "cpe", {c.cpe for c in components}
    yield "group", {c.group for c in components}
    # A name that stands in the purl is found there; see `_names_in`.
    yield "name", {c.name for c in components if c.name and not _is_in(c.name, c.purl)}
    yield "name", {c.swid.name for c in components if c.swid is not None}
    people = [person for c in components if c.authors for person in c.authors]
    yield "author", {c.author for c in components} | {person.name for person in people}
    suppliers = [c.supplier for c in components if c.supplier is not None]
    companies: list[Organisation] = suppliers + [c.manufacturer for c in components if c.manufacturer is not None]
    contacts = [person for one in companies if one.contacts for person in one.contacts]
    yield "organisation", {c.publisher for c in components} | {one.name for one in companies}
    yield "link", {link.url for c in components if c.references for link in c.references}
    yield "link", {url for one in companies if one.urls for url in one.urls}
    yield "contact", {person.name for person in contacts}
    yield "mail", {person.mail for person in (*people, *contacts)}


def _is_in(name: str, purl: str | None) -> bool:
    return purl is not None and f"/{name}@" in purl and len(purl) < SHORT


def _repeats(ref: str, purl: str | None) -> bool:
    """Whether a ref says nothing beside the purl: it is no purl, or this one with qualifiers of its own."""
    if purl and ref.startswith(purl):
        mark = ref[len(purl) : len(purl) + 1]
        return mark in ("", "?", "#") or (mark == "&" and "?" in purl)
    return not purls.is_purl(ref)


def _names_in(purl: str) -> Iterator[str]:
    """Every text that a purl holds between a slash and an "@": if the component's name is one of them, it is here."""
    ends = [place for place, letter in enumerate(purl) if letter == "@"]
    starts = [place + 1 for place, letter in enumerate(purl) if letter == "/"]
    for start in starts if len(purl) < SHORT else ():
        yield from (purl[start:end] for end in ends if end > start)


class Screen:
    """Tells which documents of a batch may be judged otherwise now that these entries came to a register or left it."""

    def __init__(self, registers: Iterable[Register]) -> None:
        self._sieves = [Sieve(Matcher(register)) for register in registers if _holds_any(register)]
        self._known: dict[str, dict[str, bool]] = {field: {} for field in KINDS}

    @property
    def finds_nothing(self) -> bool:
        """Whether there is nothing to look for."""
        return not self._sieves

    def mask(self, field: str, said: bytes, masks: bytes) -> int:
        """Those of the documents that one block of texts stands in."""
        found = 0
        bits = array("Q", masks)
        for number, text in self._candidates(field, said):
            if found | bits[number] != found and self._meets(field, text):
                found |= bits[number]
        return found

    def _candidates(self, field: str, said: bytes) -> Iterable[tuple[int, str]]:
        """The texts of a block in which an entry may stand, and their numbers. Most blocks are passed over unread."""
        if field in RARE:
            known = self._known[field].get
            return [(number, text) for number, text in enumerate(_BLOCKS.decode(said).texts) if known(text, True)]
        are_names = field in NAMES
        numbers: Sequence[int] = _BEGINNINGS.decode(said).hiding
        is_there = any(sieve.stands_in(said, are_names=are_names) for sieve in self._sieves)
        if not numbers and not is_there:
            return ()
        texts = _BLOCKS.decode(said).texts
        if is_there:
            numbers = range(len(texts))
        looked_at = [texts[number] for number in numbers]
        found = set(_unreadable(field, looked_at))
        for sieve in self._sieves:
            found |= sieve.anchored(looked_at, are_names=are_names)
        return [(numbers[place], looked_at[place]) for place in sorted(found)]

    def _meets(self, field: str, text: str) -> bool:
        met = self._known[field].get(text)
        if met is None:
            asked = [(kind, text) for kind in KINDS[field]]
            if field == PURL:
                asked += [(kind, name) for name in _names_in(text) for kind in KINDS["name"]]
            met = any(sieve.matcher.meets(kind, said) for sieve in self._sieves for kind, said in asked)
            keep(self._known[field], text, met)
        return met


def _holds_any(register: Register) -> bool:
    return any(getattr(register, table) for table in Register.__struct_fields__ if table != "owned")


def places_in(mask: int) -> list[int]:
    """The places of the bits that are set."""
    return [place for place in range(MOST) if mask >> place & 1]
