"""What is common to all systems: something that waits, what is done about it, and how the system is reached."""

from collections.abc import Mapping
from typing import Any

import httpx
import msgspec

from gate.workflow.call import Reply, call, json_of


class Waiting(msgspec.Struct, frozen=True):
    """An approval that waits for an answer of the gate's."""

    id: str
    document: str  # the requisition it is about


class Act(msgspec.Struct, frozen=True):
    """An answer to be given."""

    approval: str
    document: str
    action: str  # of `gate.workflow.action.ACTIONS`
    text: str
    decision: str
    content: str = ""  # the digest of what was asked about


class Reach(msgspec.Struct, frozen=True):
    """A system that lets us in."""

    using: httpx.AsyncClient
    settings: Any  # its table of the workflow file
    headers: Mapping[str, str]

    async def get(self, url: httpx.URL) -> object:
        """The JSON at an address."""
        return json_of(await call(self.using, "GET", url, headers=self.headers), url)

    async def send(self, method: str, url: httpx.URL, body: Mapping[str, object]) -> Reply:
        """Send JSON. Raises Unreachable unless it was taken."""
        headers = {**self.headers, "content-type": "application/json"}
        reply = await call(self.using, method, url, headers=headers, content=msgspec.json.encode(body))
        if not reply.is_good:
            json_of(reply, url)
        return reply
