"""JUnit XML, as CI systems read it: a suite for each instrument, one for what is not exercised, one for the mutants."""

from collections.abc import Iterable

from lxml import etree

from gate.proof import Proof
from gate.terminal import plain
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
            element = etree.SubElement(suite, "testcase", name=plain(case_name), classname=name, file=plain(file))
            if why is not None:
                etree.SubElement(element, "failure", message=plain(why))
    return etree.tostring(suites, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def _failing(problems: Iterable[Problem]) -> Iterable[tuple[str, str, str | None]]:
    for problem in problems:
        yield str(problem), problem.file, problem.message
