"""What stands in a payload, taken by itself: whether it says anything, and which moment it is."""

from datetime import date, datetime
from typing import Any

from policy.dates import parsed


def is_empty(value: Any) -> bool:
    """Whether a system says nothing: null, or a text without a letter, as ServiceNow writes null."""
    return value is None or (isinstance(value, str) and not value.strip())


def known(found: dict[str, Any]) -> dict[str, Any]:
    """What is said; the rest is left out, and left out means unknown."""
    return {name: value for name, value in found.items() if value is not None}


def moment(text: str, form: str | None) -> date | datetime:
    """The day or the instant that a text says, in a `form` of strptime or in ISO 8601. Raises ValueError."""
    if form is not None:
        found = datetime.strptime(text, form)  # noqa: DTZ007 - the caller adds the zone, or refuses
        return found if "%H" in form else found.date()
    return parsed(text)
