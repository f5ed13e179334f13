"""What was measured as a Markdown table, and which of the project's targets it reaches."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median

from tests.bench.documents import SMALL, Document
from tests.bench.measure import Spent


@dataclass(eq=False)
class Measured:
    """Everything measured on one document."""

    document: Document
    calls: dict[str, list[float]] = field(default_factory=dict)  # seconds
    processes: dict[str, list[Spent]] = field(default_factory=dict)

    def call(self, name: str) -> float | None:
        """Median seconds of a call in this process."""
        return median(self.calls[name]) if self.calls.get(name) else None

    def process(self, name: str) -> float | None:
        """Median seconds of a command."""
        return median(one.seconds for one in self.processes[name]) if self.processes.get(name) else None

    def peak(self, name: str) -> float | None:
        """Median of the most memory a command had, in bytes."""
        return median(one.peak for one in self.processes[name]) if self.processes.get(name) else None

    @property
    def peak_by_size(self) -> float | None:
        """How many times its file's size the gate needed."""
        return _ratio(self.peak("gate check"), self.document.size)


@dataclass(frozen=True)
class Target:
    """What the project promises: a ratio on a document of that many components, and the most it may be."""

    text: str
    components: int
    most: float
    ratio: Callable[[Measured], float | None]


TARGETS = (
    Target(
        "in process, 10k components: gate / orjson",
        10_000,
        0.6,
        lambda one: _ratio(one.call("gate, ready"), one.call("orjson")),
    ),
    Target(
        "in process, 100k components: gate / orjson",
        100_000,
        0.5,
        lambda one: _ratio(one.call("gate, ready"), one.call("orjson")),
    ),
    Target("peak memory, 100k components: gate / file", 100_000, 2.5, lambda one: one.peak_by_size),
    Target(
        "whole process, 10k components: gate / orjson",
        10_000,
        1.0,
        lambda one: _ratio(one.process("gate check"), one.process("orjson")),
    ),
    Target(
        f"whole process, {SMALL} components: gate / the imports alone",
        SMALL,
        2.5,
        lambda one: _ratio(one.process("gate check"), one.process("imports")),
    ),
)


def table(measured: Sequence[Measured]) -> str:
    """One column for each document, one row for each thing measured; in brackets, times the reference."""
    small = next((one for one in measured if one.document.components == SMALL), None)
    before = dict(zip(_grown(measured)[1:], _grown(measured), strict=False))
    rows: list[tuple[str, Callable[[Measured], str]]] = [
        ("components", lambda one: f"{one.document.components:,}"),
        ("size", lambda one: _bytes(one.document.size)),
        ("**in process**, bytes in memory: `orjson.loads`, the reference", _call("orjson")),
        ("gate: read, match, decide (law and sieve ready)", _call("gate, ready")),
        ("gate: the same, the sieve made first", _call("gate, cold")),
        ("cyclonedx-python-lib: `Bom.from_json(json.loads(…))`", _call("cyclonedx-python-lib")),
        ("Rego (regopy): the same question", _call("rego")),
        ("**whole process**: python, `orjson.loads` of the file, the reference", _process("orjson")),
        ("python, `import msgspec, argparse`", _process("imports")),
        ("`gate check FILE --profile … --format json`", _process("gate check")),
        ("**peak memory**: `gate check` (times the file)", _peak("gate check")),
        ("python, `orjson.loads` of the file (times the file)", _peak("orjson")),
        (
            "**growth**: gate in process, time per component, times the size before",
            lambda one: _grew(one, before, _time_each),
        ),
        (
            f"`gate check`, memory per component above that for {SMALL}, times the size before",
            lambda one: _grew(one, before, lambda at: _memory_each(at, small)),
        ),
    ]
    lines = [
        ["", *(one.document.title for one in measured)],
        ["---", *("---:" for _ in measured)],
        *([title, *(cell(one) for one in measured)] for title, cell in rows),
    ]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def targets(measured: Sequence[Measured]) -> str:
    """For each target the ratio, and whether it was reached."""
    lines = ["| target | at most | measured | |", "| --- | ---: | ---: | --- |"]
    for target in TARGETS:
        at = [one for one in measured if one.document.components == target.components and one.document.hits is not None]
        ratio = target.ratio(at[0]) if at else None
        said = "not measured" if ratio is None else "reached" if ratio <= target.most else "missed"
        lines.append(f"| {target.text} | {target.most:.2f} | {_number(ratio)} | {said} |")
    return "\n".join(lines)


def _call(name: str) -> Callable[[Measured], str]:
    return lambda one: _timed(one.call(name), one.call("orjson"), is_reference=name == "orjson")


def _process(name: str) -> Callable[[Measured], str]:
    return lambda one: _timed(one.process(name), one.process("orjson"), is_reference=name == "orjson")


def _peak(name: str) -> Callable[[Measured], str]:
    def cell(one: Measured) -> str:
        peak = one.peak(name)
        return "–" if peak is None else f"{_bytes(peak)} ({_number(peak / one.document.size)})"

    return cell


def _timed(seconds: float | None, reference: float | None, *, is_reference: bool) -> str:
    if seconds is None:
        return "–"
    text = f"{seconds:.2f} s" if seconds >= 1 else f"{seconds * 1000:.3g} ms"
    return text if is_reference else f"{text} ({_number(_ratio(seconds, reference))})"


def _grown(measured: Sequence[Measured]) -> list[Measured]:
    """The synthetic documents that growth is seen on, smallest first."""
    found = [one for one in measured if one.document.hits is not None and one.document.components > SMALL]
    return sorted(found, key=lambda one: one.document.components)


def _grew(one: Measured, before: Mapping[Measured, Measured], each: Callable[[Measured], float | None]) -> str:
    return _number(_ratio(each(one), each(before[one]))) if one in before else "–"


def _time_each(one: Measured) -> float | None:
    return _ratio(one.call("gate, ready"), one.document.components)


def _memory_each(one: Measured, small: Measured | None) -> float | None:
    peak, start = one.peak("gate check"), small.peak("gate check") if small else None
    return None if peak is None or start is None else (peak - start) / one.document.components


def _ratio(one: float | None, other: float | None) -> float | None:
    return None if one is None or not other else one / other


def _number(ratio: float | None) -> str:
    if ratio is None:
        return "–"
    return f"{ratio:.2f}" if ratio < 10 else f"{ratio:,.0f}"


def _bytes(count: float) -> str:
    return f"{count / 10**6:.3g} MB" if count < 10**9 else f"{count / 10**9:.2f} GB"
