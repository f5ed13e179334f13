"""What was answered before is never another answer: a law that remembers decides as one that was made anew."""

from datetime import date, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gate import Asking, check
from gate import answer as answering
from gate.asking import Finding, Waiver
from gate.decision import Decision
from gate.errors import UsageError
from gate.law import Law
from gate.match import Matcher
from gate.memory import FEWEST_KEPT
from gate.read import read
from gate.screen import Sieve
from gate.subject import Subject
from gate.waiver import Grant
from policy.dates import Span
from tests import strategies as made

# Everything comes from a few values, so that much is asked again, and what is asked anew differs in one thing alone.
DAYS = ["2024-07-19", "2024-07-20", "2024-09-29", "2026-11-27"]
NAMES = ["x", "Kaspersky Endpoint Security", "Kaspersky Threat Intelligence Portal"]
MAKERS = st.fixed_dictionaries({"name": st.sampled_from(["Kaspersky Lab", "ZTE", "Acme"])})

REQUESTS = st.fixed_dictionaries(
    {
        "id": st.just("PR-1"),
        "buyer": st.fixed_dictionaries({"roles": st.sampled_from([[], ["us-person"], ["us-federal-agency"]])}),
        "agreement": st.sampled_from(["new", "renewal"]),
        "ordered": st.sampled_from([*DAYS, "2024-07-20T00:00:00-04:00"]),
        "lines": st.lists(
            st.fixed_dictionaries(
                {"product": st.sampled_from(NAMES), "manufacturer": MAKERS},
                optional={
                    "supplier": MAKERS,
                    "category": st.sampled_from(["anti-virus", "security-training", "router"]),
                    "facts": st.just({"hosting": "local"}),
                },
            ),
            min_size=1,
            max_size=2,
        ),
    }
)

SBOMS = st.lists(
    st.fixed_dictionaries(
        {"type": st.sampled_from(["library", "application", "device"]), "name": st.sampled_from(NAMES)},
        optional={"publisher": st.just("Kaspersky Lab"), "supplier": MAKERS, "scope": st.just("excluded")},
    ),
    min_size=1,
    max_size=3,
).map(lambda components: made.sbom(*components))

SPAN = Span(date(2020, 1, 1), date(2030, 1, 1))
WAIVERS = tuple(
    Waiver(
        Grant(f"W-{prohibition}", (prohibition,), "agency-head", "Head", "sec. 1", SPAN),
        *(frozenset({"kaspersky", "zte"}), frozenset(), (), frozenset()),
    )
    for prohibition in ("us-ndaa-fy2019-889-a1b", "us-ndaa-fy2018-1634")
)
FINDINGS = (
    Finding("F-1", "kaspersky", (), frozenset({"x"}), True, frozenset({"security-training"}), {}, SPAN),
    Finding("F-2", "zte", (), frozenset({"x"}), True, frozenset({"router"}), {"hosting": "vendor"}, SPAN),
)


def askings(law: Law) -> st.SearchStrategy[Asking]:
    """Circumstances of a check."""
    instants = [datetime.fromisoformat(f"{day}T04:00:00+00:00") for day in DAYS]
    profiles = [law.profiles[name] for name in ("us-company", "us-software-vendor")]
    return st.builds(
        Asking,
        now=st.sampled_from(instants),
        profile=st.sampled_from([None, *profiles]),
        as_of=st.sampled_from([None, *instants, date.fromisoformat(DAYS[1])]),
        known_at=st.sampled_from([None, *instants]),
        allow_past=st.just(True),
        on_review=st.sampled_from([None, "allow"]),
        waivers=st.sampled_from([(), WAIVERS]),
        findings=st.sampled_from([(), FINDINGS]),
    )


def decided(subject: Subject, law: Law, asking: Asking, sieve: Sieve | None = None) -> Decision | str:
    try:
        return check(subject, law, asking, sieve)
    except UsageError as error:
        return str(error)


def anew(law: Law) -> Law:
    """The same law, which has decided nothing yet."""
    return msgspec.msgpack.decode(msgspec.msgpack.encode(law), type=Law)


@given(st.data(), st.sampled_from([4000, 4000, 4000, 1]))
def test_a_law_that_has_decided_before_decides_as_one_made_anew(law: Law, data: st.DataObject, most: int) -> None:
    used, sieve = anew(law), Sieve(Matcher(law.register))
    first = data.draw(REQUESTS | SBOMS), data.draw(askings(law))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(answering, "FEWER_KEPT", most)
        for _ in range(5):
            document = msgspec.json.encode(data.draw(_alike(first[0])))
            asking = data.draw(st.just(first[1]) | askings(law))
            subjects = [read(document, "x.json", now=asking.now) for _ in range(2)]
            told = decided(subjects[0], used, asking, sieve)
            assert msgspec.json.encode(told) == msgspec.json.encode(decided(subjects[1], anew(law), asking))


def _alike(document: made.Json) -> st.SearchStrategy[made.Json]:
    """The document again, or one that differs in a few things."""
    if "lines" not in document:
        return st.just(document) | SBOMS
    keys: st.SearchStrategy[tuple[str, ...]] = st.sampled_from(
        [(), ("buyer",), ("agreement",), ("ordered",), ("lines",)]
    )
    return st.builds(lambda other, changed: {**document, **{key: other[key] for key in changed}}, REQUESTS, keys)


def test_what_is_asked_again_is_not_worked_out_again(law: Law) -> None:
    law = anew(law)
    asking = Asking(now=made.SECOND, allow_past=True)
    request = {"buyer": {"roles": ["us-person"]}, "agreement": "new", "ordered": "2024-07-20"}
    line = {"product": "x", "manufacturer": {"name": "Kaspersky Lab, Inc."}}
    for number in range(3):
        document = msgspec.json.encode({"id": f"PR-{number}", **request, "lines": [line]})
        assert decided(read(document, "x.json", now=asking.now), law, asking) != ""
        assert len(law.known(asking.now).answers) == 4  # acquire, and what it implies


def test_a_law_keeps_few_of_the_forms_in_which_it_was_known(law: Law) -> None:
    law = anew(law)
    days = [made.SECOND - timedelta(days=30 * number) for number in range(100)]
    known = {len(law.known(day).clauses) for day in days}
    assert len(known) > FEWEST_KEPT
    assert len(law._known) <= FEWEST_KEPT
