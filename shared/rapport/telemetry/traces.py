"""One trace from the core bank's record to what we told because of it, carried as a W3C traceparent in Kafka headers.

Whether a trace is kept is decided where it begins; one that is not costs a look at two characters. A span names a topic
or a route's template and never carries an id, an address, a query or an error's text.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
from opentelemetry.trace import (
    NonRecordingSpan,
    Span,
    SpanContext,
    SpanKind,
    Status,
    StatusCode,
    TraceFlags,
    set_span_in_context,
)

from rapport.traceparent import parse

_SHUTDOWN_SECONDS = 3


def is_sampled(traceparent: str | None) -> bool:
    """Does this trace ask to be kept?"""
    found = parse(traceparent)
    return found is not None and bool(int(found.flags, 16) & TraceFlags.SAMPLED)


def context_of(traceparent: str | None) -> Context | None:
    """The trace a record or request belongs to; None for none, or for a malformed one, which is no error."""
    found = parse(traceparent)
    if found is None:
        return None
    flags = TraceFlags(int(found.flags, 16))
    parent = SpanContext(int(found.trace, 16), int(found.span, 16), is_remote=True, trace_flags=flags)
    return set_span_in_context(NonRecordingSpan(parent), Context())


def traceparent_of(span: Span) -> str:
    """How this span is named to what it causes."""
    context = span.get_span_context()
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{int(context.trace_flags) & 1:02x}"


class Tracing:
    """Makes the spans of one service and sends them to a collector, in batches and in the background."""

    def __init__(self, service: str, exporter: SpanExporter, *, share: float) -> None:
        """`share` of the traces that begin here are kept; those begun elsewhere keep what was decided there."""
        sampler = ParentBased(TraceIdRatioBased(share))
        self._provider = TracerProvider(
            resource=Resource({"service.name": service}), sampler=sampler, shutdown_on_exit=False
        )
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer("rapport")

    @classmethod
    def to_collector(cls, service: str, endpoint: str | None, *, share: float) -> "Tracing | None":
        """Tracing to an OTLP/HTTP address such as `http://collector:4318`; None when there is no address."""
        if endpoint is None:
            return None
        return cls(service, OTLPSpanExporter(f"{endpoint.rstrip('/')}/v1/traces", timeout=3), share=share)

    def begin(
        self, name: str, *, kind: SpanKind, parent: str | None, attributes: Mapping[str, str | int] | None = None
    ) -> Span:
        """A span under the traceparent `parent`; the caller ends it with `finish`."""
        context = context_of(parent) or Context()
        return self._tracer.start_span(name, context, kind, dict(attributes or {}), record_exception=False)

    @staticmethod
    def finish(span: Span, *, error: str | None = None) -> None:
        """End a span; `error` is an error's kind, not its text."""
        if error is not None:
            span.set_attribute("error.type", error)
            span.set_status(Status(StatusCode.ERROR))
        span.end()

    @contextmanager
    def span(self, name: str, *, kind: SpanKind = SpanKind.INTERNAL, parent: str | None = None) -> Iterator[Span]:
        """A span around a block."""
        begun = self.begin(name, kind=kind, parent=parent)
        try:
            yield begun
        except BaseException as error:
            self.finish(begun, error=type(error).__name__)
            raise
        self.finish(begun)

    def flush(self) -> None:
        """Send what waits now. For tests and the end of a short run."""
        self._provider.force_flush(_SHUTDOWN_SECONDS * 1000)

    def close(self) -> None:
        """Send what waits and stop; blocks for some seconds at most."""
        self.flush()
        self._provider.shutdown()
