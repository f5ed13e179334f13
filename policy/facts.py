"""What else a law asks of a purchase: a closed table of facts, each with its kind and the words that can answer it.

Unstated is unknown. A fact that no instrument needs does not belong here; a new one names the instrument that needs it.
"""

from enum import StrEnum
from functools import cache

import msgspec

from policy.dates import written

Stated = str | float
"""A fact as somebody states it: a word, a country, a day or instant as ISO 8601 writes it, or a number."""


class Kind(StrEnum):
    """What kind of value answers a fact."""

    WORDS = "words"  # one of a few words
    DAY = "day"  # a date, a legal day in the instrument's zone; or an instant with its offset
    NUMBER = "number"
    COUNTRY = "country"  # ISO 3166 alpha-2


class Fact(msgspec.Struct, frozen=True):
    """One fact: `words` can answer it (of the kind `words` only); `text` says in a sentence what is not known."""

    kind: Kind
    words: tuple[str, ...]
    text: str


def _words(text: str, *words: str) -> Fact:
    return Fact(Kind.WORDS, words, text)


def _yes_or_no(text: str) -> Fact:
    return Fact(Kind.WORDS, ("yes", "no"), text)


FACTS: dict[str, Fact] = {
    # Canada's ban of Kaspersky reaches devices issued by government that are mobile, and no others; the EU's bans of
    # TikTok also private devices that are enrolled for work.
    "device": _words(
        "what device it is for", "government-mobile", "government-other", "personal", "personal-enrolled", "none"
    ),
    # The Commerce determination on Kaspersky spares consulting that is purely informational or educational.
    "consulting": _words("what kind of consulting it is", "informational", "operational"),
    # Quebec's order of December 2023 spares what was acquired before; s. 5949 of the NDAA for FY2023 likewise.
    "acquired": Fact(Kind.DAY, (), "on what day it was acquired"),
    # FASCSA orders hold for solicitations issued on or after the order's day (FAR 52.204-30).
    "solicitation": Fact(Kind.DAY, (), "on what day the solicitation was issued"),
    # The American Security Drone Act's rule holds for contracts awarded on or after its day.
    "award": Fact(Kind.DAY, (), "on what day the contract was awarded"),
    # 15 CFR part 791 subpart D bites by model year, and asks what its hardware belongs to.
    "model-year": Fact(Kind.NUMBER, (), "of which model year it is"),
    "vcs-unit": _words("whether the hardware belongs to a model year", "model-year", "untied", "repair"),
    # The FCC's entries of 2025 and 2026 ask where something is produced, not by whom.
    "place-of-production": Fact(Kind.COUNTRY, (), "in which country it is produced"),
    "consumer-grade": _yes_or_no("whether it is a consumer-grade router"),
    "fcc-authorization": _words("whether the FCC authorized the model before", "authorized", "none"),
    "fcc-exemption": _words(
        "whether one of the entry's exemptions holds",
        *("none", "conditional-approval", "blue-uas", "domestic-end-product", "toy-drone"),
    ),
    # Bans in telecommunications networks go by the part of the network: Canada, Germany, the United Kingdom.
    "network-part": _words(
        "in which part of the network it stands",
        *("5g-core", "5g-access", "5g-other", "4g", "full-fibre-access", "network-core"),
        *("high-data-rate-transmission", "management-system", "other"),
    ),
    # The British designated vendor direction on Huawei.
    "network-share": _words(
        "whether the vendor's share of the network is above 35 per cent", "above-35-per-cent", "35-per-cent-or-below"
    ),
    "us-sanctions-affected": _yes_or_no("whether the US sanctions of May 2020 changed how it is made"),
    # Germany's contracts of 2024 on the 5G networks.
    "critical-component": _yes_or_no("whether it is a critical component under section 9b BSIG"),
    # The same direction; and HCWS386 on cameras at sensitive sites and departmental core networks.
    "sensitive-site": _yes_or_no("whether it stands at a sensitive site"),
    "core-network": _yes_or_no("whether it is connected to the department's core network"),
    # The NCSC's letter of 2017 on Russian anti-virus products goes by the classification of what is processed.
    "classification": _words("how what it processes is classified", "secret-or-above", "official", "none"),
    # Bans of DeepSeek spare models that run where the vendor sees nothing; Taiwan's asks for the network.
    "hosting": _words("who hosts it", "local", "vendor"),
    "network-connection": _words("whether it is connected to a network", "connected", "isolated"),
    # Section 889: "substantial or essential component", and what cannot see user data.
    "substantial-component": _yes_or_no("whether what it is part of needs it to work"),
    "user-data": _words("whether it can see or route user data", "visible", "invisible"),
    # FAR 52.204-30: which orders the contract's clause names.
    "fascsa-orders": _words("which FASCSA orders the contract names", "dod", "dhs", "dni", "named", "none"),
    # American Security Drone Act: the Council's list in SAM.gov, whose names were not found.
    "asda-listed": _yes_or_no("whether the maker is on the Federal Acquisition Security Council's list in SAM.gov"),
    # Section 6604 of the NDAA for FY2026.
    "national-security-system": _yes_or_no("whether it is for a national security system"),
    # India's registration and procurement orders on cameras.
    "certificate": _words("whether it has a valid certificate", "valid", "none"),
    # Poland's act and the proposal for a second EU Cybersecurity Act: nobody is designated yet.
    "high-risk-supplier": _words("whether the supplier is designated as one of high risk", "designated", "none"),
    # Japan's agreement of 2018 has entities evaluate more than the price.
    "supply-chain-evaluation": _words("whether the supply chain was evaluated", "done", "not-done"),
}
"""Name of a fact -> what can answer it."""


@cache
def countries() -> frozenset[str]:
    """The country codes of ISO 3166-1, as the time zone database lists them: nobody's code answers nothing."""
    from importlib.resources import files  # takes longer to import than all of the gate's own modules

    text = (files("tzdata.zoneinfo") / "iso3166.tab").read_text("utf-8")
    return frozenset(line[:2] for line in text.splitlines() if not line.startswith("#"))


def unfit(fact: Fact, value: object) -> str | None:
    """None if the value can answer the fact, else what could."""
    match fact.kind:
        case Kind.WORDS:
            return None if value in fact.words else f"its values are {', '.join(fact.words)}"
        case Kind.COUNTRY:
            return None if value in countries() else "it is a country by its two letters (ISO 3166), such as DE"
        case Kind.NUMBER:
            is_year = isinstance(value, float) and value.is_integer() and 1900 <= value <= 2200
            return None if is_year else "it is a year of four digits"  # the only number that any law asks for
        case Kind.DAY:
            return None if _is_moment(value) else "it is a day (2024-07-20) or an instant with its offset"


def _is_moment(value: object) -> bool:
    try:
        return isinstance(value, str) and 1990 <= written(value).year <= 2200
    except ValueError:
        return False
