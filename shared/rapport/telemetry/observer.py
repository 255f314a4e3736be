"""What delivery does, as metrics, logs and spans: the Observer that every worker runs with."""

from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from typing import Any

from opentelemetry.trace import Span, SpanKind

from rapport.events.base import Received
from rapport.events.catalogue import is_undisclosed
from rapport.messaging.observer import Observer
from rapport.messaging.offsets import Counts
from rapport.messaging.records import TopicPartition
from rapport.telemetry.faults import kind
from rapport.telemetry.logs import get_logger
from rapport.telemetry.metrics import Metrics
from rapport.telemetry.traces import Tracing, is_sampled, traceparent_of

_OUTCOMES = ("received", "applied", "duplicate", "skipped", "dead_lettered")


class DeliveryTelemetry(Observer):
    """Counts every poll; makes a span for each event of a kept trace, which becomes the parent of what is told."""

    def __init__(self, metrics: Metrics, tracing: Tracing | None = None) -> None:
        self._metrics = metrics
        self._service = metrics.service
        self._tracing = tracing
        # Of one poll: others may be under way at the same time, each in a task of its own.
        self._spans: ContextVar[tuple[Span, ...]] = ContextVar("spans", default=())
        self._log = get_logger()

    def begin(self, events: Sequence[Received[Any]]) -> None:
        """Spans of the events whose trace is kept; without a collector the traceparent is only passed on."""
        if self._tracing is None:
            return
        for event in events:
            if is_sampled(event.traceparent):
                self._begin_span(self._tracing, event)

    def _begin_span(self, tracing: Tracing, event: Received[Any]) -> None:
        attributes: dict[str, str | int] = {
            "messaging.system": "kafka",
            "messaging.operation.type": "process",
            "messaging.destination.name": event.topic,
            "messaging.destination.partition.id": str(event.partition),
            "messaging.kafka.offset": event.offset,
        }
        span = tracing.begin(
            f"process {event.topic}", kind=SpanKind.CONSUMER, parent=event.traceparent, attributes=attributes
        )
        event.traceparent = traceparent_of(span)
        self._spans.set((*self._spans.get(), span))

    def committed(
        self, counts: Mapping[TopicPartition, Counts], lags: Mapping[TopicPartition, int], seconds: float
    ) -> None:
        """A poll had its effect."""
        total = 0
        for tp, count in counts.items():
            total += count.received
            for outcome in _OUTCOMES:
                number = getattr(count, outcome)
                if number:
                    self._metrics.events.labels(self._service, tp.topic, outcome).inc(number)
            if count.dead_lettered:
                fields = {"topic": tp.topic, "partition": tp.partition, "count": count.dead_lettered}
                self._log.warning("records became dead letters", **fields)
        for tp, lag in lags.items():
            self._metrics.lag.labels(self._service, tp.topic, str(tp.partition)).set(lag)
        self._metrics.poll_events.labels(self._service).observe(total)
        self._metrics.poll_seconds.labels(self._service).observe(seconds)
        self._finish_spans()

    def refused_fields(self, topic: str, count: int) -> None:
        """Fields that no contract knows or that held authentication data."""
        self._metrics.refused_fields.labels(self._service, topic).inc(count)

    def rolled_back(self, error: BaseException) -> None:
        """A poll was undone."""
        self._metrics.rolled_back.labels(self._service, kind(error)).inc()
        self._log.warning("a poll was rolled back", exc_info=error)
        self._finish_spans(error=kind(error))

    def ended(self, error: BaseException | None = None) -> None:
        """The task may go on for as long as the process: a span that is left open is never told, and kept for ever."""
        self._finish_spans(error=kind(error) if error else None)

    def relayed(self, topic: str, count: int, reaction_seconds: Sequence[float]) -> None:
        """Facts are on Kafka. What is for compliance alone is in no figure: a count would tell when it was told."""
        if is_undisclosed(topic):
            return
        self._metrics.relayed.labels(self._service, topic).inc(count)
        reactions = self._metrics.reaction_seconds.labels(self._service, topic)
        for seconds in reaction_seconds:
            reactions.observe(seconds)

    def sweep_failed(self, name: str, reason: str) -> None:
        """A due row cannot be fired."""
        self._metrics.sweeps_failed.labels(self._service, name).inc()
        self._log.error("a due row cannot be fired", sweep=name, reason=reason)

    def part_failed(self, name: str, error: BaseException) -> None:
        """A part of the worker failed and will be begun again."""
        self._metrics.parts_failed.labels(self._service, name).inc()
        self._log.warning("a part of the worker failed and will be begun again", task=name, exc_info=error)

    def retold(self, concept: str, count: int, *, is_done: bool) -> None:
        """A page of states was told again."""
        self._log.info("all states were told again" if is_done else "states are told again", task=concept, count=count)

    def fenced(self) -> None:
        """Another worker owns the partitions of a poll."""
        self._metrics.fenced.labels(self._service).inc()
        self._log.warning("a poll was fenced: another worker owns its partitions")

    def stopped(self, reason: str) -> None:
        """The consumer stopped for good."""
        self._metrics.stopped.labels(self._service).set(1)
        self._log.critical("the consumer stopped and needs a person", reason=reason)

    def _finish_spans(self, *, error: str | None = None) -> None:
        for span in self._spans.get():
            Tracing.finish(span, error=error)
        self._spans.set(())
