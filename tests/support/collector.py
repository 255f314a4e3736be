"""A collector of traces for tests: keeps the spans that services send to its OTLP/HTTP address."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span


@dataclass(frozen=True, slots=True)
class Sent:
    """One span and the service that sent it."""

    service: str
    span: Span

    @property
    def traceparent(self) -> str:
        """How the span is named to what it causes; sampled, or it would not be here."""
        return f"00-{self.span.trace_id.hex()}-{self.span.span_id.hex()}-01"


class Collector:
    """What arrived so far, in the order of arrival. `endpoint`: the setting `telemetry.otlp_endpoint`."""

    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint
        self.spans: list[Sent] = []

    def take(self, body: bytes) -> None:
        """One request of a service."""
        for sent in ExportTraceServiceRequest.FromString(body).resource_spans:
            names = {each.key: each.value.string_value for each in sent.resource.attributes}
            self.spans += [Sent(names["service.name"], span) for scope in sent.scope_spans for span in scope.spans]


class _Receiver(BaseHTTPRequestHandler):
    collector: Collector

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        is_traces = self.path == "/v1/traces"
        if is_traces:
            self.collector.take(body)
        self.send_response(200 if is_traces else 404)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@contextmanager
def collecting() -> Iterator[Collector]:
    """A collector at work."""
    handler = type("_OwnReceiver", (_Receiver,), {})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        handler.collector = Collector(f"http://127.0.0.1:{server.server_port}")
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield handler.collector
        server.shutdown()
