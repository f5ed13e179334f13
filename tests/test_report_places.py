"""Where a result points: at its component in the document, by the same fingerprint in a later one."""

import gzip
import json
import random
from pathlib import Path

import pytest

from gate.record import Run
from tests import parsers
from tests.boms import BANNED, OURS, Json, sbom
from tests.command import inside
from tests.records import LAW, RUNS, component, reason, record
from tests.rendered import rendered

OTHER = {"type": "library", "name": "𝄞 é 中", "version": "1", "purl": "pkg:npm/left-pad@1.3.0"}
XML = (
    '<?xml version="1.0" encoding="utf-8"?>{0}<bom xmlns="http://cyclonedx.org/schema/bom/1.6" version="1">'
    "<components>{0}"
    '<component type="library"><name>𝄞 é 中</name><version>1</version></component>{0}'
    '<component type="library"><name>hexa-ui</name><version>6.1.0</version>{0}'
    "<purl>pkg:npm/%40kaspersky/hexa-ui@6.1.0</purl></component></components></bom>"
)

MANY = [{**OTHER, "bom-ref": str(number)} for number in range(5)]

DOCUMENTS = {
    "after many": json.dumps(sbom(*MANY, BANNED), ensure_ascii=False),
    "after many, pretty": json.dumps(sbom(*MANY, BANNED), indent="\t", ensure_ascii=False),
    "unevenly written": json.dumps(sbom(*MANY, BANNED), ensure_ascii=False)
    .replace('}, {"type": "library", "name": "hexa', '}\n ,{"type": "library", "name": "hexa')
    .replace('}, {"', '} ,\r\n{"', 2),
    "pretty": json.dumps(sbom(OTHER, BANNED), indent=2, ensure_ascii=False),
    "on one line": json.dumps(sbom(OTHER, BANNED), ensure_ascii=False),
    "escaped": json.dumps(sbom(OTHER, BANNED)),
    "nested": json.dumps(sbom({**OTHER, "components": [BANNED]}), indent=1, ensure_ascii=False),
    "xml": XML.format("\n"),
    "xml on one line": XML.format(""),
    "xml with carriage returns": XML.format("\r\n"),
}


def log_of(text: str | bytes, folder: Path, name: str = "bom.json") -> Json:
    """The SARIF log of a document, in a run of its own."""
    path = folder / name
    path.parent.mkdir(exist_ok=True, parents=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    out = folder / "out.sarif"
    inside("check", "--profile", "us-federal-agency", "--format", f"sarif={out}", str(path))
    return parsers.sarif(out.read_bytes())


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_result_points_at_the_first_letter_of_its_component(name: str, tmp_path: Path) -> None:
    text = DOCUMENTS[name]
    [run] = log_of(text, tmp_path)["runs"]
    places = {tuple(r["locations"][0]["physicalLocation"]["region"].values()) for r in run["results"]}
    [(line, column)] = places
    pointed = text.split("\n")[line - 1].encode("utf-16-le")[2 * (column - 1) :].decode("utf-16-le")
    rest = "\n".join([pointed, *text.split("\n")[line:]])
    assert rest.startswith(('{"', "{\n", '<component type="library"><name>hexa-ui'))
    assert rest.index("hexa-ui") < 80


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "iso-8859-1", "utf-8-sig"])
def test_a_column_is_counted_in_letters_whatever_the_encoding(encoding: str, tmp_path: Path) -> None:
    text = XML.format("").replace("𝄞 é 中", "é").replace("utf-8", encoding.removesuffix("-sig").removesuffix("-le"))
    mark = b"\xff\xfe" if encoding == "utf-16-le" else b""
    [run] = log_of(mark + text.encode(encoding), tmp_path, "bom.xml")["runs"]
    column = text.index('<component type="library"><name>hexa') + 1
    regions = [result["locations"][0]["physicalLocation"]["region"] for result in run["results"]]
    assert {(region["startLine"], region["startColumn"]) for region in regions} == {(1, column)}


def test_a_result_in_an_attached_sbom_points_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "orders").mkdir()
    (tmp_path / "orders" / "part.json").write_text(DOCUMENTS["pretty"])
    lines = [{"product": "Suite", "manufacturer": {"name": "Example"}, "sbom": {"path": "part.json"}}]
    body = {"id": "1", "buyer": {"roles": ["us-federal-agency"]}, "ordered": "2031-01-01", "lines": lines}
    (tmp_path / "orders" / "request.json").write_text(json.dumps(body))
    assert inside(
        "check", "--format", "sarif=out.sarif", "--format", "vsa=out.vsa", str(tmp_path / "orders/request.json")
    )
    [run] = parsers.sarif(Path("out.sarif").read_bytes())["runs"]
    uris = {r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for r in run["results"]}
    assert uris == {"orders/part.json"}
    [detail] = parsers.vsa(Path("out.vsa").read_bytes())["predicate"]["urn:x-procurement-gate:decisions:1"]
    assert list(detail["attached"]) == ["orders/part.json"]


def test_a_path_below_the_current_folder_is_relative_however_it_was_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("bom.json", "./bom.json", str(tmp_path / "bom.json"), str(tmp_path / "x" / ".." / "bom.json")):
        (tmp_path / "x").mkdir(exist_ok=True)
        (tmp_path / "bom.json").write_text(DOCUMENTS["pretty"])
        inside(
            "check", "--role", "us-federal-agency", "--format", "gitlab=out.json", "--format", "sarif=out.sarif", name
        )
        assert {one["location"]["path"] for one in parsers.gitlab(Path("out.json").read_bytes())} == {"bom.json"}
        [run] = parsers.sarif(Path("out.sarif").read_bytes())["runs"]
        for result in run["results"]:
            location = result["locations"][0]["physicalLocation"]["artifactLocation"]
            assert location == {"uri": "bom.json", "uriBaseId": "%SRCROOT%"}


def marks(log: Json) -> list[tuple[str, str]]:
    """The rules and fingerprints of a log."""
    return sorted(
        (result["ruleId"], result["partialFingerprints"]["primaryLocationLineHash"])
        for result in log["runs"][0]["results"]
    )


def test_fingerprints_survive_a_new_version_and_another_order(tmp_path: Path) -> None:
    old = log_of(json.dumps(sbom(BANNED, OTHER, OURS)), tmp_path)
    newer = {**BANNED, "version": "7.0.0", "purl": "pkg:npm/%40kaspersky/hexa-ui@7.0.0", "bom-ref": "another"}
    new = log_of(json.dumps(sbom(OURS, OTHER, {**OTHER, "name": "more"}, newer), indent=1), tmp_path)
    assert marks(old) == marks(new)
    assert len(set(marks(old))) == len(marks(old))


def test_a_component_that_is_there_twice_has_two_fingerprints(tmp_path: Path) -> None:
    twice = log_of(json.dumps(sbom(BANNED, {**BANNED, "version": "6.2.0", "bom-ref": "b"})), tmp_path)
    assert len(set(marks(twice))) == len(marks(twice))


# --- SARIF's limits ---------------------------------------------------------------------------------------------------


def test_more_results_than_github_shows_are_cut_and_counted() -> None:
    parts = tuple(component(number) for number in range(4000))
    run = Run((record(reason("note", components=parts), reason("deny", components=parts)),))
    [log] = parsers.sarif(rendered("sarif", run))["runs"]
    assert [r["properties"]["effect"] for r in log["results"]] == ["deny"] * 4000 + ["note"] * 1000
    [notice] = log["invocations"][0]["toolExecutionNotifications"]
    assert notice["message"]["text"].startswith("3000 of 8000 results were cut")


def test_a_log_is_below_ten_megabytes_packed_whatever_the_names_are() -> None:
    dice = random.Random(1)  # noqa: S311 - no secret depends on it
    letters = "".join(map(chr, dice.choices(range(0x4E00, 0x9FFF), k=500_000)))
    names = [letters[start : start + 900] for start in (dice.randrange(499_000) for _ in range(5000))]
    parts = tuple(component(n, name=name, purl=f"pkg:npm/{name}") for n, name in enumerate(names))
    data = rendered("sarif", Run((record(reason("deny", message=names[0], components=parts)),)))
    assert len(gzip.compress(data)) < 10_000_000
    log = json.loads(data)["runs"][0]
    assert f"{5000 - len(log['results'])} of 5000 results were cut" in rendered_notice(log)


def rendered_notice(log: Json) -> str:
    return str(log["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"])


def test_a_rule_says_where_the_law_is_to_be_read() -> None:
    [log] = parsers.sarif(rendered("sarif", RUNS["deny"]))["runs"]
    [rule] = log["tool"]["driver"]["rules"]
    assert rule["id"] == "test-law/deny"
    assert rule["helpUri"] == LAW
    assert LAW in rule["help"]["text"]
    assert f"[Law 1]({LAW})" in rule["help"]["markdown"]
    assert "Use something else." in rule["help"]["text"]
    assert rule["properties"]["security-severity"] == "8.0"
