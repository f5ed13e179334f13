"""Successive versions of a law: where one `replaces` another, nothing is forbidden twice and nothing falls between."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

from policy.dates import Interval, in_order, in_words, instant, is_before
from policy.load import Policy, Problem, problem_at
from policy.prohibition import ANY, AfterListing, Clause, Prohibition
from policy.roles import Role
from policy.vocabulary import CATEGORY_TREE, Category

Version = tuple[Prohibition, Clause]
"""A clause in the instrument it stands in."""


def breaks(policy: Policy) -> Iterator[Problem]:
    """Overlaps and gaps between the clauses of one version and those that take their place in the next."""
    for new in policy.prohibitions.values():
        for replaced in new.replaces:
            old = policy.prohibitions[replaced]
            path = Path(policy.files[f"prohibitions/{old.id}"])
            for number, clause in enumerate(old.clauses):
                heirs = [heir for heir in new.clauses if _inherits((old, clause), (new, heir), policy)]
                found = _break((old, clause), [(new, heir) for heir in heirs])
                if found is not None:
                    rule, message = found
                    where = ("clauses", number, "starts" if clause.ends is None else "ends")
                    yield problem_at(path, where, message, rule)


def _inherits(old: Version, new: Version, policy: Policy) -> bool:
    """Whether two clauses forbid something in common: an act with something, by somebody, to somebody."""
    if set(old[1].acts).isdisjoint(new[1].acts) or not _share_a_party(old, new):
        return False
    if not _share_a_vendor(old, new, policy):
        return False
    for name in ("positions", "purposes", "agreements"):
        one, other = _asked(old, name), _asked(new, name)
        if one and other and one.isdisjoint(other):
            return False
    one, other = _asked(old, "categories"), _asked(new, "categories")
    return not one or not other or not _with_below(one).isdisjoint(_with_below(other))


def _share_a_party(old: Version, new: Version) -> bool:
    one, other = _bound(old), _bound(new)
    return Role.ANYONE in one | other or not one.isdisjoint(other)


def _bound(version: Version) -> set[Role]:
    instrument, clause = version
    return set(instrument.binds if clause.binds is None else clause.binds)


def _share_a_vendor(old: Version, new: Version, policy: Policy) -> bool:
    one, other = _vendors(old, policy), _vendors(new, policy)
    return ANY in one | other or not one.isdisjoint(other)


def _vendors(version: Version, policy: Policy) -> set[str]:
    """The vendors that a clause names, or "any"."""
    instrument, clause = version
    whom = instrument.whom(clause)
    listed = {row.vendor for one in whom.lists for row in policy.lists[one].rows}
    return listed | ({ANY} if whom.vendors == ANY else set(whom.vendors))


def _asked(version: Version, name: str) -> set[str]:
    instrument, clause = version
    own = getattr(clause, name)
    return set(own if own is not None else getattr(instrument.scope, name))


def _with_below(categories: Iterable[str]) -> set[str]:
    found = {*categories}
    for category in categories:
        found |= _with_below([child.value for child in CATEGORY_TREE.get(Category(category), ())])
    return found


def _break(old: Version, heirs: list[Version]) -> tuple[str, str] | None:
    """The rule that two versions break and how, or None."""
    name, zone = f"{old[0].id}/{old[1].id}", old[0].time_zone
    runs = _runs(old)
    if not heirs:
        if runs.ends is None and old[1].ends_with is None:
            return "overlap", f"{name} has no end, though its instrument is replaced and nothing takes its place"
        return None
    for heir in heirs:
        if runs.meets(_runs(heir)):
            since = in_words(_runs(heir).starts, zone)
            return "overlap", f"{name} and {heir[0].id}/{heir[1].id}, which replaces it, are both in force from {since}"
    first = in_order(starts for heir in heirs if (starts := _runs(heir).starts) is not None)[:1]
    if runs.ends is not None and first and is_before(runs.ends, first[0]):
        gap = f"from {in_words(runs.ends, zone)} to {in_words(first[0], zone)}"
        return "gap", f"nothing is in force between {name} and what replaces it, {gap}"
    return None


def _runs(version: Version) -> Interval:
    instrument, clause = version
    starts: datetime | None = None
    if not isinstance(clause.starts, AfterListing):
        starts = instant(clause.starts, instrument.time_zone)
    return Interval(starts, None if clause.ends is None else instant(clause.ends, instrument.time_zone))
