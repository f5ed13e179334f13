"""Measure, print one Markdown table and which targets are reached. It measures and does not test: exit status 0."""

import argparse
import json
import os
import platform
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, is_dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from tests.bench import contestants
from tests.bench.documents import SMALL, Document, huge, real, short, synthetic
from tests.bench.measure import Task, in_turns, processes_in_turns
from tests.bench.table import Measured, table, targets

SIZES = (1_000, 10_000, 100_000)

ROUNDS = 11
QUICK_ROUNDS = 3
HUGE_ROUNDS = 3

SLOW_ROUNDS = {1_000: 3, 10_000: 1}
"""Up to how many components the slow ones are run how often; beyond, they would take minutes."""

LIBRARIES = ("orjson", "msgspec", "cyclonedx-python-lib", "regopy")

CORPUS = "GATE_CORPUS"

NOTES = """\
Medians; the contestants take turns. In brackets: times the reference on the same document, or times the file's size.
In process the garbage collector is on, and dropping what a call returned is not timed. A whole process is timed from
start to exit, its output thrown away, everything compiled to bytecode and in the system's cache before."""


class Bench:
    """Measures documents one after the other, and notes what the table cannot say."""

    def __init__(self, rounds: int, *, slow: bool) -> None:
        self.rounds = rounds
        self.slow = slow
        self.gate = contestants.Gate()
        self.rego = contestants.rego(self.gate) if slow else None
        self.notes = [NOTES]
        if not slow:
            self.notes.append("Quick: cyclonedx-python-lib and Rego were left out.")
        elif self.rego is None:
            self.notes.append("Rego was left out: regopy is not installed.")

    def measure(self, document: Document) -> Measured:
        """Everything about one document. What fails is noted, and the rest is still measured."""
        measured = Measured(document)
        if not document.is_huge:
            data = document.path.read_bytes()
            try:
                self._check(document, data)
                measured.calls = in_turns(list(self._tasks(document, data)))
            except Exception as error:  # noqa: BLE001 - whatever another library raises about a document
                self.notes.append(f"{document.title}: {type(error).__name__}: {error}")
            del data
        commands = contestants.commands(document.path)
        if document.components != SMALL:
            commands = tuple(command for command in commands if command.name != "imports")
        try:
            rounds = min(self.rounds, HUGE_ROUNDS) if document.is_huge else self.rounds
            measured.processes = processes_in_turns(commands, rounds)
        except RuntimeError as error:
            self.notes.append(f"{document.title}: {error}")
        return measured

    def _tasks(self, document: Document, data: bytes) -> Iterator[Task]:
        yield Task("gate, ready", lambda: self.gate.ready(data), self.rounds)
        yield Task("orjson", lambda: contestants.parsed(data), self.rounds)
        yield Task("gate, cold", lambda: self.gate.cold(data), self.rounds)
        most = next((most for size, most in SLOW_ROUNDS.items() if document.components <= size), 0)
        if not self.slow or document.hits is None:
            return
        if not most:
            self.notes.append(
                f"{document.title}: cyclonedx-python-lib and Rego were left out, they would take minutes."
            )
            return
        rounds = min(most, self.rounds)
        yield Task("cyclonedx-python-lib", lambda: contestants.modelled(data), rounds, warms_up=False)
        if self.rego is not None:
            answer = self.rego
            yield Task("rego", lambda: answer(data), rounds, warms_up=False)

    def _check(self, document: Document, data: bytes) -> None:
        """A fast wrong answer is worth nothing: note it."""
        answers: dict[str, Callable[[bytes], int]] = {"gate": self.gate.denied}
        if self.rego is not None and document.components <= min(SLOW_ROUNDS):
            answers["Rego"] = self.rego
        for name, answer in answers.items():
            if document.hits is not None and answer(data) != document.hits:
                self.notes.append(f"{document.title}: {name} does not find the {document.hits} banned components!")


def main() -> None:
    """Run it."""
    arguments = _arguments()
    rounds = arguments.rounds or (QUICK_ROUNDS if arguments.quick else ROUNDS)
    started = datetime.now(UTC)
    bench = Bench(rounds, slow=not arguments.quick)
    measured: list[Measured] = []
    with tempfile.TemporaryDirectory(prefix="gate-bench-") as folder:
        for document in _documents(arguments, Path(folder)):
            size = f"{document.components:,} components, {document.size / 10**6:,.1f} MB"
            print(f"measuring {document.title}: {size}", file=sys.stderr, flush=True)
            if document.of:
                bench.notes.append(f"{document.title}: {document.of}")
            measured.append(bench.measure(document))
    machine = _machine()
    print(f"{started:%Y-%m-%d %H:%M} UTC, {rounds} rounds. {', '.join(f'{k} {v}' for k, v in machine.items())}.\n")
    print(table(measured))
    print("\n" + "\n".join(f"* {note}" if number else note for number, note in enumerate(bench.notes)))
    print(f"\n{targets(measured)}")
    if arguments.json:
        body = {"started": started.isoformat(), "rounds": rounds, "machine": machine, "measured": measured}
        arguments.json.write_text(json.dumps(body, default=_plain, indent=1) + "\n", "utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench",
        description=__doc__,
        epilog=f"With {CORPUS} in the environment naming a folder, its largest CycloneDX JSON files are measured too.",
    )
    sizes = ", ".join(map(short, SIZES))
    parser.add_argument("--quick", action="store_true", help="few rounds, without cyclonedx-python-lib and Rego")
    parser.add_argument("--huge", action="store_true", help="also a file of 300 MB, for the memory it takes")
    parser.add_argument("--rounds", type=_positive, metavar="N", help=f"default {ROUNDS}, {QUICK_ROUNDS} if quick")
    parser.add_argument(
        "--sizes", type=_positive, nargs="+", default=SIZES, metavar="N", help=f"components (default {sizes})"
    )
    parser.add_argument("--json", type=Path, metavar="PATH", help="also write every single measurement there")
    return parser.parse_args()


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError(text)
    return number


def _documents(arguments: argparse.Namespace, folder: Path) -> Iterator[Document]:
    for size in dict.fromkeys((SMALL, *arguments.sizes)):
        yield synthetic(folder, size)
    if corpus := os.environ.get(CORPUS):
        yield from real(Path(corpus), folder)
    if arguments.huge:
        yield huge(folder)


def _machine() -> dict[str, str]:
    """What the numbers depend on besides the program."""
    found = {
        "Python": platform.python_version(),
        "on": f"{platform.system()} {platform.machine()}",
        "cores": str(os.cpu_count()),
        "load": f"{os.getloadavg()[0]:.1f}",
    }
    for library in LIBRARIES:
        try:
            found[library] = version(library)
        except PackageNotFoundError:
            continue
    return found


def _plain(value: object) -> object:
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    return str(value)


if __name__ == "__main__":
    main()
