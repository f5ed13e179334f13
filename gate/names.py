"""One normaliser for organisation and product names, used on the register and on documents alike.

Scripts are folded (width, case, accents, Cyrillic and Greek letters that pose as Latin ones), punctuation is dropped
and legal forms are taken off both ends, so that "АО «Лаборатория Касперского»" and "Лаборатория Касперского" are one.
"""

import re
from functools import lru_cache
from os.path import commonprefix

from gate.letters import MARKS, folded

# Legal forms as they stand in company names: ISO 20275 (GLEIF's entity legal forms) gives the long list; these are the
# ones of the countries whose vendors and buyers the law names. A form is taken off only at either end of a name.
LEGAL_FORMS = frozenset(
    """
    ab ag ao aps as bhd bv bvba co coltd company corp corporation cv doo eood fzco fze gmbh inc incorporated jsc kft kg
    kk limited llc llp lp ltd ltda mbh nv oao ood ooo oy oyj pao pjsc plc pt pte pty pvt sa sagl sarl sas sdn se sl slu
    snc sp spa spol srl sro tov ug uab zao zrt zoo
    ао зао нао оао одо ооо пао тоо фгуп
    """.split()  # noqa: SIM905 - a list of a hundred quoted words says less
)

# What stands in several words is looked for as one: "s. r. o.", "A/S", "Sp. z o.o.", "Joint Stock Company".
_IN_WORDS = LEGAL_FORMS | {
    folded(phrase).replace(" ", "")
    for phrase in (
        *("sp zoo", "sa de cv", "fz llc", "private limited", "limited liability company", "joint stock company"),
        *("public joint stock company", "closed joint stock company", "общество с ограниченной ответственностью"),
        *("акционерное общество", "публичное акционерное общество", "закрытое акционерное общество"),
    )
}

_MOST_WORDS = 4
"""Words of the longest of them."""

TRADE_MARK = "tm"
"""After a name it is no part of it."""

_FIRST_HAN = "\u3000"
"""No letter of the forms below comes before it."""

HAN_FORMS = ("股份有限公司", "有限责任公司", "有限公司", "集团", "公司", "株式会社", "주식회사")

PLACEHOLDERS = frozenset(
    {"", "na", "n a", "tbd", "noassertion", "none", "null", "unknown", "unspecified", "not available", "not specified"}
    | {"various", "oem", "generic", "unbranded", "no name", "see quote"}
)
"""What generators write when they know no name; never a name."""

LENGTH_FOR_A_SLIP = 5
LENGTH_FOR_TWO = 9
"""Letters from which one slip, or two, leave a name of several words recognisable."""

LENGTH_OF_A_WORD = 6
"""Letters from which a word alone is recognisable with a slip: Antel and Autec are not Autel."""

SHORT = 4
"""Letters below which a word with another letter is another word: "IT" is no slip for "IB"."""

ENUMERATORS = (" and ", ";", ",", "&", " / ", "\n")
"""What stands between several names in one field."""

# The commonest Chinese family names in Latin letters. Chinese given names are short, and some vendors are called alike.
FAMILY_NAMES = frozenset(
    """
    bai cai cao chan chang chen cheng chou chow cui dai deng ding dong du duan fan fang feng fu gao gong gu guo han hao
    he hong hou hsu hu huang jia jiang jin kong lai lei li liang liao lin liu long lu luo ma mao meng pan peng qian qin
    qiu ren shao shen shi song su sun tan tang tao tian wan wang wei wen wong wu xia xiang xiao xie xiong xu xue yan
    yang yao ye yin yu yuan zeng zhang zhao zheng zhong zhou zhu zou
    """.split()  # noqa: SIM905 - as above
)

_SEPARATORS = re.compile(r"[^\w]+|_+")
_BRACKETS = re.compile(r"\([^()]*\)")
_MAIL = re.compile(r"<[^<>]*>")
# What parts a list after an address; a blank alone does before another one.
_NEXT = re.compile(r"(?<=>)(?:\s*+[,;&][\s,;&]*+(?:and\s)?|\s++and\s|\s++(?=[^<>]*<))(?=[^\s>])")
_COPYRIGHT = re.compile(r"^[\s©]*(?:copyright\b)?[\s©\d,-]*", re.IGNORECASE)
_PREFIX = re.compile(r"^\s*organi[sz]ation\s*:\s*", re.IGNORECASE)  # SPDX's prefix, which Black Duck carries over
_ASCII = str.maketrans(
    {chr(c): " " for c in range(128) if not chr(c).isalnum()} | {".": "", "'": ""} | dict.fromkeys(MARKS, "")
)


@lru_cache(maxsize=65536)
def normalise(name: str) -> str:
    """The words of a name, in lower case, one blank apart, without legal forms. "" if it says nothing."""
    return joined(words_of(name))


def joined(words: list[str]) -> str:
    """The name that words make up, without legal forms. "" if it says nothing."""
    text = " ".join(_without_forms(words))
    return "" if text in PLACEHOLDERS else text


def compact(identifier: str) -> str:
    """An identifier as registries compare it: letters and digits alone, in capitals."""
    return "".join([letter for letter in folded(identifier) if letter.isalnum()]).upper()


def words_of(name: str) -> list[str]:
    """The words of a name, in lower case, legal forms among them."""
    if not name.isascii():
        return _words(name)
    text = name.lower()
    return ascii_words(_PREFIX.sub("", text) if ":" in text else text)


def ascii_words(name: str) -> list[str]:
    """The words of a name that is plain ASCII, in lower case."""
    return name.lower().translate(_ASCII).split()


_JOINING = str.maketrans(dict.fromkeys(".'’"))


def _words(name: str) -> list[str]:
    told = _PREFIX.sub("", folded(name))
    text = told.translate(_JOINING)
    if text != told:  # a dot may have kept letters of two scripts apart
        text = folded(text)
    return [part for word in _SEPARATORS.split(text) if word for part in _without_han_forms(word)]


def _without_han_forms(word: str) -> list[str]:
    cut = max(word) >= _FIRST_HAN
    while cut:
        cut = False
        for form in HAN_FORMS:
            if word.endswith(form) and word != form:
                word, cut = word[: -len(form)], True
            elif word.startswith(form) and word != form:
                word, cut = word[len(form) :], True
    return [] if word in HAN_FORMS else [word]


def _without_forms(words: list[str]) -> list[str]:
    first, last = 0, len(words)
    while last - first > 1 and (length := _form_in(words[max(first + 1, last - _MOST_WORDS) : last], at_end=True)):
        last -= length
    while last - first > 1 and (length := _form_in(words[first : min(last - 1, first + _MOST_WORDS)], at_end=False)):
        first += length
    return words[first:last]


def _form_in(words: list[str], *, at_end: bool) -> int:
    """How many of the words, the last or the first ones, are a legal form."""
    for length in range(len(words), 0, -1):
        if "".join(words[-length:] if at_end else words[:length]) in _IN_WORDS:
            return length
    return 1 if at_end and words[-1] == TRADE_MARK else 0


def is_bare(name: str) -> bool:
    """Whether a name is one word and nothing else: no legal form says that it is a company's."""
    normal = normalise(name)
    return " " not in normal and _SEPARATORS.sub("", folded(name)) == normal


def is_close(one: str, other: str) -> bool:
    """Whether two normalised names differ by a slip: one letter from five letters on, two from nine on."""
    length = min(len(one), len(other))
    slips = 2 if length >= LENGTH_FOR_TWO else 1 if length >= LENGTH_FOR_A_SLIP else 0
    if not slips or abs(len(one) - len(other)) > slips:
        return False
    if length < LENGTH_OF_A_WORD and " " not in one:
        return False
    if len({*one} ^ {*other}) > 2 * slips:  # a slip brings in one letter and takes out another, at most
        return False
    return _within(one, other, slips) and not _differ_in_short(one, other)


def _differ_in_short(one: str, other: str) -> bool:
    words, others = one.split(" "), other.split(" ")
    return len(words) == len(others) and any(
        a != b and len(a) < SHORT and len(b) < SHORT for a, b in zip(words, others, strict=True)
    )


def _within(one: str, other: str, slips: int) -> bool:
    """Whether so few slips make one text the other: a letter put in, left out or changed, two letters swapped.

    This is the optimal string alignment distance, with a limit. The few names that come here do not pay for importing
    rapidfuzz, which takes as long as deciding on a large document; a test holds it against the full table.
    """
    same = len(commonprefix((one, other)))  # noqa: RUF071 - letters are what is compared
    one, other = one[same:], other[same:]
    if not one or not other or not slips:
        return len(one) + len(other) <= slips
    return (
        _within(one[1:], other[1:], slips - 1)
        or _within(one[1:], other, slips - 1)
        or _within(one, other[1:], slips - 1)
        or (one[:2] == other[1::-1] and _within(one[2:], other[2:], slips - 1))
    )


def entries(said: str) -> list[str]:
    """The parts of a list in which some have an address: `A <a@host>, B <b@host>`."""
    return _NEXT.split(said) if ">" in said else [said]


def without_mail(said: str) -> tuple[str, str]:
    """`Name <name@host> (url)` -> the name, and the mail address if there is one."""
    if "@" not in said and "(" not in said and "©" not in said and "<" not in said:
        return said, ""
    name, _, rest = said.partition("<")
    mail = rest.partition(">")[0]
    bare = _BRACKETS.sub(" ", name) if "(" in name else name
    name = _COPYRIGHT.sub("", bare if bare is name or normalise(bare) else name)
    if not mail and "@" in name.strip()[1:] and " " not in name.strip():  # "@name" is an account
        return "", name.strip()
    return name, mail


def with_brackets(said: str) -> str:
    """Without mail address and copyright mark, and with all that stands in brackets: "ComNet (USA) LLC" is a name."""
    text = _MAIL.sub(" ", said) if "<" in said else said
    return _COPYRIGHT.sub("", text.replace("(c)", "©").replace("(C)", "©"))


def listed(text: str) -> list[str]:
    """The parts of an enumeration: `A, B and C`. "Lin, Dahua" is none, but one person, and left out."""
    for mark in ENUMERATORS:
        if mark not in ",\n":
            text = text.replace(mark, "\n")
    return [part for one in text.split("\n") for part in _by_commas(one)]


def _by_commas(text: str) -> list[str]:
    parts = text.split(",")
    return [] if len(parts) == 2 and parts[0].strip().lower() in FAMILY_NAMES else parts
