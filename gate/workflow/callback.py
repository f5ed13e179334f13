"""A signed callback: one POST, signed anew each time it is sent (Standard Webhooks), to an address that is allowed."""

from datetime import datetime, timedelta

import httpx

from gate.errors import UsageError
from gate.store.mail import Letter
from gate.workflow.address import allowed
from gate.workflow.call import Reply, call
from gate.workflow.event import MEDIA_TYPE
from gate.workflow.faults import Gone, Later, Unreachable
from gate.workflow.schemes.standard import signature
from gate.workflow.settings import Arranged, Secret

HOOK = "hook:"
"""How the kind of a letter that answers a hook begins; the hook's name follows."""

WATCH = "watch"
ASKED = "callback"  # what `POST /v1/decisions` promised


async def send(letter: Letter, arranged: Arranged, using: httpx.AsyncClient, now: datetime) -> None:
    """Send it. Raises Gone if the receiver wants no more, Later if it asks to wait, else Unreachable."""
    url = allowed(letter.url, arranged.workflow.hosts)  # again: the operator may have struck it off meanwhile
    secret = secret_of(letter.kind, arranged).read()
    headers = {"content-type": MEDIA_TYPE if letter.kind != ASKED else "application/json", **letter.headers}
    headers |= {
        "webhook-id": letter.id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": signature(secret, letter.id, now, letter.body),
    }
    reply = await call(using, "POST", url, headers=headers, content=letter.body, limit=1 << 20)
    _demand(reply, url)


def secret_of(kind: str, arranged: Arranged) -> Secret:
    """Where the secret for a kind of letter stands. Raises UsageError if the workflow file does not say (any more)."""
    workflow = arranged.workflow
    hook = workflow.hooks.get(kind.removeprefix(HOOK)) if kind.startswith(HOOK) else None
    found = (
        hook.callback_secret
        if hook is not None
        else workflow.watch.secret
        if kind == WATCH and workflow.watch is not None
        else workflow.callbacks.secret
        if kind == ASKED and workflow.callbacks is not None
        else None
    )
    if found is None:
        raise UsageError(f"The workflow file has no secret for {kind}", file=arranged.file)
    return found


def _demand(reply: Reply, url: httpx.URL) -> None:
    if reply.is_good:
        return
    if reply.status == 410:
        raise Gone(f"{url.host} answers 410: it wants no more of these")
    what = f"{url.host} answers {reply.status}"
    if 300 <= reply.status < 400:
        raise Unreachable(f"{what}, and a redirect is not followed", remedy="Name the address itself.")
    wait = reply.headers.get("retry-after", "")
    if reply.status in (429, 503) and wait.isascii() and wait.isdigit():
        raise Later(what, timedelta(seconds=min(int(wait[:9]), 86400)))
    raise Unreachable(what)
