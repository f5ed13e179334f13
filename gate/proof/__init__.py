"""What the cases prove -> bytes: the cases that fail, what none exercises, and the mutants that none notices."""

from collections.abc import Callable

import msgspec

from policy.load import Problem


class Judged(msgspec.Struct, frozen=True):
    """A case, and what is wrong with it (None: nothing)."""

    instrument: str
    file: str
    name: str
    why: str | None


class Proof(msgspec.Struct):
    """The result of a run. None: it was not asked for."""

    cases: list[Judged]
    instruments: int
    coverage: dict[str, tuple[int, int]] | None = None  # kind -> how many are exercised, of how many
    gaps: list[Problem] = []
    mutants: int | None = None
    survivors: list[Problem] = []

    @property
    def failed(self) -> list[Judged]:
        """The cases that fail."""
        return [case for case in self.cases if case.why is not None]


Account = Callable[[Proof], bytes]
"""What a format of this family is."""


def _text(proof: Proof) -> bytes:
    from gate.proof import text

    return text.render(proof)


def _json(proof: Proof) -> bytes:
    from gate.proof import json

    return json.render(proof)


def _junit(proof: Proof) -> bytes:
    from gate.proof import junit

    return junit.render(proof)


ACCOUNTS: dict[str, Account] = {"text": _text, "json": _json, "junit": _junit}
"""Name of a format -> its account, a module of this package, loaded when it is asked for."""
