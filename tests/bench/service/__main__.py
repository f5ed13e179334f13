"""Starts the bare endpoint and the service, two processes each, and asks both with wrk (Debian: apt-get install wrk).

Rates of one round stand next to the bare endpoint's of the same round, so that a busy machine slows both.
"""

import argparse
import contextlib
import json
import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import httpx

from tests import postgres
from tests.bench.documents import synthetic
from tests.service import Json, chair, kaspersky, purchase

HERE = Path(__file__).parent
WORKERS = 2


class Rate(NamedTuple):
    """What wrk measured: requests a second, milliseconds for half and for 99 of 100."""

    per_second: float
    p50: float
    p99: float


def bodies(folder: Path) -> dict[str, list[Path]]:
    """What is asked: small requests of fifty kinds, each with an id of its own, and two SBOMs."""
    lines = [{**chair(), "product": f"Desk chair {number}", "quantity": 10} for number in range(50)]
    small = [purchase(*[lines[(number + n) % 50] for n in range(6)], id="PR-@n@") for number in range(50)]
    mixed = [*small[:45], *[purchase(kaspersky(), id="PR-@n@") for _ in range(5)]]
    made: dict[str, Sequence[Json | bytes]] = {
        "request, 1 KB": small,
        "request, 1 KB, one in ten denied": mixed,
        "SBOM of 1,000": [synthetic(folder, 1_000).path.read_bytes()],
        "SBOM of 10,000": [synthetic(folder, 10_000).path.read_bytes()],
    }
    found: dict[str, list[Path]] = {}
    for number, (name, documents) in enumerate(made.items()):
        found[name] = []
        for other, one in enumerate(documents):
            path = folder / f"{number}-{other}.json"
            path.write_bytes(one if isinstance(one, bytes) else json.dumps(one, separators=(",", ":")).encode())
            found[name].append(path)
    return found


@contextlib.contextmanager
def running(*command: str, port: int, folder: Path, **environment: str) -> Iterator[str]:
    """A server until it has been measured."""
    with (folder / "server.log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", *command],
            env={**os.environ, **environment},
            cwd=Path.cwd(),
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(400):
            with contextlib.suppress(httpx.HTTPError):
                httpx.get(url, timeout=1)
                break
            time.sleep(0.05)
        time.sleep(1)  # until the second process has started too
        yield url
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(30)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as one:
        return int(one.getsockname()[1])


def measured(url: str, path: str, files: list[Path], seconds: int, connections: int) -> Rate:
    """wrk's measurement. An answer that is no verdict spoils it."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}", "--timeout", "60", "-s", str(HERE / "load.lua")]
    done = subprocess.run(
        [*command, url + path],
        env={**os.environ, "BODIES": ":".join(map(str, files))},
        capture_output=True,
        text=True,
        check=True,
    )
    [line] = [line for line in done.stdout.splitlines() if line.startswith("BENCH ")]
    requests, microseconds, p50, p99, errors = (int(word) for word in line.split()[1:])
    if errors:
        raise SystemExit(f"{errors} of {requests} were not answered: {path}\n{done.stdout}")
    return Rate(requests / microseconds * 1e6, p50 / 1000, p99 / 1000)


def contestants(folder: Path, database: str) -> dict[str, tuple[tuple[str, ...], str, dict[str, str]]]:
    """Who is measured -> command, path, environment."""
    bare, inserting = (
        ("uvicorn", f"tests.bench.service.{module}:app", "--workers", str(WORKERS)) for module in ("bare", "inserting")
    )
    answer = {"BARE_ANSWER": str(folder / "answer")}
    gate = ("gate", "serve", "--workers", str(WORKERS), "--database-url")
    free = {"GATE_LIMIT_RATE": "0"}
    return {
        "bare endpoint": (bare, "/v1/decisions", answer),
        "bare, one INSERT": (inserting, "/v1/decisions", {**answer, "BARE_DATABASE": database}),
        "unstored": ((*gate, "none"), "/v1/decisions", free),
        "stored, SQLite": ((*gate, f"sqlite:///{folder}/gate.db"), "/v1/decisions", free),
        "stored, PostgreSQL": ((*gate, database), "/v1/decisions", free),
    }


def compare(seconds: int, rounds: int, connections: int) -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as name, postgres.database() as database:
        folder = Path(name)
        asked = bodies(folder)
        for what, files in asked.items():
            # A large document takes long: fewer at once, and longer, so that there are enough to count.
            few, length = (4, seconds * 4) if "SBOM" in what else (connections, seconds)
            found: dict[str, list[Rate]] = {}
            for _ in range(rounds):
                for who, (command, path, environment) in contestants(folder, database).items():
                    if who == "bare endpoint":
                        (folder / "answer").write_bytes(answer_to(files[0]))
                    port = free_port()
                    with running(*command, "--port", str(port), port=port, folder=folder, **environment) as url:
                        measured(url, path, files, 1, few)
                        found.setdefault(who, []).append(measured(url, path, files, length, few))
            print_rates(what, found, few)


def answer_to(path: Path) -> bytes:
    """What the gate would answer, for the bare endpoint to answer the same."""
    done = subprocess.run(
        [sys.executable, "-m", "gate", "check", str(path), "--format", "json"], capture_output=True, check=False
    )
    return json.dumps(json.loads(done.stdout), separators=(",", ":")).encode()


def print_rates(what: str, found: dict[str, list[Rate]], connections: int) -> None:
    """One table: medians over the rounds; shares are medians of each round's own."""
    print(f"\n{what}; {WORKERS} processes, {connections} connections")
    print(f"{'':22}{'per second':>12}{'of bare':>10}{'p50 ms':>10}{'p99 ms':>10}{'of bare':>10}")
    for who, rates in found.items():
        share = statistics.median(
            a.per_second / b.per_second for a, b in zip(rates, found["bare endpoint"], strict=True)
        )
        tail = statistics.median(a.p99 / b.p99 for a, b in zip(rates, found["bare endpoint"], strict=True))
        rate, p50, p99 = (statistics.median(column) for column in zip(*rates, strict=True))
        print(f"{who:22}{rate:12,.0f}{share:10.0%}{p50:10.2f}{p99:10.2f}{tail:10.2f}", flush=True)


def memory(requests: int) -> None:
    """Ask so often, and print the resident memory of the processes on the way."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files = bodies(folder)["request, 1 KB, one in ten denied"]
        port = free_port()
        command = ("gate", "serve", "--workers", str(WORKERS), "--database-url", f"sqlite:///{folder}/gate.db")
        environment = {"GATE_LIMIT_RATE": "0"}
        with running(*command, "--port", str(port), port=port, folder=folder, **environment) as url:
            asked, sizes = 0, list[float]()
            while asked < requests:
                before = time.monotonic()
                asked += round(measured(url, "/v1/decisions", files, 5, 32).per_second * (time.monotonic() - before))
                sizes.append(resident(port))
                print(f"{asked:9,} requests  {sizes[-1]:7.1f} MiB", flush=True)
            print(f"grown by {sizes[-1] / sizes[len(sizes) // 4] - 1:+.1%} since the first quarter")


def resident(port: int) -> float:
    """MiB of all processes of the server on that port."""
    found = 0.0
    for status in Path("/proc").glob("[0-9]*/status"):
        with contextlib.suppress(OSError):
            line = (status.parent / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            parent = next(one for one in status.read_text().splitlines() if one.startswith("PPid")).split()[1]
            above = Path(f"/proc/{parent}/cmdline").read_bytes().replace(b"\0", b" ").decode()
            if f"--port {port}" in line or ("spawn_main" in line and f"--port {port}" in above):
                size = next(one for one in status.read_text().splitlines() if one.startswith("VmRSS"))
                found += int(size.split()[1]) / 1024
    return found


def main() -> None:
    """The arguments."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--memory", type=int, default=100_000, metavar="REQUESTS", help="0: not measured")
    arguments = parser.parse_args()
    if shutil.which("wrk") is None:
        raise SystemExit("wrk is not installed (Debian: apt-get install wrk)")
    compare(arguments.seconds, arguments.rounds, arguments.connections)
    if arguments.memory:
        memory(arguments.memory)


if __name__ == "__main__":
    main()
