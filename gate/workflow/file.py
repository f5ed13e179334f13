"""A TOML file that an operator writes -> its model, or every fault at once with file and line."""

import re
import tomllib
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from gate.errors import UsageError
from policy.load import problem_at

M = TypeVar("M", bound=BaseModel)


def parsed(path: Path, model: type[M]) -> M:
    """What the file says. Raises UsageError, which names every fault and repeats no value: it may be a secret."""
    try:
        return model.model_validate(tomllib.loads(path.read_text("utf-8")))
    except OSError as error:
        raise UsageError(f"It cannot be read: {error.strerror or error}", file=str(path)) from error
    except UnicodeDecodeError as error:
        raise UsageError("It is not UTF-8", file=str(path), remedy="Save it as UTF-8.") from error
    except tomllib.TOMLDecodeError as error:
        line = re.search(r" \(at line (\d+)", str(error))
        what = str(error)[: line.start()] if line else str(error)
        raise UsageError(f"It is no TOML: {what}", file=str(path), line=int(line[1]) if line else None) from error
    except ValidationError as error:
        faults = []
        for fault in error.errors(include_url=False, include_context=False, include_input=False):
            where = [part for part in fault["loc"] if not str(part).startswith("(")]  # a union's tag
            message = "unknown key" if fault["type"] == "extra_forbidden" else fault["msg"]
            named = f"{'.'.join(map(str, where))}: " if where else ""
            faults.append(str(problem_at(path, tuple(where), f"{named}{message.removeprefix('Value error, ')}")))
        raise UsageError("\n".join(faults)) from None  # pydantic's own message repeats what was written
