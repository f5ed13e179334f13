"""Traces, where the environment asks for them: to a collector, within the caller's trace, without payload."""

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import httpx
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests.service import JSON, kaspersky, purchase, server

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


def test_a_request_is_traced_within_the_callers_trace_and_quotes_nothing(tmp_path: Path) -> None:
    """W3C Trace Context, section 3.2: the trace-id is the whole trace's, the parent-id the caller's span."""
    received: list[bytes] = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.append(self.rfile.read(int(self.headers["content-length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Collector) as collector:
        threading.Thread(target=collector.serve_forever, daemon=True).start()
        where = f"http://127.0.0.1:{collector.server_port}"
        with server(tmp_path, OTEL_EXPORTER_OTLP_ENDPOINT=where, OTEL_EXPORTER_OTLP_COMPRESSION="none") as running:
            headers = {**JSON, "traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"}
            large = purchase(*[kaspersky()] * 100)  # judged on a thread
            for body, status in ((purchase(), 200), (large, 200), (purchase(agreement="Kaspersky"), 400)):
                answer = httpx.post(f"{running.url}/v1/decisions", json=body, headers=headers)
                assert answer.status_code == status
            assert running.end() == 0
        collector.shutdown()
    spans = [
        span
        for body in received
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans
        for scope in resource.scope_spans
        for span in scope.spans
        if span.trace_id.hex() == TRACE
    ]
    assert sorted(span.name for span in spans) == ["POST /v1/decisions"] * 3 + ["judge"] * 3
    requests = {span.span_id for span in spans if span.name != "judge"}
    assert all(span.parent_span_id in requests for span in spans if span.name == "judge")
    assert not any(b"Kaspersky" in body for body in received)
