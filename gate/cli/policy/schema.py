"""`gate policy schema`: JSON Schemas of the policy files, so that editors complete and check them."""

import argparse
import json
from pathlib import Path

from gate.errors import UsageError
from policy.spelling import meant

EPILOG = "a file that begins with `#:schema ../../.schemas/prohibitions.json` is checked by Taplo and what builds on it"


def add(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("family", nargs="?", metavar="FAMILY", help="one kind of file (default: all)")
    parser.add_argument("--out", metavar="DIR", help="write <family>.json files there (default: standard output)")


def run(arguments: argparse.Namespace) -> int:
    """Print the schemas, or write a file for each."""
    schemas = _schemas()
    if arguments.family is not None and arguments.family not in schemas:
        raise UsageError(f"There is no family {arguments.family!r}", remedy=meant(arguments.family, schemas))
    chosen = {arguments.family: schemas[arguments.family]} if arguments.family else schemas
    if arguments.out is None:
        print(json.dumps(chosen[arguments.family] if arguments.family else chosen, indent=2))
        return 0
    folder = Path(arguments.out)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for family, schema in chosen.items():
            (folder / f"{family}.json").write_text(json.dumps(schema, indent=2) + "\n", "utf-8")
    except OSError as error:
        raise UsageError(f"The schemas cannot be written: {error.strerror}", file=arguments.out) from error
    return 0


def _schemas() -> dict[str, object]:
    from policy.load import FAMILIES
    from policy.model import Finding, Model, Waiver

    models: dict[str, type[Model]] = {**FAMILIES, "waivers": Waiver, "findings": Finding}
    return {family: model.model_json_schema() for family, model in models.items()}
