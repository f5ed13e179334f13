"""A maker that the register does not have: a request's line can still meet a law that may mean anybody.

An SBOM never does: nearly all it names is of makers that no register has, and it states neither category nor country.
"""

from collections.abc import Iterable, Iterator

from gate.match import Evidence, Match
from gate.ownership import STRANGER
from gate.strength import EXACT
from gate.subject import Component


def stranger_in(component: Component, matches: Iterable[Match]) -> Iterator[Match]:
    """The match with nobody, for each party that the register does not have, if a line says what it is or whence."""
    maker, supplier, place = component.manufacturer, component.supplier, component.place
    countries = (maker and maker.country) or (supplier and supplier.country)
    if not (countries or place.category or place.facts):
        return
    matches = list(matches)
    about = {
        "category": place.category,
        "facts": ", ".join(f"{name} {value}" for name, value in place.facts) or None,
    }
    if not any(match.as_maker and match.is_certain for match in matches):
        said = {"manufacturer.name": maker and maker.name, "manufacturer.country": maker and maker.country, **about}
        if said["manufacturer.country"] or any(about.values()):
            yield _match(said)
    if supplier and supplier.country and not any(match.surely_supplies for match in matches):
        yield _match({"supplier.name": supplier.name, "supplier.country": supplier.country})


def _match(said: dict[str, str | None]) -> Match:
    return Match(STRANGER, (), tuple(Evidence(field, text, text, EXACT) for field, text in said.items() if text))
