"""One trace from a record to what was told because of it, and no cost where none is kept."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind

from rapport.telemetry.metrics import Metrics
from rapport.telemetry.observer import DeliveryTelemetry
from rapport.telemetry.traces import Tracing, context_of, is_sampled, traceparent_of
from rapport.traceparent import well_formed

SAMPLED = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
UNSAMPLED = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"


def _tracing(share: float = 0.0) -> tuple[Tracing, InMemorySpanExporter]:
    exporter = InMemorySpanExporter()
    return Tracing("scoring", exporter, share=share), exporter


def _event(traceparent: str | None) -> Any:
    return SimpleNamespace(
        traceparent=traceparent, topic="transaction-recorded", partition=3, offset=7, time=datetime.now(UTC)
    )


@pytest.mark.parametrize(
    "text",
    [
        None, "", "00", SAMPLED[:-1], SAMPLED.upper(), f"ff{SAMPLED[2:]}", SAMPLED.replace("0af7", "zzzz"),
        f"00-{'0' * 32}-b7ad6b7169203331-01", f"00-0af7651916cd43dd8448eb211c80319c-{'0' * 16}-01",
        f"{SAMPLED} ", f" {SAMPLED}", f"{SAMPLED}extra", f"{SAMPLED}-what-is-new",
    ],
)  # fmt: skip
def test_a_malformed_traceparent_is_none(text: str | None) -> None:
    assert context_of(text) is None
    assert well_formed(text) is None
    assert not is_sampled(text)


@given(st.text())
def test_no_text_breaks_a_trace(text: str) -> None:
    assert context_of(text) is None
    assert not is_sampled(text)


def test_a_later_version_is_read_as_far_as_it_is_known() -> None:
    later = f"cc{SAMPLED[2:]}-what-is-new"
    assert is_sampled(later)
    assert well_formed(later) == SAMPLED


def test_an_event_of_a_kept_trace_becomes_the_parent_of_what_is_told() -> None:
    tracing, exporter = _tracing()
    observer = DeliveryTelemetry(Metrics("scoring"), tracing)
    kept, other, none = _event(SAMPLED), _event(UNSAMPLED), _event(None)
    observer.begin([kept, other, none])
    observer.committed({}, {}, 0.01)
    tracing.flush()
    [span] = exporter.get_finished_spans()
    assert span.name == "process transaction-recorded"
    assert f"{span.context.trace_id:032x}" == SAMPLED.split("-")[1]
    assert span.parent is not None
    assert f"{span.parent.span_id:016x}" == SAMPLED.split("-")[2]
    assert kept.traceparent == f"00-{span.context.trace_id:032x}-{span.context.span_id:016x}-01"
    assert (other.traceparent, none.traceparent) == (UNSAMPLED, None)


def test_one_trace_goes_through_two_services() -> None:
    first, one = _tracing()
    second, two = _tracing()
    event = _event(SAMPLED)
    for tracing in (first, second):
        observer = DeliveryTelemetry(Metrics("s"), tracing)
        observer.begin([event])
        observer.committed({}, {}, 0.01)
        tracing.flush()
    [upper], [lower] = one.get_finished_spans(), two.get_finished_spans()
    assert lower.parent is not None
    assert (lower.parent.span_id, lower.context.trace_id) == (upper.context.span_id, upper.context.trace_id)


def test_without_a_collector_a_trace_is_passed_on_unchanged() -> None:
    observer = DeliveryTelemetry(Metrics("scoring"), Tracing.to_collector("scoring", None, share=1.0))
    event = _event(SAMPLED)
    observer.begin([event])
    assert event.traceparent == SAMPLED


def test_a_failed_poll_ends_its_spans_with_the_errors_kind() -> None:
    tracing, exporter = _tracing()
    observer = DeliveryTelemetry(Metrics("scoring"), tracing)
    observer.begin([_event(SAMPLED)])
    observer.rolled_back(ValueError("13812341234"))
    tracing.flush()
    [span] = exporter.get_finished_spans()
    assert span.attributes is not None
    assert span.attributes["error.type"] == "ValueError"
    assert "13812341234" not in span.to_json()
    observer.committed({}, {}, 0.01)
    tracing.flush()
    assert len(exporter.get_finished_spans()) == 1


@pytest.mark.parametrize(("share", "kept"), [(0.0, 0), (1.0, 50)])
def test_a_share_of_the_traces_that_begin_here_is_kept(share: float, kept: int) -> None:
    tracing, exporter = _tracing(share)
    for _ in range(50):
        with tracing.span("GET /tallies", kind=SpanKind.SERVER) as span:
            assert is_sampled(traceparent_of(span)) is (kept > 0)
    tracing.flush()
    assert len(exporter.get_finished_spans()) == kept
