"""What each service says of itself over its own addresses: the accounting, the outbox, the reaction time."""

from collections import defaultdict
from dataclasses import dataclass, field
from time import monotonic

import httpx
from prometheus_client.parser import text_string_to_metric_families

from demo.children import Served

COUNTS = ("received", "applied", "duplicate", "skipped", "dead_lettered", "parked")


@dataclass(slots=True)
class TopicAccount:
    """What became of every record of one topic."""

    topic: str
    received: int = 0
    applied: int = 0
    duplicate: int = 0
    skipped: int = 0
    dead_lettered: int = 0
    parked: int = 0
    lag: int = 0

    @property
    def balances(self) -> bool:
        """Is `received` the sum of what became of it?"""
        return self.received == self.applied + self.duplicate + self.skipped + self.dead_lettered + self.parked


@dataclass(slots=True)
class Figures:
    """One service at one moment. `reaction_p99`: seconds from a cause's publication to the fact, by topic."""

    name: str
    topics: list[TopicAccount] = field(default_factory=list)
    positions: dict[tuple[str, int], int] = field(default_factory=dict)
    outbox: int = 0
    reaction_p99: dict[str, float] = field(default_factory=dict)
    events_per_second: float = 0.0

    def total(self, count: str) -> int:
        """One count over all topics."""
        return sum(getattr(topic, count) for topic in self.topics)


class Watch:
    """Asks one service again and again; remembers enough to tell its speed."""

    def __init__(self, served: Served, token: str, client: httpx.AsyncClient) -> None:
        self._served = served
        self._headers = {"Authorization": f"Bearer {token}"}
        self._client = client
        self._before: tuple[float, int] | None = None
        self.latest = Figures(served.name)

    async def look(self) -> Figures:
        """The figures now; the last ones when the service does not answer this time."""
        try:
            account = await self._client.get(f"{self._served.api}/accounting", headers=self._headers)
            metrics = await self._client.get(f"{self._served.operations}/metrics")
            account.raise_for_status()
        except httpx.HTTPError:
            return self.latest
        figures = Figures(self._served.name)
        by_topic: dict[str, TopicAccount] = {}
        for row in account.json()["partitions"]:
            topic = by_topic.setdefault(row["topic"], TopicAccount(row["topic"]))
            for count in (*COUNTS, "lag"):
                setattr(topic, count, getattr(topic, count) + row[count])
            figures.positions[row["topic"], row["partition"]] = row["next_offset"]
        figures.topics = list(by_topic.values())
        _read_metrics(metrics.text, figures)
        figures.events_per_second = self._speed(figures.total("received"))
        self.latest = figures
        return figures

    def _speed(self, received: int) -> float:
        now, before = monotonic(), self._before
        self._before = (now, received)
        return (received - before[1]) / (now - before[0]) if before else 0.0


def _read_metrics(exposition: str, figures: Figures) -> None:
    buckets: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for family in text_string_to_metric_families(exposition):
        for sample in family.samples:
            if sample.name == "rapport_reaction_seconds_bucket":
                buckets[sample.labels["topic"]].append((float(sample.labels["le"]), sample.value))
            elif sample.name == "rapport_outbox_events":
                figures.outbox = int(sample.value)
    cumulative = {topic: sorted(cells) for topic, cells in buckets.items()}
    # A topic whose facts were all told by a timer has a histogram in which nothing was ever counted.
    figures.reaction_p99 = {topic: quantile(cells, 0.99) for topic, cells in cumulative.items() if cells[-1][1]}


def quantile(cumulative: list[tuple[float, float]], share: float) -> float:
    """A quantile of a cumulative histogram, linear within its bucket; the last finite bound when it lies beyond."""
    wanted = share * cumulative[-1][1]
    lower, below = 0.0, 0.0
    for bound, count in cumulative:
        if count >= wanted and count > below:
            return lower if bound == float("inf") else lower + (bound - lower) * (wanted - below) / (count - below)
        lower, below = (bound if bound != float("inf") else lower), count
    return lower
