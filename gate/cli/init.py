"""Write `gate.toml`, by asking on a terminal or with flags, and the template of a pipeline beside it."""

import argparse
import json
import sys
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from gate.cli.arguments import law_of, profile_of
from gate.errors import UsageError
from gate.law import Law
from gate.report import FORMATS
from gate.settings import CLOSED, FILES, places
from policy.spelling import meant

Table = dict[str, str | list[str]]

PIPELINES = {
    "github": ("github.yml", ".github/workflows/procurement-gate.yml", "It runs on the next pull request."),
    "gitlab": ("gitlab.yml", ".gitlab/procurement-gate.yml", "Add to .gitlab-ci.yml: include: [{local: {}}]"),
    "azure": ("azure-pipelines.yml", "procurement-gate.yml", "Add to the steps of your pipeline: - template: {}"),
    "jenkins": ("Jenkinsfile", "Jenkinsfile.procurement-gate", "Name {} as the script path of a pipeline."),
}
"""Name of a build server -> its template, where it is written to, and what is left to do."""

TEMPLATES = (Path(__file__).parents[1] / "pipelines", Path(__file__).parents[2] / ".github" / "ci")
"""Where the templates are: in what is installed, and in the sources."""

HEAD = "# The procurement gate's settings. Each is the flag of that name, see `gate check --help`; flags come first.\n"


def add(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("--profile", metavar="P", help="who is asking; see `gate law --profiles`")
    parser.add_argument(
        "--policy", action="append", default=[], metavar="DIR", help="a policy folder that adds to the built-in law"
    )
    parser.add_argument("--waivers", action="append", default=[], metavar="DIR", help="a folder of approved waivers")
    # `new` compares with a baseline, which every run names anew.
    parser.add_argument("--fail-on", choices=CLOSED["fail_on"][:3], help="what the exit status tells")
    parser.add_argument(
        "--format", action="append", default=[], metavar="F[=PATH]", help=f"{', '.join(FORMATS)}; may be given again"
    )
    parser.add_argument("--ci", choices=PIPELINES, help="write the template of a pipeline too")


def run(arguments: argparse.Namespace) -> int:
    """Ask, if no flag says anything and somebody is there; check all of it; only then write.

    Where settings stand, `--ci` alone writes its template beside them.
    """
    standing = places()
    if standing and (_settings(arguments) or not arguments.ci):
        raise UsageError(
            "Settings stand here already",
            file=standing[0],
            remedy="Edit them, or say --ci alone for the template of a pipeline; nothing was written.",
        )
    if not _settings(arguments) and not arguments.ci:
        if not (sys.stdin.isatty() and sys.stdout.isatty()):
            raise UsageError(
                "Nobody is there to ask", remedy="Say it with flags, such as --profile us-company; see --help."
            )
        _ask(arguments)
    _demand(arguments)
    files = {} if standing else {FILES[0]: _text(_settings(arguments))}
    after = ["Now run: gate check YOUR-SBOM.json"]
    if arguments.ci:
        template, path, hint = PIPELINES[arguments.ci]
        files[path] = _template(template)
        after.append(hint.replace("{}", path))
    _write(files)
    print("\n".join([*(f"Wrote {path}" for path in files), *after]))
    return 0


def _settings(arguments: argparse.Namespace) -> Table:
    said = {name: getattr(arguments, name.replace("-", "_")) for name in ("profile", "fail-on", "policy", "waivers")}
    return {name: value for name, value in {**said, "format": arguments.format}.items() if value not in (None, [])}


def _demand(arguments: argparse.Namespace) -> None:
    arguments.only_policy, arguments.policy_key = [], []
    profile_of(arguments.profile, law_of(arguments))
    for folder in arguments.waivers:
        if not Path(folder).is_dir():
            raise UsageError("There is no such folder", file=folder, remedy="Make it first; it may be empty.")
    for one in arguments.format:
        form, equals, path = one.partition("=")
        if form not in FORMATS or (equals and not path):
            raise UsageError(f"There is no format {one!r}", remedy=meant(form, FORMATS))


def _text(table: Table) -> str:
    lines = []
    for name, value in table.items():
        if not all(word.isprintable() for word in ([value] if isinstance(value, str) else value)):
            raise UsageError(f"--{name} has a character that cannot be written")
        lines.append(f"{name} = {json.dumps(value, ensure_ascii=False)}\n")
    text = HEAD + "".join(lines)
    if tomllib.loads(text) != table:  # what was written is what was said
        raise UsageError("The settings cannot be written as TOML")
    return text


def _template(name: str) -> str:
    for folder in TEMPLATES:
        if (folder / name).is_file():
            return (folder / name).read_text("utf-8")
    raise UsageError(f"The template {name} is not installed", remedy="It is in .github/ci of the sources.")


def _write(files: Mapping[str, str]) -> None:
    for path in map(Path, files):
        if path.exists() or path.is_symlink():
            raise UsageError("It is there already", file=str(path), remedy="Nothing was written.")
    for name, text in files.items():
        try:
            Path(name).parent.mkdir(parents=True, exist_ok=True)
            with Path(name).open("x", encoding="utf-8") as file:
                file.write(text)
        except OSError as error:
            raise UsageError(f"It cannot be written: {error.strerror}", file=name) from error


# --- Asking -----------------------------------------------------------------------------------------------------------


def _ask(arguments: argparse.Namespace) -> None:
    print("Five questions; an empty answer takes what is in brackets.")
    own = _answer("Folder with prohibitions of your own [none]", lambda text: not text or Path(text).is_dir())
    arguments.policy, arguments.only_policy, arguments.policy_key = [own] if own else [], [], []
    law = law_of(arguments)
    arguments.profile = _profile(law)
    waivers = _answer("Folder with approved waivers [none]", lambda text: not text or Path(text).is_dir())
    arguments.waivers = [waivers] if waivers else []
    arguments.fail_on = _one_of("What fails a build", CLOSED["fail_on"][:3], default="review")
    pipeline = _one_of("Template of a pipeline to write", ("none", *PIPELINES), default="none")
    arguments.ci = None if pipeline == "none" else pipeline


def _profile(law: Law) -> str:
    names = sorted(law.profiles)
    for number, name in enumerate(names, 1):
        print(f"{number:4}  {name}: {law.profiles[name].text}")
    known = {**{str(number): name for number, name in enumerate(names, 1)}, **{name: name for name in names}}
    return known[_answer("Who is asking, a name or a number", known.__contains__)]


def _one_of(question: str, words: Sequence[str], *, default: str) -> str:
    return _answer(f"{question}: {', '.join(words)} [{default}]", ("", *words).__contains__) or default


def _answer(question: str, fits: Callable[[str], bool]) -> str:
    for text in _answers(question):
        if fits(text):
            return text
        print("That is none of them." if text else "This needs an answer.")
    raise UsageError("The answers ended", remedy="Nothing was written.")


def _answers(question: str) -> Iterator[str]:
    while True:
        try:
            yield input(f"{question}: ").strip()
        except EOFError:
            print()
            return
