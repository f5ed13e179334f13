"""What is looked at: a request's lines, and of the SBOMs attached to them what an SBOM alone would be looked at for."""

from datetime import timedelta

import msgspec

from gate import Asking
from gate.find import find, suspects
from gate.law import Law
from gate.match import Matcher
from gate.read import read, read_sbom
from gate.screen import FEW, Sieve
from gate.subject import Subject
from tests import strategies as made

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
