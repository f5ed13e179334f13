"""`gate law`: the calendar read by another library, the timeline well-formed, readable and the same every time."""

import json
import re
import subprocess
import sys
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
import vobject
from lxml import etree
from lxml import html as lxml_html

from gate.almanac import DRAWINGS
from gate.almanac.content import Almanac, almanac
from gate.almanac.style import DARK, EFFECTS, LIGHT
from gate.cli import main
from gate.compiled import load
from gate.law import Law
from policy.dates import Phase

ROOT = Path(__file__).parents[1]
DAY = date(2024, 8, 1)

TEXT = 'Nobody may; buy, <b>this</b> & \\\\ \\"that\\", écran 电视 ' + "long " * 40
"""What has to be escaped and folded, as TOML writes it."""

SAID = TEXT.replace('\\"', '"').replace("\\\\", "\\").strip()

OWN = f"""
id = "own-ban"
title = "Our <script>alert(1)</script> list \\u202e"
kind = "prohibition"
jurisdiction = "XX"
authority = "Our board"
time_zone = "Asia/Tokyo"
published = 2020-01-01
checked = 2020-02-03
provenance = "official"
citation = {{ text = "Minutes 1, no. 2", url = "https://board.example/1?a=1&b=2" }}
binds = ["us-federal-agency"]
vendors = ["padder"]
[scope]
[[clauses]]
id = "whole-days"
text = "{TEXT}"
acts = ["use"]
starts = 2024-07-20
ends = 2025-03-01
[[clauses]]
id = "open-ended"
text = "Nobody may keep it."
acts = ["retain"]
starts = 2019-05-05T13:30:00Z
effect = "review"
"""

WARNING = (
    OWN.replace('"own-ban"', '"own-warning"')
    .replace('"prohibition"', '"warning"')
    .replace("us-federal-agency", "us-dod")
)

LISTED = """
id = "own-listed"
title = "Who is on the list"
kind = "prohibition"
jurisdiction = "XX"
authority = "Our board"
time_zone = "Asia/Tokyo"
published = 2020-01-01
checked = 2020-02-03
provenance = "official"
citation = { text = "Minutes 3", url = "https://board.example/3" }
binds = ["us-person"]
lists = ["own-list"]
[scope]
[[clauses]]
id = "sixty-days-later"
text = "Nobody may buy from whom the list names."
acts = ["acquire"]
starts = { after_listing_days = 60 }
ends_with = "the end of the world"
"""

LIST = """
id = "own-list"
title = "Our list"
authority = "Our board"
jurisdiction = "XX"
time_zone = "Asia/Tokyo"
checked = 2020-02-03
provenance = "official"
citation = { text = "List", url = "https://board.example/4" }
rows = [
    { vendor = "padder", name = "Padder Ltd", published = 2021-01-01 },
    { vendor = "capper", name = "Capper Ltd", published = 2021-01-01, ends = 2022-05-05 },
    { vendor = "latter", name = "Latter Ltd", published = 2023-01-01 },
    { vendor = "never", name = "Never Ltd", published = 2023-01-01, withdrawn = 2023-01-01 },
]
"""


@pytest.fixture(scope="module")
def listed(tmp_path_factory: pytest.TempPathFactory) -> Law:
    """A law that goes by a list."""
    folder = tmp_path_factory.mktemp("listed")
    texts = {"prohibitions/own-listed": LISTED, "lists/own-list": LIST}
    for vendor in ("padder", "capper", "latter", "never"):
        texts[f"vendors/{vendor}"] = f'id = "{vendor}"\nname = "{vendor}"\nsource = "https://board.example/2"\n'
    for name, text in texts.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / f"{name}.toml").write_text(text)
    return load([folder], only=True)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small policy with all that is awkward in it."""
    folder = tmp_path_factory.mktemp("policy")
    for family, name, text in (
        ("prohibitions", "own-ban", OWN),
        ("prohibitions", "own-warning", WARNING),
        ("vendors", "padder", 'id = "padder"\nname = "Padder"\nsource = "https://board.example/2"\n'),
    ):
        (folder / family).mkdir(exist_ok=True)
        (folder / family / f"{name}.toml").write_text(text, "utf-8")
    return folder


@pytest.fixture(scope="module")
def law(folder: Path) -> Law:
    return load([folder], only=True)


@pytest.fixture(scope="module")
def drawn(law: Law) -> Almanac:
    return almanac(law, DAY)


def drawing(form: str, drawn: Almanac) -> str:
    return DRAWINGS[form](drawn).decode()


# --- What is in force, for whom, what next ----------------------------------------------------------------------------


def test_a_day_is_the_legal_day_of_the_instrument(law: Law) -> None:
    def phase(on: date) -> Phase:
        drawn = almanac(law, on)
        [term] = [term for term in drawn.terms if term.clause.code == "own-ban/whole-days"]
        return drawn.phase(term)

    assert phase(date(2024, 7, 19)) is Phase.BEFORE
    assert phase(date(2024, 7, 20)) is Phase.IN_FORCE
    assert phase(datetime.fromisoformat("2024-07-19T14:59:59+00:00")) is Phase.BEFORE
    assert phase(datetime.fromisoformat("2024-07-19T15:00:00+00:00")) is Phase.IN_FORCE
    assert phase(date(2025, 2, 28)) is Phase.IN_FORCE
    assert phase(date(2025, 3, 1)) is Phase.ENDED


def test_what_comes_next_is_in_the_order_of_the_days(law: Law) -> None:
    ahead = almanac(law, date(2024, 7, 1)).coming()
    assert [(e.clause.code, e.what, e.day) for e in ahead] == [
        ("own-ban/whole-days", "starts", date(2024, 7, 20)),
        ("own-warning/whole-days", "starts", date(2024, 7, 20)),
        ("own-ban/whole-days", "ends", date(2025, 3, 1)),
        ("own-warning/whole-days", "ends", date(2025, 3, 1)),
    ]
    assert [e.what for e in almanac(law, DAY).coming()] == ["ends", "ends"]
    assert almanac(law, date(2030, 1, 1)).coming() == []


def test_a_role_is_bound_by_what_binds_the_roles_it_implies(law: Law) -> None:
    def bound(role: str) -> set[str]:
        return {clause.instrument for clause in almanac(law, DAY, [role]).clauses}

    assert bound("us-federal-agency") == {"own-ban"}
    assert bound("us-dod") == {"own-ban", "own-warning"}
    assert bound("nl-central-government") == set()


def test_a_profile_stands_for_its_roles(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    on = ("--on", "2024-08-01", "--format", "json")
    assert main(["law", *on, "--profile", "us-company"]) == 0
    profile = json.loads(capsysbinary.readouterr().out)
    assert main(["law", *on, *(word for role in profile["roles"] for word in ("--for", role))]) == 0
    assert json.loads(capsysbinary.readouterr().out) == profile
    assert profile["roles"] == ["us-person"]
    assert main(["law", "--profile", "nobody"]) == 2


def test_the_json_says_every_clause_once_with_its_law_and_sources(drawn: Almanac) -> None:
    said = json.loads(drawing("json", drawn))
    assert (said["schema"], said["on"]) == (1, "2024-08-01")
    assert set(said["law"]) == {"version", "digest"}
    codes = [clause["code"] for clause in said["clauses"]]
    assert codes == sorted(set(codes)) == [clause.code for clause in drawn.clauses]
    [clause] = [c for c in said["clauses"] if c["code"] == "own-ban/whole-days"]
    [term] = [t for t in said["terms"] if t["code"] == "own-ban/whole-days"]
    assert (term["phase"], term["listed"]) == ("in-force", [])
    assert term["in_force"] == {"starts": "2024-07-19T15:00:00Z", "ends": "2025-02-28T15:00:00Z"}
    assert (clause["provenance"], clause["checked"]) == ("official", "2020-02-03")
    assert said["next"][0] == {
        "day": "2025-03-01",
        "at": "2025-02-28T15:00:00Z",
        "code": "own-ban/whole-days",
        "what": "ends",
        "listed": [],
    }
    warned = {c["effect"] for c in said["clauses"] if c["kind"] == "warning"}
    assert warned == {"warn"}


# --- The calendar -----------------------------------------------------------------------------------------------------


def test_another_library_reads_every_start_and_end_from_the_calendar(drawn: Almanac) -> None:
    calendar = vobject.readOne(drawing("ics", drawn))
    events = {event.uid.value: event for event in calendar.vevent_list}
    assert set(events) == {f"{edge.clause.code}/{edge.what}@procurement-gate" for edge in drawn.edges()}
    assert len(calendar.vevent_list) == len(events) == 6
    start, end = (
        events["own-ban/whole-days/starts@procurement-gate"],
        events["own-ban/whole-days/ends@procurement-gate"],
    )
    assert (start.dtstart.value, start.dtend.value) == (date(2024, 7, 20), date(2024, 7, 21))
    assert (end.dtstart.value, end.dtend.value) == (date(2025, 3, 1), date(2025, 3, 2))
    assert start.summary.value == f"Starts (XX): {SAID}"
    assert end.summary.value == f"Ends (XX): {SAID}"
    assert "Minutes 1, no. 2 https://board.example/1?a=1&b=2" in start.description.value.splitlines()
    assert start.url.value == "https://board.example/1?a=1&b=2"
    assert start.dtstamp.value.isoformat() == "2020-02-03T00:00:00+00:00"
    # 13:30 UTC is half past ten in the evening in Tokyo: the same day there.
    assert events["own-ban/open-ended/starts@procurement-gate"].dtstart.value == date(2019, 5, 5)


def test_the_calendar_keeps_to_the_letter_of_rfc_5545(drawn: Almanac) -> None:
    data = DRAWINGS["ics"](drawn)
    lines = data.split(b"\r\n")
    assert lines[-1] == b""
    assert b"\n" not in b"".join(lines)
    assert max(map(len, lines)) <= 75
    assert all(line.decode() for line in lines[:-1])  # no letter is cut in two
    assert b"DTSTART;VALUE=DATE:20240720" in lines
    assert b"REFRESH-INTERVAL;VALUE=DURATION:P1D" in lines
    for once in (b"VERSION:2.0", b"PRODID:-//procurement-gate//law//EN", b"NAME:Vendor prohibitions"):
        assert lines.count(once) == 1


def test_the_calendar_is_the_same_whenever_it_is_made(law: Law) -> None:
    one, other = (DRAWINGS["ics"](almanac(law, day)) for day in (date(2001, 1, 1), date(2031, 1, 1)))
    assert one == other


def test_calendars_for_different_roles_are_different_calendars(law: Law) -> None:
    agency, dod = (vobject.readOne(drawing("ics", almanac(law, DAY, [r]))) for r in ("us-federal-agency", "us-dod"))
    assert agency.uid.value != dod.uid.value
    assert len(agency.vevent_list) < len(dod.vevent_list)


def test_a_clause_that_goes_by_a_list_starts_and_ends_as_the_list_does(listed: Law) -> None:
    code = "own-listed/sixty-days-later"
    found = {edge.id: (edge.day, edge.listed) for edge in almanac(listed, DAY).edges()}
    assert found == {
        f"{code}/starts/2021-03-01T150000Z": (date(2021, 3, 2), ("Capper Ltd", "Padder Ltd")),
        f"{code}/ends/2022-05-04T150000Z": (date(2022, 5, 5), ("Capper Ltd",)),
        f"{code}/starts/2023-03-01T150000Z": (date(2023, 3, 2), ("Latter Ltd",)),
    }
    calendar = vobject.readOne(drawing("ics", almanac(listed, DAY)))
    assert {event.uid.value for event in calendar.vevent_list} == {f"{one}@procurement-gate" for one in found}
    assert "For Capper Ltd; Padder Ltd" in calendar.vevent_list[0].description.value


@pytest.mark.parametrize("form", sorted(set(DRAWINGS) - {"ics"}))
def test_who_is_listed_from_when_is_in_every_drawing(form: str, listed: Law) -> None:
    drawn = almanac(listed, date(2021, 12, 31))
    text = drawing(form, drawn)
    assert all(name in text for name in ("Padder Ltd", "Capper Ltd", "Latter Ltd"))
    assert "Never Ltd" not in text
    assert "the end of the world" in text
    if form in ("svg", "html"):
        assert len(found(parsed(form, drawn), "//*[local-name()='polygon']")) == len(drawn.terms) == 3


# --- The timeline -----------------------------------------------------------------------------------------------------


def test_the_picture_has_a_row_for_each_instrument_and_a_bar_for_each_clause(drawn: Almanac) -> None:
    root = parsed("svg", drawn)
    bars = found(root, "//s:g[@role='graphics-symbol']/s:title/text()")
    rows = found(root, "//s:g[@role='graphics-object']")
    assert len(rows) == 2
    assert len(bars) == len(drawn.clauses)
    assert f"own-ban/whole-days: deny, from 20 July 2024 until 1 March 2025. {SAID}" in bars
    shapes = found(root, "//s:polygon/@class")
    assert set(shapes) == {"bar deny", "bar review", "bar warn"}


def test_the_picture_says_in_words_what_it_shows(drawn: Almanac) -> None:
    root = parsed("svg", drawn)
    assert found(root, "/s:svg/@aria-labelledby") == ["title desc"]
    assert found(root, "/s:svg/s:title[@id='title']/text()") == ["The law on 1 August 2024"]
    [said] = found(root, "/s:svg/s:desc[@id='desc']/text()")
    assert said.startswith("4 clauses in force, 0 to come, 0 ended")


def test_today_is_drawn_where_it_lies_between_the_years(law: Law) -> None:
    def mark(day: date) -> float:
        [place] = found(parsed("svg", almanac(law, day)), "//s:line[@class='today']/@x1")
        return float(place)

    assert mark(date(2024, 1, 1)) < mark(date(2024, 7, 1)) < mark(date(2025, 1, 1))


def parsed(form: str, drawn: Almanac) -> Any:
    """A drawing as a tree."""
    data = DRAWINGS[form](drawn)
    return etree.fromstring(data) if form == "svg" else lxml_html.document_fromstring(data)


def found(root: Any, path: str) -> list[Any]:
    """What lies at a path in a drawing."""
    result: list[Any] = root.xpath(path, namespaces={"s": "http://www.w3.org/2000/svg"})
    return result


def points(form: str, drawn: Almanac, code: str) -> list[float]:
    """The places along the scale where the corners of a bar lie."""
    bar = f"//*[local-name()='g'][starts-with(*[local-name()='title'], '{code}:')]"
    [shape] = found(parsed(form, drawn), f"{bar}/*[local-name()='polygon']/@points")
    return [float(corner.partition(",")[0]) for corner in shape.split()]


@pytest.mark.parametrize("form", ["svg", "html"])
def test_a_bar_without_an_end_runs_out_of_the_scale_with_a_point(form: str, drawn: Almanac) -> None:
    open_ended, closed = points(form, drawn, "own-ban/open-ended"), points(form, drawn, "own-ban/whole-days")
    assert len(open_ended) == 5
    assert len(closed) == 4
    assert max(open_ended) > max(closed) > min(closed) > min(open_ended)


@pytest.mark.parametrize("form", ["svg", "html"])
def test_a_drawing_stands_by_itself_and_runs_nothing(form: str, drawn: Almanac) -> None:
    text = drawing(form, drawn)
    root = parsed(form, drawn)
    tags = {one.tag.rpartition("}")[2] for one in found(root, "//*")}
    assert tags.isdisjoint({"script", "link", "img", "image", "iframe", "object", "use", "b"})
    assert found(root, "//@*[starts-with(name(), 'on')]") == []
    assert not re.search(r"url\(|@import|src=", text)
    assert set(found(root, "//@href")) == {"https://board.example/1?a=1&b=2"}
    assert "\u202e" not in text


@pytest.mark.parametrize("form", ["svg", "html"])
def test_the_words_of_the_law_are_text_and_no_markup(form: str, drawn: Almanac) -> None:
    text = drawing(form, drawn)
    assert "<script" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert "&lt;b&gt;this&lt;/b&gt; &amp; \\" in text


def test_a_link_leads_to_the_web_or_nowhere() -> None:
    from gate.almanac.tree import link

    assert link("https://example.org", "x").tag == "a"
    for url in ("javascript:alert(1)", "data:text/html,x", " https://example.org", ""):
        assert link(url, "x").tag == "span"


@pytest.mark.parametrize("form", DRAWINGS)
def test_the_same_day_gives_the_same_bytes_in_every_process(form: str, folder: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "gate",
        "law",
        "--only-policy",
        str(folder),
        "--on",
        "2024-08-01",
        "--format",
        form,
    ]
    made = {subprocess.run(command, capture_output=True, cwd=ROOT, check=True).stdout for _ in range(2)}
    assert len(made) == 1


@pytest.mark.parametrize("form", DRAWINGS)
def test_the_whole_built_in_law_is_drawn(form: str, tmp_path: Path) -> None:
    path = tmp_path / "law"
    assert main(["law", "--on", "2026-11-23", "--format", form, "--out", str(path)]) == 0
    written = path.read_text("utf-8")
    law = load()
    if form == "ics":
        assert len(vobject.readOne(written).vevent_list) == len(almanac(law, DAY).edges())
    elif form == "svg":
        etree.fromstring(written.encode())
    assert all(clause.code.partition("/")[2] in written.replace("\n ", "") for clause in law.clauses)


def test_a_file_that_cannot_be_written_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["law", "--out", str(tmp_path / "none" / "law.txt")]) == 2
    assert "cannot be written" in capsys.readouterr().err


def luminance(colour: str) -> float:
    """WCAG 2.2, "relative luminance"."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_text_and_bars_stand_out_from_the_paper(colours: dict[str, str]) -> None:
    """WCAG 2.2, 1.4.3: text 4.5 to 1. 1.4.11: what is needed to understand a drawing 3 to 1."""
    for ground in ("paper", "stripe"):
        assert all(contrast(colours[name], colours[ground]) >= 4.5 for name in ("ink", "faint", "today"))
        assert all(contrast(colours[effect], colours[ground]) >= 3 for effect in EFFECTS)
