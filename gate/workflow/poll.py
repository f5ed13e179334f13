"""One look at a system: what waits there is judged, and each new answer goes into the outbox with its decision.

The same answer about the same content is given once, whatever happens: the decision is stored under a key made of
approval, content, answer and the answer before, and the message that gives it is stored with it. A changed requisition,
or a changed law, is a new question; an answer that has not arrived by then is taken back, so that nothing is approved
by a decision that is no longer so.
"""

import asyncio
import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime

import msgspec

from gate.errors import GateError
from gate.store import Delivery, Outdated, Who
from gate.store.mail import Letter
from gate.workflow.action import Answer, answer_to
from gate.workflow.call import client
from gate.workflow.judge import Judge
from gate.workflow.request import Mapped, request_in
from gate.workflow.settings import Arranged
from gate.workflow.systems import SYSTEMS, polled
from gate.workflow.systems.task import Act, Waiting

TRIES = 5
"""How often a decision is made anew because a waiver changed under it."""


class Answered(msgspec.Struct, frozen=True):
    """What was found about one approval."""

    document: str
    answer: Answer | None = None
    is_new: bool = False
    fault: str | None = None  # why there is no verdict: then nothing is done, and the approval waits

    def __str__(self) -> str:
        if self.answer is None:
            return f"{self.document}: no verdict: {self.fault}"
        return f"{self.document}: {self.answer.action}{'' if self.is_new else ' (told already)'}"


async def look(name: str, arranged: Arranged, judge: Judge, *, dry_run: bool = False) -> list[Answered]:
    """Judge all that waits. With `dry_run` nothing is stored and nobody is told."""
    system, settings = SYSTEMS[name], polled(name, arranged)
    await asyncio.to_thread(judge.store.refresh)  # a waiver granted since the last look counts in this one
    async with client() as using:
        reach = await system.token(using, settings)
        found = []
        for one in await system.waiting(reach):
            try:
                payload = await system.document(reach, one)
                found.append(await asyncio.to_thread(_answer, name, one, dict(payload), arranged, judge, dry_run))
            except GateError as error:  # the others are still judged; this one waits on, which lets nothing through
                found.append(Answered(one.document, fault=str(error)))
        return found


def _answer(
    name: str, one: Waiting, payload: dict[str, object], arranged: Arranged, judge: Judge, dry_run: bool
) -> Answered:
    settings = polled(name, arranged)
    for _ in range(TRIES):
        now = datetime.now(UTC)
        request = request_in(payload, arranged.mappings[settings.mapping], f"{name}/{one.document}", now)
        judged = judge.judge(request.data, f"{name}/{one.document}", settings.profile, now)
        answer = answer_to(judged.body, settings.on_allow)
        about = f"{name}-{hashlib.sha256(one.id.encode()).hexdigest()[:16]}-"
        before = judge.store.outbox.newest(about)
        if before is not None and before.state != "withdrawn" and _says(before, request, answer):
            return Answered(one.document, answer)
        key = _key(name, one, request, answer, before)
        who = Who(f"poll:{name}", one.id, key, request.content, judged.revision)
        if judge.store.decisions.earlier(who.actor, key, request.content) is not None:
            return Answered(one.document, answer)
        if dry_run:
            return Answered(one.document, answer, is_new=True)
        try:
            if before is not None:  # first: if this process dies now, the next look answers
                judge.store.outbox.withdraw(before.id, now)
            act = Act(one.id, one.document, answer.action, answer.text, answer.decision, request.content)
            giving = Delivery(f"{about}{key}", name, settings.url, msgspec.json.encode(act))
            judge.keep(judged, request.data, who, (giving,), {"system": name, "approval": one.id})
        except Outdated:
            judge.store.refresh()
            continue
        return Answered(one.document, answer, is_new=True)
    return Answered(one.document, fault="Waivers or keys keep changing")


def _says(before: Letter, request: Mapped, answer: Answer) -> bool:
    """Whether the last answer about an approval is this one."""
    act = msgspec.json.decode(before.body, type=Act)
    return (act.content, act.action) == (request.content, answer.action)


def _key(name: str, one: Waiting, request: Mapped, answer: Answer, before: Letter | None) -> str:
    told = f"{name}\n{one.id}\n{request.content}\n{answer.action}\n{'' if before is None else before.id}"
    return hashlib.sha256(told.encode()).hexdigest()


def faults(found: list[Answered]) -> Iterator[Answered]:
    """Those about which there is no verdict."""
    return (one for one in found if one.answer is None)
