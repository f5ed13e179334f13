"""An in-toto Statement about a run: the reports `vsa` and `test-result` write it, and `gate verify` reads it signed.

https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md
"""

import re
from collections.abc import Sequence
from typing import Any

import msgspec

from gate.errors import ReadError
from gate.record import Record, Run
from gate.terminal import defused

PAYLOAD_TYPE = "application/vnd.in-toto+json"
"""What a DSSE envelope around a statement says of it."""

STATEMENT = "https://in-toto.io/Statement/v1"
VSA = "https://slsa.dev/verification_summary/v1"
TEST_RESULT = "https://in-toto.io/attestation/test-result/v0.1"

DETAILS = "urn:x-procurement-gate:decisions:1"
"""The extension with our own decisions; SLSA and in-toto ask that extension fields are named by URIs."""

LEVEL = "PROCUREMENT_GATE_ALLOW"
"""A level of our own; SLSA keeps only those that start with SLSA_ to itself."""

PAST_LEVEL = "PROCUREMENT_GATE_ALLOW_AS_OF_A_CHOSEN_PAST"
"""The level of what is allowed as of a past date that somebody chose: no later ban was asked."""

_SHA_256 = re.compile(r"[0-9a-f]{64}")


class Subject(msgspec.Struct):
    """A document that was judged."""

    name: str = ""
    digest: dict[str, str] = {}


class Statement(msgspec.Struct, rename="camel"):
    """A statement as it is read: by whoever made it, so nothing in it is taken for granted."""

    type: str = msgspec.field(name="_type")
    predicate_type: str
    subject: list[Subject]
    predicate: dict[str, Any]

    @property
    def result(self) -> str:
        """PASSED, WARNED or FAILED."""
        return str(self.predicate.get("verificationResult" if self.predicate_type == VSA else "result"))

    @property
    def passes(self) -> bool:
        """Whether every document was allowed with nothing left to review, as of a day nobody chose in the past."""
        if not self.details:
            return False  # somebody else's statement, though signed with the same key
        if any(one.get(doubt) is not False for one in self.details for doubt in ("past_allowed", "review")):
            return False
        if self.predicate_type == VSA:
            return self.result == "PASSED" and self.predicate.get("verifiedLevels") == [LEVEL]
        return self.result in ("PASSED", "WARNED")  # a warning is of a ban to come, and allows

    @property
    def attached(self) -> dict[str, str]:
        """SBOMs that were judged with a request: path -> SHA-256."""
        found = [one.get("attached") for one in self.details]
        pairs = [(path, digest) for one in found if isinstance(one, dict) for path, digest in one.items()]
        return {str(path): str(digest.get("sha256")) for path, digest in pairs if isinstance(digest, dict)}

    @property
    def details(self) -> list[dict[str, Any]]:
        """The decisions it rests on."""
        found = self.predicate.get(DETAILS)
        return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def statement(data: bytes, name: str) -> Statement:
    """The statement in a file. Raises ReadError for anything that is none of ours."""
    try:
        found = msgspec.json.decode(data, type=Statement)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise ReadError("It is no in-toto statement", file=name, remedy=_MAKE) from error
    if found.type != STATEMENT or found.predicate_type not in (VSA, TEST_RESULT):
        raise ReadError(f"It is a statement of another kind: {found.predicate_type[:80]!r}", file=name, remedy=_MAKE)
    if not found.subject or not all(_SHA_256.fullmatch(one.digest.get("sha256", "")) for one in found.subject):
        raise ReadError("It names no document by its SHA-256", file=name, remedy=_MAKE)
    return found


def written(run: Run, predicate_type: str, predicate: dict[str, Any]) -> bytes:
    """The statement about all inputs of a run together; nothing if none was judged, for what was not has no digest."""
    if not run.records:
        return b""
    subjects = [
        {"name": record.decision.subject.name, "digest": digest(record.decision.subject.digest)}
        for record in run.records
    ]
    body = {"_type": STATEMENT, "subject": subjects, "predicateType": predicate_type, "predicate": predicate}
    return defused(msgspec.json.encode(body)) + b"\n"


def digest(text: str) -> dict[str, str]:
    """A digest as in-toto writes it."""
    algorithm, _, value = text.partition(":")
    return {algorithm: value}


def details(records: Sequence[Record]) -> list[dict[str, Any]]:
    """What each decision was, in short: enough to ask for it again, and to see by which law it was made."""
    return [
        {
            "id": record.id,
            "decision": record.decision.decision,
            "review": record.decision.review,
            "as_of": record.decision.as_of.isoformat(),
            "known_at": record.decision.known_at.isoformat(),
            "evaluated_at": f"{record.evaluated_at:%Y-%m-%dT%H:%M:%SZ}",
            "past_allowed": record.decision.past_allowed,
            "profile": record.decision.buyer.profile,
            "roles": record.decision.buyer.roles,
            "policy": {"version": record.decision.policy.version, "digest": digest(record.decision.policy.digest)},
            "reasons": [{"code": r.code, "effect": r.effect, "act": r.act} for r in record.decision.reasons],
            "attached": {file: digest(value) for file, value in record.inputs.items()},
            "coverage": msgspec.to_builtins(record.decision.coverage),
            "timeline": msgspec.to_builtins(record.decision.timeline),
            "digest": record.digest,
        }
        for record in records
    ]


_MAKE = "Make one with `gate check --format vsa=FILE`."
