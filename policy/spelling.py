"""What somebody may have meant by a word that is not known, wherever it is said: a flag, a file, a code."""

from collections.abc import Iterable

FEW = 24
"""So many words are named in full; of more, those that are close, or where to find them all."""


def meant(word: str, known: Iterable[str], *, see: str = "") -> str:
    """The remedy for a word that is not known: which ones are close, and which there are or where to `see` them."""
    words = list(known)
    close = closest(word, words)
    rest = see or ("" if close and len(words) > FEW else f"Known are {', '.join(words)}.")
    return " ".join(part for part in (f"Did you mean {close}?" if close else "", rest) if part)


def closest(word: str, known: Iterable[str]) -> str:
    """The one or two known words that are written much alike, quoted; empty if there is none."""
    import difflib

    like = {one.lower(): one for one in known}
    close = difflib.get_close_matches(word[:80].lower(), like, n=2, cutoff=0.7)
    return " or ".join(repr(like[one]) for one in close)
