"""The sieve may let through too much and never too little: whatever `match` would find, it must let through."""

import os
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from urllib.parse import quote

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gate import cpe as cpes
from gate.errors import GateError
from gate.files import read
from gate.law import Law
from gate.match import Matcher
from gate.purl import unreadable
from gate.register import Register
from gate.screen import FEW, Sieve
from gate.subject import Component, Organisation, Person, Reference, Swid
from tests.strategies import listed_vendor, product, register_of

CORPUS = os.environ.get("GATE_CORPUS")

# Names of every make: dots, hyphens, other scripts, digits that look like an encoding, one word inside another.
REGISTER = register_of(
    listed_vendor(
        "kaspersky",
        names=["Kaspersky Lab", "АО «Лаборатория Касперского»", "OOO Kaspersky Group"],
        purls=[
            "pkg:npm/%40kaspersky",
            "pkg:maven/com.kaspersky",
            "pkg:maven/com.kavsdk",
            "pkg:github/kasperskylab",
            "pkg:deb/*/kesl",
            "pkg:rpm/*/klnagent64",
        ],
        cpes=["kaspersky", "kaspersky_lab"],
        domains=["kaspersky.com", "securelist.com"],
        identifiers={"lei": ["5493001KJTIIGC8Y1R12"]},
        products=[
            product("Kaspersky Total Security", cpes=["kaspersky:total_security"]),
            product("hexa-ui", purls=["pkg:npm/%40kaspersky/hexa-ui"]),
        ],
    ),
    listed_vendor("hikvision", names=["杭州海康威视数字技术股份有限公司", "Hikvision Digital Technology Co., Ltd."]),
    listed_vendor(
        "sage",
        names=["S.A.G.E. S.r.l.", "O'Sage Works"],
        purls=["pkg:github/sage.works", "pkg:golang/sage.example/tools", "pkg:maven/io.sage.api"],
        cpes=["sage.works", "sage-works"],
        domains=["sage.works"],
        products=[product("S.A.G.E. Pad"), product("Pad-1c Studio")],
    ),
    listed_vendor("qihoo", name="360", names=["360 Security", "1C"], products=[product("1c pad")]),
    listed_vendor(
        "dji",
        names=["DJI"],
        domains=["dji.com"],
        purls=["pkg:npm/dji-sdk", "pkg:pypi/djitellopy", "pkg:pypi/drone-sdk_core"],
    ),
    listed_vendor("comnet", name="ComNet (USA) LLC"),
    listed_vendor(
        "tello",
        names=["Ryze"],
        products=[product("Tello")],
        owners=[{"vendor": "dji", "kind": "brand", "source": "https://law.example/1"}],
    ),
    listed_vendor("muller", names=["Müller & Söhne GmbH"], domains=["xn--mller-kva.example"]),
)

HARMLESS = [Component(ref=f"r{n}", name=f"left-pad-{n}", purl=f"pkg:npm/left-pad-{n}@1.0.{n}") for n in range(FEW + 6)]


def dropped(register: Register, components: Sequence[Component], sieve: Sieve | None = None) -> list[Component]:
    """The components that `match` knows and the sieve does not let through."""
    let_through = set((sieve or Sieve(Matcher(register))).suspects(components))
    fresh = Matcher(register)
    return [c for number, c in enumerate(components) if number not in let_through and fresh.match(c)]


def among_others(*components: Component, place: int = 7) -> list[Component]:
    """The components with more than enough harmless ones around them."""
    return [*HARMLESS[:place], *components, *HARMLESS[place:]]


WORDS = sorted(
    {
        *(part for key in REGISTER.purls for part in key.split("/")),
        *(part for key in REGISTER.cpes for part in key.split(":")),
        *REGISTER.domains,
        *(entry.said for table in (REGISTER.organisations, REGISTER.products) for entry in table.values()),
        *REGISTER.organisations,
        *REGISTER.products,
        "com/kavsdk",
        "github.com",
        "Kasperski Lab",
        "5493001KJTIIGC8Y1R12",
        "x",
    }
    - {"*"}
)

LOOK_ALIKE = str.maketrans("aekocp", "аекоср")


def _encoded(text: str) -> str:
    return "".join(f"%{byte:02x}" for byte in text.encode())


GARBLE: dict[str, Callable[[str], str]] = {
    "as it is": lambda text: text,
    "upper": str.upper,
    "title": str.title,
    "quoted": lambda text: quote(text, safe=""),
    "encoded": _encoded,
    "first encoded": lambda text: _encoded(text[:1]) + text[1:],
    "dotted": lambda text: ".".join(text[at : at + 3] for at in range(0, len(text), 3)),
    "apostrophe": lambda text: text[:2] + "'" + text[2:],
    "escaped": lambda text: "".join(letter if letter.isalnum() else f"\\{letter}" for letter in text),
    "backslash inside": lambda text: text[:2] + "\\" + text[2:],
    "other script": lambda text: text.translate(LOOK_ALIKE),
    "full width": lambda text: "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text),
    "zero width": lambda text: text[:3] + "\u200b" + text[3:],
    "kelvin": lambda text: text.replace("k", "\u212a"),
    "accent": lambda text: text.replace("e", "é"),
    "line break": lambda text: text[:3] + "\n" + text[3:],
    "in lines": lambda text: f"\n{text}\r\n",
    "blanks": lambda text: f"  {text}\t",
    "underscores": lambda text: text.replace(" ", "_").replace("-", "_"),
    "percent": lambda text: f"{text} 100%",
    "percent before": lambda text: f"%{text}",
    "brackets": lambda text: f"{text} (x) <a@b.example>",
    "listed": lambda text: f"Nobody and {text}; Pango",
    "prefix": lambda text: f"Organization: {text}",
    "form": lambda text: f"ООО {text}, Inc.",
    "slip": lambda text: text[:4] + text[5:],
    "control": lambda text: text[:2] + "\x01" + text[2:],
    "controls": lambda text: "\t".join(text) + "\x7f",
    "encoded control": lambda text: text[:2] + "%00" + text[2:],
    "encoded line break": lambda text: text[:2] + "%0A" + text[2:],
    "control in an encoding": lambda text: text[:1] + "%\r" + _encoded(text[1:2])[1:] + text[2:],
    "line break in an encoding": lambda text: (
        text[:1] + (_encoded(text[1:2])[:2] + "\n" + _encoded(text[1:2])[2:]) + text[2:]
    ),
    "control in an encoding of one": lambda text: text[:1] + "%25\x01" + _encoded(text[1:2])[1:] + text[2:],
    "left open": lambda text: text[:-1] + "?",
    "any after": lambda text: text[:5] + "*",
    "undecodable": lambda text: text + "%zz",
    "blank inside": lambda text: text.replace("_", " ").replace("-", " "),
    "slashed": lambda text: text.replace(".", "/"),
    "dashed": lambda text: text.replace(".", "-").replace("_", "-"),
    "apart": lambda text: text.replace(".", " . "),
    "in brackets": lambda text: f"Acme ({text})",
    "page": lambda text: f"Ann (https://{text}/x)",
}

words = st.tuples(st.sampled_from(WORDS), st.sampled_from(sorted(GARBLE))).map(lambda pair: GARBLE[pair[1]](pair[0]))
glue = st.sampled_from(["/", ":", ".", "@", "?", "#", " ", "", "%2F", "\n", "//", "-"])


Fill = Callable[[Component, str], None]


@st.composite
def texts(draw: st.DrawFn) -> str:
    """One to three words of the register, garbled, with something between them, and perhaps a scheme before them."""
    before = draw(
        st.sampled_from(
            [
                "", "", "pkg:npm/", "pkg:npm/@", "pkg:maven/", "pkg:deb/debian/", "pkg:deb/", "pkg:golang/github.com/",
                "pkg:github/", "PKG:GitHub/", "cpe:2.3:a:", "cpe:/a:", "https://", "https://www.", "git@github.com:",
                " pkg:npm/", "pkg:", "pkg:npm/%zz/", "cpe:", "cpe:2.3:a: ", "cpe:2.3:", "github.com%2F",
                "a@", "https://github.com/", "github.com/", "pkg://npm/%40", "scm:git:https://github.com/",
                "pkg:generic/", "pkg:swid/", "pkg:docker/ghcr.io/", "cpe:2.3:h:", "cpe:/o:",
                "pkg:npm/x?vcs_url=git%2Bhttps://github.com/", "pkg:oci/x?repository_url=", "pkg:npm/x?download_url=//",
            ]
        )
    )  # fmt: skip
    made = before + draw(words)
    for _ in range(draw(st.integers(0, 2))):
        made += draw(glue) + draw(words)
    return made


@st.composite
def garbled_components(draw: st.DrawFn) -> Component:
    """A component with such a text in one or two of the fields that can name a maker."""
    component = Component(name="x")
    for field in draw(st.lists(st.sampled_from(sorted(FIELDS)), min_size=1, max_size=2, unique=True)):
        FIELDS[field](component, draw(texts()))
    return component


def _set(field: str) -> Fill:
    return lambda component, text: setattr(component, field, text)


FIELDS: dict[str, Fill] = {
    **{field: _set(field) for field in ("name", "purl", "cpe", "group", "publisher", "author", "ref")},
    "authors": lambda c, text: setattr(c, "authors", [Person(name=text)]),
    "authors' mail": lambda c, text: setattr(c, "authors", [Person(mail=text)]),
    "supplier": lambda c, text: setattr(c, "supplier", Organisation(name=text)),
    "supplier's page": lambda c, text: setattr(c, "supplier", Organisation(urls=["", text])),
    "supplier's mail": lambda c, text: setattr(c, "supplier", Organisation(contacts=[Person(mail=text)])),
    "supplier's contact": lambda c, text: setattr(c, "supplier", Organisation(contacts=[Person(name=text)])),
    "supplier's lei": lambda c, text: setattr(c, "supplier", Organisation(identifiers={"lei": text})),
    "manufacturer": lambda c, text: setattr(c, "manufacturer", Organisation(name=text)),
    "maker's page": lambda c, text: setattr(c, "manufacturer", Organisation(urls=[text])),
    "link": lambda c, text: setattr(c, "references", [Reference("chat", "https://x.example"), Reference("vcs", text)]),
    "swid": lambda c, text: setattr(c, "swid", Swid(name=text)),
    "type": lambda c, text: setattr(c, "type", "device" if len(text) % 2 else "machine-learning-model"),
}


class TestTheSieveDropsNothingThatMatches:
    """gate/screen.py: "The sieve may let through too much and never too little"."""

    @settings(max_examples=300)
    @given(st.lists(garbled_components(), min_size=1, max_size=4), st.integers(0, len(HARMLESS)))
    @example([Component(name="x", purl="pkg:maven/com/kavsdk/sdk@1")], 0)
    @example([Component(name="Kas.persky Total Security 100%")], 0)
    @example([Component(name="x", group="com.kavsdk.x"), Component(name="x", group="S.A.G.E. 5%")], 3)
    @example([Component(name="x", cpe="cpe:2.3:a:kas\\persky:100\\%x:*")], 0)
    @example([Component(name="x", author="%1C")], 0)
    @example([Component(name="x", cpe="cpe:/a:kas%7\n0ersky:x")], 0)
    @example([Component(name="x", purl="pkg:github/kaspers%25\r6bylab/x@1")], 0)
    @example([Component(name="x", cpe="cpe:2.3:a:kaspersk?:x"), Component(name="x", cpe="cpe:/a:k%02y:x")], 0)
    @example([Component(name="x", purl="pkg:npm/x:S.A.G.E.@1"), Component(name="com/kavsdk/x")], 0)
    @example([Component(name="x", purl="pkg:npm/left-pad@1", ref="pkg:npm/@kas\npersky/x")], 0)
    @example([Component(name="x", cpe="cpe:2.3:a:sage works:x"), Component(name="x", cpe="kaspersky-lab")], 0)
    @example([Component(name="x", purl="pkg:pypi/Drone.SDK-core@1"), Component(name="x", author="ComNet (USA)")], 0)
    @example([Component(name="Ryze", publisher="DJI"), Component(name="Tello", type="device", cpe="dji")], 3)
    @example([Component(name="x", publisher="DJI (USA) Inc."), Component(name="x", publisher="(c) Comnet (USA)")], 3)
    @example([Component(name="x", purl="dji/sdk"), Component(name="x", group="dji-sdk")], 3)
    @example(
        [Component(name="x", publisher="kaspersky.com"), Component(name="x", supplier=Organisation(urls=["DJI"]))], 0
    )
    def test_in_any_field_however_garbled(self, components: list[Component], place: int) -> None:
        assert dropped(REGISTER, among_others(*components, place=place)) == []

    @given(
        st.lists(garbled_components(), min_size=1, max_size=3), st.lists(garbled_components(), min_size=1, max_size=3)
    )
    def test_what_an_earlier_document_said_changes_nothing(
        self, earlier: list[Component], later: list[Component]
    ) -> None:
        sieve = Sieve(Matcher(REGISTER))
        sieve.suspects(among_others(*earlier))
        assert dropped(REGISTER, among_others(*later), sieve) == []

    def test_a_name_that_stood_where_a_link_belongs_is_still_a_name(self) -> None:
        sieve = Sieve(Matcher(REGISTER))
        sieve.suspects(among_others(Component(name="x", supplier=Organisation(urls=["Kaspersky Lab"]))))
        assert dropped(REGISTER, among_others(Component(name="x", publisher="Kaspersky Lab")), sieve) == []

    def test_a_name_is_still_a_name_where_another_component_of_the_document_has_it_as_a_link(self) -> None:
        link = Component(name="x", supplier=Organisation(urls=["Kaspersky Lab"]))
        true = Component(name="y", manufacturer=Organisation(name="Kaspersky Lab"))
        assert dropped(REGISTER, among_others(link, true)) == []

    def test_a_link_that_stood_where_a_name_belongs_is_still_a_link(self) -> None:
        sieve, link = Sieve(Matcher(REGISTER)), "https://github.com/KasperskyLab/x y"
        sieve.suspects(among_others(Component(name="x", publisher=link)))
        assert dropped(REGISTER, among_others(Component(name="x", supplier=Organisation(urls=[link]))), sieve) == []

    def test_a_purl_that_ends_too_early_hides_no_other(self) -> None:
        odd, true = Component(purl="pkg:npm/@kaspersky/"), Component(purl="pkg:npm/@kaspersky/hexa-ui@1")
        sieve = Sieve(Matcher(REGISTER))
        components = among_others(odd, true)
        found = [n for n in sieve.suspects(components) if sieve.matcher.match(components[n])]
        assert components.index(true) in found

    @given(st.text(max_size=40), st.text(max_size=40))
    def test_what_cannot_be_read_is_let_through_since_the_decision_notes_it(self, purl: str, cpe: str) -> None:
        strange = [Component(name="x", purl=purl), Component(name="y", cpe=cpe)]
        components = among_others(*strange)
        let_through = {id(components[n]) for n in Sieve(Matcher(REGISTER)).suspects(components)}
        unread = [strange[n] for n in unreadable([purl, None])] + [strange[n] for n in cpes.unreadable([None, cpe])]
        assert {id(one) for one in unread} <= let_through

    @given(st.lists(garbled_components(), max_size=3))
    def test_few_components_are_all_looked_at(self, components: list[Component]) -> None:
        assert list(Sieve(Matcher(REGISTER)).suspects(components)) == list(range(len(components)))

    def test_most_of_a_harmless_document_is_not_looked_at(self) -> None:
        assert list(Sieve(Matcher(REGISTER)).suspects(HARMLESS)) == []

    def test_numbers_rise_and_are_those_of_the_components_also_in_large_documents(self) -> None:
        suspect = Component(name="x", purl="pkg:npm/%40kaspersky/hexa-ui@1")
        many = HARMLESS * 300
        for place in (0, 8191, 8192, 8193, 16384, len(many) - 1):
            there = [*many[:place], suspect, *many[place + 1 :]]
            assert list(Sieve(Matcher(REGISTER)).suspects(there)) == [place]


@cache
def _corpus(folder: str) -> list[list[Component]]:
    """Every document of the corpus that can be read."""
    found = []
    for path in sorted(Path(folder).rglob("*")):
        if path.is_file() and path.suffix in (".json", ".xml", ".cdx", ".gz") and path.stat().st_size < 3_000_000:
            try:
                subject = read(path, now=datetime(2026, 1, 1, tzinfo=UTC))
            except GateError:
                continue
            found.append([subject.settled(number) for number in range(len(subject.components))])
    return found


@pytest.mark.skipif(not CORPUS, reason="GATE_CORPUS names no corpus of SBOMs")
class TestTheSieveOverTheCorpus:
    """The same, over SBOMs that tools have made, with names that stand in many of them."""

    extra = (
        listed_vendor(
            "often",
            name="Often",
            names=[
                "Red Hat",
                "The Apache Software Foundation",
                "Google LLC",
                "Sindre Sorhus",
                "Microsoft",
                "OpenJS",
                "isaacs",
            ],
            purls=[
                "pkg:npm/%40babel",
                "pkg:npm/%40types",
                "pkg:maven/org.apache",
                "pkg:maven/com.google",
                "pkg:maven/com.huaweicloud",
                "pkg:maven/com.alibaba",
                "pkg:maven/io.netty/netty-common",
                "pkg:github/sindresorhus",
                "pkg:github/google",
                "pkg:golang/golang.org/x",
                "pkg:pypi/requests",
                "pkg:deb/*/openssl",
                "pkg:rpm/*/glibc",
                "pkg:apk/*/musl",
                "pkg:npm/minimist",
            ],
            cpes=["redhat", "apache", "google", "gnu", "openssl", "debian", "python"],
            domains=["apache.org", "redhat.com", "google.com", "gnu.org", "sindresorhus.com", "gmail.com"],
            products=[product("Spring Boot", "commons-io", "jackson-core", "is-number")],
        ),
    )

    def test_nothing_that_matches_is_dropped_anywhere(self, law: Law) -> None:
        own, added = law.register, register_of(*self.extra)
        tables = ("purls", "cpes", "identifiers", "organisations", "products", "domains")
        both = {name: {**getattr(own, name), **getattr(added, name)} for name in tables}
        register = msgspec.structs.replace(own, **both)
        sieve, matcher = Sieve(Matcher(register)), Matcher(register)
        said: Counter[str] = Counter()
        for components in _corpus(str(CORPUS)):
            padded = [*components, *HARMLESS]  # so that small documents go through the sieve as well
            let_through = set(sieve.suspects(padded))
            for number, component in enumerate(components):
                matches = matcher.match(component)
                if matches:
                    assert number in let_through, component
                    said.update(piece.field.split("/")[0] for match in matches for piece in match.evidence)
        assert said.total() > 1000, said
        assert len(said) > 5, said
