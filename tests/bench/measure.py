"""How a thing is measured: in turns with the others, so that a machine that slows down slows all of them."""

import gc
import json
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Task:
    """Something to be timed in this process. A slow one takes part in the first rounds only."""

    name: str
    run: Callable[[], object]
    rounds: int
    warms_up: bool = True


@dataclass(frozen=True)
class Command:
    """A command to be timed as a whole process, with the exit statuses that mean it did its work."""

    name: str
    argv: tuple[str, ...]
    good: tuple[int, ...] = (0,)


@dataclass(frozen=True)
class Spent:
    """What one run of a command took."""

    seconds: float
    peak: int  # bytes
    status: int


def in_turns(tasks: Sequence[Task]) -> dict[str, list[float]]:
    """Seconds of each call. What a call returns is dropped after the clock has stopped, and garbage is not left over.

    The collector stays on during the calls, as the interpreter has it.
    """
    seconds: dict[str, list[float]] = {task.name: [] for task in tasks}
    for task in tasks:
        if task.warms_up and task.rounds:
            task.run()
    for turn in range(max((task.rounds for task in tasks), default=0)):
        for task in tasks:
            if turn < task.rounds:
                gc.collect()
                seconds[task.name].append(_timed(task.run))
    return seconds


def _timed(run: Callable[[], object]) -> float:
    start = time.perf_counter()
    result = run()
    seconds = time.perf_counter() - start
    del result
    return seconds


def processes_in_turns(commands: Sequence[Command], rounds: int) -> dict[str, list[Spent]]:
    """What each run of each command took, after one run that does not count: it fills the caches of the system."""
    spent: dict[str, list[Spent]] = {command.name: [] for command in commands}
    for turn in range(rounds + 1):
        for command in commands:
            one = spend(command.argv)
            if one.status not in command.good:
                raise RuntimeError(f"{command.name} ended with exit status {one.status}")
            if turn:
                spent[command.name].append(one)
    return spent


def spend(argv: Sequence[str]) -> Spent:
    """Run a command and say what it took."""
    watch = [sys.executable, "-I", "-S", str(Path(__file__).with_name("watch.py")), *argv]
    seconds, peak, status = json.loads(subprocess.run(watch, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout)
    return Spent(seconds, peak, status)
