"""What a waiver has to be before anybody is asked to sign it: complete, about something, and permitted by its law."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from gate.asking import Waiver
from gate.errors import LawError, UsageError
from gate.law import Law
from gate.names import normalise
from gate.purl import package_of
from gate.waiver import is_permitted
from policy.dates import legal_day, written

if TYPE_CHECKING:
    from policy.model import Waiver as Written


def waiver_in(body: dict[str, Any]) -> "Written":
    """The waiver that the fields say. Raises UsageError."""
    from pydantic import ValidationError

    from policy.model import Waiver as Written

    try:
        times = {name: written(body[name]) for name in ("starts", "ends") if isinstance(body.get(name), str)}
    except ValueError as error:
        raise UsageError(f"The waiver's time is neither a day nor an instant with its offset: {error}") from error
    try:
        return Written.model_validate({**body, **times})
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        pointer = "".join(f"/{step}" for step in first["loc"])
        what = first["msg"].removeprefix("Value error, ")
        raise UsageError(f"The waiver is not complete: {what}", pointer=pointer or None) from error


def demand_subject(asked: "Written") -> None:
    """Raises UsageError where what it limits itself to is nothing: it would be signed twice and waive nothing."""
    for number, product in enumerate(asked.products):
        if not normalise(product):
            raise UsageError(f"{product[:80]!r} names no product", pointer=f"/products/{number}")
    for number, purl in enumerate(asked.purls):
        if package_of(purl) is None:
            remedy = "Write it as pkg:type/namespace/name, or with @version."
            raise UsageError(f"{purl[:80]!r} is no package URL", pointer=f"/purls/{number}", remedy=remedy)


def compiled(entry: "Written", law: Law) -> Waiver:
    """As `check` takes it. Raises LawError for what the law does not have."""
    from gate.compile import waiver

    return waiver(entry, law)


def demand_permitted(entry: "Written", law: Law) -> None:
    """Raises UsageError unless each prohibition it names has a clause that it may waive."""
    try:
        grant = compiled(entry, law).grant
    except LawError as error:  # not the law's fault: it is the waiver that names what this law does not have
        raise UsageError(error.what, remedy=error.remedy) from error
    for name in grant.prohibitions:
        clauses = [clause for clause in law.clauses if name in (clause.code, clause.instrument)]
        if any(is_permitted(grant, clause) for clause in clauses):
            continue
        limits = {(one.by, one.until, clause.time_zone) for clause in clauses for one in clause.permissions}
        if not limits:
            raise UsageError(f"{name} lets nobody waive it", pointer="/prohibitions")
        told = sorted(f"{by}, {_until(until, zone)}" for by, until, zone in limits)
        if any(by == grant.granted_by for by, _, _ in limits):
            mine = sorted(_until(until, zone) for by, until, zone in limits if by == grant.granted_by)
            what = (
                f"{name} lets a waiver by {grant.granted_by} run {' or '.join(mine)}, and it ends on {grant.span.ends}"
            )
            raise UsageError(what, pointer="/ends", remedy=f"It may be waived by {'; '.join(told)}.")
        what = f"{name} lets no {grant.granted_by[:80]!r} waive it"
        raise UsageError(what, pointer="/granted_by", remedy=f"It may be waived by {'; '.join(told)}.")


def _until(until: datetime | None, zone: str) -> str:
    return "without a last day" if until is None else f"with `ends` {legal_day(until, zone)} at the latest"
