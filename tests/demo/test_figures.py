"""What the demo shows of a service is what the service says over its own addresses, added up by topic."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, HTTPException, Response
from hypothesis import given
from hypothesis import strategies as st

from demo.children import Served
from demo.figures import Figures, Watch, quantile
from rapport.telemetry.metrics import REACTION_BUCKETS, Metrics
from rapport.telemetry.observer import DeliveryTelemetry

COUNTS = {"received": 10, "applied": 4, "duplicate": 3, "skipped": 1, "dead_lettered": 1, "parked": 1, "lag": 7}
SERVED = Served("scoring", "scoring", "http://api", "http://operations")


class Speaking:
    """A service's two addresses, with metrics rendered as a service renders them."""

    def __init__(self) -> None:
        self.metrics = Metrics("scoring")
        self.partitions: list[dict[str, Any]] = []
        self.is_well = True
        self.app = FastAPI()
        self.app.get("/accounting")(self.accounting)
        self.app.get("/metrics")(lambda: Response(self.metrics.render(), media_type="text/plain"))

    def accounting(self) -> dict[str, Any]:
        if not self.is_well:
            raise HTTPException(503)
        return {"partitions": self.partitions}


@pytest.fixture
def service() -> Speaking:
    return Speaking()


@pytest.fixture
async def watch(service: Speaking) -> AsyncIterator[Watch]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(service.app)) as client:
        yield Watch(SERVED, "token", client)


async def test_the_partitions_of_a_topic_are_added_up_and_each_keeps_its_position(
    service: Speaking, watch: Watch
) -> None:
    places = [("transaction-recorded", 0, 41), ("transaction-recorded", 1, 17), ("holding-changed", 0, 5)]
    service.partitions = [{"topic": t, "partition": p, "next_offset": o, **COUNTS} for t, p, o in places]
    found = await watch.look()
    assert found.positions == {(topic, partition): offset for topic, partition, offset in places}
    transactions, holdings = found.topics
    assert (transactions.topic, transactions.received, transactions.lag) == ("transaction-recorded", 20, 14)
    assert (holdings.topic, holdings.duplicate, holdings.parked) == ("holding-changed", 3, 1)
    assert (found.total("received"), found.total("lag")) == (30, 21)


async def test_the_last_figures_stay_while_a_service_does_not_answer(service: Speaking, watch: Watch) -> None:
    assert await watch.look() == Figures("scoring")
    service.partitions = [{"topic": "holding-changed", "partition": 0, "next_offset": 5, **COUNTS}]
    before = await watch.look()
    service.is_well = False
    assert await watch.look() == before
    assert before.total("received") == 10


async def test_outbox_and_reaction_times_are_read_from_the_metrics_a_service_renders(
    service: Speaking, watch: Watch
) -> None:
    telemetry = DeliveryTelemetry(service.metrics)
    telemetry.relayed("tier-changed", 100, [0.004] * 98 + [0.7] * 2)
    service.metrics.outbox.labels("scoring").set(12)
    found = await watch.look()
    assert found.outbox == 12
    assert found.reaction_p99 == {"tier-changed": pytest.approx(0.75)}


async def test_facts_told_by_timers_alone_have_no_reaction_time(service: Speaking, watch: Watch) -> None:
    DeliveryTelemetry(service.metrics).relayed("tier-changed", 3, [])
    assert (await watch.look()).reaction_p99 == {}


@given(st.lists(st.floats(0, REACTION_BUCKETS[-1]), min_size=1), st.floats(0.01, 1.0))
def test_a_quantile_lies_in_the_bucket_of_the_value_it_stands_for(values: list[float], share: float) -> None:
    bounds = (*REACTION_BUCKETS, float("inf"))
    found = quantile([(bound, sum(value <= bound for value in values)) for bound in bounds], share)
    ranked = sorted(values)
    value = next(value for rank, value in enumerate(ranked, 1) if rank >= share * len(ranked))
    above = next(bound for bound in bounds if value <= bound)
    below = max((bound for bound in bounds if bound < value), default=0.0)
    assert below - 1e-9 <= found <= above + 1e-9


def test_a_quantile_beyond_the_last_bound_is_that_bound() -> None:
    assert quantile([(0.5, 1), (60.0, 2), (float("inf"), 9)], 0.99) == 60.0
