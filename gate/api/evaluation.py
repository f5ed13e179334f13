"""An access request of AuthZEN -> a document the gate judges: who buys, what is done, what is bought.

| AuthZEN | the gate |
| --- | --- |
| `subject.id`, `subject.properties.roles` | the buyer's name and roles |
| `action.name` | an act of the law (acquire, use, install, ...), or `judge`: what the document itself says |
| `resource.type` `purchase-request` | `resource.properties` is the request |
| `resource.type` `product` | `resource.properties` is a line of a request, the id its product unless it names one |
| `resource.type` `sbom` | `resource.properties.document` is the SBOM, or `resource.id` the digest of one that is kept |
| `context.time`, `.profile`, `.known_at`, `.allow_past` | as the parameters; `time` is when it is done |
"""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

import msgspec

from gate import chosen
from gate.api.asked import Asked
from gate.api.body import Part
from gate.api.problem import Problem
from gate.errors import ReadError, UsageError
from gate.names import normalise
from gate.read import is_sbom
from gate.settings import ACTS

Json = dict[str, Any]

AS_SAID = "judge"
"""The action that leaves the acts to the document or the profile."""

TYPES = ("purchase-request", "product", "sbom")


SKEW = timedelta(minutes=5)
"""How far another clock may be from ours: enforcement points send the time, and mean now."""


class Entity(msgspec.Struct):
    """A subject or a resource (AuthZEN 1.0, section 5). What it has besides is ignored, as the specification asks."""

    type: str
    id: str
    properties: Json = {}


class Action(msgspec.Struct):
    """What is done."""

    name: str
    properties: Json = {}


class Context(msgspec.Struct):
    """The circumstances the gate knows."""

    time: str | None = None
    profile: str | None = None
    known_at: str | None = None
    allow_past: bool = False


class Access(msgspec.Struct):
    """An access evaluation request (section 6.1)."""

    subject: Entity
    action: Action
    resource: Entity
    context: Context = msgspec.field(default_factory=Context)


def document(access: Access, now: datetime, kept: Callable[[str], bytes | None]) -> tuple[Part, Asked]:
    """What is judged, and how it is asked. Raises UsageError and ReadError for what the gate cannot judge."""
    act, context, resource = access.action.name, access.context, access.resource
    time = None if _is_now(context.time, now) else context.time
    if act != AS_SAID and act not in ACTS:
        known = ", ".join((AS_SAID, *ACTS))
        raise UsageError(f"There is no action {act[:40]!r}", remedy=f"Known are {known}.")
    asked = Asked(name=resource.id, profile=context.profile, known_at=context.known_at, allow_past=context.allow_past)
    if resource.type == "sbom":
        roles = tuple(_roles(access.subject))
        acts = () if act == AS_SAID else (act,)
        asked = msgspec.structs.replace(asked, role=roles, act=acts, as_of=time)
        return Part(_sbom(resource, kept), resource.id, "application/json"), asked
    if resource.type == "product":
        body = _of_product(access, time or now.isoformat())
    elif resource.type == "purchase-request":
        body = _of_request(access)
        asked = msgspec.structs.replace(asked, as_of=time)
    else:
        raise UsageError(f"There is no resource type {resource.type[:40]!r}", remedy=f"Known are {', '.join(TYPES)}.")
    return Part(msgspec.json.encode(body), resource.id, "application/json"), asked


def _is_now(said: str | None, now: datetime) -> bool:
    """Whether it is the present, as another clock has it: not a date that somebody chose."""
    try:
        found = None if said is None else chosen.moment(said)
    except ValueError:
        return False  # the engine refuses it, and says why
    return isinstance(found, datetime) and abs(found - now) <= SKEW


def _roles(subject: Entity) -> list[str]:
    found = subject.properties.get("roles", [])
    if not isinstance(found, list) or not all(isinstance(role, str) for role in found):
        raise UsageError("subject.properties.roles is no list of words")
    return found


def _sbom(resource: Entity, kept: Callable[[str], bytes | None]) -> bytes:
    said = resource.properties.get("document")
    if isinstance(said, dict):
        return msgspec.json.encode(said)
    if isinstance(said, str):
        return said.encode()
    data = kept(resource.id)
    if data is None or not is_sbom(data):  # requests are kept the same way, and are nobody else's to ask about
        raise ReadError("No SBOM is kept under that digest", remedy="PUT it to /v1/sboms, or send it as `document`.")
    return data


def _of_product(access: Access, ordered: str) -> Json:
    if access.action.name == AS_SAID:
        raise UsageError("A product does not say what is done with it", remedy="Name an act of the law as the action.")
    line = dict(access.resource.properties)
    said = line.get("product")
    if not said or (isinstance(said, str) and not normalise(said)):  # an empty one names nothing, and nor does "N/A"
        line["product"] = access.resource.id
    _refuse_other_acts(access, [line])
    return {
        "id": access.resource.id,
        "buyer": _buyer(access.subject),
        "ordered": ordered,
        "acts": [access.action.name],
        "lines": [line],
    }


def _of_request(access: Access) -> Json:
    """The request; what subject and action say is added, and never replaces what the request says."""
    body = {"id": access.resource.id, **access.resource.properties}
    if "buyer" in body:
        if access.subject.properties.get("roles"):
            raise UsageError("The request names its buyer, and the subject states roles", remedy="State them once.")
    else:
        body["buyer"] = _buyer(access.subject)
    if access.action.name != AS_SAID:
        lines = body.get("lines")
        _refuse_other_acts(access, [body, *(lines if isinstance(lines, list) else ())])
        body["acts"] = [access.action.name]
    return body


def _refuse_other_acts(access: Access, stating: Iterable[Any]) -> None:
    """The answer is about the action that was asked, and a request or a line that says others is judged by those."""
    act = access.action.name
    if any(isinstance(one, dict) and one.get("acts") not in (None, [], [act]) for one in stating):
        remedy = f"Leave acts out, or use the action {AS_SAID!r}."
        raise UsageError("The request says itself what is done", remedy=remedy)


def _buyer(subject: Entity) -> Json:
    return {"name": subject.id, "roles": _roles(subject)}


def access_of(given: object, defaults: Json | None = None) -> Access:
    """The request, with defaults for what it leaves out (section 7.1.1). Raises Problem where a required part lacks."""
    if not isinstance(given, dict):
        raise Problem("malformed", "An evaluation is no object.")
    whole = {**(defaults or {}), **given}
    try:
        return msgspec.convert(whole, Access)
    except msgspec.ValidationError as error:
        raise Problem("malformed", f"{str(error).replace('`', chr(39))}.") from None
