"""Which documents are measured: synthetic ones, and the largest real ones of a folder."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from gate.errors import GateError
from gate.files import bytes_of
from gate.read import read
from tests.bench import sbom

SMALL = 20
"""Components of the document by which the start is measured."""

HUGE = 300 * 10**6
"""Bytes of the document that shows what memory is needed."""

REAL = 3
"""How many real documents are measured."""

GZIP_TAIL = 4
"""The last bytes of a gzip file say how long its content is."""

HITS = 3


@dataclass(frozen=True)
class Document:
    """A file to be judged."""

    title: str
    path: Path
    components: int
    size: int  # bytes
    hits: int | None = None  # how many are banned; None: a real file, nobody counted
    of: str = ""  # which real file it is

    @property
    def is_huge(self) -> bool:
        """Whether it is too large to be measured more than a few times, and in this process at all."""
        return self.size >= HUGE * 0.9


def synthetic(folder: Path, count: int, title: str | None = None) -> Document:
    """A document of `count` components, written to `folder`."""
    path = folder / f"synthetic-{count}.cdx.json"
    sbom.write(path, count, hits=HITS)
    return Document(title or short(count), path, count, path.stat().st_size, HITS)


def huge(folder: Path) -> Document:
    """A document of 300 MB."""
    return synthetic(folder, sbom.count_for(HUGE), f"{HUGE // 10**6} MB")


def real(corpus: Path, folder: Path) -> Iterator[Document]:
    """The largest CycloneDX JSON documents below `corpus`, unpacked to `folder`."""
    found = 0
    candidates = sorted(
        (path for path in corpus.rglob("*") if path.name.endswith((".json", ".json.gz")) and path.is_file()),
        key=lambda path: (-_unpacked_size(path), path),
    )
    for path in candidates:
        if found == REAL:
            return
        try:
            data = bytes_of(str(path))
            subject = read(data, str(path), now=datetime.now(UTC))
        except GateError:  # another format, or broken: nothing to measure
            continue
        if subject.kind == "sbom" and subject.components:
            found += 1
            copy = folder / f"real-{found}.json"
            copy.write_bytes(data)
            yield Document(
                f"real {found}", copy, len(subject.components), copy.stat().st_size, of=str(path.relative_to(corpus))
            )


def short(count: int) -> str:
    """1000 as 1k."""
    return f"{count // 1000}k" if count >= 1000 and count % 1000 == 0 else str(count)


def _unpacked_size(path: Path) -> int:
    size = path.stat().st_size
    if path.suffix != ".gz" or size < GZIP_TAIL:
        return size
    with path.open("rb") as file:
        file.seek(-GZIP_TAIL, 2)
        return int.from_bytes(file.read(), "little")
