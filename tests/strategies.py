"""What tests are made from: small laws, documents and instants, and hypothesis strategies for them."""

import json
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
import pytest
from cyclonedx.model import ExternalReference, ExternalReferenceType, XsUri
from cyclonedx.model.bom import Bom as WrittenBom
from cyclonedx.model.component import Component as WrittenComponent
from cyclonedx.model.component import ComponentType, Pedigree
from cyclonedx.model.component import Swid as WrittenSwid
from cyclonedx.model.contact import OrganizationalContact, OrganizationalEntity
from cyclonedx.model.service import Service
from hypothesis import strategies as st
from packageurl import PackageURL

from gate.compile import compiled
from gate.decide import Question
from gate.errors import ReadError
from gate.law import Citation, Clause, Exemption, Law, Owner, Permission
from gate.law import Vendor as VendorKnown
from gate.match import Matcher
from gate.read import read_sbom
from gate.register import Register
from gate.subject import Act, Component, settle
from policy.dates import Interval, Span
from policy.load import Policy
from policy.register import Product, Vendor
from policy.roles import Role
from policy.vocabulary import Act as ActWord
from policy.vocabulary import Agreement, Category, Effect, Position, Purpose

Json = dict[str, Any]

FAR = datetime(2100, 1, 1, tzinfo=UTC)
"""A clock after every law."""

SECOND = datetime(2024, 7, 20, 4, tzinfo=UTC)
"""An instant to build on: midnight in New York."""

MICROSECOND = timedelta(microseconds=1)

# Small laws, without files.


def clause(**changes: Any) -> Clause:
    """A clause that forbids everybody to use anything of `acme`, always, but for what is changed."""
    plain = Clause(
        code="test-law/clause",
        title="A law",
        authority="An authority",
        kind="prohibition",
        jurisdiction="US",
        time_zone="UTC",
        published=datetime(2000, 1, 1, tzinfo=UTC),
        checked="2026-01-01",
        provenance="official",
        citation=(Citation("Law 1", "https://law.example/1"),),
        text="Nobody may use it.",
        note=None,
        remedy=None,
        effect="deny",
        acts=frozenset({"use"}),
        binds=frozenset({"us-person"}),
        vendors=frozenset({"acme"}),
        controlled_from=frozenset(),
        reach=frozenset({"brand"}),
        interval=Interval(),
        categories=frozenset(),
        positions=frozenset(),
        purposes=frozenset(),
        agreements=frozenset(),
        facts={},
        exemptions=(),
        permissions=(),
    )
    return msgspec.structs.replace(plain, **changes)


def exemption(**changes: Any) -> Exemption:
    """An exception without a condition, but for what is changed."""
    none: frozenset[str] = frozenset()
    plain = Exemption("left-alone", "It is left alone.", none, none, none, none, none, {}, Interval(), None)
    return msgspec.structs.replace(plain, **changes)


def question(**changes: Any) -> Question:
    """A question to which nothing is unknown, but for what is changed."""
    plain = Question(
        vendor="acme",
        is_certain=True,
        worlds=(frozenset({"producer"}),),
        categories=frozenset({"anti-virus"}),
        agreement="new",
        purposes=frozenset({"other"}),
        facts=(),
        roles=frozenset({"us-person"}),
        act=Act("use", Span(SECOND)),
    )
    return msgspec.structs.replace(plain, **changes)


def vendor(ident: str = "acme", **changes: Any) -> VendorKnown:
    """A vendor that makes anti-virus software, but for what is changed."""
    plain = VendorKnown(ident, ident.title(), "US", frozenset({"anti-virus"}), (), ())
    return msgspec.structs.replace(plain, **changes)


def law_of(*clauses: Clause, vendors: Iterable[VendorKnown] = (), register: Register | None = None) -> Law:
    """A law of these clauses; `acme` is always a vendor."""
    known = {one.id: one for one in (vendor(), *vendors)}
    return Law("1", "sha256:0", clauses, known, {}, register or Register({}, {}, {}, {}, {}, {}))


def register_of(*vendors: Vendor) -> Register:
    """The register the compiler makes of these vendors."""
    by_id = {one.id: one for one in vendors}
    policy = Policy(version="1", digest="", prohibitions={}, vendors=by_id, lists={}, profiles={}, cases={}, files={})
    return compiled(policy).register


def listed_vendor(ident: str, **changes: Any) -> Vendor:
    """A vendor as a policy file says it."""
    return Vendor(**{"id": ident, "name": ident.title(), "source": "https://law.example/1", **changes})


def matcher_of(*vendors: Vendor) -> Matcher:
    """The look-ups for these vendors."""
    return Matcher(register_of(*vendors))


# Documents.


def sbom(*components: Json, **more: Any) -> Json:
    """A CycloneDX document with a root of nobody the law names."""
    root = {"type": "application", "name": "shop", "supplier": {"name": "Example Ltd"}}
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "metadata": {"component": {**root, "manufacturer": {"name": "Example Ltd"}}},
        "components": list(components),
        **more,
    }


HARMLESS: Json = {"type": "library", "name": "left-pad", "purl": "pkg:npm/left-pad@1.3.0"}

SUSPECTS: tuple[Json, ...] = (
    {"type": "library", "name": "hexa-ui", "purl": "pkg:npm/%40kaspersky/hexa-ui@6.1.0"},
    {"type": "library", "name": "kaspresso", "purl": "pkg:maven/com.kaspersky.android-components/kaspresso@1.5.3"},
    {"type": "application", "name": "kesl", "version": "11.2", "purl": "pkg:deb/debian/kesl@11.2"},
    {"type": "application", "name": "klnagent64", "purl": "pkg:rpm/klnagent64@14"},
    {"type": "application", "name": "Total Security", "cpe": "cpe:2.3:a:kaspersky:total_security:1:*:*:*:*:*:*:*"},
    {"type": "library", "name": "sdk", "publisher": "Kaspersky Lab"},
    {"type": "application", "name": "Kaspersky Password Manager", "version": "9"},
    {"type": "library", "name": "near", "publisher": "Kasperski Lab"},
    {"type": "library", "name": "page", "externalReferences": [{"type": "website", "url": "https://kaspersky.com/x"}]},
    {"type": "device", "name": "box", "manufacturer": {"name": "Kaspersky Lab, Inc."}},
    {"type": "library", "name": "kit", "supplier": {"name": "АО «Лаборатория Касперского»"}},
    {"type": "application", "name": "PT Application Firewall", "supplier": {"name": "Positive Technologies"}},
    {"type": "application", "name": "hunter", "supplier": {"name": "Group-IB"}},
    {"type": "library", "name": "spare", "purl": "pkg:npm/%40kaspersky/icons@1.0.0", "scope": "excluded"},
)
"""Components of vendors the law names, surely, perhaps, and not delivered."""


def components() -> st.SearchStrategy[Json]:
    """A component, as likely of a named vendor as not."""
    return st.sampled_from(SUSPECTS) | st.just(HARMLESS)


def boms(max_size: int = 5) -> st.SearchStrategy[Json]:
    """SBOMs with a few components."""
    return st.lists(components(), min_size=1, max_size=max_size).map(lambda chosen: sbom(*chosen))


def _some(words: Iterable[str], least: int = 0) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(sorted(words)), min_size=least, max_size=3, unique=True)


LINES: tuple[Json, ...] = (
    {"product": "Kaspersky Endpoint Security for Business", "manufacturer": {"name": "Kaspersky Lab, Inc."}},
    {"product": "Kaspersky Endpoint Security", "supplier": {"name": "Kaspersky Lab, Inc."}},
    {"product": "Kaspersky Threat Intelligence Portal", "manufacturer": {"name": "AO Kaspersky Lab"}},
    {"product": "Kaspersky Password Manager Premium", "supplier": {"name": "CDW LLC"}},
    {"product": "Consulting", "category": "security-consulting", "supplier": {"name": "Kaspersky Lab"}},
    {"product": "Desk", "supplier": {"name": "Furniture Ltd"}},
    {"product": "PT Application Firewall", "manufacturer": {"name": "Positive Technologies"}},
)
"""Lines of a purchase request."""


@st.composite
def requests(draw: st.DrawFn) -> Json:
    """Purchase requests of 2016 to 2026, dated by days or by instants, with and without a term."""
    by_days = draw(st.booleans())
    day = draw(st.dates(date(2016, 1, 1), date(2026, 12, 1)))
    delivery, length = draw(st.integers(0, 400)), draw(st.integers(1, 1500))
    clock = "" if by_days else draw(st.sampled_from(["T00:00:00-04:00", "T23:59:59.999999-05:00", "T10:30:00+02:00"]))

    def moment(days: int) -> str:
        return (day + timedelta(days=days)).isoformat() + clock

    made: Json = {
        "id": "PR-1",
        "ordered": moment(0),
        "lines": draw(st.lists(st.sampled_from(LINES), min_size=1, max_size=2)),
        "buyer": {"roles": draw(_some(role.value for role in Role if role is not Role.ANYONE))},
        "acts": draw(_some((act.value for act in ActWord), least=1)),
        "purposes": draw(_some(purpose.value for purpose in Purpose)),
        "supplier_uses": [],
    }
    if draw(st.booleans()):
        made["agreement"] = draw(st.sampled_from(Agreement)).value
        # To acquire is to renew under a renewal, and under an existing agreement neither is done.
        existing = made["agreement"] == Agreement.EXISTING
        barred = {ActWord.ACQUIRE, ActWord.RENEW} if existing else {ActWord.ACQUIRE}
        barred = set() if made["agreement"] == Agreement.NEW else barred
        made["acts"] = [act for act in made["acts"] if act not in barred] or [ActWord.USE.value]
    if draw(st.booleans()):
        made["delivered"] = moment(delivery)
    if draw(st.booleans()):
        made["term"] = {"starts": moment(delivery), "ends": moment(delivery + length)}
    return made


# Clauses and questions for Kleene's tables.


@st.composite
def clauses(draw: st.DrawFn) -> Clause:
    """Clauses about `acme` with any conditions."""
    exceptions = tuple(
        exemption(
            id=f"exception-{number}",
            categories=draw(_words(Category)),
            positions=draw(_words(Position)),
            purposes=draw(_words(Purpose)),
        )
        for number in range(draw(st.integers(0, 2)))
    )
    return clause(
        acts=draw(_words(ActWord, least=1)),
        binds=draw(_words(Role, least=1)),
        categories=draw(_words(Category)),
        positions=draw(_words(Position)),
        purposes=draw(_words(Purpose)),
        effect=draw(st.sampled_from([Effect.DENY.value, Effect.REVIEW.value])),
        exemptions=tuple(e for e in exceptions if e.categories or e.positions or e.purposes),
    )


@st.composite
def dated_laws(draw: st.DrawFn) -> Law:
    """Laws that name `acme` or its owner `parent`, with dates on clauses, exceptions, permissions and owners."""

    def runs(*, since: bool = False) -> Interval:
        days = sorted(draw(st.lists(st.integers(-40, 40), min_size=2, max_size=2, unique=True)))
        starts, ends = (SECOND + number * timedelta(hours=12) for number in days)
        return Interval(starts if since else draw(st.sampled_from([starts, None])), draw(st.sampled_from([ends, None])))

    def owners(of: str) -> tuple[Owner, ...]:
        found = []
        for _ in range(draw(st.integers(0, 2))):
            days = sorted(draw(st.lists(st.integers(-20, 20), min_size=2, max_size=2, unique=True)))
            starts, ends = ((SECOND.date() + timedelta(days=day)).isoformat() for day in days)
            kind = draw(st.sampled_from(["subsidiary", "affiliate", "brand"]))
            found.append(Owner(of, kind, draw(st.sampled_from([starts, None])), draw(st.sampled_from([ends, None]))))
        return tuple(found)

    some = []
    for number in range(draw(st.integers(1, 3))):
        exempt = exemption(purposes=frozenset({"other"}), interval=runs())
        some.append(
            clause(
                code=f"law-{number}/clause",
                interval=runs(since=True),  # a policy file has to say since when
                time_zone=draw(st.sampled_from(["UTC", "America/New_York", "Asia/Tokyo"])),
                vendors=frozenset({draw(st.sampled_from(["acme", "parent", "third"]))}),
                reach=frozenset({"brand", "subsidiaries", "parents", "affiliates"}),
                effect=draw(st.sampled_from(["deny", "review"])),
                exemptions=(exempt,) if draw(st.booleans()) else (),
                permissions=(Permission("head", None),) if draw(st.booleans()) else (),
            )
        )
    family = [
        vendor("acme", owners=owners("parent")),
        vendor("parent", owners=owners("third")),
        vendor("third", owners=owners("acme") if draw(st.booleans()) else ()),
    ]
    return law_of(*some, vendors=family)


def _words(vocabulary: Iterable[Any], least: int = 0) -> st.SearchStrategy[frozenset[str]]:
    return st.frozensets(st.sampled_from([word.value for word in vocabulary]), min_size=least, max_size=3)


# Names.

_STEMS = ["Kaspersky", "Kaspersky Lab", "Лаборатория Касперского", "杭州海康威视数字技术", "Müller & Söhne", "S.A.G.E."]
_FORMS = [
    "АО",
    "ООО",
    "OOO",
    "AO",
    "GmbH",
    "S.r.l.",
    "Inc.",
    "Co., Ltd.",
    "股份有限公司",
    "有限公司",
    "集团",
    "LLC",
    "公司",
    "株式会社",
]
_MARKS = ["«", "»", '"', "'", ", ", ".", "\u200b", "\u00ad", "_", "-", "/", "(R)", "&", "\n", "\u0301", "’"]


def company_names() -> st.SearchStrategy[str]:
    """Names as companies have them, and as documents garble them."""
    part = st.sampled_from([*_STEMS, *_FORMS, *_MARKS, "Organization: ", "N/A", "Ｋａｓｐｅｒｓｋｙ", "Каѕреrѕку"])
    return st.lists(part, min_size=1, max_size=6).flatmap(
        lambda parts: st.sampled_from(["", " "]).map(lambda glue: glue.join(parts))
    )


def moments(least: int = 2016, most: int = 2027) -> st.SearchStrategy[datetime]:
    """Instants to the microsecond."""
    first, last = datetime(least, 1, 1), datetime(most, 1, 1)  # noqa: DTZ001 - hypothesis adds the zone
    return st.datetimes(first, last, timezones=st.just(UTC))


def instants_about(edges: Iterable[datetime]) -> st.SearchStrategy[datetime]:
    """The instants at which something begins or ends, those one microsecond before and after, and any others."""
    near = sorted({edge + shift for edge in edges for shift in (-MICROSECOND, timedelta(0), MICROSECOND)})
    return (st.sampled_from(near) | moments()) if near else moments()


def intervals() -> st.SearchStrategy[Interval]:
    """Half-open stretches, with and without limits, close enough to touch often."""
    point = st.integers(0, 6).map(lambda number: SECOND + number * MICROSECOND)
    ends = st.none() | point
    return (
        st.tuples(ends, ends).filter(lambda e: e[0] is None or e[1] is None or e[0] < e[1]).map(lambda e: Interval(*e))
    )


def product(*names: str, **more: Any) -> Product:
    """A product as a policy file says it."""
    return Product(names=list(names), **{"categories": ["anti-virus"], **more})


# What readers make of documents.


def read_from(document: Json | str | bytes, name: str = "bom") -> dict[str, Component]:
    """The components of an SBOM by their pointers, each with its place."""
    found = read_sbom(_as_bytes(document), name)
    settled = [settle(found.components, found.stretches, number) for number in range(len(found.components))]
    by_pointer = {component.pointer: component for component in settled}
    assert len(by_pointer) == len(settled), "two components have one pointer"
    return by_pointer


def refusal_of(document: Json | str | bytes, name: str = "bom") -> ReadError:
    """Why an SBOM is refused."""
    with pytest.raises(ReadError) as caught:
        read_sbom(_as_bytes(document), name)
    assert caught.value.file == name
    return caught.value


def _as_bytes(document: Json | str | bytes) -> bytes:
    if isinstance(document, dict):
        document = json.dumps(document, ensure_ascii=False, indent=1)
    return document.encode() if isinstance(document, str) else document


# Documents that cyclonedx-python-lib writes.

_LETTERS = st.characters(exclude_categories=("C", "Z")) | st.sampled_from("&<>\"'/%: ")


def words() -> st.SearchStrategy[str]:
    """Texts that a document can say in any format, and that name somebody."""
    return st.text(_LETTERS, max_size=8).map(lambda text: f"Q{text}".rstrip())


def _organisations() -> st.SearchStrategy[OrganizationalEntity]:
    mails = st.builds(OrganizationalContact, email=st.sampled_from(["a@q.example", "b@q.example"]))
    urls = st.sampled_from(["https://q.example", "https://q.test/x?y=z&a=b"]).map(XsUri)
    return st.builds(
        OrganizationalEntity,
        name=words(),
        urls=st.lists(urls, max_size=2),
        contacts=st.lists(mails, max_size=1),
    )


def _purls() -> st.SearchStrategy[PackageURL]:
    return st.builds(
        PackageURL,
        type=st.sampled_from(["npm", "maven", "deb", "github"]),
        namespace=st.none() | st.sampled_from(["@q", "com.q", "Q/x"]),
        name=words(),
        version=st.none() | st.sampled_from(["1", "1.0+b c"]),
    )


def _links() -> st.SearchStrategy[ExternalReference]:
    kinds = st.sampled_from([ExternalReferenceType.WEBSITE, ExternalReferenceType.VCS, ExternalReferenceType.CHAT])
    return st.builds(ExternalReference, type=kinds, url=st.sampled_from(["https://q.example/x", "q.test"]).map(XsUri))


def _written_components() -> st.SearchStrategy[WrittenComponent]:
    return st.builds(
        WrittenComponent,
        name=words(),
        version=st.just("1") | words(),
        type=st.sampled_from([ComponentType.LIBRARY, ComponentType.APPLICATION]),
        group=st.none() | words(),
        purl=st.none() | _purls(),
        cpe=st.none() | st.sampled_from(["cpe:2.3:a:q:x:1:*:*:*:*:*:*:*", "cpe:/a:q:x"]),
        publisher=st.none() | words(),
        author=st.none() | words(),
        authors=st.lists(st.builds(OrganizationalContact, name=words()), max_size=2),
        supplier=st.none() | _organisations(),
        manufacturer=st.none() | _organisations(),
        swid=st.none() | st.builds(WrittenSwid, tag_id=st.just("t"), name=words()),
        external_references=st.lists(_links(), max_size=2),
    )


def _written_services() -> st.SearchStrategy[Service]:
    return st.builds(
        Service,
        name=words(),
        group=st.none() | words(),
        provider=st.none() | _organisations(),
        endpoints=st.lists(st.sampled_from(["https://q.example/api", "https://q.test"]).map(XsUri), max_size=2),
    )


@st.composite
def written_boms(draw: st.DrawFn) -> WrittenBom:
    """Documents as the library models them: a product or none, and a few things anywhere within one another."""
    bom = WrittenBom()
    parts = draw(st.lists(_written_components(), max_size=4))
    has_product = bool(parts) and draw(st.booleans())
    # From the last to the first: the library keeps sets, and what is in one may no longer change.
    for number in reversed(range(len(parts))):
        above = draw(st.integers(-1, number - 1))
        if number == 0 and has_product:
            bom.metadata.component = parts[0]
        elif above < 0:
            bom.components.add(parts[number])
        elif draw(st.booleans()):
            parts[above].components.add(parts[number])
        else:
            pedigree = parts[above].pedigree or Pedigree()
            pedigree.ancestors.add(parts[number])
            parts[above].pedigree = pedigree
    services = draw(st.lists(_written_services(), max_size=3))
    for number in reversed(range(len(services))):
        above = draw(st.integers(-1, number - 1))
        (services[above] if above >= 0 else bom).services.add(services[number])
    bom.metadata.supplier = draw(st.none() | _organisations())
    return bom
