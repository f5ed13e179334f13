"""A component, a match and an act -> the question the law is asked, after findings and with the waivers that fit."""

from collections.abc import Callable, Iterable, Iterator, Sequence

import msgspec

from gate.asking import Asking, Finding, Waiver
from gate.category import beside, categories_of
from gate.decide import Question, meets_category
from gate.law import Law, Vendor, Words
from gate.match import Match
from gate.names import normalise
from gate.ownership import NOBODY, STRANGER
from gate.purl import Package, package_of
from gate.subject import Act, Component, World

Applied = Callable[[Finding, Component, bool], None]
"""Told of a finding, of a component that it is about, and whether it settled anything there."""

PARTS = "/components"
"""The list in which a scope says something: the product is what is bought, and an ancestor what it was made from."""


def questions_about(
    component: Component,
    match: Match,
    acts: Sequence[Act],
    roles: Words | None,
    law: Law,
    asking: Asking,
    applied: Applied | None = None,
) -> Iterator[Question]:
    """The question for each act; none where a finding says that a merely possible vendor is not the one.

    `applied` is told of every finding about the component, so that the decision can name it.
    """
    place, profile = component.place, asking.profile
    vendor = law.vendors.get(match.vendor, NOBODY)
    categories = categories_of(component, match, vendor)
    others = _named(component, match, vendor)
    more = others or beside(component, match, vendor) - categories
    # What comes with a product takes it out of nothing: it is surely in the scopes that it is in alone.
    alone = categories if match.products and more else frozenset()
    named = tuple(told for told in (alone, others) if told)
    facts = {**(profile.facts if profile else {}), **dict(place.facts)}
    question = Question(
        vendor=match.vendor,
        is_certain=match.is_certain,
        worlds=worlds_of(component, match),
        categories=categories and categories | more,  # where anything is possible, a name makes it no less
        agreement=place.agreement or (profile.agreement if profile and not place.is_request else None),
        purposes=place.purposes or (profile.purposes if profile and profile.purposes else None),
        facts=tuple(sorted(facts.items())),
        roles=roles,
        act=acts[0],
        is_delivered=component.scope != "excluded" or not component.pointer.rpartition("/")[0].endswith(PARTS),
        grants=tuple(w.grant for w in asking.waivers if _fits(w, component, match)),
        name=_name(component, match) if match.vendor == STRANGER else None,
        country=_country(component, match),
        named=named,
    )
    for act in acts:
        asked = question if act is acts[0] else msgspec.structs.replace(question, act=act)
        settled = _settled(asked, component, asking.findings, applied) if asking.findings else asked
        if settled is not None:
            yield settled


def _settled(
    question: Question, component: Component, findings: Iterable[Finding], applied: Applied | None
) -> Question | None:
    """The question after what somebody found out about the component; None: it is of another vendor."""
    categories, facts = question.categories, dict(question.facts)
    for finding in findings:
        if (
            finding.vendor == question.vendor
            and _is_about(finding.purls, finding.names, component)
            and _runs(finding, question.act)
        ):
            is_other = finding.not_this_vendor and not question.is_certain
            before = categories, facts
            if finding.categories and (len(categories) != 1 or meets_category(finding.categories, categories)):
                categories = finding.categories  # what is known it may only make more exact
            facts = {**finding.facts, **facts}
            if applied is not None:
                applied(finding, component, is_other or (categories, facts) != before)
            if is_other:
                return None
    return msgspec.structs.replace(question, categories=categories, facts=tuple(sorted(facts.items())))


def _named(component: Component, match: Match, vendor: Vendor) -> Words:
    """What the product's name says it is for, where better evidence says whose it is and not which product."""
    if not match.hinted:
        return frozenset()
    return categories_of(component, msgspec.structs.replace(match, products=match.hinted), vendor)


def _name(component: Component, match: Match) -> str | None:
    """What the request calls a party that the register does not have."""
    organisation = component.manufacturer if match.as_maker else component.supplier
    return organisation.name if organisation else None


def _country(component: Component, match: Match) -> str | None:
    """The country that a request gives for the vendor that was matched: as maker, else as supplier."""
    organisation = component.manufacturer if match.as_maker else component.supplier
    return organisation.country if organisation else None


def worlds_of(component: Component, match: Match) -> tuple[World, ...]:
    """In which positions the vendor stands, one set for each way to read the document."""
    place = component.place
    if not match.as_maker:
        return tuple(place.supplier_worlds)
    if not match.as_supplier:
        return tuple(place.worlds)
    both = {one | other for one in place.worlds for other in place.supplier_worlds}
    if not match.surely_supplies:  # a contact or a page beside the maker's name: perhaps somebody else supplies
        both.update(place.worlds)
    return tuple(sorted(both, key=sorted))


def _fits(waiver: Waiver, component: Component, match: Match) -> bool:
    if match.vendor not in waiver.vendors:
        return False
    if waiver.requests and (component.place.request not in waiver.requests):
        return False
    if not waiver.products and not waiver.purls:
        return True
    return _is_about(waiver.purls, waiver.products, component)


def _is_about(patterns: tuple[str, ...], names: Words, component: Component) -> bool:
    name = normalise(component.name or "")
    if name and name in names:
        return True
    package = package_of(component.purl) if component.purl and patterns else None
    return package is not None and any(_is_one(package, pattern, component.version) for pattern in patterns)


def _is_one(package: Package, pattern: str, version: str | None) -> bool:
    """Whether a package is the one a waiver or finding writes: in that namespace and, if it says so, that version."""
    wanted = package_of(pattern)
    if wanted is None or wanted.kind != package.kind:
        return False
    # As in the register, `*` is any namespace: pkg:deb/*/kesl is that package in whichever distribution.
    if wanted.path != (("*", package.path[-1]) if "*" in wanted.path else package.path):
        return False
    return wanted.version in ("", package.version or version)


def _runs(finding: Finding, act: Act) -> bool:
    return finding.span.within("UTC").covers(act.span.within("UTC"))
