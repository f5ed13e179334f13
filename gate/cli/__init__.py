"""The command `gate`: argv, the clock and the exit status. Every command is a module of this package."""

import contextlib
import gc
import importlib
import io
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from gate.cli.layout import Layout
from gate.cli.parser import Parser
from gate.decision import EXIT_STATUS
from gate.errors import GateError
from gate.terminal import safe
from gate.version import VERSION

COMMANDS = {
    "check": "decide on SBOMs and purchase requests: allow or deny, with reasons",
    "init": "write gate.toml, by asking or with flags, and the template of a pipeline",
    "explain": "explain a reason's code: the clause, what it asks, its dates, and where it stands",
    "law": "say what is in force on a day, for whom, and what comes next",
    "vendor": "screen a name, package URL, CPE or domain against the register of vendors",
    "policy": "work on the law itself: lint it, test it, compare editions, start an instrument, bundle it",
    "sign": "sign a statement (--format vsa or test-result) for later stages, as a DSSE envelope",
    "verify": "verify what `gate sign` wrote: whose it is, about which documents, and that they were allowed",
    "scan": "judge every SBOM and request of a portfolio into an index, reading only what is new",
    "where": "say which systems of a portfolio hold a vendor, a package or what a clause is about",
    "forecast": "say when verdicts on a portfolio change by the passing of time, on which systems, and why",
    "impact": "say what a change of the law does to a portfolio",
    "serve": "serve decisions over HTTP: stored, replayable, guarded",
    "key": "make, list and revoke the API keys of the service",
    "replay": "make a stored decision again, by its own law and times, and compare",
    "audit": "verify, export or erase in the record of the service",
    "store": "make or migrate the service's database, and erase what is kept no longer",
    "poll": "ask Coupa or Ariba what waits for an approval, judge it, and give the answer",
    "watch": "announce approved purchases that are no longer allowed, or will not be",
    "deliver": "send what waits in the outbox, and look after what could not be sent",
    "completion": "print a completion script for a shell",
}
"""Name of a command -> what it does. Each is a module of this package with `add(parser)` and `run(arguments)`."""

VERDICT = "0 allow, 1 deny, 2 no verdict, 3 deny only because something needs review"

STATUSES = {
    "check": VERDICT,
    "init": "0 written, 2 not written",
    "explain": "0 explained, 2 no such code",
    "law": "0 told, 2 refused",
    "vendor": "0 told, also that nobody is met; 2 refused",
    "policy": "each of these says its own: gate policy COMMAND --help",
    "sign": "0 signed, 2 not signed",
    "verify": "0 proven and allowed, 1 proven and not allowed, 2 not proven",
    "scan": f"that of the gravest verdict: {VERDICT}",
    "where": "0 told, also that it is nowhere; 2 nobody knows what was asked for, or there is no index",
    "forecast": "0 told, also that nothing changes; 2 the index is older than a change that has come, or is not there",
    "impact": "0 told, whatever changes; 2 a law or the index cannot be used",
    "serve": "0 ended as it was told to, 2 it cannot serve",
    "key": "0 done, 2 not done",
    "replay": "0 the same decision, 1 another, 2 it cannot be made again",
    "audit": "0 done, and whole; 1 `verify` found the record changed, 2 not done",
    "store": "0 done, 2 not done",
    "poll": "0 all that waited was judged and answered, 2 something was not",
    "watch": "0 every purchase was judged again, whatever came of it; 2 one could not be",
    "deliver": "0 nothing was given up, 2 something was",
    "completion": "0 printed, 2 refused",
}
"""Name of a command -> what its exit status says. Only those that judge say deny."""


ABOUT = ("--version", "--help", "-h")
"""What is asked of no command, and so needs no command's arguments."""


def parser(only: str | None = None) -> Parser:
    """The command line. `only`: with the arguments of one command alone, so that no start pays for the others."""
    top = Parser(
        prog="gate",
        description="Judge SBOMs and purchase requests against dated vendor prohibitions.",
        epilog=f"exit status of what judges: {VERDICT}",
        formatter_class=Layout,
        allow_abbrev=False,
    )
    top.add_argument("--version", action="version", version=f"gate {VERSION}")
    # `prog` said: argparse would lay out a usage text to learn it, and import what measures the terminal.
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND", prog="gate")
    for name in (only,) if only in COMMANDS else COMMANDS:
        summary = COMMANDS[name]
        epilog = f"exit status: {STATUSES[name]}"
        one = commands.add_parser(
            name, help=summary, description=summary, epilog=epilog, formatter_class=Layout, allow_abbrev=False
        )
        if only is None or name == only:
            module = importlib.import_module(f"gate.cli.{name}")
            module.add(one)
            one.set_defaults(run=module.run)
    return top


def command() -> NoReturn:
    """The process. It ends at once: to take a large document apart again takes longer than to decide on it."""
    gc.freeze()  # nothing that was imported is ever garbage, and of what follows hardly anything
    gc.set_threshold(100_000)
    status = main()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError):  # whoever read it has gone, as `main` has seen
            stream.flush()
    os._exit(status)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line. Whatever goes wrong is exit status 2, never the 1 that means deny."""
    no_verdict = EXIT_STATUS["no verdict"]
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a terminal may lack the letters of a name
            stream.reconfigure(errors="backslashreplace")
    try:
        given = sys.argv[1:] if argv is None else argv
        arguments = parser(given[0] if given and given[0] in (*COMMANDS, *ABOUT) else None).parse_args(given)
        status: int = arguments.run(arguments)
        sys.stdout.flush()
    except GateError as error:
        print(safe(f"gate: {error}"), file=sys.stderr)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # so that flushing at exit fails no more
    except KeyboardInterrupt:
        print("gate: interrupted", file=sys.stderr)
    except Exception as error:  # noqa: BLE001 - Python would exit with 1, and a pipeline would read that as deny
        print(safe(f"gate: internal error, please report it: {type(error).__name__}: {error}"), file=sys.stderr)
    else:
        return status
    return no_verdict
