"""Say when the verdict on any system of a portfolio changes by the passing of time, on which, and why."""

import argparse
from datetime import UTC, datetime, timedelta

from gate.cli.arguments import moment
from gate.cli.output import write
from gate.cli.portfolio import add_portfolio, count, index_of
from gate.errors import UsageError
from gate.portfolio.forecast import FORECASTS
from gate.portfolio.forecast.content import forecast, stale
from gate.portfolio.index import AS_OF
from gate.terminal import counted
from policy.dates import DAY, instant, is_before

DAYS = 730
"""The horizon, if none is given: two years, as procurement plans."""


def add(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    add_portfolio(parser)
    horizon = parser.add_mutually_exclusive_group()
    horizon.add_argument("--days", type=count, default=DAYS, metavar="N", help=f"the horizon (default: {DAYS})")
    horizon.add_argument("--until", type=moment, metavar="T", help="the horizon, as a day or an instant with offset")
    parser.add_argument("--format", default="text", choices=FORECASTS)
    parser.add_argument("--out", metavar="PATH", help="write to a file (default: standard output)")


def run(arguments: argparse.Namespace) -> int:
    """Draw what the index says. Exit status 2 if the index is older than a change that has come since."""
    index = index_of(arguments)
    now = datetime.now(UTC)
    ends = now + timedelta(days=arguments.days)
    if arguments.until is not None:
        until = arguments.until
        ends = instant(until, "UTC") if isinstance(until, datetime) else instant(until + DAY, "UTC")
    if not is_before(now, ends):
        raise UsageError("--until is past", remedy="A forecast looks ahead.")
    if as_of := index.said(AS_OF):
        raise UsageError(
            f"The portfolio was judged as of {as_of}, and so the index does not say what changes before",
            remedy="Scan again without --as-of.",
        )
    changed = stale(index.db, now)
    if changed:
        raise UsageError(
            f"The verdict on {counted(changed, 'system')} has changed since the scan", remedy="Scan again: gate scan."
        )
    write([FORECASTS[arguments.format](forecast(index.db, now, ends))], arguments.out)
    return 0
