"""What every test shares: the law as it stands, a cache of its own, and how hard hypothesis looks."""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, settings

from gate import load
from gate.law import Law
from gate.match import Matcher
from tests.boms import BANNED, CLEAN, UNSETTLED, Json, sbom

if TYPE_CHECKING:
    from gate.store import Store
    from tests.service import Client
    from tests.stores import Judge
    from tests.systems import Server

# On a CI machine a run says the same twice; elsewhere every run looks at other examples.
settings.register_profile(
    "gate",
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)
settings.register_profile("ci", settings.get_profile("gate"), derandomize=True, print_blob=True)
settings.register_profile("thorough", settings.get_profile("gate"), max_examples=2000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if os.environ.get("CI") else "gate"))


@pytest.fixture(scope="session", autouse=True)
def _cache_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The compiled law is kept for this run alone, and nobody's terminal refuses colour."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        patch.delenv("NO_COLOR", raising=False)
        yield


@pytest.fixture(scope="session")
def law(_cache_home: None) -> Law:
    """The built-in law, every word of it."""
    return load()


@pytest.fixture
def matcher(law: Law) -> Matcher:
    """Fresh look-ups, so that no test knows what another asked."""
    return Matcher(law.register)


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., str]:
    """Put a document into a file, and say where."""

    def put(document: Json | list[Any] | str | bytes, name: str = "bom.json") -> str:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(document, dict | list):
            document = json.dumps(document, ensure_ascii=False)
        path.write_bytes(document.encode() if isinstance(document, str) else document)
        return str(path)

    return put


@pytest.fixture
def documents(tmp_path: Path) -> dict[str, str]:
    """A file for each outcome, by its name: under the template's law a part of another's product needs a review."""
    folder = tmp_path / "documents"
    folder.mkdir()
    texts = {"allow": sbom(CLEAN), "deny": sbom(BANNED), "review": sbom(UNSETTLED)}
    for name, document in texts.items():
        (folder / f"{name}.json").write_text(json.dumps(document))
    (folder / "broken.json").write_text("{")
    return {name: str(folder / f"{name}.json") for name in (*texts, "broken")}


@pytest.fixture
def own(tmp_path: Path) -> str:
    """An organisation's own ban, of left-pad."""
    folder = tmp_path / "own"
    (folder / "prohibitions").mkdir(parents=True)
    (folder / "vendors").mkdir()
    (folder / "prohibitions" / "own-ban.toml").write_text(
        """
id = "own-ban"
title = "Our list"
kind = "prohibition"
jurisdiction = "XX"
authority = "Our board"
time_zone = "UTC"
published = 2020-01-01
checked = 2020-01-01
provenance = "official"
citation = { text = "Minutes 1", url = "https://board.example/1" }
binds = ["anyone"]
vendors = ["padder"]
[scope]
[[clauses]]
id = "use"
text = "We use it no more."
acts = ["use"]
starts = 2020-03-01
"""
    )
    (folder / "vendors" / "padder.toml").write_text(
        'id = "padder"\nname = "Padder"\npurls = ["pkg:npm/left-pad"]\nsource = "https://board.example/2"\n'
    )
    return str(folder)


# What follows imports when it is used: most tests need no database.
@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> "Iterator[str]":
    """An empty database of each kind."""
    from tests.stores import url_of

    with url_of(request.param, tmp_path) as url:
        yield url


@pytest.fixture
def store(database_url: str) -> "Iterator[Store]":
    """An empty store of each kind."""
    from tests.stores import opened

    with opened(database_url) as one:
        yield one


@pytest.fixture(scope="session")
def judge(law: Law) -> "Judge":
    """Who decides, by the built-in law."""
    from tests.stores import Judge

    return Judge(law)


@pytest.fixture(scope="module")
def client(_cache_home: None, tmp_path_factory: pytest.TempPathFactory) -> "Iterator[Client]":
    """The service in this process, on a store that the tests of one module share."""
    from tests.service import service

    with service(f"sqlite:///{tmp_path_factory.mktemp('store')}/gate.db") as found:
        yield found


@pytest.fixture
def receiver() -> "Iterator[Server]":
    """Another system, which is called."""
    from tests.systems import serving

    with serving() as server:
        yield server


@pytest.fixture(name="_patient")
def _no_tick(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if every file had been written two seconds before it was read."""
    monkeypatch.setattr("gate.portfolio.row.TICK_NS", 0)
