"""Official lists: a clause names vendors through dated rows, each known from its own day on."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from gate.asking import Asking
from gate.check import check
from gate.compiled import load as load_law
from gate.decide import Outcome, Question, decide, evaluate
from gate.decision import Decision, Reason
from gate.law import Citation, Clause, Law, List, Owner, Row, Vendor
from gate.read import read
from gate.reasons import reason_of
from gate.subject import Act
from policy.dates import DAY, Interval, Span, instant
from tests.strategies import FAR, MICROSECOND, Json, clause, law_of, question, vendor

ZONE = "America/New_York"
LISTED = instant(date(2024, 1, 15), ZONE)
REMOVED = instant(date(2024, 12, 1), ZONE)
OFFICIAL = Citation("The list", "https://list.example")


def row(**changes: Any) -> Row:
    """`acme` on the list from 15 January to 1 December 2024, and known as of then, but for what is changed."""
    plain = Row("acme", "Acme Corp.", LISTED, Interval(LISTED, REMOVED), None, None, frozenset(), OFFICIAL, None)
    return msgspec.structs.replace(plain, **changes)


def listed_law(*rows: Row, vendors: tuple[Vendor, ...] = (), **changes: Any) -> Law:
    """A law of one clause that names a list of these rows and nobody else."""
    one = clause(**{"vendors": frozenset(), "lists": frozenset({"black"}), **changes})
    law = law_of(one, vendors=vendors)
    return msgspec.structs.replace(law, lists={"black": List("black", "Black List", ZONE, rows)})


def asks(at: datetime | date, **changes: Any) -> Question:
    return question(act=Act("use", Span(at)), **changes)


def said(law: Law, asked: Question) -> Outcome:
    found = evaluate(asked, law.clauses[0], law)
    assert isinstance(found, Outcome)
    return found


def effect(law: Law, at: datetime, **changes: Any) -> tuple[str, str | None]:
    found = said(law, asks(at, **changes))
    return str(found.effect), found.spared_by


class TestRows:
    """SPEC B: "A row's days limit the clause for that vendor"."""

    @pytest.mark.parametrize(
        ("at", "expected"),
        [
            (LISTED - MICROSECOND, ("warn", None)),
            (LISTED, ("deny", None)),
            (REMOVED - MICROSECOND, ("deny", None)),
            (REMOVED, ("note", "ended")),
        ],
    )
    def test_a_vendor_is_barred_while_it_is_listed(self, at: datetime, expected: tuple[str, str | None]) -> None:
        assert effect(listed_law(row()), at) == expected

    def test_the_clause_limits_the_row_as_the_row_limits_the_clause(self) -> None:
        starts, ends = LISTED + 30 * DAY, REMOVED - 30 * DAY
        law = listed_law(row(), interval=Interval(starts, ends))
        assert said(law, asks(starts)).in_force == Interval(starts, ends)
        assert [effect(law, at)[0] for at in (starts - MICROSECOND, starts, ends)] == ["warn", "deny", "note"]
        later = row(interval=Interval(starts, None))
        assert said(listed_law(later, interval=Interval(LISTED, ends)), asks(starts)).in_force == Interval(starts, ends)

    def test_a_clause_that_ended_before_the_listing_is_no_reason(self) -> None:
        law = listed_law(row(), interval=Interval(None, LISTED))
        assert effect(law, LISTED) == ("note", "ownership")
        assert said(law, asks(LISTED)).is_fixed

    def test_a_vendor_that_is_listed_again_is_free_in_between(self) -> None:
        again = REMOVED + 100 * DAY
        law = listed_law(row(), row(name="Acme Inc.", interval=Interval(again, None)))
        assert [effect(law, at)[0] for at in (LISTED, REMOVED, again - MICROSECOND, again)] == [
            "deny",
            "warn",
            "warn",
            "deny",
        ]

    def test_vendors_named_by_the_clause_itself_need_no_row(self) -> None:
        law = listed_law(row(vendor="other"), vendors=(vendor("other"),))
        both = msgspec.structs.replace(law.clauses[0], vendors=frozenset({"acme"}))
        law = msgspec.structs.replace(law, clauses=(both,))
        assert effect(law, LISTED - 400 * DAY) == ("deny", None)
        assert effect(law, LISTED - DAY, vendor="other") == ("warn", None)
        assert effect(law, LISTED, vendor="other") == ("deny", None)

    def test_an_act_is_barred_if_any_part_of_it_meets_a_row(self) -> None:
        found = said(listed_law(row()), question(act=Act("use", Span(LISTED - 10 * DAY, LISTED + MICROSECOND))))
        assert (str(found.effect), found.when) == ("deny", Interval(LISTED, LISTED + MICROSECOND))


class TestAfterListing:
    """SPEC B: "for each row from its `published` day + 60 days", legal days in the list's zone."""

    starts = datetime(2024, 3, 15, 4, tzinfo=UTC)  # the clocks went forward on 10 March

    @pytest.mark.parametrize(("before", "expected"), [(MICROSECOND, "warn"), (0 * DAY, "deny")])
    def test_a_clause_starts_so_many_days_after_the_row_was_published(self, before: Any, expected: str) -> None:
        law = listed_law(row(interval=Interval(LISTED, None)), after_listing=60)
        assert effect(law, self.starts - before)[0] == expected

    def test_each_row_counts_from_its_own_day(self) -> None:
        later = row(vendor="other", published=LISTED + 7 * DAY, interval=Interval(LISTED + 7 * DAY, None))
        law = listed_law(row(), later, vendors=(vendor("other"),), after_listing=60)
        assert said(law, asks(LISTED, vendor="other")).in_force.starts == self.starts + 7 * DAY

    def test_a_row_that_ends_before_is_never_in_force(self) -> None:
        law = listed_law(row(interval=Interval(LISTED, LISTED + 20 * DAY)), after_listing=60)
        assert effect(law, self.starts) == ("note", "ownership")

    def test_a_row_that_starts_after_that_starts_then(self) -> None:
        law = listed_law(row(interval=Interval(self.starts + DAY, None)), after_listing=60)
        assert said(law, asks(self.starts)).in_force.starts == self.starts + DAY


class TestKnownAt:
    """SPEC: "a row published later is not known; a removal published later is not yet known"."""

    def about(self, law: Law, known: datetime, at: datetime) -> list[str]:
        return [str(o.effect) for o in decide(asks(at), law.known(known)) if isinstance(o, Outcome)]

    def test_a_row_published_later_is_not_known(self) -> None:
        law = listed_law(row())
        assert self.about(law, LISTED - MICROSECOND, LISTED) == []
        assert self.about(law, LISTED, LISTED) == ["deny"]

    def test_a_row_can_be_known_before_it_starts(self) -> None:
        law = listed_law(row(published=LISTED - 30 * DAY))
        assert self.about(law, LISTED - 30 * DAY, LISTED - DAY) == ["warn"]

    def test_a_removal_is_known_when_it_comes_unless_the_row_says_otherwise(self) -> None:
        after = REMOVED + DAY
        for end_published, known_since in [(None, REMOVED), (REMOVED - 9 * DAY, REMOVED - 9 * DAY), (after, after)]:
            law = listed_law(row(end_published=end_published))
            assert self.about(law, known_since - MICROSECOND, REMOVED) == ["deny"], end_published
            assert self.about(law, known_since, REMOVED) == ["note"], end_published

    def test_a_withdrawn_row_counts_until_the_withdrawal_is_known_and_then_never_did(self) -> None:
        law = listed_law(row(withdrawn=LISTED + DAY))
        assert self.about(law, LISTED, LISTED) == ["deny"]
        assert self.about(law, LISTED + DAY, LISTED) == []

    def test_the_law_is_the_same_object_while_all_of_it_is_known(self) -> None:
        law = listed_law(row())
        assert law.known(FAR) is law
        assert law.known(LISTED) is not law

    def test_what_was_worked_out_for_one_time_is_not_used_for_another(self) -> None:
        law = listed_law(row(), row(vendor="other", published=LISTED + DAY), vendors=(vendor("other"),))
        assert set(law.named_by(law.clauses[0])) == {"acme", "other"}
        before = law.known(LISTED)
        assert set(before.named_by(before.clauses[0])) == {"acme"}


class TestCategories:
    """SPEC B: "categories narrow what of the vendor is listed"."""

    @pytest.mark.parametrize(
        ("have", "expected"),
        [("uas", ("deny", None)), ("computer", ("note", "category")), ("hardware", ("review", None))],
    )
    def test_a_row_narrows_what_of_the_vendor_is_listed(self, have: str, expected: tuple[str, str | None]) -> None:
        law = listed_law(row(categories=frozenset({"uas"})))
        assert effect(law, LISTED, categories=frozenset({have})) == expected

    def test_the_clause_may_narrow_further(self) -> None:
        law = listed_law(row(categories=frozenset({"hardware"})), categories=frozenset({"uas"}))
        assert effect(law, LISTED, categories=frozenset({"uas"})) == ("deny", None)
        assert effect(law, LISTED, categories=frozenset({"computer"})) == ("note", "category")

    def test_of_several_rows_the_one_counts_that_bites_hardest(self) -> None:
        narrow = row(name="Acme Drones", categories=frozenset({"uas"}))
        for rows in ((narrow, row()), (row(), narrow)):
            found = said(listed_law(*rows), asks(LISTED, categories=frozenset({"computer"})))
            assert (str(found.effect), found.target and found.target.row) == ("deny", row())

    def test_one_row_is_settled_for_ever_and_another_is_not(self) -> None:
        ended = row(interval=Interval(LISTED - 90 * DAY, LISTED - 80 * DAY), name="Zeta")
        law = listed_law(row(categories=frozenset({"uas"})), ended)
        assert not said(law, asks(LISTED, categories=frozenset({"computer"}))).is_fixed
        alone = listed_law(row(categories=frozenset({"uas"})))
        assert said(alone, asks(LISTED, categories=frozenset({"computer"}))).is_fixed


class TestRelatives:
    """Design 3: `reach` extends to relatives of those a list names as to those a clause names."""

    child = vendor("child", owners=(Owner("acme", "subsidiary", "2024-06-01", None),))

    @pytest.mark.parametrize(
        ("at", "expected"),
        [(LISTED, "warn"), (datetime(2024, 6, 1, tzinfo=UTC), "deny"), (REMOVED, "note")],
    )
    def test_a_subsidiary_is_reached_while_it_belongs_to_one_that_is_listed(self, at: datetime, expected: str) -> None:
        law = listed_law(row(), vendors=(self.child,), reach=frozenset({"brand", "subsidiaries"}))
        found = said(law, asks(at, vendor="child"))
        assert (str(found.effect), found.through) == (expected, ("acme",))

    def test_one_that_is_listed_itself_is_reached_both_ways(self) -> None:
        own = row(vendor="child", name="Child Ltd", interval=Interval(LISTED, LISTED + DAY))
        law = listed_law(row(), own, vendors=(self.child,), reach=frozenset({"brand", "subsidiaries"}))
        assert said(law, asks(LISTED, vendor="child")).through == ()
        assert said(law, asks(REMOVED - DAY, vendor="child")).through == ("acme",)

    def test_a_chain_goes_on_beyond_one_that_is_listed_at_another_time(self) -> None:
        top = vendor("top")
        middle = vendor("acme", owners=(Owner("top", "subsidiary", None, None),))
        rows = (row(interval=Interval(REMOVED, None)), row(vendor="top", name="Top Ltd"))
        law = listed_law(*rows, vendors=(top, middle, self.child), reach=frozenset({"brand", "subsidiaries"}))
        assert said(law, asks(REMOVED - DAY, vendor="child")).through == ("acme", "top")
        assert said(law, asks(REMOVED, vendor="child")).through == ("acme",)


# --- From files to a decision -----------------------------------------------------------------------------------------

FILES = {
    "prohibitions/xx/xx-listed.toml": """\
id = "xx-listed"
title = "What follows from the list"
kind = "prohibition"
jurisdiction = "XX"
authority = "A ministry"
time_zone = "America/New_York"
published = 2023-01-01
checked = 2024-01-02
provenance = "official"
citation = { text = "Act 1", url = "https://gazette.example/1" }
binds = ["anyone"]
lists = ["black"]
scope = {}

[[clauses]]
id = "subsidy"
text = "No public money buys it."
acts = ["fund"]
starts = { after_listing_days = 60 }

[[clauses]]
id = "use"
text = "Nobody uses it."
acts = ["use"]
starts = 2023-01-01
ends_with = "a peace treaty"
note = "On the clause."

[[clauses]]
id = "named"
text = "Nobody keeps what is of another."
acts = ["retain"]
vendors = ["other"]
starts = 2023-01-01
""",
    "lists/black.toml": """\
id = "black"
title = "Black List"
authority = "A ministry"
jurisdiction = "XX"
time_zone = "America/New_York"
checked = 2024-01-02
provenance = "secondary"
citation = { text = "The list", url = "https://list.example" }
notes = ["Read in a copy."]

[[rows]]
vendor = "acme"
name = "Acme Corp., Ltd."
published = 2024-01-15
ends = 2024-12-01
note = "Of 2024."

[[rows]]
vendor = "other"
name = "Other"
published = 2024-02-01
withdrawn = 2024-02-01
citation = { text = "Notice of withdrawal", url = "https://list.example/2" }
""",
    "vendors/acme.toml": 'id = "acme"\nname = "Acme"\npurls = ["pkg:npm/acme"]\nsource = "https://r.example"\n',
    "vendors/other.toml": 'id = "other"\nname = "Other"\npurls = ["pkg:npm/other"]\nsource = "https://r.example"\n',
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A policy with a list."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    return tmp_path


def decision(law: Law, acts: list[str], ordered: str, purl: str = "pkg:npm/acme", **more: Any) -> Decision:
    document: Json = {"id": "PR", "ordered": ordered, "acts": acts, "lines": [{"purl": purl}], "supplier_uses": []}
    subject = read(msgspec.json.encode(document), "r.json", now=FAR)
    return check(subject, law, Asking(now=FAR, allow_past=True, **more))


def only(found: Decision, code: str) -> Reason:
    [reason] = [one for one in found.reasons if one.code == code]
    return reason


def test_a_list_decides_and_the_reason_cites_list_and_row(folder: Path) -> None:
    reason = only(decision(load_law([folder], only=True), ["fund"], "2024-03-15T04:00:00Z"), "xx-listed/subsidy")
    assert reason.effect == "deny"
    assert 'Act 1; "Acme Corp., Ltd." on Black List' in reason.message
    assert reason.listed is not None
    assert (reason.listed.list, reason.listed.name, reason.listed.note) == (
        "Black List",
        "Acme Corp., Ltd.",
        "Of 2024.",
    )
    assert [citation.text for citation in reason.citation] == ["Act 1", "The list"]
    assert reason.published == LISTED
    assert reason.in_force == Interval(datetime(2024, 3, 15, 4, tzinfo=UTC), REMOVED)


def test_the_law_kept_in_the_cache_says_the_same(folder: Path) -> None:
    made = load_law([folder], only=True)
    kept = load_law([folder], only=True)
    assert (kept, kept.lists) == (made, made.lists)
    assert [row.name for row in kept.lists["black"].rows] == ["Acme Corp., Ltd."]


def test_a_change_of_a_list_is_noticed(folder: Path) -> None:
    before = load_law([folder], only=True)
    path = folder / "lists/black.toml"
    path.write_text(path.read_text("utf-8").replace("ends = 2024-12-01", "ends = 2024-12-02"), "utf-8")
    assert load_law([folder], only=True).digest != before.digest


def test_a_row_withdrawn_on_the_day_it_was_posted_never_counts(folder: Path) -> None:
    law = load_law([folder], only=True)
    found = decision(law, ["use", "fund"], "2024-03-15", "pkg:npm/other")
    assert {reason.code for reason in found.reasons if reason.effect != "note"} == {"xx-listed/named"}


def test_a_clause_that_names_its_own_vendors_leaves_the_instruments_lists(folder: Path) -> None:
    found = decision(load_law([folder], only=True), ["retain"], "2024-03-15")
    assert "xx-listed/named" not in {reason.code for reason in found.reasons}


def test_what_ends_with_an_event_says_so_and_stays_open(folder: Path) -> None:
    reason = only(decision(load_law([folder], only=True), ["use"], "2024-03-15"), "xx-listed/use")
    assert "since 15 January 2024 until a peace treaty (" in reason.message
    assert reason.note == "On the clause."


def test_the_timeline_changes_with_the_rows(folder: Path) -> None:
    found = decision(load_law([folder], only=True), ["use"], "2024-03-15T00:00:00-05:00")
    assert [(str(p.starts)[:10], p.decision) for p in found.timeline] == [
        ("None", "allow"),
        ("2024-01-15", "deny"),
        ("2024-12-01", "allow"),
    ]


def test_the_law_known_before_the_listing_says_nothing_of_it(folder: Path) -> None:
    law = load_law([folder], only=True)
    assert decision(law, ["use"], "2024-03-15", known_at=LISTED - MICROSECOND).decision == "allow"
    assert decision(law, ["use"], "2024-03-15", known_at=LISTED).decision == "deny"


def test_a_notice_only_informs() -> None:
    """SPEC F: "it gives a note only, never more"."""
    one: Clause = clause(kind="notice")
    law = law_of(one)
    for asked in (question(), question(is_certain=False), question(roles=None)):
        assert str(said(law, asked).effect) == "note"
    outcome = said(law, question())
    reason = reason_of(question(), outcome, law)
    assert reason.message.startswith("For information: ")
