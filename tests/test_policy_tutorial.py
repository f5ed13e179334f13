"""The tutorial in policy/README.md, followed to the letter: files are written, commands run, output compared."""

import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import fields

from gate.cli import main
from gate.read.form import Attachment, Line, Party, Purchaser, Request, Term, TimedAct
from policy.files import BUILT_IN
from policy.lint import RULES

README = (BUILT_IN / "README.md").read_text("utf-8")
TUTORIAL = README[README.index("## Tutorial") : README.index("## What a request may say")]
BLOCK = re.compile(r"(?:^`(?P<file>[^`\n]+)`\n\n)?^```(?P<kind>\w+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


def steps(console: str) -> Iterator[tuple[str, list[str], int]]:
    """Each command of a console block, the lines shown after it, and its exit status."""
    for part in re.split(r"^\$ ", console, flags=re.MULTILINE)[1:]:
        command, *shown = part.splitlines()
        status = int(shown.pop().removeprefix("exit status ")) if shown and shown[-1].startswith("exit status") else 0
        yield command, shown, status


def test_the_tutorial_works_to_the_letter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    blocks = list(BLOCK.finditer(TUTORIAL))
    assert len(blocks) > 8
    for block in blocks:
        if block["file"]:
            (tmp_path / block["file"]).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / block["file"]).write_text(block["text"], "utf-8")
            continue
        assert block["kind"] == "console", block[0]
        for command, shown, status in steps(block["text"]):
            words = shlex.split(command)
            if words[0] != "gate":
                subprocess.run(words, check=True)
                continue
            assert main(words[1:]) == status, (command, capsys.readouterr())
            captured = capsys.readouterr()
            printed = (captured.out + captured.err).splitlines()
            until = shown.index("...") if "..." in shown else max(len(shown), len(printed))
            assert [line.rstrip() for line in printed[:until]] == shown[:until], command


def test_every_rule_of_lint_is_listed() -> None:
    rows = "".join(f"| `{code}` | {text} |\n" for code, text in RULES.items())
    table = README[README.index("<!-- table: rules -->") : README.index("<!-- end -->")]
    assert table == f"<!-- table: rules -->\n| rule | what is wrong |\n| --- | --- |\n{rows}"


def test_every_key_of_a_request_is_listed_and_no_other() -> None:
    table = README[README.index("<!-- table: request -->") :].partition("<!-- end -->")[0]
    rows = [line.partition(" | ") for line in table.splitlines() if line.startswith("| `")]
    listed = [key for keys, _, _ in rows for key in re.findall(r"`([^`]+)`", keys)]
    keys = {struct: [field.encode_name for field in fields(struct)] for struct in (Request, Line)}
    assert sorted(listed) == sorted([*keys[Request], *(f"lines[].{key}" for key in keys[Line])])
    said = "".join(words for _, _, words in rows)
    for struct in (Purchaser, Term, TimedAct, Attachment, Party):
        assert [field.encode_name for field in fields(struct) if field.encode_name not in said] == []
