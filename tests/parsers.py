"""How others read our reports: for each format a parser that is not ours, and what its norm asks beyond that.

Each takes a report and returns what it found, after having refused what no consumer would take.
"""

import csv
import io
import json
import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import in_toto_attestation.predicates.test_result.v0.test_result_pb2 as test_result_pb
import in_toto_attestation.predicates.vsa.v1.vsa_pb2 as vsa_pb
from google.protobuf import json_format
from in_toto_attestation.v1.statement import Statement
from jsonschema_rs import validator_for
from junitparser import JUnitXml, TestSuite
from markdown_it import MarkdownIt
from markdown_it.token import Token
from sarif.sarif_file import SarifFile
from tap.parser import Parser as TapParser

from gate.read.schema import faults_json
from tests.records import NOW

DATA = Path(__file__).parent / "data"

Json = dict[str, Any]


def text(data: bytes) -> str:
    """As a terminal shows it: nothing that steers it, no line of a length nobody reads."""
    shown = data.decode()
    assert all(line.isprintable() for line in shown.split("\n"))
    assert all(len(line) <= 20_000 for line in shown.split("\n"))
    return shown


def as_json(data: bytes) -> list[Json]:
    """The decisions; one alone is no list."""
    if not data:
        return []
    body = json.loads(data)
    return body if isinstance(body, list) else [body]


# The official schema, as @microsoft/sarif-multitool 5.7.0 carries it (npm, MIT).
SARIF_SCHEMA = validator_for(json.loads((DATA / "sarif-2.1.0.schema.json").read_bytes()), validate_formats=True)


def sarif(data: bytes) -> Json:
    """By the official schema, by what GitHub asks beyond it, and by Microsoft's sarif-tools."""
    log: Json = json.loads(data)
    faults = [f"{error.instance_path}: {error.message[:200]}" for error in SARIF_SCHEMA.iter_errors(log)]
    assert faults == []
    [run] = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert len({rule["id"] for rule in rules}) == len(rules)
    for rule in rules:
        assert rule["help"]["text"]
        assert all(len(rule[key]["text"]) <= 1024 for key in ("shortDescription", "fullDescription"))
    assert len(run["results"]) <= 5000
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert len(result["message"]["text"]) <= 1024
        assert result["partialFingerprints"]["primaryLocationLineHash"]
        assert (result["level"] == "none") == (result["kind"] != "fail")  # section 3.27.9
        [location] = result["locations"]
        region = location["physicalLocation"]["region"]
        assert region["startLine"] >= 1
        assert region["startColumn"] >= 1
    read = SarifFile("run.sarif", log, mtime=NOW)
    records = read.get_records()
    assert len(records) == read.get_result_count() == len(run["results"])
    assert read.get_distinct_tool_names() == ["procurement-gate"]
    return log


ELEMENTS = frozenset(
    {"html", "head", "meta", "title", "style", "body", "h1", "h2", "h3", "section", "p", "span", "small", "svg"}
    | {"rect", "text", "path", "article", "strong", "ul", "li", "b", "code", "br", "em", "a", "details", "summary"}
)


class _Page(HTMLParser):
    """What stands on a page."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.links: list[str] = []
        self.comments: list[str] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in ELEMENTS, tag
        assert not any(name.startswith("on") or name in ("src", "srcset", "action") for name, _ in attrs)
        self.links += [value or "" for name, value in attrs if name == "href"]
        if tag not in ("meta", "br", "rect", "path"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in ("rect", "path", "br"), tag
        assert not any(name.startswith("on") for name, _ in attrs)
        assert all(float(value or "") > 0 for name, value in attrs if name in ("width", "height"))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.words.append(data)

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)


def html(data: bytes) -> _Page:
    """A page: every element is closed where it belongs, none loads or runs anything."""
    page = _Page()
    page.feed(data.decode())
    page.close()
    assert page.open == []
    assert page.comments == []
    assert all(link.startswith("https://law.example/") for link in page.links)
    return page


MARKUP = re.compile(
    r"<!-- procurement-gate -->|<details><summary>\d+ clauses? do(?:es)? not bar it, or only informs?</summary>"
    r"|</details>|</?(?:sub|b)>|<br>|</a>"
    r'|<a href="https://law\.example/title\?a=1&amp;b=2">'
)
"""All the HTML that a comment may hold."""


def markdown(data: bytes) -> list[Token]:
    """By CommonMark with tables: no HTML, link or picture but ours, and nothing a forge would bring alive."""
    assert len(data) <= 65_536
    assert data.startswith(b"<!-- procurement-gate -->\n")
    tokens = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).parse(data.decode())
    words = []
    for token in _all(tokens):
        assert token.type not in ("link_open", "image", "fence", "code_block", "code_inline", "hr", "s_open", "em_open")
        if token.type in ("html_inline", "html_block"):
            assert MARKUP.sub("", token.content).strip() == "", token.content
        elif token.type == "text":
            words.append(token.content)
    said = "".join(words)
    assert re.search(r"://|www\.|\S@\w|(?<!\S)[@#!~$%&^]\w|\bGH-\d", said) is None
    for row in re.findall(r"^\|.*$", data.decode(), re.MULTILINE):
        assert row.count("|") == 5
    return tokens


def _all(tokens: list[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from _all(token.children or [])


def _pairs(stated: str, mark: str, unescaped: Callable[[str], str]) -> dict[str, str]:
    return {key: unescaped(value) for key, _, value in (pair.partition("=") for pair in stated.split(mark) if pair)}


def github(data: bytes) -> list[tuple[str, dict[str, str], str]]:
    """The commands of a log, as the runner takes them: a line that begins with `::` after blanks."""
    found = []
    for line in data.decode().split("\n"):
        assert "##[" not in line
        assert line.isprintable()
        if line.lstrip().startswith("::"):
            command = re.fullmatch(r"::(error|warning|notice) ([^:]+)::(.*)", line)
            assert command, line[:200]
            place = _pairs(command[2], ",", unquote)
            assert set(place) <= {"file", "line", "col", "title"}
            assert len(command[3]) <= 3 * 4100
            found.append((command[1], place, unquote(command[3])))
        else:
            assert line == "" or line.startswith("procurement-gate: ")
    return found


def azure(data: bytes) -> list[tuple[str, dict[str, str], str]]:
    """The commands of a log, as the agent takes them: `##vso[` anywhere in a line, in any letters."""
    found = []
    for line in data.decode().split("\n"):
        assert line.isprintable()
        assert not line.lstrip().startswith("::")
        assert len(re.findall(r"##\s*(?:vso|\[)", line, re.IGNORECASE)) == (1 if line else 0)
        if line:
            command = re.fullmatch(r"##vso\[(task\.logissue|task\.setvariable) ([^\]]*)\](.*)", line)
            assert command, line[:200]
            stated = _pairs(command[2], ";", lambda value: unquote(value.replace("%AZP25", "%25")))
            found.append((command[1], stated, unquote(command[3].replace("%AZP25", "%25"))))
    return found


def gitlab(data: bytes) -> list[Json]:
    """Code quality, by the fields GitLab documents."""
    findings: list[Json] = json.loads(data)
    for finding in findings:
        assert set(finding) == {"description", "check_name", "fingerprint", "severity", "location"}
        assert finding["severity"] in ("info", "minor", "major", "critical", "blocker")
        assert isinstance(finding["description"], str)
        assert finding["location"]["path"]
        assert not finding["location"]["path"].startswith("./")
        assert finding["location"]["lines"]["begin"] >= 1
    assert len({finding["fingerprint"] for finding in findings}) == len(findings)
    return findings


def gitlab_annotations(data: bytes) -> list[Json]:
    """Annotations, by the one type GitLab documents."""
    [(name, links)] = json.loads(data).items()
    assert name.startswith("procurement-gate: ")
    for link in links:
        assert set(link) == {"external_link"}
        assert set(link["external_link"]) == {"label", "url"}
        assert link["external_link"]["url"].startswith("https://law.example/")
    return list(links)


def dotenv(data: bytes) -> dict[str, str]:
    """Variables: names and values that neither GitLab nor a shell can misread, in 5 KB."""
    assert len(data) <= 5 * 1024
    lines = data.decode("ascii").splitlines()
    assert all(re.fullmatch(r"GATE_[A-Z_]+=[A-Za-z0-9:,/_-]*", line) for line in lines)
    return dict(line.split("=", 1) for line in lines)


def junit(data: bytes) -> JUnitXml:
    """By junitparser, and the counts say what is there."""
    found = JUnitXml.fromstring(data)
    assert isinstance(found, JUnitXml)
    assert b"&#" not in data.replace(b"&#10;", b"").replace(b"&#13;", b"")  # of no letter that XML forbids
    for suite in found:
        assert isinstance(suite, TestSuite)
        written = (suite.tests, suite.failures, suite.errors, suite.skipped)
        suite.update_statistics()  # type: ignore[no-untyped-call] # the one method of junitparser without types
        assert written == (suite.tests, suite.failures, suite.errors, suite.skipped)
    return found


def tap(data: bytes) -> list[Any]:
    """By tap.py, which reads TAP 13; each subtest once more, as TAP 14 defines it: indented by four blanks."""
    whole = data.decode()
    lines = _tap(whole)
    subtests = re.findall(r"(?:^    .*\n)+", whole, re.MULTILINE)
    for subtest in subtests:
        lines += _tap(re.sub(r"^    ", "", subtest, flags=re.MULTILINE))
    return lines


def _tap(whole: str) -> list[Any]:
    assert "\r" not in whole
    ignored = ("diagnostic", "unknown", "version")
    lines = [line for line in TapParser().parse_text(whole) if line.category not in ignored]
    plan, *results = lines
    assert plan.category == "plan"
    assert plan.expected_tests == len(results)
    assert [result.number for result in results] == list(range(1, len(results) + 1))
    assert not any(result.skip or result.todo for result in results)
    return results


def table(data: bytes) -> list[dict[str, str]]:
    """A table: every row has every column, and no cell is a formula, wherever a spreadsheet may begin one."""
    csv.field_size_limit(1_000_000)
    rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True))
    for row in rows:
        assert None not in row
        assert None not in row.values()
        for cell in row.values():
            assert len(cell) < 32_767
            assert re.search(r'(?:^|[;,|"\n])\s*[=+\-@＝＋－＠]', cell) is None, cell[:200]
    return rows


def cyclonedx(data: bytes) -> Json:
    """By the official schemas of 1.6 and of 1.7; every reference leads somewhere, and no two say the same name."""
    if not data:
        return {}
    body: Json = json.loads(data)
    assert [fault.message for fault in faults_json(data, "1.6")] == []
    later = {**body, "specVersion": "1.7", "$schema": "http://cyclonedx.org/schema/bom-1.7.schema.json"}
    assert [fault.message for fault in faults_json(json.dumps(later).encode(), "1.7")] == []
    declared = body["declarations"]
    names = [node["bom-ref"] for node in _nodes(body) if "bom-ref" in node]
    assert len(set(names)) == len(names)
    used = [claim["target"] for claim in declared["claims"]]
    for claim in declared["claims"]:
        used += [*claim.get("evidence", []), *claim.get("counterEvidence", [])]
    for attestation in declared["attestations"]:
        used.append(attestation["assessor"])
        for mapped in attestation["map"]:
            used += [mapped["requirement"], *mapped.get("claims", []), *mapped.get("counterClaims", [])]
    assert set(used) <= set(names)
    assert {claim["bom-ref"] for claim in declared["claims"]} <= set(used)
    assert {piece["bom-ref"] for piece in declared["evidence"]} <= set(used)
    return body


def _nodes(value: object) -> Iterator[Json]:
    if isinstance(value, dict):
        yield value
    for inside in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _nodes(inside)


def _statement(data: bytes, predicate: Any) -> Json:
    """By in-toto's own library; the predicate by the messages it carries for it."""
    if not data:
        return {}
    body: Json = json.loads(data)
    read = Statement([], "", {})
    json_format.Parse(json.dumps({"type": body["_type"], **body}).encode(), read.pb, ignore_unknown_fields=True)
    read.validate()
    # The library takes the list of levels for one text, against SLSA's specification and its examples.
    stated = {key: value for key, value in body["predicate"].items() if key != "verifiedLevels"}
    json_format.ParseDict(stated, predicate, ignore_unknown_fields=True)
    return body


def vsa(data: bytes) -> Json:
    """A verification summary."""
    predicate = vsa_pb.VerificationSummary()
    body = _statement(data, predicate)
    if body:
        assert predicate.verification_result == body["predicate"]["verificationResult"]
        assert predicate.time_verified.seconds
        assert predicate.policy.digest["sha256"]
    return body


def test_result(data: bytes) -> Json:
    """A test result."""
    return _statement(data, test_result_pb.TestResult())


PARSERS: dict[str, Callable[[bytes], Any]] = {
    "text": text,
    "json": as_json,
    "sarif": sarif,
    "html": html,
    "markdown": markdown,
    "github": github,
    "gitlab": gitlab,
    "gitlab-annotations": gitlab_annotations,
    "dotenv": dotenv,
    "azure": azure,
    "junit": junit,
    "tap": tap,
    "cyclonedx": cyclonedx,
    "vsa": vsa,
    "test-result": test_result,
    "csv": table,
}
"""Format -> who reads it."""
