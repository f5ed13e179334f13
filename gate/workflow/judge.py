"""Deciding for a poller: the same `check` as everywhere, and the decision stored with what follows from it."""

from datetime import datetime

import msgspec

from gate.asking import Asking
from gate.check import check
from gate.errors import UsageError
from gate.law import Law, Profile
from gate.match import Matcher
from gate.read import read
from gate.read.locate import Source
from gate.record import Record, record, wire
from gate.screen import Sieve
from gate.store import Delivery, Document, Who, decided
from gate.store.store import Store

REQUEST = "application/json"


class Judged(msgspec.Struct, frozen=True):
    """A decision as it would be stored, and what it was made from."""

    record: Record
    body: bytes
    asking: Asking
    revision: int


class Judge:
    """Decides by one law, with the waivers of one store."""

    def __init__(self, law: Law, store: Store) -> None:
        self.law = law
        self.store = store
        self._sieve = Sieve(Matcher(law.register))
        self._reference: str | None = None

    def profile(self, name: str | None) -> Profile | None:
        """A profile of the law. Raises UsageError."""
        if name is not None and name not in self.law.profiles:
            raise UsageError(f"There is no profile {name!r}", remedy="See `gate law --profiles`.")
        return None if name is None else self.law.profiles[name]

    def judge(self, data: bytes, name: str, profile: str | None, now: datetime) -> Judged:
        """The decision on a purchase request, not stored. Raises GateError: then there is no verdict."""
        revision = self.store.revision()
        asking = Asking(now=now, profile=self.profile(profile), waivers=self.store.waivers.in_force(self.law, now))
        subject = read(data, name, now=now)
        one = record(check(subject, self.law, asking, self._sieve), Source(data, {}), now, name)
        return Judged(one, msgspec.json.encode(wire(one)), asking, revision)

    def keep(
        self, judged: Judged, data: bytes, who: Who, following: tuple[Delivery, ...], labels: dict[str, str]
    ) -> None:
        """Store a decision with the messages that are sent if and only if it is stored.

        Raises Outdated if waivers changed since it was made.
        """
        if self._reference is None:
            self._reference = self.store.laws.put(self.law, judged.asking.now)
        entry = decided(
            judged.record,
            Document(data, judged.record.file, REQUEST),
            judged.asking,
            self._reference,
            who,
            deliveries=following,
            labels=labels,
        )
        self.store.writer.append(entry).result()
