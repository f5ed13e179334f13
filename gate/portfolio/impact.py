"""What a change of the law does to a portfolio: only SBOMs that the change can touch are asked by both laws.

So is each request, as long as the laws differ: one of its lines may meet what is said of anybody, and it is small.
"""

import sqlite3
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, Future

from gate.asking import Asking, demand_acts_said_once
from gate.consequence import Consequence, Side, consequence
from gate.law import Law
from gate.portfolio import kept
from gate.portfolio.affected import Difference, difference
from gate.portfolio.index import Index
from gate.portfolio.judge import Job, court_of, law_from
from gate.portfolio.pack import unlz4
from gate.portfolio.pool import AHEAD
from gate.portfolio.row import Again
from gate.portfolio.texts import Screen, places_in

AT_ONCE = 32
"""Documents of one task."""


def touched(index: Index, changed: Difference) -> Iterator[int]:
    """The numbers of the documents that a change of the law may touch; some more than once."""
    db = index.db
    for vendor in sorted(changed.vendors):
        yield from (one for (one,) in db.execute("SELECT document FROM met WHERE vendor = ?", (vendor,)))
    screen = Screen(changed.registers)
    if screen.finds_nothing:
        return
    for segment, mask in index.masks(screen):
        for place in places_in(mask):
            yield from _at(db, segment, place)


def impact(
    index: Index, old: Job, new: Job, laws: tuple[Law, Law], executor: Executor, slots: int
) -> list[Consequence]:
    """What changes, in the order of names. Raises UsageError for acts that a request states itself."""
    found: list[Consequence] = []
    running: deque[Future[list[Consequence]]] = deque()
    for task in _tasks(index, _candidates(index, laws, old.asking, new.asking)):
        while len(running) >= slots * AHEAD:
            found += running.popleft().result()
        running.append(executor.submit(compare, old, new, task))
    found += (one for future in running for one in future.result())
    return sorted(found, key=lambda one: one.file)


def _tasks(index: Index, numbers: set[int]) -> Iterator[list[Again]]:
    task: list[Again] = []
    for number in sorted(numbers):
        row = index.db.execute(
            "SELECT name, subject, size, kind FROM document JOIN body ON document = id WHERE id = ? AND kind != ''",
            (number,),
        ).fetchone()
        if row is not None:
            task.append(Again(row[0], row[0], row[1], row[2], row[3] == "request"))
        if len(task) >= AT_ONCE:
            yield task
            task = []
    if task:
        yield task


def _candidates(index: Index, laws: tuple[Law, Law], before: Asking, after: Asking) -> set[int]:
    if before.profile != after.profile:  # who asks is another, and that touches everything
        return {number for number, _ in index.names()}
    if laws[0].digest == laws[1].digest:
        return set()
    found = set(touched(index, difference(*laws)))
    found.update(number for (number,) in index.db.execute("SELECT id FROM document WHERE kind = 'request'"))
    for (body,) in index.db.execute("SELECT body FROM law WHERE id IN (SELECT law FROM document)").fetchall():
        # What is known to be met is met by the law of the scan: what the old one meets besides is looked for, too.
        found.update(touched(index, difference(law_from(body), laws[0])))
    return found


def compare(old: Job, new: Job, items: Sequence[Again]) -> list[Consequence]:
    """What changes about some documents."""
    before, after = (Side(court.law, court.asking, court.sieve) for court in (court_of(old), court_of(new)))
    now = old.asking.now
    found = []
    for one in items:
        data = unlz4(one.subject, one.size)
        taken = kept.request_of if one.is_request else kept.subject_of
        subject = taken(data, one.title, now)
        demand_acts_said_once(subject, old.asking, one.name)
        changed = consequence(one.name, subject, before, after)
        if changed is not None:
            found.append(changed)
    return found


def _at(db: sqlite3.Connection, segment: int, place: int) -> Iterator[int]:
    yield from (n for (n,) in db.execute("SELECT id FROM document WHERE segment = ? AND place = ?", (segment, place)))
