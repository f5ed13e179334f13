"""Letters: those that the eye does not see, and those of one script that pose as another's.

The register and the documents both go through here, so what is lost on one side is lost on the other.
"""

import re
import unicodedata

# Latin letters, and those of other scripts that look like them (Unicode Technical Standard 39, confusables). A capital
# goes by its own shape: Greek eta looks like an H, its small letter like an n. Packages with the whole list take longer
# to load than an SBOM takes to judge.
_SHAPES = {
    "A": "АΑᎪꓮ",
    "B": "ВΒᏴꓐ",
    "C": "СϹᏟꓚ",
    "D": "ᎠꓓĐÐ",
    "E": "ЕΕᎬꓰ",
    "F": "ꓝ",
    "G": "ԌᏀᏳꓖ",
    "H": "НΗᎻꓧĦ",
    "I": "ІӀΙꓲ",
    "J": "ЈᎫꓙ",
    "K": "КΚᏦꓗ",
    "L": "ᏞꓡԼŁ",
    "M": "МΜᎷꓟ",
    "N": "Νꓠ",
    "O": "ОΟՕꓳØ",
    "P": "РΡᏢꓑ",
    "Q": "Ԛ",
    "R": "ᎡᏒꓣ",
    "S": "ЅᏕᏚՏꓢ",
    "T": "ТΤᎢꓔŦ",
    "U": "Սꓴ",
    "V": "ѴᏙꓦ",
    "W": "ԜᎳᏔꓪ",
    "X": "ХΧꓫ",
    "Y": "УҮΥᎩᎽꓬ",
    "Z": "ΖᏃꓜ",
    "a": "аαɑᴀ",
    "b": "вᏏʙɓƀ",
    "c": "сϲᴄ",
    "d": "ԁᏧđðɖɗᴅ",
    "e": "еεᴇ",
    "f": "ꜰƒ",
    "g": "ԍɡɢɠց",
    "h": "һհᏂħнʜ",
    "i": "іιıɩɪᎥɨ",
    "j": "јյϳȷᴊ",
    "k": "кκᴋƙ",
    "l": "ӏłʟɫ",
    "m": "мᴍ",
    "n": "ηոɴɲ",
    "o": "оοօøᴏ",
    "p": "рρᴘƥ",
    "q": "ԛզ",
    "r": "ʀ",
    "s": "ѕꜱʂ",
    "t": "тτŧᴛƭ",
    "u": "υսᴜ",
    "v": "νѵᴠʋ",
    "w": "ԝᴡ",
    "x": "хχ",
    "y": "уүγʏƴ",
    "z": "ᴢƶʐ",
}
LOOK_ALIKES = str.maketrans({letter: latin for latin, letters in _SHAPES.items() for letter in letters})

# Traditional Chinese characters -> simplified ones, of those in the names of the register and in legal forms.
_SIMPLER = str.maketrans(
    "儲創動國團態數會爲為礎節興華螢術視訊責達遠長際電騰", "储创动国团态数会为为础节兴华萤术视讯责达远长际电腾"
)

STAY = frozenset({"ао", "нао", "оао", "ооо", "тоо"})
"""Words of look-alikes alone that are what they are: Russian and Kazakh legal forms."""

_CONTROLS = [chr(c) for c in (*range(32), *range(127, 160))]
_CONTROL = str.maketrans(dict.fromkeys(_CONTROLS))

MARKS = frozenset(c for c in _CONTROLS if not c.isspace())
"""Control characters that part no words."""

# What Unicode calls ignorable and not a format character; fillers of Korean syllables are letters to it.
_UNSEEN = frozenset("\u115f\u1160\u3164\uffa0\u2065\ufff0\ufff1\ufff2\ufff3\ufff4\ufff5\ufff6\ufff7\ufff8")
_RAISED = frozenset("™℠⁰¹²³⁴⁵⁶⁷⁸⁹\U0001f16a\U0001f16b\U0001f16c")  # signs of a trade mark, numbers of a footnote
_DROPPED = MARKS | _UNSEEN | _RAISED
_WORD = re.compile(r"\w+")
_LATIN = re.compile(r"[A-Za-z]")


def without_controls(text: str) -> str:
    """Without control characters: none stands in an identifier, and one in the middle would hide it."""
    return text if text.isprintable() else text.translate(_CONTROL)


def folded(text: str) -> str:
    """In lower case, without width, accents, invisible marks, and letters of one script that pose as another's."""
    # Folding case can bring new marks and look-alikes, so these are looked for again.
    return _shown(_shown(text).casefold())


def in_capitals(word: str, text: str) -> bool:
    """Whether a word of Latin letters stands in a text as a word, in capitals."""
    shown = text if text.isascii() else _shown(text)
    return word.upper() in _WORD.findall(shown.replace(".", "").replace("_", " "))


def _shown(text: str) -> str:
    """What a reader sees of a text, one letter for each shape."""
    # Accents go before they are sorted, which takes time that grows with the square of their number.
    bare = _without_marks(unicodedata.normalize("NFKD", _without_marks(text)))
    return _WORD.sub(_one_script, unicodedata.normalize("NFKC", bare)).translate(_SIMPLER)


def _without_marks(text: str) -> str:
    return "".join([letter for letter in text if not _is_mark(letter)])


def _is_mark(letter: str) -> bool:
    if letter.isascii() or letter in _DROPPED:
        return letter in _DROPPED
    return unicodedata.category(letter) in ("Cf", "Mn", "Me") or unicodedata.combining(letter) > 0


def _one_script(word: "re.Match[str]") -> str:
    # й and ё lost their marks like é did; both sides go through here, so they meet. A word with a letter that no Latin
    # one looks like stays what it is, if all of it is of its own script.
    latin = word[0].translate(LOOK_ALIKES)
    if _LATIN.search(word[0]):
        return latin
    return latin if latin.isascii() and word[0].casefold() not in STAY else word[0]
