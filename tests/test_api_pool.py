"""Threads beside the event loop: bounded in number, in what waits for them, and in how long anybody waits."""

import asyncio
import threading
from collections.abc import Iterator
from contextvars import ContextVar

import pytest

from gate.api.pool import Pool
from gate.api.problem import Problem

WHERE: ContextVar[str] = ContextVar("where", default="nowhere")


@pytest.fixture
def pool() -> Iterator[Pool]:
    found = Pool(1, "test", 2, 30.0, busy="Much waits.", late=lambda: Problem("no-store", "It is late."))
    yield found
    found.close()


def test_what_is_too_much_is_refused_and_what_waits_is_done(pool: Pool) -> None:
    go = threading.Event()

    async def ask() -> list[object]:
        asked = [asyncio.ensure_future(pool.run(lambda: go.wait(30))) for _ in range(3)]
        await asyncio.sleep(0)
        await asyncio.wait(asked, return_when=asyncio.FIRST_COMPLETED)
        go.set()
        return await asyncio.gather(*asked, return_exceptions=True)

    *done, refused = asyncio.run(ask())
    assert done == [True, True]
    assert isinstance(refused, Problem)
    assert (refused.kind, refused.headers) == ("busy", {"Retry-After": "2"})


def test_nobody_waits_for_ever_and_what_is_late_keeps_its_place(pool: Pool) -> None:
    go = threading.Event()

    async def ask() -> None:
        for _ in range(2):
            with pytest.raises(Problem, match="It is late"):
                await pool.run(lambda: go.wait(30), within=0.01)
        with pytest.raises(Problem, match="Much waits"):
            await pool.run(lambda: True)
        go.set()
        while True:
            try:
                assert await pool.run(lambda: True)
            except Problem:
                await asyncio.sleep(0.01)
            else:
                return

    asyncio.run(ask())


def test_what_has_not_begun_when_nobody_waits_any_more_does_not_begin(pool: Pool) -> None:
    go, begun = threading.Event(), threading.Event()

    async def ask() -> None:
        first = asyncio.ensure_future(pool.run(lambda: go.wait(30)))
        await asyncio.sleep(0)  # it has the thread
        with pytest.raises(Problem, match="Nobody knows"):
            await pool.run(begun.set, within=0.01, late=lambda: Problem("no-store", "Nobody knows."))
        go.set()
        assert await first
        await pool.run(lambda: None)  # behind it, on the same thread
        assert not begun.is_set()

    asyncio.run(ask())


def test_a_thread_works_within_the_context_of_whoever_asks(pool: Pool) -> None:
    async def ask() -> str:
        WHERE.set("here")
        return await pool.run(WHERE.get)

    assert asyncio.run(ask()) == "here"
