"""The law's files: every fault is named at once with its file and line, and what is kept of the law is never stale."""

import os
import re
import shutil
import tomllib
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from gate.bundle import content_of
from gate.cases import failure, judge
from gate.compile import compiled
from gate.compiled import load as load_law
from gate.errors import LawError
from policy.faults import in_toml
from policy.files import BUILT_IN, digest
from policy.lint import lint
from policy.load import Policy, PolicyError, load, load_findings, load_waivers

ROOT = Path(__file__).parents[1]
TEMPLATE = BUILT_IN / "template"

BAN = "prohibitions/xx/xx-ban.toml"
MAKER = "vendors/maker.toml"
CASES = "cases/xx/xx-ban.toml"
PROFILE = "profiles/buyer.toml"
LISTING = "lists/listing.toml"

FILES = {
    BAN: """\
id = "xx-ban"
title = "A ban"
kind = "prohibition"
jurisdiction = "XX"
authority = "A ministry"
time_zone = "Europe/Berlin"
published = 2020-01-01
checked = 2020-01-02
provenance = "official"
citation = { text = "Gazette 1", url = "https://gazette.example/1" }
binds = ["us-person"]
vendors = ["maker"]

[scope]
categories = ["software"]

[[exceptions]]
id = "training"
text = "Training is left alone."
categories = ["security-training"]

[[clauses]]
id = "buy"
text = "Nobody may buy it."
acts = ["acquire"]
starts = 2020-03-01
ends = 2025-01-01

[[clauses]]
id = "keep"
text = "Nobody may keep it."
acts = ["retain"]
starts = 2020-09-01T12:00:00+02:00
""",
    MAKER: """\
id = "maker"
name = "Maker Ltd"
country = "XX"
categories = ["software"]
source = "https://register.example/maker"
purls = ["pkg:npm/maker"]

[[owners]]
vendor = "parent"
kind = "subsidiary"
starts = 2015-01-01
ends = 2019-01-01
source = "https://register.example/sale"
""",
    "vendors/parent.toml": 'id = "parent"\nname = "Parent Ltd"\nsource = "https://register.example/parent"\n',
    PROFILE: """\
id = "buyer"
text = "Somebody who buys."
roles = ["us-person"]
acts = ["acquire"]
""",
    LISTING: """\
id = "listing"
title = "A list"
authority = "A ministry"
jurisdiction = "XX"
time_zone = "Europe/Berlin"
checked = 2020-01-02
provenance = "official"
citation = { text = "Gazette 2", url = "https://gazette.example/2" }

[[rows]]
vendor = "maker"
name = "Maker Limited"
published = 2020-01-01
ends = 2024-01-01
ends_published = 2023-12-01
""",
    CASES: """\
prohibition = "xx-ban"

[[case]]
name = "bought while it is barred"
profile = "buyer"
expect = "deny"
reasons = { buy = "deny", keep = "deny" }

[case.request]
ordered = 2021-01-01
acts = ["acquire"]
lines = [{ purl = "pkg:npm/maker" }]
""",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small policy without a fault."""
    place = tmp_path / "policy"
    for name, text in FILES.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_text(text, "utf-8")
    return place


def alter(folder: Path, name: str, said: str, instead: str) -> int:
    """Replace words of a file; the line on which they stand, or stood."""
    text = FILES[name]
    assert text.count(said) >= 1, said
    (folder / name).write_text(text.replace(said, instead, 1), "utf-8")
    return text[: text.index(said)].count("\n") + 1


def faults(folder: Path) -> list[str]:
    """What is wrong with a policy, each as `file:line: message` with the file's name inside the folder."""
    with pytest.raises(PolicyError) as caught:
        load([folder])
    return [str(problem).removeprefix(f"{folder}/") for problem in caught.value.problems]


def test_the_small_policy_has_no_fault(folder: Path) -> None:
    policy = load([folder])
    assert list(policy.prohibitions) == ["xx-ban"]
    assert [failure(one) for cases in policy.cases.values() for _, one in judge(cases, compiled(policy))] == [None]


# A fault, what the message must say, and the words on whose line it must be.
FAULTS: dict[str, tuple[str, str, str, str]] = {
    "unknown-key": (BAN, 'title = "A ban"', 'titel = "A ban"', "titel: unknown key"),
    "unknown-key-of-a-clause": (BAN, 'acts = ["retain"]', 'acts = ["retain"]\nforever = true', "forever: unknown key"),
    "missing-key": (BAN, 'authority = "A ministry"\n', "", "authority: is missing"),
    "duplicate-key": (BAN, 'title = "A ban"', 'id = "xx-ban"', "the key 'id' is given twice, first on line 1:"),
    "no-toml": (BAN, 'title = "A ban"', 'title = "A ban', "a text lacks its closing quote"),
    "no-such-day": (BAN, "starts = 2020-03-01", "starts = 2020-02-30", "the day or time of 'starts' does not exist"),
    "quoted-date": (BAN, "starts = 2020-03-01", 'starts = "2020-03-01"', "without quotes"),
    "quoted-publication": (BAN, "published = 2020-01-01", 'published = "2020-01-01"', "valid date"),
    "number-for-a-date": (BAN, "starts = 2020-03-01", "starts = 20200301", "write a date"),
    "naive-date-time": (BAN, "starts = 2020-03-01", "starts = 2020-03-01T00:00:00", "offset"),
    "unknown-vendor": (BAN, 'vendors = ["maker"]', 'vendors = ["maker", "nobody"]', "no vendor 'nobody'"),
    "unknown-vendor-of-a-clause": (
        BAN, 'acts = ["retain"]', 'vendors = ["nobody"]\nacts = ["retain"]', "no vendor 'nobody'"),
    "unknown-owner": (MAKER, 'vendor = "parent"', 'vendor = "nobody"', "no vendor 'nobody'"),
    "id-is-not-the-files-name": (BAN, 'id = "xx-ban"', 'id = "xx-bann"', "must be the file's name, 'xx-ban'"),
    "vendors-id-is-not-the-files-name": (MAKER, 'id = "maker"', 'id = "makers"', "must be the file's name, 'maker'"),
    "upper-case-id": (BAN, 'id = "xx-ban"', 'id = "XX-Ban"', "pattern"),
    "unknown-act": (BAN, 'acts = ["acquire"]', 'acts = ["buy"]', "'buy' is not known; known are acquire, "),
    "no-act": (BAN, 'acts = ["acquire"]', "acts = []", "at least 1 item"),
    "unknown-role": (BAN, 'binds = ["us-person"]', 'binds = ["citizen"]', "'citizen' is not known"),
    "binds-nobody": (BAN, 'binds = ["us-person"]', "binds = []", "at least 1 item"),
    "unknown-category": (BAN, 'categories = ["software"]', 'categories = ["softwear"]', "did you mean 'software'?"),
    "unknown-kind": (BAN, 'kind = "prohibition"', 'kind = "advice"', "known are prohibition, "),
    "unknown-provenance": (BAN, 'provenance = "official"', 'provenance = "hearsay"', "known are official, secondary"),
    "unknown-time-zone": (BAN, '"Europe/Berlin"', '"Europe/Atlantis"', "no IANA time zone"),
    "no-citation": (BAN, "https://gazette.example/1", "gazette", "pattern"),
    "ends-before-it-starts": (BAN, "ends = 2025-01-01", "ends = 2020-01-01", "later than `starts`"),
    "ends-when-it-starts": (BAN, "ends = 2025-01-01", "ends = 2020-03-01", "later than `starts`"),
    "owner-ends-before-it-starts": (MAKER, "ends = 2019-01-01", "ends = 2014-01-01", "later than `starts`"),
    "any-vendor-of-no-country": (BAN, 'vendors = ["maker"]', 'vendors = "any"', "controlled_from"),
    "country-without-any-vendor": (
        BAN, 'vendors = ["maker"]', 'vendors = ["maker"]\ncontrolled_from = ["XX"]', "controlled_from"),
    "no-vendor": (BAN, 'vendors = ["maker"]', "vendors = []", "names nobody"),
    "exception-without-a-condition": (BAN, 'categories = ["security-training"]\n', "", "without a condition"),
    "exception-of-no-clause": (
        BAN, 'text = "Training is left alone."', 'text = "Training."\nclauses = ["by"]', "'by' is no clause"),
    "clause-twice": (BAN, 'id = "keep"', 'id = "buy"', "two clauses share an id"),
    "no-clause-bites": (BAN, 'acts = ["retain"]', 'acts = ["retain"]\neffect = "note"', "a clause denies"),
    "unknown-fact": (BAN, "[[exceptions]]", 'facts = { colour = ["red"] }\n[[exceptions]]', "no known fact"),
    "unknown-word-of-a-fact": (BAN, "[[exceptions]]", 'facts = { device = ["toaster"] }\n[[exceptions]]', "no value"),
    "unknown-list": (BAN, 'vendors = ["maker"]', 'lists = ["nolist"]', "no list 'nolist'"),
    "unknown-list-of-a-clause": (
        BAN, 'acts = ["retain"]', 'lists = ["nolist"]\nacts = ["retain"]', "no list 'nolist'"),
    "any-vendor-and-a-list": (
        BAN, 'vendors = ["maker"]', 'vendors = "any"\ncontrolled_from = ["XX"]\nlists = ["listing"]', "adds nobody"),
    "any-vendor-without-a-fact": (BAN, 'acts = ["retain"]', 'acts = ["retain"]\nvendors = "any"', "and a fact"),
    "share-without-any-vendor": (
        BAN, 'vendors = ["maker"]', 'vendors = ["maker"]\ncontrol_share = 25', "go with vendors"),
    "share-of-a-clause-without-any-vendor": (
        BAN, 'acts = ["retain"]', 'acts = ["retain"]\ncontrol_share = 25', "go with vendors"),
    "share-of-nothing": (BAN, 'acts = ["retain"]', 'acts = ["retain"]\ncontrol_share = 0', "greater than 0"),
    "clause-of-no-vendor": (BAN, 'acts = ["retain"]', 'acts = ["retain"]\nvendors = []', "names nobody"),
    "days-after-no-listing": (
        BAN, "starts = 2020-03-01", "starts = { after_listing_days = 60 }", "name `lists` alone"),
    "no-day-after-a-listing": (BAN, "starts = 2020-03-01", "starts = { after_listing_days = 0 }", "greater than 0"),
    "unknown-key-after-a-listing": (BAN, "starts = 2020-03-01", "starts = { after_days = 6 }", "after_days: unknown"),
    "ends-twice": (BAN, "ends = 2025-01-01", 'ends = 2025-01-01\nends_with = "peace"', "an event that has none yet"),
    "replaces-nothing": (BAN, 'vendors = ["maker"]', 'vendors = ["maker"]\nreplaces = ["older"]', "no prohibition"),
    "replaces-itself": (BAN, 'vendors = ["maker"]', 'vendors = ["maker"]\nreplaces = ["xx-ban"]', "replace itself"),
    "listed-nobody": (LISTING, 'vendor = "maker"', 'vendor = "nobody"', "no vendor 'nobody'"),
    "list-without-rows": (LISTING, FILES[LISTING].partition("\n\n")[2], "", "rows: is missing"),
    "row-without-a-day": (LISTING, "published = 2020-01-01\n", "", "published: is missing"),
    "row-ends-before-it-is-published": (LISTING, "ends = 2024-01-01", "ends = 2019-01-01", "later than `published`"),
    "row-ends-before-it-starts": (LISTING, "ends = 2024", "starts = 2025-01-01\nends = 2024", "later than `starts`"),
    "row-whose-end-is-known-and-is-none": (LISTING, "ends = 2024-01-01\n", "", "there is no `ends`"),
    "row-withdrawn-and-ended": (
        LISTING, "ends_published = 2023-12-01", "withdrawn = 2021-01-01", "either `withdrawn`"),
    "row-withdrawn-before-it-was-posted": (
        LISTING, "ends = 2024-01-01\nends_published = 2023-12-01", "withdrawn = 2019-01-01", "before `published`"),
    "case-of-no-clause": (CASES, '{ buy = "deny"', '{ bye = "deny"', "no clause 'bye'"),
    "case-of-no-instrument": (CASES, 'prohibition = "xx-ban"', 'prohibition = "xx-bun"', "no prohibition 'xx-bun'"),
    "case-of-no-profile": (CASES, 'profile = "buyer"', 'profile = "byer"', "no profile 'byer'"),
    "case-with-an-unknown-verdict": (CASES, 'expect = "deny"', 'expect = "denied"', "'denied' is not known"),
    "profile-with-an-unknown-role": (PROFILE, 'roles = ["us-person"]', 'roles = ["us-persn"]', "mean 'us-person'"),
    "profile-without-acts": (PROFILE, 'acts = ["acquire"]', "acts = []", "at least 1 item"),
    "profile-with-an-unknown-fact": (
        PROFILE, 'acts = ["acquire"]', 'acts = ["acquire"]\nfacts = { divice = "government-mobile" }', "divice"),
    "profile-with-an-unknown-word-of-a-fact": (
        PROFILE, 'acts = ["acquire"]', 'acts = ["acquire"]\nfacts = { device = "mobil" }', "mobil"),
}  # fmt: skip


@pytest.mark.parametrize("which", FAULTS)
def test_a_fault_is_named_with_its_file(which: str, folder: Path) -> None:
    name, said, instead, message = FAULTS[which]
    alter(folder, name, said, instead)
    found = faults(folder)
    assert any(one.startswith(f"{name}:") and message in one for one in found), found


# Of these the line can be told; a key that is missing, or two that disagree, stand on none of their own.
NOWHERE = {
    *("missing-key", "any-vendor-of-no-country", "country-without-any-vendor", "no-vendor", "clause-twice"),
    *("exception-of-no-clause", "unknown-fact", "unknown-word-of-a-fact", "any-vendor-and-a-list"),
    *("any-vendor-without-a-fact", "share-without-any-vendor", "share-of-a-clause-without-any-vendor"),
    *("clause-of-no-vendor", "days-after-no-listing", "replaces-itself", "list-without-rows", "row-without-a-day"),
}
BESIDE = {"exception-without-a-condition": 3, "ends-before-it-starts": 5, "ends-when-it-starts": 5} | {
    "owner-ends-before-it-starts": 4,
    "ends-twice": 6,
    "row-ends-before-it-is-published": 5,
    "row-ends-before-it-starts": 5,
    "row-whose-end-is-known-and-is-none": 5,
    "row-withdrawn-and-ended": 6,
    "row-withdrawn-before-it-was-posted": 5,
}
"""A fault of a whole table may be said to be anywhere from its header on: by how many lines before the words."""


def test_every_fault_of_a_file_is_named_at_once_also_what_no_other_file_has(folder: Path) -> None:
    text = FILES[BAN].replace('acts = ["acquire"]', 'acts = ["buy"]')
    (folder / BAN).write_text(text.replace('vendors = ["maker"]', 'vendors = ["makers"]'), "utf-8")
    told = "\n".join(faults(folder))
    assert "'buy' is not known" in told
    assert "no vendor 'makers' in the register (did you mean 'maker'?)" in told
    assert len(told.splitlines()) == 2


def test_every_file_with_a_fault_is_named_and_none_that_only_refers_to_it(folder: Path) -> None:
    (folder / BAN).write_text(FILES[BAN].replace("[scope]", "[scop]"), "utf-8")
    (folder / MAKER).write_text(FILES[MAKER].replace("name = ", "nome = ", 1), "utf-8")
    told = faults(folder)
    assert {one.partition(":")[0] for one in told} == {BAN, MAKER}
    assert any(one.endswith(": scope: is missing: write an empty [scope] if it asks for nothing") for one in told)


def test_a_file_that_is_no_toml_is_there_all_the_same(folder: Path) -> None:
    (folder / BAN).write_text("id =\n", "utf-8")
    assert faults(folder) == [
        f"{BAN}:1: the value of 'id' cannot be read: write text in \"quotes\", days as 2024-07-20, true or false"
    ]


def test_a_case_of_a_clause_is_looked_up_in_an_instrument_with_a_fault_elsewhere(folder: Path) -> None:
    (folder / BAN).write_text(FILES[BAN].replace('kind = "prohibition"', 'kind = "advice"'), "utf-8")
    (folder / CASES).write_text(FILES[CASES].replace('{ buy = "deny"', '{ bye = "deny"'), "utf-8")
    told = faults(folder)
    assert any("no clause 'bye' in xx-ban" in one for one in told)
    assert len(told) == 2


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ('a = "x"\nb = 1\na = 2\n', 3, "the key 'a' is given twice, first on line 1: keep one"),
        ("[scope]\nx = 1\n[scope]\n", 3, "the table [scope] is given twice: keep one, or write [[scope]]"),
        ("[a.b]\n[a.b]\n", 2, "the table [a.b] is given twice: keep one, or write [[a.b]]"),
        ("a = { b = 1, b = 2 }\n", 1, "the key 'b' is given twice within one { }: keep one"),
        ("a = 1\nb 2\n", 2, "the = is missing: a line is `key = value`, a [table] or a # comment"),
        ("a = [1, 2\n", 1, "a list lacks its closing ]"),
        ("a = 1 b\n", 1, "something follows the value of 'a': all of a text stands in quotes"),
        (
            "a = 2027-13-01\n",
            1,
            "something follows the value of 'a': all of a text stands in quotes, and a day exists",
        ),
        ("a = 2027-02-30\n", 1, "the day or time of 'a' does not exist"),
        ("a = yes\n", 1, "the value of 'a' cannot be read: "),
        ("a = 'x\n", 1, "a text lacks its closing quote"),
    ],
    ids=range(11),
)
def test_what_is_no_toml_is_told_in_words(text: str, line: int, message: str) -> None:
    with pytest.raises(tomllib.TOMLDecodeError) as caught:
        tomllib.loads(text)
    where, said = in_toml(text, caught.value)
    assert where == line
    assert said.startswith(message)


@pytest.mark.parametrize("which", [which for which in FAULTS if which not in NOWHERE])
def test_a_fault_is_named_with_its_line(which: str, folder: Path) -> None:
    name, said, instead, message = FAULTS[which]
    line = alter(folder, name, said, instead)
    lines = range(line - BESIDE.get(which, 0), line + 1 + instead.count("\n"))
    [told] = [one for one in faults(folder) if message in one and one.startswith(f"{name}:")][:1]
    assert told.split(":")[1].strip() in map(str, lines), (told, lines)


def test_every_fault_of_every_file_is_named_at_once(folder: Path) -> None:
    text = FILES[BAN].replace('title = "A ban"', 'titel = "A ban"').replace("2020-03-01", '"2020-03-01"')
    (folder / BAN).write_text(text.replace('"retain"', '"hoard"'))
    alter(folder, MAKER, 'country = "XX"', 'country = "Xanadu"')
    alter(folder, PROFILE, 'roles = ["us-person"]', "roles = []")
    alter(folder, CASES, 'expect = "deny"', 'expect = "perhaps"')
    (folder / "vendors" / "broken.toml").write_text("this is no TOML")
    (folder / "vendors" / "latin.toml").write_bytes('name = "Müller"'.encode("latin-1"))
    found = faults(folder)
    for words in ("titel", "title", "clauses.0.starts", "clauses.1.acts", "country", "roles", "expect", "broken.toml"):
        assert any(words in one for one in found), words
    assert any("latin.toml" in one for one in found)
    assert len(found) >= 9


def test_an_id_said_in_two_files_is_refused(folder: Path) -> None:
    (folder / "prohibitions" / "yy").mkdir()
    shutil.copy(folder / BAN, folder / "prohibitions" / "yy" / "xx-ban.toml")
    [told] = faults(folder)
    assert "'xx-ban' is already said in" in told


def test_a_folder_that_is_no_policy_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for place in (tmp_path / "empty", tmp_path / "absent"):
        with pytest.raises(PolicyError, match="is no policy folder"):
            load([place])


def test_a_folder_that_is_no_policy_is_refused_with_how_to_start_one(tmp_path: Path) -> None:
    absent = tmp_path / "absent"
    told = f"is no policy folder.*gate policy new ID --jurisdiction XX --into {re.escape(str(absent))}"
    with pytest.raises(LawError, match=told):
        load_law([absent])
    with pytest.raises(LawError, match=told):
        content_of([absent], alone=False)


@pytest.mark.usefixtures("cache")
@pytest.mark.parametrize(
    ("stray", "why"),
    [
        ("prohibition/xx-other.toml", "a policy's folders are prohibitions"),
        ("prohibitions/xx-other.TOML", "a policy file's name ends in .toml"),
        ("prohibitions/xx-other.toml.bak", "a policy file's name ends in .toml"),
        ("xx-other.toml", "it belongs in one of prohibitions/"),
    ],
)
def test_what_looks_like_law_and_is_not_read_is_refused_even_when_the_rest_is_in_the_cache(
    stray: str, why: str, folder: Path
) -> None:
    load_law([folder], only=True)
    (folder / stray).parent.mkdir(exist_ok=True)
    shutil.copy(folder / BAN, folder / stray)
    assert any(why in one for one in faults(folder))
    with pytest.raises(LawError, match=re.escape(why)):
        load_law([folder], only=True)


def test_a_link_to_a_folder_of_laws_is_refused(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (folder / "prohibitions" / "zz").symlink_to(tmp_path / "elsewhere")
    [told] = faults(folder)
    assert "is a link to a folder" in told


def test_the_law_as_a_whole_says_which_boundary_has_no_case(folder: Path) -> None:
    found = [str(problem) for problem in lint(load([folder]))]
    assert any("first instant of buy's starts" in one for one in found)
    assert any("last instant before buy's ends" in one for one in found)
    assert any("first instant of keep's starts" in one for one in found)


def test_the_built_in_law_loads_and_has_no_fault_as_a_whole() -> None:
    assert lint(load()) == []


# --- The template -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def with_template() -> Policy:
    return load([BUILT_IN, TEMPLATE])


def test_the_template_loads(with_template: Policy) -> None:
    assert "xx-example-ban" in with_template.prohibitions
    assert "template-vendor" in with_template.vendors
    assert "template-list" in with_template.lists


def test_the_templates_cases_pass(with_template: Policy) -> None:
    cases = with_template.cases["xx-example-ban"]
    found = {case.name: failure(one) for case, one in judge(cases, compiled(with_template))}
    assert {name: why for name, why in found.items() if why} == {}
    assert len(found) > 5


def test_the_template_proves_every_boundary_of_its_own(with_template: Policy) -> None:
    assert [str(problem) for problem in lint(with_template) if "template" in problem.file] == []


def test_the_template_is_no_part_of_the_law() -> None:
    assert "xx-example-ban" not in load().prohibitions


# --- The digest -------------------------------------------------------------------------------------------------------


def test_the_digest_changes_with_any_byte_of_any_file_that_decides(tmp_path: Path) -> None:
    copy = tmp_path / "policy"
    for family in ("prohibitions", "vendors", "profiles"):
        shutil.copytree(BUILT_IN / family, copy / family)
    before = digest([copy])
    seen = {before}
    for path in sorted(copy.rglob("*.toml")):
        data = path.read_bytes()
        for changed in (data + b"\n", data[:-1], bytes([data[0] ^ 1]) + data[1:]):
            path.write_bytes(changed)
            seen.add(digest([copy]))
        path.write_bytes(data)
    assert len(seen) == 1 + 3 * len(list(copy.rglob("*.toml")))
    assert digest([copy]) == before


def test_the_digest_changes_with_a_files_name_and_place_and_number(folder: Path) -> None:
    seen = {digest([folder])}
    (folder / MAKER).rename(folder / "vendors" / "fabricator.toml")
    seen.add(digest([folder]))
    (folder / "vendors" / "below").mkdir()
    (folder / "vendors" / "fabricator.toml").rename(folder / "vendors" / "below" / "fabricator.toml")
    seen.add(digest([folder]))
    (folder / "vendors" / "below" / "fabricator.toml").unlink()
    seen.add(digest([folder]))
    assert len(seen) == 4


def test_the_digest_does_not_change_with_cases_or_other_files(folder: Path) -> None:
    before = digest([folder])
    (folder / CASES).write_text("# changed")
    (folder / "README.md").write_text("about this policy")
    (folder / "vendors" / "notes.txt").write_text("a draft")
    assert digest([folder]) == before


def test_the_digest_is_of_the_bytes_and_not_of_the_place(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "elsewhere")
    assert digest([folder]) == digest([tmp_path / "elsewhere"])


# --- The compiled law -------------------------------------------------------------------------------------------------


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache"


def kept(cache: Path) -> list[Path]:
    return sorted(path for path in cache.rglob("*") if path.is_file())


def test_the_compiled_law_is_kept_and_says_the_same(folder: Path, cache: Path) -> None:
    made = load_law([folder], only=True)
    [file] = kept(cache)
    data = file.read_bytes()
    assert load_law([folder], only=True) == made
    assert kept(cache) == [file]
    assert file.read_bytes() == data


@pytest.mark.parametrize(
    ("name", "said", "instead"),
    [
        (BAN, "Nobody may buy it.", "Nobody may ever buy it."),
        (MAKER, "Maker Ltd", "Maker GmbH"),
        (PROFILE, '"acquire"', '"use"'),
    ],
)
def test_the_compiled_law_is_made_anew_when_a_policy_file_changes(
    name: str, said: str, instead: str, folder: Path, cache: Path
) -> None:
    before = load_law([folder], only=True)
    status = (folder / name).stat()
    alter(folder, name, said, instead)
    os.utime(folder / name, ns=(status.st_atime_ns, status.st_mtime_ns))  # its age tells nothing
    after = load_law([folder], only=True)
    assert after != before
    assert after.digest == digest([folder])
    assert len(kept(cache)) == 2


def test_a_file_that_is_added_or_taken_away_is_noticed(folder: Path, cache: Path) -> None:
    load_law([folder], only=True)
    (folder / "vendors" / "third.toml").write_text(
        'id = "third"\nname = "Third Ltd"\nsource = "https://register.example/third"\n'
    )
    assert "third" in load_law([folder], only=True).vendors
    (folder / "vendors" / "third.toml").unlink()
    assert "third" not in load_law([folder], only=True).vendors
    assert len(kept(cache)) == 2


def test_a_fault_that_is_added_is_not_hidden_by_the_cache(folder: Path, cache: Path) -> None:
    load_law([folder], only=True)
    alter(folder, BAN, 'kind = "prohibition"', 'kind = "advice"')
    with pytest.raises(LawError, match="kind"):
        load_law([folder], only=True)
    assert len(kept(cache)) == 1


@pytest.mark.parametrize(
    "spoil",
    [
        lambda _: b"",
        lambda data: data[: len(data) // 2],
        lambda data: data + b"\x00",
        lambda data: b"\xc1" + data[1:],
        lambda data: bytes(len(data)),
        lambda _: b"\x80",  # an empty map, which is no law
        lambda _: msgspec.msgpack.encode({"version": "1"}),
    ],
    ids=["empty", "cut-off", "longer", "garbled", "zeros", "empty-map", "other-map"],
)
def test_a_corrupt_cache_file_is_ignored(spoil: Callable[[bytes], bytes], folder: Path, cache: Path) -> None:
    made = load_law([folder], only=True)
    [file] = kept(cache)
    data = file.read_bytes()
    file.write_bytes(spoil(data))
    assert load_law([folder], only=True) == made
    assert file.read_bytes() == data


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="needs POSIX permissions")
def test_a_cache_that_others_may_write_to_is_not_believed(folder: Path, cache: Path) -> None:
    made = load_law([folder], only=True)
    [file] = kept(cache)
    alter(folder, BAN, "2020-03-01", "2024-12-31")
    harmless = load_law([folder], only=True)
    assert harmless != made
    [planted] = [path for path in kept(cache) if path != file]
    kept_law = msgspec.msgpack.decode(planted.read_bytes())["law"]
    forged = {**msgspec.msgpack.decode(file.read_bytes()), "law": kept_law}
    file.write_bytes(msgspec.msgpack.encode(forged))
    (folder / BAN).write_text(FILES[BAN])
    assert load_law([folder], only=True) == harmless, "the forgery works, as long as the cache is believed"
    file.parent.chmod(0o777)
    assert load_law([folder], only=True) == made


def test_the_compiled_law_of_another_policy_is_ignored(folder: Path, cache: Path, tmp_path: Path) -> None:
    harmless = tmp_path / "harmless"
    shutil.copytree(folder, harmless)
    text = FILES[BAN].replace("2020-03-01", "2024-12-31")
    (harmless / BAN).write_text(text)
    load_law([harmless], only=True)
    [other] = kept(cache)
    made = load_law([folder], only=True)
    [file] = [path for path in kept(cache) if path != other]
    file.write_bytes(other.read_bytes())
    assert load_law([folder], only=True) == made


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can give a file away")
def test_a_cache_file_of_somebody_else_is_ignored(folder: Path, cache: Path) -> None:
    made = load_law([folder], only=True)
    [file] = kept(cache)
    emptied = msgspec.structs.replace(made, clauses=())
    file.write_bytes(msgspec.msgpack.encode(emptied))
    os.chown(file, 12345, 12345)
    assert load_law([folder], only=True) == made


def test_a_cache_that_cannot_be_written_only_costs_time(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert load_law([folder], only=True) == load_law([folder], only=True)


# --- Waivers and findings ---------------------------------------------------------------------------------------------

WAIVER = """\
id = "W-1"
prohibitions = ["xx-ban"]
vendors = ["maker"]
granted_by = "minister"
authority = "Gazette 1, art. 4"
approver = "The head of procurement"
reason = "The replacement is late."
starts = 2021-01-01
ends = 2021-06-01
"""

FINDING = """\
id = "F-1"
vendor = "maker"
names = ["Somebody else's tool"]
not_this_vendor = true
by = "The head of procurement"
reason = "Another company of the same name."
starts = 2021-01-01
ends = 2031-06-01
"""


def test_waivers_and_findings_are_read_from_a_folder(tmp_path: Path) -> None:
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "one.toml").write_text(WAIVER)
    assert [waiver.id for waiver in load_waivers(tmp_path)] == ["W-1"]
    (tmp_path / "below" / "one.toml").write_text(FINDING)
    assert [finding.id for finding in load_findings(tmp_path)] == ["F-1"]


@pytest.mark.parametrize("key", [line.partition(" ")[0] for line in WAIVER.splitlines()])
def test_a_waiver_lacks_nothing(key: str, tmp_path: Path) -> None:
    (tmp_path / "one.toml").write_text("".join(li for li in WAIVER.splitlines(True) if not li.startswith(f"{key} ")))
    with pytest.raises(PolicyError, match=rf"one\.toml:\d+: {key}"):
        load_waivers(tmp_path)


@pytest.mark.parametrize("key", ["id", "vendor", "by", "reason", "starts", "ends"])
def test_a_finding_lacks_nothing(key: str, tmp_path: Path) -> None:
    (tmp_path / "one.toml").write_text("".join(li for li in FINDING.splitlines(True) if not li.startswith(f"{key} ")))
    with pytest.raises(PolicyError, match=rf"one\.toml:\d+: {key}"):
        load_findings(tmp_path)


@pytest.mark.parametrize(
    ("said", "instead"),
    [
        ("ends = 2031-06-01", "ends = 2020-06-01"),
        ("ends = 2031-06-01", "ends = 2021-01-01"),
        ("ends = 2031-06-01", "ends = 2031-06-01T00:00:00"),
        ("ends = 2031-06-01", 'ends = "2031-06-01"'),
        ("not_this_vendor = true", 'not_this_vendor = "yes"'),
        ("not_this_vendor = true", 'categories = ["toy"]'),
        ("not_this_vendor = true", 'facts = { colour = "red" }'),
        ("not_this_vendor = true", 'facts = { device = "toaster" }'),
        ("not_this_vendor = true", 'verdict = "allow"'),
        ("not_this_vendor = true\n", ""),  # it finds nothing
        ('names = ["Somebody else\'s tool"]\n', ""),  # it is about nothing
    ],
)
def test_a_finding_that_is_not_exact_is_refused(said: str, instead: str, tmp_path: Path) -> None:
    assert said in FINDING
    (tmp_path / "one.toml").write_text(FINDING.replace(said, instead))
    with pytest.raises(PolicyError, match=r"one\.toml"):
        load_findings(tmp_path)


def test_the_faults_of_all_waivers_are_named_at_once(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(WAIVER.replace("2021-06-01", "2020-06-01"))
    (tmp_path / "b.toml").write_text(WAIVER + "forever = true\n")
    (tmp_path / "c.toml").write_text("this is no TOML")
    (tmp_path / "d.toml").write_text(WAIVER)
    with pytest.raises(PolicyError) as caught:
        load_waivers(tmp_path)
    assert [Path(problem.file).name for problem in caught.value.problems] == ["a.toml", "b.toml", "c.toml"]
    assert [problem.line for problem in caught.value.problems][1:] == [10, 1]


def test_a_folder_of_waivers_that_is_not_there_is_refused(tmp_path: Path) -> None:
    for loader in (load_waivers, load_findings):
        with pytest.raises(PolicyError, match="is no folder"):
            loader(tmp_path / "absent")
