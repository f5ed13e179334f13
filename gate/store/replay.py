"""A decision made again from what was stored: the same document, law and times give the same bytes."""

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec

from gate.asking import Asking
from gate.check import check
from gate.errors import Erased, ReadError, StoreError
from gate.law import Law
from gate.match import Matcher
from gate.read import read, read_sbom
from gate.read.bom import Found
from gate.read.locate import Source
from gate.record import record, wire
from gate.screen import Sieve
from gate.store import in_force
from gate.store.decisions import Stored
from gate.version import VERSION
from policy.dates import Moment, written

if TYPE_CHECKING:
    from gate.store.store import Store

MOST = 100
"""Differences that are shown."""


class Difference(msgspec.Struct, frozen=True):
    """Where the two decisions differ; what one of them lacks is None there."""

    pointer: str
    stored: object
    replayed: object


class Replay(msgspec.Struct, frozen=True):
    """What came of it."""

    id: str
    same: bool
    stored: bytes  # the wire object as it was answered
    replayed: bytes  # the wire object as it is made now, with the stored id, clock and engine
    law: str  # digest of the law by which both were made
    engine: str  # by which it was made now
    differences: tuple[Difference, ...] = ()


def replay(store: "Store", id: str) -> Replay:  # noqa: A002 - it is the decision's `id`
    """Decide again. Raises Unknown if there is no such decision, Erased if what it was made from was."""
    stored = store.decisions.named(id)
    if stored.erased or stored.name is None:
        raise Erased(f"Personal fields of decision {id} were erased", remedy="It can be verified, not made again.")
    law = store.laws.load(stored.law)
    asking = _asking(store, stored, law)
    document = _kept(store, stored.document)
    texts = {path: _kept(store, digest) for path, digest in stored.attached.items()}

    def attach(path: str, _: str | None) -> Found:
        if path not in texts:
            raise ReadError(f"{path[:80]!r} is not among the stored SBOMs")
        return read_sbom(texts[path], path)

    subject = read(document, stored.name, now=asking.now, attach=attach)
    source = Source(document, {pointer: texts[path] for pointer, path in subject.attached.items()})
    made = record(check(subject, law, asking, Sieve(Matcher(law.register))), source, stored.at)
    was = msgspec.json.decode(stored.body)
    made = msgspec.structs.replace(made, id=stored.id, engine=was["engine"]["version"])
    again = msgspec.json.encode(wire(made))
    differences = tuple(_differences(was, msgspec.json.decode(again), ""))[:MOST]
    return Replay(id, again == stored.body, stored.body, again, law.digest, VERSION, differences)


def _asking(store: "Store", stored: Stored, law: Law) -> Asking:
    kept = stored.asking
    known_at, now = _moment(kept["known_at"]), _moment(kept["now"])
    profile = None if kept["profile"] is None else law.profiles.get(kept["profile"])
    if not isinstance(now, datetime) or (known_at is not None and not isinstance(known_at, datetime)):
        raise StoreError(f"Decision {stored.id} does not say when it was made")
    if kept["profile"] is not None and profile is None:
        raise StoreError(f"Decision {stored.id} names profile {kept['profile']!r}, which its law does not have")
    given = in_force.InForce((), ())
    if kept["in_force"] is not None:
        given = in_force.decoded(_kept(store, kept["in_force"]))
    return Asking(
        now=now,
        profile=profile,
        roles=frozenset(kept["roles"]),
        acts=tuple(kept["acts"]),
        as_of=_moment(kept["as_of"]),
        known_at=known_at,
        allow_past=kept["allow_past"],
        on_review=kept["on_review"],
        waivers=given.waivers,
        findings=given.findings,
    )


def _moment(text: str | None) -> Moment | None:
    return None if text is None else written(text)


def _kept(store: "Store", digest: str) -> bytes:
    data = store.blobs.data(digest)
    if data is None:
        blob = store.blobs.one(digest)
        if blob is None or blob.erased_at is None:
            raise StoreError(f"An input of the decision is not stored: {digest}")
        what = f"An input of the decision was erased on {blob.erased_at:%Y-%m-%d}: {digest}"
        raise Erased(what, remedy="It can be verified, not made again.")
    return data


def _differences(stored: Any, replayed: Any, pointer: str) -> Iterator[Difference]:
    if type(stored) is type(replayed) and isinstance(stored, dict):
        for key in {**stored, **replayed}:
            yield from _differences(stored.get(key), replayed.get(key), f"{pointer}/{key}")
    elif type(stored) is type(replayed) and isinstance(stored, list):
        for number in range(max(len(stored), len(replayed))):
            was, now = (side[number] if number < len(side) else None for side in (stored, replayed))
            yield from _differences(was, now, f"{pointer}/{number}")
    elif stored != replayed:
        yield Difference(pointer, stored, replayed)
