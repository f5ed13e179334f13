"""The register's look-ups: what a document says in a field of some kind -> the entries it meets, and how strongly."""

import re
from collections.abc import Callable, Iterator
from functools import cached_property

from gate import purl as purls
from gate import repacked
from gate.companies import Companies, Hit, Phrases
from gate.cpe import cpe_names, is_of_hardware, pattern_of
from gate.cpe import each as cpes_in
from gate.cpe import is_readable as is_readable_cpe
from gate.identity import ACCOUNTS, Kind
from gate.letters import folded, without_controls
from gate.memory import keep
from gate.names import LEGAL_FORMS, ascii_words, compact, entries, normalise, without_mail
from gate.register import Entry, Register
from gate.strength import EXACT, GUESSED, LINKED, NAMED, POSSIBLE

MOST_WORDS = 48
"""Words, labels or segments of one text that are looked at: no entry has nearly as many, and a text may have any."""

_NONE: tuple[Hit, ...] = ()
_SAID = ("generic/", "swid/", "android/", "p2/")
"""Types of purls whose namespace is whatever the writer calls the maker: by the specification of `swid` its creator."""

_MARKS = re.compile("[.']")
_TOKEN = re.compile(r"[^\W_]+")
_VERSION = re.compile(r" (?:\d+ ?bit|\d+|x64|x86)\b")
"""What an inventory of installed programs writes into a product's name: 12.5, (x64)."""

_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
"""Where a word begins in words that are written on to each other: ZTECorporation, HuaweiTechnologiesCoLtd."""

_WRITTEN_ON = frozenset(" \t\n@/:")
"""What does not stand in them."""

_IN_BRACKETS = re.compile(r"[(<]([^()<>\s]+)[)>]")
_MAIL_HOST = re.compile(r"@([^@\s,;:/?#<>()\"]+)")


class Lookup:
    """One finder for each kind of identity; those of hosts, groups and organisations remember what repeats."""

    def __init__(self, register: Register) -> None:
        self.register = register
        # What somebody added to the register is looked up beside it: it hides nobody of whom the law speaks.
        halves = zip(
            _own_and_added(register, register.organisations), _own_and_added(register, register.others), strict=True
        )
        self._companies = [Companies(names, others) for names, others in halves if names]
        self._product_words = {name.split(" ", 1)[0] for name in register.products} | LEGAL_FORMS
        self._hosts: dict[str, tuple[Hit, ...]] = {}
        self._organisations: dict[str, tuple[Hit, ...]] = {}
        self._parties: dict[str, tuple[Hit, ...]] = {}
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
            Kind.PARTY: self._party,
        }

    def _purl(self, said: str) -> tuple[Hit, ...]:
        hits = self._ref(said) or tuple(hit for link in purls.links_of(said) for hit in self._link(link))
        if not purls.is_odd(said):
            return hits
        vendors = {entry.vendor for entry, _ in hits}
        return (*hits, *(hit for hit in self._anywhere(said) if hit[0].vendor not in vendors))

    def _ref(self, said: str) -> tuple[Hit, ...]:
        keys = purls.keys_of(said)
        # A name without a namespace has two.
        is_in_any = len(keys) > 2 or (len(keys) > 0 and keys[0].startswith(_SAID))
        found = self._keys(keys) or (self._in_namespace(said, *keys[0].split("/", 1)) if is_in_any else _NONE)
        return found or self._keys(repacked.keys(said), POSSIBLE)

    def _in_namespace(self, said: str, kind: str, first: str) -> tuple[Hit, ...]:
        """Whom a namespace names that no registry gave out: by a host of its own, or by a company's name."""
        if f"{kind}/" not in _SAID:
            return self._host(first) if "." in first and kind != "maven" else _NONE
        path = (purls.parts(said) or ("", []))[1]
        names = path[:-1]
        hosts = [hit for name in names if "." in name for hit in self._host(name)]
        # As programs for Android, Java and Apple's systems are called.
        hosts += [hit for one in path for hit in self._keys(purls.groups(purls.labels_of(one))[1:], GUESSED)]
        # Without dots, so that whoever is met stands there in whole words, as `screen` looks for them.
        texts = [_MARKS.sub(" ", name) for name in names]
        return (*hosts, *((entry, POSSIBLE) for text in texts for entry, _ in self._person(text, text)))

    def _keys(self, keys: list[str], strength: str = EXACT) -> tuple[Hit, ...]:
        table = self.register.purls
        found = [table[key] for key in keys if key in table]
        return tuple((entry, strength) for entry in found) if found else _NONE

    def _path(self, said: str) -> tuple[Hit, ...]:
        scope = purls.plain(purls.decoded(said))
        owned = self._keys(purls.keys_of(said) if purls.is_purl(said) else _scope_keys(scope), GUESSED)
        segments = scope.split("/")
        if owned or len(segments) != 2 or scope.startswith("@"):
            return owned
        return self._keys([f"{kind}/{segments[0]}" for kind in ACCOUNTS], POSSIBLE)  # as models and images are called

    def _cpe(self, said: str) -> tuple[Hit, ...]:
        if len(cpes := cpes_in(said)) > 1:
            return tuple(hit for one in cpes for hit in self._cpe(one))
        vendor, product = cpe_names(said)
        table = self.register.cpes
        found = [table[key] for key in (vendor, f"{vendor}:{product}") if key in table]
        hits = tuple((entry, EXACT) for entry in found) if found else self._hardware(said, vendor)
        return hits if is_readable_cpe(said) else (*hits, *self._left_open(said), *self._anywhere(said))

    def _hardware(self, cpe: str, vendor: str) -> tuple[Hit, ...]:
        """Who is called as the vendor of a device. No tool makes that up from the name of a package."""
        entry = self.register.organisations.get(normalise(_MARKS.sub(" ", vendor))) if is_of_hardware(cpe) else None
        return ((entry, POSSIBLE),) if entry else _NONE

    def _left_open(self, cpe: str) -> Iterator[Hit]:
        """The vendors that a CPE may mean which leaves letters open."""
        pattern = pattern_of(cpe)
        if pattern is not None:
            yield from ((entry, POSSIBLE) for key, entry in self.register.cpes.items() if pattern.fullmatch(key))

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
        entry = self.register.identifiers.get(f"{scheme}:{compact(value).removeprefix(scheme.upper())}")
        return ((entry, EXACT),) if entry else _NONE

    def _organisation(self, said: str) -> tuple[Hit, ...]:
        hits = self._organisations.get(said)
        if hits is None:
            hits = keep(self._organisations, said, self._new_organisation(said))
        return hits

    def _party(self, said: str) -> tuple[Hit, ...]:
        hits = self._parties.get(said)
        if hits is None:
            hits = keep(self._parties, said, self._new_organisation(said, is_party=True))
        return hits

    def _new_organisation(self, said: str, *, is_party: bool = False) -> tuple[Hit, ...]:
        if len(each := entries(said)) > 1:
            return tuple(hit for one in each for hit in self._new_organisation(one, is_party=is_party))
        text, mail = without_mail(said)
        hits = [*self._links_in(said), *(self._mail(mail) if mail else ())]
        if "." in text and " " not in text.strip():  # a bare domain or URL stands where a name should
            hits.extend(self._link(text))
        named = [hit for names in self._companies for hit in names.organisation(said, text, is_party=is_party)]
        if not named and not hits and _WRITTEN_ON.isdisjoint(said) and (parted := _HUMP.sub(" ", said)) != said:
            return tuple((entry, POSSIBLE) for entry, _ in self._new_organisation(parted, is_party=is_party))
        return (*named, *hits)

    def _person(self, said: str, text: str) -> list[Hit]:
        return [hit for names in self._companies for hit in names.person(said, text)]

    def is_misspelt(self, organisation: str) -> bool:
        """Whether a name is a close spelling of one in the register."""
        texts = [without_mail(one)[0] for one in entries(organisation)]
        return any(names.is_misspelt(text) for text in texts for names in self._companies)

    def _links_in(self, said: str) -> Iterator[Hit]:
        """What stands after a name: npm writes `(https://host/)`, distributions `<https://host/>`."""
        if "(" in said or "<" in said:
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
        owned = self._keys(_scope_keys(scope))
        labels = purls.labels_of(scope)
        if len(labels) == 1 and not scope.startswith("@"):  # whose account it is depends on where: the purl tells that
            keys = [f"npm/@{labels[0]}", *(f"{kind}/{labels[0]}" for kind in ACCOUNTS)]
            owned = self._keys(keys, POSSIBLE)
        vendors = {entry.vendor for entry, _ in owned}
        return (*owned, *(hit for hit in self._person(text, text) if hit[0].vendor not in vendors))

    def _author(self, said: str) -> tuple[Hit, ...]:
        if len(each := entries(said)) > 1:
            return tuple(hit for one in each for hit in self._author(one))
        text, mail = without_mail(said)
        hits = (*self._links_in(said), *(self._mail(mail) if mail else ()))
        return (*hits, *self._person(said, text))

    def _contact(self, said: str) -> tuple[Hit, ...]:
        """Somebody to write to is not who makes or supplies a thing, but tells where to look."""
        return tuple((entry, POSSIBLE) for entry, _ in self._author(said))

    def _link(self, said: str) -> tuple[Hit, ...]:
        host, path = purls.host_and_path(said)
        if account := purls.accounts(host, path):
            return self._keys(account, LINKED)
        scopes = [at for at, segment in enumerate(path[:MOST_WORDS]) if segment.startswith("@")]  # as npm registries do
        return (*self._host(host), *(self._keys(purls.above("npm", path[scopes[0] :][:2]), LINKED) if scopes else ()))

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
        hosts = _MAIL_HOST.findall(said) or [said]  # several stand in one field
        return tuple(hit for host in hosts for hit in self._host(purls.plain(host).rstrip(".>")))

    def _product(self, said: str) -> tuple[Hit, ...]:
        if said.isascii() and self._product_words.isdisjoint(ascii_words(said)[:1]):
            return _NONE
        name = normalise(said)
        table = self.register.products
        for one in (name, _VERSION.sub("", name)):
            if " " in one and one in table:
                return ((table[one], NAMED),)
        return _NONE


def _own_and_added(register: Register, table: dict[str, Entry]) -> tuple[dict[str, Entry], dict[str, Entry]]:
    """What a table of the register says of the vendors of the law here, and of those that somebody added."""
    if not register.added:
        return table, {}
    own: dict[str, Entry] = {}
    added: dict[str, Entry] = {}
    for name, entry in table.items():
        (added if entry.vendor in register.added else own)[name] = entry
    return own, added


def _scope_keys(scope: str) -> list[str]:
    """The register keys met by a namespace that tells of what kind it is, or by a package written below it."""
    segments = [segment for segment in map(purls.plain, scope.replace(":", "/").split("/")) if segment][:MOST_WORDS]
    if scope.startswith("@"):
        return purls.above("npm", segments)
    labels = purls.labels_of(scope)
    if len(labels) < 2:
        return []
    host, path = purls.host_and_path(scope)
    return [*purls.accounts(host, path), *purls.above("golang", segments), *purls.groups(labels)[1:]]
