"""Words of a document on a terminal: they are shown, and steer nothing."""


def safe(text: str) -> str:
    """Without control characters and marks that reorder what is read; line breaks are kept."""
    return "".join(letter if letter.isprintable() or letter == "\n" else repr(letter)[1:-1] for letter in text)
