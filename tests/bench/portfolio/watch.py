"""Run a command, and print what it and the processes it started took: seconds, CPU seconds, the most memory at once.

Memory is what Linux calls PSS: what several processes share counts once. A process of its own, as tests.bench.watch.
"""

import contextlib
import json
import os
import resource
import subprocess
import sys
import threading
import time
from pathlib import Path

EVERY = 0.1


def main(cores: str, command: list[str]) -> None:
    """Run it on the first so many cores, its output thrown away. "0": all cores."""
    if int(cores):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: int(cores)])
    start = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    peak = [0]
    done = threading.Event()
    thread = threading.Thread(target=_watch, args=(child.pid, peak, done))
    thread.start()
    status = child.wait()
    seconds = time.perf_counter() - start
    done.set()
    thread.join()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(json.dumps([seconds, used.ru_utime + used.ru_stime, peak[0], status]))


def _watch(pid: int, peak: list[int], done: threading.Event) -> None:
    while not done.wait(EVERY):
        peak[0] = max(peak[0], sum(map(_memory, _family(pid))))


def _family(pid: int) -> list[int]:
    found, waiting = [pid], [pid]
    while waiting:
        one = waiting.pop()
        with contextlib.suppress(OSError):
            below = [int(child) for child in Path(f"/proc/{one}/task/{one}/children").read_text().split()]
            found += below
            waiting += below
    return found


def _memory(pid: int) -> int:
    with contextlib.suppress(OSError, IndexError):
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))
    return 0


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
