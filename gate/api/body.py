"""The body of a request -> documents: within the limits, unpacked, and if it is multipart taken apart."""

import asyncio
import zlib
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from gate.api.problem import Problem
from gate.api.settings import Settings

Receive = Callable[[], Awaitable[Any]]

GZIP = b"\x1f\x8b"

MOST_PARTS = 200

ACCEPTED = ("application/json", "application/xml", "text/xml", "application/gzip", "application/octet-stream")
"""Media types of a body, beside those that end in +json or +xml. The content decides which document it is."""

MULTIPART = "multipart/form-data"


class Part(msgspec.Struct):
    """A document of a body, unpacked. `name` is its file name, or that of its form field."""

    data: bytes
    name: str
    media_type: str


def within_limits(receive: Receive, settings: Settings) -> Receive:
    """The same, for whoever reads the body: it raises Problem for one that grows too large, or has not come in time."""
    size, is_over, until = 0, False, asyncio.get_running_loop().time() + settings.limit_upload

    async def receiving() -> Any:
        nonlocal size, is_over
        if is_over:  # what follows is that the client has gone, and that may take as long as it likes
            return await receive()
        try:
            async with asyncio.timeout_at(until):
                message = await receive()
        except TimeoutError:
            raise Problem(
                "too-late",
                f"The body did not come within {settings.limit_upload:g} s.",
                headers={"Connection": "close"},
                limit=int(settings.limit_upload),
            ) from None
        size += len(message.get("body", b""))
        if size > settings.limit_body:
            raise _too_large("The body", settings.limit_body)
        is_over = not message.get("more_body")
        return message

    return receiving


async def whole(receive: Receive, headers: Mapping[bytes, bytes], settings: Settings) -> bytes:
    """All bytes of the body as they came. Raises Problem beyond the limit, before they are all read."""
    said = headers.get(b"content-length", b"")
    if said.isdigit() and int(said) > settings.limit_body:
        raise _too_large("The body", settings.limit_body)
    message = await receive()
    data: bytes = message.get("body", b"")
    if message.get("more_body"):
        chunks, size = [data], len(data)
        while message.get("more_body"):
            message = await receive()
            if message["type"] == "http.disconnect":
                raise Problem("malformed", "The connection ended before the body did.")
            chunk = message.get("body", b"")
            size += len(chunk)
            if size > settings.limit_body:
                raise _too_large("The body", settings.limit_body)
            chunks.append(chunk)
        data = b"".join(chunks)
    if len(data) > settings.limit_body:
        raise _too_large("The body", settings.limit_body)
    return data


def parts(data: bytes, headers: Mapping[bytes, bytes], settings: Settings) -> list[Part]:
    """The documents in a body. Raises Problem."""
    media_type, options = media_type_of(headers)
    if media_type == MULTIPART:
        return _taken_apart(unpacked(data, headers, settings), options.get(b"boundary", b""), settings)
    is_json_or_xml = media_type.endswith(("+json", "+xml"))
    if media_type and media_type not in ACCEPTED and not is_json_or_xml:
        raise Problem(
            "media-type",
            f"The body is said to be {media_type[:80]!r}.",
            remedy="Send application/json, application/xml, a type that ends in +json or +xml, or multipart/form-data.",
        )
    return [Part(unpacked(data, headers, settings), "", media_type or "application/octet-stream")]


def media_type_of(headers: Mapping[bytes, bytes]) -> tuple[str, dict[bytes, bytes]]:
    """The media type of a body in lower case, and its parameters."""
    kind, options = parse_options_header(headers.get(b"content-type", b""))
    return kind.decode("latin-1").strip().lower(), options


def unpacked(data: bytes, headers: Mapping[bytes, bytes], settings: Settings) -> bytes:
    """The body without its content coding. A document that is gzip itself is unpacked too."""
    coding = headers.get(b"content-encoding", b"").strip().lower()
    if coding not in (b"", b"identity", b"gzip", b"x-gzip"):
        raise Problem(
            "media-type", f"The content coding {coding[:40].decode('latin-1')!r} is not read.", remedy="gzip is."
        )
    if b"gzip" in coding or data.startswith(GZIP):
        return _gunzipped(data, settings)
    return data


def _gunzipped(data: bytes, settings: Settings) -> bytes:
    unpacking = zlib.decompressobj(wbits=31)
    try:
        text = unpacking.decompress(data, settings.limit_unpacked + 1)
    except zlib.error:
        raise Problem("malformed", "The body's gzip packing is broken.") from None
    if len(text) > settings.limit_unpacked:
        raise _too_large("The unpacked body", settings.limit_unpacked, "Split it.")
    if not unpacking.eof:
        raise Problem("malformed", "The body's gzip packing breaks off.")
    if unpacking.unused_data:
        raise Problem("malformed", "Something follows the body's gzip packing.")
    return text


class _Taking:
    """What the parser tells of one part after another."""

    def __init__(self) -> None:
        self.parts: list[tuple[dict[bytes, bytes], bytearray]] = []
        self.is_over = False  # the closing boundary was read
        self._field = bytearray()
        self._value = bytearray()

    def begin(self) -> None:
        if len(self.parts) >= MOST_PARTS:
            raise Problem("too-large", f"The body has more than {MOST_PARTS} parts.", limit=MOST_PARTS)
        self.parts.append(({}, bytearray()))

    def field(self, data: bytes, start: int, end: int) -> None:
        self._field += data[start:end]

    def value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def header_end(self) -> None:
        self.parts[-1][0][bytes(self._field).lower()] = bytes(self._value)
        self._field.clear()
        self._value.clear()

    def data(self, data: bytes, start: int, end: int) -> None:
        self.parts[-1][1].extend(data[start:end])

    def end(self) -> None:
        self.is_over = True


def _taken_apart(data: bytes, boundary: bytes, settings: Settings) -> list[Part]:
    if not boundary:  # whoever sets the header by hand leaves it out
        what = "Content-Type does not say the boundary of the multipart body."
        raise Problem("malformed", what, remedy="Let the HTTP client write Content-Type itself.")
    taking = _Taking()
    try:
        parser = MultipartParser(
            boundary,
            {
                "on_part_begin": taking.begin,
                "on_part_data": taking.data,
                "on_header_field": taking.field,
                "on_header_value": taking.value,
                "on_header_end": taking.header_end,
                "on_end": taking.end,
            },
        )
        # Its last two bytes close it (RFC 2046, section 5.1.1). One that is over before them has an epilogue, which
        # other readers may take for parts; one that is not over with them was cut off.
        text = data.rstrip(b" \t\r\n")
        parser.write(text[:-2])
        followed = taking.is_over
        parser.write(text[-2:])
        parser.finalize()
    except (FormParserError, ValueError):
        raise Problem("malformed", "The multipart body is not parted as its boundary says (RFC 2046).") from None
    if not taking.parts:
        raise Problem("malformed", "The multipart body has no part.")
    if followed:
        raise Problem("malformed", "Something follows the closing boundary of the multipart body.")
    if not taking.is_over:
        raise Problem("malformed", "The multipart body breaks off: it has no closing boundary.")
    found, size = [], 0
    for headers, content in taking.parts:
        _, said = parse_options_header(headers.get(b"content-disposition", b""))
        name = (said.get(b"filename") or said.get(b"name") or b"").decode("utf-8", "replace")
        media_type, _ = media_type_of(headers)
        text = unpacked(bytes(content), {}, settings)
        size += len(text)
        if size > settings.limit_unpacked:
            raise _too_large("The unpacked body", settings.limit_unpacked, "Split it.")
        found.append(Part(text, name, media_type or "application/octet-stream"))
    return found


def _too_large(what: str, limit: int, remedy: str = "Split it, or pack it with gzip.") -> Problem:
    return Problem("too-large", f"{what} has more than {limit} bytes.", limit=limit, remedy=remedy)
