"""When the law changes, or time passes, exactly what may be decided otherwise is decided again."""

import random
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from gate.match import Matcher
from gate.portfolio.affected import difference
from gate.portfolio.forecast.content import forecast
from gate.portfolio.index import Index
from gate.portfolio.texts import NAMES as NAME_FIELDS
from gate.portfolio.texts import PURL, Block, Gathered, Screen, places_in
from gate.register import Register
from gate.screen import Sieve
from gate.subject import Component
from tests.portfolio import NOW, Json, ban, component, decisions, law, sbom, scan, vendor, verdicts
from tests.test_screen import REGISTER, garbled_components


def without_law(found: Mapping[str, Json | None]) -> dict[str, Json | None]:
    """Decisions but for the digest of the law, which one that stands keeps as it was."""
    return {name: one and {**one, "policy": None} for name, one in found.items()}


class TestTheScreen:
    """gate/portfolio/affected.py: "It may name too much and never too little"."""

    @settings(max_examples=300)
    @given(st.lists(garbled_components(), min_size=1, max_size=4))
    @example([Component(name="@kaspersky/x", purl="pkg:generic/a/@kaspersky/x@1")])
    @example([Component(name="Kaspersky Total Security", purl="pkg:generic/Kaspersky Total Security@1")])
    @example([Component(name="x", purl="pkg:npm/x", ref="pkg:npm/x@1/../@kaspersky/x")])
    @example([Component(name="github.com/kasperskylab/x", purl="pkg:golang/github.com/kasperskylab/x@v1")])
    def test_it_means_every_document_in_which_an_entry_is_met(self, components: list[Component]) -> None:
        documents = [[one] for one in components]
        matcher, screen = Matcher(REGISTER), Screen([REGISTER])
        met = {place for place, (one,) in enumerate(documents) if matcher.match(one)}
        assert met <= set(places_in(screened(screen, documents)))

    def test_it_means_no_document_in_which_none_is_met(self) -> None:
        documents = [[Component(name=f"x{n}", purl=f"pkg:npm/x{n}@1", group="g")] for n in range(40)]
        assert screened(Screen([REGISTER]), documents) == 0

    def test_nothing_is_looked_for_where_no_entry_changed(self) -> None:
        assert Screen([Register({}, {}, {}, {}, {}, {})]).finds_nothing


def screened(screen: Screen, documents: list[list[Component]]) -> int:
    gathered = Gathered()
    for place, components in enumerate(documents):
        gathered.add(components, place)
    found = 0
    for one in gathered.texts(lambda data: data):
        found |= screen.mask(one.field, one.said, one.masks)
    return found


NAMES = ["Acme Industries", "Acme", "Borg Systems", "Cobalt Works", "Acme Borg", "Delta Tools"]
SCOPES = ["acme", "borg", "cobalt", "delta"]


def systems(folder: Path, random_of: random.Random, count: int = 24) -> None:
    """Systems whose components are of anybody, said in any field."""
    for number in range(count):
        parts = []
        for place in range(70):  # more than go around the sieve
            said: dict[str, object] = {}
            if random_of.random() < 0.05:
                said["publisher"] = random_of.choice(NAMES)
            if random_of.random() < 0.02:
                said["supplier"] = {"name": random_of.choice(NAMES).replace("s", "z", 1)}
            name = f"part-{number}-{place}"
            if random_of.random() < 0.02:
                name = f"@{random_of.choice(SCOPES)}/{name}"
            parts.append(component(name, **said))
        sbom(folder / f"system-{number:02}.cdx.json", *parts)


def edition(folder: Path, random_of: random.Random) -> Path:
    """A law about some of them, in some way."""
    chosen = [scope for scope in SCOPES if random_of.random() < 0.7] or SCOPES[:1]
    names = random_of.sample(NAMES, len(NAMES))
    for scope in chosen:
        own = [names.pop()] if names and random_of.random() < 0.7 else []
        purls = [f"pkg:npm/%40{scope}"] if random_of.random() < 0.8 else []
        vendor(folder, scope, name=f"{scope.title()} of Somewhere", names=own, purls=purls)
    for number in range(random_of.randint(1, 3)):
        some = [scope for scope in chosen if random_of.random() < 0.6] or chosen[:1]
        starts = random_of.choice(["2020-01-01", "2027-06-01"])
        ban(folder, f"xx-{number}", some, starts, random_of.choice(["2019-01-01", "2026-05-01"]))
    return folder


@pytest.mark.usefixtures("_patient")
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 10**6))
def test_after_a_change_of_the_law_the_index_says_what_a_fresh_one_says(
    tmp_path_factory: pytest.TempPathFactory, seed: int
) -> None:
    random_of, place = random.Random(seed), tmp_path_factory.mktemp("law")  # noqa: S311 - no secret depends on it
    systems(place / "files", random_of)
    old, new = (law(edition(place / name, random_of)) for name in ("old", "new"))
    scan(place / "out", old, place / "files")
    tally = scan(place / "out", new, place / "files")
    assert tally.read == 0
    scan(place / "fresh", new, place / "files")
    assert without_law(decisions(place / "out")) == without_law(decisions(place / "fresh"))
    assert verdicts(place / "out") == verdicts(place / "fresh")


@pytest.mark.usefixtures("_patient")
def test_only_systems_that_the_change_touches_are_asked_again(tmp_path: Path) -> None:
    for number in range(40):
        theirs = [component("@acme/tool")] if number == 7 else []
        sbom(tmp_path / "files" / f"system-{number}.cdx.json", component(f"own-{number}"), *theirs)
    vendor(tmp_path / "law", "borg", purls=["pkg:npm/%40borg"])
    ban(tmp_path / "law", "xx-borg", ["borg"])
    scan(tmp_path / "out", law(tmp_path / "law"), tmp_path / "files")
    vendor(tmp_path / "law", "acme", purls=["pkg:npm/%40acme"])
    ban(tmp_path / "law", "xx-acme", ["acme"])
    tally = scan(tmp_path / "out", law(tmp_path / "law"), tmp_path / "files")
    assert (tally.read, tally.again, tally.stood, tally.carried) == (0, 1, 39, 39)
    assert verdicts(tmp_path / "out")["system-7.cdx.json"] == "deny"


def dated(tmp_path: Path, starts: str, published: str = "2019-01-01") -> Path:
    vendor(tmp_path / "law", "acme", purls=["pkg:npm/%40acme"])
    ban(tmp_path / "law", "xx-acme", ["acme"], starts, published)
    sbom(tmp_path / "files" / "theirs.cdx.json", component("@acme/tool"))
    sbom(tmp_path / "files" / "ours.cdx.json", component("tool"))
    return tmp_path / "law"


@pytest.mark.usefixtures("_patient")
def test_a_verdict_stands_until_the_first_instant_of_the_ban_and_no_longer(tmp_path: Path) -> None:
    folder = dated(tmp_path, "2027-03-01")
    by, out, files = law(folder), tmp_path / "out", tmp_path / "files"
    start = datetime(2027, 3, 1, tzinfo=UTC)
    scan(out, by, files)
    assert verdicts(out) == {"ours.cdx.json": "allow", "theirs.cdx.json": "allow"}
    before = scan(out, by, files, now=start - timedelta(microseconds=1))
    assert (before.again, before.stood) == (0, 2)
    at = scan(out, by, files, now=start)
    assert (at.again, at.stood) == (1, 1)
    assert verdicts(out) == {"ours.cdx.json": "allow", "theirs.cdx.json": "deny"}


@pytest.mark.usefixtures("_patient")
def test_a_ban_that_becomes_known_counts_from_then_on(tmp_path: Path) -> None:
    folder = dated(tmp_path, "2020-01-01", published="2027-02-01")
    by, out, files = law(folder), tmp_path / "out", tmp_path / "files"
    scan(out, by, files)
    assert verdicts(out)["theirs.cdx.json"] == "allow"
    scan(out, by, files, now=datetime(2027, 2, 1, tzinfo=UTC))
    assert verdicts(out)["theirs.cdx.json"] == "deny"


@pytest.mark.usefixtures("_patient")
def test_a_clock_that_went_back_decides_again(tmp_path: Path) -> None:
    folder = dated(tmp_path, "2026-01-01")
    by, out, files = law(folder), tmp_path / "out", tmp_path / "files"
    scan(out, by, files)
    assert verdicts(out)["theirs.cdx.json"] == "deny"
    scan(out, by, files, now=datetime(2025, 6, 1, tzinfo=UTC))
    assert verdicts(out)["theirs.cdx.json"] == "allow"


@pytest.mark.usefixtures("_patient")
def test_another_question_is_asked_of_what_is_kept(tmp_path: Path) -> None:
    by, out, files = law(dated(tmp_path, "2020-01-01")), tmp_path / "out", tmp_path / "files"
    scan(out, by, files)
    tally = scan(out, by, files, acts=())
    assert (tally.read, tally.again) == (0, 2)
    assert verdicts(out) == {"ours.cdx.json": "allow", "theirs.cdx.json": "review"}


def test_the_forecast_names_the_instant_the_systems_and_the_clause(tmp_path: Path) -> None:
    by, out, files = law(dated(tmp_path, "2027-03-01")), tmp_path / "out", tmp_path / "files"
    scan(out, by, files)
    index = Index(out, is_new=False)
    (turn,) = forecast(index.db, NOW, NOW + timedelta(days=365)).turns
    assert turn.at == datetime(2027, 3, 1, tzinfo=UTC)
    assert turn.decision == "deny"
    assert [Path(system).name for system in turn.systems] == ["theirs.cdx.json"]
    assert [(why.code, why.was, why.becomes) for why in turn.why] == [("xx-acme/no-use", "warn", "deny")]
    assert forecast(index.db, NOW, datetime(2027, 2, 28, tzinfo=UTC)).turns == ()
    assert forecast(index.db, NOW, datetime(2027, 3, 1, tzinfo=UTC)).turns == (turn,)


def allowed(out: Path) -> dict[str, bool]:
    """A verdict is allow or deny; that a denial is only for a review is no other verdict."""
    return {name: outcome == "allow" for name, outcome in verdicts(out).items()}


def test_the_forecast_agrees_with_scans_on_those_days(tmp_path: Path) -> None:
    random_of = random.Random(3)  # noqa: S311 - no secret depends on it
    systems(tmp_path / "files", random_of)
    folder = tmp_path / "law"
    for scope in SCOPES:
        vendor(folder, scope, purls=[f"pkg:npm/%40{scope}"])
    for number, scope in enumerate(SCOPES):
        ban(folder, f"xx-{scope}", [scope], f"2027-0{number + 2}-01")
    by = law(folder)
    scan(tmp_path / "out", by, tmp_path / "files")
    index = Index(tmp_path / "out", is_new=False)
    expected = allowed(tmp_path / "out")
    turns = forecast(index.db, NOW, NOW + timedelta(days=365)).turns
    assert len({turn.at for turn in turns}) > 1
    for number, turn in enumerate(turns):
        expected.update({Path(system).name: turn.decision == "allow" for system in turn.systems})
        if number + 1 == len(turns) or turns[number + 1].at != turn.at:
            scan(tmp_path / f"then-{number}", by, tmp_path / "files", now=turn.at)
            assert allowed(tmp_path / f"then-{number}") == expected


def test_a_difference_names_the_vendors_of_whom_anything_is_said_otherwise(tmp_path: Path) -> None:
    folder = tmp_path / "law"
    for name in ("acme", "borg", "cobalt"):
        vendor(folder, name, purls=[f"pkg:npm/%40{name}"])
    ban(folder, "xx-acme", ["acme"])
    ban(folder, "xx-borg", ["borg"])
    ban(folder, "xx-cobalt", ["cobalt"])
    old = law(folder)
    assert difference(old, old).vendors == frozenset()
    ban(folder, "xx-acme", ["acme"], "2021-01-01")
    vendor(folder, "borg", purls=["pkg:npm/%40borg"], domains=["borg.example"])
    changed = difference(old, law(folder))
    assert changed.vendors == {"acme", "borg"}
    assert set(changed.registers[1].domains) == {"borg.example"}
    assert Screen(changed.registers).mask(PURL, b"\x93\x90\x90\x80", b"") == 0


WORDS = st.sampled_from(
    ["kaspersky", "Kaspersky", "kas%70ersky", "kas\\\\persky", "kas\x01persky", "ｋaspersky", "k.a.s", "%"]
)


@given(
    st.sampled_from([PURL, "ref", "cpe", "name", "group", "author"]),
    st.lists(
        st.tuples(st.sampled_from(["pkg:npm/", "cpe:2.3:a:", ""]), st.text(max_size=9), WORDS, st.text(max_size=9))
    ),
)
@example("name", [("", "", "kas%70ersky", "")])
@example("cpe", [("cpe:2.3:a:", "", "kas%70ersky", ":x:1")])
def test_of_a_block_that_shows_no_word_of_an_entry_only_what_may_hide_one_is_read(
    field: str, said: list[tuple[str, ...]]
) -> None:
    gathered, sieve = Gathered(), Sieve(Matcher(REGISTER))
    gathered.add([msgspec.convert({field: "".join(parts)}, Component) for parts in said], 0)
    for one in gathered.texts(bytes):
        block, are_names = msgspec.msgpack.decode(one.said, type=Block), one.field in NAME_FIELDS
        if not sieve.stands_in(one.said, are_names=are_names):
            assert sieve.anchored(block.texts, are_names=are_names) <= set(block.hiding)
