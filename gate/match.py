"""Identities x register -> matches: which vendor a component may be of, how surely, and by which words.

Whole segments and whole words only. Exact: an owned purl namespace, an identifier, an organisation's whole name, a CPE
vendor that was not guessed. Everything else leaves the vendor possible, so that a person looks.
"""

from functools import cached_property

import msgspec

from gate.companies import Phrases
from gate.cpe import is_made_up
from gate.family import related
from gate.identity import ACCOUNTS, Kind, identities
from gate.lookup import Lookup
from gate.memory import FEWER_KEPT, LONGEST, keep
from gate.names import is_bare, normalise, without_mail
from gate.purl import is_purl, kind_of
from gate.register import Entry, Register
from gate.strength import EXACT, GUESSED, NAMED, POSSIBLE, STRENGTHS
from gate.subject import Component
from gate.wording import Told, Wording
from policy.vocabulary import Ownership

MOST_EVIDENCE = 20
"""Pieces of evidence that a match keeps."""

OPEN = frozenset(ACCOUNTS) | {"cargo", "gem", "golang", "hex", "npm", "nuget", "pub", "pypi", "swift"}
"""Where anybody may publish under any name that is not taken, and write any author."""


_ENCODER = msgspec.msgpack.Encoder()

_ITS_OWN = (Ownership.BRAND, Ownership.SUBSIDIARY)

BUILT_IN = frozenset({"library", "framework", "file"})
"""Types of what is built into something else, and so is no brand that is sold."""


LABELLED = frozenset({"device", "firmware", "operating-system", "machine-learning-model", "service"})
"""Types of what is sold under its maker's name; a program's name may say whose things it is for."""


class Evidence(msgspec.Struct, frozen=True, gc=False):
    """What a document says in which field, what of the register it met, and how strongly."""

    field: str
    said: str
    matched: str
    strength: str


Found = list[tuple[Entry, Evidence]]


class Match(msgspec.Struct, frozen=True, dict=True):
    """A vendor that a component may be of, and numbers of its products in the register.

    `products` are told by the strongest evidence there is, or are what a request's line begins with, so they say what
    the thing is for. `hinted` are told by weaker evidence alone (a name that anybody may write), or further on in a
    line, so beside what the vendor makes they only say what else it may be for.
    """

    vendor: str
    products: tuple[int, ...]
    evidence: tuple[Evidence, ...]
    hinted: tuple[int, ...] = ()

    @cached_property
    def is_certain(self) -> bool:
        """Whether one piece of evidence is enough by itself."""
        return any(piece.strength == EXACT for piece in self.evidence)

    @cached_property
    def as_supplier(self) -> bool:
        """Whether the vendor is named as the one who supplies."""
        return any(_is_of_supplier(piece) for piece in self.evidence)

    @cached_property
    def surely_supplies(self) -> bool:
        """Whether that is said so clearly that it is enough by itself."""
        return any(piece.strength == EXACT and _is_of_supplier(piece) for piece in self.evidence)

    @cached_property
    def as_maker(self) -> bool:
        """Whether the vendor is named otherwise than as the one who supplies."""
        return any(not _is_of_supplier(piece) for piece in self.evidence)


class Matcher:
    """Tells of which vendors of a register a component may be."""

    def __init__(self, register: Register) -> None:
        self.register = register
        self._lookup = Lookup(register)
        self._matches: dict[bytes, tuple[Match, ...]] = {}
        self._find = tuple(self._lookup.finders[kind] for kind in Kind)

    def match(self, component: Component) -> tuple[Match, ...]:
        """Every vendor the component may be of, with all evidence for each."""
        try:
            said = _in_bytes(component)
        except UnicodeEncodeError:  # half a letter, as JSON can escape it
            return self._new_match(component)
        kept = self._matches.get(said)
        if kept is None:
            kept = self._new_match(component)
            if len(said) <= LONGEST:
                keep(self._matches, said, kept, FEWER_KEPT)
        return kept

    def _new_match(self, component: Component) -> tuple[Match, ...]:
        found: Found | None = None
        find = self._find
        for kind, field, said in identities(component):
            hits = find[kind](said)
            if hits:
                found = found or []
                found.extend((entry, Evidence(field, str(said), entry.said, strength)) for entry, strength in hits)
        if component.place is not None and component.place.is_request:
            found = [*(found or ()), *self._request_line(component, found or [])]
        elif component.type in LABELLED and component.name:
            found = [*(found or ()), *self._labelled(component, component.name, found or [])]
        if not found:
            return ()
        leading = self._leading(component)
        matches = _by_vendor(component, found, leading)
        more = self._of_known_maker(component, matches)
        return _by_vendor(component, [*found, *more], leading) if more else matches

    def meets(self, kind: Kind, said: str) -> bool:
        """Whether what a document says in a field of that kind meets anything in the register."""
        return bool(self._find[kind](said)) or (kind is Kind.PRODUCT and any(self._wording.label(said)))

    def is_misspelt(self, organisation: str) -> bool:
        """Whether an organisation's name is a close spelling of one in the register."""
        return self._lookup.is_misspelt(organisation)

    def _request_line(self, component: Component, found: Found) -> Found:
        """What the words of a line name. Which member of a family is meant, the stated maker's name tells best."""
        if not component.name:
            return []
        family = self._family(component, found)
        brands = (one for one in self._wording.brands(component) if one[0].vendor not in family)
        named = (*self._wording.products(component), *brands)
        return [(entry, Evidence("product", component.name, said, strength)) for entry, said, strength in named]

    def _labelled(self, component: Component, name: str, found: Found) -> Found:
        """What the name of a device, a model or a service begins with, which nobody writes who only speaks to one."""
        # Whoever is met already is told better, and so is what the thing is for.
        known = self._family(component, found).union(entry.vendor for entry, _ in found)
        return [
            (entry, Evidence("name", name, said, strength))
            for entry, said, strength in self._wording.label(name, is_apart=component.type == "service")
            if entry.vendor not in known
        ]

    def _family(self, component: Component, found: Found) -> frozenset[str]:
        """The makers that are surely named, and those related to them whose brand they bear in their names.

        Another brand of the family is not explained: who was sold may still sell what its former owner makes.
        """
        makers = {entry.vendor for entry, piece in found if piece.strength == EXACT and _is_of_maker(piece)}
        family = makers.union(*(self._families.get(maker, ()) for maker in makers))
        if family == makers or component.manufacturer is None:
            return frozenset(makers)
        return frozenset(makers | (family & self._wording.named_in(component.manufacturer.name or "")))

    def _leading(self, component: Component) -> Told | None:
        """The products that a request's line begins with. None: its products are not told by how it is called."""
        if component.place is None or not component.place.is_request or not normalise(component.name or ""):
            return None
        return self._wording.leading(component.name or "")

    def _of_known_maker(self, component: Component, matches: tuple[Match, ...]) -> Found:
        """What a name says beside its maker's and not by itself: a product of one word, or who belongs to the maker."""
        is_request = component.place is not None and component.place.is_request
        if not component.name or (component.type in BUILT_IN and not is_request):
            return []
        name, field = normalise(component.name), "product" if is_request else "name"
        words = name.split(" ")
        found = []
        for match in matches:
            owned = self.register.owned.get(match.vendor, {})
            product = self.register.products.get(name)
            if product and match.is_certain and (product.vendor == match.vendor or product.vendor in owned):
                found.append((product, Evidence(field, component.name, product.said, NAMED)))
                if owned.get(product.vendor) == Ownership.BRAND:
                    brand = Entry(product.vendor, product.said)
                    found.append((brand, Evidence(field, component.name, product.said, EXACT)))
            names = self._owned_names[match.vendor].found_in(words) if owned else []
            for phrase, entry in names:
                # A brand is the maker itself under another name; a company may have been sold.
                is_sure = match.is_certain and phrase == words and owned[entry.vendor] == Ownership.BRAND
                found.append((entry, Evidence(field, component.name, entry.said, EXACT if is_sure else POSSIBLE)))
        return found

    @cached_property
    def _wording(self) -> Wording:
        return Wording(self.register)

    @cached_property
    def _families(self) -> dict[str, frozenset[str]]:
        """Vendor -> itself and whoever it is or was related to, as the law here says."""
        owned, added = self.register.owned, self.register.added
        return related({owner: held.keys() - added for owner, held in owned.items()})

    @cached_property
    def _owned_names(self) -> dict[str, Phrases]:
        """Vendor -> the names of those that belong to it."""
        names = list(self.register.organisations.items())
        return {
            vendor: Phrases((name, entry) for name, entry in names if owned.get(entry.vendor) in _ITS_OWN)
            for vendor, owned in self.register.owned.items()
        }


def _in_bytes(component: Component) -> bytes:
    """All of a component that a match depends on: components that say the same match the same."""
    one, place = component, component.place
    return _ENCODER.encode(
        (
            place is not None and (place.is_request, place.guesses_cpes),
            *(one.ref if one.ref and is_purl(one.ref) else None, one.purl, one.cpe, one.swid and one.swid.name),
            *(one.type, one.name, one.group, one.publisher, one.author, one.authors),
            *(one.supplier, one.manufacturer, one.references),
        )
    )


def _by_vendor(component: Component, found: Found, leading: Told | None) -> tuple[Match, ...]:
    vendors: dict[str, list[tuple[Entry, Evidence]]] = {}
    for entry, piece in found:
        settled = msgspec.structs.replace(piece, strength=_settled(component, piece))
        vendors.setdefault(entry.vendor, []).append((entry, settled))
    return tuple(_match(vendor, met, leading) for vendor, met in sorted(vendors.items()))


def _settled(component: Component, piece: Evidence) -> str:
    """How strong a piece of evidence is in view of the component's other fields."""
    if piece.strength != EXACT:
        return piece.strength
    if piece.field == "cpe":
        is_known_to = component.place is not None and component.place.guesses_cpes
        return GUESSED if is_known_to or is_made_up(piece.said, component.name or "") else EXACT
    if piece.field == "publisher" and is_bare(without_mail(piece.said)[0]):  # tools copy a registry's author there
        said = component.purl or component.ref or ""
        return POSSIBLE if kind_of(said) in OPEN else EXACT
    return EXACT


def _match(vendor: str, met: Found, leading: Told | None) -> Match:
    pieces: dict[tuple[str, str, str], Evidence] = {}
    told: dict[str, set[int]] = {}
    for entry, piece in met:
        key = (piece.field, piece.said, piece.strength)
        pieces.pop(key, None)  # the last entry met is the most exact; one piece for each thing said is enough
        pieces[key] = piece
        if entry.product is not None:
            told.setdefault(piece.strength, set()).add(entry.product)
    every = set().union(*told.values())
    if leading is not None:  # what a line begins with is bought; what else it names may come with it
        given = {product for product in every if (vendor, product) in leading}
        hinted = every - given
    else:
        strengths = {piece.strength for piece in pieces.values()}
        given = told.get(min(strengths - {NAMED} or strengths, key=STRENGTHS.index), set())
        hinted = set() if given else every
    return Match(vendor, tuple(sorted(given)), _strongest(list(pieces.values())), tuple(sorted(hinted)))


def _strongest(pieces: list[Evidence]) -> tuple[Evidence, ...]:
    """Few enough to be read. The strongest is kept of either side, so nothing the decision rests on is lost."""
    if len(pieces) <= MOST_EVIDENCE:
        return tuple(pieces)
    ranked = sorted(pieces, key=lambda piece: STRENGTHS.index(piece.strength))
    sides = {_is_of_supplier(piece): piece for piece in reversed(ranked)}
    return tuple(dict.fromkeys([*sides.values(), *ranked]))[:MOST_EVIDENCE]


def _is_of_supplier(piece: Evidence) -> bool:
    return piece.field.startswith("supplier")


def _is_of_maker(piece: Evidence) -> bool:
    return piece.field.startswith("manufacturer")
