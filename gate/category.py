"""What a component is for: what the request states, else the register's product, else what the vendor makes."""

from gate.decide import below, meets_category
from gate.law import Product, Vendor, Words
from gate.match import Match
from gate.names import normalise
from gate.subject import Component
from policy.vocabulary import NAMED_APPLICATIONS, Category

SOFTWARE_TYPES = frozenset({"library", "framework", "file", "container", "application"})
HARDWARE_TYPES = frozenset({"device", "firmware"})

ANYTHING = frozenset({Category.SOFTWARE.value, Category.SERVICE.value, Category.HARDWARE.value})
"""What a vendor may make of whom the register does not say what it makes."""

_SOFTWARE = below(Category.SOFTWARE)
_HARDWARE = below(Category.HARDWARE)


def categories_of(component: Component, match: Match, vendor: Vendor) -> Words:
    """The categories a component has. Several that disagree leave the question open; none are unknown."""
    products = frozenset().union(*(vendor.products[number].categories for number in match.products))
    known = _capped(component.type, products or vendor.categories)
    place = component.place
    stated = place.category if place is not None else None
    if stated is None:
        return known
    products = products or _resembled(component.name or "", vendor)
    if not products or meets_category(frozenset({stated}), products):
        return frozenset({stated})  # the request is more exact than the register
    if meets_category(products, frozenset({stated})):
        return products  # the register is more exact than the request
    return products | {stated}  # they contradict each other: a claim alone takes nothing out of a law's scope


def beside(component: Component, match: Match, vendor: Vendor) -> Words:
    """What a line may be for beside the product that it begins with: "Kaspersky Security Awareness with Anti-Virus".

    What comes with a product need not be named as the register names it, so it may be anything that the vendor makes.
    """
    place, name = component.place, component.name or ""
    if place is None or not place.is_request or place.category is not None or not match.products:
        return frozenset()
    known = " ".join(name for number in match.products for name in _names(vendor.products[number]))
    is_more = any(_joins(name, joint) > _joins(known, joint) for joint in _JOINTS)
    return ((vendor.categories or ANYTHING) if is_more else frozenset()) | _resembled(name, vendor)


_JOINTS = ("with", "and", "plus", "incl", "including", "&", "+")


def _joins(text: str, joint: str) -> int:
    return text.lower().replace(",", " ").replace(".", " ").split().count(joint)


def _names(product: Product) -> tuple[str, ...]:
    return product.name, *product.others


LEAST = 6
"""Letters of a product's own words that tell it from others."""


def _resembled(name: str, vendor: Vendor) -> Words:
    """What products of the vendor are for whose own words stand in a name, however it spaces them: a claim about
    "Kaspersky Antivirus" is one about Kaspersky Anti-Virus, by whichever of the names the register has for it."""
    own = {vendor.id, *normalise(vendor.name).split(" "), "and"}  # "and" is also written "&"
    text = _together(name, own)
    found: set[str] = set()
    for product in vendor.products:
        if any(len(one) >= LEAST and one in text for one in (_together(called, own) for called in _names(product))):
            found |= product.categories
    return frozenset(found)


def _together(name: str, left_out: set[str]) -> str:
    return "".join(word for word in normalise(name).split(" ") if word not in left_out)


def _capped(kind: str | None, categories: Words) -> Words:
    """What the CycloneDX type leaves of the register's categories; it adds none."""
    if kind in SOFTWARE_TYPES:
        kept = categories & _SOFTWARE
        if kind != "application":
            kept -= NAMED_APPLICATIONS
        return kept or frozenset({Category.SOFTWARE.value})
    if kind in HARDWARE_TYPES:
        # A maker of security software also sells it as an appliance: hardware, and what it is for is open.
        return categories & _HARDWARE or categories | {Category.HARDWARE.value}
    if kind == "machine-learning-model":
        return categories | {Category.AI_MODEL.value}  # the type alone does not make security software a model
    return categories
