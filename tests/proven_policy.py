"""A small policy of invented makers, whose cases prove all of it, and ways to spoil it."""

from pathlib import Path

from gate.cases import Posed, judge
from gate.compile import compiled
from gate.law import Law
from gate.match import Matcher
from gate.mutation import Result, survivors
from gate.screen import Sieve
from policy.load import Policy, load

OLD, NEW = "prohibitions/xx/xx-2020.toml", "prohibitions/xx/xx-2024.toml"
OLD_CASES, NEW_CASES = "cases/xx/xx-2020.toml", "cases/xx/xx-2024.toml"
MAKER, PARENT, LISTED = "vendors/maker.toml", "vendors/parent.toml", "lists/listed.toml"

HEAD = """\
id = "{id}"
title = "A ban"
kind = "prohibition"
jurisdiction = "XX"
authority = "A ministry"
time_zone = "Europe/Berlin"
published = {published}
checked = 2024-06-01
provenance = "official"
citation = {{ text = "Gazette", url = "https://gazette.example/1" }}
"""

FILES = {
    OLD: HEAD.format(id="xx-2020", published="2020-01-10")
    + """\
binds = ["us-person"]
vendors = ["parent"]

[scope]

[[clauses]]
id = "buy"
text = "Nobody may buy it."
acts = ["acquire"]
starts = 2020-03-01
ends = 2024-01-01
""",
    NEW: HEAD.format(id="xx-2024", published="2023-11-20")
    + """\
replaces = ["xx-2020"]
binds = ["us-person"]
lists = ["listed"]
reach = ["subsidiaries"]

[scope]
positions = ["supplier", "producer"]

[[exceptions]]
id = "testing"
text = "Testing is left alone."
purposes = ["security-testing"]

[[clauses]]
id = "buy"
text = "Nobody may buy it."
acts = ["acquire"]
starts = 2024-01-01

[[clauses]]
id = "phones"
text = "Nobody may use it on a phone of the government."
acts = ["use"]
starts = 2024-02-01
effect = "review"
facts = { device = ["government-mobile"] }

[[waivers_allowed]]
by = "minister"
text = "The minister may."
until = 2025-01-01
""",
    LISTED: """\
id = "listed"
title = "A list"
authority = "A ministry"
jurisdiction = "XX"
time_zone = "Europe/Berlin"
checked = 2024-06-01
provenance = "official"
citation = { text = "List", url = "https://gazette.example/list" }

[[rows]]
vendor = "parent"
name = "Parent Ltd"
published = 2023-11-10
ends = 2026-01-01
""",
    MAKER: """\
id = "maker"
name = "Maker Ltd"
categories = ["software"]
source = "https://register.example/maker"
purls = ["pkg:npm/maker"]

[[products]]
names = ["Maker Office"]
categories = ["software"]

[[owners]]
vendor = "parent"
kind = "subsidiary"
starts = 2015-01-01
ends = 2025-07-01
source = "https://register.example/sale"
""",
    PARENT: 'id = "parent"\nname = "Parent Ltd"\nsource = "https://register.example/parent"\n',
    OLD_CASES: """\
prohibition = "xx-2020"

[request]
lines = [{ product = "Office", manufacturer = { name = "Parent Ltd" } }]
buyer = { roles = ["us-person"] }
acts = ["acquire", "provide"]
""",
    NEW_CASES: """\
prohibition = "xx-2024"

[request]
lines = [{ product = "Office", manufacturer = { name = "Parent Ltd" } }]
buyer = { roles = ["us-person"] }
acts = ["acquire", "provide"]
purposes = ["other"]
""",
}


def case(name: str, expect: str, reasons: str, request: str, more: str = "") -> str:
    said = f'name = "{name}"\nexpect = "{expect}"\nreasons = {{ {reasons} }}'
    return f"\n[[case]]\n{said}\n{more}request = {{ {request} }}\n"


WAIVER = """
[[case.waivers]]
id = "W"
prohibitions = ["xx-2024"]
vendors = ["parent"]
granted_by = "minister"
authority = "Gazette"
approver = "The minister"
reason = "Late."
starts = 2024-01-01
ends = {ends}
"""

MAKER_LINE = 'lines = [{ product = "Office", manufacturer = { name = "Maker Ltd" } }]'
SUPPLIER_LINE = """\
lines = [{ product = "Portal", supplier = { name = "Parent Ltd" }, manufacturer = { name = "Other Ltd" } }]"""
PART_LINE = 'lines = [{ product = "Portal", manufacturer = { name = "Other Ltd" }, sbom = { path = "portal" } }]'
PORTAL = """{ bomFormat = "CycloneDX", specVersion = "1.6", \
metadata = { component = { type = "application", name = "x" } }, \
components = [{ type = "library", name = "x", supplier = { name = "Parent Ltd" } }] }"""
PHONE = 'acts = ["use"], agreement = "existing", facts = { device = "government-mobile" }'

CASES = {
    OLD_CASES: [
        case("before", "allow", 'buy = "warn"', "ordered = 2020-02-29T23:59:59+01:00"),
        case("first", "deny", 'buy = "deny"', "ordered = 2020-03-01T00:00:00+01:00"),
        case("last", "deny", 'buy = "deny"', "ordered = 2023-12-31T23:59:59+01:00"),
        case("after", "allow", 'buy = "note"', "ordered = 2024-01-01T00:00:00+01:00"),
        case("unbound", "allow", 'buy = "none"', 'ordered = 2021-01-01, buyer = { roles = ["de-person"] }'),
        case("unknown", "allow", 'buy = "none"', "ordered = 2021-01-01", "known_at = 2020-01-09T23:59:59+01:00\n"),
        case("known", "deny", 'buy = "deny"', "ordered = 2021-01-01", "known_at = 2020-01-10T00:00:00+01:00\n"),
    ],
    NEW_CASES: [
        case("before", "allow", 'buy = "warn"', "ordered = 2023-12-31T23:59:59+01:00"),
        case("first", "deny", 'buy = "deny"', "ordered = 2024-01-01T00:00:00+01:00"),
        case("on a list to the last", "deny", 'buy = "deny"', "ordered = 2025-12-31T23:59:59+01:00"),
        case("off the list", "allow", 'buy = "note"', "ordered = 2026-01-01T00:00:00+01:00"),
        case("owned to the last", "deny", 'buy = "deny"', f"ordered = 2025-06-30, {MAKER_LINE}"),
        case("sold", "allow", 'buy = "note"', f"ordered = 2025-07-01, {MAKER_LINE}"),
        case("unbound", "allow", 'buy = "none"', 'ordered = 2024-05-05, buyer = { roles = ["de-person"] }'),
        case("a part", "allow", 'buy = "note"', f"ordered = 2024-05-05, {PART_LINE}, sboms = {{ portal = {PORTAL} }}"),
        case("supplied", "deny", 'buy = "deny"', f"ordered = 2024-05-05, {SUPPLIER_LINE}"),
        case("tested", "allow", 'buy = "note"', 'ordered = 2024-05-05, purposes = ["security-testing"]'),
        case("phone before", "allow", 'phones = "warn"', f"ordered = 2024-01-31T23:59:59+01:00, {PHONE}"),
        case("phone first", "review", 'phones = "review"', f"ordered = 2024-02-01T00:00:00+01:00, {PHONE}"),
        case("no phone", "allow", 'phones = "note"', f"ordered = 2024-02-01, {PHONE.replace('mobile', 'other')}"),
        case("unknown", "allow", 'buy = "none"', "ordered = 2024-05-05", "known_at = 2023-11-19T23:59:59+01:00\n"),
        case("known", "allow", 'phones = "note"', f"ordered = 2024-05-05, {PHONE.replace('mobile', 'other')}",
             "known_at = 2023-11-20T00:00:00+01:00\n"),
        case("waived", "allow", 'buy = "note"', "ordered = 2024-05-05") + WAIVER.format(ends="2025-01-01"),
        case("waived too long", "deny", 'buy = "deny"', "ordered = 2024-05-05")
        + WAIVER.format(ends="2025-01-01T00:00:01+01:00"),
    ],
}  # fmt: skip


def proven(place: Path) -> Path:
    """A policy in which everything is proven."""
    for name, text in FILES.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_text(text + "".join(CASES.get(name, ())), "utf-8")
    return place


def alter(folder: Path, name: str, said: str, instead: str) -> int:
    """Replace words of a file; the line on which they stood."""
    text = (folder / name).read_text("utf-8")
    assert text.count(said) >= 1, said
    (folder / name).write_text(text.replace(said, instead, 1), "utf-8")
    return text[: text.index(said)].count("\n") + 1


def without(folder: Path, name: str, *cases: str) -> None:
    """The cases of an instrument, less some."""
    kept = [one for one in CASES[name] if not any(f'name = "{dropped}"' in one for dropped in cases)]
    assert len(kept) == len(CASES[name]) - len(cases)
    (folder / name).write_text(FILES[name] + "".join(kept), "utf-8")


def posed(policy: Policy, law: Law) -> dict[str, list[Posed]]:
    sieve = Sieve(Matcher(law.register))
    found: dict[str, list[Posed]] = {}
    for name, cases in policy.cases.items():
        found[name] = [one for _, one in judge(cases, law, sieve) if isinstance(one, Posed)]
        assert len(found[name]) == len(cases.case)
    return found


def tried(folder: Path) -> Result:
    """The mutants of a policy."""
    policy = load([folder])
    law = compiled(policy)
    return survivors(policy, law, posed(policy, law))
