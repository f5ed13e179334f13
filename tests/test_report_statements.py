"""Reports for other programs to rely on: CycloneDX declarations and in-toto statements."""

import json
from pathlib import Path

import msgspec
import pytest

from gate.record import Run
from tests import parsers
from tests.boms import Json
from tests.command import inside
from tests.parsers import PARSERS
from tests.records import FAILURE, LAST_DAY, LAW, RUNS, component, reason, record
from tests.rendered import rendered

# --- CycloneDX --------------------------------------------------------------------------------------------------------


def declared(name: str) -> Json:
    found: Json = parsers.cyclonedx(rendered("cyclonedx", RUNS[name]))["declarations"]
    return found


def test_what_a_clause_bars_is_a_counter_claim_and_what_it_lets_pass_a_claim() -> None:
    body = declared("every effect")
    [attestation] = body["attestations"]
    by_requirement = {mapped["requirement"]: mapped for mapped in attestation["map"]}
    for effect, side, score in [
        ("deny", "counterClaims", 0),
        ("review", "counterClaims", 0),
        ("warn", "claims", 1),
        ("note", "claims", 1),
    ]:
        mapped = by_requirement[f"requirement:test-law/{effect}"]
        assert len(mapped[side]) == 1
        assert not {"claims", "counterClaims"} - {side} & set(mapped)
        assert mapped["conformance"]["score"] == score
        assert mapped["conformance"]["rationale"]
        assert ("confidence" in mapped) == (effect == "review")


def test_every_instrument_is_a_standard_and_every_clause_a_requirement_with_its_link() -> None:
    body = parsers.cyclonedx(rendered("cyclonedx", RUNS["every effect"]))
    [standard] = body["definitions"]["standards"]
    assert standard["name"] == "test-law"
    assert [one["identifier"] for one in standard["requirements"]] == sorted(
        f"test-law/{effect}" for effect in ("deny", "note", "review", "warn")
    )
    for requirement in standard["requirements"]:
        assert requirement["text"] == "Nobody may use it"
        assert [link["url"] for link in requirement["externalReferences"]] == [LAW]


def test_what_the_document_said_is_evidence_and_a_waiver_is_one_that_expires() -> None:
    pieces = declared("waived")["evidence"]
    assert [piece.get("expires") for piece in pieces] == [None, "2027-08-13T04:00:00Z"]
    assert pieces[0]["propertyName"] == "procurement-gate:purl"
    assert pieces[0]["data"][0]["contents"]["attachment"]["content"] == "pkg:npm/%40acme/part-0@1.0"
    assert pieces[1]["author"]["name"] == "The head of the agency"
    assert f"{LAST_DAY:%Y}" in pieces[1]["expires"]
    [claim] = declared("waiver refused")["claims"]
    assert len(claim["counterEvidence"]) == 1


def test_the_documents_judged_are_targets_with_their_digests() -> None:
    body = parsers.cyclonedx(rendered("cyclonedx", RUNS["several inputs"]))
    targets = body["declarations"]["targets"]["components"]
    assert [one["name"] for one in targets] == ["bom.json", "bom.json", "PR-1"] + ["part-0"] * 3
    assert targets[2]["hashes"] == [{"alg": "SHA-256", "content": "12" * 32}]


def test_beyond_a_thousand_components_it_says_how_many_it_left_out() -> None:
    parts = tuple(component(number) for number in range(1200))
    body = parsers.cyclonedx(rendered("cyclonedx", Run((record(reason("deny", components=parts)),))))
    stated = {one["name"]: one["value"] for one in body["metadata"]["properties"]}
    assert stated["procurement-gate:cut"].startswith("200 components")
    assert len(body["declarations"]["claims"]) == 1000


def test_a_declaration_can_be_read_by_the_library() -> None:
    from cyclonedx.model.bom import Bom

    read = Bom.from_json(json.loads(rendered("cyclonedx", RUNS["every effect"])))  # type: ignore[attr-defined] # added by its decorator
    assert read.serial_number.hex == RUNS["every effect"].records[0].id.replace("-", "")


@pytest.mark.parametrize("name", ["deny", "every effect", "several inputs", "allow without a reason", "attached SBOM"])
def test_a_verdict_that_is_judged_in_place_of_the_document_is_no_verdict(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "bom.json").write_bytes(rendered("cyclonedx", RUNS[name]))
    assert inside("check", str(tmp_path / "bom.json")) == 2
    assert inside("check", "--validate", "--exit-zero", str(tmp_path / "bom.json")) == 2
    assert "There is nothing to judge" in capsys.readouterr().err
    lines = [{"product": "Suite", "manufacturer": {"name": "Example"}, "sbom": {"path": "bom.json"}}]
    body = {"id": "1", "buyer": {"roles": ["us-person"]}, "ordered": "2031-01-01", "lines": lines}
    (tmp_path / "request.json").write_text(json.dumps(body))
    assert inside("check", str(tmp_path / "request.json")) == 3


# --- Statements -------------------------------------------------------------------------------------------------------


def test_a_statement_names_every_document_by_its_digest() -> None:
    for form in ("vsa", "test-result"):
        body = PARSERS[form](rendered(form, RUNS["several inputs"]))
        assert [one["digest"]["sha256"] for one in body["subject"]] == ["ab" * 32, "ab" * 32, "12" * 32]


def test_one_input_without_a_verdict_fails_the_statement_about_the_others() -> None:
    run = Run(RUNS["allow without a reason"].records, (FAILURE,))
    assert parsers.vsa(rendered("vsa", run))["predicate"]["verificationResult"] == "FAILED"
    assert parsers.test_result(rendered("test-result", run))["predicate"]["result"] == "FAILED"


def test_a_past_that_was_chosen_gives_another_level() -> None:
    assert parsers.vsa(rendered("vsa", RUNS["past chosen"]))["predicate"]["verifiedLevels"] == [
        "PROCUREMENT_GATE_ALLOW_AS_OF_A_CHOSEN_PAST"
    ]


def test_of_several_effects_of_a_clause_the_gravest_is_the_tests_result() -> None:
    both = (
        reason("note", code="a/b"),
        reason("deny", code="a/b"),
        reason("warn", code="a/c"),
        reason("note", code="a/c"),
    )
    predicate = parsers.test_result(rendered("test-result", Run((record(*both),))))["predicate"]
    assert (predicate["failedTests"], predicate["warnedTests"], predicate["passedTests"]) == (["a/b"], ["a/c"], [])


def test_records_can_be_told_apart_from_those_of_other_schemas() -> None:
    assert all(one["schema"] == 1 for one in parsers.as_json(rendered("json", RUNS["several inputs"])))
    assert msgspec.json.decode(rendered("json", RUNS["deny"]))["decision"] == "deny"
