"""A name that somebody asks about -> every vendor of the register it may mean, with the words that met."""

from gate.match import Match, Matcher
from gate.subject import Component, Organisation, Place


def inquire(text: str, matcher: Matcher) -> tuple[Match, ...]:
    """What the words may mean: a name, a package URL, a CPE or a domain."""
    return tuple(matcher.match(_as_component(text)))


def _as_component(text: str) -> Component:
    """The words in every field they could stand in."""
    lower = text.strip().lower()
    component = Component(name=text, place=Place((), (), (), is_request=True))
    if lower.startswith("pkg:"):
        component.purl = text
    elif lower.startswith("cpe:"):
        component.cpe = text
    else:
        component.manufacturer = Organisation(name=text, urls=[text] if "." in text and " " not in text else None)
    return component
