"""The whole proof as JSON, schema 1."""

import json

import msgspec

from gate.proof import Proof


def render(proof: Proof) -> bytes:
    """One object; what was not asked for is null."""
    body = {
        "schema": 1,
        "instruments": proof.instruments,
        "cases": msgspec.to_builtins(proof.cases),
        "coverage": proof.coverage
        and {kind: {"exercised": some, "all": all_} for kind, (some, all_) in proof.coverage.items()},
        "unexercised": None if proof.coverage is None else [problem.model_dump() for problem in proof.gaps],
        "mutants": proof.mutants,
        "survivors": None if proof.mutants is None else [problem.model_dump() for problem in proof.survivors],
    }
    return json.dumps(body, indent=2, ensure_ascii=False).encode() + b"\n"
