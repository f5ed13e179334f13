"""Where a problem is, as somebody who works in the current folder writes it."""

from pathlib import Path

from policy.load import Problem


def shown(problem: Problem) -> Problem:
    """The problem with its file named from the current folder, if it is below it."""
    path = Path(problem.file)
    if path.is_relative_to(Path.cwd()):
        return problem.model_copy(update={"file": path.relative_to(Path.cwd()).as_posix()})
    return problem
