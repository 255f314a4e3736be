"""One trace spans core banking, what scoring tells because of it, and who hears that: on Kafka and at a collector."""

import os
import sys
from collections.abc import AsyncIterator, Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from deploy.local.connections import Connections
from deploy.local.processes import Processes
from rapport.events.bank import TransactionRecorded
from rapport.telemetry.metrics import Metrics
from rapport.telemetry.observer import DeliveryTelemetry
from rapport.telemetry.traces import Tracing
from simulator.marks import CORE, day_closed
from simulator.publisher import publish
from simulator.wire import Record, Wire
from tests.e2e.system import PARTITIONS, System
from tests.scoring.facts import transaction
from tests.support.collector import Collector, Sent, collecting
from tests.support.stack import FreshDatabase, Topics

HEARD = ("transaction-recorded", "holding-changed", "customer-profiled", "feedback-submitted", "tier-changed")
NOON = datetime(2025, 3, 3, 12, tzinfo=UTC)
MIDNIGHT_MS = 1_741_046_400_000  # 2025-03-04T00:00Z
KEPT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
PARENTS = {
    "c-kept": KEPT,
    "c-dropped": "00-1bf7651916cd43dd8448eb211c80319c-c7ad6b7169203331-00",
    "c-garbled": "13812341234",
    "c-without": None,
}
"""A new customer each, whose first transaction always decides a tier, and the traceparent it comes with."""
PASSED_ON = PARENTS | {"c-garbled": None}
"""What is told of each as long as nobody makes spans; what is no traceparent could be anything, so it ends here."""
Fresh = Callable[..., FreshDatabase]


def history(wire: Wire) -> list[Record]:
    """The transactions, and the marks that close their day."""
    stamp = wire.stamp(TransactionRecorded, CORE)
    told = []
    for customer_id, parent in PARENTS.items():
        noon_ms = int(NOON.timestamp() * 1000)
        record = wire.told(transaction(NOON, customer_id), stamp, identifier=customer_id, time_ms=noon_ms)
        told.append(record._replace(headers=(*record.headers, ("traceparent", parent.encode()))) if parent else record)
    marks = day_closed(wire, date(2025, 3, 3), MIDNIGHT_MS)
    return told + [mark for mark in marks if mark.topic.removeprefix(wire.prefix) in HEARD]


@pytest.fixture
async def system(stack: Connections, topics: Topics, fresh_database: Fresh) -> AsyncIterator[System]:
    """Topics of its own, and no service yet."""
    prefix = await topics.make(
        [
            *HEARD,
            "exchange-rate-set",
            "lifecycle-changed",
            "consent-changed",
            "customer-erased",
            "employee-changed",
            "customers-merged",
            "customers-unmerged",
            "scoring.dead-letter",
            "feedback.dead-letter",
        ],
        partitions=PARTITIONS,
    )
    made = System(stack, prefix)
    yield made
    await made.close()


async def handle(system: System, fresh_database: Fresh, collector: Collector | None = None) -> None:
    """Scoring tells what it decides of the history, and feedback has heard it."""
    traced = []
    for name in ("scoring", "feedback"):
        tracing = Tracing.to_collector(name, collector.endpoint if collector else None, share=0.0)
        observer = DeliveryTelemetry(Metrics(name), tracing)
        await system.add(name, fresh_database(name), max_poll_records=400, observer=observer)
        traced += [tracing] if tracing else []
    await publish(history(Wire(prefix=system.prefix, partitions=PARTITIONS)), system.bootstrap_servers)
    async with system.working(workers=1):
        await system.settle()
    for tracing in traced:
        tracing.close()
    assert set(await system.services[1].rows("SELECT customer_id FROM tiers")) == set(PARENTS)


async def told_under(system: System) -> dict[str, str | None]:
    """The traceparent of every customer's tier-changed."""
    told = {record.key.decode(): dict(record.headers) for record in await system.records("tier-changed")}
    return {customer: headers.get("traceparent", b"").decode() or None for customer, headers in told.items()}


def one(spans: list[Sent], service: str) -> Sent:
    [found] = [sent for sent in spans if sent.service == service]
    return found


async def test_a_trace_begun_in_core_banking_goes_on_through_scoring_and_whoever_hears_the_tier(
    system: System, fresh_database: Fresh
) -> None:
    with collecting() as collector:
        await handle(system, fresh_database, collector)
    scored, heard = one(collector.spans, "scoring"), one(collector.spans, "feedback")
    _, trace, bank_span, _ = KEPT.split("-")
    assert scored.span.trace_id.hex() == heard.span.trace_id.hex() == trace
    assert scored.span.parent_span_id.hex() == bank_span
    assert heard.span.parent_span_id == scored.span.span_id
    assert await told_under(system) == PASSED_ON | {"c-kept": scored.traceparent}
    assert scored.traceparent != KEPT
    assert len(collector.spans) == 2, "only what asks for it is kept"
    assert "c-kept" not in str(collector.spans)


async def test_without_a_collector_every_fact_is_told_and_a_trace_is_passed_on_as_it_came(
    system: System, fresh_database: Fresh
) -> None:
    await handle(system, fresh_database)
    assert await told_under(system) == PASSED_ON


async def test_a_worker_as_it_is_shipped_sends_its_spans_to_the_address_in_its_settings(
    system: System, stack: Connections, fresh_database: Fresh, tmp_path: Path
) -> None:
    database = fresh_database("scoring")
    await system.add("scoring", database, max_poll_records=400)
    await publish(history(Wire(prefix=system.prefix, partitions=PARTITIONS)), system.bootstrap_servers)
    processes = Processes(tmp_path)
    with collecting() as collector:
        settings = {
            "KAFKA__TOPIC_PREFIX": system.prefix,
            "KAFKA__PARTITIONS": str(PARTITIONS),
            "TIME__MODE": "stream",
            "OPERATIONS__PORT": "0",
            "TELEMETRY__OTLP_ENDPOINT": collector.endpoint,
        }
        environment = stack.environment("scoring", database=database.name)
        environment |= {f"SCORING_{name}": value for name, value in settings.items()}
        command = [sys.executable, "-m", "scoring", "worker"]
        processes.start("scoring", command, log=tmp_path / "log", environment={**os.environ, **environment})
        try:
            await system.settle()
        finally:
            processes.stop_all()
    assert await told_under(system) == PASSED_ON | {"c-kept": one(collector.spans, "scoring").traceparent}
