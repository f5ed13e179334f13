"""Systems that want to be asked: what waits there for an approval, and how the answer is given.

Giving an answer is a message in the outbox, so that it survives a crash, is tried again, and is one process's at a
time. What may have been done before a crash is looked up, and never done twice. Nothing is let through that is another
thing by then than was judged.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import msgspec

from gate.errors import UsageError
from gate.store.mail import Letter
from gate.workflow.faults import Changed, Uncertain
from gate.workflow.request import request_in
from gate.workflow.settings import Arranged, Polled
from gate.workflow.systems import ariba, coupa
from gate.workflow.systems.task import Act, Reach, Waiting
from policy.dates import is_before


class System(msgspec.Struct, frozen=True):
    """One kind of system. `was_done` says whether an act happened, None where that cannot be told."""

    waiting: Callable[[Reach], Awaitable[list[Waiting]]]
    document: Callable[[Reach, Waiting], Awaitable[Mapping[str, Any]]]
    act: Callable[[Reach, Act], Awaitable[None]]
    was_done: Callable[[Reach, Act], Awaitable[bool | None]]
    token: Callable[[httpx.AsyncClient, Any], Awaitable[Reach]]


SYSTEMS: dict[str, System] = {
    "ariba": System(ariba.waiting, ariba.document, ariba.act, ariba.was_done, ariba.token),
    "coupa": System(coupa.waiting, coupa.document, coupa.act, coupa.was_done, coupa.token),
}
"""Name of a system, in the workflow file and as the kind of its letters -> what it is. Each is a module here."""


FRESH = timedelta(hours=1)
"""How long after it was decided an answer may let something through. Whatever holds it up, it is decided anew then."""

LETTING_THROUGH = frozenset({"approve", "no-objection"})


def polled(name: str, arranged: Arranged) -> Polled:
    """What the workflow file says of a system. Raises UsageError."""
    found: Polled | None = getattr(arranged.workflow.poll, name, None)
    if found is None:
        raise UsageError(f"The workflow file has no [poll.{name}]", file=arranged.file)
    return found


def is_overdue(letter: Letter, now: datetime) -> bool:
    """Whether an answer would let something through by a decision so old that the law or a waiver may have changed."""
    act = msgspec.json.decode(letter.body, type=Act)
    return act.action in LETTING_THROUGH and not is_before(now, letter.created_at + FRESH)


def approving(letter: Letter) -> str | None:
    """The decision by which something is bought with an answer, if that is an approval."""
    act = msgspec.json.decode(letter.body, type=Act)
    return act.decision if act.action == "approve" else None


async def perform(
    letter: Letter, arranged: Arranged, using: httpx.AsyncClient, first: Callable[[], Awaitable[None]]
) -> None:
    """Give an answer, unless it was given; `first` is done before. Raises Unreachable, Changed if what waits is another
    thing by now, and Uncertain if an earlier try may have given it.
    """
    system, settings = SYSTEMS[letter.kind], polled(letter.kind, arranged)
    act = msgspec.json.decode(letter.body, type=Act)
    reach = await system.token(using, settings)
    done = await system.was_done(reach, act) if letter.attempts > 1 else False  # by us or by somebody else
    if done is False and act.action in LETTING_THROUGH and act.content:
        payload = await system.document(reach, Waiting(act.approval, act.document))
        request = request_in(dict(payload), arranged.mappings[settings.mapping], act.document, datetime.now(UTC))
        if request.content != act.content:
            raise Changed(f"{act.document} was changed after it was judged")
    await first()
    if done is None:
        raise Uncertain(
            f"Whether {act.document} was told {act.action!r} is not known",
            remedy=f"Look at it in {letter.kind}; if it was not, `gate deliver --revive {letter.id}`.",
        )
    if not done:
        await system.act(reach, act)
