"""Who belongs to whom among the vendors of a register: whole families, and what each of them holds."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gate.law import Owner, Vendor


def families(vendors: "Mapping[str, Vendor]") -> dict[str, frozenset[str]]:
    """Vendor -> every vendor it is or ever was related to, however far, itself among them."""
    near: dict[str, set[str]] = {vendor: {vendor} for vendor in vendors}
    for vendor in vendors.values():
        for owner in vendor.owners:
            near[vendor.id].add(owner.vendor)
            near[owner.vendor].add(vendor.id)
    for start, first in near.items():
        family, edge = set(first), list(first)
        while edge:
            fresh = near[edge.pop()] - family
            family |= fresh
            edge.extend(fresh)
        near[start] = family
    return {vendor: frozenset(family) for vendor, family in near.items()}


def holdings(vendors: "Mapping[str, Vendor]") -> "dict[str, tuple[tuple[str, Owner], ...]]":
    """Vendor -> the vendors that belong to it, and how."""
    found: dict[str, list[tuple[str, Owner]]] = {}
    for vendor in vendors.values():
        for owner in vendor.owners:
            found.setdefault(owner.vendor, []).append((vendor.id, owner))
    return {vendor: tuple(held) for vendor, held in found.items()}
