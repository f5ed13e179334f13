"""A portfolio to measure: SBOMs of about 1,000 components, nine in ten of which stand in other SBOMs as well."""

import json
from collections.abc import Iterator
from pathlib import Path
from random import Random

from tests.bench import sbom

COMPONENTS = 1_000

POOL = 20_000
"""Distinct components of which nine in ten of every document are drawn."""

SHARED = 0.9

EVERY = 20
"""One document in so many holds a component of a vendor that is banned."""

TEMPLATES = 2_000
"""Distinct shapes of the components that stand nowhere else; each gets a name of its own."""

SEED = 7


def write(folder: Path, count: int, *, components: int = COMPONENTS) -> int:
    """Write so many documents below `folder`, a hundred in each folder; returns their size in bytes."""
    random = Random(SEED)  # noqa: S311 - no secret depends on it
    pool = [_text(one) for one in sbom.components(POOL, hits=0, seed=SEED)]
    shapes = [_text(one) for one in sbom.components(TEMPLATES, hits=0, seed=SEED + 1)]
    banned = [_text(one) for one in sbom.components(30, hits=30, seed=SEED + 2)]
    size = 0
    for number in range(count):
        place = folder / f"team-{number // 100:04}"
        place.mkdir(parents=True, exist_ok=True)
        parts = list(_parts(random, number, pool, shapes, components))
        if number % EVERY == 0:
            parts[components // 2] = banned[number // EVERY % len(banned)]
        text = f'{_head(number)[:-1]},"components":[{",".join(parts)}]}}\n'
        size += (place / f"system-{number:05}.cdx.json").write_bytes(text.encode())
    return size


def shared_packages(count: int) -> list[str]:
    """Packages of npm that stand in about one document of twenty each."""
    purls = (str(one["purl"]) for one in sbom.components(POOL, hits=0, seed=SEED))
    plain = (purl for purl in purls if purl.startswith("pkg:npm/") and "%40" not in purl)
    return [next(plain).removeprefix("pkg:npm/").partition("@")[0] for _ in range(count)]


def _parts(random: Random, number: int, pool: list[str], shapes: list[str], components: int) -> Iterator[str]:
    for place in range(components):
        if random.random() < SHARED:
            yield pool[int(random.random() * len(pool))]
        else:
            shape = int(random.random() * len(shapes))
            # The shapes' names end in their number; with the document's and the place's added they are nobody else's.
            yield shapes[shape].replace(f"-{shape}", f"-{number}-{place}")


def _head(number: int) -> str:
    return _text(
        {
            "bomFormat": "CycloneDX",
            "specVersion": "1.6",
            "serialNumber": f"urn:uuid:3e671687-395b-41f5-a30f-{number:012x}",
            "version": 1,
            "metadata": {
                "tools": {"components": [{"type": "application", "name": name} for name in sbom.TOOLS]},
                "component": {"bom-ref": "root", "type": "application", "name": f"system-{number}", "version": "1"},
            },
        }
    )


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
