"""Ways to allow by accident (design, section 9): dates of the asker's own choosing."""

from datetime import UTC, date, datetime
from typing import Any

import msgspec
import pytest

from gate import Asking, check
from gate.decision import Decision
from gate.law import Law
from gate.read import read
from gate.timeline import decided_at
from tests.boms import CLEAN, sbom

TODAY = datetime(2026, 11, 28, 12, tzinfo=UTC)
OVER = "2028-12-22"  # when the American Security Drone Act ends (us-asda): until then an agency may buy no such drone


def dated(law: Law, *, as_of: str | None = None, allow_past: bool = False, **circumstances: object) -> Decision:
    """The decision on a drone that a federal agency orders."""
    drone = {"product": "Mavic 3", "manufacturer": {"name": "SZ DJI Technology Co., Ltd."}, "category": "uas"}
    body = {
        "id": "PR-1",
        "buyer": {"roles": ["us-federal-agency"]},
        "ordered": "2026-11-28",
        "acts": ["acquire"],
        "lines": [drone],
        **circumstances,
    }
    asking = Asking(now=TODAY, as_of=None if as_of is None else date.fromisoformat(as_of), allow_past=allow_past)
    return check(read(msgspec.json.encode(body), "request.json", now=TODAY), law, asking)


@pytest.mark.parametrize(
    "circumstances",
    [
        {"ordered": OVER},
        {"ordered": f"{OVER}T00:00:00-05:00"},
        {"ordered": "2199-01-01"},
        {"as_of": OVER},
        {"acts": [{"act": "acquire", "on": OVER}]},
        {"acts": ["use", {"act": "acquire", "on": OVER}], "delivered": OVER},
        {"acts": ["operate"], "delivered": OVER},
        {"acts": ["operate"], "term": {"starts": OVER, "ends": "2030-01-01"}, "agreement": "existing"},
    ],
)
def test_what_is_dated_after_a_ban_that_holds_today_is_a_review(law: Law, circumstances: Any) -> None:
    found = dated(law, **circumstances)
    assert found.outcome == "review"
    assert [reason.code for reason in found.reasons if reason.effect == "review"] == ["gate/postdated"]
    assert decided_at(found.timeline, date(2199, 1, 1)) == "allow"  # it stands on no date of the law
    assert dated(law, **circumstances, allow_past=True).outcome == "allow"


def test_a_later_date_is_no_review_by_itself(law: Law) -> None:
    for circumstances in (
        {"ordered": "2028-12-21"},
        {"acts": ["operate"], "delivered": "2028-12-21"},
        {"ordered": OVER, "lines": [{"product": "Mavic 3", "manufacturer": {"name": "Bosch"}}]},
    ):
        assert "gate/postdated" not in {reason.code for reason in dated(law, **circumstances).reasons}


def test_an_sbom_judged_for_a_day_after_a_ban_is_a_review(law: Law) -> None:
    device = {"type": "device", "name": "Mavic 3", "manufacturer": {"name": "SZ DJI Technology Co., Ltd."}}
    subject = read(msgspec.json.encode(sbom(CLEAN, metadata={"component": device})), "bom.json", now=TODAY)
    asking = Asking(now=TODAY, profile=law.profiles["us-federal-agency"], as_of=date.fromisoformat(OVER))
    assert "gate/postdated" in {reason.code for reason in check(subject, law, asking).reasons}
