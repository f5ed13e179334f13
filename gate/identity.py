"""Component -> identities: what a document says about who made or supplies a thing, and in which field.

Only fields that can name a maker are read. Hashes, licences, properties, descriptions and evidence never are: in real
SBOMs they add no true hit and most of the false ones.
"""

from collections.abc import Iterable, Iterator
from enum import IntEnum

from gate import purl as purls
from gate.names import PLACEHOLDERS, normalise
from gate.subject import Component, Organisation, Person


class Kind(IntEnum):
    """What sort of identity it is; `match` has one look-up for each."""

    PURL = 0
    CPE = 1
    IDENTIFIER = 2
    ORGANISATION = 3
    GROUP = 4
    AUTHOR = 5
    LINK = 6
    MAIL = 7
    PATH = 8  # a name that has a namespace before it: github.com/owner/repository, @scope/package, com.owner.program
    PRODUCT = 9
    REF = 10  # a bom-ref that is a purl
    CONTACT = 11
    PARTY = 12  # an organisation named as supplier or manufacturer


Identity = tuple[Kind, str, str]
"""Kind, the field that says it, and what it says: `(Kind.PURL, "purl", "pkg:npm/left-pad@1")`."""

# Where a component's own pages are. Other links (advisories, documentation, chat, licences) point at other people's.
OWN_LINKS = frozenset(
    {
        "website",
        "vcs",
        "distribution",
        "source-distribution",
        "issue-tracker",
        "support",
        "distribution-intake",
        "endpoint",
    }
)

SCHEMES = frozenset({"lei", "uei", "duns", "uscc", "ogrn"})
"""The identifiers of organisations that the register knows; another names nobody here."""

NOBODY = frozenset(
    {None, " ", "-", "?"}
    | {
        before + written
        for before in ("", "Organization: ")
        for word in ("N/A", "NoAssertion", *PLACEHOLDERS)
        for written in (word, word.lower(), word.upper(), word.title())
    }
)
"""What stands where no maker is named, as generators write it: comparing is faster than normalising."""

ACCOUNTS = ("github", "gitlab", "bitbucket", "composer", "docker", "huggingface")
"""Types of purls whose namespace of one segment is an account."""

SCOPED = frozenset({"golang", "maven", "npm", *ACCOUNTS})
"""Types of purls whose names are paths below a namespace that a registry gives out."""

# In these the namespace is the distribution that packed the thing, never its maker.
PACKED_BY_OTHERS = ("pkg:deb/", "pkg:rpm/", "pkg:apk/", "pkg:alpm/")


def identities(component: Component) -> Iterator[Identity]:
    """Every identity a component carries, strongest first. Empty strings are absent: cdxgen writes them."""
    yield from _packages(component)
    if component.cpe:
        yield Kind.CPE, "cpe", component.cpe
    if component.supplier is not None:
        yield from _organisation("supplier", component.supplier)
    if component.manufacturer is not None:
        yield from _organisation("manufacturer", component.manufacturer)
    if component.publisher:
        yield Kind.ORGANISATION, "publisher", component.publisher
    if component.group and not _is_account(component.group, component.purl):
        yield Kind.GROUP, "group", component.group
    yield from _authors(component)
    for number, reference in enumerate(component.references or ()):
        if reference.url and (reference.type or "").strip().lower() in OWN_LINKS:
            yield Kind.LINK, f"externalReferences/{number}/url", reference.url
    if component.name:
        yield Kind.PRODUCT, "name", component.name
    if component.swid is not None and component.swid.name:
        yield Kind.PRODUCT, "swid.name", component.swid.name


def is_named(organisation: Organisation | None) -> bool:
    """Whether a document says who that is: "NOASSERTION" is nobody, in whatever field."""
    if organisation is None:
        return False
    if organisation.name and normalise(organisation.name):
        return True
    return (
        any(map(_is_link, organisation.urls or ()))
        or any(map(_is_somebody, organisation.contacts or ()))
        or any(scheme in SCHEMES and normalise(value) for scheme, value in (organisation.identifiers or {}).items())
    )


def _is_link(said: str) -> bool:
    return "." in purls.host_and_path(said)[0] and normalise(said) != ""


def _is_somebody(person: Person) -> bool:
    return "@" in (person.mail or "") or normalise(person.name or "") != ""


def _packages(component: Component) -> Iterator[Identity]:
    purl, ref, name = component.purl, component.ref, component.name
    if purl:
        yield Kind.PURL, "purl", purl
    # A ref or name that says the same again is no further evidence.
    if ref and purls.is_purl(ref) and not (purl and purls.keys_of(ref) == purls.keys_of(purl)):
        yield Kind.REF, "bom-ref", ref
    if name and ("/" in name or ":" in name or "." in name) and not (purl and _says_again(purl, name)):
        yield Kind.PATH, "name", name


def _is_account(group: str, purl: str | None) -> bool:
    """Whether a group only repeats whose account a purl names: then the purl tells whether that is the vendor's."""
    cut = purls.parts(purl) if purl else None
    return cut is not None and cut[0] in ACCOUNTS and len(cut[1]) > 1 and cut[1][0] == purls.plain(group)


def _says_again(purl: str, name: str) -> bool:
    """Whether a name is met by all that it could be as a path where its purl is."""
    kind, path = purls.kind_of(purl), name.strip().lower().replace(":", "/")
    return kind in SCOPED and f"{kind}/{path}" in purls.keys_of(purl)


def _authors(component: Component) -> Iterator[Identity]:
    if component.author:
        yield Kind.AUTHOR, "author", component.author
    for number, author in enumerate(component.authors or ()):
        if author.name:
            yield Kind.AUTHOR, f"authors/{number}/name", author.name
        if author.mail:
            yield Kind.MAIL, f"authors/{number}/email", author.mail


def _organisation(field: str, organisation: Organisation) -> Iterator[Identity]:
    if organisation.identifiers:
        for scheme, value in organisation.identifiers.items():
            yield Kind.IDENTIFIER, f"{field}.{scheme}", f"{scheme}:{value}"
    if organisation.name:
        yield Kind.PARTY, f"{field}.name", organisation.name
    for url in organisation.urls or ():
        yield Kind.LINK, f"{field}.url", url
    for contact in organisation.contacts or ():
        if contact.name:
            yield Kind.CONTACT, f"{field}.contact", contact.name
        if contact.mail:
            yield Kind.MAIL, f"{field}.contact", contact.mail


def identified(components: Iterable[Component]) -> int:
    """How many components say anything from which their maker could be told: what coverage counts."""
    nobody = NOBODY
    return len(
        [
            True
            for c in components
            if (c.group and c.group not in nobody)
            or (c.publisher and c.publisher not in nobody)
            or (c.author and c.author not in nobody)
            or (c.cpe and c.cpe not in nobody)
            or (c.supplier and (c.supplier.name not in nobody or is_named(c.supplier)))
            or _has_owner(c)
            or (c.manufacturer and is_named(c.manufacturer))
            or (c.authors and any(map(_is_somebody, c.authors)))
        ]
    )


def _has_owner(component: Component) -> bool:
    purl = component.purl
    return purl is not None and not purl.startswith(PACKED_BY_OTHERS) and purl.find("/", purl.find("/") + 1) > 0
