"""The whole proof as JSON, schema 1."""

import json

import msgspec

from gate.proof import Proof


def render(proof: Proof) -> bytes:
    """One object; what was not asked for is null."""
    coverage = proof.coverage
    body = {
        "schema": 1,
        "instruments": proof.instruments,
        "cases": msgspec.to_builtins(proof.cases),
        "coverage": None if coverage is None else {kind: _share(*counts) for kind, counts in coverage.items()},
        "unexercised": None if coverage is None else [problem.model_dump() for problem in proof.gaps],
        "mutants": proof.mutants,
        "survivors": None if proof.mutants is None else [problem.model_dump() for problem in proof.survivors],
    }
    return json.dumps(body, indent=2, ensure_ascii=False).encode() + b"\n"


def _share(exercised: int, count: int) -> dict[str, int]:
    return {"exercised": exercised, "all": count}
