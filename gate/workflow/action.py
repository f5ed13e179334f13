"""What a decision means to a system that asked: no objection, approve, hold or reject, with the reasons in words."""

import msgspec

from gate.terminal import plain

ACTIONS = ("no-objection", "approve", "hold", "reject")
"""What a system is told. To approve on a person's behalf takes an operator who says so; no objection is a comment."""

LONGEST = 1900
"""Letters of a text, so that it fits where systems keep a reason."""

MOST = 5
"""Reasons that a text spells out."""


class Cited(msgspec.Struct):
    """Where the law stands."""

    text: str


class Why(msgspec.Struct):
    """A reason of a decision, as far as it is told."""

    code: str
    effect: str
    message: str
    citation: list[Cited] = []
    remedy: str | None = None


class Told(msgspec.Struct):
    """A decision as it is stored (`gate.record.wire`), as far as it is told."""

    id: str
    decision: str
    review: bool
    reasons: list[Why]


class Answer(msgspec.Struct, frozen=True):
    """What a system is told."""

    action: str  # of ACTIONS
    text: str
    decision: str  # its id


HEADS = {
    "no-objection": "No objection",
    "approve": "Approved",
    "hold": "On hold: a person has to look at it",
    "reject": "Rejected: the law forbids it",
}
TOLD = {"no-objection": ("warn",), "approve": ("warn",), "hold": ("review",), "reject": ("deny",)}
"""Action -> the effects of the reasons that are told."""


def answer_to(body: bytes, on_allow: str) -> Answer:
    """The answer that a stored decision gives. `on_allow` is what an allow means there."""
    told = msgspec.json.decode(body, type=Told)
    action = _action(told, on_allow)
    reasons = [reason for reason in told.reasons if reason.effect in TOLD[action]]
    lines = [f"{HEADS[action]} (procurement gate, decision {told.id})."]
    lines += [_line(reason) for reason in reasons[:MOST]]
    if len(reasons) > MOST:
        lines.append(f"And {len(reasons) - MOST} more.")
    return Answer(action, _fitting("\n".join(lines)), told.id)


def _action(told: Told, on_allow: str) -> str:
    # What needs a review is held even where a profile lets it pass meanwhile: nobody has looked yet.
    if told.review:
        return "hold"
    if told.decision == "allow":
        return on_allow
    return "reject"


def _line(reason: Why) -> str:
    cited = "; ".join(one.text for one in reason.citation)
    remedy = f" {reason.remedy}" if reason.remedy else ""
    return plain(f"- {reason.message} [{reason.code}{', ' if cited else ''}{cited}].{remedy}")


def _fitting(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
