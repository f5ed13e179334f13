"""What a terminal sees, that nothing steers it, and how the program ends."""

import json
import os
import pty
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.boms import BANNED, CLEAN, sbom
from tests.command import AGENCY, ROOT, inside, outside


def on_a_terminal(*arguments: str, stream: str = "stdout", **environment: str) -> bytes:
    """What the command writes when its standard output, or standard error, is a terminal."""
    ours, theirs = pty.openpty()
    try:
        process = subprocess.Popen(
            [sys.executable, "-m", "gate", *arguments],
            stdout=theirs if stream == "stdout" else subprocess.DEVNULL,
            stderr=theirs if stream == "stderr" else subprocess.DEVNULL,
            stdin=subprocess.DEVNULL,
            cwd=ROOT,
            env={**os.environ, **environment},
        )
        os.close(theirs)
        found = b""
        while True:
            try:
                piece = os.read(ours, 65536)
            except OSError:  # Linux says EIO when the other side is closed
                break
            if not piece:
                break
            found += piece
        process.wait(60)
    finally:
        os.close(ours)
    return found


def test_a_terminal_gets_colour_unless_it_is_refused(documents: dict[str, str]) -> None:
    assert b"\x1b[31mDENY\x1b[0m" in on_a_terminal("check", *AGENCY, documents["deny"])
    refused = on_a_terminal("check", *AGENCY, documents["deny"], NO_COLOR="1")
    assert refused.startswith(b"DENY")
    assert b"\x1b" not in refused


def test_on_a_terminal_a_large_file_is_named_while_it_is_read_and_nothing_is_left(tmp_path: Path) -> None:
    large = {**sbom(CLEAN), "metadata": {"properties": [{"name": "x", "value": "y" * 21_000_000}]}}
    (tmp_path / "large.json").write_text(json.dumps(large))
    shown = on_a_terminal("check", *AGENCY, str(tmp_path / "large.json"), stream="stderr")
    assert b"large.json, 21 MB\r\x1b[Kjudging " in shown
    assert shown.endswith(b"large.json\r\x1b[K")
    assert b"\n" not in shown


def test_on_a_terminal_a_small_file_shows_no_progress(documents: dict[str, str]) -> None:
    assert on_a_terminal("check", *AGENCY, documents["allow"], stream="stderr") == b""


def test_many_files_are_counted_on_a_terminal(tmp_path: Path) -> None:
    for number in range(20):
        (tmp_path / f"{number:02}.json").write_text(json.dumps(sbom(CLEAN)))
    shown = on_a_terminal("check", *AGENCY, str(tmp_path), stream="stderr")
    assert b"\r\x1b[K1 of 20\r\x1b[K2 of 20" in shown
    assert shown.endswith(b"20 of 20\r\x1b[K")


def test_a_refusal_is_not_written_behind_the_progress(tmp_path: Path) -> None:
    (tmp_path / "00.json").write_text("{")
    for number in range(1, 20):
        (tmp_path / f"{number:02}.json").write_text(json.dumps(sbom(CLEAN)))
    shown = on_a_terminal("check", *AGENCY, str(tmp_path), stream="stderr")
    assert b"1 of 20\r\x1b[Kgate: " in shown


def test_what_is_no_terminal_gets_no_escape_sequences(documents: dict[str, str]) -> None:
    assert b"\x1b" not in outside("check", *AGENCY, documents["deny"], documents["allow"]).stdout


def steers(trick: str, capsys: pytest.CaptureFixture[str]) -> bool:
    """Whether a letter of the trick that is no plain letter reached the terminal as it is."""
    shown = capsys.readouterr()
    return any(letter in shown.out + shown.err for letter in trick if not letter.isprintable())


TRICKS = ["\x1b[2J\x1b[31m", "\x07\x08\r", "\x9b31m", "\u202e\u2066", "\u200f", "\u2028", "\x00"]


@pytest.mark.parametrize("trick", TRICKS, ids=ascii)
def test_what_a_document_says_cannot_steer_the_terminal(
    trick: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "bom.json"
    names = dict.fromkeys(("name", "publisher", "version", "group", "author"), f"{trick}Kaspersky Lab{trick}")
    component = {"type": "library", **names, "bom-ref": trick, "supplier": {"name": names["name"]}}
    path.write_text(
        json.dumps(sbom({**component, "purl": f"pkg:npm/%40kaspersky/{trick}"}, {**component, "purl": trick}))
    )
    assert inside("check", *AGENCY, str(path)) == 1
    assert not steers(trick, capsys)


@pytest.mark.parametrize("trick", TRICKS, ids=ascii)
def test_what_a_refusal_quotes_cannot_steer_the_terminal(
    trick: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    key = json.dumps(f"{trick}key")
    documents = [
        f'{{"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [{{{key}: 1, {key}: 2}}]}}',
        f'{{"bomFormat": {key}, "specVersion": "1.6", "components": []}}',
        f'{{"bomFormat": "CycloneDX", "specVersion": {key}, "components": []}}',
        f'{{"id": "1", "ordered": {key}, "lines": []}}',
        f'{{"id": "1", "ordered": "2030-01-01", "lines": [], {key}: 1}}',
        f'{{"id": "1", "ordered": "2030-01-01", "lines": [{{"product": "x", "facts": {{{key}: 1}}}}]}}',
        f'{{"id": "1", "ordered": "2030-01-01", "lines": [{{"product": "x", "sbom": {{"path": {key}}}}}]}}',
        f'{{"id": {key}, "ordered": "2030-01-01", "lines": []}}',
    ]
    for document in documents:
        path = tmp_path / "bom.json"
        path.write_text(document)
        assert inside("check", *AGENCY, str(path)) == 2
        assert not steers(trick, capsys), document


@pytest.mark.parametrize("trick", TRICKS[:-1], ids=ascii)
def test_a_files_name_cannot_steer_the_terminal(trick: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for text in ("{", json.dumps(sbom(BANNED))):
        path = tmp_path / f"{trick}.json"
        path.write_text(text)
        inside("check", *AGENCY, str(path))
        assert not steers(trick, capsys)


@pytest.mark.parametrize("trick", TRICKS[:-1], ids=ascii)
def test_a_name_that_is_screened_cannot_steer_the_terminal(trick: str, capsys: pytest.CaptureFixture[str]) -> None:
    for name in (f"{trick}Kaspersky Lab", f"{trick}nobody at all"):
        inside("vendor", name)
        assert not steers(trick, capsys)


def test_a_reader_that_goes_away_gets_no_traceback(documents: dict[str, str]) -> None:
    for arguments in (("law",), ("check", *AGENCY, documents["deny"]), ("policy", "schema"), ("completion", "bash")):
        ours, theirs = os.pipe()
        os.close(ours)  # as `| head -1` does, only sooner
        done = subprocess.run(
            [sys.executable, "-m", "gate", *arguments], stdout=theirs, stderr=subprocess.PIPE, cwd=ROOT, check=False
        )
        os.close(theirs)
        assert done.stderr == b"", arguments
        assert done.returncode in (0, 2), arguments  # never the 1 that means deny


def test_a_terminal_without_unicode_is_no_reason_to_crash(documents: dict[str, str]) -> None:
    plain = {**os.environ, "LC_ALL": "C", "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    assert outside("check", *AGENCY, documents["deny"], env=plain).returncode == 1
    for arguments in (("vendor", "Kaspersky"), ("law",), ("explain", "us-ndaa-fy2018-1634-kaspersky")):
        assert outside(*arguments, env=plain).returncode == 0, arguments


# --- The program ------------------------------------------------------------------------------------------------------


def test_the_version_is_the_projects(capsys: pytest.CaptureFixture[str]) -> None:
    assert inside("--version") == 0
    assert capsys.readouterr().out.split()[0] == "gate"


def test_the_console_script_and_the_module_agree(documents: dict[str, str]) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    module, _, function = project["scripts"]["gate"].partition(":")
    start = f"import sys; from {module} import {function}; sys.exit({function}())"
    for arguments in (["--version"], ["check", *AGENCY, documents["deny"]], ["check"], ["vendor", "Kaspersky"]):
        script = subprocess.run([sys.executable, "-c", start, *arguments], capture_output=True, cwd=ROOT, check=False)
        as_module = outside(*arguments)
        assert script.returncode == as_module.returncode
        assert script.stderr == as_module.stderr
        assert script.stdout.partition(b"\n")[0] == as_module.stdout.partition(b"\n")[0]


def test_an_interrupted_program_has_given_no_verdict(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Interrupting:
        @property
        def buffer(self) -> Callable[[], bytes]:
            raise KeyboardInterrupt

    monkeypatch.setattr(sys, "stdin", Interrupting())
    assert inside("check", *AGENCY, "-") == 2
    assert "interrupted" in capsys.readouterr().err
