"""Policy -> Law: conditions of instrument and clause merged, dates made instants, the register turned into tables.

It is loaded only when the compiled law is stale: the policy's models cost more to import than a small SBOM to judge.
"""

from collections.abc import Iterable, Iterator
from datetime import date

from gate import facts, law
from gate.alias import register_of
from gate.asking import Finding, Waiver
from gate.errors import LawError
from gate.names import normalise
from gate.ownership import BRAND
from gate.waiver import Grant
from policy import model
from policy import prohibition as prohibitions
from policy import register as registers
from policy.dates import Interval, Span, instant, is_before
from policy.facts import FACTS, Kind
from policy.load import Policy
from policy.prohibition import ANY, AfterListing
from policy.words import Condition, Except, Range


def compiled(policy: Policy) -> law.Law:
    """The law and the register, ready to decide. Raises LawError if two vendors share a name."""
    clauses = [clause for instrument in policy.prohibitions.values() for clause in clauses_of(instrument)]
    return law.Law(
        version=policy.version,
        digest=policy.digest,
        clauses=tuple(sorted(clauses, key=lambda clause: clause.code)),
        vendors={vendor.id: vendor_of(vendor) for vendor in policy.vendors.values()},
        profiles={profile.id: _profile(profile) for profile in policy.profiles.values()},
        register=register_of(
            policy.vendors.values(),
            (key.removeprefix("vendors/") for key in policy.added if key.startswith("vendors/")),
        ),
        lists={listed.id: list_of(listed) for listed in policy.lists.values()},
    )


def clauses_of(instrument: prohibitions.Prohibition) -> Iterator[law.Clause]:
    """The clauses of one instrument, each with every condition that holds for it."""
    for clause in instrument.clauses:
        yield _clause(instrument, clause)


def _clause(instrument: prohibitions.Prohibition, clause: prohibitions.Clause) -> law.Clause:
    zone, scope = instrument.time_zone, instrument.scope
    published = clause.published or instrument.published
    whom = instrument.whom(clause)
    after = clause.starts.after_listing_days if isinstance(clause.starts, AfterListing) else None
    citations = [c for c in (clause.citation, instrument.citation) if c is not None]

    def narrowed(name: str) -> law.Words:
        own = getattr(clause, name)
        return _words(own if own is not None else getattr(scope, name))

    asked = clause.facts if clause.facts is not None else scope.facts
    return law.Clause(
        code=f"{instrument.id}/{clause.id}",
        title=instrument.title,
        authority=instrument.authority,
        kind=instrument.kind.value,
        jurisdiction=instrument.jurisdiction,
        time_zone=zone,
        published=instant(published, zone),
        checked=(clause.checked or instrument.checked).isoformat(),
        provenance=(clause.provenance or instrument.provenance).value,
        citation=tuple(law.Citation(c.text, c.url) for c in citations),
        text=clause.text,
        note=clause.note,
        remedy=clause.remedy,
        effect=clause.effect.value,
        acts=_words(clause.acts),
        binds=_words(clause.binds if clause.binds is not None else instrument.binds),
        vendors=frozenset() if whom.vendors == ANY else _words(whom.vendors),
        controlled_from=_words(whom.controlled_from),
        reach=_words(whom.reach) | {BRAND},
        interval=_interval(None if isinstance(clause.starts, AfterListing) else clause.starts, clause.ends, zone),
        categories=narrowed("categories"),
        positions=narrowed("positions"),
        purposes=narrowed("purposes"),
        agreements=narrowed("agreements"),
        facts=_facts(asked, zone),
        exemptions=tuple(_exemption(e, zone) for e in instrument.exceptions if not e.clauses or clause.id in e.clauses),
        permissions=tuple(
            law.Permission(w.by, None if w.until is None else instant(w.until, zone))
            for w in instrument.waivers_allowed
            if not w.clauses or clause.id in w.clauses
        ),
        lists=_words(whom.lists),
        after_listing=after,
        control_share=whom.control_share,
        ends_with=clause.ends_with,
    )


def _facts(conditions: dict[str, Condition], zone: str) -> dict[str, facts.Asked]:
    return {name: _asked(name, condition, zone) for name, condition in conditions.items()}


def _asked(name: str, condition: Condition, zone: str) -> facts.Asked:
    match condition:
        case Except():
            return facts.OneOf(_words(condition.words), is_not=True)
        case Range(starts, ends) if FACTS[name].kind is Kind.DAY:
            days = [bound if isinstance(bound, date) else None for bound in (starts, ends)]
            return facts.During(_interval(days[0], days[1], zone))
        case Range(starts, ends):
            numbers = [bound if isinstance(bound, float) else None for bound in (starts, ends)]
            return facts.Between(*numbers)
        case words:
            return facts.OneOf(_words(words))


def list_of(listed: registers.List) -> law.List:
    """An official list, its days made instants."""
    zone = listed.time_zone
    # What was withdrawn on the day it was posted nobody ever had to know.
    rows = [row for row in listed.rows if row.withdrawn is None or is_before(row.published, row.withdrawn)]
    return law.List(listed.id, listed.title, zone, tuple(_row(row, listed, zone) for row in rows))


def _row(row: registers.Row, listed: registers.List, zone: str) -> law.Row:
    citation = row.citation or listed.citation
    return law.Row(
        vendor=row.vendor,
        name=row.name,
        published=instant(row.published, zone),
        interval=_interval(row.starts or row.published, row.ends, zone),
        end_published=None if row.ends_published is None else instant(row.ends_published, zone),
        withdrawn=None if row.withdrawn is None else instant(row.withdrawn, zone),
        categories=_words(row.categories),
        citation=law.Citation(citation.text, citation.url),
        note=row.note,
    )


def _exemption(exception: prohibitions.Exemption, zone: str) -> law.Exemption:
    return law.Exemption(
        id=exception.id,
        text=exception.text,
        acts=_words(exception.acts),
        categories=_words(exception.categories),
        positions=_words(exception.positions),
        purposes=_words(exception.purposes),
        agreements=_words(exception.agreements),
        facts=_facts(exception.facts, zone),
        interval=_interval(exception.starts, exception.ends, zone),
        published=instant(exception.published, zone) if exception.published else None,
    )


def vendor_of(vendor: registers.Vendor) -> law.Vendor:
    """What the law asks of a vendor of the register."""
    return law.Vendor(
        id=vendor.id,
        name=vendor.name,
        country=vendor.country,
        categories=_words(vendor.categories),
        owners=tuple(law.Owner(o.vendor, o.kind.value, _iso(o.starts), _iso(o.ends), o.share) for o in vendor.owners),
        products=tuple(law.Product(p.names[0], _words(p.categories), tuple(p.names[1:])) for p in vendor.products),
    )


def _profile(profile: model.Profile) -> law.Profile:
    return law.Profile(
        id=profile.id,
        text=profile.text,
        roles=_words(profile.roles),
        acts=tuple(act.value for act in profile.acts),
        agreement=profile.agreement.value if profile.agreement else None,
        purposes=_words(profile.purposes),
        facts=profile.facts,
        on_review=profile.on_review,
        coverage_floor=profile.coverage_floor,
    )


def _interval(starts: date | None, ends: date | None, zone: str) -> Interval:
    return Interval(None if starts is None else instant(starts, zone), None if ends is None else instant(ends, zone))


def _iso(moment: date | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _words(words: Iterable[str]) -> law.Words:
    return frozenset(str(word) for word in words)


def waiver(entry: model.Waiver, known: law.Law) -> Waiver:
    """A waiver ready to use. Raises LawError when it names what the law does not have."""
    codes = {clause.code for clause in known.clauses} | {clause.instrument for clause in known.clauses}
    for prohibition in entry.prohibitions:
        if prohibition not in codes:
            raise LawError(
                f"Waiver {entry.id} names {prohibition!r}, which is no prohibition", remedy="See `gate law`."
            )
    _refuse_unknown_vendors(f"Waiver {entry.id}", entry.vendors, known)
    return Waiver(
        grant=Grant(
            id=entry.id,
            prohibitions=tuple(entry.prohibitions),
            granted_by=entry.granted_by,
            approver=entry.approver,
            authority=entry.authority,
            span=_span(entry.starts, entry.ends),
        ),
        vendors=frozenset(entry.vendors),
        products=frozenset(normalise(name) for name in entry.products),
        purls=tuple(entry.purls),
        requests=frozenset(entry.requests),
    )


def finding(entry: model.Finding, known: law.Law) -> Finding:
    """A finding ready to use. Raises LawError when it names a vendor the register does not have."""
    _refuse_unknown_vendors(f"Finding {entry.id}", [entry.vendor], known)
    return Finding(
        id=entry.id,
        vendor=entry.vendor,
        purls=tuple(entry.purls),
        names=frozenset(normalise(name) for name in entry.names),
        not_this_vendor=entry.not_this_vendor,
        categories=_words(entry.categories),
        facts=entry.facts,
        by=entry.by,
        reason=entry.reason,
        span=_span(entry.starts, entry.ends),
    )


def _refuse_unknown_vendors(who: str, vendors: Iterable[str], known: law.Law) -> None:
    for vendor in vendors:
        if vendor not in known.vendors:
            raise LawError(
                f"{who} names vendor {vendor!r}, which the register does not have", remedy="See `gate vendor`."
            )


def _span(starts: date, ends: date) -> Span:
    return Span(starts, ends)
