"""A clock that runs out is told though nothing else ever happens: once, as of its deadline, whoever looks."""

import asyncio
import json
from typing import Any

from feedback.case.handlers.deadlines import fire_due_clocks
from rapport.clock import utc_now
from rapport.messaging.partitions import partition_of
from rapport.messaging.sweeper import Sweeper
from tests.feedback.said import DAY, HOUR, MONDAY, hear, submitted
from tests.support.delivering import Delivering

EVERYWHERE = range(24)


async def sweep(service: Delivering) -> int:
    """One round of the sweeper, over every partition."""
    runtime = service.runtime
    return await Sweeper(runtime.transactions, runtime.composition.sweeps, runtime.observer).sweep(EVERYWHERE)


async def overdue(service: Delivering) -> list[dict[str, Any]]:
    """What was told of clocks that ran out."""
    rows = await service.rows("SELECT value FROM outbox WHERE topic = 'response-overdue' ORDER BY outbox_id")
    return [json.loads(row.value) for row in rows]


async def let_pass(service: Delivering, hours: int) -> None:
    """Move everything that is stored into the past by that much."""
    await service.rows_written(
        f"UPDATE case_clocks SET started_at = started_at - interval '{hours} h', "
        f"deadline_at = deadline_at - interval '{hours} h', due_at = due_at - interval '{hours} h'"
    )


async def test_silence_alone_breaches_both_clocks_once(service: Delivering) -> None:
    moment = utc_now() - HOUR
    await hear(service, submitted(submitted_at=moment))
    assert await sweep(service) == 0
    await let_pass(service, 24)
    assert await sweep(service) == 1
    assert await sweep(service) == 0
    facts = await overdue(service)
    assert [fact["clock"] for fact in facts] == ["respond", "resolve"]
    assert {fact["due_at"] for fact in facts} == {moment.isoformat().replace("+00:00", "Z")}


async def test_two_workers_that_look_at_once_tell_it_once(service: Delivering) -> None:
    await hear(service, *(submitted(f"c-{number}", submitted_at=utc_now() - HOUR) for number in range(20)))
    await let_pass(service, 24)
    await asyncio.gather(*(sweep(service) for _ in range(4)))
    await sweep(service)
    rows = await service.rows("SELECT event_id FROM outbox WHERE topic = 'response-overdue'")
    assert len(rows) == len({row.event_id for row in rows}) == 40


async def test_in_stream_time_silence_is_the_silence_of_the_partition(replaying: Delivering) -> None:
    await hear(replaying, submitted(submitted_at=MONDAY))
    assert await sweep(replaying) == 0
    await replaying.rows_written(
        f"UPDATE stream_clocks SET position = '{(MONDAY + DAY).isoformat()}' WHERE partition <> {partition_of('c-1')}"
    )
    assert await sweep(replaying) == 0
    await replaying.rows_written(f"UPDATE stream_clocks SET position = '{(MONDAY + DAY).isoformat()}'")
    assert await sweep(replaying) == 1
    assert [fact["due_at"] for fact in await overdue(replaying)] == ["2025-03-04T09:00:00Z"] * 2


async def test_each_customer_is_fired_by_the_clock_of_its_own_partition(replaying: Delivering) -> None:
    await hear(replaying, submitted("c-1", submitted_at=MONDAY), submitted("c-2", submitted_at=MONDAY))
    async with replaying.runtime.transactions.begin(customers=["c-1", "c-2"]) as tx:
        tx.positions = {partition_of("c-1"): MONDAY + HOUR, partition_of("c-2"): MONDAY + DAY}
        await fire_due_clocks(tx, ["c-1", "c-2"])
    assert {fact["customer_id"] for fact in await overdue(replaying)} == {"c-2"}


async def test_an_event_of_the_customer_fires_what_fell_due_before_it_and_after_the_one_before(
    replaying: Delivering,
) -> None:
    await hear(replaying, submitted(submitted_at=MONDAY))
    await hear(replaying, *(submitted(submitted_at=MONDAY + later, kind="praise") for later in (HOUR, 2 * DAY)))
    topics = [row.topic for row in await replaying.rows("SELECT topic FROM outbox ORDER BY outbox_id")]
    assert topics[:2] == ["feedback-classified", "case-changed"]
    assert topics[2:] == ["feedback-classified", "response-overdue", "response-overdue", "feedback-classified"]


async def test_a_breach_has_one_line_of_history_with_both_times(service: Delivering) -> None:
    moment = utc_now() - HOUR
    await hear(service, submitted(submitted_at=moment))
    await let_pass(service, 30)
    before = utc_now()
    await sweep(service)
    lines = await service.rows("SELECT * FROM case_events WHERE happening LIKE '%overdue' ORDER BY happening")
    assert [line.happening for line in lines] == ["resolve-overdue", "respond-overdue"]
    assert {line.happened_at for line in lines} == {moment - 6 * HOUR}
    assert all(line.recorded_at >= before and line.actor is None for line in lines)
