"""What changed since an earlier judgement: which reasons are new, which were there, which are gone.

A reason about a component is known by its fingerprint, which neither a version nor an order changes. It is new, too, if
it was milder before: what was only warned of and is denied now is news.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from gate.decision import GRAVITY, ComponentNamed, Decision, Reason
from gate.errors import ReadError

BLOCKING = ("deny", "review")
"""Effects that make a decision deny."""


class Known(msgspec.Struct, frozen=True):
    """A reason of an earlier decision, about one component."""

    code: str
    effect: str
    name: str


class Since(msgspec.Struct, frozen=True):
    """A decision compared with an earlier one."""

    before: dict[str, Known]
    gone: tuple[Known, ...]

    def is_new(self, reason: Reason, component: ComponentNamed | None) -> bool:
        """Whether the earlier judgement said nothing as grave."""
        known = self.before.get(_key(reason, component))
        return known is None or GRAVITY[known.effect] > GRAVITY[reason.effect]

    def mark(self, reason: Reason, component: ComponentNamed | None) -> str:
        """`new` or `unchanged`."""
        return "new" if self.is_new(reason, component) else "unchanged"


def known_in(bodies: Iterable[Mapping[str, Any]], name: str) -> dict[str, Known]:
    """The reasons of earlier decisions, as the report `json` writes them. Raises ReadError for anything else."""
    found: dict[str, Known] = {}
    try:
        for body in bodies:
            for reason in body["reasons"]:
                for component in reason["components"] or [{}]:
                    key = component.get("fingerprint") or _plain(reason["code"], reason["act"])
                    known = Known(reason["code"], reason["effect"], component.get("name") or "")
                    if key not in found or GRAVITY[known.effect] < GRAVITY[found[key].effect]:
                        found[key] = known
    except (KeyError, TypeError, AttributeError) as error:
        raise ReadError(
            "The baseline is no decision of the gate",
            file=name,
            remedy="Give an SBOM, or what an earlier run wrote with --format json=PATH.",
        ) from error
    return found


def since(decision: Decision, before: dict[str, Known]) -> Since:
    """The decision compared with what was known before. What is gone was grave enough to be told."""
    now = {_key(r, c) for r in decision.reasons for c in r.components or (None,)}
    gone = [known for key, known in before.items() if key not in now and known.effect in BLOCKING]
    return Since(before, tuple(sorted(gone, key=lambda known: (known.code, known.name))))


def outcome_of_new(decision: Decision, compared: Since) -> str:
    """What the decision would be for its new reasons alone: allow, review or deny."""
    effects = {
        reason.effect
        for reason in decision.reasons
        for component in reason.components or (None,)
        if compared.is_new(reason, component)
    }
    if "deny" in effects:
        return "deny"
    return "review" if "review" in effects and decision.decision == "deny" else "allow"


def _key(reason: Reason, component: ComponentNamed | None) -> str:
    return (component.fingerprint if component else "") or _plain(reason.code, reason.act)


def _plain(code: str, act: str | None) -> str:
    return f"{code}\n{act or ''}"
