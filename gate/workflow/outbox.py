"""The outbox, emptied: messages are sent until they arrive, later and later, and at last kept for a person."""

import asyncio
import logging
from datetime import UTC, datetime, timedelta
from random import SystemRandom

import httpx
import msgspec

from gate.errors import GateError, UsageError
from gate.store import Who
from gate.store.mail import Letter
from gate.store.store import Store
from gate.workflow import callback
from gate.workflow.call import client
from gate.workflow.faults import Changed, Gone, Later, Uncertain
from gate.workflow.purchase import bought
from gate.workflow.settings import Arranged
from gate.workflow.systems import SYSTEMS, approving, is_overdue, perform

log = logging.getLogger("gate.outbox")

LEASE = timedelta(minutes=5)
"""How long a message is one process's alone. Each is given up on before, so none is sent by two at a time."""

EVERY = 2.0
"""Seconds from one emptying to the next."""

SECONDS = 120.0
"""The most that one message may take, all its calls together."""

ATTEMPTS = 18
"""After so many a message is dead: about two days and a half."""

FIRST, LAST = timedelta(seconds=5), timedelta(hours=10)
"""The first pause, which doubles each time, and the longest."""

ROUND = 20
"""Messages sent at a time."""

_random = SystemRandom()


class Emptied(msgspec.Struct):
    """What came of it."""

    sent: int = 0
    failed: int = 0
    dead: int = 0

    def __str__(self) -> str:
        return f"{self.sent} sent, {self.failed} to be tried again, {self.dead} dead"


def pause(attempts: int, spread: float) -> timedelta:
    """How long to wait after so many attempts; `spread` from 0 to 1 keeps many from coming back at once."""
    whole = min(FIRST * (1 << min(attempts - 1, 30)), LAST)
    return whole * (0.5 + spread / 2)


async def empty(store: Store, arranged: Arranged) -> Emptied:
    """Send what is due now, once."""
    done = Emptied()
    async with client() as using:
        while letters := await asyncio.to_thread(store.outbox.claim, datetime.now(UTC), LEASE, limit=ROUND):
            await asyncio.gather(*(_deliver(letter, store, arranged, using, done) for letter in letters))
    return done


async def keep_emptying(store: Store, arranged: Arranged) -> None:
    """Send what is due until cancelled. A store that cannot be reached is tried again."""
    while True:
        try:
            await empty(store, arranged)
        except Exception:  # whatever it is, what waits has to be tried again
            log.exception("outbox not emptied")
        await asyncio.sleep(EVERY)


async def _deliver(letter: Letter, store: Store, arranged: Arranged, using: httpx.AsyncClient, done: Emptied) -> None:
    try:
        if letter.kind in SYSTEMS and is_overdue(letter, datetime.now(UTC)):
            await asyncio.to_thread(store.outbox.withdraw, letter.id, datetime.now(UTC))  # the next look decides anew
            log.warning("overdue", extra={"letter": letter.id, "kind": letter.kind, "attempts": letter.attempts})
            done.failed += 1
            return
        async with asyncio.timeout(SECONDS):
            if letter.kind in SYSTEMS:
                await perform(letter, arranged, using, lambda: _watch(letter, store))
            else:
                await callback.send(letter, arranged, using, datetime.now(UTC))
    except Changed as error:
        await asyncio.to_thread(store.outbox.withdraw, letter.id, datetime.now(UTC))  # as above
        log.warning("changed", extra={"letter": letter.id, "kind": letter.kind, "why": str(error)})
        done.failed += 1
    except (Gone, Uncertain) as error:
        await asyncio.to_thread(store.outbox.dead, letter.id, str(error), datetime.now(UTC))
        log.exception("dead letter", extra={"letter": letter.id, "kind": letter.kind})
        done.dead += 1
    except (GateError, TimeoutError) as error:
        await _again(letter, store, error, done)
    except Exception as error:  # one message that cannot be sent keeps no other from being sent
        log.exception("internal error", extra={"letter": letter.id, "kind": letter.kind})
        await _again(letter, store, UsageError(f"An internal error: {type(error).__name__}"), done)
    else:
        await asyncio.to_thread(store.outbox.sent, letter.id, datetime.now(UTC))
        log.info("sent", extra={"letter": letter.id, "kind": letter.kind, "attempts": letter.attempts})
        done.sent += 1


async def _watch(letter: Letter, store: Store) -> None:
    """Before it is approved: a purchase that is watched and was not made can be closed, one that was made and is not
    watched nobody would notice.
    """
    if (decision := approving(letter)) is not None:
        await asyncio.to_thread(bought, store, decision, Who(f"poll:{letter.kind}"), datetime.now(UTC))


async def _again(letter: Letter, store: Store, error: Exception, done: Emptied) -> None:
    now, why = datetime.now(UTC), str(error) or f"It took longer than {SECONDS:g} s"
    if letter.attempts >= ATTEMPTS:
        await asyncio.to_thread(store.outbox.dead, letter.id, why, now)
        log.error("dead letter", extra={"letter": letter.id, "kind": letter.kind, "why": why})
        done.dead += 1
        return
    wait = pause(letter.attempts, _random.random())
    if isinstance(error, Later):  # whoever asks to wait longer is heard, up to a day
        wait = max(wait, min(error.wait, timedelta(days=1)))
    await asyncio.to_thread(store.outbox.failed, letter.id, why, now + wait)
    log.warning("not sent", extra={"letter": letter.id, "kind": letter.kind, "attempts": letter.attempts, "why": why})
    done.failed += 1
