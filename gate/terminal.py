"""Words of a document on a terminal or in a build's log: they are shown, and steer nothing."""

import re

# GitHub takes a line that starts with "::" for a command, Azure one that holds "##vso[" or "##[".
_COMMAND = re.compile(r"^\s*::|##(?=\[|vso\[)", re.MULTILINE | re.IGNORECASE)


def safe(text: str) -> str:
    """Without control characters, marks that reorder what is read, and commands to build servers; lines are kept."""
    if not text.isprintable():
        text = "".join(letter if letter.isprintable() or letter == "\n" else repr(letter)[1:-1] for letter in text)
    return _COMMAND.sub(lambda found: f"{found[0][:-1]}\\{found[0][-1]}", text)


def one_line(text: str) -> str:
    """As `safe`, and without a line's end: no name makes a line of its own."""
    return safe(text).replace("\n", "\\n")


def plain(text: str) -> str:
    """One line without what a screen obeys or XML cannot hold."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


def defused(data: bytes) -> bytes:
    """JSON that says the same and holds no command: it starts no line with "::", and "##" stands within a string."""
    return data.replace(b"##", b"#\\u0023")


def counted(number: int, noun: str) -> str:
    """So many of something."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
