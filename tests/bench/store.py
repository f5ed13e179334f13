"""How fast decisions are stored: `python -m tests.bench.store`. It measures and does not test: exit status 0.

The reference is a file to which the same records are appended, with one `fsync` for each commit's worth of them: what
no database can do better than. Each row is one process, with so many entries on their way at a time.
"""

import os
import tempfile
import time
from collections import deque
from concurrent.futures import Future
from pathlib import Path

from gate.asking import Asking
from gate.store import Answered, Entry, Store
from tests.stores import HARMLESS, NOW, REQUEST, Judge, opened, request, url_of

COUNT = 3000
ON_THEIR_WAY = (1, 16, 128)


def main() -> None:
    """Measure and print one Markdown table."""
    judge = Judge()
    print("| store | decision | on their way | entries/s | times the reference | CPU µs each |")
    print("| --- | --- | --- | --- | --- | --- |")
    for kind in ("sqlite", "postgresql"):
        for name, body in (("allow", HARMLESS), ("deny", REQUEST)):
            for width in ON_THEIR_WAY:
                with tempfile.TemporaryDirectory() as folder, url_of(kind, Path(folder)) as url, opened(url) as store:
                    count = COUNT if width > 1 else COUNT // 10
                    entries = [judge.entry(store, request(n, body), asking=Asking(now=NOW)) for n in range(count)]
                    rate, cpu = _stored(store, entries, width)
                    least = _appended(Path(folder) / "reference", entries, width)
                print(f"| {kind} | {name} | {width} | {rate:,.0f} | {rate / least:.2f} | {cpu * 1e6:.0f} |", flush=True)


def _stored(store: Store, entries: list[Entry], width: int) -> tuple[float, float]:
    waiting: deque[Future[Answered]] = deque()
    started, cpu = time.perf_counter(), time.process_time()
    for entry in entries:
        if len(waiting) == width:
            waiting.popleft().result()
        waiting.append(store.writer.append(entry))
    for future in waiting:
        future.result()
    return len(entries) / (time.perf_counter() - started), (time.process_time() - cpu) / len(entries)


def _appended(path: Path, entries: list[Entry], width: int) -> float:
    started = time.perf_counter()
    with path.open("wb", buffering=0) as file:
        for first in range(0, len(entries), width):
            file.write(b"".join(entry.record for entry in entries[first : first + width]))
            os.fsync(file.fileno())
    return len(entries) / (time.perf_counter() - started)


if __name__ == "__main__":
    main()
