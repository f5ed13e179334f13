"""The parser of every command line: what is wrong with one is said in one line, with what was meant and where to look.

argparse prints its whole usage first, and of a command's unknown flag that of the program.
"""

import argparse
import re
from collections.abc import Sequence
from typing import Any, NoReturn

from gate.errors import UsageError

_ARGUMENT = re.compile(r"argument (?P<names>[^:]+): (?P<why>.*)", re.DOTALL)
_CHOICE = re.compile(r"invalid choice: (?P<said>.*) \(choose from (?P<known>.*)\)", re.DOTALL)
_UNKNOWN = "unrecognized arguments: "


class Parser(argparse.ArgumentParser):
    """A command's arguments. What is wrong with them is a UsageError."""

    def parse_known_args(  # type: ignore[override]
        self, args: Sequence[str] | None = None, namespace: Any = None
    ) -> tuple[argparse.Namespace, list[str]]:
        """As argparse, but what is left over is refused by the command itself, which knows what it knows."""
        found, left = super().parse_known_args(args, namespace)
        if left:
            self.error(f"{_UNKNOWN}{' '.join(left)}")
        return found, left

    def error(self, message: str) -> NoReturn:
        """Raise UsageError with argparse's message in our words."""
        from policy.spelling import meant

        see = f"See `{self.prog} --help`."
        if message.startswith(_UNKNOWN):
            word = message.removeprefix(_UNKNOWN).split(" ")[0].partition("=")[0]
            if not word.startswith("-"):
                raise UsageError(f"`{self.prog}` takes no further {word[:80]!r}", remedy=see)
            raise UsageError(f"`{self.prog}` has no flag {word[:80]!r}", remedy=meant(word, self._flags(), see=see))
        found = _ARGUMENT.fullmatch(message)
        if found is None:
            raise UsageError(message[:1].upper() + message[1:], remedy=see)
        name = found["names"].split("/")[-1].split(" ")[0]
        choice = _CHOICE.fullmatch(found["why"])
        if choice is None:
            raise UsageError(f"{name}: {found['why']}", remedy=see)
        known = [word.strip("'") for word in choice["known"].split(", ")]
        what = f"There is no command {choice['said'][:80]}" if name == "COMMAND" else f"{name} is {choice['said'][:80]}"
        raise UsageError(what, remedy=meant(choice["said"].strip("'\""), known))

    def _flags(self) -> list[str]:
        return [flag for action in self._actions for flag in action.option_strings if flag.startswith("--")]
