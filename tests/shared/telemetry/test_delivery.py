"""A poll on a real database: a record's trace goes on in the fact told because of it, and every outcome is counted."""

import asyncio
import base64
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from sqlalchemy.exc import OperationalError

from rapport.composition import Runtime
from rapport.events.base import Received
from rapport.messaging import dead_letters
from rapport.messaging.transaction import Transaction
from rapport.settings import ServiceSettings
from rapport.telemetry.metrics import Metrics
from rapport.telemetry.observer import DeliveryTelemetry
from rapport.telemetry.traces import Tracing
from tests.support.delivering import Delivering
from tests.support.stack import FreshDatabase
from tests.support.tally import MIGRATIONS, NumberSaid, compose

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331"


class Seen:
    """A delivery and what it let others see."""

    def __init__(self, delivering: Delivering, metrics: Metrics, tracing: Tracing, spans: InMemorySpanExporter) -> None:
        self.delivering = delivering
        self.metrics = metrics
        self.tracing = tracing
        self.spans = spans


@pytest.fixture
async def seen(fresh_database: Callable[..., FreshDatabase], tmp_path: Path) -> AsyncIterator[Seen]:
    key = tmp_path / "encryption.key"
    key.write_text("1:" + base64.b64encode(b"k" * 32).decode())
    settings = ServiceSettings.model_validate(
        {
            "database": {"url": fresh_database("tally", migrations=MIGRATIONS).url},
            "kafka": {"bootstrap_servers": "127.0.0.1:1"},
            "auth": {"issuer": "nobody", "jwks": "nowhere"},
            "encryption": {"key_file": key},
        }
    )
    metrics, spans = Metrics("tally"), InMemorySpanExporter()
    tracing = Tracing("tally", spans, share=0.0)
    runtime = Runtime(compose(), settings, role="worker", observer=DeliveryTelemetry(metrics, tracing))
    delivering = Delivering(runtime)
    await delivering.begin()
    yield Seen(delivering, metrics, tracing, spans)
    await runtime.close()


async def test_the_trace_of_a_record_goes_on_in_what_is_told_because_of_it(seen: Seen) -> None:
    feed, deliver = seen.delivering.feed, seen.delivering.deliver
    numbers = [
        feed.record(NumberSaid(customer_id=customer, number=1), headers={"traceparent": trace} if trace else {})
        for customer, trace in (("c-1", f"{TRACE}-01"), ("c-2", f"{TRACE}-00"), ("c-3", ""))
    ]
    await deliver(*numbers)
    seen.tracing.flush()
    [span] = seen.spans.get_finished_spans()
    told = {row.key: dict(row.headers) for row in await seen.delivering.rows("SELECT key, headers FROM outbox")}
    assert told[b"c-1"]["traceparent"] == f"{TRACE[:36]}{span.context.span_id:016x}-01"
    assert told[b"c-2"]["traceparent"] == f"{TRACE}-00"
    assert "traceparent" not in told[b"c-3"]
    assert "c-1" not in span.to_json()


async def test_every_outcome_is_counted_as_in_the_database_and_a_refusal_ends_in_no_open_span(seen: Seen) -> None:
    feed = seen.delivering.feed
    trace = {"traceparent": f"{TRACE}-01"}
    numbers = [feed.record(NumberSaid(customer_id="c-1", number=n), headers=trace) for n in (1, 13, 14, 2)]
    await seen.delivering.deliver(*numbers, feed.record(NumberSaid(customer_id="c-1", number=1), identifier="twice"))
    await seen.delivering.deliver(feed.record(NumberSaid(customer_id="c-1", number=1), identifier="twice"))
    counts = await seen.delivering.counts()
    for outcome in ("received", "applied", "duplicate", "dead_lettered"):
        labels = {"service": "tally", "topic": "number-said", "outcome": outcome}
        assert seen.metrics.registry.get_sample_value("rapport_events_total", labels) == counts[outcome] > 0
    seen.tracing.flush()
    spans = seen.spans.get_finished_spans()
    assert {(span.attributes or {}).get("error.type") for span in spans} == {
        None,
        "NumberUnwelcome",
        "ZeroDivisionError",
    }
    assert "secret-value-13" not in "".join(span.to_json() for span in spans)


async def test_of_two_polls_at_one_time_the_one_that_fails_marks_no_trace_of_the_other(seen: Seen) -> None:
    """As the worker's own and that of a dead letter which is handled once more."""
    delivering, trace = seen.delivering, {"traceparent": f"{TRACE}-01"}
    are_both_begun = asyncio.Barrier(2)

    async def handle(tx: Transaction, events: Sequence[Received[Any]]) -> None:
        await are_both_begun.wait()
        if events[0].data.customer_id == "c-2":
            raise OperationalError("lost connection", None, Exception())

    delivering.poll._subscriptions = {NumberSaid: handle}
    polls = [
        delivering.deliver(delivering.feed.record(NumberSaid(customer_id=customer, number=1), headers=trace))
        for customer in ("c-1", "c-2")
    ]
    done, failed = await asyncio.gather(*polls, return_exceptions=True)
    assert isinstance(done, list) and isinstance(failed, OperationalError)
    seen.tracing.flush()
    ends = sorted(str((span.attributes or {}).get("error.type")) for span in seen.spans.get_finished_spans())
    assert ends == ["None", "OperationalError"]


@pytest.mark.parametrize(("is_mended", "ends"), [(True, "None"), (False, "ZeroDivisionError")])
async def test_a_dead_letter_that_is_handled_once_more_leaves_no_span_open(
    seen: Seen, is_mended: bool, ends: str
) -> None:
    """In a task that lives as long as the worker: what it left open would be told by nobody."""
    delivering, trace = seen.delivering, {"traceparent": f"{TRACE}-01"}
    await delivering.deliver(delivering.feed.record(NumberSaid(customer_id="c-1", number=13), headers=trace))
    seen.tracing.flush()
    seen.spans.clear()

    async def handle(tx: Transaction, events: Sequence[Received[Any]]) -> None:
        pass

    if is_mended:
        delivering.poll._subscriptions = {NumberSaid: handle}
    async with delivering.runtime.engine.begin() as connection:
        assert await dead_letters.request_replay(connection, None) == 1
    assert await delivering.replay.next()
    seen.tracing.flush()
    assert [str((span.attributes or {}).get("error.type")) for span in seen.spans.get_finished_spans()] == [ends]
