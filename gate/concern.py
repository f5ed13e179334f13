"""What one clause says of one component, over all acts: what a build server shows once, however many acts are asked."""

from collections.abc import Iterator

import msgspec

from gate.baseline import Since
from gate.decision import GRAVITY, ComponentNamed, Decision, Reason
from gate.phrases import fingerprint, sentence

Part = tuple[Reason, ComponentNamed | None]
"""A reason, and the component as that reason names it."""


class Concern(msgspec.Struct, frozen=True):
    """A clause and a component, or a clause alone: the reasons about it, gravest first."""

    parts: tuple[Part, ...]

    @property
    def reason(self) -> Reason:
        """The gravest."""
        return self.parts[0][0]

    @property
    def component(self) -> ComponentNamed | None:
        """The component, with the words of the document on which any of the reasons rests."""
        component = self.parts[0][1]
        if component is None or len(self.parts) == 1:
            return component
        evidence = dict.fromkeys(piece for _, part in self.parts if part is not None for piece in part.evidence)
        return msgspec.structs.replace(component, evidence=tuple(evidence))

    @property
    def acts(self) -> list[str]:
        """The acts about which something as grave is said."""
        return sorted({r.act for r, _ in self.parts if r.act and r.effect == self.reason.effect})

    @property
    def said(self) -> str:
        """Each message once, gravest first, with the acts it is about; what lets an act pass only if nothing bars."""
        acts: dict[str, list[str]] = {}
        for reason, _ in self.parts:
            if reason.effect == self.reason.effect or reason.effect != "note":
                acts.setdefault(reason.message, []).extend([reason.act] if reason.act else [])
        told = [message + _listed(about) for message, about in acts.items()]
        return " ".join([*map(sentence, told[:-1]), told[-1]])

    @property
    def fingerprint(self) -> str:
        """Stays when a version, the order, or what is said of an act changes: it is that of the first act by name."""
        return fingerprint(*min(self.parts, key=_act_and_vendor))

    def mark(self, since: Since) -> str:
        """`new` if anything as grave was not said in the baseline, else `unchanged`."""
        gravest = [part for part in self.parts if part[0].effect == self.reason.effect]
        return "new" if any(since.is_new(*part) for part in gravest) else "unchanged"


def concerns(decision: Decision) -> Iterator[Concern]:
    """Every clause and component about which a decision has reasons, in the order of the reasons."""
    found: dict[tuple[str, str, str], list[Part]] = {}
    for reason in decision.reasons:
        for component in reason.components or (None,):
            place = (component.pointer, component.ref) if component else ("", "")
            found.setdefault((reason.code, *place), []).append((reason, component))
    for parts in found.values():
        yield Concern(tuple(sorted(parts, key=_gravity)) if len(parts) > 1 else tuple(parts))


def _gravity(part: Part) -> int:
    return GRAVITY[part[0].effect]


def _act_and_vendor(part: Part) -> tuple[str, str]:
    reason, _ = part
    return reason.act or "", (reason.vendor.id or "") if reason.vendor else ""


def _listed(acts: list[str]) -> str:
    return f" [{', '.join(dict.fromkeys(acts))}]" if acts else ""
