"""The whole document against the official schema: a refusal that names the faults, on request (`--validate`)."""

from typing import TYPE_CHECKING

import msgspec

from gate.errors import ReadError
from gate.read.locate import line_in_json

if TYPE_CHECKING:
    from gate.read.schema import Fault


class _Envelope(msgspec.Struct, rename={"format": "bomFormat", "version": "specVersion"}):
    format: str | None = None
    version: str | None = None


def refuse_invalid(data: bytes, name: str, dialect: str) -> None:
    """Raise ReadError unless the document is valid CycloneDX of the version it states."""
    faults = _faults_xml(data, name) if dialect == "cyclonedx_xml" else _faults_json(data, name)
    if faults:
        first, *rest = faults
        more = f" (and {len(rest)} more)" if rest else ""
        raise ReadError(
            f"It breaks the CycloneDX schema: {first.message}{more}",
            file=name,
            pointer=first.pointer,
            line=first.line if first.line is not None else line_in_json(data, first.pointer),
            remedy="Mend it, or leave validate out: what the decision rests on is checked all the same.",
        )


def _faults_xml(data: bytes, name: str) -> "list[Fault]":
    from gate.read import schema
    from gate.read.cyclonedx_xml import root_tag, version_of

    tag = root_tag(data, name)
    version = version_of(tag)
    if version is None:
        raise ReadError(
            f"Its root element is {tag[:80]!r}, which is no CycloneDX",
            file=name,
            remedy="Give a CycloneDX document of version 1.0 to 1.7.",
        )
    return schema.faults_xml(data, version)


def _faults_json(data: bytes, name: str) -> "list[Fault]":
    from gate.read import schema
    from gate.read.cyclonedx_json import refuse_unless_cyclonedx
    from gate.read.fault import fault_in

    try:
        envelope = msgspec.json.decode(data, type=_Envelope)
    except RecursionError as error:
        raise ReadError(
            "It is nested too deeply to be checked against the schema",
            file=name,
            remedy="Leave validate out: the gate reads components at any depth.",
        ) from error
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise fault_in(data, name, error) from error
    refuse_unless_cyclonedx(envelope.format, envelope.version, data, name)
    return schema.faults_json(data, envelope.version or "")
