"""`/v1/sboms`: SBOMs kept by their digest, so that the lines of a request can name them."""

import hashlib
from datetime import UTC, datetime
from typing import Annotated

import msgspec
from fastapi import APIRouter, Path, Request, Response

from gate.api.body import MULTIPART, media_type_of, parts, whole
from gate.api.exchange import Answer
from gate.api.openapi import shape
from gate.api.problem import Problem
from gate.api.route import answers, caller_of, problems, response_of, service_of
from gate.guard.role import READERS, Role
from gate.read import is_sbom, read_sbom

router = APIRouter(tags=["sboms"])

PATH = "/v1/sboms"

Digest = Annotated[str, Path(pattern="^sha256:[0-9a-f]{64}$", max_length=71)]


@router.put(
    PATH,
    operation_id="put_sbom",
    summary="Keep an SBOM under its digest",
    responses={
        **answers("It is kept", "Kept"),
        **problems("malformed", "unreadable", "too-large", "media-type", "usage", "no-store", "busy", "too-slow"),
    },
    openapi_extra=shape.SBOM,
)
async def keep(request: Request) -> Response:
    """The digest is of the unpacked bytes. It is read first: what is no CycloneDX SBOM is refused."""
    caller = caller_of(request)
    caller.demand(Role.REQUESTER)
    service = service_of(request)
    store = service.needs_store()
    raw = await whole(request.receive, caller.headers, service.settings)
    if media_type_of(caller.headers)[0] == MULTIPART:
        raise Problem("media-type", "One SBOM is kept at a time.", remedy="Send it as the body itself.")

    def work() -> bytes:
        [part] = parts(raw, caller.headers, service.settings)
        found = read_sbom(part.data, "body")
        digest = store.blobs.put(part.data, part.media_type, datetime.now(UTC))
        return msgspec.json.encode({"digest": digest, "size": len(part.data), "components": len(found.components)})

    answer = await service.on_thread(work)
    digest = msgspec.json.decode(answer)["digest"]
    return response_of(Answer(answer, headers={"Location": f"{PATH}/{digest}"}))


@router.get(
    PATH + "/{digest}",
    operation_id="get_sbom",
    summary="An SBOM by its digest",
    responses={**shape.STORED, **problems("unknown", "gone", "usage", "no-store")},
)
async def one(request: Request, digest: Digest) -> Response:
    """Unpacked, with the media type it came with."""
    caller_of(request).demand(*READERS)
    service = service_of(request)
    store = service.needs_store()
    found = await service.on_side(lambda: store.blobs.one(digest))
    if found is None:
        raise Problem("unknown", "No SBOM is kept under that digest.")
    data = await service.on_side(lambda: store.blobs.data(digest))
    if data is None:
        raise Problem("gone", "It is kept no longer.")
    if not is_sbom(data):  # the store keeps requests and laws the same way, and those are nobody's to read here
        raise Problem("unknown", "No SBOM is kept under that digest.")
    name = hashlib.sha256(digest.encode()).hexdigest()[:12]
    # What somebody sent is never shown as a page of this service.
    return response_of(
        Answer(data, found.media_type, headers={"Content-Disposition": f'attachment; filename="{name}"'})
    )
