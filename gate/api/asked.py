"""The parameters of a question -> what `check` is asked. An unknown word is refused: it never falls to a default."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from gate import chosen
from gate.api.problem import Problem
from gate.asking import Asking, Waiver
from gate.guard.role import Actor, Role
from gate.law import Law
from gate.settings import ACTS, CLOSED, ROLES
from policy.dates import Moment


class Asked(msgspec.Struct, frozen=True):
    """Who buys, what is done, and when: as the flags of `gate check`."""

    name: str | None = None  # what an SBOM is called in the decision
    profile: str | None = None
    role: tuple[str, ...] = ()
    act: tuple[str, ...] = ()
    as_of: str | None = None
    known_at: str | None = None
    allow_past: bool = False
    on_review: str | None = None
    validate: bool = False
    store: bool = True  # False: only answer, as for a form that is still being filled in
    callback: str | None = None  # where the decision is sent, with `Prefer: respond-async`

    def moments(self) -> tuple[Moment | None, Moment | None]:
        """`as_of` and `known_at`. Raises Problem."""
        return moment(self.as_of), moment(self.known_at)


PLAIN = Asked()

_FLAGS = ("allow_past", "validate", "store")
_LISTS = ("role", "act")
_CLOSED = {"role": ROLES, "act": ACTS, "on_review": CLOSED["on_review"]}


def moment(text: str | None) -> Moment | None:
    """A parameter that is a day, or an instant with its offset. Raises Problem."""
    try:
        return None if text is None else chosen.moment(text)
    except ValueError as error:
        is_plus = text is not None and " " in text  # what a form's `+` means
        raise Problem("usage", f"{error}.", remedy="Write + as %2B in a URL." if is_plus else None) from None


def asked(query: bytes) -> Asked:
    """What the query string asks. Raises Problem for a parameter or a word that nobody knows."""
    if not query:
        return PLAIN
    found: dict[str, Any] = {}
    for name, value in parse_qsl(query.decode("latin-1"), keep_blank_values=True):
        if name not in Asked.__struct_fields__:
            raise _unknown("parameter", name, Asked.__struct_fields__)
        if name in _CLOSED and value not in _CLOSED[name]:
            raise _unknown(name, value, _CLOSED[name])
        if name in _LISTS:
            found[name] = (*found.get(name, ()), value)
        elif name in found:
            raise Problem("usage", f"The parameter {name!r} is given twice.")
        elif name in _FLAGS:
            if value not in ("true", "false"):
                raise Problem("usage", f"{name} is {value[:40]!r}.", remedy="Write true or false.")
            found[name] = value == "true"
        else:
            found[name] = value
    return Asked(**found)


def asking(asked: Asked, law: Law, actor: Actor, now: datetime, waivers: tuple[Waiver, ...] = ()) -> Asking:
    """What `check` is asked. Raises Problem where the actor may not, UsageError where nobody may."""
    as_of, known_at = asked.moments()
    if asked.allow_past and not actor.may(Role.AUDITOR):
        raise Problem("forbidden", "To judge as of a past date takes the role auditor.")
    if asked.on_review == "allow" and not actor.may(Role.APPROVER, Role.AUDITOR):
        raise Problem("forbidden", "To let pass what needs a review takes the role approver or auditor.")
    if asked.profile is not None and asked.profile not in law.profiles:
        raise _unknown("profile", asked.profile, sorted(law.profiles))
    return Asking(
        now=now,
        profile=None if asked.profile is None else law.profiles[asked.profile],
        roles=frozenset(asked.role),
        acts=asked.act,
        as_of=as_of,
        known_at=chosen.known_at(known_at, now, allow_past=asked.allow_past),
        allow_past=asked.allow_past,
        on_review=asked.on_review,
        waivers=waivers,
    )


def _unknown(what: str, word: str, known: Sequence[str]) -> Problem:
    return Problem("usage", f"There is no {what} {word[:40]!r}.", remedy=f"Known are {', '.join(known)}.")
