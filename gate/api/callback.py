"""Where an answer may be sent, and the message that tells of a decision; `gate/workflow` signs and sends it."""

import msgspec

from gate.api.judge import Judged
from gate.api.problem import Problem
from gate.api.service import MakeMessages
from gate.store import Delivery
from gate.workflow.address import allowed
from gate.workflow.callback import ASKED
from gate.workflow.faults import Unreachable
from gate.workflow.settings import Arranged

TYPE = "decision.made.v1"


def demand_sendable(url: str, plan: Arranged | None) -> None:
    """Raises Problem for what could never be sent: to accept it would be to promise it."""
    if plan is None or plan.workflow.callbacks is None:
        raise Problem(
            "usage",
            "This service sends no callbacks.",
            remedy="Leave out callback, or have the operator name a workflow file with `hosts` and `[callbacks]`.",
        )
    demand_listed(url, plan)


def demand_listed(url: str, plan: Arranged) -> None:
    """Raises Problem unless the operator listed the address: the server would else reach whatever a caller names."""
    try:
        allowed(url, plan.workflow.hosts)
    except Unreachable as error:
        raise Problem("forbidden", f"{error.what}.", remedy=error.remedy) from None


def telling(url: str, where: str) -> MakeMessages:
    """What sends a decision to the address; `where` is the path of decisions here."""

    def told(one: Judged) -> tuple[Delivery, ...]:
        name = one.record.id
        body = {
            "type": TYPE,
            "timestamp": one.record.evaluated_at,
            "data": {"location": f"{where}/{name}", "decision": msgspec.Raw(one.body)},
        }
        headers = {"content-type": "application/json"}
        return (Delivery(f"{ASKED}-{name}", ASKED, url, msgspec.json.encode(body), headers),)

    return told
