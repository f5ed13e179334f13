"""GitLab's job annotations: links to the laws that decided, on the job's page.

https://docs.gitlab.com/ci/yaml/artifacts_reports/#artifactsreportsannotations
"""

import msgspec

from gate.record import Run
from gate.terminal import defused, safe

MOST = 100
"""Links that are written."""


def render(run: Run, colour: bool) -> bytes:  # noqa: ARG001 - the family's contract
    """A link for each law that denies, asks or warns."""
    links = {
        (f"{reason.effect}: {safe(citation.text)}", citation.url): None
        for record in run.records
        for reason in record.decision.reasons
        if reason.effect != "note"
        for citation in reason.citation[:1]
    }
    body = {
        f"procurement-gate: {run.outcome}": [
            {"external_link": {"label": label, "url": url}} for label, url in list(links)[:MOST]
        ]
    }
    return defused(msgspec.json.format(msgspec.json.encode(body), indent=2)) + b"\n"
