"""The numbers of a service in Prometheus's form. Labels are names of our own: a topic, a route's template, an outcome.

Each process has a registry of its own, so that tests and several services in one process never share a counter.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import generate_latest
from sqlalchemy.ext.asyncio import AsyncConnection

REACTION_BUCKETS = (0.002, 0.005, 0.01, 0.015, 0.02, 0.03, 0.05, 0.075, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
_HTTP_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)
_POLL_SIZES = (1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2000, 5000)


@dataclass(frozen=True, slots=True)
class Figures:
    """A gauge of a service's own. `read`: its values as they lie in the database, by their labels in this order."""

    name: str
    text: str
    labels: tuple[str, ...]
    read: Callable[[AsyncConnection], Awaitable[Mapping[tuple[str, ...], float]]]


class Metrics:
    """Every metric of one service; `service` is a label of all of them."""

    def __init__(self, service: str) -> None:
        self.service = service
        self.registry = CollectorRegistry()
        self.events = self._counter("rapport_events", "Records by what became of them", "topic", "outcome")
        self.refused_fields = self._counter("rapport_refused_fields", "Fields that are never kept", "topic")
        self.relayed = self._counter("rapport_relayed_events", "Facts acknowledged by Kafka", "topic")
        self.fenced = self._counter("rapport_fenced_polls", "Polls refused: another worker owned a partition")
        self.rolled_back = self._counter("rapport_rolled_back_polls", "Polls undone and tried again", "error")
        self.sweeps_failed = self._counter("rapport_failed_sweeps", "Due rows that cannot be fired", "sweep")
        self.parts_failed = self._counter("rapport_failed_parts", "Parts of the worker begun again", "part")
        self.poll_events = self._histogram("rapport_poll_events", "Records of one poll", _POLL_SIZES)
        self.poll_seconds = self._histogram("rapport_poll_seconds", "One poll, begin to commit", REACTION_BUCKETS)
        self.reaction_seconds = self._histogram(
            "rapport_reaction_seconds", "From a cause's publication to its fact on Kafka", REACTION_BUCKETS, "topic"
        )
        self.http_seconds = self._histogram(
            "rapport_http_request_seconds", "Requests", _HTTP_BUCKETS, "method", "route", "status"
        )
        self.lag = self.gauge("rapport_lag_events", "Records not yet handled", "topic", "partition")
        self.parked = self.gauge("rapport_parked_events", "Events that wait for another", "topic", "partition")
        self.unbalanced = self.gauge("rapport_unbalanced_partitions", "Where the accounting does not add up: 0")
        self.outbox = self.gauge("rapport_outbox_events", "Facts committed and not yet on Kafka")
        self.dead_letters = self.gauge("rapport_dead_letters", "Dead letters kept")
        self.stopped = self.gauge("rapport_consumer_stopped", "1: the consumer stopped and needs a person")
        self.database_up = self.gauge("rapport_database_up", "1: the database answered the last look")
        self.stopped.labels(service).set(0)
        self._requests: dict[tuple[str, str, int], Histogram] = {}

    def request(self, method: str, route: str, status: int) -> Histogram:
        """The histogram of one operation and status: looked up once, since looking it up costs more than counting."""
        place = (method, route, status)
        found = self._requests.get(place)
        if found is None:
            found = self._requests[place] = self.http_seconds.labels(self.service, method, route, str(status))
        return found

    def render(self) -> bytes:
        """The text Prometheus scrapes."""
        return generate_latest(self.registry)

    def gauge(self, name: str, text: str, *labels: str) -> Gauge:
        """One more gauge."""
        return Gauge(name, text, ("service", *labels), registry=self.registry)

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(name, text, ("service", *labels), registry=self.registry)

    def _histogram(self, name: str, text: str, buckets: tuple[float, ...], *labels: str) -> Histogram:
        return Histogram(name, text, ("service", *labels), buckets=buckets, registry=self.registry)
