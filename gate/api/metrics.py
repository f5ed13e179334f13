"""What Prometheus reads: counted in every process of the server and added up, or looked up when it asks."""

import os
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Histogram, disable_created_metrics, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from gate.api.edition import Editions
from gate.record import Record
from policy.dates import Interval, Phase, Span

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""The variable by which the library learns where processes count together; set before it is imported."""

BUCKETS = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)

disable_created_metrics()  # type: ignore[no-untyped-call]  # a second series for each, which nobody reads


class Metrics:
    """The numbers of one process."""

    def __init__(self, editions: Editions, waivers: Callable[[], Mapping[str, int]] | None) -> None:
        self._own = CollectorRegistry()
        registry: Any = None if FOLDER in os.environ else self._own
        self._outcomes = Counter(
            "gate_decisions_total", "Decisions made", ["decision", "review", "kind"], registry=registry
        )
        self._duration = Histogram(
            "gate_decision_duration_seconds",
            "From the body's last byte to the answer, storing included",
            buckets=BUCKETS,
            registry=registry,
        )
        self._requests = Counter("gate_requests_total", "Requests answered", ["method", "status"], registry=registry)
        self._components = Counter("gate_components_total", "Components judged", registry=registry)
        self._unidentified = Counter(
            "gate_components_unidentified_total", "Components that say nothing about their maker", registry=registry
        )
        self._children: dict[tuple[str, ...], Any] = {}
        self._looked_up = _LookedUp(editions, waivers)

    def decided(self, one: Record, seconds: float) -> None:
        """A decision was answered."""
        decision = one.decision
        key = (decision.decision, str(decision.review).lower(), decision.subject.kind)
        child = self._children.get(key)
        if child is None:
            child = self._children[key] = self._outcomes.labels(*key)
        child.inc()
        self._duration.observe(seconds)
        self._components.inc(decision.coverage.components)
        if decision.coverage.components > decision.coverage.identified:
            self._unidentified.inc(decision.coverage.components - decision.coverage.identified)

    def answered(self, method: str, status: int) -> None:
        """A request was answered."""
        key = (method, str(status))
        child = self._children.get(key)
        if child is None:
            child = self._children[key] = self._requests.labels(*key)
        child.inc()

    def page(self, now: datetime) -> bytes:
        """The text Prometheus reads. It asks the store, and is meant for a thread."""
        registry = CollectorRegistry()
        if FOLDER in os.environ:
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # the library has no types there
        else:
            registry = self._own
        return generate_latest(registry) + generate_latest(_At(self._looked_up, now))


class _At(CollectorRegistry):
    """What is looked up, as of an instant."""

    def __init__(self, looked_up: "_LookedUp", now: datetime) -> None:
        super().__init__()
        looked_up.now = now
        self.register(looked_up)


class _LookedUp(Collector):
    """The law that serves, and the waivers of the store."""

    now: datetime

    def __init__(self, editions: Editions, waivers: Callable[[], Mapping[str, int]] | None) -> None:
        self._editions = editions
        self._waivers = waivers

    def describe(self) -> Iterable[Metric]:
        """Nothing beforehand."""
        return ()

    def collect(self) -> Iterable[Metric]:
        """Gauges."""
        editions, edition = self._editions, self._editions.edition
        if edition is not None:
            info = GaugeMetricFamily("gate_law_info", "The law that serves", labels=["version", "digest"])
            info.add_metric([edition.law.version, edition.law.digest], 1)
            yield info
            age = edition.age(self.now)
            if age is not None:
                yield _gauge("gate_law_age_days", "Days since the edition of the law", age)
            change = next_change(edition.law.clauses, self.now)
            if change is not None:
                yield _gauge(
                    "gate_law_next_change_timestamp_seconds", "When a clause starts or ends next", change.timestamp()
                )
        yield _gauge("gate_law_refused", "1 while the newest policy files are refused", int(editions.fault is not None))
        if self._waivers is not None:
            states = GaugeMetricFamily("gate_waivers", "Waivers by state", labels=["state"])
            for state, number in sorted(self._waivers().items()):
                states.add_metric([state], number)
            yield states


def _gauge(name: str, what: str, value: float) -> Metric:
    return GaugeMetricFamily(name, what, value=value)


def next_change(clauses: Iterable[Any], now: datetime) -> datetime | None:
    """The first instant from now on at which a clause starts or ends."""
    here = Span(now).within("UTC")
    edges = [at for clause in clauses for at in (clause.interval.starts, clause.interval.ends) if at is not None]
    return min((at for at in edges if Interval(at).phase_of(here) is Phase.BEFORE), default=None)
