"""What every test shares: the law as it stands, a cache of its own, and how hard hypothesis looks."""

import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from gate import load
from gate.law import Law

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
    """The compiled law is kept for this run alone."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="session")
def law(_cache_home: None) -> Law:
    """The built-in law, every word of it."""
    return load()
