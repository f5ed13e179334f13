"""Stores for the tests: real decisions to put into them, on SQLite and on a real PostgreSQL."""

import copy
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any
from weakref import WeakKeyDictionary

import msgspec

from gate import load
from gate.asking import Asking
from gate.check import check
from gate.law import Law
from gate.match import Matcher
from gate.read import read, read_sbom
from gate.read.bom import Found
from gate.read.locate import Source
from gate.record import record, wire
from gate.screen import Sieve
from gate.store import Document, Entry, Store, Who, decided, open_store
from tests import postgres

NOW = datetime(2026, 11, 24, 9, 30, 0, 123456, tzinfo=UTC)
YEAR = timedelta(days=365)

REQUEST: dict[str, Any] = {
    "id": "PR-1",
    "buyer": {"name": "Ada Lovelace GmbH", "roles": ["us-person"]},
    "agreement": "new",
    "ordered": "2026-12-01",
    "lines": [
        {
            "id": "1",
            "product": "Endpoint Security",
            "manufacturer": {"name": "Kaspersky Lab, Inc.", "url": "mailto:sales@kaspersky.com"},
            "supplier": {"name": "Kaspersky Lab, Inc."},
        }
    ],
}
"""A purchase that is denied; its buyer and the address in it are personal."""

HARMLESS = {
    **REQUEST,
    "lines": [{"id": "1", "product": "Paper", "supplier": {"name": "Stationer Ltd"}, "manufacturer": {"name": "Mill"}}],
}
"""One that is allowed."""


def request(number: int = 1, body: dict[str, Any] = REQUEST, **changes: Any) -> bytes:
    """A request of that number."""
    return json.dumps({**copy.deepcopy(body), "id": f"PR-{number}", **changes}).encode()


class Judge:
    """Decides, and makes entries of what it decided."""

    def __init__(self, law: Law | None = None) -> None:
        self.law = law or load()
        self._sieve = Sieve(Matcher(self.law.register))
        self._references: WeakKeyDictionary[Store, str] = WeakKeyDictionary()  # (a new one may have an old one's `id`)

    def entry(
        self,
        store: Store,
        data: bytes,
        *,
        asking: Asking | None = None,
        who: Who | None = None,
        attached: dict[str, bytes] | None = None,
        revision: int | None = None,
    ) -> Entry:
        """A document, decided."""
        texts = attached or {}
        asking = asking or Asking(now=NOW, waivers=store.waivers.in_force(self.law, NOW))

        def attach(path: str, _: str | None) -> Found:
            return read_sbom(texts[path], path)

        subject = read(data, "request.json", now=asking.now, attach=attach)
        source = Source(data, {pointer: texts[path] for pointer, path in subject.attached.items()})
        made = record(check(subject, self.law, asking, self._sieve), source, asking.now)
        reference = self._references.get(store)
        if reference is None:
            reference = self._references[store] = store.laws.put(self.law, asking.now)
        document = Document(data, "request.json", "application/json", texts)
        self.last = msgspec.json.encode(wire(made))
        who = msgspec.structs.replace(who or Who("key:ada", "req-1"), revision=revision)
        return decided(made, document, asking, reference, who)

    def store(self, store: Store, data: bytes, **more: Any) -> str:
        """Decide and store; the decision's id."""
        return store.writer.append(self.entry(store, data, **more)).result(60).id


def fill(store: Store, judge: Judge) -> list[str]:
    """A store with some of everything; the ids of its decisions."""
    ids = [
        judge.store(
            store, request(n, REQUEST if n % 2 else HARMLESS), who=Who(f"key:{n % 3}", f"req-{n}", f"k{n}", "b")
        )
        for n in range(1, 9)
    ]
    boss, clerk = Who("oidc:https://id.example.com#boss"), Who("oidc:https://id.example.com#clerk")
    store.keys.create("ci", ["requester"], boss, NOW)
    gone, _ = store.keys.create("old", ["auditor"], boss, NOW, NOW + timedelta(days=9))
    store.keys.revoke(gone.id, boss, NOW)
    for number, step in enumerate(("grant", "reject", "leave")):
        asked = store.waivers.request(waiver(f"W-{number}"), judge.law, clerk, NOW)
        if step == "grant":
            store.waivers.approve(asked.id, judge.law, boss, NOW)
        elif step == "reject":
            store.waivers.reject(asked.id, "no need", boss, NOW)
    store.purchases.approve(ids[1], NOW + timedelta(days=300), clerk, NOW)
    ids.append(judge.store(store, request(9), who=Who("key:0", "req-9")))
    return ids


def waiver(name: str = "W-1") -> dict[str, Any]:
    """A waiver that its law permits, as somebody asks for it."""
    return {
        "id": name,
        "prohibitions": ["us-ndaa-fy2019-889-a1b"],
        "vendors": ["hikvision"],
        "granted_by": "agency-head",
        "authority": "Pub. L. 115-232 sec. 889(d)(1)",
        "reason": "The cameras are replaced next year.",
        "starts": "2022-01-15",
        "ends": "2022-08-13",
    }


@contextmanager
def url_of(kind: str, folder: Path) -> Iterator[str]:
    """The URL of an empty database."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'gate.db'}"
        return
    with postgres.database() as url:
        yield url


@contextmanager
def opened(url: str, **more: Any) -> Iterator[Store]:
    """The store at a URL, its tables made."""
    store = open_store(url, upgrade=True, **more)
    try:
        yield store
    finally:
        store.close()


@cache
def _template() -> Path:
    path = Path(mkdtemp(prefix="gate-store-")) / "gate.db"
    open_store(f"sqlite:///{path}", upgrade=True).close()
    return path


def empty_store(folder: Path) -> str:
    """The URL of a new store in a folder, in SQLite: a copy, for making tables takes longer than most tests."""
    path = folder / "gate.db"
    shutil.copy(_template(), path)
    return f"sqlite:///{path}"
