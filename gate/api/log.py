"""The service's log: a line of JSON for each thing that happens, with the request's id. No payload, no secret."""

import logging
import traceback
from datetime import UTC, datetime
from typing import Any

import msgspec

SAID = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName", "color_message"}
"""What every record of the library holds; the rest was given with `extra`."""


class Lines(logging.Formatter):
    """A record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        body: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        body.update((name, value) for name, value in record.__dict__.items() if name not in SAID)
        kind, _, trace = record.exc_info or (None, None, None)
        if kind is not None:  # by its kind and place alone: its words may be those of a document
            body |= {"error": kind.__name__, "trace": "".join(traceback.format_tb(trace))}
        return msgspec.json.encode(body, enc_hook=str).decode()


def configuration() -> dict[str, Any]:
    """What `logging.config.dictConfig` takes; uvicorn's own lines come the same way, its access log is ours."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"lines": {"()": "gate.api.log.Lines"}},
        "handlers": {"out": {"class": "logging.StreamHandler", "formatter": "lines", "stream": "ext://sys.stderr"}},
        "loggers": {
            "gate": {"handlers": ["out"], "level": "INFO", "propagate": False},
            "uvicorn": {"handlers": ["out"], "level": "INFO", "propagate": False},
            "uvicorn.access": {"handlers": [], "propagate": False},  # the edge's own lines have the request's id
        },
    }
