"""Words on a terminal: those of a document are shown, and steer nothing."""


def safe(text: str) -> str:
    """Without control characters and marks that reorder what is read; line breaks are kept."""
    return "".join(letter if letter.isprintable() or letter == "\n" else repr(letter)[1:-1] for letter in text)


def counted(number: int, noun: str) -> str:
    """So many of something."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
