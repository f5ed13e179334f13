"""JUnit XML, as CI systems read it: a suite for each instrument, one for what is not exercised, one for the mutants."""

from collections.abc import Iterable

from lxml import etree

from gate.proof import Proof
from policy.load import Problem


def render(proof: Proof) -> bytes:
    """All suites."""
    suites = etree.Element("testsuites")
    found: dict[str, list[tuple[str, str, str | None]]] = {}
    for case in proof.cases:
        found.setdefault(case.instrument, []).append((case.name, case.file, case.why))
    for name, problems in (("coverage", proof.gaps), ("mutants", proof.survivors)):
        if problems:
            found[name] = list(_failing(problems))
    for name, results in found.items():
        failures = sum(why is not None for _, _, why in results)
        suite = etree.SubElement(suites, "testsuite", name=name, tests=str(len(results)), failures=str(failures))
        for case_name, file, why in results:
            element = etree.SubElement(suite, "testcase", name=_xml(case_name), classname=name, file=_xml(file))
            if why is not None:
                etree.SubElement(element, "failure", message=_xml(why))
    return etree.tostring(suites, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def _failing(problems: Iterable[Problem]) -> Iterable[tuple[str, str, str | None]]:
    for problem in problems:
        yield str(problem), problem.file, problem.message


def _xml(text: str) -> str:
    """The text without what XML cannot hold."""
    return "".join(letter if letter.isprintable() else " " for letter in text)
