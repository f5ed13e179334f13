"""Where the gate may send to. An address is hostile input: it may come from whoever asks, and leads out of our network.

Only https, or http on this machine itself; only hosts that the operator lists, and below the path that is listed with
one; no credentials in it. Redirects are never followed (`call`), so an address that passed is the address that is
reached.
"""

import ipaddress
import re
from collections.abc import Collection

import httpx

from gate.workflow.faults import Unreachable

LONGEST = 2000

_HIDING = re.compile(r"%(2e|2f|5c)|\.\.", re.IGNORECASE)
"""A dot or a slash that only the receiver may read as one: the path it then serves is not the one looked at here."""


def allowed(text: str, hosts: Collection[str]) -> httpx.URL:
    """The address, if it may be sent to. Raises Unreachable.

    `hosts` are names, with a port where it is not 443; one with a path allows that path and what is below it alone.
    """
    url = secure(text)
    if not any(_is_at(url, listed) for listed in hosts):
        if any(_place(url) == listed.partition("/")[0].lower() for listed in hosts):
            raise Unreachable(
                f"On {_shown(url)} only some paths may be sent to, and this is none of them",
                remedy="The operator lists them as `hosts` in the workflow file.",
            )
        raise Unreachable(
            f"{_shown(url)} is not among the hosts that may be sent to",
            remedy="The operator lists them as `hosts` in the workflow file, with the port where it is not 443.",
        )
    return url


def secure(text: str) -> httpx.URL:
    """The address, if nobody on the way can read or change what is sent there. Raises Unreachable."""
    if len(text) > LONGEST or not (text.isascii() and text.isprintable()) or " " in text or "\\" in text:
        raise Unreachable("The address is too long, or has letters that none may have")
    try:
        url = httpx.URL(text)  # the very parser by which it is reached: two may differ on where a host ends
    except (httpx.InvalidURL, ValueError) as error:
        raise Unreachable("The address cannot be read") from error
    if url.scheme not in ("https", "http") or not url.host:
        raise Unreachable("The address does not begin with https:// and a host")
    if url.userinfo or url.fragment:
        raise Unreachable("The address has a name and password, or a fragment, in it")
    if url.scheme == "http" and not _is_loopback(url.host):
        raise Unreachable(f"{_shown(url)} would be reached without TLS", remedy="Use https.")
    return url


def _is_at(url: httpx.URL, listed: str) -> bool:
    host, has_path, path = listed.partition("/")
    if _place(url) != host.lower():
        return False
    folder, there = f"/{path}".rstrip("/"), url.raw_path.partition(b"?")[0].decode("ascii")
    return not has_path or (f"{there}/".startswith(f"{folder}/") and not _HIDING.search(there))


def _place(url: httpx.URL) -> str:
    host = f"[{url.host}]" if ":" in url.host else url.raw_host.decode("ascii")
    port = url.port  # None where it is the scheme's own
    return host.lower() if port is None and url.scheme == "https" else f"{host.lower()}:{port or 80}"


def _shown(url: httpx.URL) -> str:
    return _place(url)[:200]


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
