"""States as the chain tells them, to be compared with the tables that are read: waivers, API keys, purchases."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, select

from gate.store import keys, tables, waivers


class Told:
    """What the entries of the chain, one after another, say of states; the last word counts."""

    def __init__(self) -> None:
        self.erased: set[int] = set()  # entries whose personal fields were erased
        self.inputs: set[str] = set()  # digests of inputs that were erased
        self._waivers: dict[str, dict[str, Any]] = {}
        self._keys: dict[str, dict[str, Any]] = {}
        self._purchases: dict[str, dict[str, Any]] = {}
        self._requesters: dict[str, str] = {}

    def add(self, record: dict[str, Any], fields: dict[str, str]) -> None:
        """Hear one record, and its personal fields as far as they are there."""
        kind, said = record["kind"], record.get("body", {})
        if kind in ("erasure", "retention"):
            self.erased.update(said["entries"])
            self.inputs.update(said["inputs"])
        states = {"waiver": self._waivers, "key": self._keys, "approval": self._purchases}.get(kind)
        if states is not None:
            states[said["id"]] = said
        if kind == "waiver" and said["state"] == "requested" and "actor" in fields:
            self._requesters[said["id"]] = fields["actor"]

    def differences(self, connection: Connection) -> Iterator[str]:
        """Where a table says something else than the chain."""
        found = {row.id: waivers.noted(waivers.waived(row)) for row in connection.execute(select(tables.waivers))}
        yield from _compared("waiver", found, self._waivers)
        for row in connection.execute(select(tables.waivers)):
            if self._requesters.get(row.id, row.requester) != row.requester:
                yield f"waiver {row.id} was not asked for by {row.requester}"
        found = {
            row.id: keys.noted(keys.key(row), row.secret_hash) for row in connection.execute(select(tables.api_keys))
        }
        yield from _compared("API key", found, self._keys)
        found = {
            row.id: {
                "id": row.id,
                "state": "watched" if row.closed_at is None else "closed",
                "ends": tables.as_said(row.ends),
            }
            for row in connection.execute(select(tables.purchases))
        }
        yield from _compared("purchase", found, self._purchases)


def _compared(what: str, found: dict[str, dict[str, Any]], told: dict[str, dict[str, Any]]) -> Iterator[str]:
    for name in sorted({*found, *told}):
        if found.get(name) != told.get(name):
            yield f"{what} {name} is not as the chain says it is"
