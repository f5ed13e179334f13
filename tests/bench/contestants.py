"""Who is measured: the gate, the parser it is compared with, and what else answers or begins to answer the question."""

import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import orjson

from gate import Asking, Decision, Subject, check, load
from gate.decision import EXIT_STATUS
from gate.law import Law
from gate.match import Matcher
from gate.read import read
from gate.screen import Sieve
from tests.bench.measure import Command

PROFILE = "us-software-vendor"

BANNED_SINCE = "2024-07-20"
"""The day the list of the Rego policy gives for every entry; it decides nothing here but is compared each time."""


class Gate:
    """The gate in this process. The law is loaded once, as in a service or in a run over many files."""

    def __init__(self) -> None:
        self.law = load()
        self.now = datetime.now(UTC)
        self.sieve = Sieve(Matcher(self.law.register))

    def ready(self, data: bytes) -> tuple[Subject, Decision]:
        """Read and decide with a law and a sieve that have seen documents before."""
        return self._decided(data, self.law, self.sieve)

    def cold(self, data: bytes) -> tuple[Subject, Decision]:
        """Read and decide with a sieve that is made first, as for the first document of a process."""
        law = msgspec.structs.replace(self.law)  # which remembers no answer
        return self._decided(data, law, Sieve(Matcher(law.register)))

    def _decided(self, data: bytes, law: Law, sieve: Sieve) -> tuple[Subject, Decision]:
        # The subject is handed back so that taking it down is not timed, as it is not for the others.
        now = datetime.now(UTC)
        subject = read(data, "bench", now=now)
        return subject, check(subject, law, Asking(now=now, profile=law.profiles[PROFILE]), sieve)

    def denied(self, data: bytes) -> int:
        """How many components are denied."""
        _, decision = self.ready(data)
        return len({one.pointer for reason in decision.reasons if reason.effect == "deny" for one in reason.components})


def parsed(data: bytes) -> object:
    """The reference: all of the document as dicts, lists and strings."""
    return orjson.loads(data)


def modelled(data: bytes) -> object:
    """The document in the model of cyclonedx-python-lib."""
    from cyclonedx.model.bom import Bom

    return Bom.from_json(json.loads(data))  # type: ignore[attr-defined] # its decorator adds it, unseen by mypy


def rego(gate: Gate) -> Callable[[bytes], int] | None:
    """A compiled Rego policy with the gate's own register as its list: document -> number of components found.

    None where there is no such engine.
    """
    try:
        from regopy import Interpreter
    except ImportError:
        return None
    register = gate.law.register
    keys = [*register.purls, *(f"cpe:{cpe}" for cpe in register.cpes), *register.organisations, "ao kaspersky lab"]
    engine = Interpreter()
    engine.add_data({"banned": dict.fromkeys(keys, BANNED_SINCE), "today": gate.now.date().isoformat()})
    engine.add_module("ban", Path(__file__).with_name("ban.rego").read_text("utf-8"))
    policy = engine.build("x = data.bench.found")

    def found(data: bytes) -> int:
        engine.set_input(orjson.loads(data))  # twice as fast as handing over the text
        output = engine.query_bundle(policy)  # held on to: without it the binding would point into freed memory
        return len(json.loads(output.binding("x").json()))

    return found


def commands(path: Path) -> tuple[Command, ...]:
    """The gate as a command on a file, and what it is compared with."""
    python = sys.executable
    judged = tuple(status for outcome, status in EXIT_STATUS.items() if outcome != "no verdict")
    installed = Path(python).with_name("gate")
    start = (str(installed),) if installed.exists() else ("-m", "gate")
    check_it = ("check", str(path), "--profile", PROFILE, "--format", "json")
    return (
        Command("gate check", (python, *start, *check_it), judged),
        Command("orjson", (python, "-c", f"import orjson; orjson.loads(open({str(path)!r}, 'rb').read())")),
        Command("imports", (python, "-c", "import msgspec, argparse")),
    )
