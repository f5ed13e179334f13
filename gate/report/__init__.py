"""Decisions -> bytes. A report gets decisions with the lines in them, and imports no reader and no other report."""

import importlib
from collections.abc import Callable

from gate.record import Run

Report = Callable[[Run, bool], bytes]
"""A run, and whether colour is wanted -> what to print."""

FORMATS = {
    "text": "what a buyer reads first",
    "json": "the decision as data, schema 1",
    "sarif": "SARIF 2.1.0, for code scanning: each clause a rule, each component a result at its line",
    "html": "one page to read and print, with the decision drawn along time",
    "markdown": "a comment for a pull request, or a job's summary",
    "github": "GitHub workflow commands, and the job's summary where there is one",
    "gitlab": "GitLab's code quality report",
    "gitlab-annotations": "links to the laws on GitLab's job page",
    "dotenv": "the decision as variables for later stages",
    "azure": "Azure Pipelines logging commands",
    "junit": "JUnit XML, for build servers",
    "tap": "TAP, for test harnesses",
    "cyclonedx": "a CycloneDX BOM of declarations: claims and counter-claims, with the laws as standards",
    "vsa": "an in-toto statement with SLSA's verification summary, to be signed with `gate sign`",
    "test-result": "an in-toto statement with the test result predicate",
    "csv": "a table for spreadsheets, a row for each reason and component",
}
"""Name of a format -> what it is for. Each is a module of this package with `render`, loaded when it is asked for."""


def report(form: str) -> Report:
    """The report of that name."""
    rendering: Report = importlib.import_module(f"gate.report.{form.replace('-', '_')}").render
    return rendering
