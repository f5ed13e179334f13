"""Waivers of the service: asked for by one person, granted by another, and each step an entry of the chain."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec

from gate.asking import Waiver
from gate.law import Law
from gate.store.entry import Who

if TYPE_CHECKING:
    from gate.store.engine import Database

STATES = ("requested", "granted", "rejected", "revoked")


class Waived(msgspec.Struct, frozen=True):
    """A waiver as the service keeps it."""

    id: str
    state: str  # of STATES
    body: dict[str, Any]  # the fields of policy.model.Waiver but `id` and `approver`
    requester: str
    approver: str | None  # who granted or rejected it
    ends: datetime  # the first instant after it, in UTC (a day: its first instant in UTC)
    changed_at: datetime
    reason: str | None = None  # why it was rejected or revoked


class Waivers:
    """The waivers of a store. Methods that change one raise UsageError with what is not allowed, and why."""

    def __init__(self, database: "Database") -> None:
        self._database = database

    def request(self, body: dict[str, Any], law: Law, who: Who, at: datetime) -> Waived:
        """Ask for a waiver: the fields of a waiver file but `approver` (`id` may be left out). Raises UsageError."""
        raise NotImplementedError

    def approve(self, id: str, law: Law, who: Who, at: datetime) -> Waived:  # noqa: A002
        """Grant it. The approver is not the requester."""
        raise NotImplementedError

    def reject(self, id: str, reason: str, who: Who, at: datetime) -> Waived:  # noqa: A002
        """Refuse it."""
        raise NotImplementedError

    def revoke(self, id: str, reason: str, who: Who, at: datetime) -> Waived:  # noqa: A002
        """Take it back, granted or not. From then on it waives nothing."""
        raise NotImplementedError

    def one(self, id: str) -> Waived | None:  # noqa: A002
        """The waiver of that id."""
        raise NotImplementedError

    def all(self, *, state: str | None = None, ends_before: datetime | None = None) -> list[Waived]:
        """Waivers, those first that end first; `ends_before` with state "granted" lists the expiring ones."""
        raise NotImplementedError

    def in_force(self, law: Law) -> tuple[Waiver, ...]:
        """The granted ones for `check`, kept in memory until `store.revision` moves; check sees which have ended."""
        raise NotImplementedError

    def counted(self) -> dict[str, int]:
        """State -> how many."""
        raise NotImplementedError
