"""What has to be there beside an entry: the words by which it is looked up, and what a decision was made from."""

import re
from collections.abc import Iterable
from typing import Any

import msgspec
from sqlalchemy import Connection

from gate.store import in_force, tables
from gate.store.blobs import LAW
from gate.store.cells import lines
from gate.store.entry import index

_DIGEST = re.compile("sha256:[0-9a-f]{64}")

_TOGETHER = 500


class Needs(msgspec.Struct, frozen=True):
    """What one entry needs."""

    words: frozenset[tuple[str, str]]
    inputs: dict[str, str]  # digest -> media type


def needs_of(record: dict[str, Any]) -> Needs:
    """What a record needs. One that was changed may raise anything."""
    words = index(record).mentions
    if record["kind"] != "decision":
        return Needs(words, {})
    document = record["document"]
    inputs = {
        **dict.fromkeys(record["attached"].values(), "application/octet-stream"),
        document["digest"]: document["media_type"],
        record["law"]: LAW,
    }
    if record["asking"]["in_force"] is not None:
        inputs[record["asking"]["in_force"]] = in_force.MEDIA_TYPE
    return Needs(words, {str(name): str(kind) for name, kind in inputs.items()})


def stored(connection: Connection, names: Iterable[str]) -> dict[str, tuple[Any, Any]]:
    """Digest -> media type and time of storing, of those that are there."""
    digests, found = sorted(name for name in names if _DIGEST.fullmatch(name)), {}
    blobs = tables.blobs.c
    columns = (blobs.digest, blobs.media_type, blobs.stored_at)
    for some in (digests[n : n + _TOGETHER] for n in range(0, len(digests), _TOGETHER)):
        for line in lines(connection, columns, blobs.digest.in_(some)):
            found[line.digest] = (line.media_type, line.stored_at)
    return found
