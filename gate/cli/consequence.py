"""What a change of the law does to one document, in lines for a terminal."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gate.consequence import Consequence
    from policy.dates import Moment


def told(one: "Consequence", today: str, day: Callable[["Moment", str | None], str]) -> Iterator[str]:
    """The outcomes as of `today`, each turn with its `day` (of a moment in a zone), and reasons that come and go."""
    if one.before != one.after:
        yield f"  {today}: {one.after} instead of {one.before}"
    for turn in one.turns:
        since = "at first" if turn.starts is None else f"from {day(turn.starts, turn.zone)} on"
        instead = "as before" if turn.before == turn.after else f"instead of {turn.before}"
        yield f"  {since}: {turn.after} {instead}"
    yield from (f"  gains {reason}" for reason in one.added)
    yield from (f"  loses {reason}" for reason in one.dropped)
