"""What is asked of a portfolio: where something is, what changes when, what another law would do, what is written."""

import csv
import io
import json
import re
import shlex
import shutil
import subprocess
from collections.abc import Callable
from concurrent.futures import Future
from datetime import date, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from icalendar import Calendar

from gate.asking import Asking
from gate.cli import main, parser
from gate.errors import UsageError
from gate.own import EMPTY_SBOM
from gate.portfolio.forecast import FORECASTS
from gate.portfolio.forecast.content import Forecast, forecast
from gate.portfolio.index import Index
from gate.portfolio.progress import Progress, line
from gate.portfolio.summary import PAGES
from gate.portfolio.summary.content import Summary, summary
from gate.portfolio.tables import write_tables
from gate.portfolio.where import of_clause, of_package, of_vendor
from gate.portfolio.written import expected, written
from tests.portfolio import NOW, Here, ban, component, law, sbom, scan, vendor

ROOT = Path(__file__).parents[1]

FORMULA = "=cmd|' /C calc'!A1"


@pytest.fixture(name="out", scope="module")
def _out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A portfolio: one system with what is banned, one with what will be, one of nobody, one that is broken."""
    place = tmp_path_factory.mktemp("portfolio")
    vendor(place / "law", "acme", name="Acme <b>", purls=["pkg:npm/%40acme"], names=["Acme Industries"])
    vendor(place / "law", "borg", purls=["pkg:npm/%40borg"])
    vendor(place / "law", "cobalt", purls=["pkg:npm/%40cobalt"])
    ban(place / "law", "xx-acme", ["acme"])
    ban(place / "law", "xx-borg", ["borg"], "2027-03-01")
    files = place / "files"
    sbom(files / "a.cdx.json", component("@acme/tool"), component("lodash", purl="pkg:npm/lodash@4.17.21"))
    sbom(files / "b.cdx.json", component("@borg/tool"), component("lodash", purl="pkg:npm/lodash@4.17.20"))
    sbom(files / "c.cdx.json", component("lodash-es", purl="pkg:npm/lodash-es@4.17.21"), component("@cobalt/x"))
    (files / f"{FORMULA.replace('/', '')}.cdx.json").write_text("{")
    scan(place / "out", law(place / "law"), files)
    return place / "out"


def systems(found: object) -> list[str]:
    return sorted({Path(one.system).name[0] for one in found})  # type: ignore[attr-defined]


@pytest.fixture(name="index")
def _index(out: Path) -> Index:
    return Index(out, is_new=False)


def test_a_vendor_is_where_its_components_are_and_the_evidence_says_why(index: Index) -> None:
    (found,) = of_vendor(index.db, "acme")
    assert Path(found.system).name == "a.cdx.json"
    assert found.what == "pkg:npm/@acme/tool@1.0"
    assert [(piece.field, piece.matched) for piece in found.evidence] == [("purl", "pkg:npm/%40acme")]
    assert systems(of_vendor(index.db, "cobalt")) == ["c"], "also where no clause is about it"


def test_a_clause_is_where_it_gave_a_reason(index: Index) -> None:
    assert [(one.effect, Path(one.system).name) for one in of_clause(index.db, "xx-acme/no-use")] == [
        ("deny", "a.cdx.json")
    ]
    assert [one.effect for one in of_clause(index.db, "xx-borg")] == ["warn"]
    assert list(of_clause(index.db, "xx-bor")) == []


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("pkg:npm/lodash", ["a", "b"]),
        ("pkg:npm/lodash@4.17.21", ["a"]),
        ("pkg:npm/lodash@4.17.2", []),
        ("PKG:npm/Lodash", ["a", "b"]),
        ("pkg:npm/lodash-es", ["c"]),
        ("pkg:npm/%40acme", ["a"]),
        ("pkg:npm/@acme/", ["a"]),
        ("pkg:npm/@acme/tool", ["a"]),
        ("pkg:npm", ["a", "b", "c"]),
        ("pkg:npm/zzz", []),
        ("pkg:aaa/x", []),
    ],
)
def test_a_package_is_found_by_name_version_and_namespace_and_by_whole_segments(
    index: Index, asked: str, expected: list[str]
) -> None:
    assert systems(of_package(index.db, asked)) == expected


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("pkg:npm/babel/core@7.1.0", "pkg:npm/%40babel/core"),  # as cdxgen wrote it up to version 8
        ("pkg:npm/%40babel/core@7.1.0", "pkg:npm/babel/core@7.1.0"),
        ("pkg:npm/babel/core@7.1.0", "pkg:npm/@babel"),
        ("pkg:npm/Babel%2Fcore@7.1.0?a=b", "pkg:npm/@babel/core"),
        ("pkg:pypi/cos_python.sdk_v5@1.9.44", "pkg:pypi/cos-python-sdk-v5"),
        ("pkg:pypi/cos-python-sdk-v5@1.9.44", "pkg:pypi/Cos_Python_SDK_v5@1.9.44"),
    ],
)
def test_a_package_is_found_however_either_side_writes_it(tmp_path: Path, written: str, asked: str) -> None:
    vendor(tmp_path / "law", "acme", purls=["pkg:npm/%40acme"])
    ban(tmp_path / "law", "xx-acme", ["acme"])
    sbom(tmp_path / "a.cdx.json", component("x", purl=written), component("y", purl="pkg:npm/@babel/coreless@7.1.0"))
    scan(tmp_path / "out", law(tmp_path / "law"), tmp_path / "a.cdx.json")
    found = [one.what for one in of_package(Index(tmp_path / "out", is_new=False).db, asked)]
    assert written in found
    assert len(found) == (2 if asked.endswith("@babel") else 1)


def test_every_package_is_found_in_whatever_block_it_stands(tmp_path: Path) -> None:
    vendor(tmp_path / "law", "acme", purls=["pkg:npm/%40acme"])
    ban(tmp_path / "law", "xx-acme", ["acme"])
    names = [f"part-{number:04}" for number in range(1500)]
    sbom(tmp_path / "a.cdx.json", *map(component, names))
    scan(tmp_path / "out", law(tmp_path / "law"), tmp_path / "a.cdx.json")
    db = Index(tmp_path / "out", is_new=False).db
    assert all(len(list(of_package(db, f"pkg:npm/{name}"))) == 1 for name in names[::7])


def test_a_package_is_found_where_it_stands_in_the_document_each_time_it_does(tmp_path: Path) -> None:
    vendor(tmp_path / "law", "acme", purls=["pkg:npm/%40acme"])
    ban(tmp_path / "law", "xx-acme", ["acme"])
    deep = component("outer", components=[component("x"), component("lodash", purl="pkg:npm/lodash@4.17.21")])
    file = sbom(tmp_path / "a.cdx.json", component("lodash", purl="pkg:npm/Lodash@4.17.20"), deep)
    scan(tmp_path / "out", law(tmp_path / "law"), file)
    found = list(of_package(Index(tmp_path / "out", is_new=False).db, "pkg:npm/lodash"))
    assert {(one.field, one.pointer) for one in found} == {
        ("purl", "/components/0"),
        ("purl", "/components/1/components/1"),
    }
    document = json.loads(file.read_text())["components"]
    assert {one.pointer: one.what for one in found} == {
        "/components/0": document[0]["purl"],
        "/components/1/components/1": document[1]["components"][1]["purl"],
    }


def test_a_reason_about_no_vendor_says_what_is_reviewed_and_where(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    vendor(tmp_path / "law", "acme", purls=["pkg:npm/%40acme"])
    ban(tmp_path / "law", "xx-acme", ["acme"])
    sbom(tmp_path / "a.cdx.json", component("x"), {"type": "library", "name": ""})
    sbom(tmp_path / "b.cdx.json")
    scan(tmp_path / "out", law(tmp_path / "law"), tmp_path / "a.cdx.json", tmp_path / "b.cdx.json")
    status, text, _ = asked(capsys, "where", "gate/nameless", "--portfolio", str(tmp_path / "out"))
    assert status == 0
    assert text.splitlines()[2:] == [
        "  review: a component without a name  /components/1",
        "    1 component without a name or any other identity: nobody can tell whose",
    ]
    for code in (EMPTY_SBOM, "gate"):
        _, text, _ = asked(capsys, "where", code, "--portfolio", str(tmp_path / "out"))
        (bare,) = [line for line in text.splitlines() if "none of its parts" in line]
        assert bare.startswith("  review: The SBOM names a product")
        assert bare.endswith("  /metadata/component")


def asked(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    status = main(arguments)
    said = capsys.readouterr()
    return status, said.out, said.err


def test_the_command_answers_in_words_as_json_and_as_a_table(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, text, _ = asked(capsys, "where", "acme", "--portfolio", str(out))
    assert (status, text.splitlines()[0]) == (0, "acme: 1 component in 1 system")
    _, body, _ = asked(capsys, "where", "xx-acme", "--portfolio", str(out), "--format", "json")
    assert [one["effect"] for one in json.loads(body)] == ["deny"]
    _, table, _ = asked(capsys, "where", "pkg:npm/lodash", "--portfolio", str(out), "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(table.removeprefix("\ufeff"))))
    assert [(row["field"], row["pointer"]) for row in rows] == [("purl", "/components/1")] * 2
    _, text, _ = asked(capsys, "where", "pkg:npm/lodash", "--portfolio", str(out))
    assert "  pkg:npm/lodash@4.17.21  purl  /components/1" in text.splitlines()


def test_a_vendor_is_also_where_its_relatives_are_and_they_are_marked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    vendor(tmp_path / "law", "acme", purls=["pkg:npm/%40acme"])
    vendor(tmp_path / "law", "chips", purls=["pkg:npm/%40chips"])
    with (tmp_path / "law" / "vendors" / "chips.toml").open("a") as file:
        file.write('[[owners]]\nvendor = "acme"\nkind = "subsidiary"\nsource = "https://register.example/chips"\n')
    ban(tmp_path / "law", "xx-acme", ["acme"])
    sbom(tmp_path / "files" / "a.json", component("@chips/one"))
    scan(tmp_path / "out", law(tmp_path / "law"), tmp_path / "files")
    _, text, _ = asked(capsys, "where", "acme", "--portfolio", str(tmp_path / "out"))
    assert text.startswith("acme: 0 components in 0 systems; of vendors related to it, 1 component in 1 system\n")
    assert "  pkg:npm/@chips/one@1.0 (of chips, which is related to acme)" in text
    _, body, _ = asked(capsys, "where", "acme", "--portfolio", str(tmp_path / "out"), "--format", "json")
    assert [(one["vendor"], one["related_to"]) for one in json.loads(body)] == [("chips", "acme")]


def test_no_name_makes_a_line_of_its_own(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    vendor(tmp_path / "law", "acme", names=["Acme Industries"])
    ban(tmp_path / "law", "xx-acme", ["acme"])
    forged = {"type": "library", "name": "x\nother.json  allow", "supplier": {"name": "Acme Industries"}}
    sbom(tmp_path / "files" / "a\nb.json  allow\n.json", forged)
    scan(tmp_path / "out", law(tmp_path / "law"), tmp_path / "files")
    _, text, _ = asked(capsys, "where", "acme", "--portfolio", str(tmp_path / "out"))
    head, system, what, *_ = text.splitlines()
    assert head == "acme: 1 component in 1 system"
    assert system.endswith(r"a\nb.json  allow\n.json  deny")
    assert what.startswith(r"  x\nother.json  allow")


@pytest.mark.parametrize("command", [["where", "acme"], ["forecast"], ["impact", "{law}", "{law}"]])
def test_what_a_scan_did_not_come_to_is_not_nowhere(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    vendor(tmp_path / "law", "acme", purls=["pkg:npm/%40acme"])
    ban(tmp_path / "law", "xx-acme", ["acme"])
    for number in range(20):  # more than one task has at first
        sbom(tmp_path / "files" / f"{number}.cdx.json", component("@acme/x"))
    monkeypatch.setattr("tests.portfolio.Here.submit", dying(after=1))
    by, out = law(tmp_path / "law"), tmp_path / "out"
    with pytest.raises(UsageError, match="The workers failed"):
        scan(out, by, tmp_path / "files")
    asking = [*(word.format(law=tmp_path / "law") for word in command), "--portfolio", str(out)]
    status, said, error = asked(capsys, *asking)
    assert (status, said) == (2, "")
    assert "has not come to its end" in error
    monkeypatch.undo()
    scan(out, by, tmp_path / "files")
    assert asked(capsys, *asking)[0] == 0


def dying(after: int) -> Callable[..., "Future[bytes]"]:
    """An executor's `submit` that does some tasks, and fails then."""
    submit = Here.submit
    done: list[Any] = []

    def submitting(self: Here, call: Any, /, *given: Any, **named: Any) -> "Future[bytes]":
        if len(done) >= after:
            raise RuntimeError("killed")
        done.append(call)
        return submit(self, call, *given, **named)

    return submitting


def test_a_portfolio_that_was_judged_as_of_a_day_says_so_and_forecasts_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    vendor(tmp_path / "law", "acme", purls=["pkg:npm/%40acme"])
    ban(tmp_path / "law", "xx-acme", ["acme"], "2150-03-01")
    sbom(tmp_path / "a.cdx.json", component("@acme/x"))
    by, out = law(tmp_path / "law"), tmp_path / "out"
    scan(out, by, tmp_path / "a.cdx.json", as_of=date(2160, 1, 1))
    index = Index(out, is_new=False)
    for _ in range(2):  # made, then taken as it was left
        told = written(index, out, by, Asking(now=NOW, as_of=date(2160, 1, 1)))
        assert told.as_of.isoformat() == "2160-01-01T00:00:00+00:00"
        assert told.outcomes["deny"] == 1
    index.close()
    status, said, error = asked(capsys, "forecast", "--portfolio", str(out), "--until", "2155-01-01")
    assert (status, said) == (2, "")
    assert "judged as of 2160-01-01" in error
    scan(out, by, tmp_path / "a.cdx.json")
    assert "1 system to deny" in asked(capsys, "forecast", "--portfolio", str(out), "--until", "2155-01-01")[1]


def test_what_nobody_knows_is_not_nowhere(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, said, error = asked(capsys, "where", "kasprsky", "--portfolio", str(out))
    assert (status, said) == (2, "")
    assert "is no vendor, code or package URL that is known" in error
    status, said, _ = asked(capsys, "where", "huawei", "--portfolio", str(out))
    assert (status, said.splitlines()[0]) == (0, "huawei: 0 components in 0 systems")


def test_no_index_is_said_plainly(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for command in (["where", "acme"], ["forecast"], ["impact", "built-in", "built-in"]):
        status, _, error = asked(capsys, *command, "--portfolio", str(tmp_path))
        assert status == 2
        assert "There is no index" in error


@pytest.fixture(name="coming")
def _coming(index: Index) -> Forecast:
    return forecast(index.db, NOW, NOW + timedelta(days=365))


def test_the_forecast_is_a_calendar_that_others_can_read(coming: Forecast) -> None:
    data = FORECASTS["ics"](coming)
    assert data == FORECASTS["ics"](coming)
    (event,) = Calendar.from_ical(data).walk("VEVENT")
    assert event.decoded("dtstart").isoformat() == "2027-03-01T00:00:00+00:00"
    assert str(event["summary"]) == "1 system to deny"
    assert "xx-borg/no-use denies" in str(event["description"])


def test_the_forecast_says_the_same_in_every_form(coming: Forecast) -> None:
    body = json.loads(FORECASTS["json"](coming))
    assert [(turn["at"], turn["decision"]) for turn in body["turns"]] == [("2027-03-01T00:00:00Z", "deny")]
    for form in ("text", "html"):
        assert "xx-borg/no-use denies" in FORECASTS[form](coming).decode(), form


def test_a_forecast_by_an_index_that_time_has_overtaken_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    vendor(tmp_path / "law", "acme", purls=["pkg:npm/%40acme"])
    ban(tmp_path / "law", "xx-acme", ["acme"], "2022-01-01")
    sbom(tmp_path / "a.cdx.json", component("@acme/x"))
    long_ago = NOW.replace(year=2021)
    scan(tmp_path / "out", law(tmp_path / "law"), tmp_path / "a.cdx.json", now=long_ago)
    status, _, error = asked(capsys, "forecast", "--portfolio", str(tmp_path / "out"))
    assert status == 2
    assert "has changed since the scan" in error


def test_impact_asks_both_laws_where_they_differ(out: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old = out.parent / "law"
    new = shutil.copytree(old, tmp_path / "new")
    ban(new, "xx-cobalt", ["cobalt"])
    ban(new, "xx-acme", ["acme"], "2030-01-01")
    how = ("--portfolio", str(out), "--act", "use", "--workers", "1", "--format", "json")
    status, said, _ = asked(capsys, "impact", str(old), str(new), *how)
    body = json.loads(said)
    assert status == 0
    assert [(Path(one["file"]).name, one["before"], one["after"]) for one in body["changed"]] == [
        ("a.cdx.json", "deny", "allow"),
        ("c.cdx.json", "allow", "deny"),
    ]
    _, same, _ = asked(capsys, "impact", str(old), str(old), *how)
    assert json.loads(same)["changed"] == []


def test_impact_does_not_depend_on_the_law_of_the_scan(
    out: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    new = shutil.copytree(out.parent / "law", tmp_path / "new")
    vendor(new, "lodash", purls=["pkg:npm/lodash"])
    ban(new, "xx-lodash", ["lodash"])
    newer = shutil.copytree(new, tmp_path / "newer")
    ban(newer, "xx-lodash", ["lodash"], "2031-01-01")
    how = ("--portfolio", str(out), "--act", "use", "--workers", "1", "--format", "json")
    _, said, _ = asked(capsys, "impact", str(new), str(newer), *how)
    assert [Path(one["file"]).name for one in json.loads(said)["changed"]] == ["a.cdx.json", "b.cdx.json"]


LINE = {"product": "A tool", "purl": "pkg:npm/%40acme/tool@1.0", "sbom": {"path": "bom.cdx.json"}}


@pytest.fixture(name="asking")
def _asking(tmp_path: Path) -> Path:
    """Where there is a law, and the index of a request that was judged by it, whose files have gone since."""
    vendor(tmp_path / "law", "acme", purls=["pkg:npm/%40acme"])
    vendor(tmp_path / "law", "borg", purls=["pkg:npm/%40borg"])
    ban(tmp_path / "law", "xx-acme", ["acme"], "2151-01-01")
    sbom(tmp_path / "files" / "bom.cdx.json", component("@borg/part"))
    request = {"id": "PR-1", "buyer": {"name": "Example"}, "ordered": "2150-01-01", "acts": ["acquire"]}
    (tmp_path / "files" / "a.request.json").write_text(json.dumps({**request, "lines": [LINE]}))
    scan(tmp_path / "out", law(tmp_path / "law"), tmp_path / "files" / "a.request.json", acts=())
    shutil.rmtree(tmp_path / "files")
    return tmp_path


@pytest.mark.parametrize("of", ["acme", "borg", "anybody"])
def test_impact_asks_about_requests_too_and_what_they_attach(
    asking: Path, capsys: pytest.CaptureFixture[str], of: str
) -> None:
    new = shutil.copytree(asking / "law", asking / "new")
    if of == "anybody":  # who is new to the register
        vendor(new, "anybody", purls=["pkg:npm/%40borg/part"])
    ban(new, "xx-new", [of], "2149-01-01")
    how = ("--portfolio", str(asking / "out"), "--workers", "1")
    status, said, _ = asked(capsys, "impact", str(asking / "law"), str(new), *how)
    assert status == 0
    assert "a.request.json\n  as of 2150-01-01: deny instead of allow\n" in said
    assert "  gains deny xx-new/no-use\n" in said
    assert said.endswith("1 of 1 system judged otherwise\n")
    assert asked(capsys, "impact", str(new), str(new), *how)[1] == "0 of 1 system judged otherwise\n"


def test_impact_says_that_the_scan_asked_another_question(
    out: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Else what one forgot to say, such as the profile, would pass for what the law changes."""
    old = out.parent / "law"
    new = shutil.copytree(old, tmp_path / "new")
    ban(new, "xx-cobalt", ["cobalt"])
    laws = ("impact", str(old), str(new), "--portfolio", str(out), "--workers", "1")
    assert "another question" in asked(capsys, *laws)[2]
    assert asked(capsys, *laws, "--act", "use")[2] == ""


def test_where_says_what_the_scan_could_not_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    vendor(tmp_path / "law", "acme", purls=["pkg:npm/%40acme"])
    ban(tmp_path / "law", "xx-acme", ["acme"])
    sbom(tmp_path / "files" / "a.cdx.json", component("other"))
    (tmp_path / "files" / "b.cdx.json").write_text("{")
    scan(tmp_path / "out", law(tmp_path / "law"), tmp_path / "files")
    _, said, _ = asked(capsys, "where", "pkg:npm/acme", "--portfolio", str(tmp_path / "out"))
    head, last = said.splitlines()
    assert head == "pkg:npm/acme: 0 components in 0 systems"
    assert last == "1 system not looked at: the scan came to no verdict there"


def test_impact_refuses_acts_that_a_request_states_itself(asking: Path, capsys: pytest.CaptureFixture[str]) -> None:
    new = shutil.copytree(asking / "law", asking / "new")
    ban(new, "xx-new", ["acme"], "2149-01-01")
    how = ("--portfolio", str(asking / "out"), "--workers", "2", "--act", "use")
    status, said, error = asked(capsys, "impact", str(asking / "law"), str(new), *how)
    assert (status, said) == (2, "")
    assert "a.request.json: The request says itself what is done. Leave act out" in error


@pytest.mark.parametrize("purl", ["pkg:npm/@acme/tool", "pkg:npm/@borg/part@1.0"])
def test_a_package_is_also_where_a_request_names_or_attaches_it(asking: Path, purl: str) -> None:
    (found,) = of_package(Index(asking / "out", is_new=False).db, purl)
    assert Path(found.system).name == "a.request.json"
    assert found.pointer == ("/lines/0" if "acme" in purl else "/lines/0/sbom#/components/0")


def test_no_name_makes_a_line_of_the_summary_or_the_forecast(tmp_path: Path) -> None:
    vendor(tmp_path / "law", "acme", purls=["pkg:npm/%40acme"])
    ban(tmp_path / "law", "xx-acme", ["acme"], "2027-03-01")
    forged = "9 systems: 9 allow"
    sbom(tmp_path / "files" / f"a\n{forged}\n.json", component("@acme/x"))
    (tmp_path / "files" / f"b\n{forged}\n.json").write_text("{")
    scan(tmp_path / "out", law(tmp_path / "law"), tmp_path / "files")
    index = Index(tmp_path / "out", is_new=False)
    whole = summary(index.db, law(tmp_path / "law"), "for everybody", NOW)
    for data in (PAGES["text"](whole), FORECASTS["text"](forecast(index.db, NOW, NOW + timedelta(days=365)))):
        assert forged in data.decode()
        assert forged not in data.decode().splitlines()


def test_no_name_makes_a_line_of_impact(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    vendor(tmp_path / "law", "acme", purls=["pkg:npm/%40acme"])
    ban(tmp_path / "law", "xx-acme", ["acme"], "2151-01-01")
    sbom(tmp_path / "files" / "a\n0 of 1 system judged otherwise\n.json", component("@acme/x"))
    scan(tmp_path / "out", law(tmp_path / "law"), tmp_path / "files")
    new = shutil.copytree(tmp_path / "law", tmp_path / "new")
    ban(new, "xx-acme", ["acme"])
    how = ("--portfolio", str(tmp_path / "out"), "--workers", "1", "--act", "use")
    _, said, _ = asked(capsys, "impact", str(tmp_path / "law"), str(new), *how)
    assert "0 of 1 system judged otherwise" not in said.splitlines()


@pytest.fixture(name="whole")
def _whole(index: Index, out: Path) -> Summary:
    return summary(index.db, law(out.parent / "law"), "for everybody", NOW)


def test_the_summary_counts_what_the_index_has(whole: Summary) -> None:
    assert whole.outcomes == {"allow": 2, "review": 0, "deny": 1, "no verdict": 1}
    assert {one.vendor: (one.systems, one.deny) for one in whole.vendors} == {
        "acme": (1, 1),
        "borg": (1, 0),
        "cobalt": (1, 0),
    }
    assert [(one.at.isoformat(), one.decision, one.systems) for one in whole.coming] == [
        ("2027-03-01T00:00:00+00:00", "deny", 1)
    ]


@pytest.mark.parametrize("form", PAGES)
def test_the_summary_is_the_same_bytes_each_time(whole: Summary, form: str) -> None:
    assert PAGES[form](whole) == PAGES[form](whole)


class Page(HTMLParser):
    """What a browser would load and run."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str | None] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A tag."""
        self.tags.append(tag)
        self.links += [value for name, value in attrs if name in ("src", "href")]


def test_the_page_stands_by_itself_and_no_name_is_markup(whole: Summary, coming: Forecast) -> None:
    for text in (PAGES["html"](whole).decode(), FORECASTS["html"](coming).decode()):
        page = Page(text)
        assert page.links == []
        assert "script" not in page.tags
        assert "b" not in page.tags
    assert PAGES["html"](whole).count(b"<svg") >= 3


def test_no_cell_is_a_formula(index: Index, tmp_path: Path) -> None:
    write_tables(index.db, tmp_path)
    with (tmp_path / "systems.csv").open(encoding="utf-8-sig", newline="") as file:
        cells = [cell for row in csv.reader(file) for cell in row]
    assert cells
    assert not [cell for cell in cells if cell.lstrip().startswith(("=", "+", "-", "@"))]


def test_the_tables_are_what_others_can_query(index: Index, tmp_path: Path) -> None:
    write_tables(index.db, tmp_path)
    reasons = pq.read_table(tmp_path / "reasons.parquet").to_pylist()
    assert {(row["code"], row["effect"]) for row in reasons} >= {("xx-acme/no-use", "deny"), ("xx-borg/no-use", "warn")}
    identities = pq.read_table(tmp_path / "identities.parquet").to_pylist()
    assert {row["vendor"] for row in identities} == {"acme", "borg", "cobalt"}
    decisions = pq.read_table(tmp_path / "decisions.parquet").to_pylist()
    assert [row["system"] for row in decisions] == sorted(row["system"] for row in decisions)
    (borg,) = [row for row in decisions if row["next_decision"]]
    assert (borg["next_change"].isoformat(), borg["next_decision"]) == ("2027-03-01T00:00:00+00:00", "deny")


def test_progress_says_how_many_how_fast_and_how_long_and_leaves_nothing_behind() -> None:
    assert line(500, 2_000, 10.0) == "500 of 2,000, 50/s, 0:30 left"
    assert line(0, 10, 0.0) == "0 of 10, 0/s"
    assert line(4_000, 360_000_000, 1.0).endswith("24:59:59 left")
    out = io.StringIO()
    progress = Progress(10, out)
    progress.advance(5)
    progress.close()
    assert out.getvalue().endswith("\r\x1b[K")
    quiet = io.StringIO()
    Progress(None, quiet).close()
    assert quiet.getvalue() == ""


def test_a_page_can_be_drawn_by_a_browser(whole: Summary, tmp_path: Path) -> None:
    browser = shutil.which("chromium")
    if browser is None:
        pytest.skip("chromium is not installed")
    (tmp_path / "page.html").write_bytes(PAGES["html"](whole))
    flags = ["--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'profile'}"]
    found = subprocess.run(
        [browser, *flags, "--dump-dom", f"file://{tmp_path / 'page.html'}"],
        capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    assert "Verdicts on 4 systems" in found.stdout


DOCUMENTS = {name: (ROOT / name).read_text("utf-8") for name in ("README.md", "gate/portfolio/README.md")}


@pytest.mark.parametrize(
    "command",
    [
        found
        for text in DOCUMENTS.values()
        for found in re.findall(r"^gate ((?:scan|where|forecast|impact) .*)$", text, re.MULTILINE)
    ],
)
def test_every_command_about_a_portfolio_in_the_documentation_is_one(command: str) -> None:
    arguments = shlex.split(command, comments=True)
    assert parser(arguments[0]).parse_args(arguments).command == arguments[0]


def test_every_file_that_is_written_is_in_the_documentation() -> None:
    assert [
        name for name in [*expected(), "index.db"] if f"`{name}`" not in DOCUMENTS["gate/portfolio/README.md"]
    ] == []


def test_the_query_in_the_documentation_asks_for_columns_that_there_are(index: Index, tmp_path: Path) -> None:
    write_tables(index.db, tmp_path)
    (query,) = re.findall(r"^```sql\n(.*?)^```$", DOCUMENTS["gate/portfolio/README.md"], re.MULTILINE | re.DOTALL)
    named = dict(re.findall(r"'portfolio/(\w+)\.parquet' (\w)", query))
    assert named
    for table, alias in named.items():
        columns = {*re.findall(rf"\b{alias}\.(\w+)", query), "system"}
        assert columns <= {*pq.read_schema(tmp_path / f"{table}.parquet").names}
