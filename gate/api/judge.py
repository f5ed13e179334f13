"""One document, judged: read, checked, recorded and written down. The same functions as the command line calls."""

from collections.abc import Callable, Sequence
from datetime import datetime

import msgspec

from gate.api.asked import Asked, asking
from gate.api.body import Part
from gate.api.edition import Edition
from gate.api.problem import Problem
from gate.asking import Asking, Waiver, demand_acts_said_once
from gate.check import check
from gate.digest import sha256
from gate.errors import ReadError
from gate.guard.role import Actor
from gate.read import read, read_sbom
from gate.read.bom import Found
from gate.read.locate import Source
from gate.record import Record, record, written

UNNAMED = "body"
"""What a document without a file name is called in messages and decisions."""

FindBlob = Callable[[str], bytes | None]
"""Digest -> the document that was kept under it before."""


Documents = list[tuple[Part, tuple[Part, ...]]]
"""What is judged of a body, and what each document may name."""


class Judged(msgspec.Struct, frozen=True):
    """A decision, and all it was made from."""

    record: Record
    body: bytes  # the record as JSON, the very bytes that are answered and stored
    part: Part
    attached: dict[str, bytes]  # path, as the request's line says it -> bytes
    asking: Asking
    edition: Edition


class Matter(msgspec.Struct, frozen=True):
    """What is to be judged, by which law, for whom, when."""

    part: Part
    asked: Asked
    actor: Actor
    edition: Edition
    now: datetime
    limit_components: int
    waivers: tuple[Waiver, ...] = ()
    beside: tuple[Part, ...] = ()  # documents of the same body that the request may name
    kept: FindBlob | None = None
    keep_going: Callable[[], object] | None = None  # raises when the time is up


def judge(matter: Matter) -> Judged:
    """Decide. Raises GateError and Problem; whatever is not a decision is no verdict."""
    part, law = matter.part, matter.edition.law
    name = part.name or matter.asked.name or UNNAMED
    question = asking(matter.asked, law, matter.actor, matter.now, matter.waivers)
    texts: dict[str, bytes] = {}
    used: list[Part] = []

    def attach(path: str, digest: str | None) -> Found:
        text = _attachment(matter, path, digest, used)
        if texts.setdefault(path, text) != text:
            remedy = "Give each a path of its own, or leave the path out."
            raise ReadError(f"Two SBOMs are called {path[:80]!r}", remedy=remedy)
        return read_sbom(text, path, validate=matter.asked.validate)

    subject = read(part.data, name, now=matter.now, attach=attach, validate=matter.asked.validate)
    _refuse_unused(matter, used)
    if len(subject.components) > matter.limit_components:
        raise Problem(
            "too-large",
            f"The document has more than {matter.limit_components} components.",
            limit=matter.limit_components,
            remedy="Judge its parts one by one.",
        )
    demand_acts_said_once(subject, question, name)
    decision = check(subject, law, question, matter.edition.sieve, matter.keep_going)
    source = Source(part.data, {pointer: texts[path] for pointer, path in subject.attached.items()})
    inputs = {path: sha256(text) for path, text in texts.items()}
    one = record(decision, source, matter.now, name, subject.attached, inputs)
    return Judged(one, written(one), part, texts, question, matter.edition)


def _attachment(matter: Matter, path: str, digest: str | None, used: list[Part]) -> bytes:
    for part in matter.beside:
        if digest == sha256(part.data) if digest is not None else part.name == path:
            used.append(part)
            return part.data
    if digest is not None and any(part.name == path for part in matter.beside):
        raise ReadError(f"{path[:80]!r} is not the document the request means: its digest differs")
    found = matter.kept(digest) if digest is not None and matter.kept is not None else None
    if found is None:
        raise ReadError(
            f"It attaches {path[:80]!r}, which nobody has sent",
            remedy="Send it as another part of a multipart body, or PUT it to /v1/sboms and name its digest.",
        )
    return found


def _refuse_unused(matter: Matter, used: Sequence[Part]) -> None:
    """An SBOM that came along and was not judged would look as if it had been."""
    for part in matter.beside:
        if part not in used:
            raise ReadError(
                "No line of the request names this SBOM", file=part.name, remedy="Name it in a line's sbom."
            )


def apart(parts: Sequence[Part]) -> Documents:
    """Which documents of a body are judged: a request with its SBOMs, else every SBOM by itself. Raises Problem."""
    from gate.read import recognise

    if len(parts) == 1:
        return [(parts[0], ())]
    requests = [part for part in parts if recognise(part.data, part.name or UNNAMED) == "request"]
    if not requests:
        return [(part, ()) for part in parts]
    beside = tuple(part for part in parts if part not in requests)
    if len(requests) > 1:
        raise Problem("usage", "The body holds several purchase requests.", remedy="Send one request at a time.")
    return [(requests[0], beside)]
