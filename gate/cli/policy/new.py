"""`gate policy new`: start an instrument, and what goes with it, from the template."""

import argparse
import re
from pathlib import Path

from gate.errors import UsageError
from policy.files import BUILT_IN

EPILOG = "exit status: 0 written, 2 not written: nothing is ever overwritten"

TEMPLATE = BUILT_IN / "template"
MODEL = "xx-example-ban"
"""The id of the template's instrument."""


def add(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("id", metavar="ID", help="the instrument's id: lower case, digits and hyphens")
    parser.add_argument("--jurisdiction", required=True, metavar="XX", help="ISO 3166 code, such as DE or US-TX")
    parser.add_argument("--title", metavar="TEXT", help="what the instrument is called")
    parser.add_argument("--into", required=True, metavar="DIR", help="the policy folder; it is made if it is not there")


def run(arguments: argparse.Namespace) -> int:
    """Write the files and name them."""
    from pydantic import TypeAdapter, ValidationError

    from policy.words import Identifier, Jurisdiction

    for name, kind, example in (("id", Identifier, "acme-2026-no-widgets"), ("jurisdiction", Jurisdiction, "DE")):
        try:
            TypeAdapter(kind).validate_python(getattr(arguments, name))
        except ValidationError as error:
            raise UsageError(
                f"{getattr(arguments, name)!r} is no {name}", remedy=f"Write it as in {example!r}."
            ) from error
    country = arguments.jurisdiction[:2].lower()
    texts = {
        f"prohibitions/{country}/{arguments.id}.toml": _instrument(arguments.id, arguments.jurisdiction, arguments.title),
        f"cases/{country}/{arguments.id}.toml": _template(f"cases/xx/{MODEL}.toml").replace(MODEL, arguments.id),
    }
    _write(Path(arguments.into), texts)
    vendor = Path(arguments.into) / "vendors" / "template-vendor.toml"
    if not vendor.exists():
        _write(Path(arguments.into), {"vendors/template-vendor.toml": _template("vendors/template-vendor.toml")})
    print(f"Replace the template's words, then: gate policy test {arguments.id} --policy {arguments.into}")
    return 0


def _instrument(identifier: str, jurisdiction: str, title: str | None) -> str:
    import json

    text = _template(f"prohibitions/xx/{MODEL}.toml").replace(MODEL, identifier)
    text = text.replace('jurisdiction = "XX"', f'jurisdiction = "{jurisdiction}"', 1)
    if title is None:
        return text
    quoted = json.dumps(title, ensure_ascii=False)  # a TOML basic string is written like one of JSON
    return re.sub(r'^title = ".*"$', lambda _: f"title = {quoted}", text, count=1, flags=re.MULTILINE)


def _template(name: str) -> str:
    return (TEMPLATE / name).read_text("utf-8")


def _write(folder: Path, texts: dict[str, str]) -> None:
    """All of the files or none."""
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
