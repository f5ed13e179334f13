"""Serve decisions over HTTP: stored, replayable, guarded. What no flag says `GATE_*` says; see gate/api/README.md."""

import argparse
import os
import secrets
import shutil
import signal
import sys
import tempfile
from typing import TYPE_CHECKING, Any

import msgspec

from gate.cli.arguments import add_trusted_law, trusted_keys
from gate.errors import UsageError
from gate.terminal import safe

if TYPE_CHECKING:
    from socket import socket

    import uvicorn

    from gate.api.settings import Settings


def add(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("--host", help="the address to listen on (default: 127.0.0.1, this machine alone)")
    parser.add_argument("--port", type=int, help="the port (default: 8080; 0 takes a free one and says which)")
    parser.add_argument("--workers", type=int, metavar="N", help="processes that serve (default: 1)")
    parser.add_argument(
        "--database-url", metavar="URL", help="sqlite:///gate.db, postgresql://..., or none to keep nothing"
    )
    parser.add_argument("--profile", metavar="P", help="who is asking where nobody names a profile")
    parser.add_argument("--public-url", metavar="URL", help="the service as its clients reach it")
    add_trusted_law(parser)


def run(arguments: argparse.Namespace) -> int:
    """Check everything that can be wrong, then serve until told to end."""
    try:
        from gate.api.app import demand_guarded
        from gate.api.settings import Settings, from_environment
    except ImportError:
        raise UsageError(
            "The service is not installed", remedy="Install procurement-gate[service], with postgres if you use it."
        ) from None

    settings = from_environment()
    said: dict[str, Any] = {
        name: getattr(arguments, name) for name in Settings.__struct_fields__ if getattr(arguments, name, None)
    }
    if arguments.port == 0:
        said["port"] = 0
    said |= {name: tuple(said[name]) for name in ("policy", "only_policy") if name in said}
    keys = tuple(map(str, trusted_keys(arguments.policy_key)))
    said["policy_key"] = keys
    settings = msgspec.structs.replace(settings, **said)
    settings = msgspec.structs.replace(
        settings,
        guarded=settings.guarded and _has_guard(settings.database_url, settings.oidc_issuer),
        page_key=settings.page_key or secrets.token_hex(32),
    )
    demand_guarded(settings)
    folder = tempfile.mkdtemp(prefix="gate-")  # for this user alone
    try:
        return _serve(msgspec.structs.replace(settings, shared_folder=folder), folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _serve(settings: "Settings", folder: str) -> int:
    import uvicorn

    from gate.api.edition import Statute
    from gate.api.log import configuration
    from gate.api.metrics import FOLDER

    statute = Statute(settings.policy, settings.only_policy, settings.policy_key, folder)
    statute.refresh()
    law = statute.in_force().law
    if settings.profile is not None and settings.profile not in law.profiles:
        known = ", ".join(sorted(law.profiles))
        raise UsageError(f"There is no profile {settings.profile!r}", remedy=f"Known are {known}.")
    os.environ.update(settings.environment())
    if settings.workers > 1:
        os.environ[FOLDER] = folder
    config = uvicorn.Config(
        "gate.api.app:create",
        factory=True,
        host=settings.host,
        port=settings.port,
        workers=settings.workers,
        log_config=configuration(),
        access_log=False,  # ours has the request's id
        server_header=False,
        forwarded_allow_ips=settings.trusts_proxy,
        timeout_graceful_shutdown=int(settings.limit_seconds) + 5,
    )
    listening = config.bind_socket()
    if not settings.guarded:
        print("gate: NOT GUARDED. Whoever reaches this address acts in every role.", file=sys.stderr)
    port = listening.getsockname()[1]
    print(safe(f"gate: serving law {law.version} on http://{settings.host}:{port}"), file=sys.stderr, flush=True)
    try:
        if settings.workers > 1:
            _supervise(config, listening)
        else:
            for number in (signal.SIGTERM, signal.SIGINT):  # uvicorn sends itself anew what ended it
                signal.signal(number, lambda *_: sys.exit(0))
            uvicorn.Server(config).run(sockets=[listening])
    finally:
        listening.close()
    return 0


def _has_guard(url: str, issuer: str | None) -> bool:
    """Whether there is a key or an identity provider. It makes the store, or moves it to this version."""
    if url == "none":
        return issuer is not None
    from gate.store import open_store

    store = open_store(url, upgrade=True)
    try:
        return issuer is not None or bool(store.keys.all())
    finally:
        store.close()


def _supervise(config: "uvicorn.Config", listening: "socket") -> None:
    """Several processes; SIGHUP has each of them look at the law's files, where uvicorn would start them anew."""
    from uvicorn.supervisors import Multiprocess

    class Supervisor(Multiprocess):
        def handle_hup(self) -> None:
            for process in self.processes:
                if process.pid is not None:
                    os.kill(process.pid, signal.SIGHUP)

    Supervisor(config, sockets=[listening]).run()
