"""What the gate does not read, by how it begins: named, so that one knows what to do instead."""

import re

from gate.errors import ReadError

_UNPACK = "Unpack it, and give the SBOM that is in it."

ARCHIVES = {
    b"PK\x03\x04": "a zip archive",
    b"PK\x05\x06": "an empty zip archive",
    b"7z\xbc\xaf\x27\x1c": "a 7z archive",
    b"Rar!\x1a\x07": "a rar archive",
    b"BZh": "packed with bzip2",
    b"\xfd7zXZ\x00": "packed with xz",
    b"\x28\xb5\x2f\xfd": "packed with zstd",
    b"\x04\x22\x4d\x18": "packed with lz4",
}
"""First bytes -> what it is. Only gzip is unpacked here: https://en.wikipedia.org/wiki/List_of_file_signatures."""

BINARIES = {
    b"%PDF": "a PDF",
    b"\x7fELF": "a program (ELF)",
    b"MZ": "a program (Windows)",
    b"\xcf\xfa\xed\xfe": "a program (Mach-O)",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"\xd0\xcf\x11\xe0": "an old Office document",
    b"SQLite format 3": "a database",
}
"""First bytes -> what it is that no SBOM can be."""

_NO_TEXT = (*ARCHIVES, *BINARIES)

TAR = b"ustar"
TAR_AT = 257
"""Where a tar archive says what it is: POSIX.1-2017, pax, "ustar Interchange Format"."""

MARKS_OF_UTF_16 = (b"\xfe\xff", b"\xff\xfe")

_TAG_VALUE = re.compile(rb"^(?:SPDXVersion|spdxVersion)[ \t]*:", re.MULTILINE)
_RDF = re.compile(rb"<(?:[\w.-]+:)?RDF\b.*spdx\.org/rdf", re.DOTALL)

TO_CYCLONEDX = "Give a CycloneDX SBOM: the tool that wrote this one may write that too, or convert it."


def refuse_binary(data: bytes, name: str) -> None:
    """Raise ReadError for an archive, or anything else that is no text."""
    if data.startswith(MARKS_OF_UTF_16):  # XML may be so; a picture begins otherwise
        return
    if data[TAR_AT : TAR_AT + len(TAR)] == TAR and b"\x00" in data[:TAR_AT]:
        raise ReadError("It is a tar archive", file=name, remedy=_UNPACK)
    if not data.startswith(_NO_TEXT):
        return
    for start, what in ARCHIVES.items():
        if data.startswith(start):
            raise ReadError(f"It is {what}", file=name, remedy=_UNPACK)
    for start, what in BINARIES.items():
        if data.startswith(start):
            raise ReadError(f"It is {what}, and no SBOM", file=name, remedy="Give the SBOM of it.")


def refuse_spdx(data: bytes, name: str) -> None:
    """Raise ReadError for an SPDX document in one of its other forms: tag-value, YAML, RDF. (JSON is told by its keys.)

    https://spdx.github.io/spdx-spec/v2.3/conformance/
    """
    head = data[:4096]
    if head.lstrip().startswith(b"{"):
        return
    form = "RDF" if _RDF.search(head) else "tag-value or YAML" if _TAG_VALUE.search(head) else None
    if form is not None:
        raise ReadError(
            f"It is an SPDX document ({form}), which the gate does not read", file=name, remedy=TO_CYCLONEDX
        )
