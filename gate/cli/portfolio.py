"""What the commands about a portfolio ask for in the same words."""

import argparse
from pathlib import Path

from gate.errors import UsageError
from gate.portfolio.index import UNFINISHED, Index

OUT = "portfolio"
"""The folder of the index, unless another is named."""

NO_VERDICT = "the scan came to no verdict there"
"""Why nothing is said of a system."""


def count(text: str) -> int:
    """A number of something, as an argument."""
    if not text.isascii() or not text.isdecimal() or not 1 <= int(text) <= 4096:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 1 to 4096")
    return int(text)


def add_executor(parser: argparse.ArgumentParser) -> None:
    """`--workers` and `--scheduler`: who does the work."""
    parser.add_argument("--workers", type=count, metavar="N", help="processes (default: one for each core)")
    parser.add_argument("--scheduler", metavar="ADDRESS", help="work on the Dask cluster at tcp://HOST:PORT")


def add_portfolio(parser: argparse.ArgumentParser) -> None:
    """`--portfolio`."""
    parser.add_argument(
        "--portfolio", default=OUT, metavar="DIR", help=f"what `gate scan --out` wrote (default: {OUT})"
    )


def index_of(arguments: argparse.Namespace) -> Index:
    """The index that is asked. Raises UsageError for one of which nobody can say what it does not hold yet."""
    index = Index(Path(arguments.portfolio), is_new=False)
    if index.said(UNFINISHED) is not None:
        raise UsageError(
            "The last scan has not come to its end, so the index does not hold every system",
            file=str(index.path),
            remedy="Wait for it, or start it again: it goes on where it stopped.",
        )
    return index
