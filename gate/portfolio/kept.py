"""A subject as the index keeps it: all that its decision rests on, so that another law can be asked without the file.

A scan reads a request each time: it depends on the day it is judged and on files beside it. For the questions that are
asked between two scans its text is kept, and the texts of the SBOMs that it attaches.
"""

from collections.abc import Container, Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec

from gate.subject import Buyer, Component, Organisation, Person, Place, Reference, Stretch, Subject, World, pointer_in
from policy.dates import Moment


class KeptPlace(msgspec.Struct, frozen=True, array_like=True):
    """A place in an SBOM; it states no acts, facts or purposes of its own."""

    worlds: tuple[World, ...]
    supplier_worlds: tuple[World, ...]
    guesses_cpes: bool


class KeptStretch(msgspec.Struct, array_like=True):
    """A stretch, before anything was asked of it."""

    first: int
    key: str
    of_parts: KeptPlace
    of_installed: KeptPlace
    parent: int | None
    in_device: bool


class KeptPerson(Person, gc=False, rename={"mail": "email"}):
    """As `read.wire.Author` is written. (A field that is not declared again keeps the name it had.)"""

    mail: str | None = None


class KeptCompany(
    Organisation,
    gc=False,
    rename={"urls": "url", "contacts": "contact", "identifiers": "(identifiers)", "country": "(country)"},
):
    """As `read.wire.Company` is written."""

    urls: list[str] | None = None
    contacts: list[KeptPerson] | None = None  # type: ignore[assignment]
    identifiers: None = None
    country: None = None


class KeptNode(
    Component,
    gc=False,
    kw_only=True,
    rename={"ref": "bom-ref", "references": "externalReferences", "place": "(place)", "pointer": "(pointer)"},
):
    """As `read.wire.Node` is written, in plain strings: no hook is asked about each of them."""

    ref: str | None = None
    authors: list[KeptPerson] | None = None  # type: ignore[assignment]
    supplier: KeptCompany | None = None
    manufacturer: KeptCompany | None = None
    references: list[Reference] | None = None
    place: None = None
    pointer: str = ""


class Placed(msgspec.Struct, array_like=True):
    """A component with a place of its own: the product, or a service."""

    component: KeptNode
    place: KeptPlace
    pointer: str


class KeptSubject(msgspec.Struct, array_like=True):
    """The subject. Components without a place of their own come first, as readers have them."""

    digest: str
    bare: tuple[str, ...]
    stretches: list[KeptStretch]
    placed: list[Placed]
    components: list[KeptNode]


class KeptRequest(msgspec.Struct, array_like=True):
    """A request as it was read, and the SBOMs of its lines by the paths that it gives them."""

    text: bytes
    attached: dict[str, bytes]


class KeptPackage(msgspec.Struct, gc=False):
    """Of a component its package URL alone."""

    purl: str | None = None


class PlacedPackage(msgspec.Struct, array_like=True):
    """As `Placed`."""

    component: KeptPackage
    place: msgspec.Raw
    pointer: str


class KeptPackages(msgspec.Struct, array_like=True):
    """As `KeptSubject`, for who asks for packages: the rest of it is passed over unread."""

    digest: str
    bare: msgspec.Raw
    stretches: list[KeptStretch]
    placed: list[PlacedPackage]
    components: list[KeptPackage]


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(KeptSubject)
_PACKAGES = msgspec.msgpack.Decoder(KeptPackages)
_REQUESTS = msgspec.msgpack.Decoder(KeptRequest)


def encoded(subject: Subject) -> bytes:
    """The bytes of an SBOM that was just read: asking for a component settles its place, and so changes it."""
    components = subject.components
    first = next((n for n in range(len(components)) if components[n].place is not None), len(components))
    if any(one.place is None for one in components[first:]):
        raise ValueError("components with and without a place are mixed")
    body: list[Any] = [
        subject.digest,
        subject.bare,
        [
            (one.first, one.key, _place(one.of_parts), _place(one.of_installed), one.parent, one.in_device)
            for one in subject.stretches
        ],
        [(_node(one), _place(one.place), one.pointer) for one in components[first:]],
        components[:first],
    ]
    return _ENCODER.encode(body)


def subject_of(data: bytes, name: str, now: Moment) -> Subject:
    """The subject that was kept, as if the file had been read now."""
    kept = _DECODER.decode(data)
    components: list[Component] = list(kept.components)
    for one in kept.placed:
        one.component.place = Place(*_taken(one.place), (), guesses_cpes=one.place.guesses_cpes)  # type: ignore[assignment]
        one.component.pointer = one.pointer
        components.append(one.component)
    return Subject("sbom", name, kept.digest, Buyer(), now, components, _stretches(kept.stretches), bare=kept.bare)


NO_TIME = datetime(1970, 1, 1, tzinfo=UTC)
"""In place of the clock, for what does not ask it."""


def request(text: bytes, attached: dict[str, bytes]) -> bytes:
    """The bytes of a request."""
    return _ENCODER.encode(KeptRequest(text, attached))


def request_of(data: bytes, name: str, now: Moment) -> Subject:
    """The request that was kept, read once more by the reader that took it, which is loaded for it."""
    from gate.read import read, read_sbom

    kept = _REQUESTS.decode(data)
    return read(kept.text, name, now=now, attach=lambda path, _: read_sbom(kept.attached[path], path))


def packages_of(data: bytes, wanted: Container[str]) -> Iterator[tuple[str, str]]:
    """Of a subject that was kept each component with one of these package URLs: the URL, and the pointer to it."""
    kept = _PACKAGES.decode(data)
    stretches = _stretches(kept.stretches)
    for one in kept.placed:
        if one.component.purl is not None and one.component.purl in wanted:
            yield one.component.purl, one.pointer
    for number, component in enumerate(kept.components):
        if component.purl is not None and component.purl in wanted:
            yield component.purl, pointer_in(stretches, number)


def requested(data: bytes, wanted: Container[str]) -> Iterator[tuple[str, str]]:
    """Of a request that was kept the same, those of the SBOMs it attaches among them."""
    subject = request_of(data, "", NO_TIME)
    for number, component in enumerate(subject.components):
        if component.purl is not None and component.purl in wanted:
            yield component.purl, subject.settled(number).pointer


def _stretches(kept: list[KeptStretch]) -> list[Stretch]:
    made: dict[KeptPlace, Place] = {}

    def place(one: KeptPlace) -> Place:  # `find` knows a place by its identity
        if one not in made:
            made[one] = Place(*_taken(one), (), guesses_cpes=one.guesses_cpes)
        return made[one]

    return [
        Stretch(one.first, one.key, place(one.of_parts), place(one.of_installed), one.parent, one.in_device)
        for one in kept
    ]


def _taken(place: KeptPlace) -> tuple[tuple[World, ...], tuple[World, ...]]:
    return place.worlds, place.supplier_worlds


def _place(place: Place) -> KeptPlace:
    return KeptPlace(place.worlds, place.supplier_worlds, place.guesses_cpes)


def _node(one: Component) -> dict[str, Any]:
    """A component under the names that a document has for its fields, whichever class it is of."""
    said: dict[str, Any] = {
        name: getattr(one, name) for name in Component.__struct_fields__ if name not in ("place", "pointer")
    }
    said["bom-ref"], said["externalReferences"] = said.pop("ref"), said.pop("references")
    for field in ("supplier", "manufacturer"):
        if said[field] is not None:
            said[field] = _company(said[field])
    if said["authors"] is not None:
        said["authors"] = [{"name": person.name, "email": person.mail} for person in said["authors"]]
    return said


def _company(one: Organisation) -> dict[str, Any]:
    contacts = [{"name": person.name, "email": person.mail} for person in one.contacts or ()]
    return {"name": one.name, "url": one.urls, "contact": contacts if one.contacts is not None else None}
