"""Which waiver lifts a clause: one that fits it, that its law permits, and that covers the whole act."""

from collections.abc import Iterable

import msgspec

from gate.law import Clause, Permission
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
    permissions = _permissions(grant, clause)
    if not permissions:
        return f"its law lets no {grant.granted_by} waive it"
    if not is_permitted(grant, clause):
        return "it runs longer than its law lets it"
    runs = grant.span.within(clause.time_zone)
    return None if runs.covers(when) else "it does not cover the whole time of the act"


def is_permitted(grant: Grant, clause: Clause) -> bool:
    """Whether the clause's law lets whoever granted it waive the clause for so long."""
    runs = grant.span.within(clause.time_zone)
    return any(Interval(None, permission.until).covers(runs) for permission in _permissions(grant, clause))


def _permissions(grant: Grant, clause: Clause) -> list[Permission]:
    return [permission for permission in clause.permissions if permission.by == grant.granted_by]
