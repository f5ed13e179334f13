"""The register of vendors as names are looked up in it; part of the compiled law."""

import msgspec


class Entry(msgspec.Struct, frozen=True, gc=False):
    """What a look-up in the register finds: whose it is, of which product (its number), and as the register says it."""

    vendor: str
    said: str
    product: int | None = None


class Register(msgspec.Struct, frozen=True):
    """The names of all vendors, each table keyed by what `match` makes of a document's words."""

    purls: dict[str, Entry]
    cpes: dict[str, Entry]  # "vendor" or "vendor:product"
    identifiers: dict[str, Entry]  # "lei:…"
    organisations: dict[str, Entry]  # normalised
    products: dict[str, Entry]  # normalised
    domains: dict[str, Entry]
    owned: dict[str, dict[str, str]] = {}  # vendor -> those that it owns or owned -> as what
    others: dict[str, Entry] = {}  # normalised names of whom the vendor is not
    added: frozenset[str] = frozenset()  # vendors of folders that somebody added to the law here
