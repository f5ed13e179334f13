"""The writer: whoever waits is told once the entry is stored, from a thread or an event loop, also after a fault."""

import asyncio
import threading
import time

import pytest
from sqlalchemy import event, text

from gate.errors import StoreError
from gate.store import Answered, Conflict, Entry, Outdated, Store, Who, engine
from gate.store.verify import verify
from tests.stores import NOW, Judge, request


def test_an_event_loop_waits_for_many_at_once(store: Store, judge: Judge) -> None:
    entries = [judge.entry(store, request(n)) for n in range(40)]

    async def all_at_once() -> list[list[Answered]]:
        return await asyncio.gather(*(store.writer.appended(entry) for entry in entries))

    told = [one for [one] in asyncio.run(all_at_once())]
    assert sorted(one.seq for one in told) == list(range(1, 41))
    assert [one.id for one in told] == [entry.id for entry in entries]


def test_an_event_loop_is_told_what_went_wrong(store: Store, judge: Judge) -> None:
    judge.store(store, request(), who=Who("key:ada", "", "k", "one"))
    other = judge.entry(store, request(), who=Who("key:ada", "", "k", "other"))
    old = judge.entry(store, request(), revision=store.revision() + 1)
    for entry, fault in ((other, Conflict), (old, Outdated)):
        with pytest.raises(fault):
            asyncio.run(store.writer.appended(entry))
    assert store.head().seq == 1


def test_what_is_appended_together_is_stored_all_or_none(store: Store, judge: Judge) -> None:
    judge.store(store, request(), who=Who("key:ada", "", "k", "one"))
    good = [judge.entry(store, request(n)) for n in range(4)]
    other = judge.entry(store, request(), who=Who("key:ada", "", "k", "other"))
    old = judge.entry(store, request(), revision=store.revision() + 1)
    twice = judge.entry(store, request())

    async def at_once(*batches: tuple[Entry, ...]) -> list[list[Answered] | BaseException]:
        return await asyncio.gather(*(store.writer.appended(*batch) for batch in batches), return_exceptions=True)

    found = asyncio.run(at_once((good[0], other), (good[1], old), (good[2], twice, twice), (good[3],)))
    assert [type(one) for one in found[:2]] == [Conflict, Outdated]
    assert isinstance(found[2], StoreError)  # no table takes one id twice
    assert found[3] == [Answered(good[3].id, 2)]
    assert asyncio.run(at_once(tuple(good[:3]))) == [[Answered(one.id, n) for n, one in enumerate(good[:3], 3)]]
    assert store.head().seq == 5
    assert verify(store.database).faults == []


def test_who_stops_waiting_does_not_stop_the_writing(store: Store, judge: Judge) -> None:
    entry = judge.entry(store, request())

    async def impatient() -> None:
        async with asyncio.timeout(0):
            await store.writer.appended(entry)

    with pytest.raises(TimeoutError):
        asyncio.run(impatient())
    store.writer.close()
    assert store.decisions.one(entry.id) is not None


def test_what_comes_while_the_chain_is_locked_is_stored_when_it_is_free(store: Store, judge: Judge) -> None:
    entries, begun = [judge.entry(store, request(n)) for n in range(30)], threading.Event()

    def begins(*_: object) -> None:
        if threading.current_thread().name == "gate-writer":
            begun.set()

    event.listen(store.database.engine, "engine_connect", begins)
    with store.database.writing() as connection:
        store.chain.lock(connection)
        futures = [store.writer.append(entry) for entry in entries]
        assert begun.wait(60)
        time.sleep(0.05)
        assert not any(future.done() for future in futures)
    assert [future.result(60).seq for future in futures] == list(range(1, 31))
    assert verify(store.database).faults == []


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)  # a file has no connection to lose
@pytest.mark.parametrize(("idle", "stored"), [(3600.0, [False, True, True]), (-1.0, [True, True, True])])
def test_a_lost_connection_fails_loudly_or_is_taken_anew_and_the_next_entry_is_stored(
    idle: float, stored: list[bool], store: Store, judge: Judge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "IDLE", idle)
    judge.store(store, request(1))
    others = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    with store.database.reading() as connection:
        assert connection.execute(text(f"SELECT pg_terminate_backend(pid, 60000) {others}")).scalars().all() != []
    assert [_stored(store, judge.entry(store, request(n))) for n in range(2, 5)] == stored
    assert store.head().seq == 1 + stored.count(True)
    assert verify(store.database).faults == []


def _stored(store: Store, entry: Entry) -> bool:
    try:
        store.writer.append(entry).result(60)
    except StoreError:
        return False
    return True


def test_a_head_that_is_gone_stores_nothing(store: Store, judge: Judge) -> None:
    entry = judge.entry(store, request())
    with store.database.writing() as connection:
        connection.execute(text("DELETE FROM head"))
    with pytest.raises(StoreError, match="no head"):
        store.writer.append(entry).result(60)
    assert store.decisions.one(entry.id) is None
    with pytest.raises(StoreError, match="no head"):
        verify(store.database)


def test_the_clock_is_that_of_the_caller(store: Store, judge: Judge) -> None:
    name = judge.store(store, request())
    found = store.decisions.one(name)
    assert found is not None
    assert found.at == NOW
