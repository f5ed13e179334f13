"""The law that serves: loaded once, replaced whole when its files change and pass, kept when they do not."""

import logging
import tempfile
import threading
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import msgspec

from gate.compiled import load
from gate.errors import GateError, LawError
from gate.law import Law
from gate.match import Matcher
from gate.screen import Sieve
from gate.signature import public_keys
from policy.files import BUILT_IN, FAMILIES, Folder, names_of

log = logging.getLogger("gate.law")

TRIES = 5
"""How often files that change while they are read are read anew, before they are left for the next look."""


class Edition(msgspec.Struct, frozen=True, dict=True):
    """A law, and what its deciding learns. Threads that decide at once do not share what they learn."""

    law: Law
    loaded_at: datetime
    _sieves: threading.local

    @property
    def sieve(self) -> Sieve:
        """This thread's."""
        found: Sieve | None = getattr(self._sieves, "sieve", None)
        if found is None:
            found = self._sieves.sieve = Sieve(Matcher(self.law.register))
        return found

    def age(self, now: datetime) -> int | None:
        """Days since the edition of the law, which is named by its day; None if it is named otherwise."""
        try:
            year, month, day = (int(part) for part in self.law.version.split(".")[:3])
            return (now.astimezone(UTC).date() - date(year, month, day)).days
        except ValueError:
            return None


class Editions:
    """The policy folders and bundles of the service, and the edition of them that serves."""

    def __init__(
        self, policy: Sequence[str], only_policy: Sequence[str], keys: Sequence[str], shared: str | None = None
    ) -> None:
        """`shared` is a folder of this server's processes alone: one that starts while the files have a fault goes on
        with the law that another has loaded.
        """
        self._paths = [Path(name) for name in (*only_policy, *policy)]
        self._only = bool(only_policy)
        self._keys = [Path(name) for name in keys]
        self._good = None if shared is None else Path(shared) / "law"
        self._seen: object = None
        self._turn = threading.Lock()
        self.fits: Callable[[Law], object] = lambda _: None  # raises LawError for a law that may not follow this one
        self.edition: Edition | None = None
        self.fault: str | None = None  # why the newest files do not serve; for the operator, not for clients

    def in_force(self) -> Edition:
        """The edition that serves. Raises LawError if none ever passed."""
        if self.edition is None:
            raise LawError((self.fault or "No law is loaded").rstrip("."))
        return self.edition

    def refresh(self, *, anew: bool = False) -> bool:
        """Look at the files; load them if they changed (`anew`: in any case). Whether another edition serves now.

        It takes seconds, and is meant for a thread. One that fails the lint or, where keys are trusted, the signature
        is refused: the old one goes on.
        """
        with self._turn:
            seen = self._state()
            if seen == self._seen and not anew:
                return False
            for _ in range(TRIES):
                self._seen = seen
                law = self._read()
                if (now := self._state()) == seen:
                    return self._settle(law)
                seen = now  # somebody still writes: what was read may be of two editions, or half of one
            self._seen = None
            return (
                self._settle(LawError("The law's files change whenever they are read")) if not self.edition else False
            )

    @property
    def is_unsettled(self) -> bool:
        """Whether the files changed while they were read, so that they have to be looked at again."""
        return self._seen is None

    def _read(self) -> Law | GateError:
        try:
            if self._keys:
                public_keys(self._keys)  # also where no bundle is given: who names a key that is none is told so
            law = load(self._paths, only=self._only, keys=self._keys)
            if self.edition is None or law.digest != self.edition.law.digest:
                self._demand_sound()
            if self.edition is not None and law.digest != self.edition.law.digest:
                self.fits(law)
        except GateError as error:
            return error
        return law

    def _settle(self, law: Law | GateError) -> bool:
        """Serve what was read, unless it is a fault or serves already. Whether another edition serves now."""
        if isinstance(law, GateError):
            self.fault = str(law)
            serving = self.edition.law.digest if self.edition else None
            log.warning("law refused", extra={"why": self.fault, "serving": serving})
            return self._fall_back()
        self.fault = None
        if self.edition is not None and law.digest == self.edition.law.digest:
            return False  # what was broken is as it was
        self._serve(law)
        self._keep(law)
        log.info("law loaded", extra={"version": law.version, "digest": law.digest})
        return True

    def _serve(self, law: Law) -> None:
        self.edition = Edition(law, datetime.now(UTC), threading.local())

    def _keep(self, law: Law) -> None:
        """For processes of this server that start later."""
        if self._good is None:
            return
        with tempfile.NamedTemporaryFile(dir=self._good.parent, prefix="law-", delete=False) as file:
            file.write(msgspec.msgpack.encode(law))
        Path(file.name).replace(self._good)

    def _fall_back(self) -> bool:
        """Serve what another process of this server took last before the fault, so that all decide by one law."""
        if self._good is None or not self._good.is_file():
            return False
        law = msgspec.msgpack.decode(self._good.read_bytes(), type=Law)
        if self.edition is not None and self.edition.law.digest == law.digest:
            return False
        self._serve(law)
        return True

    def _state(self) -> list[tuple[str, int, int]]:
        """Every policy file with its size and the time it was last written, cheaply."""
        found = []
        for path in [*([] if self._only else [BUILT_IN]), *self._paths]:
            names = [path / name for family in FAMILIES for name in names_of(path, family)] if path.is_dir() else [path]
            for name in names:
                try:
                    status = Path(str(name)).stat()
                except OSError:
                    continue  # gone meanwhile; loading says so
                found.append((str(name), status.st_size, status.st_mtime_ns))
        return found

    def _demand_sound(self) -> None:
        from gate.alias import shared_aliases
        from gate.bundle import folder_at
        from policy.lint import WARNINGS, lint
        from policy.load import PolicyError
        from policy.load import load as load_policy

        if not self._paths:
            return  # the built-in law ships linted; a package that changes on disk is a new start anyway
        folders: list[Folder] = [folder_at(path, self._keys) for path in self._paths]
        try:
            policy = load_policy(folders if self._only else [BUILT_IN, *folders])
        except PolicyError as error:
            raise LawError(f"The policy cannot be used:\n{error}") from error
        problems = [p for p in (*shared_aliases(policy), *lint(policy)) if p.rule not in WARNINGS]
        if problems:
            said = "\n".join(str(problem) for problem in problems)
            raise LawError(f"The policy does not pass `gate policy lint`:\n{said}")
