"""What the commands about a portfolio ask for in the same words."""

import argparse

OUT = "portfolio"
"""The folder of the index, unless another is named."""


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
