"""A portfolio for the tests: SBOMs, a law of their own, and scans at whatever time it is."""

import json
import os
import threading
import time
import zlib
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import msgspec
import pyarrow.parquet as pq

from gate.asking import Asking
from gate.compiled import load
from gate.law import Law
from gate.portfolio.circumstances import circumstances
from gate.portfolio.index import Index
from gate.portfolio.progress import Progress
from gate.portfolio.scan import Scan, Tally

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)

LONG_AGO = 1_600_000_000
"""A file written just now is read again; one of this age is believed."""

BAN = """\
id = "{id}"
title = "A ban"
kind = "prohibition"
jurisdiction = "XX"
authority = "A ministry"
time_zone = "UTC"
published = {published}
checked = 2026-06-01
provenance = "official"
citation = {{ text = "Gazette", url = "https://gazette.example/1" }}
binds = ["anyone"]
vendors = {vendors}

[scope]

[[clauses]]
id = "no-use"
text = "Nobody may use what they make"
acts = ["acquire", "use", "retain", "install", "provide", "update", "resell", "integrate", "license", "operate"]
starts = {starts}
"""

VENDOR = """\
id = "{id}"
name = "{name}"
country = "XX"
categories = ["software"]
source = "https://register.example/{id}"
names = {names}
purls = {purls}
cpes = {cpes}
domains = {domains}
"""

Json = dict[str, Any]


class Here(Executor):
    """Work that is done at once, in this process: for tests of what is done, not of by whom."""

    def submit(self, call: Any, /, *given: Any, **named: Any) -> "Future[Any]":
        """Do it."""
        future: Future[Any] = Future()
        try:
            future.set_result(call(*given, **named))
        except BaseException as error:  # noqa: BLE001 - as an executor does
            future.set_exception(error)
        return future


def vendor(folder: Path, ident: str, **said: Any) -> None:
    """A vendor in a policy folder."""
    names = said.get("names", [])
    text = VENDOR.format(
        id=ident,
        name=said.get("name", ident.title()),
        **{"names": json.dumps(names), **{key: json.dumps(said.get(key, [])) for key in ("purls", "cpes", "domains")}},
    )
    _write(folder / "vendors" / f"{ident}.toml", text)


def ban(
    folder: Path, ident: str, vendors: Iterable[str], starts: str = "2020-01-01", published: str = "2019-01-01"
) -> None:
    """A ban of everything that vendors make."""
    text = BAN.format(id=ident, vendors=json.dumps(list(vendors)), starts=starts, published=published)
    _write(folder / "prohibitions" / "xx" / f"{ident}.toml", text)


def law(folder: Path) -> Law:
    """The law of a policy folder and nothing else."""
    return load([folder], only=True)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


def component(name: str, **said: Any) -> Json:
    """A library."""
    return {"type": "library", "name": name, "version": "1.0", "purl": f"pkg:npm/{name}@1.0", **said}


def sbom(path: Path, *components: Json) -> Path:
    """An SBOM that was written long ago."""
    body = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "metadata": {"component": {"type": "application", "name": path.name.partition(".")[0], "version": "1"}},
        "components": list(components),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(body), "utf-8")
    return aged(path)


@contextmanager
def pages(served: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    """The address of a web server, while it runs."""
    with ThreadingHTTPServer(("127.0.0.1", 0), served) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def aged(path: Path) -> Path:
    """A file that was last changed long ago. (When its entry was, no test can choose.)"""
    os.utime(path, (LONG_AGO, LONG_AGO))
    return path


def scan(out: Path, by: Law, *targets: Path | str, now: datetime = NOW, rehash: bool = False, **asking: Any) -> Tally:
    """Scan into an index, in this process."""
    with closing(Index(out, is_new=True)) as index:
        by_now = circumstances(by, Asking(now=now, **{"acts": ("use",), **asking}))
        return Scan(index, by_now, Here(), 1, Progress(None)).run([str(target) for target in targets], rehash=rehash)


def decisions(out: Path) -> dict[str, Json | None]:
    """Name of a system -> what was decided, without the times; None: no verdict."""
    index = Index(out, is_new=False)
    rows = index.db.execute("SELECT name, decision FROM document JOIN body ON document = id ORDER BY name").fetchall()
    index.close()
    return {name: timeless(msgspec.json.decode(zlib.decompress(body))) if body else None for name, body in rows}


def verdicts(out: Path) -> dict[str, str]:
    """Name of a system, without its folder -> the outcome."""
    index = Index(out, is_new=False)
    rows = index.db.execute("SELECT name, outcome FROM document ORDER BY name").fetchall()
    index.close()
    return {Path(name).name: outcome for name, outcome in rows}


def faults(out: Path) -> dict[str, str]:
    """Name of a system, without its folder -> its fault, packed as it is kept."""
    index = Index(out, is_new=False)
    rows = index.db.execute("SELECT name, fault FROM document WHERE fault NOTNULL").fetchall()
    index.close()
    return {Path(name).name: fault.decode("utf-8", "replace") for name, fault in rows}


TIMES = frozenset({"as_of", "known_at", "when", "evaluated_at", "id_", "line", "column"})
"""What differs between two runs that decide the same, and what only a report adds."""


def timeless(value: Any) -> Any:
    """A decision without the times of its making."""
    if isinstance(value, dict):
        return {key: timeless(one) for key, one in value.items() if key not in TIMES}
    return [timeless(one) for one in value] if isinstance(value, list) else value


def rows(out: Path) -> int:
    """How many documents are committed."""
    if not (out / "index.db").is_file():
        return 0
    try:
        index = Index(out, is_new=False)
        count: int = index.db.execute("SELECT count(*) FROM document").fetchone()[0]
        index.db.close()
    except Exception:  # noqa: BLE001 - it is being made
        return 0
    return count


def tables(out: Path) -> dict[str, list[Json]]:
    """What was written, without the time of the decision."""
    return {
        name: [{**row, "decided": None} for row in pq.read_table(out / f"{name}.parquet").to_pylist()]
        for name in ("decisions", "reasons", "identities")
    }


def until(holds: Callable[[], bool]) -> None:
    """Wait for it."""
    for _ in range(1000):
        if holds():
            return
        time.sleep(0.02)
    raise AssertionError("it never came to pass")
