"""What changed since an earlier judgement: which reasons are new, which were there, which are gone.

A reason about a component is known by its fingerprint, which neither a version nor an order changes. It is new, too, if
it was milder before: what was only warned of and is denied now is news.
"""

from collections.abc import Iterable, Mapping
from typing import Literal

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


class _ComponentTold(msgspec.Struct):
    fingerprint: str = ""
    name: str | None = None


class _ReasonTold(msgspec.Struct):
    code: str
    effect: Literal["deny", "review", "warn", "note"]
    act: str | None = None
    components: list[_ComponentTold] = []


class _Told(msgspec.Struct):
    """What is read of an earlier decision."""

    schema: Literal[1]
    reasons: list[_ReasonTold]


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


def known_in(bodies: Iterable[object], name: str, before: Mapping[str, Known] | None = None) -> dict[str, Known]:
    """The reasons of earlier decisions, as the report `json` writes them, added to what was known `before`.

    Raises ReadError for anything else.
    """
    try:
        decisions = msgspec.convert(list(bodies), list[_Told])
    except msgspec.ValidationError as error:
        raise ReadError(
            f"The baseline is no decision of this gate: {error}",
            file=name,
            remedy="Give an SBOM, or what an earlier run wrote with --format json=PATH.",
        ) from error
    found = dict(before or {})
    for reason in (reason for decision in decisions for reason in decision.reasons):
        for component in reason.components or [_ComponentTold()]:
            key = component.fingerprint or _plain(reason.code, reason.act)
            if key not in found or GRAVITY[reason.effect] < GRAVITY[found[key].effect]:
                found[key] = Known(reason.code, reason.effect, component.name or "")
    return found


def since(before: dict[str, Known], now: Iterable[Decision]) -> Since:
    """What was known before, compared with all decisions of a run. What is gone was grave enough to be told."""
    keys = {_key(r, c) for decision in now for r in decision.reasons for c in r.components or (None,)}
    gone = {known for key, known in before.items() if key not in keys and known.effect in BLOCKING}  # once for all acts
    return Since(before, tuple(sorted(gone, key=lambda known: (known.code, known.name, known.effect))))


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
