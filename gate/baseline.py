"""What changed since an earlier judgement: which reasons are new, which were there, which are gone.

A reason about a component is known by its fingerprint, which neither a version nor an order changes. It is new, too, if
it was milder before: what was only warned of and is denied now is news.

Of several documents each is compared with what was called as it is now: nothing that is new in one is hidden because it
was in another.
"""

from collections.abc import Iterable, Sequence
from pathlib import PurePath
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


Document = tuple[str, dict[str, Known]]
"""What an earlier document was called, and its reasons."""


class _ComponentTold(msgspec.Struct):
    fingerprint: str = ""
    name: str | None = None


class _ReasonTold(msgspec.Struct):
    code: str
    effect: Literal["deny", "review", "warn", "note"]
    act: str | None = None
    components: list[_ComponentTold] = []


class _SubjectTold(msgspec.Struct, frozen=True):
    name: str = ""


class _Told(msgspec.Struct):
    """What is read of an earlier decision."""

    schema: Literal[1]
    reasons: list[_ReasonTold]
    subject: _SubjectTold = _SubjectTold()


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


def known_in(bodies: Iterable[object], name: str) -> list[Document]:
    """The documents of earlier decisions, as the report `json` writes them, and their reasons.

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
    return [(decision.subject.name, _known(decision)) for decision in decisions]


def _known(decision: _Told) -> dict[str, Known]:
    found: dict[str, Known] = {}
    for reason in decision.reasons:
        for component in reason.components or [_ComponentTold()]:
            key = component.fingerprint or _plain(reason.code, reason.act)
            _add(found, key, Known(reason.code, reason.effect, component.name or ""))
    return found


def _add(found: dict[str, Known], key: str, known: Known) -> None:
    """Of several words on one thing the gravest counts."""
    if key not in found or GRAVITY[known.effect] < GRAVITY[found[key].effect]:
        found[key] = known


def _together(documents: Iterable[Document]) -> dict[str, Known]:
    found: dict[str, Known] = {}
    for _, reasons in documents:
        for key, known in reasons.items():
            _add(found, key, known)
    return found


def since(before: Sequence[Document], now: Sequence[Decision]) -> list[Since]:
    """What each decision of a run adds to what was known before. What is gone, none of them has any more; it was grave
    enough to be told."""
    keys = {_key(r, c) for decision in now for r in decision.reasons for c in r.components or (None,)}
    every = _together(before)
    gone = {known for key, known in every.items() if key not in keys and known.effect in BLOCKING}  # once for all acts
    told = tuple(sorted(gone, key=lambda known: (known.code, known.name, known.effect)))
    names = {name for name, _ in before}
    if len(names) < 2 or len(now) < 2:  # there is nothing to be confused with
        return [Since(every, told) for _ in now]
    by_name = {name: _together(one for one in before if one[0] == name) for name in names}
    return [Since(_called_alike(decision.subject.name, by_name), told) for decision in now]


def _called_alike(name: str, documents: dict[str, dict[str, Known]]) -> dict[str, Known]:
    """The reasons of the document whose path ends alike for most steps. Of several only what all of them have."""
    alike = {earlier: _steps_alike(name, earlier) for earlier in documents}
    most = max(alike.values())
    meant = [documents[earlier] for earlier, steps in alike.items() if steps == most and steps]
    return (
        {key: max((one[key] for one in meant), key=_mildness) for key in set.intersection(*map(set, meant))}
        if meant
        else {}
    )


def _mildness(known: Known) -> int:
    return GRAVITY[known.effect]


def _steps_alike(one: str, other: str) -> int:
    steps = 0
    for a, b in zip(reversed(PurePath(one).parts), reversed(PurePath(other).parts), strict=False):
        if a != b:
            break
        steps += 1
    return steps


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
