"""One of several processes that serve: it starts with one line or none, and ends with the process that started it."""

import multiprocessing
import os
import signal
import sys
import threading
import time

from gate.api.app import create
from gate.api.edge import Edge
from gate.api.settings import from_environment
from gate.errors import GateError
from gate.terminal import safe

REFUSED = 2
"""The exit status of a process that cannot start; the one that started it tries anew."""


def application() -> Edge:
    """The application. What is wrong since the parent looked (the store is gone, a file was changed) is one line."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        return create()
    except GateError as error:
        print(safe(f"gate: {error}"), file=sys.stderr, flush=True)
        sys.exit(REFUSED)


def _end_with_parent() -> None:
    """Wait for the pipe that the parent's death closes; then answer what was asked, and end.

    A process that went on would hold the port, and decide by a law and settings that nobody can change any more.
    """
    parent = multiprocessing.parent_process()
    if parent is None:
        return
    parent.join()
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(from_environment().limit_seconds + 10)  # more than uvicorn waits for what it still answers
    os._exit(REFUSED)
