"""The service: the law, the store, and the one way from a body to stored decisions, whichever interface asks."""

import asyncio
import hashlib
import logging
import time
from collections.abc import Callable
from contextlib import nullcontext, suppress
from datetime import UTC, datetime
from functools import partial
from typing import TypeVar

import msgspec

from gate.api.asked import Asked
from gate.api.body import MULTIPART, media_type_of, parts
from gate.api.edition import Edition, Editions
from gate.api.exchange import Caller
from gate.api.inline import INLINE, SECONDS, NotQuick, is_quick
from gate.api.judge import Documents, Judged, Matter, apart, judge
from gate.api.keeping import Keeping
from gate.api.metrics import Metrics
from gate.api.pool import Pool
from gate.api.problem import Problem, changing, unanswered, unsettled
from gate.api.settings import Settings
from gate.api.siblings import Serving, Siblings
from gate.api.telemetry import is_on, span
from gate.asking import Waiver
from gate.errors import LawError
from gate.guard.guard import Guard
from gate.guard.role import Actor, Role
from gate.store import Delivery, Outdated, Store, Who

log = logging.getLogger("gate.service")

T = TypeVar("T")

MakeMessages = Callable[[Judged], tuple[Delivery, ...]]
"""A decision -> the messages that tell of it."""

THREADS = 2
"""Larger documents that one process judges at once."""

MOST_LARGE = 32
"""Larger documents that are judged or wait for it."""

WAITING = 4
"""Threads of one process that wait for the store."""

MOST_WAITING = 1024
"""Questions to the store: each takes a millisecond, so a queue of them is no sign that something is wrong."""

PATIENCE = 15.0
"""Seconds within which every process has looked at the law's files, or is said not to decide by the new law yet."""

TRIES = 5
"""How often a decision is made anew because a waiver or a key changed under it."""


class Ask(msgspec.Struct, frozen=True):
    """A body, and how it is to be judged for whom."""

    raw: bytes
    caller: Caller
    actor: Actor
    asked: Asked
    idempotency_key: str | None = None
    body_hash: str = ""
    is_single: bool = False  # it is asked for one decision, and several are refused before any is stored


class Outcome(msgspec.Struct, frozen=True):
    """A decision that is answered: what was judged just now, or what was stored before under the same key."""

    body: bytes
    judged: Judged | None
    again: bool = False


class Service:
    """What every route needs. One in each process."""

    def __init__(self, settings: Settings, editions: Editions, store: Store | None, metrics: Metrics) -> None:
        self.settings = settings
        self.editions = editions
        self.store = store
        self.metrics = metrics
        self.siblings = Siblings(settings.shared_folder)
        self.guard: Guard | None = None  # set by whoever puts the two together
        large, waits = "Many large documents are being judged.", "Much waits for the store."
        seconds = settings.limit_seconds
        self._judging = Pool(THREADS, "judge", MOST_LARGE, seconds, busy=large, late=self._too_slow)
        self._storing = Pool(WAITING, "store", MOST_WAITING, seconds, busy=waits, late=unanswered)
        self._keeping = None if store is None else Keeping(store, self._storing, seconds)

    async def decide(self, ask: Ask, told: MakeMessages | None = None) -> list[Outcome]:
        """The decisions on a body, one for each document in it, stored unless that is not wanted.

        `told` makes the messages that are sent if and only if the decision is stored. Raises Problem and GateError: no
        verdict then.
        """
        started, keeping, documents = time.perf_counter(), self._keeping, None
        if media_type_of(ask.caller.headers)[0] == MULTIPART:
            documents = await self.on_thread(lambda: apart(parts(ask.raw, ask.caller.headers, self.settings)))
            ask.caller.charge(len(documents) - 1)  # the request itself was counted as one
        for _ in range(TRIES):
            edition = self.editions.in_force()
            revision, waivers = await self._in_force(edition)
            if revision != ask.caller.revision:
                await self._readmit(ask.caller, revision)
            judged = await self._judged(ask, documents, edition, waivers)
            if ask.is_single and len(judged) > 1:
                raise Problem("usage", "Only one decision comes later.", remedy="Send one document at a time.")
            if keeping is None or not ask.asked.store:
                kept = [Outcome(one.body, one) for one in judged]
                break
            if ask.idempotency_key is not None and len(judged) > 1:
                raise Problem("usage", "An idempotency key is for one decision.", remedy="Send one document at a time.")
            try:
                kept = await self._kept(keeping, judged, ask, told)
                break
            except Outdated:
                await self.on_side(self.needs_store().refresh)
        else:
            raise changing()
        seconds = time.perf_counter() - started
        for one in kept:
            if one.judged is not None:
                self.metrics.decided(one.judged.record, seconds)
        return kept

    async def act(self, caller: Caller, work: Callable[[Who], T]) -> T:
        """Change what is kept, for whoever asks: anew if waivers or keys changed since they were let in."""
        store, actor = self.needs_store(), caller.demand(*Role)
        for _ in range(TRIES):
            try:
                who = Who(actor.id, caller.request_id, revision=caller.revision)
                return await self._storing.run(partial(work, who), late=unsettled)
            except Outdated:
                await self.on_side(store.refresh)
                await self._readmit(caller, store.revision())
        raise changing()

    async def _readmit(self, caller: Caller, revision: int | None) -> None:
        """What changed may be the key that asks. Raises Problem if it opens nothing any more."""
        guard, actor = self.guard, caller.actor
        if guard is not None and actor is not None and actor.kind == "key":
            found = await self.on_side(partial(guard.slowly, caller.headers, datetime.now(UTC)))
            if found != actor:
                raise Problem("unauthenticated", "The key opens this service no longer.")
        caller.revision = revision

    async def _in_force(self, edition: Edition) -> tuple[int | None, tuple[Waiver, ...]]:
        store = self.store
        if store is None:
            return None, ()
        revision, waivers = store.revision(), store.waivers.known(edition.law)
        if waivers is None:
            waivers = await self.on_side(lambda: store.waivers.in_force(edition.law, datetime.now(UTC)))
        return revision, waivers

    def take_in(self) -> None:
        """Know what other processes changed, before anybody has to wait for it; on a thread. Raises StoreError."""
        store, edition = self.needs_store(), self.editions.edition
        store.refresh()
        store.keys.take_in()
        if edition is not None:
            with suppress(LawError):  # it is told to whoever asks, and by /readyz
                store.waivers.in_force(edition.law, datetime.now(UTC))

    async def _judged(
        self, ask: Ask, documents: Documents | None, edition: Edition, waivers: tuple[Waiver, ...]
    ) -> list[Judged]:
        now, asked = datetime.now(UTC), ask.asked
        settings, store = self.settings, self.store
        if asked.profile is None and settings.profile is not None:
            asked = msgspec.structs.replace(asked, profile=settings.profile)
        started = time.monotonic()
        longest, soon = started + settings.limit_seconds, started + SECONDS

        def keep_going() -> None:
            if time.monotonic() > longest:
                raise self._too_slow()

        def keep_quick() -> None:
            if time.monotonic() > soon:
                raise NotQuick

        def work(keep_going: Callable[[], None] = keep_going) -> list[Judged]:
            with span("judge") if is_on() else nullcontext():
                return [
                    judge(
                        Matter(
                            part=part,
                            asked=asked,
                            actor=ask.actor,
                            edition=edition,
                            now=now,
                            limit_components=settings.limit_components,
                            waivers=waivers,
                            beside=beside,
                            kept=None if store is None else store.blobs.data,
                            keep_going=keep_going,
                        )
                    )
                    for part, beside in documents or apart(parts(ask.raw, ask.caller.headers, settings))
                ]

        if is_quick(ask.raw, asked):
            with suppress(NotQuick):
                return work(keep_quick)
        return await self.on_thread(work)

    async def by_size(self, size: int, work: Callable[[], T]) -> T:
        """Do what takes the longer the larger a body is: on a thread if it is large."""
        return work() if size <= INLINE else await self.on_thread(work)

    async def on_thread(self, work: Callable[[], T]) -> T:
        """Judge on a thread, for so long as the limit says."""
        return await self._judging.run(work)

    async def on_side(self, work: Callable[[], T], within: float | None = None) -> T:
        """Do what waits for the database on a thread; wait for so many seconds (None: as long as for a decision)."""
        return await self._storing.run(work, within)

    def _too_slow(self) -> Problem:
        return Problem(
            "too-slow",
            f"It was not decided within {self.settings.limit_seconds:g} s.",
            limit=int(self.settings.limit_seconds),
            remedy="Judge its parts one by one.",
        )

    async def _kept(self, keeping: Keeping, judged: list[Judged], ask: Ask, told: MakeMessages | None) -> list[Outcome]:
        caller = ask.caller
        who = Who(ask.actor.id, caller.request_id, ask.idempotency_key, ask.body_hash, caller.revision)
        messages = [told(one) if told is not None else () for one in judged]
        answered = await keeping.keep(judged, who, messages)
        return [
            await self._stored(it.id) if it.again else Outcome(one.body, one)
            for it, one in zip(answered, judged, strict=True)
        ]

    async def _stored(self, name: str) -> Outcome:
        store = self.needs_store()
        found = await self.on_side(lambda: store.decisions.one(name))
        if found is None:
            raise Problem("no-store", "What was answered before is not found.")
        return Outcome(found.body, None, again=True)

    async def earlier(self, ask: Ask) -> Outcome | None:
        """What was answered under the same idempotency key. Raises Conflict if that was to another body."""
        store, key = self.store, ask.idempotency_key
        if store is None or key is None or not ask.asked.store:
            return None
        found = await self.on_side(lambda: store.decisions.earlier(ask.actor.id, key, ask.body_hash))
        return None if found is None else Outcome(found.body, None, again=True)

    def say(self, looked: int) -> None:
        """Tell the other processes by which law this one decides, and when it began to look for it."""
        edition = self.editions.edition
        self.siblings.say(Serving(looked, None if edition is None else edition.law.digest))

    async def reload(self) -> int:
        """Look at the law's files now, in every process of this server. How many then decide by this one's law."""
        if not self.siblings:
            await asyncio.to_thread(self.editions.refresh, anew=True)
            return 1
        since, longest = time.monotonic_ns(), time.monotonic() + PATIENCE
        self.siblings.call()
        while True:
            said = await self.on_side(self.siblings.said)
            looked = [one.digest for one in said if one.looked >= since]
            if len(looked) >= self.settings.workers or time.monotonic() > longest:
                return looked.count(self.editions.in_force().law.digest)
            await asyncio.sleep(0.05)

    def needs_store(self) -> Store:
        """The store. Raises Problem on a service without one."""
        if self.store is None:
            raise Problem("no-store", "This service keeps nothing.")
        return self.store

    async def finish(self) -> None:
        """End what runs, sign the head of the record if there is a key, and close the store."""
        self._judging.close()
        store = self.store
        if store is not None:
            await asyncio.to_thread(store.close, datetime.now(UTC))
        self._storing.close()


def body_hash(method: str, path: str, query: bytes, media_type: bytes, raw: bytes) -> str:
    """What an idempotency key is bound to: the whole question."""
    state = hashlib.sha256(f"{method} {path}?".encode() + query + b"\0")
    state.update(media_type + b"\0" + raw)
    return "sha256:" + state.hexdigest()
