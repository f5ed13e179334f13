"""Markdown for a comment on a pull request or a job's summary, as GitHub and GitLab show it.

It starts with a marker, so that a later run finds its comment and updates it in place.
"""

import html
import re
from collections.abc import Iterator

from gate.decision import ComponentNamed, Reason
from gate.phrases import (
    Places,
    changes,
    coverage,
    judged,
    marked,
    merged,
    named,
    notes,
    places,
    preface,
    remedies,
    since_baseline,
    spared,
    stands_at,
    why_zero,
)
from gate.record import Record, Run
from gate.terminal import safe

MARKER = "<!-- procurement-gate -->"
"""The first line of every comment."""

ICONS = {"deny": "⛔", "review": "🔍", "warn": "⚠️", "note": "i"}
VERDICTS = {"allow": "✅ allow", "deny": "⛔ deny", "review": "🔍 deny, because something needs review"}

SHOWN = 20
"""Components named under one reason."""

LONGEST = 60_000
"""Bytes; GitHub takes comments of 65,536."""

_ESCAPED = str.maketrans({letter: f"&#{ord(letter)};" for letter in "|`*_[]@#~\\!$<>&"})
"""What Markdown begins with; as entities they are shown and mean nothing."""

# Mentions, references and links are looked for in what was rendered, where entities are letters again: there they are
# broken by a space of no width. GitLab has references with any of these marks.
_ALIVE = re.compile(
    r"(?<=[@#!~$%^&])(?=\S)|(?<=:)(?=//)|(?<=www)(?=\.)|(?<=GH)(?=-)|(?<=mailto)(?=:)|(?<=xmpp)(?=:)", re.IGNORECASE
)
_NO_WIDTH = "\u200b"


def render(run: Run, colour: bool) -> bytes:  # noqa: ARG001 - the family's contract
    """A section for each input; what would be too long for a comment is cut, and says so."""
    lines = [MARKER]
    lenient = why_zero(run)
    for record in run.records:
        lines += _record(record, lenient)
    for failure in run.failures:
        lines += [f"## No verdict: {_text(failure.file)}", "", _text(f"{failure.what}. {failure.remedy or ''}"), ""]
    if last := judged(run):
        lines += [_text(last), ""]
    text = "\n".join(lines).encode()
    if len(text) <= LONGEST:
        return text
    cut = text[: text.rfind(b"\n", 0, LONGEST)]
    end = b"</details>\n" if cut.count(b"<details>") > cut.count(b"</details>") else b""
    return cut + b"\n\n" + end + b"\nCut here: a comment holds no more. The JSON report has all of it.\n"


def _record(record: Record, lenient: str | None) -> Iterator[str]:
    decision = record.decision
    yield f"## {VERDICTS[decision.outcome]}: {_text(decision.subject.name)}"
    yield ""
    for line in preface(decision, lenient):
        yield _text(line)
        yield ""
    grave = [(acts, reason) for acts, reason in merged(decision.reasons) if reason.effect != "note"]
    if grave:
        yield "| | why | law | found in |"
        yield "| --- | --- | --- | --- |"
        shown: set[Places] = set()
        yield from (_row(record, reason, acts, shown) for acts, reason in grave)
        yield ""
    if record.since is not None:
        yield _text(since_baseline(decision, record.since))
        yield ""
    ways = remedies(reason for _, reason in grave)
    if ways:
        yield "**What to do**"
        yield ""
        yield from (f"- {_text(remedy)}" for remedy in ways)
        yield ""
    if told := notes(decision.reasons):
        yield f"<details><summary>{spared(code for _, code in told)}</summary>"
        yield ""
        yield from (f"- {_text(said)}" for said, _ in told)
        yield ""
        yield "</details>"
        yield ""
    yield _text(changes(decision))
    yield ""
    law = f"Law {decision.policy.version} ({decision.policy.digest[:19]})"
    yield f"<sub>{coverage(decision)} {law}, gate {record.engine}, decision {record.id}.</sub>"
    yield ""


def _row(record: Record, reason: Reason, acts: list[str], shown: set[Places]) -> str:
    """One reason. Several components that an earlier one named are only counted."""
    mark = "" if reason.components else marked(record, reason, None)
    why = _text(reason.message + mark) + (f" <sub>{_text(', '.join(acts))}</sub>" if acts else "")
    if reason.effect == "review" and reason.note:  # the text is open, and the note says in what
        why += f"<br>Note: {_text(reason.note)}"
    law = "<br>".join(f'<a href="{html.escape(c.url)}">{_text(c.text)}</a>' for c in reason.citation[:2])
    found = [_component(record, reason, component) for component in reason.components[:SHOWN]]
    if len(reason.components) > SHOWN:
        found.append(f"and {len(reason.components) - SHOWN} more")
    where = places(record, reason)
    if len(where) > 1 and where in shown:
        found = [f"the same {len(where)} components"]
    shown.add(where)
    code = f"<sub>{_text(reason.code)}</sub>"
    return f"| {ICONS[reason.effect]} {reason.effect} | {why} | {law}<br>{code} | {'<br>'.join(found)} |"


def _component(record: Record, reason: Reason, component: ComponentNamed) -> str:
    said = "; ".join(f"{piece.field} says “{piece.said[:80]}”" for piece in component.evidence[:2])
    what = f"<b>{_text(named(component)[:120])}</b>{marked(record, reason, component)}"
    return f"{what} ({_text(stands_at(record, component))}){': ' if said else ''}{_text(said)}"


def _text(text: str) -> str:
    """What a document says, as text: no HTML, no Markdown, no mention of anybody, on one line."""
    return _ALIVE.sub(_NO_WIDTH, safe(text[:2000])[:2000].replace("\n", " ")).translate(_ESCAPED)
