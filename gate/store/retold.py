"""A stored decision as the record that the reports take: every report can be made of it years later."""

import types
from datetime import datetime
from typing import Any, Union, get_args, get_origin, get_type_hints

import msgspec

from gate.decision import Decision
from gate.digest import sha256
from gate.errors import UsageError
from gate.read.form import Request
from gate.record import Record
from gate.store.blobs import Blobs
from gate.store.decisions import Stored
from policy.dates import written

_AROUND = frozenset({"id", "evaluated_at", "engine", "digest"})
"""What the wire object has beside the decision."""


def retold(stored: Stored, blobs: Blobs) -> Record:
    """The record of a stored decision. Raises UsageError where what was kept is not all that a report shows."""
    body: dict[str, Any] = msgspec.json.decode(stored.body)
    try:
        decision: Decision = _made(Decision, {key: value for key, value in body.items() if key not in _AROUND})
        return Record(
            id=stored.id,
            decision=decision,
            evaluated_at=datetime.fromisoformat(body["evaluated_at"]),
            engine=body["engine"]["version"],
            digest=body["digest"],
            file=_name(stored, decision),
            attached=_attached(stored, blobs),
            inputs=stored.attached,
        )
    except (TypeError, ValueError, LookupError, msgspec.MsgspecError) as error:
        raise UsageError(
            f"Of decision {stored.id} not all is there, or as this version has it, that a report shows",
            remedy="Ask for application/json.",
        ) from error


def _name(stored: Stored, decision: Decision) -> str:
    """The document's name, if it is there and the decision is the one that was stored, to the byte."""
    digest = sha256(msgspec.json.encode(decision))
    if stored.name is None or (digest != stored.digest and not stored.erased):
        raise ValueError("it is not what was stored")
    return stored.name


def _attached(stored: Stored, blobs: Blobs) -> dict[str, str]:
    """Where a request's line names an SBOM -> its path. The request says it."""
    if not stored.attached:
        return {}
    data = blobs.data(stored.document)
    if data is None:
        raise ValueError("the request was erased")
    lines = msgspec.json.decode(data, type=Request).lines
    return {f"/lines/{number}/sbom": line.sbom.called for number, line in enumerate(lines) if line.sbom is not None}


def _made(kind: Any, said: Any) -> Any:
    """A value of some type from JSON. msgspec does not tell a day from an instant; `written` does."""
    if get_origin(kind) in (Union, types.UnionType):
        kinds = [one for one in get_args(kind) if one is not type(None)]
        if said is None and len(kinds) < len(get_args(kind)):
            return None
        if len(kinds) > 1:
            return written(said)
        [kind] = kinds
    if get_origin(kind) is tuple:
        return tuple(_made(get_args(kind)[0], one) for one in said)
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        hints = get_type_hints(kind)
        if unknown := said.keys() - hints.keys():
            raise TypeError(f"{kind.__name__} has no {min(unknown)}")
        return kind(**{name: _made(hints[name], value) for name, value in said.items()})
    return msgspec.convert(said, kind)
