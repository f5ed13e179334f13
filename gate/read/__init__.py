"""Bytes -> Subject. Content decides the dialect, never the file's name."""

import hashlib
from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec

from gate.digest import sha256
from gate.errors import ReadError
from gate.read.bom import Found
from gate.read.foreign import TO_CYCLONEDX, refuse_binary, refuse_spdx
from gate.subject import Buyer, Subject
from policy.dates import Moment

if TYPE_CHECKING:
    from gate.read.request import Attach

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
UTF_8 = "Save it as UTF-8."


def _json(data: bytes, name: str) -> Found:
    from gate.read import cyclonedx_json

    return cyclonedx_json.read(data, name)


def _xml(data: bytes, name: str) -> Found:
    from gate.read import cyclonedx_xml

    return cyclonedx_xml.read(data, name)


SBOM_READERS: dict[str, Callable[[bytes, str], Found]] = {"cyclonedx_json": _json, "cyclonedx_xml": _xml}
"""Dialect of an SBOM -> its reader, a module of this package, loaded when it is needed."""

READERS = (*SBOM_READERS, "request")
"""Every dialect that can be read."""


_ABSENT = msgspec.Raw()


class Marks(msgspec.Struct):
    """The keys by which JSON documents tell what they are."""

    bom_format: msgspec.Raw = msgspec.field(name="bomFormat", default=_ABSENT)
    lines: msgspec.Raw = _ABSENT
    spdx_version: msgspec.Raw = msgspec.field(name="spdxVersion", default=_ABSENT)
    context: msgspec.Raw = msgspec.field(name="@context", default=_ABSENT)
    payload_type: msgspec.Raw = msgspec.field(name="payloadType", default=_ABSENT)
    predicate_type: msgspec.Raw = msgspec.field(name="predicateType", default=_ABSENT)
    sbom: msgspec.Raw = _ABSENT


def read(data: bytes, name: str, *, now: Moment, attach: "Attach | None" = None, validate: bool = False) -> Subject:
    """The document as a subject. `name` is for messages; `attach` reads the SBOMs that a request's lines name.

    Raises ReadError: what is wrong, in which file and place, and what to do.
    """
    data = _text(data, name)
    dialect = recognise(data, name)
    if dialect == "request":
        from gate.read import request

        return request.read(data, name, attach or _refuse_attachments)
    digest = _digesting(data)
    found = read_sbom(data, name, validate=validate)
    bare = ("/metadata/component",) if found.is_bare else ()
    return Subject("sbom", name, digest(), Buyer(), now, found.components, found.stretches, bare=bare)


def read_sbom(data: bytes, name: str, *, validate: bool = False) -> Found:
    """The components of an SBOM, in whichever dialect it is. Raises ReadError."""
    data = _text(data, name)
    dialect = recognise(data, name)
    if dialect == "request":
        raise ReadError("It is a purchase request, and an SBOM is asked for", file=name)
    if validate:
        from gate.read.valid import refuse_invalid

        refuse_invalid(data, name, dialect)
    return SBOM_READERS[dialect](data, name)


def recognise(data: bytes, name: str) -> str:
    """Which dialect it is. Raises ReadError for a document that is none: never an empty SBOM."""
    data = data.removeprefix(BYTE_ORDER_MARK)
    refuse_spdx(data, name)
    start = data[:512].lstrip() or data.lstrip()[:1]
    if start.startswith((b"<", b"\xfe\xff", b"\xff\xfe")):
        return "cyclonedx_xml"
    if not start:
        raise ReadError("It is empty", file=name, remedy="Generate the SBOM again.")
    if b'"bomFormat"' in data[:4096]:  # where every generator puts it; the reader checks what it says
        return "cyclonedx_json"
    try:
        marks = msgspec.json.decode(data, type=Marks)
    except RecursionError:
        return "cyclonedx_json"
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        from gate.read.fault import fault_in

        raise fault_in(data, name, error) from error
    if _is_there(marks.bom_format):
        return "cyclonedx_json"
    if _is_there(marks.lines):
        return "request"
    raise _unlike(marks, name)


def is_sbom(data: bytes) -> bool:
    """Whether a reader of SBOMs takes it for one: what is kept by digest may as well be a request or a law."""
    try:
        return recognise(_text(data, "body"), "body") in SBOM_READERS
    except ReadError:
        return False


def _digesting(data: bytes) -> Callable[[], str]:
    """The document's SHA-256, worked out beside the reading: hashlib lets go of the interpreter for large data."""
    if len(data) < 1 << 20:
        return lambda: sha256(data)
    import threading

    state = hashlib.sha256()
    thread = threading.Thread(target=state.update, args=(data,))
    thread.start()

    def digest() -> str:
        thread.join()
        return "sha256:" + state.hexdigest()

    return digest


def _is_there(mark: msgspec.Raw) -> bool:
    return len(memoryview(mark)) > 0


def _unlike(marks: Marks, name: str) -> ReadError:
    if _is_there(marks.spdx_version) or _is_there(marks.context):
        return ReadError("It is an SPDX document, which the gate does not read", file=name, remedy=TO_CYCLONEDX)
    what = "It is neither CycloneDX (no bomFormat) nor a purchase request (no lines)"
    if _is_there(marks.payload_type) or _is_there(marks.predicate_type) or _is_there(marks.sbom):
        what = "It wraps another document; the gate reads the SBOM itself"
    return ReadError(what, file=name, remedy="Give a CycloneDX SBOM or a purchase request with `lines`.")


def _text(data: bytes, name: str) -> bytes:
    """Without a UTF-8 byte-order mark; a second one is a fault, and JSON in UTF-16 is refused when it is parsed."""
    refuse_binary(data, name)
    text = data.removeprefix(BYTE_ORDER_MARK)
    if text.startswith(BYTE_ORDER_MARK):
        raise ReadError("It starts with two byte-order marks", file=name, line=1, remedy="Save it as plain UTF-8.")
    if text.startswith((b"\xfe\xff", b"\xff\xfe")) and text.replace(b"\x00", b"")[2:3] in (b"{", b"["):
        raise ReadError("It is not UTF-8, as JSON must be (RFC 8259, section 8.1)", file=name, line=1, remedy=UTF_8)
    if b"\x00" in text[:4] and not text.startswith((b"\xfe\xff", b"\xff\xfe")):
        raise ReadError("It is not UTF-8, but UTF-16 or binary", file=name, line=1, remedy=UTF_8)
    return text


def _refuse_attachments(path: str, _: str | None) -> Found:
    raise ReadError(f"It attaches {path[:80]!r}, and nothing may be read from disk here", remedy="Inline it by digest.")
