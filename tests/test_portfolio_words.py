"""What a portfolio's summary, forecast and impact say, and how: counted, dated, and no wider than a window."""

import json
import re
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from lxml import html

from gate.cli import main
from gate.portfolio.forecast import FORECASTS
from gate.portfolio.forecast.content import forecast
from gate.portfolio.index import Index
from gate.portfolio.row import Fault
from gate.portfolio.summary import PAGES
from gate.portfolio.summary.chart import timeline
from gate.portfolio.summary.content import ClauseCount, Coming, Named, Summary, VendorCount
from tests.portfolio import NOW, ban, component, law, sbom, scan, vendor

LONG = f"portfolio/{'a_folder_of_many_words_' * 8}/bom.cdx.json"


def whole(systems: int = 210, days: int = 4) -> Summary:
    """A summary of systems without a verdict, with as many vendors and clauses."""
    return Summary(
        as_of=NOW,
        policy_version="1",
        policy_digest=f"sha256:{'0' * 64}",
        whom="for everybody",
        outcomes={"allow": 0, "review": 0, "deny": 0, "no verdict": systems},
        components=0,
        identified=0,
        vendors=tuple(VendorCount(f"v{n}", f"V{n}", 1, 0, 0) for n in range(systems)),
        clauses=tuple(ClauseCount(f"xx-{n}/a", "A ban", 0, 0, 1) for n in range(systems)),
        coming=tuple(Coming(NOW + timedelta(days=1 + n), "deny", 1) for n in range(days)),
        faults=tuple(
            Named(f"{n}/{LONG}", Fault("It breaks off before its end", 1, None, "Generate it again."))
            for n in range(min(systems, 150))
        ),
    )


def test_a_list_of_the_text_says_how_many_it_leaves_out() -> None:
    text = PAGES["text"](whole(days=12)).decode()
    assert re.findall(r"^  and (\d+) more$", text, re.MULTILINE) == ["200", "200", "2", "200"]
    assert "more" not in PAGES["text"](whole(systems=10)).decode()
    assert "And 60 more: see systems.csv." in PAGES["html"](whole()).decode()


def test_one_system_is_one_system() -> None:
    assert PAGES["text"](whole(systems=1)).decode().startswith("1 system: 0 allow")
    assert "Verdicts on 1 system<" in PAGES["html"](whole(systems=1)).decode()
    assert PAGES["text"](whole(systems=1200)).decode().startswith("1,200 systems: ")


def texts(page: bytes) -> list[tuple[str, float, float]]:
    """The labels of the chart over time, each with its place."""
    (chart,) = [svg for svg in html.fromstring(page).iter("svg") if svg.find(".//line[@class='today']") is not None]
    named = [one for one in chart.iter("text") if one.get("class") != "year"]
    return [(one.text or "", float(one.get("x", "")), float(one.get("y", ""))) for one in named]


def test_a_change_has_its_date_and_today_is_named_and_no_label_covers_another() -> None:
    said = texts(PAGES["html"](whole()))
    assert [text for text, _, _ in said] == [
        "today",
        *(f"{day} November 2026, 12:00:00 UTC: 1" for day in (28, 29, 30)),
        "1 December 2026, 12:00:00 UTC: 1",
    ]
    assert len({y for _, _, y in said}) == len(said), "all of them are within a few pixels of each other"


def test_of_more_changes_than_there_is_room_for_the_chart_names_some_and_the_table_all() -> None:
    page = PAGES["html"](whole(days=40))
    assert 1 < len(texts(page)) < 40
    assert page.count(b"1 system to deny</td>") == 40


def test_a_label_at_the_edge_stands_within_the_drawing() -> None:
    drawn = timeline("x", NOW, [(datetime(2026, 12, 31, 23, tzinfo=UTC), "allow", 3)])
    (label,) = [one for one in drawn.iter("text") if (one.text or "").startswith("31 December")]
    assert label.get("text-anchor") == "end"


def measured(tmp_path: Path, script: str, width: int) -> Any:
    """What a script says of the page in a browser's window of so many pixels."""
    browser = shutil.which("chromium")
    if browser is None:
        pytest.skip("chromium is not installed")
    page = (
        PAGES["html"](whole()).decode().replace("default-src 'none'", "default-src 'none'; script-src 'unsafe-inline'")
    )
    measure = f"<script>document.title = JSON.stringify({script})</script></body>"
    (tmp_path / "page.html").write_text(page.replace("</body>", measure), "utf-8")
    flags = ["--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'profile'}"]
    found = subprocess.run(
        [browser, *flags, f"--window-size={width},900", "--dump-dom", f"file://{tmp_path / 'page.html'}"],
        capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    return json.loads(html.fromstring(found.stdout).findtext(".//title") or "")


def test_the_page_is_no_wider_than_a_window(tmp_path: Path) -> None:
    over = "[...document.querySelectorAll('.scroll,.wide')].map(one => one.scrollWidth - one.clientWidth)"
    assert measured(tmp_path, over, 1200) == [0] * 6


def test_the_words_of_a_chart_can_be_read_on_a_narrow_screen_and_the_page_stays_as_wide(tmp_path: Path) -> None:
    high = "[...document.querySelectorAll('.label')].map(one => one.getBoundingClientRect().height)"
    page = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    letters, over = measured(tmp_path, f"[{high}, {page}]", 500)  # the narrowest that a window of chromium gets
    assert letters
    assert min(letters) > 9
    assert over == 0


def test_impact_and_forecast_say_an_instant_in_the_same_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "law"
    vendor(folder, "acme", purls=["pkg:npm/%40acme"])
    ban(folder, "xx-acme", ["acme"], "2126-03-01T04:00:00Z")
    old = shutil.copytree(folder, tmp_path / "old")
    ban(old, "xx-acme", ["acme"], "2126-02-01")
    sbom(tmp_path / "a.cdx.json", component("@acme/tool"))
    scan(tmp_path / "out", law(folder), tmp_path / "a.cdx.json")
    words = "1 March 2126, 04:00:00 UTC"
    coming = forecast(Index(tmp_path / "out", is_new=False).db, NOW, NOW + timedelta(days=40_000))
    assert f"\n{words}: 1 system to deny" in FORECASTS["text"](coming).decode()
    assert "of 1 system change" in FORECASTS["html"](coming).decode()
    how = ("--portfolio", str(tmp_path / "out"), "--act", "use", "--workers", "1")
    assert main(["impact", str(old), str(folder), *how]) == 0
    said = capsys.readouterr().out
    assert "  from 1 February 2126 on: allow instead of deny\n" in said
    assert f"  from {words} on: deny as before\n" in said


def test_impact_ends_with_the_systems_without_a_verdict(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    vendor(tmp_path / "law", "acme", purls=["pkg:npm/%40acme"])
    ban(tmp_path / "law", "xx-acme", ["acme"])
    (tmp_path / "a.cdx.json").write_text("{")
    scan(tmp_path / "out", law(tmp_path / "law"), tmp_path / "a.cdx.json")
    how = ("--portfolio", str(tmp_path / "out"), "--workers", "1")
    assert main(["impact", str(tmp_path / "law"), str(tmp_path / "law"), *how]) == 0
    last = capsys.readouterr().out.splitlines()[-1]
    assert last == "1 system not asked: the scan came to no verdict there"


def test_an_address_where_nothing_is_gets_a_remedy_and_no_word_of_a_library(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("aiohttp")
    url = "http://127.0.0.1:9/app.cdx.json"
    assert main(["scan", url, "--out", str(tmp_path / "out"), "--workers", "1"]) == 2
    error = capsys.readouterr().err
    assert f"{url}: Nothing that can be read is there (the connection was refused). Check the address" in error
    assert "Error" not in error
