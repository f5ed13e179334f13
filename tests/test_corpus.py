"""The readers over SBOMs that others made: only when GATE_CORPUS names a folder of them, with its INDEX.tsv.

The counts are those of the collection this program was developed with; another collection has others.
"""

import csv
import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component as Theirs
from cyclonedx.model.contact import OrganizationalEntity
from cyclonedx.model.service import Service
from defusedxml.ElementTree import fromstring
from packageurl import PackageURL

from gate.errors import ReadError
from gate.files import bytes_of
from gate.read import read_sbom
from gate.read.bom import Found
from gate.subject import Component, Organisation

FOLDER = os.environ.get("GATE_CORPUS")
pytestmark = [
    pytest.mark.skipif(not FOLDER, reason="GATE_CORPUS names no folder of SBOMs"),
    # The library says which of its fields are old; nobody asked.
    *(pytest.mark.filterwarnings(f"ignore::{kind}") for kind in ("UserWarning", "DeprecationWarning")),
]

VALID = {"yes": True, "format-only": True, "no": False, "malformed": False}
"""What the index says -> whether --validate takes it: `format` is not asserted (see gate/read/schema.py)."""

REFUSED = {
    "It starts with two byte-order marks": ("two byte-order marks", 14),
    "It does not say that it is CycloneDX": ("wrapped in another document", 17),
    "Its bomFormat is": ("another bomFormat", 2),
    "specVersion": ("unknown specVersion", 2),
    "Its root element is": ("unknown namespace", 3),
    "It is no JSON": ("malformed JSON", 2),
    "It is no XML": ("malformed XML", 1),
    "It declares a document type": ("document type", 0),
    "Expected a string or null, got an object": ("an object in place of a URL", 1),
}
"""How a refusal begins -> what sort it is, and how many of that sort the collection has."""

EVERY = 6
"""Of the valid documents, every so many-th is read by cyclonedx-python-lib too."""


class Sample(NamedTuple):
    """A document of the collection, and what the index says of it."""

    name: str
    path: Path
    form: str
    is_malformed: bool
    is_valid: bool


@cache
def samples() -> list[Sample]:
    found = []
    folder = Path(FOLDER or "")
    with (folder / "INDEX.tsv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            path = folder / row["file"]
            path = path if path.exists() else path.with_name(path.name + ".gz")
            if path.exists():
                is_malformed = row["parse status"].startswith("malformed")
                found.append(Sample(row["file"], path, row["format"], is_malformed, VALID[row["schema valid"]]))
    return found


def data_of(sample: Sample) -> bytes:
    return bytes_of(str(sample.path))


@cache
def refusal(sample: Sample, *, validate: bool) -> ReadError | None:
    try:
        read_sbom(data_of(sample), sample.name, validate=validate)
    except ReadError as error:
        return error
    return None


def test_the_index_and_the_folder_agree() -> None:
    assert len(samples()) > 1800


@pytest.mark.parametrize("form", ["json", "xml"])
def test_validation_takes_what_the_schemas_take_and_nothing_else(form: str) -> None:
    disagreements = []
    for sample in samples():
        if sample.form == form:
            error = refusal(sample, validate=True)
            if (error is None) is not sample.is_valid:
                disagreements.append((sample.name, sample.is_valid, str(error)))
    assert disagreements == []


def test_a_document_that_the_schema_takes_is_read_without_it_too() -> None:
    refused = [(s.name, str(error)) for s in samples() if s.is_valid and (error := refusal(s, validate=False))]
    assert refused == []


def test_every_document_is_read_or_refused_for_a_known_reason() -> None:
    counts: Counter[str] = Counter()
    unexplained = []
    for sample in samples():
        error = refusal(sample, validate=False)
        if error is not None:
            known = [sort for start, (sort, _) in REFUSED.items() if error.what.startswith(start)]
            counts.update(known)
            if len(known) != 1:
                unexplained.append((sample.name, str(error)))
    assert unexplained == []
    assert {sort: counts[sort] for sort, _ in REFUSED.values()} == dict(REFUSED.values())


def test_every_refusal_names_its_file_and_a_remedy() -> None:
    refused = [(s, error) for s in samples() for way in (True, False) if (error := refusal(s, validate=way))]
    assert [(s.name, str(e)) for s, e in refused if e.file != s.name or not e.what or not e.remedy] == []


def test_every_refusal_is_one_printable_line() -> None:
    refused = [(s.name, str(error)) for s in samples() for way in (True, False) if (error := refusal(s, validate=way))]
    assert [(name, said) for name, said in refused if not said.isprintable() or len(said) > 800] == []


def test_a_malformed_document_is_never_read() -> None:
    assert [s.name for s in samples() if s.is_malformed and refusal(s, validate=False) is None] == []


# The same documents, read by cyclonedx-python-lib.

Said = frozenset[tuple[str, str]]
"""What a component says of itself, field by field."""


def said(**fields: str | None) -> Said:
    plain = ((field, " ".join(text.split())) for field, text in fields.items() if text)
    # The library reads an empty XML element as the word "None".
    return frozenset((field, text) for field, text in plain if text not in ("", "None"))


def canonical(purl: str | None) -> str | None:
    """As the library writes it, which is not always as it stands in the document."""
    try:
        return PackageURL.from_string(purl).to_string() if purl else None
    except ValueError:
        return purl


def our_organisation(organisation: Organisation | None) -> str | None:
    return organisation.name if organisation is not None else None


def ours(component: Component) -> Said:
    return said(
        name=component.name,
        version=component.version,
        group=component.group,
        purl=canonical(component.purl),
        cpe=component.cpe,
        publisher=component.publisher,
        author=component.author,
        supplier=our_organisation(component.supplier),
        manufacturer=our_organisation(component.manufacturer),
    )


def theirs(component: Theirs) -> Said:
    return said(
        name=component.name,
        version=component.version,
        group=component.group,
        purl=component.purl.to_string() if component.purl else None,
        cpe=component.cpe,
        publisher=component.publisher,
        author=component.author,
        supplier=their_organisation(component.supplier),
        manufacturer=their_organisation(component.manufacturer),
    )


def their_service(service: Service) -> Said:
    provider = their_organisation(service.provider)
    return said(name=service.name, version=service.version, group=service.group, supplier=provider)


def their_organisation(organisation: OrganizationalEntity | None) -> str | None:
    return organisation.name if organisation is not None else None


def below(components: Iterable[Theirs]) -> Iterator[Theirs]:
    for component in components:
        yield component
        yield from below(component.components)
        if component.pedigree is not None:
            yield from below(component.pedigree.ancestors)


def services_below(services: Iterable[Service]) -> Iterator[Service]:
    for service in services:
        yield service
        yield from services_below(service.services)


def parts_of(found: Found) -> set[Said]:
    return {ours(component) for component in found.components if not component.pointer.startswith("/metadata")}


def product_of(found: Found) -> Said:
    # The root, and beside it what the metadata say of its supplier and maker.
    products = [component for component in found.components if component.pointer.startswith("/metadata")]
    return frozenset(chain.from_iterable(ours(product) for product in products))


def their_parts(bom: Bom) -> set[Said]:
    root = bom.metadata.component
    within_root = [] if root is None else [part for part in below([root]) if part is not root]
    parts = {theirs(component) for component in (*below(bom.components), *within_root)}
    return parts | {their_service(service) for service in services_below(bom.services)}


def their_product(bom: Bom) -> Said:
    root = frozenset() if bom.metadata.component is None else theirs(bom.metadata.component)
    supplier, maker = bom.metadata.supplier, bom.metadata.manufacture
    return root | said(supplier=their_organisation(supplier), manufacturer=their_organisation(maker))


def loaded(sample: Sample) -> Bom | None:
    """What the library makes of it; None where it does not load what the schema takes."""
    reads: Any = Bom
    data = data_of(sample).removeprefix(b"\xef\xbb\xbf")
    try:
        bom: Bom = reads.from_json(json.loads(data)) if sample.form == "json" else reads.from_xml(fromstring(data))
    except Exception:  # noqa: BLE001 - the library lets through whatever its own parts raise
        return None
    return bom


def test_the_library_and_the_gate_read_the_same_identities() -> None:
    valid = [sample for sample in samples() if sample.is_valid and len(data_of(sample)) < 300_000]
    compared: Counter[str] = Counter()
    disagreements = []
    for sample in valid[::EVERY]:
        bom = loaded(sample)
        if bom is None:
            compared["not loaded"] += 1
            continue
        compared[sample.form] += 1
        found = read_sbom(data_of(sample), sample.name)
        parts = parts_of(found) ^ their_parts(bom)
        product = product_of(found) ^ their_product(bom)
        if parts or product:
            disagreements.append((sample.name, sorted(map(sorted, parts))[:4], sorted(product)))
    assert disagreements == []
    assert compared.total() - compared["not loaded"] > 100
    assert min(compared["json"], compared["xml"]) > 40
