"""What changed since an earlier judgement: which reasons are new, which were there, which are gone.

A reason about a component is known by its fingerprint, which neither a version nor an order changes. It is new, too, if
it was milder before: what was only warned of and is denied now is news.

One document and one are compared whatever they are called. Of more, before or now, each is compared with what was
called as it is now: nothing that is new in one is hidden because it was in another.
"""

from collections import Counter, defaultdict
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
    earlier, later = {_steps(name) for name, _ in before}, {_steps(decision.subject.name) for decision in now}
    if len(earlier) == 1 == len(later):  # there is nothing to be confused with
        return [Since(every, told) for _ in now]
    meant = _called_alike(before, earlier, later)
    return [Since(meant.get(_steps(decision.subject.name), {}), told) for decision in now]


Steps = tuple[str, ...]
"""A document's path, part by part."""


def _steps(name: str) -> Steps:
    return PurePath(name).parts


def _called_alike(before: Sequence[Document], earlier: set[Steps], later: set[Steps]) -> dict[Steps, dict[str, Known]]:
    """Path now -> the reasons of the document whose path ends alike for most steps, if no other path of now ends as it
    does for as many. Of several such documents only what all of them have."""
    of_before, of_now = _ends(earlier), _ends(later)
    best = {path: _longest_end(path, of_before) for path in later}
    claims = Counter(best.values())
    by_path: defaultdict[Steps, list[Document]] = defaultdict(list)
    for document in before:
        by_path[_steps(document[0])].append(document)
    found: dict[Steps, dict[str, Known]] = {}
    for path, end in best.items():
        if not end or claims[end] > 1:
            continue
        meant = [_together(by_path[one]) for one in of_before[end] if _longest_end(one, of_now) == end]
        if meant:
            shared = set.intersection(*map(set, meant))
            found[path] = {key: max((one[key] for one in meant), key=_mildness) for key in shared}
    return found


def _ends(paths: Iterable[Steps]) -> defaultdict[Steps, set[Steps]]:
    """What paths end in -> those that do."""
    found: defaultdict[Steps, set[Steps]] = defaultdict(set)
    for path in paths:
        for at in range(len(path)):
            found[path[at:]].add(path)
    return found


def _longest_end(path: Steps, ends: dict[Steps, set[Steps]]) -> Steps:
    return next((path[at:] for at in range(len(path)) if path[at:] in ends), ())


def _mildness(known: Known) -> int:
    return GRAVITY[known.effect]


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
