"""What the service is asked and answers, for its description. Each answer is one of the built-in law, shortened."""

from datetime import UTC, date, datetime
from typing import Any

import msgspec

from gate.almanac import DRAWINGS
from gate.almanac.content import Almanac, Term
from gate.decision import (
    BuyerNamed,
    ComponentNamed,
    Coverage,
    Decision,
    Period,
    PolicyNamed,
    Reason,
    SetAside,
    SubjectNamed,
    VendorNamed,
)
from gate.digest import sha256
from gate.law import Citation, Clause
from gate.match import Evidence
from gate.reach import WAYS
from gate.record import Record, Run, written
from gate.report import report
from policy.dates import Interval

Json = dict[str, Any]

DIGEST = f"sha256:{'0' * 64}"

MOMENT = datetime(2026, 11, 24, 5, 8, tzinfo=UTC)

NEW_AGREEMENTS = "us-commerce-icts-2021-002-kaspersky/new-agreements"

_DECISION = Decision(
    decision="deny",
    review=False,
    as_of=date(2027, 3, 1),
    known_at=MOMENT,
    past_allowed=False,
    subject=SubjectNamed("request", "PR-2027-0117", DIGEST),
    buyer=BuyerNamed("Example Manufacturing LLC", None, ("us-person",)),
    policy=PolicyNamed("2026.11.28", DIGEST),
    reasons=(
        Reason(
            code=NEW_AGREEMENTS,
            effect="deny",
            message="Kaspersky may make no new agreement with a U.S. person about its cybersecurity or anti-virus "
            "products and services, since 20 July 2024 (89 FR 52434)",
            act="acquire",
            text="Kaspersky may make no new agreement with a U.S. person about its cybersecurity or anti-virus "
            "products and services.",
            when=Interval(datetime(2027, 3, 1, 5, tzinfo=UTC), datetime(2027, 3, 2, 5, tzinfo=UTC)),
            in_force=Interval(datetime(2024, 7, 20, 4, tzinfo=UTC), None),
            vendor=VendorNamed("kaspersky", "AO Kaspersky Lab"),
            components=(
                ComponentNamed(
                    ref="line:1",
                    position="producer and supplier",
                    name="Kaspersky Endpoint Security for Business",
                    version=None,
                    purl=None,
                    pointer="/lines/0",
                    line=1,
                    fingerprint="9f8810a2606abd61",
                    evidence=(Evidence("manufacturer.name", "Kaspersky Lab, Inc.", "AO Kaspersky Lab", "exact"),),
                    column=151,
                ),
            ),
            citation=(
                Citation("89 FR 52434", "https://regulations.justia.com/regulations/fedreg/2024/06/24/2024-13532.html"),
            ),
            provenance="secondary",
            published=datetime(2024, 6, 20, 4, tzinfo=UTC),
            checked="2026-11-23",
            remedy="Buy from another vendor.",
        ),
    ),
    coverage=Coverage(1, 1),
    set_aside=SetAside(0, 0),
    timeline=(Period(None, "allow"), Period(datetime(2024, 7, 20, 4, tzinfo=UTC), "deny")),
)

_RECORD = Record(
    id="01a20bf4-d764-77f9-ad9a-7ea558c4f714",
    decision=_DECISION,
    evaluated_at=MOMENT,
    engine="0.1.0",
    digest=sha256(msgspec.json.encode(_DECISION)),
    file="body",
)

DECISION: Json = msgspec.json.decode(written(_RECORD))


def reported(form: str) -> object:
    """The decision as a report has it: data where that is JSON, else text."""
    text = report(form)(Run((_RECORD,)), False)
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:
        return text.decode()


_ID: str = DECISION["id"]

_LAW: Json = {"version": "2026.11.28", "digest": DIGEST}

_CLAUSE = Clause(
    code=NEW_AGREEMENTS,
    title="Final Determination: Case No. ICTS-2021-002, Kaspersky Lab, Inc.",
    authority="U.S. Department of Commerce, Bureau of Industry and Security",
    kind="prohibition",
    jurisdiction="US",
    time_zone="America/New_York",
    published=datetime(2024, 6, 20, 4, tzinfo=UTC),
    checked="2026-11-23",
    provenance="secondary",
    citation=_DECISION.reasons[0].citation,
    text=str(_DECISION.reasons[0].text),
    note=None,
    remedy="Buy from another vendor.",
    effect="deny",
    acts=frozenset({"acquire", "renew"}),
    binds=frozenset({"us-person"}),
    vendors=frozenset({"kaspersky"}),
    controlled_from=frozenset(),
    reach=frozenset(),
    interval=Interval(datetime(2024, 7, 20, 4, tzinfo=UTC), None),
    categories=frozenset(),
    positions=frozenset(),
    purposes=frozenset(),
    agreements=frozenset(),
    facts={},
    exemptions=(),
    permissions=(),
)

_ALMANAC = Almanac(MOMENT, "2026.11.28", DIGEST, ("us-person",), (Term(_CLAUSE, _CLAUSE.interval),))


def drawn(form: str) -> str:
    """The almanac of one clause, in a form of the almanac."""
    return DRAWINGS[form](_ALMANAC).decode()


WANTED: Json = {
    "prohibitions": ["us-ndaa-fy2019-889-a1b"],
    "vendors": ["hikvision"],
    "granted_by": "agency-head",
    "authority": "Pub. L. 115-232 sec. 889(d)(1)",
    "reason": "The cameras are replaced by August.",
    "starts": "2022-01-15",
    "ends": "2022-08-13",
}

_WAIVED: Json = {
    "id": "01a20bf4-e1c8-7d3a-9a51-0f5c3f1b2a77",
    "state": "requested",
    "body": WANTED,
    "requester": "key:01a20bf0",
    "approver": None,
    "ends": "2022-08-13T00:00:00Z",
    "changed_at": "2026-11-24T05:08:00Z",
    "reason": None,
    "yours": True,
}

_READY: Json = {
    "status": "ok",
    "checks": {
        "store": {"ok": True},
        "law": {"ok": True, **_LAW, "loaded_at": "2026-11-24T05:08:00Z", "newest_refused": False},
        "age": {"ok": True, "days": 1},
    },
}

UNABLE: Json = {
    "status": "unable",
    "checks": {**_READY["checks"], "store": {"ok": False, "why": "The store cannot be reached"}},
}

ACCESS: Json = {
    "decision": False,
    "context": {
        "id": _ID,
        "review": False,
        "as_of": "2027-03-01",
        "law": DIGEST,
        "reasons": [{"code": NEW_AGREEMENTS, "effect": "deny", "vendor": "kaspersky"}],
    },
}

_BASE = "https://gate.example"

_BOUGHT: Json = {
    "id": _ID,
    "subject": "PR-2027-0117",
    "ends": None,
    "next_change": None,
    "looked_at": None,
    "law": None,
    "announced": None,
    "approved_at": "2026-11-24T05:08:00Z",
    "closed_at": None,
}

ANSWERS: dict[str, Json] = {
    "Decision": DECISION,
    "DecisionPage": {
        "items": [
            {
                "id": _ID,
                "seq": 1,
                "at": "2026-11-24T05:08:00Z",
                "decision": "deny",
                "review": False,
                "subject_kind": "request",
                "subject": "PR-2027-0117",
                "subject_digest": DIGEST,
                "law": DIGEST,
                "codes": [NEW_AGREEMENTS],
                "vendors": ["kaspersky"],
            }
        ],
        "next_page_token": None,
    },
    "Replay": {
        "id": _ID,
        "same": True,
        "law": DIGEST,
        "engine": "0.1.0",
        "differences": [],
        "stored": DECISION,
        "replayed": DECISION,
    },
    "Kept": {"digest": DIGEST, "size": 148, "components": 1},
    "Purchase": _BOUGHT,
    "Waived": _WAIVED,
    "WaiverPage": {"items": [_WAIVED], "next_page_token": None},
    "Almanac": msgspec.json.decode(drawn("json")),
    "Prohibition": msgspec.json.decode(drawn("json")),
    "Vendors": {
        "items": [
            {
                "id": "kaspersky",
                "name": "AO Kaspersky Lab",
                "country": "RU",
                "prohibitions": {**dict.fromkeys(WAYS, ()), "named": ["us-commerce-icts-2021-002-kaspersky"]},
                "certain": True,
                "products": [],
                "evidence": [
                    {"field": "manufacturer.name", "said": "kaspersky", "matched": "Kaspersky", "strength": "exact"}
                ],
            }
        ]
    },
    "AccessDecision": ACCESS,
    "AccessDecisions": {"evaluations": [ACCESS, {"decision": True, "context": {"id": _ID, "reasons": []}}]},
    "AuthzenConfiguration": {
        "policy_decision_point": _BASE,
        "access_evaluation_endpoint": f"{_BASE}/access/v1/evaluation",
        "access_evaluations_endpoint": f"{_BASE}/access/v1/evaluations",
    },
    "OpaDecision": {"decision_id": _ID, "result": DECISION},
    "OpaAllow": {"decision_id": _ID, "result": False},
    "Health": {"status": "ok"},
    "Readiness": _READY,
    "Reloaded": {"changed": True, **_LAW, "processes": 2, "current": 2},
}
"""Name of a schema -> an answer that is as it says."""

PAYLOAD: Json = {
    "issue": {
        "key": "IT-2041",
        "fields": {
            "summary": "Kaspersky Endpoint Security for Business",
            "duedate": "2027-03-01",
            "customfield_10209": "Kaspersky Lab, Inc.",
        },
    }
}
"""Of a Jira issue, as `gate/workflow/mappings/jira.toml` reads it."""

TAKEN: Json = {"id": _ID, "location": f"/v1/decisions/{_ID}", "duplicate": False}

METRICS = (
    "# HELP gate_decisions_total Decisions made\n# TYPE gate_decisions_total counter\n"
    'gate_decisions_total{decision="deny",kind="request",review="false"} 1.0\n'
)
