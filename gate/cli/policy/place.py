"""Where something is, as somebody who works in the current folder writes it."""

from pathlib import Path

from policy.load import Problem


def relative(file: str) -> str:
    """The name of a file from the current folder, if it is below it."""
    path = Path(file)
    return path.relative_to(Path.cwd()).as_posix() if path.is_relative_to(Path.cwd()) else file


def shown(problem: Problem) -> Problem:
    """The problem with its file named from the current folder."""
    return problem.model_copy(update={"file": relative(problem.file)})
