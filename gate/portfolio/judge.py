"""The work itself: documents in, rows out. It runs in another process or on another machine, and writes nothing."""

import gc
import zlib
from collections.abc import Iterator, Sequence

import msgspec

from gate.asking import Asking, demand_acts_said_once
from gate.baseline import BLOCKING
from gate.check import check
from gate.decision import Decision, Reason
from gate.digest import sha256
from gate.errors import GateError
from gate.files import document, unpacked
from gate.law import Law
from gate.match import Match, Matcher
from gate.portfolio import kept
from gate.portfolio.affected import Clockwork
from gate.portfolio.opened import bytes_of
from gate.portfolio.pack import lz4, unlz4
from gate.portfolio.row import Again, Batch, Change, Fault, Met, Row, Source, Why
from gate.portfolio.texts import MOST, Gathered
from gate.read import read, recognise
from gate.register import Register
from gate.screen import Sieve
from gate.subject import Component, Subject
from policy.dates import instant, is_before

NO_VERDICT = "no verdict"


class Job(msgspec.Struct, frozen=True):
    """By what law, and how, everything in one run is judged. The law travels as bytes, and is unpacked once."""

    key: str
    law: bytes
    asking: Asking


class Noting(Matcher):
    """A matcher that remembers what it found in one document."""

    def __init__(self, register: Register) -> None:
        super().__init__(register)
        self.found: list[tuple[Component, tuple[Match, ...]]] = []

    def match(self, component: Component) -> tuple[Match, ...]:
        """Every vendor the component may be of."""
        matches = super().match(component)
        if matches:
            self.found.append((component, matches))
        return matches


class Court:
    """All that judging needs, and that serves one document after the other."""

    def __init__(self, law: Law, asking: Asking) -> None:
        self.law = law
        self.asking = asking
        self._matcher = Noting(law.register)
        self.sieve = Sieve(self._matcher)
        self._quiet = Sieve(Matcher(law.register))  # what it finds is not noted
        self._clockwork = Clockwork(law, asking)

    def decide(self, subject: Subject, row: Row) -> None:
        """Decide, and fill in a row. Raises GateError where there is no verdict."""
        demand_acts_said_once(subject, self.asking, row.name)
        self._matcher.found.clear()
        decision = check(subject, self.law, self.asking, self.sieve)
        row.kind, row.outcome = subject.kind, decision.outcome
        row.components, row.identified = decision.coverage.components, decision.coverage.identified
        row.decision = zlib.compress(msgspec.json.encode(decision, order="deterministic"), 1)
        row.reasons = sorted(set(_reasons(decision)), key=str)
        row.changes = list(self._changes(subject, decision))
        row.met = [one for component, matches in self._matcher.found for one in _met(component, matches)]
        until = self._clockwork.until({one.vendor for one in row.met}, self.asking.now)
        row.until = None if until is None else until.isoformat()

    def _changes(self, subject: Subject, decision: Decision) -> Iterator[Change]:
        """The coming changes. A request has none: it is judged as of its own date, whatever day it is."""
        before = _gravest(decision)
        for period in decision.timeline if subject.kind == "sbom" else ():
            if period.starts is not None and is_before(decision.as_of, period.starts):
                # Its day will have come by then: it is not dated later on purpose.
                asking = msgspec.structs.replace(self.asking, as_of=period.starts, allow_past=True)
                after = _gravest(check(subject, self.law, asking, self._quiet))
                at = instant(period.starts, "UTC").isoformat()
                yield Change(at, period.decision, tuple(_why(before, after)))
                before = after


_COURTS: dict[str, Court] = {}

MOST_COURTS = 2
"""A process judges by one law, or compares two."""


def court_of(job: Job) -> Court:
    """The court of a job: made once in each process."""
    court = _COURTS.get(job.key)
    if court is None:
        if len(_COURTS) >= MOST_COURTS:
            _COURTS.clear()
        gc.collect()
        gc.freeze()  # what is there stays: no collection need go through it again
        court = _COURTS[job.key] = Court(law_from(job.law), job.asking)
    return court


def judge(job: Job, items: Sequence[Source | Again]) -> bytes:
    """The batch that a task's documents came to: at most as many as a mask has bits."""
    if len(items) > MOST:
        raise ValueError(f"{len(items)} documents in one task")
    court = court_of(job)
    gathered = Gathered()
    rows = [_row(item, place, court, gathered) for place, item in enumerate(items)]
    return msgspec.msgpack.encode(Batch(rows, list(gathered.texts(lz4))))


def law_from(data: bytes) -> Law:
    """A law that travelled, or was kept in an index."""
    return msgspec.msgpack.decode(zlib.decompress(data), type=Law)


def law_bytes(law: Law) -> bytes:
    """A law to travel."""
    return zlib.compress(msgspec.msgpack.encode(law), 1)


def _row(item: Source | Again, place: int, court: Court, gathered: Gathered) -> Row:
    row = Row(item.name, "", NO_VERDICT, "")
    try:
        if isinstance(item, Again):
            court.decide(kept.subject_of(unlz4(item.subject, item.size), item.title, court.asking.now), row)
        else:
            _from_source(item, place, court, gathered, row)
    except GateError as error:
        return _without_verdict(row, row.digest, Fault(error.what, error.line, error.pointer, error.remedy))
    except Exception as error:  # noqa: BLE001 - one document must not stop the others; without a verdict it is exit 2
        fault = Fault(f"Internal error, please report it: {type(error).__name__}: {error}")
        return _without_verdict(row, "", fault)  # without a digest, so that it is tried again
    return row


def _without_verdict(row: Row, digest: str, fault: Fault) -> Row:
    """Nothing of what may have been filled in stays."""
    return Row(row.name, "", NO_VERDICT, digest, stamp=row.stamp, fault=fault)


def _from_source(source: Source, place: int, court: Court, gathered: Gathered, row: Row) -> None:
    row.stamp = source.stamp
    data, row.stamp = bytes_of(source)
    if source.known is not None or not data.startswith(b"{"):
        row.digest = sha256(data)
        if row.digest == source.known:
            row.is_same = True
            return
    text = unpacked(data, source.name)
    subject, dialect = None, ""
    attached: dict[str, bytes] = {}
    try:
        dialect = recognise(text, source.title)
        now = court.asking.now
        if dialect == "request" and source.is_file:
            found = document(source.path, now=now)
            subject, attached = found.subject, found.texts
        else:
            subject = read(text, source.title, now=now)
    finally:
        if subject is not None:
            row.digest = row.digest or subject.digest  # the reader has worked out the same one
        else:  # by its digest a fault stands: those of a request may lie in what it attaches
            row.digest = "" if dialect == "request" else row.digest or sha256(data)
    if subject.kind == "sbom":
        body = kept.encoded(subject)
        row.subject, row.subject_size = lz4(body), len(body)
        gathered.add(subject.components, place)
    else:
        body = kept.request(text, attached)
        row.subject, row.subject_size = lz4(body), len(body)
        gathered.add_packages(subject.components, place)
    digest, row.digest = row.digest, ""  # a fault found in deciding lies in the question or the law
    court.decide(subject, row)
    row.digest = digest


def _reasons(decision: Decision) -> Iterator[tuple[str, str, str, str | None]]:
    for reason in decision.reasons:
        yield reason.code, reason.effect, reason.act or "", reason.vendor.id if reason.vendor else None


def _gravest(decision: Decision) -> dict[tuple[str, str | None], Reason]:
    """The gravest reason of each clause and vendor."""
    found: dict[tuple[str, str | None], Reason] = {}
    for reason in decision.reasons:  # gravest first
        found.setdefault((reason.code, reason.vendor.id if reason.vendor else None), reason)
    return found


def _why(before: dict[tuple[str, str | None], Reason], after: dict[tuple[str, str | None], Reason]) -> Iterator[Why]:
    """The clauses whose effect changes, if either effect counts."""
    for key in sorted(before.keys() | after.keys(), key=str):
        was, becomes = before.get(key), after.get(key)
        effects = (was.effect if was else None, becomes.effect if becomes else None)
        if effects[0] != effects[1] and not set(BLOCKING).isdisjoint(effects):
            yield Why(*key, *effects, (becomes or was).message)  # type: ignore[union-attr]


def _met(component: Component, matches: tuple[Match, ...]) -> Iterator[Met]:
    for match in matches:
        if match.vendor:
            yield Met(
                match.vendor,
                str(component.ref or component.pointer),
                component.pointer,
                component.name and str(component.name),
                component.version and str(component.version),
                component.purl and str(component.purl),
                match.evidence,
            )
