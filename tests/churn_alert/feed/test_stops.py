"""A feed that stops looks like everybody's silence. Nobody is warned of for it, and who is silent indeed is, once it is
back, as of the day it came to that.
"""

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count, islice
from pathlib import Path
from typing import Any

import httpx

from churn_alert.feed.handlers import warn_of_stops
from churn_alert.lifecycle.handlers import recheck_stages
from churn_alert.risk.domain.crossing import silence_raises_at
from rapport.clock import utc_now
from rapport.events.base import Event
from rapport.messaging.observer import Observer
from rapport.messaging.partitions import partition_of
from rapport.messaging.sweeper import Sweeper
from rapport.serving import api_of
from tests.churn_alert.feed.test_rules import rules_of
from tests.churn_alert.lives import DAY, HOUR, RULES, complained, lived, paid, steady, when
from tests.support.delivering import Delivering
from tests.support.serving import Start, Subject
from tests.support.tokens import TestIssuer

NOW = utc_now().replace(microsecond=0) - HOUR
STOP = NOW - 5 * DAY
SILENT, BUSY = "silent", "busy"
TAKEN = {partition_of(SILENT), partition_of(BUSY)}
PAUSING = list(islice((f"c-{n}" for n in count() if partition_of(f"c-{n}") not in TAKEN), 12))
"""Who has not come for twenty days when the feed stops, and does on the day after."""


def before() -> dict[str, list[Event]]:
    """What was heard up to the stop."""
    lives = {one: steady(one, 120, every=DAY / 2, start=STOP - 140 * DAY) for one in PAUSING}
    lives[SILENT] = steady(SILENT, 120, every=DAY / 2, start=STOP - 139.5 * DAY)
    lives[BUSY] = steady(BUSY, 120, every=DAY / 2, start=STOP - 120 * DAY)
    return {key: [event for event in life if when(event) <= STOP] for key, life in lives.items()}


def meanwhile(customer_id: str) -> list[Event]:
    """What a customer did while nothing was heard, up to now."""
    days = (STOP + timedelta(days=number) for number in (1, 2, 3, 4, 5))
    return [paid(customer_id, at, transaction_no=f"m-{at:%d}") for at in days]


async def deliver(service: Delivering, events: Iterable[Event], *, published: datetime | None = None) -> None:
    """In one poll; each written to Kafka when it happened, or all at once."""
    records = [service.feed.record(event, time=when(event)) for event in events]
    stamps = [published or when(event) for event in events]
    await service.deliver(
        *[replace(one, timestamp=int(at.timestamp() * 1000)) for one, at in zip(records, stamps, strict=True)]
    )


async def sweep(service: Delivering) -> None:
    sweeper = Sweeper(service.runtime.transactions, service.runtime.composition.sweeps, Observer())
    while await sweeper.sweep(range(service.service.partitions)):
        pass


async def raised(service: Delivering) -> dict[str, datetime]:
    """Of whom was told that the risk rose, and as of when."""
    rows = await service.rows("SELECT value FROM outbox WHERE topic = 'risk-threshold-crossed' ORDER BY outbox_id")
    told = [json.loads(row.value) for row in rows]
    assert all(one["direction"] == "up" and one.get("clears") is None for one in told)
    return {one["customer_id"]: datetime.fromisoformat(one["crossed_at"]) for one in told}


async def heard_before(service: Delivering) -> None:
    await deliver(service, sorted((event for life in before().values() for event in life), key=when))
    assert await raised(service) == {}


async def test_nobody_is_warned_of_for_a_stop_and_who_is_silent_indeed_is_once_it_is_over(running: Start) -> None:
    service = await running("wall")
    await heard_before(service)
    await sweep(service)
    assert await raised(service) == {}

    # Others are heard all the while: what they say is decided as of how far customers are known.
    await deliver(service, [complained(PAUSING[0], NOW)], published=NOW)
    await sweep(service)
    assert await raised(service) == {}

    # It is back: of one partition all is read before anything of the others is.
    await deliver(service, meanwhile(BUSY), published=NOW)
    await sweep(service)
    assert await raised(service) == {}
    await deliver(service, [event for one in PAUSING for event in meanwhile(one)], published=NOW)
    await sweep(service)
    assert await raised(service) == {}

    await service.rows_written("UPDATE activity_feeds SET returned_at = returned_at - interval '2 hours'")
    await sweep(service)
    risk, _ = lived(before()[SILENT])
    assert await raised(service) == {SILENT: silence_raises_at(risk, RULES)}
    assert STOP < (await raised(service))[SILENT] < NOW
    opened = await service.rows("SELECT customer_id, opened_at FROM alerts")
    assert [tuple(one) for one in opened] == [*(await raised(service)).items()]
    (counted,) = await service.rows(f"SELECT negative_feedbacks FROM risks WHERE customer_id = '{PAUSING[0]}'")
    assert counted.negative_feedbacks == 1


async def test_with_a_feed_that_may_be_quiet_for_a_month_the_same_stop_warns_of_everybody(
    running: Start, tmp_path: Path
) -> None:
    patient = rules_of(tmp_path, quiet_hours={"transaction-recorded": 744})
    service = await running("wall", feed_rules=patient)
    await heard_before(service)
    await sweep(service)
    assert set(await raised(service)) == {SILENT, *PAUSING}


async def test_what_comes_back_is_lived_through_day_by_day(running: Start) -> None:
    service = await running("wall")
    await heard_before(service)
    (late, *_) = PAUSING
    await deliver(service, [paid(late, STOP + 4 * DAY)], published=NOW)
    # Twenty-four days without a word, by all that is heard: that was so, and when it was is what is said.
    risk, _ = lived(before()[late])
    assert await raised(service) == {late: silence_raises_at(risk, RULES)}
    (seen,) = await service.rows(f"SELECT decided_at FROM risks WHERE customer_id = '{late}'")
    assert seen.decided_at == STOP + 4 * DAY


async def test_an_alert_dated_back_waits_for_its_answer_from_when_it_can_be_seen(running: Start) -> None:
    service = await running("wall")
    await heard_before(service)
    (late, *_) = PAUSING
    began = utc_now()
    await deliver(service, [paid(late, STOP + 4 * DAY)], published=NOW)
    await sweep(service)
    (alert,) = await service.rows("SELECT opened_at, waiting_since, answer_by, escalation FROM alerts")
    assert alert.opened_at == (await raised(service))[late] < began <= alert.waiting_since < alert.answer_by
    assert alert.escalation == 0


async def test_what_is_begun_for_an_alert_dated_back_is_due_from_when_it_can_be_seen(running: Start) -> None:
    service = await running("wall")
    await heard_before(service)
    began = utc_now()
    await deliver(service, [paid(one, STOP + 4 * DAY) for one in PAUSING], published=NOW)
    await sweep(service)
    begun = await service.rows("SELECT begun_at, due_by, due_at FROM intervention_steps WHERE due_by IS NOT NULL")
    assert begun
    assert all(one.begun_at < STOP + 4 * DAY and began < one.due_by <= one.due_at for one in begun)


async def test_a_lead_of_a_day_in_the_stop_is_found_when_it_can_be_seen_and_due_from_then(running: Start) -> None:
    service = await running("wall")
    await heard_before(service)
    began, day = utc_now(), STOP + 1 * DAY
    came = {"kind": "transfer-in", "counterparty_class": "person", "direction": "credit", "initiator": "automatic"}
    left = {"kind": "transfer-out", "counterparty_class": "person", "direction": "debit"}
    told = [
        paid(BUSY, day, "900000.00", transaction_no="in", **came),
        paid(BUSY, day, "890000.00", transaction_no="out", **left),
    ]
    await deliver(service, told, published=NOW)
    found = {row.rule: row for row in await service.rows("SELECT rule, detected_at, due_on FROM abnormal_activities")}
    assert all(one.detected_at >= began for one in found.values())
    assert found["passed-through"].due_on > began.date()


async def test_newer_rules_of_stages_take_no_silence_of_a_stop_for_a_customers(running: Start) -> None:
    """Eighty-eight days of silence when the feed stopped: a customer is lost after ninety."""
    service = await running("wall")
    await deliver(service, steady("c-nobody", 120, every=DAY / 2, start=STOP - 208 * DAY))
    await deliver(service, [paid(BUSY, STOP)])
    await service.rows_written("UPDATE lifecycles SET rules_version = 0")
    for upkeep in service.runtime.composition.upkeep:
        await upkeep(service.runtime.transactions)
    stages = "SELECT stage, rules_version FROM lifecycles WHERE customer_id = 'c-nobody'"
    assert [tuple(row) for row in await service.rows(stages)] == [("mature", 1)]
    await service.rows_written("UPDATE lifecycles SET rules_version = 0")
    await recheck_stages(service.runtime.transactions, rules=service.runtime.composition.state["stages"])
    assert [row.stage for row in await service.rows(stages)] == ["lost"], "so it would be without a limit"


async def test_a_stop_is_shown_and_its_end(running: Start, subject: Subject, issuer: TestIssuer) -> None:
    service = await running("wall")
    await heard_before(service)
    app = api_of(service.runtime)
    transport, token = httpx.ASGITransport(app), issuer.bearer("rm", "risk_manager")
    (held,) = [one for one in service.runtime.composition.figures if one.name == "rapport_churn_feed_held_seconds"]

    async def shown() -> tuple[dict[str, Any], float]:
        async with httpx.AsyncClient(transport=transport, base_url="http://service", headers=token) as client:
            (feed,) = (await client.get("/activity-feeds")).json()["feeds"]
        async with service.runtime.engine.connect() as connection:
            ((topic, seconds),) = (await held.read(connection)).items()
        assert topic == ("transaction-recorded",)
        return feed, seconds

    feed, seconds = await shown()
    assert (feed["topic"], feed["state"]) == ("transaction-recorded", "stopped")
    assert STOP - DAY < datetime.fromisoformat(feed["heard_until"]) <= STOP
    assert 5 * DAY.total_seconds() < seconds < 6 * DAY.total_seconds()
    await warn_of_stops(service.runtime.transactions, rules=service.runtime.composition.state["feed_rules"].rules())
    await deliver(service, meanwhile(BUSY), published=NOW)
    assert (await shown())[0]["state"] == "returning"
    await service.rows_written("UPDATE activity_feeds SET returned_at = returned_at - interval '2 hours'")
    feed, seconds = await shown()
    assert (feed["state"], seconds) == ("live", 0.0)


async def test_a_risk_is_shown_as_of_how_far_the_bank_was_heard(running: Start, issuer: TestIssuer) -> None:
    service = await running("wall")
    await heard_before(service)
    transport, token = httpx.ASGITransport(api_of(service.runtime)), issuer.bearer("support", "risk_manager")
    async with httpx.AsyncClient(transport=transport, base_url="http://service", headers=token) as client:
        risk = (await client.get(f"/risks/{BUSY}")).json()
    assert STOP - DAY < datetime.fromisoformat(risk["as_of"]) <= STOP


async def test_a_stream_keeps_its_own_time_and_notes_nothing(replaying: Delivering) -> None:
    await heard_before(replaying)
    await sweep(replaying)
    assert await replaying.rows("SELECT * FROM activity_feeds") == []
