"""A maker that the register does not have: a request's line can still meet a law that may mean anybody.

An SBOM never does: nearly all it names is of makers that no register has, and it states neither category nor country.
"""

from collections.abc import Iterable, Iterator

from gate.match import Evidence, Match
from gate.ownership import STRANGER
from gate.strength import EXACT
from gate.subject import Component


def stranger_in(component: Component, matches: Iterable[Match]) -> Iterator[Match]:
    """The match with nobody, if a line says what it is or whence, and no vendor is surely its maker."""
    if any(match.as_maker and match.is_certain for match in matches):
        return
    maker = component.manufacturer
    said = {
        "manufacturer.name": maker.name if maker else None,
        "manufacturer.country": maker.country if maker else None,
        "category": component.place.category,
    }
    if said["manufacturer.country"] or said["category"]:
        yield Match(STRANGER, (), tuple(Evidence(field, text, text, EXACT) for field, text in said.items() if text))
