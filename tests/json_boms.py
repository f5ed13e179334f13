"""CycloneDX JSON for the tests of reading it."""

from collections.abc import Callable
from datetime import UTC, datetime

from gate.subject import Component
from tests.strategies import Json, read_from

NOW = datetime(2026, 1, 1, tzinfo=UTC)
MARK = b"\xef\xbb\xbf"


def bom(*components: Json, version: object = "1.6", **more: object) -> Json:
    return {"bomFormat": "CycloneDX", "specVersion": version, "components": list(components), **more}


def part(name: object = "x", **more: object) -> Json:
    return {"type": "library", "name": name, **more}


def only(document: Json | str | bytes) -> Component:
    [component] = read_from(document).values()
    return component


def text_of(body: str, version: str = "1.6") -> str:
    return f'{{"bomFormat": "CycloneDX", "specVersion": "{version}", {body}}}'


def chain(depth: int, inside: Callable[[str], str], leaf: str) -> str:
    for _ in range(depth):
        leaf = inside(leaf)
    return leaf


# Fields.

EVERYTHING = part(
    "sdk",
    **{"bom-ref": "ref-1"},
    version="1.2",
    group="org.example",
    purl="pkg:maven/org.example/sdk@1.2",
    cpe="cpe:2.3:a:example:sdk:1.2:*:*:*:*:*:*:*",
    swid={"tagId": "t", "name": "Example SDK"},
    publisher="Example Publishing",
    author="Ann",
    authors=[{"name": "Bob", "email": "bob@example.org"}],
    supplier={
        "name": "Supplier Ltd",
        "url": ["https://supplier.example"],
        "contact": [{"email": "s@supplier.example"}],
    },
    manufacturer={"name": "Maker Ltd", "url": ["https://maker.example"]},
    externalReferences=[
        {"type": "website", "url": "https://sdk.example"},
        {"type": "chat", "url": "https://chat.test"},
    ],
    scope="optional",
)
