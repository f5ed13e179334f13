"""A scan: what is new is judged, what may have changed is judged again, what stands is left alone."""

import hashlib
import os
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from datetime import datetime

import msgspec

from gate.errors import ReadError, UsageError
from gate.portfolio.affected import difference
from gate.portfolio.archive import members
from gate.portfolio.circumstances import Circumstances
from gate.portfolio.impact import touched
from gate.portfolio.index import Index, Known
from gate.portfolio.judge import Job, judge, law_bytes, law_from
from gate.portfolio.pack import demand
from gate.portfolio.pool import AHEAD
from gate.portfolio.progress import Progress
from gate.portfolio.row import Again, Batch, Source, Stamp
from gate.portfolio.seen import Seen
from gate.portfolio.sources import Archive, sources
from gate.portfolio.texts import MOST
from gate.portfolio.writer import Writer, end, forget, outdate
from policy.dates import is_before, is_known

FEWEST = 8
"""Documents of the first tasks, so that a small portfolio keeps all workers busy; later ones have more, up to MOST."""

MOST_BYTES = 64 * 1024**2

SHARED = "Several documents are called this, so nobody can tell which is meant: rename them, or scan them apart"

FILE = b"file "
"""How the place of a file begins."""


class Tally(msgspec.Struct):
    """What a scan did."""

    read: int = 0
    again: int = 0
    stood: int = 0
    hashed: int = 0  # of those that stood: read to be hashed, and no more
    gone: int = 0
    carried: int = 0  # decided by an earlier law that says the same
    passed_over: int = 0

    @property
    def is_as_before(self) -> bool:
        """Whether nothing in the index is different now."""
        return not (self.read or self.again or self.gone or self.carried)


class Scan:
    """One scan of a portfolio into its index."""

    def __init__(self, index: Index, by: Circumstances, executor: Executor, slots: int, progress: Progress) -> None:
        self.tally = Tally()
        self._index, self._by, self._executor, self._progress = index, by, executor, progress
        self._slots, self._submitted, self._size = slots, 0, 0
        body = law_bytes(by.law)
        self._law = index.law(by.law.digest, by.law.version, body)
        now = by.asking.now.isoformat()
        self._job = Job("\n".join((by.engine, by.question, by.law.digest, now)), body, by.asking)
        self._writer = Writer(index, engine=by.engine, asking=by.question, law=self._law, decided=now)
        self._published = by.law.publications
        self._seen = Seen()
        self._shared: set[str] = set()
        self._running: dict[Future[bytes], list[str | None]] = {}
        self._items: list[Source | Again] = []
        self._archives: list[str | None] = []

    def run(self, targets: Sequence[str], *, rehash: bool) -> Tally:
        """Do it. Raises GateError; what was committed until then stays."""
        self._carry_over()
        gone_through: list[Archive] = []
        for one in sources(targets, self._pass_over, str(self._index.path.parent)):
            if isinstance(one, Archive):
                if self._archive(one, rehash=rehash):
                    gone_through.append(one)
            elif self._is_new(one.name, _place(one)):
                known = self._index.known(one.name)
                is_same = known is not None and not rehash and known.stamp.vouches_for(one.stamp)
                self._document(one, known, None, is_same=is_same)
        self._submit()
        self._drain()
        for name in sorted(self._shared):  # only now, so that nothing that is still being judged comes after it
            self._put(Source(name, name, Stamp(0, 0, 0, 0, 0), fault=SHARED), None)
        self._submit()
        self._drain()
        self._finish(gone_through)
        return self.tally

    def _drain(self) -> None:
        while self._running:
            self._collect()

    def _is_new(self, name: str, place: bytes) -> bool:
        """Whether nothing of this name was come across. If something was, and elsewhere, none of them has a verdict."""
        found = self._seen.add(name, place)
        if found is None:
            return True
        if not _is_one(found, place):
            label = name.removeprefix(_key(""))
            self._shared.add(label)
            self._seen.add(label)
        return False

    def _pass_over(self, _: str) -> None:
        self.tally.passed_over += 1

    def _archive(self, archive: Archive, *, rehash: bool) -> bool:
        """Go through an archive, or through what is known of it. True if it was gone through to its end."""
        place = _place(archive)
        if not self._is_new(_key(archive.name), place):
            return False
        before = self._index.archived(archive.name)
        if before is None or rehash or not before.vouches_for(archive.stamp):
            return self._members(archive)
        known = list(self._index.members(archive.name))
        if not all(self._needs_no_reading(one) for _, one in known):
            return self._members(archive)
        for name, one in known:
            if self._is_new(name, _within(place)):
                self._document(Source(name, archive.path, archive.stamp), one, archive.name, is_same=True)
        return False

    def _needs_no_reading(self, known: Known) -> bool:
        """Whether a document whose bytes are the same is decided from what is kept of it, or is as bad as it was."""
        is_kept = known.kind == "sbom" or (not known.kind and known.digest != "")
        return is_kept and known.engine == self._by.engine

    def _members(self, archive: Archive) -> bool:
        try:
            for source in members(archive, self._pass_over):
                if self._is_new(source.name, _within(_place(archive))):
                    self._document(source, self._index.known(source.name), archive.name, is_same=False)
        except ReadError as error:
            said = f"{error.what}. {error.remedy or ''}".strip()
            if self._is_new(archive.name, _place(archive)):  # only then is it a system itself, without a verdict
                self._put(Source(archive.name, archive.path, archive.stamp, fault=said), None)
            return False
        return True

    def _document(self, source: Source, known: Known | None, archive: str | None, *, is_same: bool) -> None:
        """Leave a document alone, decide it again, or read it. `is_same`: its bytes surely are."""
        stands = known is not None and self._stands(known)
        if known is not None and is_same and self._needs_no_reading(known):
            if stands:
                self.tally.stood += 1
                self._progress.advance(1)
            else:
                subject, size = self._index.subject(known.id)
                self._put(Again(source.name, source.title if archive is None else source.name, subject, size), archive)
            return
        if known is not None and stands:
            source = msgspec.structs.replace(source, known=known.digest)
        self._put(source, archive)

    def _stands(self, known: Known) -> bool:
        """Whether the decision would be the same, were the bytes the same."""
        if known.engine != self._by.engine or known.kind == "request":  # a request is asked again each day
            return False
        if not known.kind:  # what could not be read cannot be read by another law either
            return known.digest != ""
        if (known.asking, known.law) != (self._by.question, self._law):
            return False
        if not known.vendors:  # so that no clause and no date says anything of it
            return True
        now, decided = self._by.asking.now, datetime.fromisoformat(known.decided)
        if is_before(now, decided):
            return False
        if known.until is not None and not is_before(now, datetime.fromisoformat(known.until)):
            return False
        return not any(is_before(decided, at) and is_known(at, now) for at in self._published)

    def _put(self, item: Source | Again, archive: str | None) -> None:
        self._items.append(item)
        self._archives.append(archive)
        self._size += item.size
        documents = min(MOST, FEWEST << min(self._submitted // self._slots, 8))
        if len(self._items) >= documents or self._size >= MOST_BYTES:
            self._submit()

    def _submit(self) -> None:
        if not self._items:
            return
        demand()  # a scan that finds nothing new does without, and that is half of its time
        while len(self._running) >= self._slots * AHEAD:
            self._collect()
        try:
            self._running[self._executor.submit(judge, self._job, self._items)] = self._archives
        except RuntimeError as error:  # a worker died, and took the pool with it
            raise _broken(error) from error
        self._submitted += 1
        self._items, self._archives, self._size = [], [], 0

    def _collect(self) -> None:
        """Take in what is done, waiting for the first."""
        done, _ = wait(self._running, return_when=FIRST_COMPLETED)
        for future in done:
            archives = self._running.pop(future)
            try:
                data = future.result()
            except Exception as error:  # judging gives faults as rows, so this is the machinery's
                raise _broken(error) from error
            batch = msgspec.msgpack.decode(data, type=Batch)
            self._writer.commit(batch, archives)
            again = sum(row.stamp is None for row in batch.rows)
            same = sum(row.is_same for row in batch.rows)
            self.tally.again += again
            self.tally.stood += same
            self.tally.hashed += same
            self.tally.read += len(batch.rows) - again - same
            self._progress.advance(len(batch.rows))

    def _carry_over(self) -> None:
        """Decisions by an earlier law stand by this one too, where the two say the same."""
        own = (self._by.engine, self._by.question, self._law)
        where = "engine = ? AND asking = ? AND law = ?"
        rows = self._index.db.execute(
            "SELECT DISTINCT law FROM document WHERE engine = ? AND asking = ? AND law != ?", own
        )
        for (number,) in rows.fetchall():
            changed = set(self._touched(number))
            with self._index.transaction() as db:
                db.execute("CREATE TEMP TABLE touched (id INTEGER PRIMARY KEY)")
                db.executemany("INSERT INTO touched VALUES (?)", ((one,) for one in changed))
                self.tally.carried += db.execute(
                    f"UPDATE document SET law = ? WHERE {where} AND id NOT IN (SELECT id FROM touched)",  # noqa: S608
                    (self._law, *own[:2], number),
                ).rowcount
                outdate(db)
                db.execute("DROP TABLE touched")

    def _touched(self, number: int) -> list[int]:
        """The documents about which an earlier law and this one may say something different."""
        found = self._index.db.execute("SELECT body FROM law WHERE id = ?", (number,)).fetchone()
        return list(touched(self._index, difference(law_from(found[0]), self._by.law)))

    def _finish(self, gone_through: Sequence[Archive]) -> None:
        """Drop what is there no more, and note which archives are known to their end."""
        gone = [number for number, name in self._index.names() if name not in self._seen]
        self.tally.gone = len(gone)
        with self._index.transaction() as db:
            for number in gone:
                outdate(db)
                forget(db, number)
            if self._shared:  # what shares a name is not known as part of its archive: each is gone through again
                db.execute("DELETE FROM archive")
                gone_through = ()
            for archive in gone_through:
                stamp = msgspec.msgpack.encode(archive.stamp)
                db.execute("INSERT OR REPLACE INTO archive VALUES (?, ?)", (archive.name, stamp))
            for (name,) in db.execute("SELECT name FROM archive").fetchall():
                if _key(name) not in self._seen:
                    db.execute("DELETE FROM archive WHERE name = ?", (name,))
            if not self.tally.is_as_before:
                db.execute("DELETE FROM text WHERE segment NOT IN (SELECT segment FROM document WHERE segment NOTNULL)")
                db.execute("DELETE FROM law WHERE id != ? AND id NOT IN (SELECT law FROM document)", (self._law,))
            end(db, self._by.asking.as_of)
        self._seen.close()


def _key(archive: str) -> str:
    """An archive among the names of systems, one of which it becomes when it is broken."""
    return f"\0{archive}"


def _place(one: Source | Archive) -> bytes:
    """Where something is: two may be called the same, as a name leaves out what is secret in a URL or no text.

    A URL is hashed, since what is seen goes to the disk.
    """
    if one.inside is not None:
        whole = f"{one.path}\n{one.inside}"
        return b"url" + hashlib.sha256(whole.encode("utf-8", "surrogateescape")).digest()
    return FILE + os.fsencode(one.path)


def _within(archive: bytes) -> bytes:
    """The place of an archive's members, of which no two have one name."""
    return b"in " + archive


def _is_one(place: bytes, other: bytes) -> bool:
    """Whether two places are the same: of one name may be ./a and a, and also a and link/../a."""
    if place == other or not (place.startswith(FILE) and other.startswith(FILE)):
        return place == other
    return os.path.realpath(place.removeprefix(FILE)) == os.path.realpath(other.removeprefix(FILE))


def _broken(error: BaseException) -> UsageError:
    return UsageError(
        f"The workers failed: {': '.join(filter(None, (type(error).__name__, str(error).rstrip('.'))))}",
        remedy="What was done is kept: start the scan again, with fewer workers if memory ran out.",
    )
