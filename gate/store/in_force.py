"""Waivers and findings as they are kept beside a decision: JSON, the same bytes for the same content."""

from typing import Any

import msgspec

from gate.asking import Finding, Waiver
from gate.errors import StoreError
from gate.waiver import Grant
from policy.dates import Span, written
from policy.facts import Stated

MEDIA_TYPE = "application/vnd.gate.in-force+json"


class InForce(msgspec.Struct, frozen=True):
    """Those with which something was judged."""

    waivers: tuple[Waiver, ...]
    findings: tuple[Finding, ...]


class _Span(msgspec.Struct):
    """A span as JSON has it: the type of Span's ends, day or instant, is told from the text."""

    starts: str
    ends: str | None

    def real(self) -> Span:
        return Span(written(self.starts), None if self.ends is None else written(self.ends))


class _Grant(msgspec.Struct):
    id: str
    prohibitions: tuple[str, ...]
    granted_by: str
    approver: str
    authority: str
    span: _Span


class _Waiver(msgspec.Struct):
    grant: _Grant
    vendors: frozenset[str]
    products: frozenset[str]
    purls: tuple[str, ...]
    requests: frozenset[str]


class _Finding(msgspec.Struct):
    id: str
    vendor: str
    purls: tuple[str, ...]
    names: frozenset[str]
    not_this_vendor: bool
    categories: frozenset[str]
    facts: dict[str, Stated]
    span: _Span
    by: str
    reason: str


class _InForce(msgspec.Struct):
    waivers: tuple[_Waiver, ...]
    findings: tuple[_Finding, ...]


def encoded(waivers: tuple[Waiver, ...], findings: tuple[Finding, ...]) -> bytes:
    """As JSON. A set has no order of its own, so one is given to it."""
    return msgspec.json.encode(InForce(waivers, findings), order="deterministic")


def decoded(data: bytes) -> InForce:
    """What `encoded` was given. Raises StoreError for what another version kept."""
    try:
        kept = msgspec.json.decode(data, type=_InForce)
        return InForce(
            tuple(_waiver(one) for one in kept.waivers),
            tuple(_real(Finding, one, span=one.span.real()) for one in kept.findings),
        )
    except (msgspec.MsgspecError, ValueError) as error:
        raise StoreError(f"The waivers of a decision cannot be read: {error}") from error


def _waiver(kept: _Waiver) -> Any:
    return _real(Waiver, kept, grant=_real(Grant, kept.grant, span=kept.grant.span.real()))


def _real(kind: Any, kept: Any, **changed: Any) -> Any:
    return kind(**{**msgspec.structs.asdict(kept), **changed})
