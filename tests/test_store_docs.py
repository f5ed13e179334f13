"""The page about the record says what the program does."""

import re
import shlex
from pathlib import Path

import pytest

from gate.cli import parser
from gate.store.heads import ENTRIES, SECONDS

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "gate/store/README.md").read_text("utf-8")


@pytest.mark.parametrize("line", re.findall(r"^\$ (gate .*)", PAGE, re.MULTILINE))
def test_every_command_is_one(line: str) -> None:
    words = shlex.split(line, comments=True)[1:]
    assert parser(words[0]).parse_args(words).command == words[0]


def test_the_page_says_how_often_a_head_is_signed() -> None:
    assert SECONDS == 60
    assert f"after a minute or after {ENTRIES:,} entries" in " ".join(PAGE.split())
