"""An organisation's own ban on one vendor, and a waiver of it, for tests in which the law or a waiver changes."""

from datetime import date, datetime, timedelta
from pathlib import Path

from gate.compiled import load
from gate.law import Law
from gate.store import Store, Who

BAN = """
id = "x-own-ban"
title = "An organisation's own ban"
kind = "prohibition"
jurisdiction = "US"
authority = "The organisation"
time_zone = "America/New_York"
published = {published}
provenance = "official"
checked = 2026-11-01
citation = {{ text = "Directive 7", url = "https://example.com/7" }}
binds = ["us-person"]
vendors = ["acme"]
reach = ["subsidiaries"]

[scope]
categories = ["software"]
positions = ["supplier", "producer", "component"]

[[waivers_allowed]]
by = "agency-head"
text = "The head of the agency may waive it"

[[clauses]]
id = "use"
acts = ["use"]
starts = {starts}
text = "Use of software by Acme"
remedy = "Stop using it."
"""

ACME = """
id = "acme"
name = "Acme Software Inc."
country = "US"
categories = ["software"]
names = ["Acme Software"]
source = "https://example.com/acme"
"""


CASE = """
[[case]]
name = "{name}"
expect = "{expect}"
reasons = {{ use = "{reason}" }}

[case.request]
buyer = {{ roles = ["us-person"] }}
agreement = "new"
acts = ["use"]
ordered = {day}
lines = [{{ product = "Suite", supplier = {{ name = "Acme Software" }}, category = "software" }}]
"""


def own(folder: Path, *, published: str = "2026-01-01", starts: str = "2027-06-01") -> Law:
    """The built-in law and one more ban."""
    for path, text in (
        ("prohibitions/us/x-own-ban.toml", BAN.format(published=published, starts=starts)),
        ("vendors/acme.toml", ACME),
    ):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    return load([folder])


def proven(folder: Path, *, starts: str = "2026-01-01") -> None:
    """The cases of `own`: with them the folder passes lint, as that of a service has to."""
    eve = f"{date.fromisoformat(starts) - timedelta(days=1)}T23:59:59-05:00"
    (folder / "cases/us").mkdir(parents=True)
    (folder / "cases/us/x-own-ban.toml").write_text(
        'prohibition = "x-own-ban"\n'
        + CASE.format(name="used in the last second before", expect="allow", reason="warn", day=eve)
        + CASE.format(name="used at its first instant", expect="deny", reason="deny", day=f"{starts}T00:00:00-05:00")
    )


def granted(store: Store, law: Law, ends: str, at: datetime) -> None:
    """Somebody asks for a waiver, and somebody else grants it."""
    body = {
        "prohibitions": ["x-own-ban"],
        "vendors": ["acme"],
        "granted_by": "agency-head",
        "authority": "Directive 7, section 3",
        "reason": "Until it is replaced",
        "starts": "2026-11-01",
        "ends": ends,
    }
    asked = store.waivers.request(body, law, Who("somebody"), at)
    store.waivers.approve(asked.id, law, Who("somebody else"), at)
