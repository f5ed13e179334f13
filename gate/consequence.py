"""Which decision changes between two editions of the law, from when, and by which clauses."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from gate.asking import Asking
from gate.check import check
from gate.decision import Decision
from gate.law import Clause, Law
from gate.screen import Sieve
from gate.subject import Subject
from gate.timeline import decided_at
from policy.dates import Moment, in_sequence, is_before, legal_day
from policy.vocabulary import Effect


class Side(msgspec.Struct, frozen=True):
    """One of the two editions, and how it is asked."""

    law: Law
    asking: Asking
    sieve: Sieve


class Turn(msgspec.Struct, frozen=True):
    """From `starts` on (None: always), until the next turn, the old law decides `before` and the new one `after`."""

    starts: Moment | None
    before: str
    after: str
    zone: str | None = None  # of the clause that turns there, if `starts` is an instant


class Consequence(msgspec.Struct, frozen=True):
    """What another edition of the law does to one document."""

    file: str
    as_of: Moment
    before: str  # the outcome as of then by the old law
    after: str
    turns: tuple[Turn, ...]  # only where the two differ, and where they agree again
    added: tuple[str, ...]  # reasons that only the new law gives, as "effect code"
    dropped: tuple[str, ...]


def consequence(file: str, subject: Subject, old: Side, new: Side) -> Consequence | None:
    """What changes for the subject in a file; None if neither the decision on any day nor a reason today does."""
    before, after = (check(subject, side.law, side.asking, side.sieve) for side in (old, new))
    named = {reason.code for decision in (before, after) for reason in decision.reasons}
    clauses = [clause for law in (old.law, new.law) for clause in law.clauses if clause.code in named]
    turns = tuple(_placed(turn, clauses) for turn in _turns(before, after))
    said, says = _reasons(before), _reasons(after)
    if said == says and not turns and before.outcome == after.outcome:
        return None
    return Consequence(
        file=file,
        as_of=before.as_of,
        before=before.outcome,
        after=after.outcome,
        turns=turns,
        added=tuple(sorted(says - said)),
        dropped=tuple(sorted(said - says)),
    )


def _reasons(decision: Decision) -> set[str]:
    """The reasons that could make a difference: a note does not."""
    return {f"{reason.effect} {reason.code}" for reason in decision.reasons if reason.effect != Effect.NOTE}


def _placed(turn: Turn, clauses: Sequence[Clause]) -> Turn:
    """The turn with the time zone whose legal day begins then: of a clause that starts or ends there, else of any."""
    if not isinstance(turn.starts, datetime):
        return turn
    at: datetime = turn.starts
    own = [clause.time_zone for clause in clauses if at in (clause.interval.starts, clause.interval.ends)]
    begun = [
        clause.time_zone for clause in clauses if not is_before(legal_day(at, clause.time_zone), at, clause.time_zone)
    ]
    return msgspec.structs.replace(turn, zone=next(iter([*own, *begun]), None))


def _turns(before: Decision, after: Decision) -> list[Turn]:
    starts = {period.starts for decision in (before, after) for period in decision.timeline}
    turns = [
        Turn(at, decided_at(before.timeline, at), decided_at(after.timeline, at))
        for at in (None, *in_sequence(at for at in starts if at is not None))
    ]
    kept: list[Turn] = []
    last = Turn(None, "", "")
    for turn in turns:
        differ = turn.before != turn.after or last.before != last.after
        if differ and (turn.before, turn.after) != (last.before, last.after):
            kept.append(turn)
            last = turn
    return kept
