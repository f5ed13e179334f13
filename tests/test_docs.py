"""The README and the page on pipelines are under test: what they show is what the program prints, and can be typed."""

import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections import Counter
from pathlib import Path

import pytest

from gate import Asking, check, load, read
from gate.cli import main
from gate.decision import EXIT_STATUS
from gate.report import FORMATS

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")
PIPELINES = ROOT / ".github" / "ci" / "README.md"
PAGES = [
    *sorted(page for top in (".github", "gate", "policy", "sboms", "tests") for page in (ROOT / top).rglob("*.md")),
    ROOT / "README.md",
]

MEANINGS = {
    "allow": "allow: nothing the law forbids was found, as far as the documents tell",
    "deny": "deny: a law forbids it",
    "no verdict": "no verdict: wrong usage, unreadable input, a policy with a fault, nothing to judge",
    "review": "deny, but only because something needs a person to look",
}


def block(name: str) -> str:
    """What stands between `<!-- name -->` and `<!-- end -->`."""
    found = re.search(rf"<!-- {re.escape(name)} -->(.*?)<!-- end -->", README, re.DOTALL)
    assert found, f"the README has no block {name!r}"
    return found[1]


def test_the_readme_lists_every_exit_status() -> None:
    rows = "".join(
        f"| {status} | {MEANINGS[outcome]} |\n" for outcome, status in sorted(EXIT_STATUS.items(), key=lambda i: i[1])
    )
    assert block("table: exit status") == f"\n| status | meaning |\n| --- | --- |\n{rows}"


def test_the_readme_lists_every_format() -> None:
    assert block("list: formats") == ", ".join(f"`{name}`" for name in FORMATS)


def test_the_output_shown_is_what_the_command_prints(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    command = "gate check sboms/endpoint-licences.request.json --allow-past --as-of 2024-07-20"
    monkeypatch.chdir(ROOT)
    assert main(shlex.split(command)[1:]) == EXIT_STATUS["deny"]
    shown = block(f"output: {command}").strip().removeprefix("```console\n").removesuffix("\n```")
    printed = without_what_changes(f"$ {command}\n{capsys.readouterr().out.rstrip()}")
    begins, ends = (without_what_changes(part).strip() for part in shown.split("\n  ...\n"))
    assert printed.startswith(begins)
    assert printed.strip().endswith(ends)


@pytest.mark.parametrize(
    ("command", "status"),
    re.findall(r"^gate (.*?) +# (\d)[:,] ", block("statuses"), re.MULTILINE),
    ids=["past", "asked for"],
)
def test_a_past_date_is_judged_only_when_it_is_asked_for(
    command: str, status: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    assert main(shlex.split(command)) == int(status)
    assert "Not yet, but from 20 July 2024" in without_what_changes(capsys.readouterr().out)


def without_what_changes(text: str) -> str:
    """Without the clock, the law's digest, versions and ids."""
    text = re.sub(r"\s+", " ", text)
    text = re.sub(r"by the law known on .*? UTC\.", "", text)
    return re.sub(r"Law \S+ \(sha256:\w+\), gate \S+, decision \S+\.", "Law.", text)


@pytest.mark.parametrize("command", re.findall(r"^gate (check sboms/.*)$", README, re.MULTILINE))
def test_every_command_on_a_sample_runs(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert main(shlex.split(command, comments=True)) in (
        EXIT_STATUS["allow"],
        EXIT_STATUS["deny"],
        EXIT_STATUS["review"],
    )


@pytest.mark.parametrize("command", re.findall(r"`gate ((?:law|explain|vendor)[^`A-Z]*(?:\"[^\"]*\")?)`", README))
def test_every_command_in_the_text_runs(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(shlex.split(command)) == 0
    assert capsys.readouterr().out


def test_a_pipeline_is_set_up_and_blocks_only_what_is_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = [line for line in shell(PIPELINES.read_text("utf-8")) if line.startswith(("gate init", "gate check"))]
    first, second = (shlex.split(line, comments=True) for line in lines[:2])
    monkeypatch.chdir(tmp_path)
    sample = (ROOT / "sboms" / "webapp-hexa-ui.cyclonedx-npm.cdx.json").read_bytes()
    (tmp_path / "bom.json").write_bytes(sample)
    assert main(first[1:]) == 0
    assert {"gate.toml", ".github"} <= {path.name for path in tmp_path.iterdir()}
    (tmp_path / "main.cdx.json").write_bytes(sample)
    assert main(second[1:]) == EXIT_STATUS["allow"]
    assert "Nothing of this is new since the baseline" in capsys.readouterr().out
    (tmp_path / "main.cdx.json").write_bytes((ROOT / "sboms" / "express-api.cyclonedx-npm.cdx.json").read_bytes())
    assert main(second[1:]) == EXIT_STATUS["review"]


def test_the_uses_in_the_readme_can_be_typed_one_after_the_other(tmp_path: Path) -> None:
    uses = README.partition("\n## Uses\n")[2].partition("\n## What is in the law\n")[0]
    lines = shell(uses)
    assert sum(line.startswith("gate ") for line in lines) >= 8
    shutil.copytree(ROOT / "sboms", tmp_path / "sboms")
    shutil.copytree(ROOT / "policy" / "template", tmp_path / "policy" / "template")
    typed(lines, tmp_path)


def test_a_verdict_is_signed_and_verified_as_the_page_on_pipelines_says(tmp_path: Path) -> None:
    signing = PIPELINES.read_text("utf-8").partition("\n## Sign the verdict")[2]
    lines = shell(signing)
    assert [line.split()[1] for line in lines if line.startswith("gate ")] == ["check", "sign", "verify"]
    shutil.copy(ROOT / "sboms" / "express-api.cyclonedx-npm.cdx.json", tmp_path / "bom.json")
    typed(lines, tmp_path)


def shell(page: str) -> list[str]:
    """Each line of a page's shell blocks."""
    return [line for code in re.findall(r"```sh\n(.*?)```", page, re.DOTALL) for line in code.splitlines()]


def typed(lines: list[str], where: Path) -> None:
    """Each line as a reader would type it there, one after the other."""
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    for line in lines:
        done = subprocess.run(["/bin/sh", "-c", line], check=False, cwd=where, env=environment, capture_output=True)
        denied = re.match(r"gate (check sboms/webapp-for-an-agency|scan) ?", line)
        assert done.returncode == EXIT_STATUS["deny" if denied else "allow"], (line, done.stderr)


@pytest.mark.parametrize("page", sorted((ROOT / "sboms" / "generators").glob("[!R]*.md")), ids=lambda page: page.stem)
def test_the_page_of_a_generator_judges_the_file_that_is_written(page: Path) -> None:
    block = re.search(r"```sh\n(.*?)```", page.read_text("utf-8"), re.DOTALL)
    assert block
    made, judged = block[1].rstrip().rpartition("\n")[::2]
    gate, command, file, *flags = shlex.split(judged)
    assert (gate, command, flags) == ("gate", "check", ["--profile", "us-software-vendor"])
    assert re.search(rf"(?<![\w/]){re.escape(file)}(?![\w/])", made), made


def test_every_generator_has_a_page_that_is_linked() -> None:
    folder = ROOT / "sboms" / "generators"
    linked = set(re.findall(r"\]\(([\w-]+\.md)\)", (folder / "README.md").read_text("utf-8")))
    assert linked == {page.name for page in folder.glob("*.md")} - {"README.md"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_file_and_heading_that_a_page_links_to_exists(page: Path) -> None:
    links = [link for link in re.findall(r"\]\(([^)]+)\)", page.read_text("utf-8")) if "://" not in link]
    missing = []
    for link in links:
        path, _, heading = link.partition("#")
        target = page.parent / path if path else page
        if not target.exists() or (heading and heading not in headings(target)):
            missing.append(link)
    assert missing == []


def headings(page: Path) -> set[str]:
    """The anchors that a page's headings get."""
    titles = re.findall(r"^#+ (.*)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_make_target_that_a_page_names_is_one(page: Path) -> None:
    named = set(re.findall(r"`make ([a-z-]+)`|^make ([a-z-]+)", page.read_text("utf-8"), re.MULTILINE))
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    assert {one or other for one, other in named} <= targets


def test_the_python_in_the_readme_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code = re.search(r"```python\n(.*?)```", README, re.DOTALL)
    assert code
    (tmp_path / "bom.json").write_bytes((ROOT / "sboms" / "express-api.cyclonedx-npm.cdx.json").read_bytes())
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    exec(code[1], names)  # noqa: S102 - our own documentation
    assert names["decision"].decision == "allow"  # type: ignore[attr-defined]


def test_the_public_names_are_those_the_readme_uses() -> None:
    assert all(callable(name) for name in (Asking, check, load, read))


def test_the_readme_counts_what_is_in_the_law() -> None:
    law = " ".join(README.partition("\n## What is in the law\n")[2].split())
    instruments = [
        tomllib.loads(path.read_text("utf-8")) for path in (ROOT / "policy" / "prohibitions").glob("*/*.toml")
    ]
    countries = [path for path in (ROOT / "policy" / "prohibitions").iterdir() if path.is_dir()]
    vendors = list((ROOT / "policy" / "vendors").glob("*.toml"))
    kinds = Counter(one["kind"] for one in instruments)
    assert f"{len(instruments)} instruments (statutes, rules, orders, letters) of {len(countries)} jurisdictions" in law
    assert f"and {len(vendors)} vendors" in law
    assert f"{kinds['prohibition']} of them prohibit; {kinds['warning']} warnings, {kinds['proposal']} proposals" in law
    assert f"and {kinds['notice']} notices never deny" in law
