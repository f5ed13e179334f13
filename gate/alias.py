"""The names by which the register knows its vendors, as look-ups need them, and who claims the same name as another."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from gate import purl as purls
from gate.errors import LawError
from gate.names import compact, normalise
from gate.register import Entry, Register
from policy.load import Policy, Problem, problem_at
from policy.register import Vendor


class Alias(msgspec.Struct, frozen=True):
    """One name: the table it goes to, the key it is looked up by, whose it is, and where the vendor's file says so."""

    table: str
    key: str
    entry: Entry
    where: tuple[int | str, ...]


def register_of(vendors: Iterable[Vendor], added: Iterable[str] = ()) -> Register:
    """The register's look-ups; `added` are the vendors that an organisation's own folders say.

    Raises LawError if two vendors claim one name, or a name says nothing.
    """
    tables = Register({}, {}, {}, {}, {}, {}, {}, {}, frozenset(added))
    for vendor in vendors:
        tables.others.update((normalise(name), Entry(vendor.id, name)) for name in vendor.others)
        for owner in vendor.owners:
            tables.owned.setdefault(owner.vendor, {})[vendor.id] = owner.kind.value
        for alias in _aliases(vendor):
            if not alias.key:
                raise LawError(f"{alias.entry.said!r} of vendor {vendor.id!r} says nothing that could be matched")
            known = getattr(tables, alias.table).setdefault(alias.key, alias.entry)
            if known.vendor != vendor.id:
                raise LawError(
                    f"{alias.entry.said!r} is claimed by vendors {known.vendor!r} and {vendor.id!r}",
                    remedy="A name tells one vendor; give it to the one that owns it.",
                )
    return tables


def shared_aliases(policy: Policy) -> list[Problem]:
    """Names that two vendors claim, each with both places."""
    problems: list[Problem] = []
    first: dict[tuple[str, str], Alias] = {}
    for vendor in policy.vendors.values():
        for alias in _aliases(vendor):
            known = first.setdefault((alias.table, alias.key), alias)
            if known.entry.vendor != vendor.id:
                other = _at(policy, known, "")
                message = f"{alias.entry.said!r} is also claimed by {known.entry.vendor} ({other.file}:{other.line})"
                problems.append(_at(policy, alias, message))
    return problems


def _at(policy: Policy, alias: Alias, message: str) -> Problem:
    return problem_at(Path(policy.files[f"vendors/{alias.entry.vendor}"]), alias.where, message, "shared-alias")


def _aliases(vendor: Vendor) -> Iterator[Alias]:
    # A product's entries are more exact than the vendor's own, so they come first.
    for number, product in enumerate(vendor.products):
        where = ("products", number)
        yield from _packages(vendor.id, product.purls, product.cpes, where, number)
        for name in product.names:
            yield Alias("products", normalise(name), Entry(vendor.id, name, number), (*where, "names"))
    yield from _packages(vendor.id, vendor.purls, vendor.cpes, ())
    for name in dict.fromkeys((vendor.name, *vendor.names)):
        key = "name" if name == vendor.name else "names"
        for written in dict.fromkeys((name, name.replace("&", " and "), name.replace(" and ", " & "))):
            yield Alias("organisations", normalise(written), Entry(vendor.id, name), (key,))
    for domain in vendor.domains:
        yield Alias("domains", domain, Entry(vendor.id, domain), ("domains",))
    for scheme, values in vendor.identifiers.items():
        for value in values:
            entry = Entry(vendor.id, value)
            yield Alias("identifiers", f"{scheme}:{compact(value)}", entry, ("identifiers", scheme))


def _packages(
    vendor: str, names: list[str], cpes: list[str], where: tuple[int | str, ...], product: int | None = None
) -> Iterator[Alias]:
    for purl in names:
        yield Alias("purls", _purl_key(purl), Entry(vendor, purl, product), (*where, "purls"))
    for cpe in cpes:
        yield Alias("cpes", cpe.lower(), Entry(vendor, cpe, product), (*where, "cpes"))


def _purl_key(purl: str) -> str:
    cut = purls.parts(purl)
    if cut is None:
        raise LawError(f"{purl!r} is no package URL", remedy="Write pkg:type/namespace or pkg:type/namespace/name.")
    kind, path = cut
    if "*" in path:
        return f"{kind}/*/{path[-1]}"
    return f"{kind}/" + "/".join(path)
