"""The organisations of the register, found by name: whole, in an enumeration, within another name, or a slip away.

Whole words only. A word alone may also be a family name, or an account that anybody could open, so where people stand
as well it is merely possible, and after another word ("Eugene Kaspersky") it is nothing.
"""

import re
from collections.abc import Callable, Iterable, Iterator

from gate.letters import in_capitals
from gate.names import (
    ENUMERATORS,
    LEGAL_FORMS,
    ascii_words,
    is_bare,
    joined,
    listed,
    normalise,
    with_brackets,
    words_of,
)
from gate.register import Entry
from gate.spelling import Spellings
from gate.strength import EXACT, POSSIBLE

Hit = tuple[Entry, str]  # what of the register was met, and how strongly

TELLING = 8
"""So many letters make a word telling enough to be looked for in a longer name: "Honor Society" is not Honor's."""

TELLING_OF_COMPANY = 6
"""So many are enough where a legal form says that it is a company's name: "Hytera Mobilfunk GmbH"."""

SHORTEST = 3
"""Letters of the shortest word that leads a longer name, if what follows says which company or branch it is."""

LONGEST_ACRONYM = 5
"""Letters up to which a name in capitals is taken for an acronym: written otherwise, "Nio" or "Boe", it is a word."""

PLACES = frozenset(
    {"beijing", "shanghai", "shenzhen", "sz", "guangzhou", "hangzhou", "chengdu", "nanjing", "wuhan", "xian", "tianjin"}
    | {"dongguan", "suzhou", "zhejiang"}
)
"""Where Chinese companies have their seats, which their names begin with."""

TEAMS = frozenset(
    {"team", "teams", "group", "developers", "contributors", "maintainers", "authors", "sdk", "opensource", "oss"}
    | {"lab", "labs", "research"}
)
"""What follows a maker's name where those who work for it stand as one author."""

# What follows a maker's name in the names of its companies. "electronics" is not here: Dahua Electronics Corporation of
# New York is no company of Dahua's.
FOLLOWERS = (
    LEGAL_FORMS
    | PLACES
    | TEAMS
    | frozenset(
        """
    groep gruppe groupe holding holdings international intl global worldwide overseas enterprise enterprises
    industries industrial industry investment investments ventures capital trading sales service services support
    solutions distribution logistics manufacturing operations technology technologies tech technik technologie
    security systems system network networks networking device devices software hardware electronic semiconductor
    semiconductors microelectronics communication communications telecommunication telecommunications telecom mobile
    wireless cloud digital data computing computer computers information intelligence robotics automotive energy
    battery solar medical marine laboratories laboratory innovation innovations engineering design
    terminal microsystems scs srls sarlu pjsc eurl sasu sprl bvba aktiengesellschaft gesellschaft usa us america
    americas na north south latin latam middle emea apac asia pacific africa europe european eu eurasia cis nordic
    nordics benelux dach iberia baltic balkans gulf argentina australia austria bangladesh belgium belarus brasil
    brazil bulgaria canada chile china colombia croatia cyprus czech czechia denmark deutschland egypt england espana
    estonia finland france georgia germany greece hongkong hungary india indonesia ireland israel italia italy japan
    kazakhstan kenya korea latvia lithuania luxembourg malaysia mexico morocco nederland netherlands nigeria norway
    pakistan panama peru philippines poland polska portugal qatar romania russia rus rossiya schweiz serbia singapore
    slovakia slovenia spain suisse sweden switzerland taiwan thailand turkey turkiye uae uk ukraine uruguay uzbekistan
    vietnam hong
    """.split()  # noqa: SIM905 - a list of two hundred quoted words says less
    )
)

LEADS = frozenset({"a", "an", "the", "by", "from", "dba", "aka", "fka", "formerly"}) | PLACES
"""After these a name begins; "d/b/a" ends in a word of its own."""

RELATIONS = frozenset({"division", "subsidiary", "affiliate", "branch", "brand", "part", "unit"})
"""After these and "of" the name of the company begins that they belong to."""

_DIVIDERS = re.compile(r"[()\[\]{}/|+]|\s[-–—:]\s")
_HAN_PLACES = "北京|上海|深圳|广州|杭州|成都|南京|武汉|西安|天津|东莞|苏州|浙江|中国"
_HAN_TRADES = (
    "终端|技术|科技|通讯|通信|数字|网络|软件|云|电子|设备|系统|投资|视讯|创新|信息|服务|国际|实验室|實驗室|人工智能"
)
_MAIL = re.compile(r"<[^<>]*>")


Where = Callable[[int, list[str]], bool]
"""Number of the word it begins at, and the words of a phrase -> whether it means its entry there."""


def _anywhere(_place: int, _phrase: list[str]) -> bool:
    return True


class Phrases:
    """Entries by the words they are written with, found in a text wherever those stand one after the other."""

    def __init__(self, phrases: Iterable[tuple[str, Entry]]) -> None:
        self._by_first: dict[str, list[tuple[list[str], Entry]]] = {}
        for phrase, entry in phrases:
            words = phrase.split(" ")
            self._by_first.setdefault(words[0], []).append((words, entry))

    def found_in(self, words: list[str], where: Where = _anywhere) -> list[tuple[list[str], Entry]]:
        """The words of each phrase that is there, in a place that `where` allows, and its entry."""
        found: dict[tuple[str, int], tuple[list[str], Entry]] = {}
        for place, word in enumerate(words):
            for number, (phrase, entry) in enumerate(self._by_first.get(word, ())):
                one = (word, number)
                if one not in found and words[place : place + len(phrase)] == phrase and where(place, phrase):
                    found[one] = (phrase, entry)
        return list(found.values())

    def standing_in(self, words: list[str]) -> Iterator[tuple[int, list[str], Entry]]:
        """The same for every place: the number of its first word, the words of the phrase, its entry."""
        for place, word in enumerate(words):
            for phrase, entry in self._by_first.get(word, ()):
                if words[place : place + len(phrase)] == phrase:
                    yield place, phrase, entry

    def places_in(self, words: list[str]) -> set[int]:
        """The numbers of the words that are part of a phrase."""
        return {place + n for place, phrase, _ in self.standing_in(words) for n in range(len(phrase))}

    def is_strange_to(self, words: list[str]) -> bool:
        """Whether no phrase begins with any of the words."""
        return self._by_first.keys().isdisjoint(words)


class Companies:
    """The look-ups for names of organisations."""

    def __init__(self, organisations: dict[str, Entry], others: dict[str, Entry]) -> None:
        self._table = organisations
        self._phrases = Phrases(organisations.items())
        self._spellings = Spellings(organisations)
        self._others = others
        self._phrases_of_others = Phrases(others.items())
        names = [name for name in organisations if _is_han([name[:1]]) and " " not in name]
        # Chinese parts no words: a place may stand before the name, and a trade after it.
        self._han = re.compile(f"(?:(?:{_HAN_PLACES})市?)?({'|'.join(names) or '$^'})(?:{_HAN_TRADES}|$)")
        self._acronyms = {name for name, entry in organisations.items() if _is_acronym(name, entry.said)}

    def organisation(self, said: str, text: str, *, is_party: bool = False) -> list[Hit]:
        """What a field for organisations names; of a party to a purchase a register name that begins it is enough.

        `text` is what the field says without mail addresses and brackets.
        """
        if text == said and "(" not in said and self._phrases.is_strange_to(words := words_of(said)):
            return [(entry, POSSIBLE) for entry in self._near(joined(words)) or self._in_han(words)]
        known = self._whole(said, text)
        if known:
            return [(known[0], self._as_written(known[1]))]
        name = normalise(text)
        if not name:
            return []
        hits = self._listed(text)
        hits.extend((entry, POSSIBLE) for entry in self._within(said, is_party=is_party) if _is_new(entry, hits))
        return hits or [(entry, POSSIBLE) for entry in self._near(name)]

    def is_misspelt(self, text: str) -> bool:
        """Whether what a field for organisations says is a close spelling of a name."""
        return bool(self._near(normalise(text)))

    def person(self, said: str, text: str) -> list[Hit]:
        """What a field names in which mostly people stand."""
        if said.isascii() and self._phrases.is_strange_to(ascii_words(said)):
            return []
        known = self._whole(said, text)
        if known:
            return [(known[0], self._as_a_word(known[1]))]
        hits = self._listed(text)
        words = words_of(_MAIL.sub(" ", said))

        def is_no_person(place: int, phrase: list[str]) -> bool:
            is_team = len(phrase[0]) >= TELLING_OF_COMPANY and not TEAMS.isdisjoint(words[place + 1 : place + 2])
            return len(phrase) > 1 or is_team

        runs = self._phrases.found_in(words, is_no_person)
        hits.extend((entry, POSSIBLE) for _, entry in runs if _is_new(entry, hits))
        return hits

    def _whole(self, said: str, text: str) -> tuple[Entry, str] | None:
        """Whose whole name it is, and how that is written; what stands in brackets may be a part of it."""
        for whole in (with_brackets(said), text) if "(" in said else (text,):
            entry = self._table.get(normalise(whole))
            if entry is not None:
                return entry, whole
        return None

    def _listed(self, text: str) -> list[Hit]:
        if not any(mark in text for mark in ENUMERATORS):
            return []
        parts = {name: part for part in listed(text) if (name := normalise(part)) in self._table}
        return [(self._table[name], self._as_a_word(part)) for name, part in sorted(parts.items())]

    def _within(self, said: str, *, is_party: bool) -> list[Entry]:
        """Register names within a longer one, the longest of each vendor."""
        text = _MAIL.sub(" ", said) if "<" in said else said
        words = words_of(text)
        if self._phrases.is_strange_to(words):
            return []
        is_company = words[0] in LEGAL_FORMS or words[-1] in LEGAL_FORMS
        telling = TELLING_OF_COMPANY if is_company else TELLING
        of_others = self._phrases_of_others.places_in(words)

        def says_who(place: int, phrase: list[str]) -> bool:
            if place in of_others:
                return False
            if len(phrase) > 1:
                return True
            word, before, after = phrase[0], words[:place][-1:], words[place + 1 :][:1]
            is_bilingual = _is_han(before) or _is_han(after)
            if _is_han([word]) and place == 0 and not is_bilingual:
                return True  # whoever writes on in Latin letters: 大华 Technology
            begins = place == 0 or _is_han(before) or _leads(words[:place])
            if len(word) >= telling:
                return begins or is_company
            if not begins or len(word) < SHORTEST:
                return False
            is_name = is_bilingual or (is_party and (word not in self._acronyms or in_capitals(word, said)))
            return is_name or not FOLLOWERS.isdisjoint(after)

        found = [(len(phrase), entry) for phrase, entry in self._phrases.found_in(words, says_who)]
        found += [(1, self._table[name]) for part in _DIVIDERS.split(text) if (name := normalise(part)) in self._table]
        return list({entry.vendor: entry for _, entry in sorted(found, key=lambda one: one[0])}.values())

    def _in_han(self, words: list[str]) -> list[Entry]:
        return [self._table[found[1]] for word in words if (found := self._han.match(word))]

    def _as_written(self, text: str) -> str:
        """How surely a whole name is a vendor's: an acronym is one in capitals alone, and two characters are a word."""
        name = normalise(text)
        is_word = len(name) == 2 and _is_han([name])
        return POSSIBLE if is_word or (name in self._acronyms and not in_capitals(name, text)) else EXACT

    def _as_a_word(self, text: str) -> str:
        return POSSIBLE if is_bare(text) else self._as_written(text)

    def _near(self, name: str) -> list[Entry]:
        """Register names that `name` is a slip away from, one of each vendor."""
        table = self._table
        if name in self._others:
            return []
        squeezed = name.replace(" ", "")
        if squeezed != name and squeezed in table:
            return [table[squeezed]]
        return list({table[known].vendor: table[known] for known in self._spellings.close_to(name)}.values())


def _leads(before: list[str]) -> bool:
    """Whether a name begins after these words: "by", "formerly", "d/b/a", "a division of"."""
    if before[-1] == "of":
        return not RELATIONS.isdisjoint(before[-2:-1])
    return before[-1] in LEADS


def _is_new(entry: Entry, hits: list[Hit]) -> bool:
    return all(entry.vendor != known.vendor for known, _ in hits)


def _is_han(words: list[str]) -> bool:
    return any("\u4e00" <= letter <= "\u9fff" for word in words for letter in word)


def _is_acronym(name: str, said: str) -> bool:
    return name.isascii() and name.isalpha() and len(name) <= LONGEST_ACRONYM and name.upper() in said
