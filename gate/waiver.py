"""Which waiver lifts a clause: one that fits it, that its law permits, and that covers the whole act."""

from collections.abc import Iterable

import msgspec

from gate.law import Clause
from policy.dates import Interval, Span


class Grant(msgspec.Struct, frozen=True):
    """A waiver that fits a component, before it is known whether its law permits it."""

    id: str
    prohibitions: tuple[str, ...]
    granted_by: str
    approver: str
    authority: str
    span: Span


class Refusal(msgspec.Struct, frozen=True):
    """A grant that waives nothing, and why."""

    grant: Grant
    why: str


def waived(grants: Iterable[Grant], clause: Clause, when: Interval) -> tuple[Grant | None, Refusal | None]:
    """The grant that waives this clause for all of the act; else the first that fails to, and why."""
    refusal = None
    for grant in grants:
        if clause.instrument not in grant.prohibitions and clause.code not in grant.prohibitions:
            continue
        why = _why_refused(grant, clause, when)
        if why is None:
            return grant, None
        refusal = refusal or Refusal(grant, why)
    return None, refusal


def _why_refused(grant: Grant, clause: Clause, when: Interval) -> str | None:
    permissions = [p for p in clause.permissions if p.by == grant.granted_by]
    if not permissions:
        return f"its law lets no {grant.granted_by} waive it"
    runs = grant.span.within(clause.time_zone)
    if not any(Interval(None, permission.until).covers(runs) for permission in permissions):
        return "it runs longer than its law lets it"
    return None if runs.covers(when) else "it does not cover the whole time of the act"
