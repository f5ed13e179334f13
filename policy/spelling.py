"""What somebody may have meant by a word that is not known, wherever it is said: a flag, a file, a code."""

from collections.abc import Iterable

FEW = 24
"""So many words are named in full; of more, those that are close, or where to find them all."""


def meant(word: str, known: Iterable[str], *, see: str = "") -> str:
    """The remedy for a word that is not known: which ones are close, and which there are or where to `see` them."""
    import difflib

    words = list(known)
    like = {one.lower(): one for one in words}
    close = [like[one] for one in difflib.get_close_matches(word[:80].lower(), like, n=2, cutoff=0.7)]
    ask = f"Did you mean {' or '.join(map(repr, close))}?" if close else ""
    rest = see or ("" if close and len(words) > FEW else f"Known are {', '.join(words)}.")
    return " ".join(part for part in (ask, rest) if part)
