"""One partition stops while others are heard: of its customers nobody is warned of for it, of all others as ever."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import count, islice
from pathlib import Path
from typing import Any

import httpx
import pytest

from churn_alert.feed.handlers import warn_of_stops
from churn_alert.risk.domain.crossing import silence_raises_at
from rapport.events.base import Event
from rapport.messaging.partitions import partition_of
from rapport.serving import api_of
from tests.churn_alert.feed.test_rules import rules_of
from tests.churn_alert.feed.test_stops import NOW, STOP, deliver, raised, sweep
from tests.churn_alert.lives import DAY, HOUR, RULES, lived, paid, steady, when
from tests.support.delivering import Delivering
from tests.support.serving import Start
from tests.support.tokens import TestIssuer

STOPPED, LIVE = 3, 5
OF_THE_WHOLE = {"partitions": None}
"""The broken variant: rules of before, that judge no partition by itself."""


def tokens(partition: int, prefix: str) -> Iterator[str]:
    return (token for n in count() if partition_of(token := f"{prefix}-{n}") == partition)


SILENT, LATE, *CROWD = islice(tokens(STOPPED, "s"), 62)
ELSEWHERE, BUSY = islice(tokens(LIVE, "l"), 2)


def until_silent(customer_id: str) -> list[Event]:
    """Who had not come for eighteen days when the partition stopped."""
    life = steady(customer_id, 120, every=DAY / 2, start=STOP - 138 * DAY)
    return [event for event in life if when(event) <= STOP - 18 * DAY]


def crowd(of: list[str]) -> list[Event]:
    """What many customers did in the four weeks before, of whom too little is known to judge: something every hour."""
    return [paid(of[ago % len(of)], STOP - ago * HOUR, transaction_no=f"h-{ago}") for ago in range(28 * 24)]


def others() -> list[Event]:
    """What is heard of another partition all the while."""
    return [paid(BUSY, STOP - 27 * DAY + ago * 6 * HOUR, transaction_no=f"b-{ago}") for ago in range(32 * 4)]


async def stopped(service: Delivering, *, of: list[str]) -> None:
    lives = [event for one in (SILENT, LATE, ELSEWHERE) for event in until_silent(one)]
    await deliver(service, sorted([*lives, *crowd(of), *others()], key=when))
    await sweep(service)


async def test_of_the_silent_partition_nobody_is_warned_of_until_it_is_heard_again_and_of_others_everybody(
    running: Start,
) -> None:
    service = await running("wall")
    await stopped(service, of=CROWD)
    expected, _ = lived(until_silent(SILENT))
    at = silence_raises_at(expected, RULES)
    assert at is not None
    assert STOP < at < NOW
    assert set(await raised(service)) == {ELSEWHERE}

    # Back: who came meanwhile was never silent for so long, and it is not believed to be all at once.
    came = [paid(LATE, STOP + hours * HOUR, transaction_no=f"m-{hours}") for hours in range(24, 120, 24)]
    await deliver(service, came, published=NOW)
    await deliver(service, [paid(CROWD[0], NOW - HOUR)], published=NOW)
    await sweep(service)
    assert LATE not in await raised(service)
    await service.rows_written("UPDATE activity_feeds SET own_returned_at = own_returned_at - interval '2 hours'")
    await sweep(service)
    assert (await raised(service))[SILENT] == at
    assert set(await raised(service)) == {ELSEWHERE, SILENT}


async def test_what_has_come_back_is_not_believed_to_be_all_before_it_has_settled(running: Start) -> None:
    service = await running("wall")
    await stopped(service, of=CROWD)
    await deliver(service, [paid(CROWD[0], STOP + HOUR)], published=NOW)
    await sweep(service)
    assert set(await raised(service)) == {ELSEWHERE}
    rows = await service.rows("SELECT partition FROM activity_feeds WHERE own_returned_at IS NOT NULL")
    assert [row.partition for row in rows] == [STOPPED]
    assert await service.rows("SELECT 1 FROM activity_feeds WHERE returned_at IS NOT NULL") == []


@pytest.mark.parametrize(("of", "fields"), [(CROWD, OF_THE_WHOLE), (CROWD[:10], {})])
async def test_with_rules_of_the_whole_bank_alone_or_of_a_few_customers_the_silence_is_taken_for_theirs(
    running: Start, tmp_path: Path, of: list[str], fields: dict[str, Any]
) -> None:
    service = await running("wall", feed_rules=rules_of(tmp_path, **fields))
    await stopped(service, of=of)
    assert set(await raised(service)) == {ELSEWHERE, SILENT, LATE}


async def test_a_partition_that_stopped_is_shown_counted_and_warned_of(
    running: Start, issuer: TestIssuer, capsys: pytest.CaptureFixture[str]
) -> None:
    service = await running("wall")
    await stopped(service, of=CROWD)
    (held,) = [
        one for one in service.runtime.composition.figures if one.name == "rapport_churn_feed_partition_held_seconds"
    ]
    transport, token = httpx.ASGITransport(api_of(service.runtime)), issuer.bearer("rm", "risk_manager")

    async def shown() -> tuple[str, list[dict[str, Any]], dict[tuple[str, ...], float]]:
        async with httpx.AsyncClient(transport=transport, base_url="http://service", headers=token) as client:
            (feed,) = (await client.get("/activity-feeds")).json()["feeds"]
        async with service.runtime.engine.connect() as connection:
            return feed["state"], feed["partitions"], dict(await held.read(connection))

    state, (part,), seconds = await shown()
    assert (state, part["partition"], part["state"], part["quiet_hours"]) == ("live", STOPPED, "stopped", 12.0)
    assert datetime.fromisoformat(part["heard_until"]) == datetime.fromisoformat(part["since"]) == STOP
    assert seconds.pop(("transaction-recorded", str(STOPPED))) > timedelta(days=4).total_seconds()
    assert seconds == {("transaction-recorded", str(LIVE)): 0.0}
    capsys.readouterr()
    await warn_of_stops(service.runtime.transactions, rules=service.runtime.composition.state["feed_rules"].rules())
    logged = "".join(capsys.readouterr())
    assert "no further than a feed was heard" in logged
    assert "stopped" in logged

    await deliver(service, [paid(CROWD[0], NOW)], published=NOW)
    _, (part,), _ = await shown()
    assert (part["state"], part["quiet_hours"]) == ("returning", None)
    await service.rows_written("UPDATE activity_feeds SET own_returned_at = own_returned_at - interval '2 hours'")
    assert (await shown())[:2] == ("live", [])
