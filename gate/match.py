"""Identities x register -> matches: which vendor a component may be of, how surely, and by which words.

Whole segments and whole words only. Exact: an owned purl namespace, an identifier, an organisation's whole name, a CPE
vendor that was not guessed. Everything else leaves the vendor possible, so that a person looks.
"""

from collections.abc import Callable

import msgspec

from gate import purl as purls
from gate.cpe import cpe_names, is_made_up
from gate.identity import Kind, identities, is_named
from gate.law import Entry, Register
from gate.names import (
    ENUMERATORS,
    LEGAL_FORMS,
    MOST_SLIPS,
    ascii_words,
    is_close,
    letters_of,
    listed,
    normalise,
    without_mail,
)
from gate.subject import Component

EXACT = "exact"
GUESSED = "guessed"  # a CPE that a tool made up from the package's name
LINKED = "linked"  # only a web or mail domain
NAMED = "named"  # only the name of a product
POSSIBLE = "possible"  # a close spelling, or a name that begins with a vendor's


class Evidence(msgspec.Struct, frozen=True, gc=False):
    """What a document says in which field, what of the register it met, and how strongly."""

    field: str
    said: str
    matched: str
    strength: str


class Match(msgspec.Struct, frozen=True):
    """A vendor that a component may be of. `products` are numbers of the vendor's products in the register."""

    vendor: str
    products: tuple[int, ...]
    evidence: tuple[Evidence, ...]

    @property
    def is_certain(self) -> bool:
        """Whether one piece of evidence is enough by itself."""
        return any(piece.strength == EXACT for piece in self.evidence)

    @property
    def as_supplier(self) -> bool:
        """Whether the vendor is named as the one who supplies."""
        return any(piece.field.startswith("supplier") for piece in self.evidence)

    @property
    def as_maker(self) -> bool:
        """Whether the vendor is named otherwise than as the one who supplies."""
        return any(not piece.field.startswith("supplier") for piece in self.evidence)


MOST_WORDS = 48
"""Words, labels or segments of one text that are looked at: no entry has nearly as many, and a text may have any."""

Hit = tuple[Entry, str]  # what of the register was met, and how strongly
_NONE: tuple[Hit, ...] = ()


class Matcher:
    """The register's look-ups, those of hosts and organisations remembering what repeats."""

    def __init__(self, register: Register) -> None:
        self.register = register
        self._by_length: dict[int, list[tuple[str, int]]] = {}
        for name in register.organisations:
            self._by_length.setdefault(len(name), []).append((name, letters_of(name)))
        self._first_words = {name.split(" ", 1)[0] for name in register.organisations} | LEGAL_FORMS
        self._product_words = {name.split(" ", 1)[0] for name in register.products} | LEGAL_FORMS
        self._hosts: dict[str, tuple[Hit, ...]] = {}
        self._organisations: dict[str, tuple[Hit, ...]] = {}
        self._groups: dict[str, tuple[Hit, ...]] = {}
        self._find: tuple[Callable[[str], tuple[Hit, ...]], ...] = (
            self._purl,
            self._cpe,
            self._identifier,
            self._organisation,
            self._group,
            self._author,
            self._link,
            self._mail,
            self._path,
            self._product,
        )

    def match(self, component: Component) -> tuple[Match, ...]:
        """Every vendor the component may be of, with all evidence for each."""
        found: list[tuple[Entry, Evidence]] | None = None
        find = self._find
        for kind, field, said in identities(component):
            hits = find[kind](said)
            if hits:
                found = found or []
                found.extend((entry, Evidence(field, str(said), entry.said, strength)) for entry, strength in hits)
        if component.place is not None and component.place.is_request:
            found = [*(found or ()), *self._request_line(component)]
        return self._by_vendor(component, found) if found else ()

    def _by_vendor(self, component: Component, found: list[tuple[Entry, Evidence]]) -> tuple[Match, ...]:
        vendors: dict[str, tuple[list[int], list[Evidence]]] = {}
        for entry, piece in found:
            is_guessed = piece.field == "cpe" and piece.strength == EXACT and _guesses(component, piece.said)
            evidence = msgspec.structs.replace(piece, strength=GUESSED) if is_guessed else piece
            products, pieces = vendors.setdefault(entry.vendor, ([], []))
            if entry.product is not None and entry.product not in products:
                products.append(entry.product)
            # The last entry met is the most exact; one piece of evidence for each thing said is enough.
            pieces[:] = [
                p for p in pieces if (p.field, p.said, p.strength) != (evidence.field, evidence.said, evidence.strength)
            ]
            pieces.append(evidence)
        return tuple(Match(vendor, tuple(sorted(p)), tuple(e)) for vendor, (p, e) in sorted(vendors.items()))

    def meets(self, kind: Kind, said: str) -> bool:
        """Whether what a document says in a field of that kind meets anything in the register."""
        return bool(self._find[kind](said))

    # Each finder takes what a document says and answers from one table of the register.

    def _purl(self, said: str) -> tuple[Hit, ...]:
        return self._keys(purls.keys_of(said))

    def _keys(self, keys: list[str]) -> tuple[Hit, ...]:
        table = self.register.purls
        found = [table[key] for key in keys if key in table]
        return tuple((entry, EXACT) for entry in found) if found else _NONE

    def _path(self, said: str) -> tuple[Hit, ...]:
        host, path = purls.host_and_path(said)
        if host != purls.FORGE or not path:
            return _NONE
        hits = self._keys(["github/" + "/".join(path[:end]) for end in range(1, len(path) + 1)])
        return tuple((entry, GUESSED) for entry, _ in hits)

    def _cpe(self, said: str) -> tuple[Hit, ...]:
        vendor, product = cpe_names(said)
        table = self.register.cpes
        found = [table[key] for key in (f"{vendor}:{product}", vendor) if key in table]
        return tuple((entry, EXACT) for entry in found) if found else _NONE

    def _identifier(self, said: str) -> tuple[Hit, ...]:
        scheme, _, value = said.partition(":")
        entry = self.register.identifiers.get(f"{scheme}:{''.join(value.split()).upper()}")
        return ((entry, EXACT),) if entry else _NONE

    def _organisation(self, said: str) -> tuple[Hit, ...]:
        hits = self._organisations.get(said)
        if hits is None:
            hits = self._organisations[said] = self._new_organisation(said)
        return hits

    def _new_organisation(self, said: str) -> tuple[Hit, ...]:
        table = self.register.organisations
        text, mail = without_mail(said)
        hits = list(self._mail(mail)) if mail else []
        if "." in text and " " not in text.strip():  # a bare domain or URL stands where a name should
            hits.extend(self._link(text))
        name = normalise(text)
        if not name:
            return tuple(hits)
        if name in table:
            return ((table[name], EXACT), *hits)
        exact = [table[part] for part in map(normalise, listed(text)) if part in table]
        if exact:
            return (*((entry, EXACT) for entry in exact), *hits)
        return (*hits, *((entry, POSSIBLE) for entry in self._near(name)))

    def _near(self, name: str) -> list[Entry]:
        """Register names that `name` begins with, or is a slip away from."""
        table, words = self.register.organisations, name.split(" ")[:MOST_WORDS]
        for end in range(len(words) - 1, 0, -1):
            lead = " ".join(words[:end])
            # One short word begins too many other names ("Honor Society"); two words, or a long one, do not.
            if lead in table and (end > 1 or len(lead) >= 8):
                return [table[lead]]
        squeezed = name.replace(" ", "")
        if squeezed != name and squeezed in table:
            return [table[squeezed]]
        size, letters = len(name), letters_of(name)
        close = (
            known
            for length in range(size - MOST_SLIPS, size + MOST_SLIPS + 1)
            for known, others in self._by_length.get(length, ())
            # Each slip changes at most two letters of those used: this spares comparing nearly every pair.
            if (letters ^ others).bit_count() <= 2 * MOST_SLIPS and is_close(known, name)
        )
        return [table[known] for known in close][:1]

    def _group(self, said: str) -> tuple[Hit, ...]:
        hits = self._groups.get(said)
        if hits is None:
            scope = said.lower()
            if scope.startswith("@"):
                found = self._keys([f"npm/{scope}"])
            elif "/" in scope:
                found = tuple((entry, EXACT) for entry, _ in self._path(scope))
            else:
                labels = scope.split(".")[:MOST_WORDS]
                found = self._keys(["maven/" + ".".join(labels[:end]) for end in range(2, len(labels) + 1)])
            name = normalise(said)
            entry = self.register.organisations.get(name)
            hits = self._groups[said] = (*found, *(((entry, EXACT),) if entry else ()))
        return hits

    def _author(self, said: str) -> tuple[Hit, ...]:
        text, mail = without_mail(said)
        hits = self._mail(mail) if mail else _NONE
        if text.isascii() and self._first_words.isdisjoint(ascii_words(text)):
            return hits
        table = self.register.organisations
        whole = normalise(text)
        names = {whole, *map(normalise, listed(text))} if any(mark in text for mark in ENUMERATORS) else {whole}
        return (*hits, *((table[name], EXACT) for name in sorted(names) if name in table))

    def _link(self, said: str) -> tuple[Hit, ...]:
        host, path = purls.host_and_path(said)
        if host.removeprefix("www.") == purls.FORGE and path:
            hits = self._keys(["github/" + "/".join(path[:end]) for end in range(1, len(path) + 1)])
            return tuple((entry, LINKED) for entry, _ in hits)
        return self._host(host)

    def _host(self, host: str) -> tuple[Hit, ...]:
        hits = self._hosts.get(host)
        if hits is None:
            labels = host.split(".")[-MOST_WORDS:]
            ends = (".".join(labels[start:]) for start in range(len(labels) - 1))
            entry = next((self.register.domains[end] for end in ends if end in self.register.domains), None)
            hits = self._hosts[host] = ((entry, LINKED),) if entry else _NONE
        return hits

    def _mail(self, said: str) -> tuple[Hit, ...]:
        return self._host(said.rpartition("@")[2].strip().lower().rstrip(".>"))

    def _product(self, said: str) -> tuple[Hit, ...]:
        if said.isascii() and self._product_words.isdisjoint(ascii_words(said)[:1]):
            return _NONE
        name = normalise(said)
        entry = self.register.products.get(name) if " " in name else None
        return ((entry, NAMED),) if entry else _NONE

    def _request_line(self, component: Component) -> list[tuple[Entry, Evidence]]:
        """In a request a product is written with more words: those of the register may stand anywhere among them."""
        if not component.name:
            return []
        words = normalise(component.name).split(" ")[:MOST_WORDS]
        runs = [(start, end) for start in range(len(words)) for end in range(start + 1, len(words) + 1)]
        found = []
        for start, end in runs:
            text = " ".join(words[start:end])
            product = self.register.products.get(text) if end - start > 1 else None
            if product:
                found.append((product, Evidence("product", component.name, product.said, NAMED)))
            brand = self.register.organisations.get(text)
            # A brand further on, or beside another maker, says what the product is for and not who made it.
            if brand and start == 0 and not is_named(component.manufacturer):
                found.append((brand, Evidence("product", component.name, brand.said, POSSIBLE)))
        return found


def _guesses(component: Component, cpe: str) -> bool:
    is_known_to = component.place is not None and component.place.guesses_cpes
    return is_known_to or is_made_up(cpe, component.name or "")
