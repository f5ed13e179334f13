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


class Stretch(msgspec.Struct):
    """Components that stand in one list of the document: from number `first` on, at `key` below their parent."""

    first: int
    key: str
    of_parts: Place
    of_installed: Place  # of what may have been installed by itself
    parent: int | None = None  # the number of the component whose list it is
    in_device: bool = False  # the document describes a device, and what is in it
    above: str | None = None  # the pointer of that component, once it was asked for


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
        is_part = _is_built_in(component) or (stretch.in_device and component.type in PHYSICAL)
        component.place = stretch.of_parts if is_part else stretch.of_installed
        component.pointer = pointer_in(stretches, number)
    return component


PHYSICAL = frozenset({"device", "firmware", "device-driver"})
"""Types of what is inside a device as a part of it."""

BUILT_IN = frozenset(
    {
        *("cargo", "cocoapods", "composer", "conan", "cpan", "cran", "gem", "golang", "hackage", "hex", "julia"),
        *("luarocks", "maven", "npm", "nuget", "opam", "pub", "pypi", "swift"),
    }
)
"""purl types of packages that are built into something else: never a product that somebody installs by itself."""


def _is_built_in(component: Component) -> bool:
    """Whether it surely is a part. A library that an operating system packs (deb, rpm) may be a whole product."""
    purl = component.purl or component.ref or ""
    kind = purl.partition("/")[0].lower().removeprefix("pkg:")
    return kind in BUILT_IN and component.type in ("library", "framework")


DEEPEST_POINTER = 1024
"""Letters beyond which a pointer goes no deeper, and leads to what holds the thing: hostile nesting has no end."""


def pointer_in(stretches: list[Stretch], number: int) -> str:
    """The way from the root to a component. Nesting may be as deep as it likes, so nothing here calls itself."""
    stretch = _stretch(stretches, number)
    chain = [(stretch, number)]
    while stretch.above is None and stretch.parent is not None:
        number = stretch.parent
        stretch = _stretch(stretches, number)
        chain.append((stretch, number))
    pointer = stretch.above or ""
    for stretch, number in reversed(chain):
        stretch.above = pointer
        if len(pointer) <= DEEPEST_POINTER:
            pointer = f"{pointer}{stretch.key}/{number - stretch.first}"
    return pointer


def _stretch(stretches: list[Stretch], number: int) -> Stretch:
    return stretches[bisect_right(stretches, number, key=_first) - 1]


def _first(stretch: Stretch) -> int:
    return stretch.first
