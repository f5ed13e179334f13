"""One call to another system: no redirect is followed, and neither a slow nor a long answer can hold us up."""

import asyncio
from collections.abc import Mapping

import httpx
import msgspec

from gate.version import VERSION
from gate.workflow.faults import Unreachable

SECONDS = 20.0
"""For the whole call, from the first byte out to the last byte in."""

LIMIT = 8 * 1024**2
"""The most bytes of an answer."""


class Reply(msgspec.Struct, frozen=True):
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def is_good(self) -> bool:
        """Whether it is a 2xx."""
        return 200 <= self.status < 300


def client() -> httpx.AsyncClient:
    """A client for `call`. Proxies and passwords in this process's environment are not for the systems we reach."""
    return httpx.AsyncClient(
        follow_redirects=False,
        trust_env=False,
        timeout=httpx.Timeout(10.0),
        # Nothing packed is asked for, so nothing small can unpack to something large.
        headers={"user-agent": f"procurement-gate/{VERSION}", "accept-encoding": "identity"},
    )


WHO = "Look at the client's id, its secret and what it may do: in the workflow file, and there."
"""What to do where a system does not take the gate for whom it says it is."""


async def call(
    using: httpx.AsyncClient,
    method: str,
    url: httpx.URL,
    *,
    headers: Mapping[str, str] | None = None,
    content: bytes | None = None,
    seconds: float = SECONDS,
    limit: int = LIMIT,
) -> Reply:
    """Make a call. Raises Unreachable, whose words hold neither header nor body: either may hold a secret."""
    try:
        async with (
            asyncio.timeout(seconds),  # a timeout of httpx counts anew with each byte
            using.stream(method, url, headers=dict(headers or {}), content=content) as response,
        ):
            chunks, size = [], 0
            async for chunk in response.aiter_raw():
                size += len(chunk)
                if size > limit:
                    raise Unreachable(f"{url.host} answers with more than {limit} bytes")
                chunks.append(chunk)
            return Reply(response.status_code, dict(response.headers), b"".join(chunks))
    except TimeoutError as error:
        raise Unreachable(f"{url.host} did not answer within {seconds:g} s") from error
    except httpx.HTTPError as error:
        raise Unreachable(f"{url.host} cannot be reached ({type(error).__name__})") from error


def json_of(reply: Reply, url: httpx.URL) -> object:
    """The JSON of a good reply. Raises Unreachable."""
    if not reply.is_good:
        remedy = WHO if reply.status in (400, 401, 403) else None
        raise Unreachable(f"{url.host} answers {url.path} with {reply.status}", remedy=remedy)
    try:
        return msgspec.json.decode(reply.body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise Unreachable(f"{url.host} answers {url.path} with something that is no JSON") from error
