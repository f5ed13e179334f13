"""Run a command and print what it took: seconds, the most memory it had (bytes), its exit status.

A process of its own, because Linux counts the memory of the process that starts another towards the other's: started
from the benchmark, which holds large documents, every command would seem to need as much.
"""

import json
import os
import sys
import time


def main(command: list[str]) -> None:
    """Run it, its output thrown away."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    actions = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
    start = time.perf_counter()
    child = os.posix_spawn(command[0], command, environment, file_actions=actions)
    _, status, used = os.wait4(child, 0)
    seconds = time.perf_counter() - start
    unit = 1 if sys.platform == "darwin" else 1024
    print(json.dumps([seconds, used.ru_maxrss * unit, os.waitstatus_to_exitcode(status)]))


if __name__ == "__main__":
    main(sys.argv[1:])
