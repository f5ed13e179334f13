"""For people: what is wrong, each with its place, and a count at the end."""

from collections.abc import Iterator

from gate.proof import Proof
from gate.terminal import counted, safe


def render(proof: Proof) -> bytes:
    """A line for each fault, and a line for each count."""
    return "".join(f"{line}\n" for line in _lines(proof)).encode()


def _lines(proof: Proof) -> Iterator[str]:
    for case in proof.failed:
        yield safe(f"{case.file}: {case.name}\n  {case.why}")
    for problem in (*proof.gaps, *proof.survivors):
        yield safe(str(problem))
    count, failed = len(proof.cases), len(proof.failed)
    cases, instruments = counted(count, "case"), counted(proof.instruments, "instrument")
    yield f"{cases} of {instruments}: {count - failed} passed, {failed} failed"
    if proof.coverage is not None:
        yield "exercised: " + ", ".join(f"{n} of {counted(of, kind)}" for kind, (n, of) in proof.coverage.items())
    if proof.mutants is not None:
        survived = len(proof.survivors)
        yield f"{counted(proof.mutants, 'mutant')}: {proof.mutants - survived} noticed, {survived} survived"
