"""The command `gate`: argv, the clock and the exit status. Every command is a module of this package."""

import argparse
import os
import sys
from collections.abc import Sequence

from gate.cli import check, completion, explain, law, policy, vendor
from gate.decision import EXIT_STATUS
from gate.errors import GateError

COMMANDS = {
    "check": check,
    "explain": explain,
    "law": law,
    "vendor": vendor,
    "policy": policy,
    "completion": completion,
}
"""Name of a command -> its module, which has `add(parser)` and `run(arguments) -> exit status`."""

EPILOG = "exit status: 0 allow, 1 deny, 2 no verdict, 3 deny only because something needs review"


def parser() -> argparse.ArgumentParser:
    """The whole command line."""
    top = argparse.ArgumentParser(
        prog="gate",
        description="Judge SBOMs and purchase requests against dated vendor prohibitions.",
        epilog=EPILOG,
        allow_abbrev=False,
    )
    from gate.record import engine_version

    top.add_argument("--version", action="version", version=f"gate {engine_version()}")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, module in COMMANDS.items():
        summary = (module.__doc__ or "").splitlines()[0]
        one = commands.add_parser(name, help=summary, description=summary, epilog=EPILOG, allow_abbrev=False)
        module.add(one)
        one.set_defaults(run=module.run)
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line. Whatever goes wrong is exit status 2, never the 1 that means deny."""
    no_verdict = EXIT_STATUS["no verdict"]
    try:
        arguments = parser().parse_args(argv)
        status: int = arguments.run(arguments)
        sys.stdout.flush()
    except GateError as error:
        print(f"gate: {error}", file=sys.stderr)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # so that flushing at exit fails no more
    except KeyboardInterrupt:
        print("gate: interrupted", file=sys.stderr)
    except Exception as error:  # noqa: BLE001 - Python would exit with 1, and a pipeline would read that as deny
        print(f"gate: internal error, please report it: {type(error).__name__}: {error}", file=sys.stderr)
    else:
        return status
    return no_verdict
