"""The words in which a request's line names what is bought: the product that leads them, and whatever else they name.

Only what a line begins with is bought. A product or brand further on may come with it, or be what it is for, so it can
bring a line into a law's scope and never out of it.
"""

import re
from collections.abc import Iterable, Iterator

from gate.companies import FOLLOWERS, SHORTEST, Phrases
from gate.identity import is_named
from gate.letters import in_capitals
from gate.names import LEGAL_FORMS, words_of
from gate.register import Entry, Register
from gate.strength import NAMED, POSSIBLE
from gate.subject import Component, Organisation

Told = frozenset[tuple[str, int]]
"""Products of the register: the vendor, and the product's number."""

TELLING = 5
"""Letters from which a brand that is no acronym tells something in the middle of a line."""

_OPENERS = LEGAL_FORMS | frozenset(
    {"a", "an", "the", "new", "used", "refurbished", "original", "genuine", "by", "from"}
)
_LICENCES = frozenset(
    """
    licence licences license licenses subscription subscriptions renewal seat seats unit units pc pcs piece pieces
    """.split()  # noqa: SIM905 - a list of quoted words says less
)
_OF = frozenset({"for", "of", "to"})
_QUANTITY = re.compile(r"x?\d+x?")
_OWNED = re.compile(r"(?<=\w)['’]s\b")  # Kaspersky's
_TYPE = re.compile(r"(?=.*\d)[^\W\d_]")
"""How a type is written, as against a number: MF283+, S5720."""

_NUMBERED = re.compile(r"^\s*\d{1,3}\.(?=\D)")
_LETTERS = re.compile(r"[^\W_]+")

_GLUED = (
    (str.islower, re.compile(r"[A-Z]|[a-z]{0,2}\d")),
    (str.isupper, re.compile(r"[A-Za-z]{0,2}\d|[A-Z][a-z]")),
    (str, re.compile(r"[A-Z\d]")),
)
"""How a brand is written, and what its type then begins with that is written on to it: HuaweiS5720, ZTEMF283."""

_AFTER_ACRONYM = re.compile(r"[A-Z][A-Za-z]*-?\d")
"""What a type begins with after an acronym in small letters, which is often a word: zteMF283; but nioSocket, nio2."""

_HAN = "[\u4e00-\u9fff]"
_SCRIPTS = re.compile(rf"(?<=[A-Za-z\d])(?={_HAN})|(?<={_HAN})(?=[A-Za-z\d])")
_NO_WORD_BEFORE = "(?<![中才光升年清精繁](?=华))"
"""With these before it 华 ends another word, 中华 or 精华."""

_CHUNKS = re.compile(r"[\s,;:/|+&()\[\]{}<>=*~\"“”„«»–—·•、，；：（）／「」【】]+")


class Wording:
    """Reads lines by the names of one register."""

    def __init__(self, register: Register) -> None:
        names = register.organisations
        # A name of two words is also written as one: KasperskyLab, TPLink.
        joint = {name.replace(" ", ""): entry for name, entry in names.items() if name.count(" ") == 1}
        self._products = Phrases(register.products.items())
        brands = {one: joint[one] for one in joint if len(one) > TELLING} | names
        self._brands = Phrases(brands.items())
        self._asked = Phrases((_in_two(names) | brands).items())  # of a line, which somebody typed
        han = sorted(filter(re.compile(f"{_HAN}{{2}}").match, names), key=len, reverse=True)
        self._han = re.compile(f"{_NO_WORD_BEFORE}({'|'.join(han) or '$^'})")
        alone = sorted((name for name in names if name.isascii() and name.isalpha()), key=len, reverse=True)
        self._glued = re.compile(rf"(?<![^\W_])({'|'.join(alone) or '$^'})(?=[A-Za-z\d])", re.ASCII | re.IGNORECASE)
        large = [*(one.capitalize() for one in alone if len(one) >= TELLING), *(one.upper() for one in alone)]
        self._ending = re.compile(rf"(?<=[a-z])(?=[A-Z])(?=(?:{'|'.join(large) or '$^'})(?![a-z]))")
        self._others = Phrases(one for one in register.others.items() if one[1].vendor not in register.added)

    def products(self, component: Component) -> Iterator[tuple[Entry, str, str]]:
        """Each product of more than one word that is named, wherever it stands, as `(entry, said, strength)`."""
        for name in self._readings(component.name or ""):
            words, _ = _words(name)
            for phrase, entry in self._products.found_in(words):
                if len(phrase) > 1:
                    yield entry, entry.said, NAMED

    def brands(self, component: Component) -> Iterator[tuple[Entry, str, str]]:
        """Each vendor's name that a reader would take for the brand."""
        for name in self._parted(component.name or ""):
            yield from self._brands_in(name, component.manufacturer)

    def named_in(self, organisation: str) -> set[str]:
        """The vendors whose brands stand in an organisation's name."""
        words, _ = _words(organisation)
        return {entry.vendor for _, entry in self._brands.found_in(words)}

    def label(self, name: str, *, is_apart: bool = False) -> Iterator[tuple[Entry, str, str]]:
        """The brand that a device or a model is called by, its type after it: "Hikvision DS-2CD2043G2-I".

        `is_apart`: only where it is a word by itself. "tiktok-connector" is somebody's who connects to it.
        """
        called = name.rpartition("/")[2]  # of a model, after whoever publishes this copy of it
        for reading in self._readings(called) if is_apart else self._parted(called):
            yield from self._label_in(reading, is_apart=is_apart)

    def _label_in(self, name: str, *, is_apart: bool) -> Iterator[tuple[Entry, str, str]]:
        words, chunks = _words(name)
        chunks.add(len(words))
        of_others = self._others.places_in(words)

        def is_first(place: int, phrase: list[str]) -> bool:
            ends_chunk = len(phrase) in chunks
            if place > 0 or place in of_others or (is_apart and not ends_chunk):
                return False
            has_type = ends_chunk and len(phrase) < len(words)  # "dji mavic 3"; in "nio-driver" it is a part of a word
            return _is_telling(phrase, name) or (has_type and not is_apart)

        for _, entry in self._brands.found_in(words, is_first):
            yield entry, entry.said, POSSIBLE

    def _readings(self, name: str) -> Iterable[str]:
        """A name as it is written, and with its brand parted from what English or Chinese writes on to it."""
        parted = _OWNED.sub("", name)
        if not parted.isascii():  # Chinese parts no words
            parted = self._han.sub(r" \1 ", _SCRIPTS.sub(" ", parted))
        return dict.fromkeys((name, parted))

    def _parted(self, name: str) -> Iterable[str]:
        """The same, and with its brand parted from what somebody wrote on to it, before or behind."""
        parted = self._ending.sub(" ", self._glued.sub(_apart, _NUMBERED.sub("", name)))
        return dict.fromkeys((*self._readings(name), parted))

    def _brands_in(self, name: str, maker: Organisation | None) -> Iterator[tuple[Entry, str, str]]:
        words, chunks = _words(name)
        lead = _lead(words)
        is_by_another = maker is not None and is_named(maker)
        own = _own_words(maker.name or "") if maker is not None and is_by_another else []
        of_others = self._others.places_in(words)
        is_own = bool(own) and words[lead : lead + len(own)] == own

        def is_brand(place: int, phrase: list[str]) -> bool:
            if place in of_others:
                return False
            if place <= lead:
                return True
            after = place + len(phrase)
            has_type = any(map(_TYPE.match, words[after : after + 1]))
            if is_own or (is_by_another and (place not in chunks or words[place - 1] in _OF)):
                return False
            if place not in chunks:  # "switch-huawei-s5720", "Router-ZTE"; "ft-kaspersky" is somebody's program
                is_after_word = has_type or words[place - 1].isalpha()
                return (_is_large(phrase[0], name) and is_after_word) or (has_type and len(phrase[0]) > TELLING)
            # Who writes no capitals, or a type after it, means the acronym.
            is_telling = _is_telling(phrase, name) or re.match(_HAN, phrase[0]) is not None
            return is_telling or name == name.lower() or (has_type and after in chunks)

        for _, entry in self._asked.found_in(words, is_brand):
            yield entry, entry.said, POSSIBLE

    def leading(self, name: str) -> Told:
        """The products that a line begins with, its maker's name before them or not."""
        words, _ = _words(_OWNED.sub("", name))
        lead = _lead(words)
        after = {(at + len(brand), entry.vendor) for at, brand, entry in self._asked.standing_in(words) if at == lead}
        return frozenset(
            (entry.vendor, entry.product)
            for at, _, entry in self._products.standing_in(words)
            if entry.product is not None and (at <= lead or (at, entry.vendor) in after)
        )


def _in_two(names: dict[str, Entry]) -> dict[str, Entry]:
    """Names of one word as people part them: Tik Tok, Deep Seek, Hua wei."""
    return {
        f"{name[:at]} {name[at:]}": entry
        for name, entry in names.items()
        if name.isascii() and name.isalpha()
        for at in range(SHORTEST, len(name) - SHORTEST + 1)
    }


def _apart(found: "re.Match[str]") -> str:
    brand, after = found[1], found.string[found.end() :]
    follows = next(form for is_written, form in _GLUED if is_written(brand))
    if len(brand) < TELLING and not brand.isupper():
        return f"{brand} " if brand.islower() and _AFTER_ACRONYM.match(after) else brand
    return f"{brand} " if follows.match(after) else brand


def _is_telling(phrase: list[str], name: str) -> bool:
    return len(phrase) > 1 or len(phrase[0]) >= TELLING or in_capitals(phrase[0], name)


def _is_large(word: str, name: str) -> bool:
    """Whether a word stands in a line with a capital; an acronym, in capitals alone."""
    if len(word) < TELLING:
        return in_capitals(word, name)
    return any(one[0].isupper() and one.casefold() == word for one in _LETTERS.findall(name))


def _words(name: str) -> tuple[list[str], set[int]]:
    """The words of a line, and the numbers of those that begin a piece of it between blanks or other marks."""
    words: list[str] = []
    chunks: set[int] = set()
    for chunk in _CHUNKS.split(name):
        chunks.add(len(words))
        words.extend(words_of(chunk))
    return words, chunks


def _own_words(maker: str) -> list[str]:
    """A maker's name without what stands in the names of many: "Pango Group" makes Pango's things."""
    words, _ = _words(maker)
    while len(words) > 1 and words[-1] in FOLLOWERS:
        words.pop()
    return words


def _lead(words: list[str]) -> int:
    """The number of the first word that is no article, quantity, condition or licence."""
    for at, word in enumerate(words):
        is_of = word in _OF and at > 0 and words[at - 1] in _LICENCES
        if not (is_of or word in _OPENERS or word in _LICENCES or _QUANTITY.fullmatch(word)):
            return at
    return len(words)
