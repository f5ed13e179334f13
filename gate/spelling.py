"""Names of the register as somebody may misspell them, found without comparing with every one of them.

Whatever one slip does to a name, two letters at its start or at its end stay; whatever two slips do to a longer one,
so do those, or three letters further in, moved by one place at most. A slip is one of `names.is_close`.
"""

from collections.abc import Iterable

from gate.names import LENGTH_FOR_A_SLIP, LENGTH_FOR_TWO, is_close

_LONG = 11
"""Letters from which a name has room for three pieces of three letters, each a letter apart: so no swap of two
neighbours touches two of them."""

_INNER = 3
"""Letters of the piece further in."""


class Spellings:
    """Names, each by the pieces of which one is left in whatever is close to it."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = sorted(names, key=len)
        self._starts: dict[str, list[int]] = {}
        self._inner: dict[str, list[int]] = {}
        self._ends: dict[str, list[int]] = {}
        for number, name in enumerate(self._names):
            if len(name) >= LENGTH_FOR_A_SLIP:
                outer = 3 if len(name) >= _LONG else 2
                self._starts.setdefault(name[:outer], []).append(number)
                self._ends.setdefault(name[-outer:], []).append(number)
                if len(name) >= LENGTH_FOR_TWO:
                    self._inner.setdefault(name[outer + 1 : outer + 1 + _INNER], []).append(number)

    def close_to(self, name: str) -> list[str]:
        """The names that are a slip or two away, shortest first."""
        starts, inner, ends = self._starts, self._inner, self._ends
        found = {
            *starts.get(name[:2], ()),
            *starts.get(name[:3], ()),
            *ends.get(name[-2:], ()),
            *ends.get(name[-3:], ()),
            *inner.get(name[2:5], ()),
            *inner.get(name[3:6], ()),
            *inner.get(name[4:7], ()),
            *inner.get(name[5:8], ()),
        }
        close = [self._names[number] for number in sorted(found)] if found else []
        return [known for known in close if is_close(known, name)]
