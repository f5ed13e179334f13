"""Decide on SBOMs and purchase requests: allow or deny, with reasons."""

import argparse
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from gate.asking import Asking, demand_acts_said_once
from gate.baseline import Document
from gate.check import check
from gate.cli.arguments import law_of
from gate.cli.asking import add_asking, asking_of
from gate.cli.output import write
from gate.cli.progress import Progress
from gate.errors import GateError, UsageError
from gate.files import bytes_of, decisions_in, document, expand, shown
from gate.law import Law
from gate.match import Matcher
from gate.record import Failure, Record, Run, compared, exit_status, record, wire
from gate.report import FORMATS, report
from gate.screen import Sieve
from gate.settings import CLOSED, settle
from gate.terminal import counted, safe
from policy.spelling import meant

NAMED = 3
"""Files passed over in folders that are named; the rest are counted."""


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
    _refuse_two_at_once([form for form, path in reports if path is None])
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
        print(safe(f"gate: {_passed_over(passed)}"), file=sys.stderr)
    progress = Progress(len(files))
    for name in files:
        progress.reads(name)
        try:
            records.append(_judge(name, law, asking, sieve, progress, validate=arguments.validate))
        except GateError as error:  # the other inputs are still judged; the exit status says that this one is not
            progress.clear()
            print(safe(f"gate: {error}"), file=sys.stderr)
            failures.append(Failure(shown(error.file or name), error.what, error.line, error.pointer, error.remedy))
    progress.clear()
    if before is not None:
        records = compared(records, before)
    done = Run(
        tuple(records),
        tuple(failures),
        fail_on=arguments.fail_on or "review",
        warn_only=arguments.warn_only,
        exit_zero=arguments.exit_zero,
    )
    for form, path in reports:
        _write(form, path, done)
    return exit_status(done)


def _passed_over(paths: list[str]) -> str:
    """How many files in folders are no documents, and the first of them: one that should have been judged is seen."""
    named = ", ".join(shown(path)[:200].replace("\n", "\\n") for path in paths[:NAMED])
    more = f" and {len(paths) - NAMED} more" if len(paths) > NAMED else ""
    return f"{counted(len(paths), 'file')} in folders passed over, no SBOM or request: {named}{more}"


def _judge(
    name: str, law: Law, asking: Asking, sieve: Sieve, progress: Progress | None = None, *, validate: bool
) -> Record:
    subject, source, attached, inputs, _ = document(name, now=asking.now, validate=validate)
    if progress is not None:
        progress.judges(name)
    demand_acts_said_once(subject, asking, name)
    return record(check(subject, law, asking, sieve), source, asking.now, shown(name), attached, inputs)


def _known(names: Sequence[str], law: Law, asking: Asking, sieve: Sieve) -> list[Document]:
    """The reasons of earlier decisions; an earlier SBOM is judged as of the same day, by the same law."""
    from gate.baseline import known_in

    known: list[Document] = []
    for name in expand(names):
        bodies = decisions_in(bytes_of(name))
        if bodies is None:
            bodies = [wire(_judge(name, law, asking, sieve, validate=False))]
        known += known_in(bodies, name)
    return known


def _report(wanted: str) -> tuple[str, str | None]:
    form, equals, path = wanted.partition("=")
    if form not in FORMATS:
        raise UsageError(f"There is no format {form!r}", remedy=meant(form, FORMATS))
    if equals and not path:
        raise UsageError(f"--format {wanted} names no file", remedy=f"Write --format {form}=PATH, or --format {form}.")
    return form, path or None


def _refuse_two_at_once(printed: Sequence[str]) -> None:
    """Two reports on standard output would be one document that is neither."""
    if len(printed) > 1:
        raise UsageError(
            f"Two reports go to standard output, {printed[0]} and {printed[1]}",
            remedy=f"Write all but one to a file: --format {printed[0]}=PATH.",
        )


def _write(form: str, path: str | None, run: Run) -> None:
    import os

    colour = path is None and sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    write([report(form)(run, colour)], path, "The report")
    summary = os.environ.get("GITHUB_STEP_SUMMARY")
    if form == "github" and path is None and summary:
        try:
            with Path(summary).open("ab") as file:
                file.write(report("markdown")(run, False))
        except OSError as error:
            raise UsageError(f"The job's summary cannot be written: {error.strerror}", file=summary) from error
