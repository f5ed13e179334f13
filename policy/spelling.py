"""What somebody may have meant by a word that is not known, wherever it is said: a flag, a file, a code."""

from collections.abc import Iterable

FEW = 24
"""So many words are named in full; of more, those that are close, or where to find them all."""

LIKE, MUCH = 0.7, 0.1
"""Ratios of difflib: from where on two words are alike, and by how much one can be less like than the closest."""


def meant(word: str, known: Iterable[str], *, see: str = "") -> str:
    """The remedy for a word that is not known: which ones are close, and which there are or where to `see` them."""
    words = list(known)
    close = closest(word, words)
    rest = see or ("" if close and len(words) > FEW else f"Known are {', '.join(words)}.")
    return " ".join(part for part in (f"Did you mean {close}?" if close else "", rest) if part)


def closest(word: str, known: Iterable[str]) -> str:
    """The one or two known words that are written much alike, quoted; empty if there is none."""
    from difflib import SequenceMatcher

    said = word[:80].lower()
    alike = {one: SequenceMatcher(None, said, one.lower()).ratio() for one in known}
    most = max(alike.values(), default=0)
    begun = [one for one in alike if len(said) >= 3 and one.lower().startswith(said)]
    close = begun or [one for one, ratio in alike.items() if ratio >= max(LIKE, most - MUCH)]
    return " or ".join(repr(one) for one in sorted(close, key=alike.__getitem__, reverse=True)[:2])
