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


@st.composite
def askings(draw: st.DrawFn, law: Law) -> Asking:
    """Circumstances of a check: any time, profile and roles, with a waiver or a finding now and then."""
    edges = {clause.published for clause in law.clauses} | {
        edge for clause in law.clauses for edge in (clause.interval.starts, clause.interval.ends) if edge is not None
    }
    moments = made.instants_about(edges)
    now = draw(moments)
    span = Span(date(2020, 1, 1), date(2025, 1, 1))
    vendor = draw(st.sampled_from(sorted(law.vendors)))
    grant = Grant("W", (law.clauses[0].instrument,), "agency-head", "Head", "sec. 1", span)
    waiver = Waiver(grant, frozenset({vendor}), frozenset(), (), frozenset())
    finding = Finding("F", vendor, (), frozenset({"x"}), draw(st.booleans()), frozenset({"software"}), {}, span)
    return Asking(
        now=now,
        profile=draw(st.none() | st.sampled_from(sorted(law.profiles)).map(law.profiles.__getitem__)),
        roles=draw(st.frozensets(st.sampled_from(["us-person", "us-federal-agency"]))),
        as_of=draw(st.none() | moments | moments.map(datetime.date)),
        known_at=draw(st.none() | moments),
        allow_past=True,
        on_review=draw(st.none() | st.sampled_from(["deny", "allow"])),
        waivers=(waiver,) if draw(st.booleans()) else (),
        findings=(finding,) if draw(st.booleans()) else (),
    )


def decided(subject: Subject, law: Law, asking: Asking, sieve: Sieve | None = None) -> Decision | str:
    try:
        return check(subject, law, asking, sieve)
    except UsageError as error:
        return str(error)


def anew(law: Law) -> Law:
    """The same law, which has decided nothing yet."""
    return msgspec.msgpack.decode(msgspec.msgpack.encode(law), type=Law)


@given(st.data(), st.sampled_from([1, 4000]))
def test_a_law_that_has_decided_before_decides_as_one_made_anew(law: Law, data: st.DataObject, most: int) -> None:
    sieve = Sieve(Matcher(law.register))
    documents = data.draw(st.lists(made.boms() | made.requests(), min_size=1, max_size=2))
    circumstances = data.draw(st.lists(askings(law), min_size=1, max_size=2))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(answering, "FEWER_KEPT", most)
        for _ in range(data.draw(st.integers(2, 4))):
            document = msgspec.json.encode(data.draw(st.sampled_from(documents)))
            asking = data.draw(st.sampled_from(circumstances))
            subjects = [read(document, "x.json", now=asking.now) for _ in range(2)]
            told = decided(subjects[0], law, asking, sieve)
            assert msgspec.json.encode(told) == msgspec.json.encode(decided(subjects[1], anew(law), asking))


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
