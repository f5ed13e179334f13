"""How help is laid out: as wide as the terminal."""

import argparse
import os
import sys
from functools import cache


class Layout(argparse.HelpFormatter):
    """argparse's own layout. That one is made anew for every argument, and imports shutil to ask for the width."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=_columns() - 2)


@cache
def _columns() -> int:
    """Columns of the terminal, as `shutil.get_terminal_size` tells them."""
    said = os.environ.get("COLUMNS", "")
    if said.isdecimal() and int(said):
        return int(said)
    try:
        return os.get_terminal_size(sys.__stdout__.fileno()).columns or 80  # type: ignore[union-attr]
    except (AttributeError, ValueError, OSError):  # no terminal, or none any more
        return 80
