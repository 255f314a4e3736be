"""Risks on a real database: repeats, silence found by the sweeper, what is told, and timers of an older model."""

import json
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from churn_alert.risk.handlers import recheck_outdated
from rapport.clock import utc_now
from rapport.messaging.observer import Observer
from rapport.messaging.partitions import partition_of
from rapport.messaging.sweeper import Sweeper
from tests.churn_alert.lives import DAY, HOUR, RULES, START, complained, heard, paid, steady, when
from tests.support.delivering import Delivering
from tests.support.serving import Start

NEIGHBOUR = next(f"n-{n}" for n in count() if partition_of(f"n-{n}") == partition_of("c-1"))
"""Another customer of the same partition, whose events move its clock."""


async def lead(service: Delivering, customer_id: str, days: int) -> int:
    """A steady life; how many events. The same again is sent again under the same ids."""
    events = heard(steady(customer_id, days))
    await service.deliver(
        *[
            service.feed.record(one.event, time=one.at, identifier=f"{customer_id}-{number}")
            for number, one in enumerate(events)
        ]
    )
    return len(events)


async def sweep(service: Delivering) -> int:
    runtime = service.runtime
    sweeper = Sweeper(runtime.transactions, runtime.composition.sweeps, Observer())
    return await sweeper.sweep(range(service.service.partitions))


async def told(service: Delivering, topic: str = "risk-threshold-crossed") -> list[dict[str, Any]]:
    rows = await service.rows("SELECT value FROM outbox WHERE topic = :topic ORDER BY outbox_id", topic=topic)
    return [json.loads(row.value) for row in rows]


async def test_the_sweeper_finds_who_fell_silent_and_dates_it_when_it_was(service: Delivering) -> None:
    await lead(service, "c-1", 150)
    later = START + 250 * DAY
    await service.deliver(service.feed.record(paid(NEIGHBOUR, later), time=later))
    assert await told(service) == []
    while await sweep(service):
        pass
    (crossing,) = await told(service)
    assert (crossing["customer_id"], crossing["direction"], crossing["cause"]) == ("c-1", "up", "silence")
    assert crossing["probability"] == pytest.approx(crossing["threshold"], abs=1e-3)
    assert START + 155 * DAY < datetime.fromisoformat(crossing["crossed_at"]) < START + 215 * DAY
    assert crossing["horizon_days"] == RULES.model.horizon_days
    week = next(one for one in crossing["indicators"] if one["name"] == "activity-week")
    assert week["value"] < week["normal_low"] < 1 < week["normal_high"]
    (kept,) = await service.rows("SELECT event_id, crossing_id FROM outbox, risk_crossings WHERE topic LIKE 'risk%'")
    assert kept.event_id == kept.crossing_id
    # Nobody takes the alert up, so that time escalates it; it stays one, and open.
    opened = await told(service, "churn-alert-changed")
    assert {fact["status"] for fact in opened} == {"opened"}
    assert len({fact["alert_id"] for fact in opened}) == 1


async def test_a_repeated_event_changes_nothing(service: Delivering) -> None:
    sent = await lead(service, "c-1", 90)
    before = await service.rows("SELECT * FROM risks")
    assert await lead(service, "c-1", 90) == sent
    assert await service.rows("SELECT * FROM risks") == before
    assert (await service.counts())["duplicate"] == sent


async def test_neutral_feedback_is_heard_and_weighs_nothing(service: Delivering) -> None:
    await service.deliver(service.feed.record(complained("c-1", START, "neutral"), time=START))
    (risk,) = await service.rows("SELECT negative_feedbacks, probability, due_at FROM risks")
    assert tuple(risk) == (0, None, None)


async def test_a_complaint_heard_ahead_of_its_time_is_no_silence_and_counts_when_its_time_comes(
    service: Delivering,
) -> None:
    await lead(service, "c-1", 150)
    ahead = START + 152 * DAY
    await service.deliver(service.feed.record(complained("c-1", ahead), time=ahead))
    (held,) = await service.rows("SELECT negative_feedbacks, is_raised, due_at FROM risks")
    assert tuple(held) == (0, False, ahead)
    after = ahead + HOUR
    await service.deliver(service.feed.record(paid(NEIGHBOUR, after), time=after))
    while await sweep(service):
        pass
    (counted,) = await service.rows(
        "SELECT negative_feedbacks, sums_as_of, ahead, due_at FROM risks WHERE customer_id = 'c-1'"
    )
    assert tuple(counted)[:3] == (1, ahead, None)
    assert counted.due_at > after


async def test_on_the_wall_clock_late_history_is_judged_as_of_its_publication(running: Start) -> None:
    service = await running("wall")
    now = utc_now()
    events = [event for event in steady("c-1", 150, start=now - 250 * DAY) if when(event) < now]
    published = int(now.timestamp() * 1000)
    records = [service.feed.record(one.event, time=one.at) for one in heard(events)]
    await service.deliver(*[replace(record, timestamp=published) for record in records])
    (crossing,) = await told(service)
    assert (crossing["direction"], crossing["cause"]) == ("up", "event")
    assert now - HOUR < datetime.fromisoformat(crossing["crossed_at"]) <= utc_now()


@pytest.mark.parametrize("version", [0, 999], ids=["an older one", "one that was taken back"])
async def test_timers_of_another_model_are_set_anew_by_upkeep(service: Delivering, version: int) -> None:
    for number in range(3):
        await lead(service, f"c-{number}", 90)
    right = await service.rows("SELECT customer_id, due_at, model_version FROM risks ORDER BY 1")
    await service.rows_written(
        f"UPDATE risks SET model_version = {version}, due_at = '{(START + 900 * DAY).isoformat()}'"
    )
    await recheck_outdated(service.runtime.transactions, rules=service.runtime.composition.state["rules"])
    assert await service.rows("SELECT customer_id, due_at, model_version FROM risks ORDER BY 1") == right


async def test_two_open_alerts_of_a_customer_cannot_be(service: Delivering) -> None:
    later = START + 250 * DAY
    for customer in ("c-1", "c-2"):
        await lead(service, customer, 150)
        await service.deliver(service.feed.record(paid(customer, later), time=later))
    with pytest.raises(IntegrityError, match="alerts_one_open"):
        await service.rows_written("UPDATE alerts SET customer_id = 'c-1'")


async def test_a_customers_row_falls_due_within_its_own_partition(service: Delivering) -> None:
    await lead(service, "c-1", 90)
    (risk,) = await service.rows("SELECT partition, due_at, decided_at FROM risks")
    assert risk.partition == partition_of("c-1")
    assert timedelta(0) < risk.due_at - risk.decided_at <= 9 * DAY
