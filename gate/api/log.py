"""The service's log: a line of JSON for each thing that happens, with the request's id. No payload, no secret."""

import logging
import sys
import threading
import traceback
from datetime import UTC, datetime
from typing import Any

import msgspec

SAID = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName", "color_message"}
"""What every record of the library holds; the rest was given with `extra`."""

HELD = 64
"""Lines that are written at once. A warning is written at once with all before it, and all of them every second."""


class Out(logging.Handler):
    """The library's records and the edge's lines, to standard error."""

    def __init__(self) -> None:
        super().__init__()
        self._held: list[bytes] = []
        self._turn = threading.Lock()

    def emit(self, record: logging.LogRecord) -> None:
        """Take a record of the library."""
        body: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        body.update((name, value) for name, value in record.__dict__.items() if name not in SAID)
        kind, _, trace = record.exc_info or (None, None, None)
        if kind is not None:  # by its kind and place alone: its words may be those of a document
            body |= {"error": kind.__name__, "trace": "".join(traceback.format_tb(trace))}
        self.say(body)
        if record.levelno >= logging.WARNING:
            self.flush()

    def say(self, body: dict[str, object]) -> None:
        """Take a line as it is."""
        line = msgspec.json.encode(body, enc_hook=str)
        with self._turn:  # else a line could come to a list that is being written already
            self._held.append(line)
        if len(self._held) >= HELD:
            self.flush()

    def flush(self) -> None:
        """Write what is held."""
        with self._turn:
            held, self._held = self._held, []
            if held:
                sys.stderr.write(b"\n".join((*held, b"")).decode())
                sys.stderr.flush()


OUT = Out()
"""The one of this process."""


def out() -> Out:
    """For the library's configuration."""
    return OUT


def configuration() -> dict[str, Any]:
    """What `logging.config.dictConfig` takes."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "handlers": {"out": {"()": "gate.api.log.out"}},
        "loggers": {
            "gate": {"handlers": ["out"], "level": "INFO", "propagate": False},
            "uvicorn": {"handlers": ["out"], "level": "INFO", "propagate": False},
            "uvicorn.access": {"handlers": [], "propagate": False},  # the edge's own lines have the request's id
        },
    }
