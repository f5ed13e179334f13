"""Yes, no, or unknown: Kleene's logic, in which an unknown counts only where nothing else settles the answer."""

from collections.abc import Iterable

Truth = bool | None
"""Yes, no, or None: unknown."""


def any_of(answers: Iterable[Truth]) -> Truth:
    """Kleene's OR: yes if one is, no if all are."""
    found = set(answers)
    return True if True in found else None if None in found else False


def all_of(answers: Iterable[Truth]) -> Truth:
    """Kleene's AND: no if one is, yes if all are."""
    found = set(answers)
    return False if False in found else None if None in found else True


def in_every_reading(answers: Iterable[Truth]) -> Truth:
    """Yes if every way to read something says yes, no if none does, else unknown; so also if there is no way."""
    found = set(answers)
    return found.pop() if len(found) == 1 else None
