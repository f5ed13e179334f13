"""Replay: what was stored, judged by the law that was stored, gives the same bytes; else the difference is shown."""

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from gate import load
from gate.asking import Asking, Finding
from gate.cli import main
from gate.errors import Erased, StoreError
from gate.law import Law
from gate.store import Store, Who, in_force
from gate.store.erase import erase, retain
from gate.store.pack import packed, unpacked
from gate.store.replay import replay
from policy.dates import Span
from tests.stores import HARMLESS, NOW, Judge, opened, request, waiver

SBOMS = Path(__file__).parents[1] / "sboms"
WHO = Who("cli:test")


def finding() -> Finding:
    """One that says that a component is another's."""
    return Finding(
        "F-1",
        "kaspersky",
        ("pkg:npm/x",),
        frozenset({"x"}),
        True,
        frozenset(),
        {"device": "no"},
        Span(date(2026, 1, 1)),
    )


@pytest.mark.parametrize("path", sorted(SBOMS.glob("*.cdx.*")), ids=lambda path: path.name)
def test_every_sample_is_decided_again_byte_for_byte(path: Path, judge: Judge, tmp_path: Path) -> None:
    with opened(str(tmp_path / "gate.db")) as store:
        asking = Asking(now=NOW, profile=judge.law.profiles["us-federal-contractor"], acts=("use",))
        name = judge.store(store, path.read_bytes(), asking=asking)
        found = replay(store, name)
        assert found.same
        assert found.replayed == found.stored == judge.last
        assert found.differences == ()


def test_every_circumstance_is_kept(store: Store, judge: Judge) -> None:
    for name in ("W-1", "W-2"):
        store.waivers.request(waiver(name), judge.law, Who("oidc:https://id.example.com#clerk"), NOW)
        store.waivers.approve(name, judge.law, Who("oidc:https://id.example.com#boss"), NOW)
    asking = Asking(
        now=NOW,
        profile=judge.law.profiles["us-federal-contractor"],
        roles=frozenset({"us-person", "us-federal-contractor"}),
        as_of=date(2024, 7, 20),
        known_at=NOW - timedelta(days=300),
        allow_past=True,
        on_review="allow",
        waivers=store.waivers.in_force(judge.law, NOW),
        findings=(finding(),),
    )
    found = replay(store, judge.store(store, request(), asking=asking))
    assert found.same
    body = msgspec.json.decode(found.replayed)
    assert (body["as_of"], body["past_allowed"]) == ("2024-07-20", True)


def test_an_attached_sbom_is_kept_and_judged_again(store: Store, judge: Judge) -> None:
    lines = [{**HARMLESS["lines"][0], "sbom": {"path": "parts/app.json"}}]
    part = {"type": "library", "name": "x", "purl": "pkg:npm/%40kaspersky/x@1"}
    sbom = json.dumps({"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [part]}).encode()
    name = judge.store(store, request(1, HARMLESS, lines=lines), attached={"parts/app.json": sbom})
    found = replay(store, name)
    assert found.same
    assert msgspec.json.decode(found.replayed)["coverage"]["components"] == 2
    stored = store.decisions.one(name)
    assert stored is not None
    assert store.blobs.data(stored.attached["parts/app.json"]) == sbom


def test_after_the_law_changed_a_decision_is_made_again_by_the_law_it_was_made_by(store: Store, judge: Judge) -> None:
    name = judge.store(store, request())
    law = judge.law
    changed = msgspec.structs.replace(
        law, digest="sha256:changed", clauses=tuple(c for c in law.clauses if "kaspersky" not in c.code)
    )
    newer = Judge(changed)
    newer.store(store, request())
    by_new_law = msgspec.json.decode(newer.last)
    found = replay(store, name)
    assert found.same
    assert found.law == law.digest
    codes = {one["code"] for one in msgspec.json.decode(found.replayed)["reasons"]}
    assert any("kaspersky" in code for code in codes)
    assert not any("kaspersky" in one["code"] for one in by_new_law["reasons"])


def test_where_a_decision_comes_out_differently_the_place_is_shown(
    store: Store, judge: Judge, capsys: pytest.CaptureFixture[str]
) -> None:
    name = judge.store(store, request())
    with store.database.writing() as connection:
        record = unpacked(connection.execute(text("SELECT record FROM records")).scalar_one())
        other = packed(record.replace(b'"decision":"deny"', b'"decision":"allow"'))
        connection.execute(text("UPDATE records SET record = :r"), {"r": other})
    found = replay(store, name)
    assert not found.same
    assert ("/decision", "allow", "deny") in [(one.pointer, one.stored, one.replayed) for one in found.differences]
    url = store.database.url.render_as_string(hide_password=False)
    assert main(["replay", name, "--store", url]) == 1
    assert "DIFFERENT" in capsys.readouterr().out


def test_the_command_says_that_it_is_the_same(
    store: Store, judge: Judge, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    name = judge.store(store, request())
    url = store.database.url.render_as_string(hide_password=False)
    assert main(["replay", name, "--store", url]) == 0
    assert capsysbinary.readouterr().out.startswith(b"the same  decision " + name.encode())
    assert main(["replay", name, "--json", "--store", url]) == 0
    assert judge.last in capsysbinary.readouterr().out
    assert main(["replay", "no-such-decision", "--store", url]) == 2


def test_what_was_erased_is_not_made_again(store: Store, judge: Judge) -> None:
    one, two = judge.store(store, request(1)), judge.store(store, request(2))
    erase(store.chain, [one], "asked for", WHO, NOW)
    with pytest.raises(Erased, match="Personal fields"):
        replay(store, one)
    retain(store.chain, WHO, NOW, inputs_before=NOW + timedelta(days=1))
    with pytest.raises(Erased, match="was erased on 2026-11-24"):
        replay(store, two)


class TestLaws:
    def test_a_law_comes_back_as_it_was(self, store: Store, law: Law) -> None:
        reference = store.laws.put(law, NOW)
        found = store.laws.load(reference)
        assert found == law
        assert found.digest == law.digest

    def test_the_same_law_has_the_same_reference_wherever_it_was_loaded(self, store: Store, law: Law) -> None:
        assert (
            store.laws.put(load(), NOW)
            == store.laws.put(law, NOW)
            == store.laws.put(store.laws.load(store.laws.put(law, NOW)), NOW)
        )

    def test_a_law_of_another_version_of_the_gate_is_named(self, store: Store) -> None:
        data = msgspec.msgpack.encode({"version": "1"})
        reference = store.blobs.put(data, "x/y", NOW)
        with pytest.raises(StoreError, match="another version"):
            store.laws.load(reference)
        with pytest.raises(StoreError, match="not in the store"):
            store.laws.load("sha256:" + "0" * 64)


words = st.frozensets(st.text(max_size=5), max_size=3)


@given(st.data())
def test_waivers_and_findings_are_read_back_as_they_were(data: st.DataObject) -> None:
    from gate.asking import Waiver
    from gate.waiver import Grant

    moments: Any = st.one_of(st.dates(), st.datetimes(timezones=st.just(NOW.tzinfo)))
    spans = st.builds(Span, moments, st.none() | moments)
    texts = st.lists(st.text(max_size=5), max_size=3).map(tuple)
    word = st.text(max_size=5)
    grants = st.builds(Grant, word, texts, word, word, word, spans)
    waivers = tuple(data.draw(st.lists(st.builds(Waiver, grants, words, words, texts, words), max_size=2)))
    facts = st.dictionaries(word, st.one_of(word, st.floats(allow_nan=False, allow_infinity=False)), max_size=2)
    findings = tuple(
        data.draw(
            st.lists(
                st.builds(Finding, word, word, texts, words, st.booleans(), words, facts, spans, word, word), max_size=2
            )
        )
    )
    encoded = in_force.encoded(waivers, findings)
    assert in_force.decoded(encoded) == in_force.InForce(waivers, findings)
    assert in_force.encoded(*msgspec.structs.astuple(in_force.decoded(encoded))) == encoded
