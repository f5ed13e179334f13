"""What cyclonedx-python-lib writes the gate reads: every identity, in every format and version that can say it."""

from collections.abc import Iterable, Iterator
from itertools import chain, product

import pytest
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component as Written
from cyclonedx.model.contact import OrganizationalEntity
from cyclonedx.model.service import Service
from cyclonedx.output import make_outputter
from cyclonedx.schema import OutputFormat, SchemaVersion
from hypothesis import Phase, given, settings

from gate.identity import ACCOUNTS, OWN_LINKS, Identity, Kind, identities
from gate.read.cyclonedx_json import VERSIONS as JSON_VERSIONS
from gate.read.cyclonedx_xml import VERSIONS as XML_VERSIONS
from gate.subject import Component
from tests.strategies import read_from, written_boms

# The library says which of its fields are old and which a version has not; nobody asked.
pytestmark = [pytest.mark.filterwarnings(f"ignore::{kind}") for kind in ("UserWarning", "DeprecationWarning")]

Said = frozenset[Identity]
"""All identities that one component carries."""

WAYS = [*product([OutputFormat.JSON], JSON_VERSIONS), *product([OutputFormat.XML], XML_VERSIONS)]

ONCE_FOR_EACH_WAY = settings(
    max_examples=settings().max_examples * 3 // 5,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # the documents are small, and to shrink one takes minutes
)

SINCE = {
    "metadata": "1.2",
    "services": "1.2",
    "supplier": "1.2",
    "author": "1.2",
    "swid": "1.2",
    "pedigree": "1.1",
    "references": "1.1",
    "manufacturer": "1.6",
    "authors": "1.6",
}
"""The first version that can say it; all others can be said in each."""


def written(bom: Bom, form: OutputFormat, version: str) -> bytes:
    return make_outputter(bom, form, SchemaVersion.from_version(version)).output_as_string().encode()


def of_organisation(field: str, organisation: OrganizationalEntity | None) -> Iterator[Identity]:
    if organisation is not None:
        if organisation.name:
            yield Kind.PARTY, f"{field}.name", organisation.name
        for url in organisation.urls:
            yield Kind.LINK, f"{field}.url", str(url)
        for contact in organisation.contacts:
            if contact.email:
                yield Kind.MAIL, f"{field}.contact", contact.email


def expected_of(component: Written, version: str) -> Said:
    def can(field: str) -> bool:
        return version >= SINCE[field]

    said: set[Identity] = {(Kind.PRODUCT, "name", component.name)}
    purl, group = component.purl, component.group or ""
    # Whose account a purl names its group need not say again.
    is_account = purl is not None and purl.type in ACCOUNTS and (purl.namespace or "").split("/")[0] == group.lower()
    plain = (
        (Kind.PURL, "purl", component.purl.to_string() if component.purl else None),
        (Kind.CPE, "cpe", component.cpe),
        (Kind.GROUP, "group", None if is_account else group),
        (Kind.ORGANISATION, "publisher", component.publisher),
        (Kind.AUTHOR, "author", component.author if can("author") else None),
        (Kind.PRODUCT, "swid.name", component.swid.name if component.swid and can("swid") else None),
    )
    said.update((kind, field, text) for kind, field, text in plain if text)
    if can("supplier"):
        said.update(of_organisation("supplier", component.supplier))
    if can("manufacturer"):
        said.update(of_organisation("manufacturer", component.manufacturer))
    if can("authors"):
        said.update((Kind.AUTHOR, "authors/name", author.name) for author in component.authors if author.name)
    if can("references"):
        links = [link for link in component.external_references if link.type.value in OWN_LINKS]
        said.update((Kind.LINK, "externalReferences/url", str(link.url)) for link in links)
    return frozenset(said)


def expected_of_service(service: Service) -> Said:
    said: set[Identity] = {(Kind.PRODUCT, "name", service.name)}
    if service.group:
        said.add((Kind.GROUP, "group", service.group))
    said.update(of_organisation("supplier", service.provider))
    said.update((Kind.LINK, "externalReferences/url", str(url)) for url in service.endpoints)
    return frozenset(said)


def below(components: Iterable[Written], version: str) -> Iterator[Written]:
    for component in components:
        yield component
        yield from below(component.components, version)
        if component.pedigree is not None and version >= SINCE["pedigree"]:
            yield from below(component.pedigree.ancestors, version)


def services_below(services: Iterable[Service]) -> Iterator[Service]:
    for service in services:
        yield service
        yield from services_below(service.services)


def expected_parts(bom: Bom, version: str) -> set[Said]:
    said = {expected_of(component, version) for component in below(bom.components, version)}
    root = bom.metadata.component
    if root is not None and version >= SINCE["metadata"]:
        said |= {expected_of(part, version) for part in below([root], version) if part is not root}
    if version >= SINCE["services"]:
        said |= {expected_of_service(service) for service in services_below(bom.services)}
    return said


def expected_product(bom: Bom, version: str) -> Said:
    if version < SINCE["metadata"]:
        return frozenset()
    root = bom.metadata.component
    of_root = expected_of(root, version) if root is not None else frozenset()
    return of_root | frozenset(of_organisation("supplier", bom.metadata.supplier))


def said_by(component: Component) -> Said:
    # The library keeps sets, so numbers in a field mean nothing; a name that is a path is a name as well.
    return frozenset(
        (kind, "/".join(step for step in field.split("/") if not step.isdigit()), text)
        for kind, field, text in identities(component)
        if kind is not Kind.PATH
    )


@pytest.mark.parametrize(("form", "version"), WAYS, ids=[f"{form.name}-{version}" for form, version in WAYS])
@ONCE_FOR_EACH_WAY
@given(bom=written_boms())
def test_every_identity_that_the_library_writes_is_read(form: OutputFormat, version: str, bom: Bom) -> None:
    found = read_from(written(bom, form, version))
    products = [component for pointer, component in found.items() if pointer in ("/metadata", "/metadata/component")]
    parts = [component for pointer, component in found.items() if pointer not in ("/metadata", "/metadata/component")]
    assert {said_by(part) for part in parts} == expected_parts(bom, version)
    assert frozenset(chain.from_iterable(map(said_by, products))) == expected_product(bom, version)
