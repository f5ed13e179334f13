"""The problems as JSON, schema 1."""

import json
from collections.abc import Sequence

from policy.load import Problem


def render(problems: Sequence[Problem]) -> bytes:
    """One object with all problems."""
    body = {"schema": 1, "problems": [problem.model_dump() for problem in problems]}
    return json.dumps(body, indent=2, ensure_ascii=False).encode() + b"\n"
