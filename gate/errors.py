"""What can go wrong, and where. A verdict is never an exception; an error is never a verdict (exit status 2).

GateError
├── UsageError    the question cannot be asked like this (unknown profile, a past date, nothing to judge)
│   ├── Unknown   what it is about is not there
│   ├── Forbidden it is not for whoever asks
│   ├── Overtaken the state of what it is about does not allow that
│   └── Erased    what it is about was erased
├── ReadError     a document is refused
├── LawError      the policy cannot be used
├── StoreError    the record of the service cannot be read or written
└── IssuerError   the identity provider does not say by which keys it signs
"""


class GateError(Exception):
    """A fault with its place and its remedy, in one line."""

    def __init__(
        self,
        what: str,
        *,
        file: str | None = None,
        line: int | None = None,
        pointer: str | None = None,
        remedy: str | None = None,
    ) -> None:
        self.what = what
        self.file = file
        self.line = line
        self.pointer = pointer
        self.remedy = remedy
        super().__init__(what)

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.file, self.line) if part)
        at = f" (at {self.pointer})" if self.pointer else ""
        remedy = f" {self.remedy}" if self.remedy else ""
        return f"{place}: {self.what}{at}.{remedy}" if place else f"{self.what}{at}.{remedy}"


class UsageError(GateError):
    """The question cannot be asked like this."""


class Unknown(UsageError):
    """What it is about is not there: no decision has that id."""


class Forbidden(UsageError):
    """It is not for whoever asks: nobody grants a waiver to themselves."""


class Overtaken(UsageError):
    """The state of what it is about does not allow that: a waiver that was rejected cannot be granted."""


class Erased(UsageError):
    """What it is about was erased, and can be verified, but not judged again."""


class ReadError(GateError):
    """A document is refused: what is wrong, where, and what to do."""


class LawError(GateError):
    """The policy cannot be used."""


class StoreError(GateError):
    """The record of the service cannot be read or written, or is not as it was left."""


class IssuerError(GateError):
    """The identity provider does not say by which keys it signs, so nobody can tell whose a token is."""
