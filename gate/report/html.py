"""One self-contained page: the verdict, every reason, and the decision drawn along time. It prints as it looks.

No script, no font, no picture from elsewhere; what a document says is text and never markup.
"""

from collections.abc import Iterator
from html import escape
from math import ceil

from gate.decision import ComponentNamed, Decision, Reason
from gate.phrases import (
    Places,
    changes,
    coverage,
    judged,
    marked,
    merged,
    moment,
    named,
    notes,
    places,
    preface,
    remedies,
    sentence,
    since_baseline,
    spared,
    standing,
    waived,
    why_zero,
)
from gate.record import Failure, Record, Run
from gate.terminal import safe

SHOWN = 200
"""Components named under one reason."""

LONGEST = 2000
"""Letters of one text."""

WIDTH, BAR, MARGIN = 960, 28, 8
"""The drawing's measures, in its own units."""

LABEL, WORD = 84, 48
"""What the label of a day takes, and a verdict: in narrower periods they are left out."""

STYLE = """
:root { color-scheme: light dark; --deny: #b3261e; --review: #8a5a00; --allow: #1b6e3c; --line: #8884; --soft: #8881 }
@media (prefers-color-scheme: dark) { :root { --deny: #ff8a80; --review: #ffca6b; --allow: #7ddc9f } }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.3rem } h2 { font-size: 1.5rem; border-top: 1px solid var(--line); padding-top: 1rem }
.deny { color: var(--deny) } .review, .warn { color: var(--review) } .allow { color: var(--allow) }
article { border-left: 4px solid var(--line); padding: .2rem 0 .2rem 1rem; margin: 1rem 0; break-inside: avoid }
article.deny { border-color: var(--deny) } article.review, article.warn { border-color: var(--review) }
article > * { color: CanvasText } article strong { text-transform: uppercase; font-size: .8rem }
code, .code { font: .85em ui-monospace, monospace; overflow-wrap: anywhere }
ul { padding-left: 1.2rem } small { opacity: .8 } svg { width: 100%; height: auto } details { margin: 1rem 0 }
@media print { details:not([open]) > * { display: block } body { margin: 0; max-width: none } }
@media print { details::details-content { content-visibility: visible } }
"""

FILL = {"allow": "var(--allow)", "deny": "var(--deny)"}


def render(run: Run, colour: bool) -> bytes:  # noqa: ARG001 - the family's contract
    """All inputs on one page."""
    lenient = why_zero(run)
    body = [part for record in run.records for part in _record(record, lenient)]
    body += [part for failure in run.failures for part in _failure(failure)]
    if last := judged(run):
        body.append(f"<p>{_text(last)}</p>")
    page = [
        "<!doctype html>",
        '<html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">",
        f"<title>procurement-gate: {_text(run.outcome)}</title>",
        f"<style>{STYLE}</style></head><body>",
        f'<h1>procurement-gate: <span class="{run.outcome.split()[0]}">{_text(run.outcome)}</span></h1>',
        *body,
        "</body></html>",
        "",
    ]
    return "\n".join(page).encode()


def _record(record: Record, lenient: str | None) -> Iterator[str]:
    decision = record.decision
    doubt = " (only because something needs review)" if decision.outcome == "review" else ""
    yield f'<section><h2><span class="{decision.outcome}">{decision.decision.upper()}{doubt}</span> '
    yield f"{_text(decision.subject.name)}</h2>"
    yield from (f"<p>{_text(line)}</p>" for line in preface(decision, lenient))
    yield from _drawing(decision)
    yield f"<p>{_text(changes(decision))}</p>"
    if record.since is not None:
        yield f"<p>{_text(since_baseline(decision, record.since))}</p>"
    shown: set[Places] = set()
    for acts, reason in merged(decision.reasons):
        if reason.effect != "note":
            yield from _reason(record, reason, acts, shown)
    ways = remedies(reason for reason in decision.reasons if reason.effect == "review")
    if ways:
        yield "<h3>What would settle the review</h3><ul>"
        yield from (f"<li>{_text(remedy)}</li>" for remedy in ways)
        yield "</ul>"
    if told := notes(decision.reasons):
        yield f"<details><summary>{spared(code for _, code in told)}</summary><ul>"
        yield from (f"<li>{_text(said)} <code>{_text(code)}</code></li>" for said, code in told)
        yield "</ul></details>"
    law = f"Law {decision.policy.version} ({decision.policy.digest})"
    yield f"<p><small>{_text(coverage(decision))} {_text(law)}, gate {_text(record.engine)}, "
    yield f"decision {_text(record.id)}, {_text(decision.subject.digest)}.</small></p></section>"


def _reason(record: Record, reason: Reason, acts: list[str], shown: set[Places]) -> Iterator[str]:
    """One reason. Several components that an earlier one named are only counted."""
    done = f" [{', '.join(acts)}]" if acts else ""
    yield f'<article class="{reason.effect}"><p><strong class="{reason.effect}">{reason.effect}</strong> '
    mark = "" if reason.components else marked(record, reason, None)
    yield f"{_text(sentence(reason.message) + mark)}</p>"
    found = places(record, reason)
    if len(found) > 1 and found in shown:
        yield f"<p>The same {len(found)} components.</p>"
    elif reason.components:
        shown.add(found)
        yield "<ul>"
        yield from (f"<li>{_component(record, reason, component)}</li>" for component in reason.components[:SHOWN])
        if len(reason.components) > SHOWN:
            yield f"<li>and {len(reason.components) - SHOWN} more</li>"
        yield "</ul>"
    if reason.note:
        yield f"<p><em>{_text(reason.note)}</em></p>"
    if reason.waiver is not None:
        yield f"<p>{_text(waived(reason.waiver))}</p>"
    if reason.remedy and reason.effect != "review":
        yield f"<p>To do: {_text(reason.remedy)}</p>"
    links = " · ".join(f'<a href="{escape(c.url)}" rel="noreferrer">{_text(c.text)}</a>' for c in reason.citation)
    source = f", {reason.provenance} source checked {reason.checked}" if reason.provenance else ""
    yield f'<p class="code">{_text(reason.code + done + source)}</p><p>{links}</p></article>'


def _component(record: Record, reason: Reason, component: ComponentNamed) -> str:
    file, pointer = record.stands_in(component)
    line = f":{component.line}" if component.line else ""
    said = "; ".join(f"{piece.field} says “{piece.said}”" for piece in component.evidence[:5])
    place = f"<code>{_text(f'{file}{line} {pointer}')}</code>"
    position = f"as {standing(component)}" if component.position else ""
    mark = marked(record, reason, component)
    return f"<b>{_text(named(component))}</b>{mark} {_text(position)} {place}<br>{_text(said)}"


def _failure(failure: Failure) -> Iterator[str]:
    yield f'<section><h2><span class="review">NO VERDICT</span> {_text(failure.file)}</h2>'
    place = " ".join(part for part in (failure.pointer, f"line {failure.line}" if failure.line else "") if part)
    yield f"<p>{_text(failure.what)}. {_text(place)}</p><p>{_text(failure.remedy or '')}</p></section>"


def _drawing(decision: Decision) -> Iterator[str]:
    """A bar for each period, all of one width: what matters is the order and the day, not how long a period lasts."""
    periods = decision.timeline
    step = (WIDTH - 2 * MARGIN) / len(periods)
    said = ", ".join(
        f"{p.decision} from {moment(p.starts)}" if p.starts else f"{p.decision} before that" for p in periods
    )
    yield f'<svg viewBox="0 0 {WIDTH} {BAR * 2 + 3 * MARGIN}" role="img" aria-label="{_text(f"Over time: {said}")}">'
    current = decision.current
    every = ceil(LABEL / step)
    for number, period in enumerate(periods):
        left = MARGIN + number * step
        box = f'x="{left:.1f}" y="{MARGIN}" width="{max(step - 2, 1):.1f}" height="{BAR}"'
        yield f'<rect {box} fill="{FILL[period.decision]}"/>'
        if step > WORD:
            yield f'<text x="{left + 6:.1f}" y="{MARGIN + 19}" font-size="14" fill="Canvas">{period.decision}</text>'
        if period.starts and number % every == 0:
            day = f"{period.starts:%Y-%m-%d}"
            yield f'<text x="{left:.1f}" y="{BAR + 2 * MARGIN + 12}" font-size="13" fill="CanvasText">{day}</text>'
        if period is current:
            yield f'<path d="M{left + step / 2:.1f} {MARGIN + BAR} l6 9 h-12 z" fill="CanvasText"/>'
            middle = min(max(left + step / 2, LABEL / 2), WIDTH - LABEL / 2)
            place = f'x="{middle:.1f}" y="{BAR + 2 * MARGIN + 30}"'
            yield f'<text {place} font-size="13" text-anchor="middle" fill="CanvasText">judged here</text>'
    yield "</svg>"


def _text(text: str) -> str:
    return escape(safe(text[:LONGEST]))
