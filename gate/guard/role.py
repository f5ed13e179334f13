"""The roles of the service, and the actor that has some of them."""

from enum import StrEnum

import msgspec


class Role(StrEnum):
    """What somebody may do here. (Not the roles of a buyer: those are the law's, in `policy/roles.py`.)"""

    REQUESTER = "requester"
    APPROVER = "approver"
    AUDITOR = "auditor"
    OPERATOR = "operator"


MAY = {
    Role.REQUESTER: "ask for decisions, see their own, keep SBOMs, request waivers",
    Role.APPROVER: "see all decisions, say what was bought, approve, reject and revoke waivers",
    Role.AUDITOR: "see all decisions, replay them, and judge as of a past date",
    Role.OPERATOR: "read the metrics and reload the law",
}
"""Role -> what it may do."""

READERS = (Role.REQUESTER, Role.APPROVER, Role.AUDITOR)
"""Who may look something up; a requester sees of decisions the own ones."""

SEES_ALL = (Role.APPROVER, Role.AUDITOR)
"""Who may look up what others asked."""


class Actor(msgspec.Struct, frozen=True):
    """Somebody who asks."""

    id: str  # `key:ID`, `oidc:ISSUER#SUBJECT`, `hook:NAME`, or anonymous where nothing is guarded
    roles: frozenset[Role]
    kind: str  # key, token, hook or open

    def may(self, *roles: Role) -> bool:
        """Whether one of the roles is theirs."""
        return not self.roles.isdisjoint(roles)


OPEN = Actor("anonymous", frozenset(Role), "open")
"""Everybody, on a server without a guard: it listens on a loopback address only."""
