"""A line for each problem: file, line, message, rule."""

from collections.abc import Sequence

from gate.terminal import safe
from policy.load import Problem


def render(problems: Sequence[Problem]) -> bytes:
    """The problems, in the order they were found."""
    return "".join(f"{safe(str(problem))} [{problem.rule}]\n" for problem in problems).encode()
