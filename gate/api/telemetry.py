"""OpenTelemetry traces, where the extra `telemetry` is installed and OTEL_EXPORTER_OTLP_ENDPOINT says where to.

A span for each request and one for the judging in it, within the caller's trace (W3C Trace Context). Attributes
name routes, outcomes and digests, never what a document says.
"""

import importlib.util
import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Tracer

log = logging.getLogger("gate.telemetry")

_VARIABLES = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")

_tracer: "Tracer | None" = None
_provider: "TracerProvider | None" = None


def start() -> bool:
    """Send traces from now on, if the environment asks for it. Whether they are sent."""
    global _tracer, _provider
    if not any(os.environ.get(name) for name in _VARIABLES):
        return False
    if importlib.util.find_spec("opentelemetry.sdk") is None:
        log.warning("traces are asked for, and the extra `telemetry` is not installed: none are sent")
        return False
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    from gate.version import VERSION

    provider = TracerProvider(
        resource=Resource.create({"service.name": "procurement-gate", "service.version": VERSION})
    )
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    _provider, _tracer = provider, provider.get_tracer("gate")
    return True


def finish() -> None:
    """Send what is held. It waits for the collector, and is meant for a thread."""
    if _provider is not None:
        _provider.shutdown()


def is_on() -> bool:
    """Whether traces are sent."""
    return _tracer is not None


@contextmanager
def span(name: str, headers: Mapping[bytes, bytes] | None = None, **attributes: str | int) -> Iterator[None]:
    """A span while the block runs; `headers` of a request put it into the caller's trace."""
    if _tracer is None:
        yield
        return
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    carrier = {key.decode("latin-1"): value.decode("latin-1") for key, value in (headers or {}).items()}
    context = TraceContextTextMapPropagator().extract(carrier) if headers else None
    with _tracer.start_as_current_span(
        name,
        context=context,
        attributes=attributes,
        record_exception=False,  # what is raised quotes documents
        set_status_on_exception=False,
    ):
        yield
