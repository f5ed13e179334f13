"""The register's look-ups: what a document says in a field of some kind -> the entries it meets, and how strongly."""

import re
from collections.abc import Callable, Iterator
from functools import cached_property

from gate import purl as purls
from gate.companies import Companies, Hit, Phrases
from gate.cpe import cpe_names
from gate.cpe import is_readable as is_readable_cpe
from gate.identity import Kind
from gate.law import Register
from gate.memory import keep
from gate.names import LEGAL_FORMS, ascii_words, folded, normalise, without_controls, without_mail
from gate.strength import EXACT, GUESSED, LINKED, NAMED, POSSIBLE

MOST_WORDS = 48
"""Words, labels or segments of one text that are looked at: no entry has nearly as many, and a text may have any."""

OWNERS = ("github", "gitlab", "bitbucket", "composer", "docker", "huggingface")
"""Where a namespace of one segment is an account."""

_NONE: tuple[Hit, ...] = ()
_TOKEN = re.compile(r"[^\W_]+")
_IN_BRACKETS = re.compile(r"\(([^()\s]+)\)")


class Lookup:
    """One finder for each kind of identity; those of hosts, groups and organisations remember what repeats."""

    def __init__(self, register: Register) -> None:
        self.register = register
        self._companies = Companies(register.organisations)
        self._product_words = {name.split(" ", 1)[0] for name in register.products} | LEGAL_FORMS
        self._hosts: dict[str, tuple[Hit, ...]] = {}
        self._organisations: dict[str, tuple[Hit, ...]] = {}
        self._groups: dict[str, tuple[Hit, ...]] = {}
        self.finders: dict[Kind, Callable[[str], tuple[Hit, ...]]] = {
            Kind.PURL: self._purl,
            Kind.CPE: self._cpe,
            Kind.IDENTIFIER: self._identifier,
            Kind.ORGANISATION: self._organisation,
            Kind.GROUP: self._group,
            Kind.AUTHOR: self._author,
            Kind.LINK: self._link,
            Kind.MAIL: self._mail,
            Kind.PATH: self._path,
            Kind.PRODUCT: self._product,
            Kind.REF: self._ref,
            Kind.CONTACT: self._contact,
        }

    def _purl(self, said: str) -> tuple[Hit, ...]:
        hits = self._ref(said)
        return hits if purls.parts(said) is not None else (*hits, *self._anywhere(said))

    def _ref(self, said: str) -> tuple[Hit, ...]:
        return self._keys(purls.keys_of(said))

    def _keys(self, keys: list[str], strength: str = EXACT) -> tuple[Hit, ...]:
        table = self.register.purls
        found = [table[key] for key in keys if key in table]
        return tuple((entry, strength) for entry in found) if found else _NONE

    def _path(self, said: str) -> tuple[Hit, ...]:
        host, path = purls.host_and_path(said)
        return self._keys(purls.above("github", path[:MOST_WORDS]), GUESSED) if host == purls.FORGE else _NONE

    def _cpe(self, said: str) -> tuple[Hit, ...]:
        vendor, product = cpe_names(said)
        table = self.register.cpes
        found = [table[key] for key in (vendor, f"{vendor}:{product}") if key in table]
        hits = tuple((entry, EXACT) for entry in found) if found else _NONE
        return hits if is_readable_cpe(said) else (*hits, *self._anywhere(said))

    def _anywhere(self, said: str) -> tuple[Hit, ...]:
        """Whoever's words stand in a text that cannot be read: it could be hidden there."""
        text = purls.plain(purls.decoded(without_controls(said)))
        found = {entry.vendor: entry for _, entry in self._phrases.found_in(_TOKEN.findall(text))}
        return tuple((entry, POSSIBLE) for entry in found.values())

    @cached_property
    def _phrases(self) -> Phrases:
        register = self.register
        names = [
            *((key.partition("/")[2], entry) for key, entry in register.purls.items()),
            *((key.partition(":")[0], entry) for key, entry in register.cpes.items()),
            *register.domains.items(),
            *register.organisations.items(),
        ]
        phrases = ((" ".join(_TOKEN.findall(folded(name))), entry) for name, entry in names)
        return Phrases((phrase, entry) for phrase, entry in phrases if len(phrase) > 2)

    def _identifier(self, said: str) -> tuple[Hit, ...]:
        scheme, _, value = said.partition(":")
        entry = self.register.identifiers.get(f"{scheme}:{''.join(value.split()).upper()}")
        return ((entry, EXACT),) if entry else _NONE

    def _organisation(self, said: str) -> tuple[Hit, ...]:
        hits = self._organisations.get(said)
        if hits is None:
            hits = keep(self._organisations, said, self._new_organisation(said))
        return hits

    def _new_organisation(self, said: str) -> tuple[Hit, ...]:
        text, mail = without_mail(said)
        hits = [*self._links_in(said), *(self._mail(mail) if mail else ())]
        if "." in text and " " not in text.strip():  # a bare domain or URL stands where a name should
            hits.extend(self._link(text))
        return (*self._companies.organisation(said, text), *hits)

    def is_misspelt(self, organisation: str) -> bool:
        """Whether a name is a close spelling of one in the register."""
        return self._companies.is_misspelt(without_mail(organisation)[0])

    def _links_in(self, said: str) -> Iterator[Hit]:
        """What npm writes after a name: `(https://host/)`."""
        if "(" in said:
            for link in _IN_BRACKETS.findall(said):
                if "." in link:
                    yield from self._link(link)

    def _group(self, said: str) -> tuple[Hit, ...]:
        hits = self._groups.get(said)
        if hits is None:
            hits = keep(self._groups, said, self._new_group(said))
        return hits

    def _new_group(self, said: str) -> tuple[Hit, ...]:
        text = purls.decoded(said)
        scope = purls.plain(text)
        segments = [segment for segment in map(purls.plain, scope.split("/")) if segment][:MOST_WORDS]
        labels = purls.labels_of(scope)
        owned: tuple[Hit, ...] = _NONE
        if scope.startswith("@"):
            owned = self._keys(purls.above("npm", segments))
        elif len(labels) > 1:
            host, path = purls.host_and_path(scope)
            forge = purls.above("github", path[:MOST_WORDS]) if host.removeprefix("www.") == purls.FORGE else []
            owned = self._keys([*forge, *purls.above("golang", segments), *purls.groups(labels)[1:]])
        elif labels:  # whose account it is depends on where: the purl tells that
            keys = [f"npm/@{labels[0]}", *(f"{kind}/{labels[0]}" for kind in OWNERS)]
            owned = self._keys(keys, POSSIBLE)
        vendors = {entry.vendor for entry, _ in owned}
        return (*owned, *(hit for hit in self._companies.person(text, text) if hit[0].vendor not in vendors))

    def _author(self, said: str) -> tuple[Hit, ...]:
        text, mail = without_mail(said)
        hits = (*self._links_in(said), *(self._mail(mail) if mail else ()))
        return (*hits, *self._companies.person(said, text))

    def _contact(self, said: str) -> tuple[Hit, ...]:
        """Somebody to write to is not who makes or supplies a thing, but tells where to look."""
        return tuple((entry, POSSIBLE) for entry, _ in self._companies.person(said, said))

    def _link(self, said: str) -> tuple[Hit, ...]:
        host, path = purls.host_and_path(said)
        if host.removeprefix("www.") == purls.FORGE and path:
            return self._keys(purls.above("github", path[:MOST_WORDS]), LINKED)
        return self._host(host)

    def _host(self, host: str) -> tuple[Hit, ...]:
        hits = self._hosts.get(host)
        if hits is None:
            labels, domains = host.split(".")[-MOST_WORDS:], self.register.domains
            ends = (".".join(labels[start:]) for start in range(len(labels) - 2, -1, -1))
            # A longer domain may be another vendor's, and does not take the host from whom the shorter one belongs to.
            found = {domains[end].vendor: domains[end] for end in ends if end in domains}
            hits = keep(self._hosts, host, tuple((entry, LINKED) for entry in found.values()))
        return hits

    def _mail(self, said: str) -> tuple[Hit, ...]:
        return self._host(purls.plain(said.rpartition("@")[2]).rstrip(".>"))

    def _product(self, said: str) -> tuple[Hit, ...]:
        if said.isascii() and self._product_words.isdisjoint(ascii_words(said)[:1]):
            return _NONE
        name = normalise(said)
        entry = self.register.products.get(name) if " " in name else None
        return ((entry, NAMED),) if entry else _NONE
