"""What a person reads in a report: names, positions, what is missing, what a review asks, who waived."""

import json
from pathlib import Path

import pytest

from gate.decision import BuyerNamed, Coverage, SubjectNamed, VendorNamed
from gate.record import Run
from tests.boms import BANNED, sbom
from tests.command import ROOT, inside
from tests.records import RUNS, component, reason, record
from tests.rendered import plain, rendered


def test_a_component_of_an_attached_sbom_is_named_with_its_file() -> None:
    for form in ("text", "markdown"):
        assert "(orders/kes.cdx.json, /components/0, line 12)" in plain(form, RUNS["attached SBOM"])
        assert "(/lines/0, line 2)" in plain(form, RUNS["attached SBOM"])


@pytest.mark.parametrize(
    ("position", "said"),
    [
        ("component", "component"),
        ("producer and supplier", "producer and supplier"),
        ("supplier or producer and supplier", "supplier, perhaps also producer"),
        ("component or producer", "component or producer"),
        ("component or producer or producer and supplier", "component, producer or supplier"),
    ],
)
def test_positions_that_can_be_read_two_ways_are_said_in_words(position: str, said: str) -> None:
    run = Run((record(reason("deny", components=(component(position=position),))),))
    assert f"part-0 1.0 as {said} (" in plain("text", run)
    assert f" as {said} <code>" in plain("html", run)


@pytest.mark.parametrize("form", ["text", "markdown", "html", "github", "azure", "junit", "sarif"])
def test_a_text_that_ends_with_a_full_stop_gets_no_second_one(form: str) -> None:
    run = Run((record(reason("deny", message="Finding F-1: Other firm.")),))
    assert "Other firm" in plain(form, run)
    assert "Other firm.." not in plain(form, run)


def test_what_has_no_name_is_called_the_product_of_the_sbom() -> None:
    assert "- the product (/metadata/component)" in plain("text", RUNS["reason of the gate's own"])


@pytest.mark.parametrize("form", ["text", "html", "markdown"])
def test_the_note_of_a_review_is_printed_once(form: str) -> None:
    note = "Whether a test library is meant was not read"
    assert plain(form, Run((record(reason("review", note=f"{note}.")),))).count(note) == 1


@pytest.mark.parametrize("form", ["text", "html", "markdown"])
def test_an_answer_that_rests_on_no_maker_says_what_it_rests_on(form: str) -> None:
    for identified, said in ((0, True), (1, False)):
        run = Run((record(coverage=Coverage(27, identified)),))
        assert ("; the answer rests on package names and links alone" in plain(form, run)) == said


def test_one_component_is_spoken_of_as_one() -> None:
    said = [plain("text", Run((record(coverage=Coverage(1, identified)),))) for identified in (1, 0)]
    assert "The one component says something about its maker." in said[0]
    assert "The one component says nothing about its maker; the answer rests on" in said[1]


@pytest.mark.parametrize("form", ["text", "html"])
def test_what_is_to_be_done_is_called_so(form: str) -> None:
    assert "To do: Use something else." in plain(form, RUNS["deny"])


def test_a_list_in_the_text_hangs_so_that_each_component_is_seen() -> None:
    run = Run((record(reason("deny", components=(component(name="a long name " * 20), component(1)))),))
    lines = rendered("text", run).decode().splitlines()
    first = next(number for number, line in enumerate(lines) if line.startswith(" " * 10 + "- a long name"))
    assert lines[first + 1].startswith(" " * 12 + "long") or lines[first + 1].startswith(" " * 12 + "name")
    assert sum(line.startswith(" " * 10 + "- ") for line in lines) == 2


@pytest.mark.parametrize("form", ["text", "html", "markdown"])
def test_a_clause_that_spares_several_vendors_counts_once_and_names_them(form: str) -> None:
    spares = [
        reason("note", vendor=VendorNamed(name, name), act=act) for name in ("A", "B") for act in ("use", "retain")
    ]
    others = [reason("note", code=f"test-law/other-{number}") for number in range(3)]
    said = plain(form, Run((record(*spares, *others),)))
    assert "4 clauses do not bar it, or only inform" in said
    if form != "text":
        assert said.count("A, B: Nobody may use it") == 1


def test_tap_tells_reasons_apart_that_differ_in_the_act_alone() -> None:
    said = rendered("tap", Run((record(reason("deny"), reason("deny", act="integrate")),))).decode()
    assert "not ok 1 - test-law/deny [use] deny:" in said
    assert "not ok 2 - test-law/deny [integrate] deny:" in said


def test_a_review_that_the_laws_text_leaves_open_says_so_in_cyclonedx() -> None:
    said = rendered("cyclonedx", Run((record(reason("review", missing=())),))).decode()
    assert "Not known: what the law means" in said


@pytest.mark.parametrize("form", ["text", "html"])
def test_a_waiver_is_told_with_whose_it_is_and_what_stands_against_it(form: str) -> None:
    assert "Waiver W-1 by The head of the agency waives nothing: it has ended." in plain(form, RUNS["waiver refused"])


@pytest.mark.parametrize("form", ["text", "markdown", "html"])
def test_the_head_names_the_profile(form: str) -> None:
    for buyer, said in [
        (
            BuyerNamed("Example Ltd", "us-company", ("us-person",)),
            "For Example Ltd (profile us-company: us-person), as",
        ),
        (BuyerNamed(None, "us-company", ("us-person",)), "For profile us-company (us-person), as"),
        (BuyerNamed(None, "nobody", None), "For profile nobody, as"),
        (BuyerNamed(None, None, ("us-person",)), "For us-person, as"),
        (BuyerNamed("Example Ltd", None, None), "For Example Ltd (no stated capacity), as"),
        (BuyerNamed(None, None, None), "For a buyer in no stated capacity, as"),
    ]:
        assert said in plain(form, Run((record(buyer=buyer),)))


@pytest.mark.parametrize("form", ["text", "markdown", "html"])
def test_what_nobody_said_is_said_first_and_asked_for_once(form: str) -> None:
    ways = ["State buyer.roles, a role or a profile; state acts.", "State acts; state agreement."]
    reviews = [
        reason("review", code=f"law/{n}", missing=("role", "act"), remedy=way, components=(component(n),))
        for n, way in enumerate(ways)
    ]
    said = plain(form, Run((record(*reviews, buyer=BuyerNamed(None, None, None)),)))
    first = "Nobody said who is asking. Name a profile, such as us-software-vendor: `gate law --profiles` lists them."
    assert said.index(first) < said.index("law/0")
    for way in ("State buyer.roles, a role or a profile.", "State acts.", "State agreement."):
        assert said.count(way) == 1
    assert "Nobody said" not in plain(form, Run((record(*reviews),)))
    asked = record(*reviews, buyer=BuyerNamed("A", None, None), subject=SubjectNamed("request", "PR", "sha256:ab"))
    assert "State buyer.roles, or name a profile, such as" in plain(form, Run((asked,)))


@pytest.mark.parametrize("form", ["text", "markdown", "html"])
def test_an_allow_names_the_vendors_it_found(form: str) -> None:
    assert "Found, and not barred here: Acme | Ltd." in plain(form, RUNS["note"])
    assert "Found, and" not in plain(form, RUNS["allow without a reason"])
    assert "Found, and" not in plain(form, RUNS["deny"])


@pytest.mark.parametrize("form", ["text", "markdown", "html"])
def test_of_several_inputs_the_end_says_what_they_came_to(form: str) -> None:
    assert "3 judged: 2 deny, 1 allow; exit status 1." in plain(form, RUNS["several inputs"])
    assert "1 judged: 1 deny, 1 without a verdict; exit status 2." in plain(form, RUNS["deny and no verdict"])
    assert "judged: " not in plain(form, RUNS["deny"])
    kept = rendered("text", RUNS["several inputs"]).decode().rstrip().splitlines()[-1]
    assert kept == "3 judged: 2 deny, 1 allow; exit status 1."


def judged_sbom(folder: Path, *arguments: str, form: str = "text") -> str:
    """What the command prints about an SBOM with one of Kaspersky's libraries, on one line."""
    (folder / "bom.json").write_text(json.dumps(sbom(BANNED)))
    inside("check", *arguments, "--format", f"{form}={folder / 'out'}", str(folder / "bom.json"))
    return " ".join((folder / "out").read_text("utf-8").split())


@pytest.mark.parametrize("form", ["text", "markdown", "html"])
def test_a_review_is_one_sentence_and_its_note_stands_below(form: str, tmp_path: Path) -> None:
    said = judged_sbom(tmp_path, "--profile", "us-software-vendor", form=form)
    assert "To be settled (the law" in said
    first = said.partition("s text leaves it open): ")[2].partition("89 FR")[0]
    assert ". " not in first
    assert said.count("without the word cybersecurity") == 1


def test_a_review_that_lacks_facts_names_them_in_its_sentence(tmp_path: Path) -> None:
    said = judged_sbom(tmp_path)
    asks = "To be settled (in which capacity the buyer acts; what is to be done with it): No part of the federal"
    assert asks in said


def test_a_waiver_that_ends_with_a_legal_day_is_told_with_that_day(tmp_path: Path) -> None:
    """In the clause's own zone: its last instant is another day in UTC."""
    (tmp_path / "waivers").mkdir()
    (tmp_path / "waivers" / "w.toml").write_text(WAIVER)
    lines = [{"product": "Template Suite", "manufacturer": {"name": "Template Vendor Ltd"}}]
    body = {"id": "1", "buyer": {"name": "A"}, "ordered": "2021-02-05", "acts": ["acquire"], "lines": lines}
    (tmp_path / "request.json").write_text(json.dumps(body))
    for form in ("text", "html", "markdown"):
        out = tmp_path / "out"
        asked = ("--policy", str(ROOT / "policy" / "template"), "--waivers", str(tmp_path / "waivers"), "--allow-past")
        assert inside("check", *asked, "--format", f"{form}={out}", str(tmp_path / "request.json")) == 0
        said = " ".join(out.read_text("utf-8").split())
        assert "(waived by W-1 until 1 March 2021): Nobody may buy" in said
        assert "28 February" not in said
        assert ("Waiver W-1 by The head of procurement." in said) == (form == "text")


WAIVER = """
id = "W-1"
prohibitions = ["xx-example-ban"]
vendors = ["template-vendor"]
granted_by = "minister"
authority = "Decision No. 1, art. 4"
approver = "The head of procurement"
reason = "The replacement is late."
starts = 2021-01-01
ends = 2021-03-01
"""
