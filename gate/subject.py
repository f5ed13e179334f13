"""What is judged, wherever it came from: components, who acts, what is done, when. It knows no format.

An absent fact is None and means unknown; an empty set means none.
"""

from bisect import bisect_right
from typing import Any

import msgspec

from policy.dates import Moment, Span
from policy.facts import Stated

World = frozenset[str]
"""The positions a vendor takes in one reading of the document."""


class Act(msgspec.Struct, frozen=True):
    """Something that is done, and when. `name` None: nobody said what is done."""

    name: str | None
    span: Span


class Person(msgspec.Struct, gc=False):
    """An author or a contact; an author is now and then a company."""

    name: str | None = None
    mail: str | None = None


class Organisation(msgspec.Struct, gc=False):
    """A company as a document names it."""

    name: str | None = None
    urls: list[str] | None = None
    contacts: list[Person] | None = None
    identifiers: dict[str, str] | None = None
    country: str | None = None  # ISO 3166 alpha-2; only a request states it


class Swid(msgspec.Struct, gc=False):
    """What a SWID tag (ISO/IEC 19770-2) calls the thing."""

    name: str | None = None


class Reference(msgspec.Struct, gc=False):
    """A link of a component to somewhere else."""

    type: str | None = None
    url: str | None = None


class Place(msgspec.Struct, frozen=True):
    """What holds for every component that stands at the same place of a document.

    `worlds`: in which positions its maker may stand, one set for each way to read the document.
    `supplier_worlds`: the same for a vendor that is named as supplier only.
    """

    worlds: tuple[World, ...]
    supplier_worlds: tuple[World, ...]
    acts: tuple[Act, ...]
    agreement: str | None = None
    purposes: frozenset[str] | None = None
    facts: tuple[tuple[str, Stated], ...] = ()
    category: str | None = None
    request: str | None = None  # the request's id, for waivers that name one
    is_request: bool = False  # a line of a request, not of an SBOM attached to it
    guesses_cpes: bool = False


class Component(msgspec.Struct, gc=False, kw_only=True):
    """A thing made by somebody: a package, a device, a service, a line of a purchase request."""

    ref: str | None = None
    type: str | None = None
    name: str | None = None
    version: str | None = None
    group: str | None = None
    purl: str | None = None
    cpe: str | None = None
    swid: Swid | None = None
    publisher: str | None = None
    author: str | None = None
    authors: list[Person] | None = None
    supplier: Organisation | None = None
    manufacturer: Organisation | None = None
    references: list[Reference] | None = None
    scope: str | None = None
    place: Any = None  # a Place
    pointer: str = ""


class Buyer(msgspec.Struct, frozen=True):
    """Who acts, and in which capacities (None: nobody said)."""

    name: str | None = None
    roles: frozenset[str] | None = None


class Stretch(msgspec.Struct, frozen=True):
    """Components that stand in one list of the document: from number `first` on, at `key` below their parent."""

    first: int
    key: str
    place: Place
    of_application: Place
    parent: int | None = None  # the number of the component whose list it is


class Subject(msgspec.Struct):
    """One thing to decide on: an SBOM, or a purchase request with the SBOMs of its lines."""

    kind: str  # "sbom" or "request"
    name: str
    digest: str
    buyer: Buyer
    as_of: Moment
    components: list[Component]
    stretches: list[Stretch] = []  # those of the components that have no place of their own yet
    unsaid: tuple[str, ...] = ()  # lists that an act needs and nobody gave: "supplier_uses"
    bare: tuple[str, ...] = ()  # pointers of products that an SBOM describes without parts
    dated: bool = False  # the document gave its own date
    attached: dict[str, str] = {}  # where a request's line names an SBOM -> its path

    def settled(self, number: int) -> Component:
        """A component with its place and pointer. Most are never asked for, so they are not worked out beforehand."""
        return settle(self.components, self.stretches, number)


def settle(components: list[Component], stretches: list[Stretch], number: int) -> Component:
    """The component of that number, its place and pointer filled in."""
    component = components[number]
    if component.place is None:
        stretch = _stretch(stretches, number)
        component.place = stretch.of_application if component.type == "application" else stretch.place
        component.pointer = _pointer(stretches, number)
    return component


def _pointer(stretches: list[Stretch], number: int) -> str:
    """The way from the root to a component, worked out from its end: nesting may be as deep as it likes."""
    steps: list[str] = []
    at: int | None = number
    while at is not None:
        stretch = _stretch(stretches, at)
        steps.append(f"{stretch.key}/{at - stretch.first}")
        at = stretch.parent
    return "".join(reversed(steps))


def _stretch(stretches: list[Stretch], number: int) -> Stretch:
    return stretches[bisect_right(stretches, number, key=_first) - 1]


def _first(stretch: Stretch) -> int:
    return stretch.first
