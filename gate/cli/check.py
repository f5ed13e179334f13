"""Decide on SBOMs and purchase requests: allow or deny, with reasons."""

import argparse
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from gate.asking import Asking, demand_acts_said_once
from gate.baseline import Known
from gate.check import check
from gate.cli.arguments import law_of
from gate.cli.asking import add_asking, asking_of
from gate.decision import EXIT_STATUS
from gate.errors import GateError, UsageError
from gate.files import bytes_of, decisions_in, document, expand, shown
from gate.law import Law
from gate.match import Matcher
from gate.record import Failure, Record, Run, compared, exit_status, record, wire
from gate.report import FORMATS, report
from gate.screen import Sieve
from gate.settings import CLOSED, settle
from gate.terminal import counted, safe


def add(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("files", nargs="+", metavar="FILE", help="SBOM or request; a folder, a glob, or - for stdin")
    add_asking(parser)
    parser.add_argument(
        "--format", action="append", default=[], metavar="F[=PATH]", help=f"{', '.join(FORMATS)}; may be given again"
    )
    parser.add_argument(
        "--baseline", action="append", default=[], metavar="OLD", help="an earlier SBOM, or an earlier --format json"
    )
    parser.add_argument(
        "--fail-on",
        choices=CLOSED["fail_on"],
        help="what the exit status tells: denials, reviews too (default), warnings too, or only what is new",
    )
    parser.add_argument("--warn-only", action="store_true", help="report denials as warnings, and exit 0")
    parser.add_argument("--exit-zero", action="store_true", help="exit 0 for a deny; no verdict is still 2")
    parser.add_argument("--validate", action="store_true", help="check SBOMs against the official schema first")


def run(arguments: argparse.Namespace) -> int:
    """Judge every input, print the reports, return the gravest exit status."""
    settle(arguments)
    if arguments.fail_on == "new" and not arguments.baseline:
        raise UsageError("--fail-on new compares with nothing", remedy="Name the earlier SBOM or decision: --baseline.")
    reports = [_report(one) for one in arguments.format or ["text"]]
    law = law_of(arguments)
    now = datetime.now(UTC)
    asking = asking_of(arguments, law, now)
    sieve = Sieve(Matcher(law.register))
    before = _known(arguments.baseline, law, asking, sieve) if arguments.baseline else None
    records: list[Record] = []
    failures: list[Failure] = []
    passed: list[str] = []
    files = list(expand(arguments.files, passed.append))
    if passed:
        print(safe(f"gate: {counted(len(passed), 'file')} in folders passed over: no SBOM or request"), file=sys.stderr)
    for number, name in enumerate(files):
        _progress(number, files)
        try:
            records.append(_judge(name, law, asking, sieve, validate=arguments.validate))
        except GateError as error:  # the other inputs are still judged; the exit status says that this one is not
            print(safe(f"gate: {error}"), file=sys.stderr)
            failures.append(Failure(shown(error.file or name), error.what, error.line, error.pointer, error.remedy))
    _progress(len(files), files)
    if before is not None:
        records = compared(records, before)
    done = Run(tuple(records), tuple(failures), warn_only=arguments.warn_only)
    for form, path in reports:
        _write(form, path, done)
    if failures or not (arguments.warn_only or arguments.exit_zero):
        return exit_status(done, arguments.fail_on or "review")
    return EXIT_STATUS["allow"]


def _judge(name: str, law: Law, asking: Asking, sieve: Sieve, *, validate: bool) -> Record:
    subject, source, attached, inputs = document(name, now=asking.now, validate=validate)
    demand_acts_said_once(subject, asking, name)
    return record(check(subject, law, asking, sieve), source, asking.now, shown(name), attached, inputs)


def _known(names: Sequence[str], law: Law, asking: Asking, sieve: Sieve) -> dict[str, Known]:
    """The reasons of earlier decisions; an earlier SBOM is judged as of the same day, by the same law."""
    from gate.baseline import known_in

    known: dict[str, Known] = {}
    for name in expand(names):
        bodies = decisions_in(bytes_of(name))
        if bodies is None:
            bodies = [wire(_judge(name, law, asking, sieve, validate=False))]
        known = known_in(bodies, name, known)
    return known


def _report(wanted: str) -> tuple[str, str | None]:
    form, equals, path = wanted.partition("=")
    if form not in FORMATS:
        raise UsageError(f"There is no format {form!r}", remedy=f"Known are {', '.join(FORMATS)}.")
    if equals and not path:
        raise UsageError(f"--format {wanted} names no file", remedy=f"Write --format {form}=PATH, or --format {form}.")
    return form, path or None


def _write(form: str, path: str | None, run: Run) -> None:
    import os

    if path is not None:
        try:
            Path(path).write_bytes(report(form)(run, False))
        except OSError as error:
            raise UsageError(f"The report cannot be written: {error.strerror}", file=path) from error
        return
    colour = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    sys.stdout.buffer.write(report(form)(run, colour))
    sys.stdout.buffer.flush()
    summary = os.environ.get("GITHUB_STEP_SUMMARY")
    if form == "github" and summary:
        try:
            with Path(summary).open("ab") as file:
                file.write(report("markdown")(run, False))
        except OSError as error:
            raise UsageError(f"The job's summary cannot be written: {error.strerror}", file=summary) from error


def _progress(number: int, files: list[str]) -> None:
    """On a terminal, how far a long run has come; it overwrites itself and leaves nothing behind."""
    if len(files) < 20 or not sys.stderr.isatty():
        return
    done = number == len(files)
    print("\r\x1b[K" if done else f"\r\x1b[K{number + 1} of {len(files)}", end="", file=sys.stderr, flush=True)
