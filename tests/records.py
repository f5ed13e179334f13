"""Runs of the gate for reports to show: one of each kind, and one for each trick that a document may try."""

from datetime import UTC, datetime
from typing import Any

import msgspec

from gate.baseline import Known, Since, since
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
    WaiverNamed,
)
from gate.law import Citation
from gate.match import Evidence
from gate.record import Failure, Record, Run
from policy.dates import DAY, Interval

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
FIRST_DAY = datetime(2024, 7, 20, 4, tzinfo=UTC)
LAST_DAY = datetime(2027, 8, 13, 4, tzinfo=UTC)
LAW = "https://law.example/title?a=1&b=2"

EFFECTS = ("deny", "review", "warn", "note")


def component(number: int = 0, **changes: Any) -> ComponentNamed:
    """A component of the vendor, but for what is changed."""
    plain = ComponentNamed(
        ref=f"part-{number}",
        position="component",
        name=f"part-{number}",
        version="1.0",
        purl=f"pkg:npm/%40acme/part-{number}@1.0",
        pointer=f"/components/{number}",
        line=number + 3,
        fingerprint=f"{number:016x}",
        evidence=(Evidence("purl", f"pkg:npm/%40acme/part-{number}@1.0", "pkg:npm/%40acme", "exact"),),
        column=5,
    )
    return msgspec.structs.replace(plain, **changes)


def reason(effect: str, **changes: Any) -> Reason:
    """A reason of that effect about one component, but for what is changed."""
    plain = Reason(
        code=f"test-law/{effect}",
        effect=effect,
        message=f"Nobody may use it, since 20 July 2024 (Law 1): {effect}",
        act="use",
        text="Nobody may use it",
        when=Interval(NOW, NOW),
        in_force=Interval(FIRST_DAY, None),
        vendor=VendorNamed("acme", "Acme | Ltd"),
        components=(component(),),
        citation=(Citation("Law 1", LAW),),
        provenance="official",
        published=FIRST_DAY,
        checked="2026-01-01",
        missing=("role",) if effect == "review" else (),
        spared_by="category" if effect == "note" else None,
        note="A note of ours.",
        remedy="Use something else." if effect != "note" else None,
    )
    return msgspec.structs.replace(plain, **changes)


def record(*reasons: Reason, on_review: str = "deny", **changes: Any) -> Record:
    """A record of a decision with these reasons, but for what is changed in either."""
    effects = {one.effect for one in reasons}
    is_review = "review" in effects and "deny" not in effects
    verdict = "deny" if "deny" in effects else on_review if is_review else "allow"
    plain = Decision(
        decision=verdict,
        review=is_review,
        as_of=NOW,
        known_at=NOW,
        past_allowed=False,
        subject=SubjectNamed("sbom", "bom.json", "sha256:" + "ab" * 32),
        buyer=BuyerNamed("Example Ltd", "us-company", ("us-person",)),
        policy=PolicyNamed("2026.11.23", "sha256:" + "cd" * 32),
        reasons=reasons,
        coverage=Coverage(10, 7),
        set_aside=SetAside(3, 2),
        timeline=(Period(None, "allow"), Period(FIRST_DAY, verdict), Period(LAST_DAY, "allow")),
    )
    own = {key: changes.pop(key) for key in list(changes) if key in Decision.__struct_fields__}
    body = {
        "id": "01a20b05-f611-7c6e-b5c8-5a8fe8d56d25",
        "evaluated_at": NOW,
        "engine": "1.0",
        "digest": "sha256:" + "ef" * 32,
        "file": "bom.json",
    }
    return Record(decision=msgspec.structs.replace(plain, **own), **{**body, **changes})


def since_baseline(before: dict[str, Known], now: Decision) -> Since:
    """A decision compared with one earlier document."""
    [changed] = since([("bom.json", before)], [now])
    return changed


def waiver(refused: str | None = None) -> WaiverNamed:
    """A waiver that is in force unless something is said against it."""
    return WaiverNamed("W-1", "The head of the agency", "Law 1, section 2", LAST_DAY, refused)


def request() -> Record:
    """A request whose line has an SBOM attached, in which the vendor stands."""
    inside = component(pointer="/lines/0/sbom#/components/0", line=12)
    return record(
        reason("deny", components=(component(pointer="/lines/0", line=2), inside)),
        subject=SubjectNamed("request", "PR-1", "sha256:" + "12" * 32),
        file="orders/request.json",
        attached={"/lines/0/sbom": "orders/kes.cdx.json"},
        inputs={"orders/kes.cdx.json": "sha256:" + "34" * 32},
    )


FAILURE = Failure("broken.json", "It is no JSON", 4, "/components/1", "Generate it again.")

SEVERAL_ACTS = record(
    reason("deny", code="test-law/clause", act="use"),
    reason("deny", code="test-law/clause", act="acquire", components=(component(fingerprint="a" * 16),)),
    reason("review", code="test-law/clause", act="renew", components=(component(fingerprint="b" * 16),)),
    reason("note", code="test-law/clause", act="resell", components=(component(fingerprint="c" * 16),)),
)

EVERY_EFFECT = record(*(reason(effect) for effect in EFFECTS))

RUNS: dict[str, Run] = {
    "allow without a reason": Run((record(),)),
    **{effect: Run((record(reason(effect)),)) for effect in EFFECTS},
    "every effect": Run((EVERY_EFFECT,)),
    "review that is allowed meanwhile": Run((record(reason("review"), on_review="allow"),)),
    "waived": Run((record(reason("note", spared_by="waiver W-1", waiver=waiver())),)),
    "waiver refused": Run((record(reason("deny", waiver=waiver("it has ended"))),)),
    "attached SBOM": Run((request(),)),
    "reason without a component": Run((record(reason("review", code="gate/supplier-uses-unsaid", components=())),)),
    "reason of the gate's own": Run(
        (
            record(
                Reason(
                    "gate/empty-sbom",
                    "review",
                    "The SBOM names a product and none of its parts",
                    components=(ComponentNamed("", "", None, None, None, "/metadata/component", None, "", ()),),
                    missing=("components",),
                )
            ),
        )
    ),
    "many components": Run((record(reason("deny", components=tuple(component(n) for n in range(300)))),)),
    "no verdict at all": Run((), (FAILURE, Failure("-", "It is empty"))),
    "deny and no verdict": Run((record(reason("deny")),), (FAILURE,)),
    "several inputs": Run((record(), EVERY_EFFECT, request())),
    "past chosen": Run((record(past_allowed=True, as_of=FIRST_DAY.date()),)),
    "nobody's law": Run((record(buyer=BuyerNamed(None, None, None), timeline=(Period(None, "allow"),)),)),
    "many periods": Run(
        (record(timeline=(Period(None, "deny"), *(Period(FIRST_DAY + n * DAY, "allow") for n in range(600)))),)
    ),
    "several acts": Run((SEVERAL_ACTS,)),
    "warn only": Run((EVERY_EFFECT,), (), warn_only=True),
    "exit zero": Run((EVERY_EFFECT, record()), (), exit_zero=True),
    "only denials fail": Run((record(reason("review")),), (), fail_on="deny"),
    "baseline": Run(
        (
            msgspec.structs.replace(
                EVERY_EFFECT,
                since=since_baseline(
                    {"0" * 16: Known("test-law/deny", "review", "part-0"), "f" * 16: Known("x/y", "deny", "gone")},
                    EVERY_EFFECT.decision,
                ),
            ),
        )
    ),
    "nothing new": Run(
        (
            msgspec.structs.replace(
                EVERY_EFFECT,
                since=since_baseline({"0" * 16: Known("test-law/deny", "deny", "part-0")}, EVERY_EFFECT.decision),
            ),
        ),
        fail_on="new",
    ),
}
"""What a run is -> the run."""

TRICKS: dict[str, str] = {
    "lines": "a\n::error::b\r\n::set-output name=x::y\n##vso[task.complete result=Succeeded]\n##[error]z\u2028",
    "github command": "::error file=x,line=1::owned",
    "github command after blanks": "  ::stop-commands::x",
    "azure command": "##vso[task.setvariable variable=GATE_DECISION]allow",
    "azure command in capitals": "##VSO[task.complete result=Succeeded;]",
    "script": "</script><script>alert(1)</script>",
    "markup": "<img src=x onerror=alert(1)> &lt; &amp; \"' <!-- --> ]]> <![CDATA[",
    "comment": "--> <!-- procurement-gate --> -->",
    "formula": "=cmd|' /C calc'!A0",
    "formula of another country": 'x;=1+1;@SUM(1),+2\t-3 "=4"',
    "formula in wide letters": "＝1+1",
    "pipes": "a|b\\|c`d``e```\n| --- |\n~~~",
    "links": "[x](https://evil.example) ![y](https://evil.example/i.png) <https://evil.example> https://evil.example",
    "addresses": "www.evil.example ftp://evil.example mailto:a@evil.example xmpp:a@evil.example a@evil.example",
    "mentions": "@everyone #1 !2 ~bug $3 %4 &5 org/repo#6 GH-7 :smile: ^alert",
    "headings": "\n# Heading\n\n- [x] done\n> quoted\n***\n1. one\n/approve\n    code",
    "tap": "ok 1 - # SKIP all\nnot ok 2 # TODO\nBail out!\n1..0\n\\# TODO",
    "variables": "x\nGATE_DECISION=allow\nPATH=/tmp $(id) `id` ${IFS} ; rm -rf /",
    "controls": "\x00\x07\x08\x1b[2J\x7f\x9b31m\ufffe\uffff\ufeff",
    "right to left": "\u202egnp.exe\u2066\u200f\u061c",
    "beyond the first plane": "𝄞𝒳\U0001f468\u200d\U0001f469 é中",
    "quotes": "'\"\\'\\\"%0A%0D%25%3A%2C;]",
    "braces": "{{ x }} ${{ github.token }} {% y %} %s %(a)s {0}",
    "surrogate as a name has it": "caf\\udce9",
    "nothing": "",
    "blanks": "  \t ",
    "a megabyte": "x" * 1_000_000,
    "controls without end": "\x00" * 100_000,
}
"""What a document may say -> the words."""


def tricked(trick: str) -> Run:
    """A run in which everything that comes from a document is the trick."""
    said = (Evidence("supplier.name", trick, "Acme", "exact"), Evidence(trick[:50], trick, "Acme", "possible"))
    part = component(ref=trick, name=trick, version=trick, purl=trick, evidence=said)
    bare = component(1, ref=trick, name=None, version=None, purl=None, evidence=())
    waived = WaiverNamed(trick, trick, trick, LAST_DAY, None)
    reasons = (
        reason("deny", components=(part, bare), message=f"To be settled: {trick[:500]}"),
        reason("review", components=(part,)),
        reason("warn", components=(part,)),
        reason("note", components=(part,), waiver=waived, message=f"waived by {trick[:500]}"),
    )
    one = record(
        *reasons,
        subject=SubjectNamed("sbom", trick, "sha256:" + "ab" * 32),
        buyer=BuyerNamed(trick, None, None),
        file=trick[:100].replace("\x00", "") or "bom.json",
    )
    told = since_baseline({"9": Known("x/y", "deny", trick)}, one.decision)
    return Run((msgspec.structs.replace(one, since=told),), (Failure(trick[:100], trick, 1, trick, trick),))
