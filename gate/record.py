"""A decision as it leaves the gate: with the lines of its components, an id, the clock and the engine that made it."""

import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import msgspec

from gate.baseline import BLOCKING, Document, Known, Since, outcome_of_new, since
from gate.decision import EXIT_STATUS, ComponentNamed, Decision
from gate.digest import sha256
from gate.entropy import entropy
from gate.read.locate import Place, Source
from gate.version import VERSION


class Record(msgspec.Struct, frozen=True):
    """A decision and what the edge adds. `digest` covers the decision alone, so that a replay gives the same."""

    id: str
    decision: Decision
    evaluated_at: datetime
    engine: str
    digest: str
    file: str = ""  # the document's path as it was given; "-" is standard input
    attached: dict[str, str] = {}  # where a request's line names an SBOM -> its path
    inputs: dict[str, str] = {}  # path of an attached SBOM -> its digest
    since: Since | None = None  # compared with a baseline

    def stands_in(self, component: ComponentNamed) -> tuple[str, str]:
        """The file in which a component stands, and its pointer there."""
        where, mark, rest = component.pointer.partition("#")
        return (self.attached[where], rest) if mark and where in self.attached else (self.file, component.pointer)


class Failure(msgspec.Struct, frozen=True):
    """An input without a verdict: which file, what is wrong with it, where, and what to do."""

    file: str
    what: str
    line: int | None = None
    pointer: str | None = None
    remedy: str | None = None


class Run(msgspec.Struct, frozen=True):
    """What one run of the gate came to: a record for each input that was judged, a failure for each other."""

    records: tuple[Record, ...]
    failures: tuple[Failure, ...] = ()
    fail_on: str = "review"  # what the exit status tells
    warn_only: bool = False  # denials are reported as warnings
    exit_zero: bool = False  # a deny leaves the exit status at 0

    def shown(self, effect: str) -> str:
        """As what a build server shows an effect: with --warn-only what bars is a `warning`, and none fails."""
        return "warning" if self.warn_only and effect in BLOCKING else effect

    @property
    def gone(self) -> tuple[Known, ...]:
        """What a baseline had and none of the inputs has."""
        return next((one.since.gone for one in self.records if one.since is not None), ())

    @property
    def outcome(self) -> str:
        """The gravest outcome of all inputs."""
        return gravest([record.decision.outcome for record in self.records] + ["no verdict" for _ in self.failures])


def record(
    decision: Decision,
    source: Source,
    evaluated_at: datetime,
    file: str = "",
    attached: Mapping[str, str] | None = None,
    inputs: Mapping[str, str] | None = None,
) -> Record:
    """The record of a decision. `source` is the document it was made on."""
    decision = located(decision, source)
    return Record(
        id=identifier(),
        decision=decision,
        evaluated_at=evaluated_at,
        engine=VERSION,
        digest=sha256(msgspec.json.encode(decision)),
        file=file,
        attached=dict(attached or {}),
        inputs=dict(inputs or {}),
    )


def located(decision: Decision, source: Source) -> Decision:
    """The decision with line and column of every component it names."""
    if not decision.reasons:
        return decision
    places = source.places({c.pointer for reason in decision.reasons for c in reason.components})
    reasons = tuple(
        msgspec.structs.replace(
            reason,
            components=tuple(_at(component, places.get(component.pointer)) for component in reason.components),
        )
        for reason in decision.reasons
    )
    return msgspec.structs.replace(decision, reasons=reasons)


def _at(component: ComponentNamed, place: Place | None) -> ComponentNamed:
    return component if place is None else msgspec.structs.replace(component, line=place.line, column=place.column)


def written(one: Record) -> bytes:
    """What `wire` gives, as JSON, from the bytes that the digest covers: a decision is long, and written once.

    For a record that is compared with no baseline.
    """
    whole = msgspec.json.encode(one.decision)
    # Before this mark stand verdict and times alone, so no document's words can look like it.
    start, mark, rest = whole.partition(b',"past_allowed":')
    schema = b',"schema":%d}' % one.decision.schema
    if not mark or not rest.endswith(schema):
        raise AssertionError("a decision is no longer written as it was")
    return b"".join(
        (
            b'{"schema":%d,"id":%b,' % (one.decision.schema, msgspec.json.encode(one.id)),
            start.removeprefix(b"{"),
            b',"evaluated_at":%b' % msgspec.json.encode(one.evaluated_at),
            mark,
            rest.removesuffix(schema),
            b',"engine":{"version":%b},"digest":"%b"}' % (msgspec.json.encode(one.engine), one.digest.encode()),
        )
    )


def wire(one: Record) -> dict[str, object]:
    """The record as JSON has it: schema 1, one object for the report, the service and the store."""
    body = msgspec.to_builtins(one.decision)
    if one.since is not None:
        for reason, told in zip(one.decision.reasons, body["reasons"], strict=True):
            for component, named in zip(reason.components, told["components"], strict=True):
                named["since_baseline"] = one.since.mark(reason, component)
            if not reason.components:
                told["since_baseline"] = one.since.mark(reason, None)
        body["gone_since_baseline"] = msgspec.to_builtins(one.since.gone)
    return {
        "schema": body.pop("schema"),
        "id": one.id,
        "decision": body.pop("decision"),
        "review": body.pop("review"),
        "as_of": body.pop("as_of"),
        "known_at": body.pop("known_at"),
        "evaluated_at": msgspec.to_builtins(one.evaluated_at),
        **body,
        "engine": {"version": one.engine},
        "digest": one.digest,
    }


def identifier() -> str:
    """A UUID of version 7 (RFC 9562, section 5.7): unique, and in the order in which decisions were made."""
    value = (time.time_ns() // 1_000_000) << 80 | int.from_bytes(entropy(10), "big")
    value = value & ~(0xF << 76) | 7 << 76
    value = value & ~(0x3 << 62) | 2 << 62
    digits = f"{value:032x}"
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def compared(records: Sequence[Record], before: Sequence[Document]) -> list[Record]:
    """The records of a run with what changed since a baseline: gone is what none of them has."""
    changes = since(before, [one.decision for one in records])
    return [msgspec.structs.replace(one, since=changed) for one, changed in zip(records, changes, strict=True)]


def exit_status(run: Run) -> int:
    """What the exit status tells of a run: all that blocks, or less, or more."""
    if not run.failures and (run.warn_only or run.exit_zero):
        return EXIT_STATUS["allow"]
    outcomes = ["no verdict" for _ in run.failures]
    for one in run.records:
        outcome = one.decision.outcome
        if run.fail_on == "new" and one.since is not None:
            outcome = outcome_of_new(one.decision, one.since)
        elif run.fail_on == "deny" and outcome == "review":
            outcome = "allow"
        elif run.fail_on == "warn" and outcome == "allow" and any(r.effect == "warn" for r in one.decision.reasons):
            outcome = "deny"
        outcomes.append(outcome)
    return EXIT_STATUS[gravest(outcomes)]


def gravest(outcomes: Iterable[str]) -> str:
    """The worst of several outcomes; none at all is no verdict."""
    from gate.decision import SEVERITY

    return max(outcomes, key=SEVERITY.index, default="no verdict")
