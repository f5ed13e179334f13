"""JUnit XML, which every build server shows: a suite for each instrument, a case for each component and clause.

The format has no norm; what is written here is what `junitparser` and Jenkins's schema take.
"""

from collections.abc import Iterator
from xml.etree import ElementTree as ET

from gate.baseline import BLOCKING, Known
from gate.concern import Concern, concerns
from gate.phrases import gone, named, sentence
from gate.record import Failure, Record, Run
from gate.terminal import safe

INPUTS = "inputs"
"""The suite that has a case for each input: so that an allow is seen to have been judged."""

LONGEST = 2000
"""Letters of one text."""


def render(run: Run, colour: bool) -> bytes:  # noqa: ARG001 - the family's contract
    """All inputs in one document."""
    suites: dict[str, list[ET.Element]] = {INPUTS: []}
    suites[INPUTS] += [_input(run, record) for record in run.records]
    suites[INPUTS] += [_without_verdict(failure) for failure in run.failures]
    for record in run.records:
        for concern in concerns(record.decision):
            suites.setdefault(_instrument(concern.reason.code), []).append(_case(run, record, concern))
    for known in run.gone:
        suites.setdefault(_instrument(known.code), []).append(_gone(known))
    top = ET.Element("testsuites", name="procurement-gate")
    for name, cases in suites.items():
        suite = ET.SubElement(top, "testsuite", name=name, tests=str(len(cases)))
        for tag, attribute in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
            suite.set(attribute, str(sum(case.find(tag) is not None for case in cases)))
        suite.extend(cases)
    for attribute in ("tests", "failures", "errors", "skipped"):
        top.set(attribute, str(sum(int(suite.get(attribute, "0")) for suite in top)))
    ET.indent(top)
    document: bytes = ET.tostring(top, encoding="utf-8", xml_declaration=True)
    return document + b"\n"


def _input(run: Run, record: Record) -> ET.Element:
    case = ET.Element("testcase", classname=INPUTS, name=_text(record.decision.subject.name))
    if record.decision.decision == "deny" and not run.warn_only:
        codes = dict.fromkeys(r.code for r in record.decision.reasons if r.effect in BLOCKING)
        ET.SubElement(case, "failure", type=record.decision.outcome, message=_text(", ".join(codes)))
    return case


def _without_verdict(failure: Failure) -> ET.Element:
    case = ET.Element("testcase", classname=INPUTS, name=_text(failure.file))
    error = ET.SubElement(case, "error", type="no verdict", message=_text(failure.what))
    error.text = _text(" ".join(part for part in (failure.what + ".", failure.pointer, failure.remedy) if part))
    return case


def _instrument(code: str) -> str:
    return code.partition("/")[0]


def _case(run: Run, record: Record, concern: Concern) -> ET.Element:
    """The name is the same for whatever acts: a server follows a case from build to build by it."""
    reason, component, shown = concern.reason, concern.component, run.shown(concern.reason.effect)
    name = named(component) if component is not None else record.decision.subject.name
    case = ET.Element("testcase", classname=reason.code, name=_text(name))
    if component is not None:
        file, _ = record.stands_in(component)
        case.set("file", _text(file))
        case.set("line", str(component.line or 1))
    mark = f" ({concern.mark(record.since)})" if record.since is not None else ""
    message, lines = _text(concern.said + mark), "\n".join(_lines(concern, mark))
    if shown in BLOCKING:
        ET.SubElement(case, "failure", type=reason.effect, message=message).text = lines
    elif shown in ("warning", "warn"):
        ET.SubElement(case, "system-out").text = lines
    else:
        ET.SubElement(case, "skipped", message=message)
    return case


def _gone(known: Known) -> ET.Element:
    """What failed in the baseline, and passes."""
    case = ET.Element("testcase", classname=known.code, name=_text(known.name or known.code))
    ET.SubElement(case, "system-out").text = _text(f"Gone since the baseline: {gone(known)}.")
    return case


def _lines(concern: Concern, mark: str) -> Iterator[str]:
    reason, component = concern.reason, concern.component
    yield _text(sentence(concern.said) + mark)
    if component is not None:
        yield from (_text(f"{piece.field} says {piece.said!r} ({piece.strength})") for piece in component.evidence[:5])
    yield from (_text(f"{citation.text}: {citation.url}") for citation in reason.citation)
    yield from (_text(line) for line in (reason.note, reason.remedy) if line)


def _text(text: str) -> str:
    """Without what XML 1.0 forbids, shortened."""
    return safe(text[:LONGEST])[:LONGEST].replace("\n", " ")
