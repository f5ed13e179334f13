"""What can go wrong between the gate and a system that asks it.

GateError
├── ReadError
│   └── Unmapped      a payload lacks what its mapping needs
├── Unproven          a delivery does not prove whose it is
└── Unreachable       another system cannot be reached, may not be, or answers nonsense
    ├── Later         it asks to wait
    ├── Gone          it wants no more
    ├── Changed       what waits there is no longer what was judged
    └── Uncertain     it may have done what it was asked, and doing it twice is worse than not at all
"""

from datetime import timedelta

from gate.errors import GateError, ReadError


class Unmapped(ReadError):
    """A payload lacks what its mapping needs."""


class Unproven(GateError):
    """A delivery does not prove whose it is."""


class Unreachable(GateError):
    """Another system cannot be reached, may not be, or answers nonsense."""


class Later(Unreachable):
    """It asks to wait."""

    def __init__(self, what: str, wait: timedelta) -> None:
        self.wait = wait
        super().__init__(what)


class Gone(Unreachable):
    """It wants no more."""


class Changed(Unreachable):
    """What waits there is no longer what was judged."""


class Uncertain(Unreachable):
    """It may have done what it was asked, and doing it twice is worse than not at all."""
