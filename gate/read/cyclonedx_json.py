"""CycloneDX JSON 1.2 to 1.7. Typed structs and nothing more: what decides nothing is skipped, not built.

Spec: https://cyclonedx.org/docs/1.7/json/
"""

import gc

import msgspec

from gate.errors import ReadError
from gate.read.bom import Found, flatten
from gate.read.locate import line_near
from gate.read.wire import KEYS, Bom

EXACT_BELOW = 1 << 18
"""Bytes below which every key of the document is checked for being given twice, or in other letters. Above, only those
by which a component is recognised, placed and judged, and only for being given twice: a whole check would cost more
than the decision."""

VERSIONS = ("1.2", "1.3", "1.4", "1.5", "1.6", "1.7")


def read(data: bytes, name: str) -> Found:
    """Every component of the document. Raises ReadError: file, place and remedy."""
    from gate.read.twice import refuse_miswritten, refuse_twice

    if len(data) < EXACT_BELOW:
        refuse_twice(data, name)
        refuse_miswritten(data, name, KEYS)
    collects = gc.isenabled()
    gc.disable()  # the structs hold no cycles, and collecting over a million of them costs more than making them
    try:
        bom, said = _decoded(data)
        refuse_unless_cyclonedx(bom.format, bom.version, data, name)
        _refuse_request(bom, name)
        found = flatten(bom)
        if found.said != said:
            refuse_twice(data, name)
            raise ReadError("A key is given twice, and which of the two is meant nobody can know", file=name)
    except RecursionError:
        from gate.read.deep import build

        bom = build(data, name)
        refuse_unless_cyclonedx(bom.format, bom.version, data, name)
        _refuse_request(bom, name)
        found = flatten(bom)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        from gate.read.fault import fault_in

        raise fault_in(data, name, error) from error
    finally:
        if collects:
            gc.enable()
    return found


def _decoded(data: bytes) -> tuple[Bom, int]:
    """The document, and how many strings that decide anything were read from it.

    msgspec keeps the last of two keys. So if fewer of these strings are left than were read, a key was given twice.
    """
    read = 0

    def say(_: type[str], value: object) -> object:
        nonlocal read
        read += 1
        return value  # whether it is a string msgspec asks afterwards

    return msgspec.json.Decoder(Bom, dec_hook=say).decode(data), read


def _refuse_request(bom: Bom, name: str) -> None:
    """A document that is a purchase request as well: read as an SBOM, nobody would look at its lines."""
    if bom.lines is not None:
        raise ReadError(
            "It says that it is CycloneDX and has the lines of a purchase request",
            file=name,
            pointer="/lines",
            remedy="Give the request by itself, with the SBOM attached to its line by path.",
        )


def refuse_unless_cyclonedx(bom_format: str | None, version: str | None, data: bytes, name: str) -> None:
    """Anything else would read as an SBOM without components, and so as harmless."""
    if bom_format != "CycloneDX":
        raise ReadError(
            "It does not say that it is CycloneDX" if bom_format is None else f"Its bomFormat is {bom_format[:40]!r}",
            file=name,
            line=line_near(data, "/bomFormat"),
            pointer="/bomFormat",
            remedy='A CycloneDX JSON document has "bomFormat": "CycloneDX"; convert other formats first.',
        )
    if version not in VERSIONS:
        raise ReadError(
            "It states no specVersion" if version is None else f"specVersion {version[:20]!r} is not known",
            file=name,
            line=line_near(data, "/specVersion"),
            pointer="/specVersion",
            remedy=f"CycloneDX JSON is read in versions {', '.join(VERSIONS)}.",
        )
