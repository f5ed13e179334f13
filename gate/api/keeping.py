"""Decisions on their way into the store: all of one body, or none of them."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

from gate.api.inline import INLINE
from gate.api.judge import Judged
from gate.api.pool import Pool
from gate.api.problem import Problem
from gate.law import Law
from gate.store import Answered, Delivery, Document, Entry, Store, Who, decided


class Keeping:
    """Stores what was judged. One in each process that has a store."""

    def __init__(self, store: Store, pool: Pool, seconds: float) -> None:
        self._store = store
        self._pool = pool
        self._seconds = seconds
        self._laws: dict[str, str] = {}  # digest -> the store's reference

    async def keep(
        self, judged: Sequence[Judged], who: Who, messages: Sequence[tuple[Delivery, ...]]
    ) -> list[Answered]:
        """Store the decisions on a body, each with the messages that tell of it. Raises Problem, Conflict, Outdated."""
        law = await self._law(judged[0].edition.law)
        entries = [await self._entry(one, law, who, some) for one, some in zip(judged, messages, strict=True)]
        try:
            async with asyncio.timeout(self._seconds):
                return await self._store.writer.appended(*entries)
        except TimeoutError:
            raise Problem(
                "no-store",
                "The decision was not stored in time. Whether it will be, nobody knows.",
                remedy="Ask again with the same Idempotency-Key: what was stored is answered.",
            ) from None

    async def _law(self, law: Law) -> str:
        found = self._laws.get(law.digest)
        if found is None:
            found = await self._pool.run(lambda: self._store.laws.put(law, datetime.now(UTC)))
            self._laws[law.digest] = found
        return found

    async def _entry(self, one: Judged, law: str, who: Who, messages: tuple[Delivery, ...]) -> Entry:
        part = one.part
        document = Document(part.data, one.record.file, part.media_type, one.attached)

        def entry() -> Entry:
            return decided(one.record, document, one.asking, law, who, deliveries=messages)

        is_small = max(len(part.data), len(one.body)) <= INLINE and not one.attached
        return entry() if is_small else await self._pool.run(entry)
