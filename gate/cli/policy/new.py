"""`gate policy new`: start an instrument, and what goes with it, from the template."""

import argparse
import json
import re
from pathlib import Path

from gate.errors import UsageError
from policy.files import BUILT_IN

EPILOG = "exit status: 0 written, 2 not written: nothing is ever overwritten"

TEMPLATE = BUILT_IN / "template"
MODEL = "xx-example-ban"
"""The id of the template's instrument."""

OTHERS = ("vendors/template-vendor.toml", "lists/template-list.toml")
"""What the template's instrument refers to, so that it works from the start."""


def add(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("id", metavar="ID", help="the instrument's id: lower case, digits and hyphens")
    parser.add_argument("--jurisdiction", required=True, metavar="XX", help="ISO 3166 code, such as DE or US-TX")
    parser.add_argument("--title", metavar="TEXT", help="what the instrument is called")
    parser.add_argument("--into", required=True, metavar="DIR", help="the policy folder; it is made if it is not there")


def run(arguments: argparse.Namespace) -> int:
    """Write the files and name them."""
    _demand_written_well(arguments)
    name, folder = f"{arguments.jurisdiction[:2].lower()}/{arguments.id}.toml", Path(arguments.into)
    texts = {
        f"prohibitions/{name}": _instrument(arguments.id, arguments.jurisdiction, arguments.title),
        f"cases/{name}": _template(f"cases/xx/{MODEL}.toml").replace(MODEL, arguments.id),
    }
    _write(folder, texts | {other: _template(other) for other in OTHERS if not (folder / other).exists()})
    print(f"Replace the template's words, then: gate policy test {arguments.id} --policy {folder}")
    return 0


def _demand_written_well(arguments: argparse.Namespace) -> None:
    from pydantic import TypeAdapter, ValidationError

    from policy.words import Identifier, Jurisdiction

    for name, kind, example in (("id", Identifier, "acme-2026-no-widgets"), ("jurisdiction", Jurisdiction, "DE")):
        given = getattr(arguments, name)
        try:
            TypeAdapter(kind).validate_python(given)
        except ValidationError as error:
            raise UsageError(f"{given!r} is no {name}", remedy=f"Write it as in {example!r}.") from error


def _instrument(identifier: str, jurisdiction: str, title: str | None) -> str:
    text = _template(f"prohibitions/xx/{MODEL}.toml").replace(MODEL, identifier)
    text = text.replace('jurisdiction = "XX"', f'jurisdiction = "{jurisdiction}"', 1)
    if title is None:
        return text
    quoted = json.dumps(title, ensure_ascii=False)  # a TOML basic string is written like one of JSON
    return re.sub(r'^title = ".*"$', lambda _: f"title = {quoted}", text, count=1, flags=re.MULTILINE)


def _template(name: str) -> str:
    """A file of the template, with its first line, the schema, but without the paragraph on how to copy it."""
    head, _, text = (TEMPLATE / name).read_text("utf-8").partition("\n\n")
    return f"{head.splitlines()[0]}\n\n{text}"


def _write(folder: Path, texts: dict[str, str]) -> None:
    for name in texts:
        if (folder / name).exists():
            raise UsageError("It is there already", file=str(folder / name), remedy="Choose another id.")
    try:
        for name, text in texts.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            with (folder / name).open("x", encoding="utf-8") as file:
                file.write(text)
            print(folder / name)
    except OSError as error:
        raise UsageError(f"It cannot be written: {error.strerror}", file=str(folder)) from error
