"""Synthetic CycloneDX 1.6 documents of any size, the same for the same arguments on every Python.

Components are filled as syft, cdxgen and trivy fill them, a third each: which fields, how often, in which shape, in
which properties. About 1.25 KB of the document belongs to each component. Three in four namespaces, publishers and
suppliers stood in the document before. Nothing is held in memory but what repeats.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

Component = dict[str, Any]

SEED = 20261123

BYTES_EACH = 1270
"""How many bytes of a large document one component takes, for documents of a wanted size."""

FRESH = 0.33
"""Share of namespaces and people that the document has not named before; Debian's one namespace comes on top."""

ECOSYSTEMS = ("maven", "npm", "golang", "deb", "pypi")

WORDS = """
async atlas beacon binary bridge buffer cache cargo chart cloud codec commons config core crypto data delta device
digest driver event fabric filter flux forge frame graph grid guard http image index json kernel ledger lens logger
matrix media metric mirror model native net object orbit packet parser path pixel plugin pool proxy query queue relay
render router schema scope script server shell signal socket spark stream string studio sync table text thread token
trace tree tunnel type vector view web widget worker xml yaml zone
"""

GIVEN = "Ada Anna Benoît Chen David Elena Felix Grace Hiro Ivan José Karin Linus Mateo Nora Omar Petr Rosa Sören Tom"

FAMILY = "Berg Copa Diaz Evans Fischer Garcia Haas Ito Jensen Kim Lopez Müller Novak Olsen Park Rossi Silva Weber"

LICENSES = ("MIT", "Apache-2.0", "BSD-3-Clause", "GPL-2.0-only", "ISC", "LGPL-2.1-or-later", "MPL-2.0")


@dataclass(frozen=True)
class Shares:
    """How often a tool fills a field, as measured over real files."""

    supplier: float
    publisher: float
    author: float
    group: float
    cpe: float
    hashes: float
    references: float


TOOLS = {
    "syft": Shares(supplier=0.12, publisher=0.47, author=0.07, group=0.02, cpe=0.77, hashes=0.05, references=0.25),
    "cdxgen": Shares(supplier=0.01, publisher=0.21, author=0.01, group=0.6, cpe=0, hashes=0.82, references=0.17),
    "trivy": Shares(supplier=0.73, publisher=0, author=0.02, group=0.01, cpe=0, hashes=0.63, references=0.02),
}


def write(path: Path, count: int, *, hits: int = 3, seed: int = SEED) -> None:
    """Write a document of `count` components to `path`; `hits` of them are Kaspersky's."""
    with path.open("w", encoding="utf-8") as file:
        file.writelines(pieces(count, hits=hits, seed=seed))


def count_for(size: int) -> int:
    """How many components a document of about `size` bytes has."""
    return size // BYTES_EACH


def pieces(count: int, *, hits: int = 3, seed: int = SEED) -> Iterator[str]:
    """The document's text, piece by piece."""
    head = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": "urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79",
        "version": 1,
        "metadata": {
            "timestamp": "2026-11-23T12:00:00Z",
            "tools": {"components": [{"type": "application", "name": name, "version": "1.0.0"} for name in TOOLS]},
            "component": {"bom-ref": "root", "type": "application", "name": "shop", "version": "1.0.0"},
        },
    }
    yield _text(head)[:-1] + ',"components":['
    refs = []
    for number, component in enumerate(components(count, hits=hits, seed=seed)):
        refs.append(component["bom-ref"])
        yield ("," if number else "") + _text(component)
    yield '],"dependencies":['
    random = Random(seed + 1)  # noqa: S311 - no secret depends on it
    for number, ref in enumerate(refs):
        below = [refs[int(random.random() * count)] for _ in range(int(random.random() * 3))]
        yield ("," if number else "") + _text({"ref": ref, "dependsOn": list(dict.fromkeys(below))})
    yield "]}\n"


def components(count: int, *, hits: int = 3, seed: int = SEED) -> Iterator[Component]:
    """Every component of the document; those of Kaspersky stand evenly among the others."""
    if hits > count:
        raise ValueError(f"{hits} of {count} components cannot be Kaspersky's")
    maker = _Maker(seed)
    places = {(2 * hit + 1) * count // (2 * hits): hit for hit in range(hits)}
    for number in range(count):
        component = maker.component(number)
        yield maker.of_kaspersky(component, number, places[number]) if number in places else component


class _Maker:
    """Makes components; remembers what may repeat."""

    def __init__(self, seed: int) -> None:
        # Of the generator only what every Python version promises to keep is used: `random` and `getrandbits`.
        self.random = Random(seed)  # noqa: S311 - no secret depends on it
        self.pools: dict[str, list[str]] = {}
        self.words, self.given, self.family = WORDS.split(), GIVEN.split(), FAMILY.split()

    def component(self, number: int) -> Component:
        tool, ecosystem = self.one_of(tuple(TOOLS)), self.one_of(ECOSYSTEMS)
        name = f"{self.one_of(self.words)}-{self.one_of(self.words)}-{number}"
        version = f"{number % 9}.{number % 31}.{number % 7}"
        space = self.namespace(ecosystem)
        purl = self.purl(ecosystem, space, name, version, tool)
        mark = f"{'&' if '?' in purl else '?'}package-id={self.hex(16)}" if tool == "syft" else ""
        return {
            "bom-ref": purl + mark,
            "type": "library",
            **self.makers(tool),
            **self.group(tool, "" if ecosystem == "deb" else space),
            "name": f"{space}/{name}" if ecosystem == "golang" and tool != "cdxgen" else name,
            "version": version,
            **self.contents(tool, name, version),
            "purl": purl,
            **self.links(tool, name, version),
            "properties": self.properties(tool, ecosystem, name, version),
            **(self.evidence() if tool == "cdxgen" else {}),
        }

    def makers(self, tool: str) -> Component:
        shares = TOOLS[tool]
        said: Component = {}
        if self.happens(shares.supplier):
            said["supplier"] = {"name": self.maker("supplier")}
            if tool == "syft":
                said["supplier"]["url"] = [f"https://{self.one_of(self.words)}.example/"]
        if self.happens(shares.author):
            said["author"] = self.maker("author")
        if self.happens(shares.publisher):
            said["publisher"] = self.maker("publisher")
        return said

    def group(self, tool: str, space: str) -> Component:
        if space and self.happens(TOOLS[tool].group):
            return {"group": space}
        return {"group": ""} if tool == "cdxgen" else {}

    def contents(self, tool: str, name: str, version: str) -> Component:
        shares = TOOLS[tool]
        said: Component = {}
        if self.happens(0.7):
            said["description"] = " ".join(self.one_of(self.words) for _ in range(8))
        if self.happens(shares.hashes):
            said["hashes"] = [{"alg": "SHA-512", "content": self.hex(128)}]
        said["licenses"] = [self.license(tool) for _ in range(2 if self.happens(0.15) else 1)]
        if self.happens(shares.cpe):
            said["cpe"] = self.cpe(name, version)
        return said

    def links(self, tool: str, name: str, version: str) -> Component:
        if not self.happens(TOOLS[tool].references):
            return {}
        link = f"github.com/{self.one_of(self.words)}/{name}"
        urls = {
            "vcs": f"git+https://{link}.git",
            "website": f"https://{link}#readme",
            "distribution": f"https://registry.example/{name}/-/{name}-{version}.tgz",
        }
        return {"externalReferences": [{"type": key, "url": url} for key, url in urls.items()]}

    def evidence(self) -> Component:
        file = f"services/{self.one_of(self.words)}/{self.one_of(self.words)}/package-lock.json"
        method = {"technique": "manifest-analysis", "confidence": 1, "value": file}
        return {
            "evidence": {"identity": [{"field": "purl", "confidence": 1, "methods": [method], "concludedValue": file}]}
        }

    def of_kaspersky(self, component: Component, number: int, hit: int) -> Component:
        """The component as one of Kaspersky's: by an npm scope, a Maven group or its supplier's name, in turn."""
        if hit % 3 == 2:
            return {**component, "supplier": {"name": "AO Kaspersky Lab"}}
        group, name, start = (
            ("@kaspersky", f"endpoint-connector-{number}", "pkg:npm/%40kaspersky"),
            ("com.kavsdk", f"antivirus-sdk-{number}", "pkg:maven/com.kavsdk"),
        )[hit % 3]
        purl = f"{start}/{name}@{component['version']}"
        named = {
            key: value for key, value in component.items() if key not in {"author", "cpe", "publisher", "supplier"}
        }
        return {**named, "bom-ref": purl, "group": group, "name": name, "purl": purl}

    def namespace(self, ecosystem: str) -> str:
        word = self.one_of(self.words)
        if ecosystem == "maven":
            return self.repeated(ecosystem, lambda n: f"org.{word}.{self.one_of(self.words)}{n}")
        if ecosystem == "golang":
            return self.repeated(ecosystem, lambda n: f"github.com/{word}-{n}")
        if ecosystem == "npm" and self.happens(0.2):
            return self.repeated(ecosystem, lambda n: f"@{word}-{n}")
        return "debian" if ecosystem == "deb" else ""

    def purl(self, ecosystem: str, space: str, name: str, version: str, tool: str) -> str:
        start = f"pkg:{ecosystem}/{space.replace('@', '%40')}/{name}" if space else f"pkg:{ecosystem}/{name}"
        if ecosystem != "deb":
            return f"{start}@{version}"
        old = self.happens(0.15)
        epoch, qualifier = ("1%3A", "") if old and tool == "syft" else ("", "&epoch=1" if old else "")
        return f"{start}@{epoch}{version}-1%2Bdeb12u1?arch=amd64&distro=debian-12{qualifier}"

    def cpe(self, name: str, version: str) -> str:
        vendor = name if self.happens(0.5) else name.rpartition("-")[0].replace("-", "_")
        return f"cpe:2.3:a:{vendor}:{name}:{version}:*:*:*:*:*:*:*"

    def license(self, tool: str) -> Component:
        said: Component = {"id": self.one_of(LICENSES)}
        if tool == "cdxgen":
            said["url"] = f"https://opensource.org/licenses/{said['id']}"
            facts = {"category": "Permissive", "foss": "true", "osiApproved": "true"}
            said["properties"] = [{"name": f"cdx:license:{key}", "value": value} for key, value in facts.items()]
        return {"license": said}

    def properties(self, tool: str, ecosystem: str, name: str, version: str) -> list[Component]:
        layer = f"sha256:{self.hex(64)}"
        if tool == "syft":
            found = [
                ("syft:package:foundBy", f"{ecosystem}-cataloger"),
                ("syft:package:language", ecosystem),
                ("syft:package:type", ecosystem),
                ("syft:package:metadataType", f"{ecosystem}-package"),
                *(("syft:cpe23", self.cpe(name, version)) for _ in range(2)),
                ("syft:location:0:layerID", layer),
                ("syft:location:0:path", f"/usr/lib/{ecosystem}/{name}"),
                ("syft:metadata:installedSize", str(self.random.getrandbits(20))),
            ]
        elif tool == "cdxgen":
            found = [
                ("SrcFile", f"services/{name}/package-lock.json"),
                ("ResolvedUrl", f"https://registry.example/{name}/-/{name}-{version}.tgz"),
                ("cdx:license:category", "Permissive"),
            ]
        else:
            found = [
                ("aquasecurity:trivy:LayerDiffID", layer),
                ("aquasecurity:trivy:LayerDigest", f"sha256:{self.hex(64)}"),
                ("aquasecurity:trivy:PkgID", f"{name}@{version}"),
                ("aquasecurity:trivy:PkgType", ecosystem),
                ("aquasecurity:trivy:SrcName", name),
                ("aquasecurity:trivy:SrcVersion", version),
                ("aquasecurity:trivy:FilePath", f"usr/lib/{ecosystem}/{name}"),
            ]
        return [{"name": key, "value": value} for key, value in found]

    def maker(self, field: str) -> str:
        """An organisation or a person, as free text says it; authors are mostly persons."""
        given, family = self.one_of(self.given), self.one_of(self.family)
        mail = f" <{family.lower()}@{self.one_of(self.words)}.example>" if self.happens(0.25) else ""
        if self.happens(0.1 if field == "author" else 0.6):
            kind = self.one_of(("Foundation", "Inc.", "Project", "Developers", "GmbH", "Team"))
            return self.repeated(field, lambda n: f"{self.one_of(self.words).title()} {n} {kind}{mail}")
        return self.repeated(field, lambda n: f"{given} {family} {n}{mail}")

    def repeated(self, pool: str, make: Callable[[int], str]) -> str:
        """Mostly something said before, else something new."""
        known = self.pools.setdefault(pool, [])
        if known and not self.happens(FRESH):
            return self.one_of(known)
        known.append(make(len(known)))
        return known[-1]

    def one_of(self, choices: tuple[str, ...] | list[str]) -> str:
        return choices[int(self.random.random() * len(choices))]

    def happens(self, share: float) -> bool:
        return self.random.random() < share

    def hex(self, digits: int) -> str:
        return f"{self.random.getrandbits(4 * digits):0{digits}x}"


def _text(value: Component) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
