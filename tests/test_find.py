"""What is looked at: a request's lines, and of the SBOMs attached to them what an SBOM alone would be looked at for."""

from datetime import timedelta

import msgspec
import pytest

from gate import Asking, check
from gate.find import find, suspects
from gate.law import Law
from gate.match import Matcher
from gate.read import read, read_sbom
from gate.read.locate import Source
from gate.record import Run, record
from gate.screen import FEW, Sieve
from gate.subject import Subject
from tests import strategies as made
from tests.rendered import plain

PLAIN = [{"type": "library", "name": f"part-{n}", "purl": f"pkg:npm/part-{n}@1"} for n in range(2 * FEW)]
BANNED = {"type": "library", "name": "hexa-ui", "purl": "pkg:npm/%40kaspersky/hexa-ui@1"}


def request(*components: made.Json, product: str = "Thing") -> Subject:
    sbom = msgspec.json.encode(made.sbom(*components))
    line = {"product": product, "manufacturer": {"name": "Kaspersky Lab"}, "sbom": {"path": "a.json"}}
    document = {"id": "PR-1", "buyer": {"roles": ["us-person"]}, "agreement": "new", "ordered": "2024-07-20"}
    return read(
        msgspec.json.encode({**document, "lines": [line]}),
        "x.json",
        now=made.SECOND,
        attach=lambda path, _: read_sbom(sbom, path),
    )


def test_a_banned_part_of_a_large_attached_sbom_is_found_with_the_line_itself(law: Law) -> None:
    for place in (0, FEW, len(PLAIN)):
        subject = request(*PLAIN[:place], BANNED, *PLAIN[place:])
        sieve = Sieve(Matcher(law.register))
        asking = Asking(now=made.SECOND - timedelta(days=1))
        finds = find(subject, suspects(subject, sieve), law, asking, subject.as_of, sieve.matcher)
        names = {component.name for found in finds.values() for component, _ in found}
        assert names == {"Thing", "hexa-ui"}


def test_a_vendor_whose_clauses_bind_others_is_named_in_the_allow(law: Law) -> None:
    asking = Asking(now=made.SECOND, profile=law.profiles["tw-government"])
    found = check(read(msgspec.json.encode(made.sbom(BANNED)), "x.json", now=made.SECOND), law, asking)
    assert (found.decision, found.reasons) == ("allow", ())
    assert [vendor.id for vendor in found.set_aside.vendors] == ["kaspersky"]
    nothing = check(read(msgspec.json.encode(made.sbom(PLAIN[0])), "x.json", now=made.SECOND), law, asking)
    assert nothing.set_aside.vendors == ()


@pytest.mark.parametrize("form", ["text", "markdown", "html"])
def test_and_reports_say_so(law: Law, form: str) -> None:
    asking = Asking(now=made.SECOND, profile=law.profiles["tw-government"])
    data = msgspec.json.encode(made.sbom(BANNED))
    one = record(check(read(data, "x.json", now=made.SECOND), law, asking), Source(data), made.SECOND, "x.json")
    assert "Found, and not barred here: AO Kaspersky Lab." in plain(form, Run((one,)))
