"""The problems as SARIF 2.1.0 (OASIS), which code review tools show beside the lines."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import PurePath
from urllib.parse import quote

from gate.version import VERSION
from policy.lint import RULES, WARNINGS
from policy.load import Problem

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def render(problems: Sequence[Problem]) -> bytes:
    """One run, with every rule there is."""
    run = {
        "tool": {"driver": {"name": "gate policy lint", "version": VERSION, "rules": [_rule(code) for code in RULES]}},
        "columnKind": "unicodeCodePoints",
        "results": [_result(problem) for problem in problems],
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False).encode()


def _rule(code: str) -> dict[str, object]:
    return {
        "id": code,
        "shortDescription": {"text": RULES[code]},
        "defaultConfiguration": {"level": _level(code)},
    }


def _level(code: str) -> str:
    return "warning" if code in WARNINGS else "error"


def _result(problem: Problem) -> dict[str, object]:
    place: dict[str, object] = {"artifactLocation": {"uri": _uri(problem.file)}}
    if problem.line is not None:
        place["region"] = {"startLine": problem.line}
    # Without the line: what stands above may grow, and the problem is still the same.
    seed = "\n".join((problem.rule, problem.file, problem.message))
    return {
        "ruleId": problem.rule,
        "ruleIndex": list(RULES).index(problem.rule),
        "level": _level(problem.rule),
        "message": {"text": problem.message},
        "locations": [{"physicalLocation": place}],
        "partialFingerprints": {"problem/v1": hashlib.sha256(seed.encode()).hexdigest()[:32]},
    }


def _uri(file: str) -> str:
    path = PurePath(file)
    return path.as_uri() if path.is_absolute() else quote(path.as_posix())
