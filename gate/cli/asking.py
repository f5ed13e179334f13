"""The flags that say how documents are to be judged, and the Asking they make: for `check` and the portfolio alike."""

import argparse
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from gate import chosen
from gate.asking import Asking, Finding, Waiver
from gate.cli.arguments import add_trusted_law, moment, profile_of
from gate.errors import LawError, UsageError
from gate.law import Law
from gate.settings import ACTS, CLOSED, ROLES
from policy.dates import is_past


def add_asking(parser: argparse.ArgumentParser, *, with_law: bool = True) -> None:
    """The flags; `with_law`: those that choose the law as well."""
    parser.add_argument("--profile", metavar="P", help="who is asking; see `gate law --profiles`")
    parser.add_argument(
        "--role", action="append", default=[], choices=ROLES, metavar="R", help="a capacity of the buyer"
    )
    parser.add_argument(
        "--act",
        action="append",
        default=[],
        choices=ACTS,
        metavar="A",
        help="what is done with it, in place of the profile's acts",
    )
    parser.add_argument("--as-of", type=moment, metavar="T", help="when it is done: a day, or an instant with offset")
    parser.add_argument(
        "--known-at", type=moment, metavar="T", help="judge by the law published by then (default: now)"
    )
    parser.add_argument("--allow-past", action="store_true", help="let a past date be chosen; the decision says so")
    if with_law:
        add_trusted_law(parser)
    parser.add_argument(
        "--waivers", action="append", default=[], metavar="DIR", help="a folder of waivers, as approved"
    )
    parser.add_argument("--findings", action="append", default=[], metavar="DIR", help="a folder of findings")
    parser.add_argument(
        "--on-review", choices=CLOSED["on_review"], help="what a decision that needs review is meanwhile"
    )


def asking_of(arguments: argparse.Namespace, law: Law, now: datetime) -> Asking:
    """How documents are to be judged, as the flags and settings say. Raises UsageError and LawError."""
    for flag, when in (("--as-of", arguments.as_of), ("--known-at", arguments.known_at)):
        if when is not None and is_past(when, now) and not arguments.allow_past:
            raise UsageError(
                f"{flag} is past, and a date chosen in the past evades every later ban",
                remedy="Leave it out to judge as of now, or say --allow-past; the decision will say so.",
            )
    return Asking(
        now=now,
        profile=profile_of(arguments.profile, law),
        roles=frozenset(arguments.role),
        acts=tuple(arguments.act),
        as_of=arguments.as_of,
        known_at=chosen.known_at(arguments.known_at, now, allow_past=arguments.allow_past),
        allow_past=arguments.allow_past,
        on_review=arguments.on_review,
        waivers=tuple(_waivers(arguments.waivers, law)),
        findings=tuple(_findings(arguments.findings, law)),
    )


def _waivers(folders: Sequence[str], law: Law) -> list[Waiver]:
    if not folders:
        return []
    from gate.compile import waiver
    from policy.load import PolicyError, load_waivers

    try:
        return [waiver(entry, law) for folder in folders for entry in load_waivers(Path(folder))]
    except PolicyError as error:
        raise LawError(f"The waivers cannot be used:\n{error}") from error


def _findings(folders: Sequence[str], law: Law) -> list[Finding]:
    if not folders:
        return []
    from gate.compile import finding
    from policy.load import PolicyError, load_findings

    try:
        return [finding(entry, law) for folder in folders for entry in load_findings(Path(folder))]
    except PolicyError as error:
        raise LawError(f"The findings cannot be used:\n{error}") from error
