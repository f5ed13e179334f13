"""Serve decisions over HTTP: stored, replayable, guarded. What no flag says `GATE_*` says; see gate/api/README.md."""

import argparse
import errno
import logging
import os
import shutil
import signal
import socket
import sys
import tempfile
from typing import TYPE_CHECKING, Any

import msgspec

from gate.cli.arguments import add_trusted_law, trusted_keys
from gate.cli.database import not_installed
from gate.errors import UsageError
from gate.terminal import safe

if TYPE_CHECKING:
    import uvicorn

    from gate.api.settings import Settings

BACKLOG = 2048
"""Connections that wait to be taken; as uvicorn has it."""


def add(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("--host", help="the address to listen on (default: 127.0.0.1, this machine alone)")
    parser.add_argument("--port", type=int, help="the port (default: 8080; 0 takes a free one and says which)")
    parser.add_argument("--workers", type=_count, metavar="N", help="processes that serve (default: 1)")
    parser.add_argument(
        "--database-url", metavar="URL", help="sqlite:///gate.db, postgresql://..., or none to keep nothing"
    )
    parser.add_argument("--profile", metavar="P", help="who is asking where nobody names a profile")
    parser.add_argument("--public-url", metavar="URL", help="the service as its clients reach it")
    add_trusted_law(parser)


def _count(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 1 on")
    return int(text)


def run(arguments: argparse.Namespace) -> int:
    """Check everything that can be wrong, then serve until told to end."""
    try:
        import uvicorn  # noqa: F401 - what serves

        from gate.api.settings import Settings, from_environment, settled
    except ImportError as error:
        raise not_installed(error) from error

    settings = from_environment()
    said: dict[str, Any] = {
        name: getattr(arguments, name) for name in Settings.__struct_fields__ if getattr(arguments, name, None)
    }
    if arguments.port == 0:
        said["port"] = 0
    said |= {name: tuple(said[name]) for name in ("policy", "only_policy") if name in said}
    keys = tuple(map(str, trusted_keys(arguments.policy_key)))
    said["policy_key"] = keys
    settings = settled({**msgspec.structs.asdict(settings), **said})
    with _bound(settings.host, settings.port) as listening:
        guarded = _has_guard(settings.database_url, settings.oidc_issuer) and settings.guarded
        settings = msgspec.structs.replace(settings, guarded=guarded)
        folder = tempfile.mkdtemp(prefix="gate-")  # for this user alone
        try:
            return _serve(msgspec.structs.replace(settings, shared_folder=folder), folder, listening)
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _bound(host: str, port: int) -> socket.socket:
    """The socket that every process serves. Raises UsageError for an address that cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host.strip("[]"), port))
        listening.listen(BACKLOG)  # now, since two may be bound to one port while neither listens
    except (OSError, OverflowError) as error:
        listening.close()
        taken = isinstance(error, OSError) and error.errno == errno.EADDRINUSE
        why = "another process has that port" if taken else (getattr(error, "strerror", None) or str(error)).rstrip(".")
        raise UsageError(
            f"The service cannot listen on {host}:{port}: {why}",
            remedy="End what has it, or name another with --port (0 takes a free one)."
            if taken
            else "Name an address of this machine with --host, and a port that you may use with --port.",
        ) from None
    listening.set_inheritable(True)
    return listening


def _serve(settings: "Settings", folder: str, listening: socket.socket) -> int:
    import uvicorn

    from gate.api.app import rehearse
    from gate.api.log import configuration
    from gate.api.metrics import FOLDER

    # Until the log is set up: what is refused is told in words of our own.
    logging.getLogger("gate").addHandler(logging.NullHandler())
    law = rehearse(settings)
    os.environ.update(settings.environment())
    if settings.workers > 1:
        os.environ[FOLDER] = folder
    config = uvicorn.Config(
        "gate.api.worker:application" if settings.workers > 1 else "gate.api.app:create",
        factory=True,
        workers=settings.workers,
        log_config=configuration(),
        access_log=False,  # ours has the request's id
        server_header=False,
        backlog=BACKLOG,
        forwarded_allow_ips=settings.trusts_proxy,
        timeout_graceful_shutdown=int(settings.limit_seconds) + 5,
    )
    if not settings.guarded:
        print("gate: NOT GUARDED. Whoever reaches this address acts in every role.", file=sys.stderr)
    port = listening.getsockname()[1]
    print(safe(f"gate: serving law {law.version} on http://{settings.host}:{port}"), file=sys.stderr, flush=True)
    if settings.workers > 1:
        has_served = _supervise(config, listening)
    else:
        for number in (signal.SIGTERM, signal.SIGINT):  # uvicorn sends itself anew what ended it
            signal.signal(number, lambda *_: sys.exit(0))
        has_served = _alone(config, listening)
    if not has_served:
        raise UsageError("The service cannot start", remedy="The lines before this one say why.")
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


def _alone(config: "uvicorn.Config", listening: socket.socket) -> bool:
    """One process, this one. Whether it ever served."""
    import uvicorn

    server = uvicorn.Server(config)
    try:
        server.run(sockets=[listening])
    except SystemExit as ended:  # uvicorn's 1 and 3 would be read as a deny
        if not ended.code:
            raise
    return server.started


def _supervise(config: "uvicorn.Config", listening: socket.socket) -> bool:
    """Several processes; SIGHUP has each of them look at the law's files, where uvicorn would start them anew.

    Whether they served until told to end.
    """
    from uvicorn.config import STARTUP_FAILURE
    from uvicorn.supervisors import Multiprocess

    class Supervisor(Multiprocess):
        def handle_hup(self) -> None:
            for process in self.processes:
                if process.pid is not None:
                    os.kill(process.pid, signal.SIGHUP)

    supervisor = Supervisor(config, sockets=[listening])
    supervisor.run()
    return all(process.exitcode != STARTUP_FAILURE for process in supervisor.processes)
