"""Of whom a component is: how the tests of matching ask, and where in a document it may stand."""

from datetime import UTC, datetime

import msgspec

from gate.asking import Asking
from gate.check import check
from gate.decision import Decision
from gate.law import Law
from gate.match import Matcher
from gate.read import read
from gate.subject import Component, Organisation, Person, Place
from tests.strategies import Json

LINE = Place((frozenset({"producer"}),), (frozenset({"supplier"}),), (), is_request=True)
BY_SYFT = Place((frozenset({"component"}),), (frozenset({"component"}),), (), guesses_cpes=True)


FIELDS = ("publisher", "author", "authors", "supplier", "manufacturer")
"""Where organisations are named, and people."""


def strengths(matcher: Matcher, component: Component) -> set[str]:
    """How strongly a component is of Kaspersky; empty if it is not."""
    return {piece.strength for m in matcher.match(component) if m.vendor == "kaspersky" for piece in m.evidence}


def decided(law: Law, document: Json, profile: str = "us-federal-contractor") -> Decision:
    """The decision on an SBOM, in 2026."""
    now = datetime(2026, 11, 23, tzinfo=UTC)
    subject = read(msgspec.json.encode(document), "bom.json", now=now)
    return check(subject, law, Asking(now=now, profile=law.profiles[profile]))


def named(field: str, said: str) -> Component:
    """A component with a name in one field."""
    if field == "authors":
        return Component(name="x", authors=[Person(name=said)])
    if field in ("supplier", "manufacturer"):
        return Component(name="x", **{field: Organisation(name=said)})  # type: ignore[arg-type]
    return Component(name="x", **{field: said})  # type: ignore[arg-type]


def of_vendors(matcher: Matcher, component: Component) -> dict[str, bool]:
    """The vendors a component may be of, and whether each is certain."""
    return {match.vendor: match.is_certain for match in matcher.match(component)}
