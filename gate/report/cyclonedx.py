"""The verdict in CycloneDX's own terms: a BOM of declarations, with the laws as its standards. Valid as 1.6 and as 1.7.

What a clause lets pass is a claim, what it bars, or may bar, a counter-claim; what the document says is evidence. The
library writes all but `declarations`, of which it has no model: https://cyclonedx.org/docs/1.6/json/#declarations

It has targets of claims and no `components`: it is a verdict and no inventory. Whoever judges it instead of the
document is told that there is nothing to judge, and never that it is allowed.
"""

import json
import uuid
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
from cyclonedx.model import ExternalReference, ExternalReferenceType, HashAlgorithm, HashType, Property, XsUri
from cyclonedx.model.bom import Bom, BomMetaData
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.definition import Definitions, Requirement, Standard
from cyclonedx.model.tool import ToolRepository
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

from gate.baseline import BLOCKING
from gate.decision import ComponentNamed, Reason, WaiverNamed
from gate.match import Evidence
from gate.own import HELP
from gate.phrases import named
from gate.record import Record, Run
from gate.terminal import defused, safe
from gate.version import VERSION

MOST = 1000
"""Components that become targets of claims, of the gravest reasons first: the library takes milliseconds for each."""

LONGEST = 2000
"""Letters of one text."""

LONGEST_VERSION = 1024
"""Letters of a version, as CycloneDX has it since 1.6."""

HEAD = ("$schema", "bomFormat", "specVersion", "serialNumber", "version", "metadata")
"""What is taken of the library's BOM as it is. It sorts by name; components are put in the order of reasons again."""

STATED = {
    "deny": "is barred by",
    "review": "may be barred by",
    "warn": "is not barred now by",
    "note": "is not barred by",
}
"""Effect -> what a claim says of a component."""

Object = dict[str, Any]


def render(run: Run, colour: bool) -> bytes:  # noqa: ARG001 - the family's contract
    """One BOM for all inputs, the same bytes for the same records; nothing if nothing was judged."""
    if not run.records:
        return b""
    declared = _Declarations(run)
    bom = Bom(
        serial_number=_serial_number(run),
        metadata=BomMetaData(
            timestamp=max(record.evaluated_at for record in run.records),
            tools=ToolRepository(components=[_tool()]),
            properties=[_property("outcome", run.outcome), *([_property("cut", declared.cut)] if declared.cut else [])],
        ),
        components=[*declared.documents, *declared.targets.values()],
        definitions=Definitions(standards=_standards(run)),
    )
    written: Object = json.loads(JsonV1Dot6(bom).output_as_string())
    parts = sorted(written["components"], key=_number)
    body = {
        **{key: written[key] for key in HEAD},
        "definitions": written.get("definitions", {}),
        "declarations": {
            "assessors": [{"bom-ref": "assessor", "organization": {"name": "procurement-gate"}}],
            "attestations": declared.attestations,
            "claims": declared.claims,
            "evidence": list(declared.evidence.values()),
            "targets": {"components": parts},
        },
    }
    return defused(msgspec.json.format(msgspec.json.encode(body), indent=2)) + b"\n"


def _number(part: Object) -> tuple[str, int]:  # documents first, then what is in them
    kind, _, number = part["bom-ref"].partition("-")
    return kind, int(number)


class _Declarations:
    """What is declared about the records of a run, gathered record by record."""

    def __init__(self, run: Run) -> None:
        self.documents: list[Component] = []
        self.targets: dict[tuple[int, str], Component] = {}  # number of the record, pointer -> component
        self.evidence: dict[tuple[object, ...], Object] = {}
        self.claims: list[Object] = []
        self.attestations: list[Object] = []
        self._left: set[tuple[int, str]] = set()
        for number, record in enumerate(run.records, 1):
            self.documents.append(_document(number, record))
            self._attest(number, record)
        for failure in run.failures:
            said = f"no verdict on {failure.file}: {failure.what}"
            self.attestations.append({"summary": _text(said), "assessor": "assessor", "map": []})

    @property
    def cut(self) -> str:
        """What was left out, if anything was."""
        return f"{len(self._left)} components are counted in scores and are no targets here" if self._left else ""

    def _attest(self, number: int, record: Record) -> None:
        decision = record.decision
        by_code: dict[str, list[Reason]] = {}
        for reason in decision.reasons:
            by_code.setdefault(reason.code, []).append(reason)
        summary = f"{decision.outcome}: {decision.subject.name}, as of {decision.as_of.isoformat()}"
        self.attestations.append(
            {
                "summary": _text(summary),
                "assessor": "assessor",
                "map": [self._mapping(number, record, code, reasons) for code, reasons in by_code.items()],
            }
        )

    def _mapping(self, number: int, record: Record, code: str, reasons: list[Reason]) -> Object:
        claims: dict[str, list[str]] = {"claims": [], "counterClaims": []}
        for reason in reasons:
            side = claims["counterClaims" if reason.effect in BLOCKING else "claims"]
            side += [ref for component in reason.components for ref in self._claim(number, record, reason, component)]
            if not reason.components:
                side += self._claim(number, record, reason, None)
        barred = [reason for reason in reasons if reason.effect in BLOCKING]
        rationale = dict.fromkeys(reason.message for reason in barred or reasons)
        mapped: Object = {
            "requirement": _requirement(code),
            **{key: refs for key, refs in claims.items() if refs},
            "conformance": {"score": 0 if barred else 1, "rationale": _text(". ".join(rationale))},
        }
        if barred and all(reason.effect == "review" for reason in barred):
            missing = ", ".join(dict.fromkeys(name for reason in barred for name in reason.missing))
            mapped["confidence"] = {"score": 0.5, "rationale": _text(f"Not known: {missing or 'what the law means'}")}
        return mapped

    def _claim(self, number: int, record: Record, reason: Reason, component: ComponentNamed | None) -> Iterator[str]:
        """The claim's reference; none if its component is one too many."""
        target = f"document-{number}" if component is None else self._target(number, record, component)
        if target is None:
            return
        about = named(component)[:200] if component else record.decision.subject.name
        ref = f"claim-{len(self.claims) + 1}"
        act = f" ({reason.act})" if reason.act else ""
        claim: Object = {
            "bom-ref": ref,
            "target": target,
            "predicate": _text(f"{about} {STATED[reason.effect]} {reason.code}{act}"),
            "reasoning": _text(reason.message),
        }
        pieces = component.evidence if component else ()
        found = [self._piece(target, piece) for piece in pieces]
        if reason.waiver is not None and reason.waiver.refused is None:
            found.append(self._waiver(reason.waiver))
        elif reason.waiver is not None:
            claim["counterEvidence"] = [self._waiver(reason.waiver)]
        if found:
            claim["evidence"] = list(dict.fromkeys(found))
        self.claims.append(claim)
        yield ref

    def _target(self, number: int, record: Record, component: ComponentNamed) -> str | None:
        key = (number, component.pointer)
        if key not in self.targets:
            if len(self.targets) == MOST:
                self._left.add(key)
                return None
            self.targets[key] = _component(f"target-{len(self.targets) + 1}", record, component)
        return str(self.targets[key].bom_ref)

    def _piece(self, target: str, piece: Evidence) -> str:
        said = f"The document says so; it met {piece.matched!r} of the register ({piece.strength})"
        data = {"name": _text(piece.field), "contents": {"attachment": {"content": _text(piece.said)}}}
        about = {"propertyName": _text(f"procurement-gate:{piece.field}"), "description": _text(said), "data": [data]}
        return self._kept((target, piece), about)

    def _waiver(self, waiver: WaiverNamed) -> str:
        state = f"waives nothing: {waiver.refused}" if waiver.refused else "is in force"
        said = f"Waiver {waiver.id} by {waiver.approver} under {waiver.authority} {state}"
        author = {"name": _text(waiver.approver)}
        return self._kept((waiver,), {"description": _text(said), "expires": waiver.ends, "author": author})

    def _kept(self, key: tuple[object, ...], about: Object) -> str:
        kept = self.evidence.setdefault(key, {"bom-ref": f"evidence-{len(self.evidence) + 1}", **about})
        return str(kept["bom-ref"])


def _document(number: int, record: Record) -> Component:
    subject, decision = record.decision.subject, record.decision
    algorithm, _, digest = subject.digest.partition(":")
    return Component(
        bom_ref=f"document-{number}",
        type=ComponentType.FILE,
        name=_text(subject.name),
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=digest)] if algorithm == "sha256" else (),
        properties=[
            _property("kind", subject.kind),
            _property("decision", decision.decision),
            _property("review", str(decision.review).lower()),
            _property("decision-id", record.id),
            _property("decision-digest", record.digest),
            _property("policy-version", decision.policy.version),
            _property("policy-digest", decision.policy.digest),
            _property("known-at", decision.known_at.isoformat()),
            *([_property("past-allowed", "true")] if decision.past_allowed else []),
        ],
    )


def _component(ref: str, record: Record, component: ComponentNamed) -> Component:
    """What a claim is about. Of what type it is the decision does not say; CycloneDX wants `library` then."""
    file, pointer = record.stands_in(component)
    places = {"file": file, "pointer": pointer, "line": component.line, "ref": component.ref}
    purl = _purl(component.purl)
    unread = [_property("purl", component.purl)] if component.purl and purl is None else []
    return Component(
        bom_ref=ref,
        type=ComponentType.LIBRARY,
        name=_text(component.name or component.ref or component.pointer),
        version=_text(component.version)[:LONGEST_VERSION] if component.version else None,
        purl=purl,
        properties=[*(_property(key, str(value)) for key, value in places.items() if value), *unread],
    )


def _purl(text: str | None) -> PackageURL | None:
    if not text or len(text) > LONGEST or safe(text) != text:
        return None
    try:
        return PackageURL.from_string(text)
    except ValueError:
        return None


def _standards(run: Run) -> list[Standard]:
    """A standard for each instrument, a requirement for each of its clauses that has a reason."""
    by_code = {reason.code: reason for record in run.records for reason in record.decision.reasons}
    instruments: dict[str, list[Reason]] = {}
    for code in sorted(by_code):
        instruments.setdefault(code.partition("/")[0], []).append(by_code[code])
    return [
        Standard(
            bom_ref=f"standard:{name}",
            name="procurement-gate" if name == "gate" else name,
            description="What makes an answer unsafe, whatever the law says" if name == "gate" else None,
            requirements=[
                Requirement(
                    bom_ref=_requirement(clause.code),
                    identifier=clause.code,
                    title=clause.citation[0].text if clause.citation else clause.code,
                    text=_text(clause.text or HELP.get(clause.code) or clause.message),
                    descriptions=[_text(clause.note)] if clause.note else (),
                    external_references=_links([clause]),
                )
                for clause in clauses
            ],
            external_references=_links(clauses),
        )
        for name, clauses in instruments.items()
    ]


def _requirement(code: str) -> str:
    return f"requirement:{code}"


def _links(clauses: Iterable[Reason]) -> list[ExternalReference]:
    found = {citation.url: citation.text for clause in clauses for citation in clause.citation}
    return [
        ExternalReference(type=ExternalReferenceType.DOCUMENTATION, url=XsUri(url), comment=text)
        for url, text in found.items()
    ]


def _serial_number(run: Run) -> uuid.UUID:
    """The decision's own id, or one made of those of all decisions."""
    ids = [record.id for record in run.records]
    return uuid.UUID(ids[0]) if len(ids) == 1 and not run.failures else uuid.uuid5(uuid.NAMESPACE_URL, "\n".join(ids))


def _tool() -> Component:
    return Component(name="procurement-gate", version=VERSION, type=ComponentType.APPLICATION)


def _property(name: str, value: str) -> Property:
    return Property(name=f"procurement-gate:{name}", value=_text(value))


def _text(text: str) -> str:
    return safe(text[:LONGEST])[:LONGEST]
