"""A core's day is over for our readers when it is over in every partition of every raw topic, and not before."""

import json
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime
from random import Random
from typing import Any

import httpx
import pytest

from rapport.serving import api_of
from tests.customer_profile.adapter.cores import LEGACY, MORNING, Booking, RawFeed, account_told
from tests.support.delivering import Delivering
from tests.support.tokens import TestIssuer

DAY = date(2026, 3, 2)
END = datetime(2026, 3, 2, 16, tzinfo=UTC)


async def marks(service: Delivering) -> list[Any]:
    return await service.rows(
        "SELECT partition, key, value, headers, event_id FROM outbox WHERE headers::text LIKE '%day-closed%' "
        "ORDER BY outbox_id"
    )


@pytest.mark.parametrize("mode", ["wall", "stream"])
async def test_the_mark_follows_the_last_partition_of_the_last_topic_once(
    adapting: Callable[..., Awaitable[Delivering]], mode: str
) -> None:
    service, feed = await adapting(mode), RawFeed()
    ends = [(core, partition) for core in ("legacy", "fineract") for partition in range(24)]
    Random(1).shuffle(ends)
    last = ends.pop()
    for begin in range(0, len(ends), 10):
        await service.deliver(*[feed.day_end(core, DAY, partition) for core, partition in ends[begin : begin + 10]])
    assert await marks(service) == []
    # The posting of the next day that the same poll brings is told after the mark of this one.
    account = account_told("legacy", "62220", "c-1")
    later = Booking("1", "62220", 5, "01", datetime(2026, 3, 2, 17, tzinfo=UTC))
    await service.deliver(service.feed.record(account, time=account.as_of))
    await service.deliver(feed.day_end(*last[:1], DAY, last[1]), feed.day_end(*last[:1], DAY, last[1]))
    await service.deliver(feed.booking("legacy", later))
    found = await marks(service)
    assert sorted(row.partition for row in found) == list(range(24))
    assert len({row.event_id for row in found}) == 24
    assert {json.loads(row.value)["business_date"] for row in found} == {"2026-03-02"}
    assert {dict(row.headers)["ce_time"] for row in found} == {END.isoformat()}
    topics = await service.rows("SELECT DISTINCT topic FROM outbox WHERE headers::text LIKE '%day-closed%'")
    assert [row.topic for row in topics] == ["transaction-recorded"], "accounts are of another topic, still open"
    counts = await service.counts()
    assert (counts["duplicate"], counts["dead_lettered"]) == (1, 0)


async def test_the_list_of_adapters_shows_outcomes_and_faults_and_no_value(
    service: Delivering, issuer: TestIssuer
) -> None:
    feed, account = RawFeed(), account_told("legacy", "62220", "c-1")
    await service.deliver(service.feed.record(account, time=account.as_of))
    await service.deliver(
        feed.booking("legacy", Booking("1", "62220", 5, "01", MORNING)),
        feed.booking("legacy", Booking("2", "62220", 5, "77-marked", MORNING)),
        feed.booking("legacy", Booking("3", "other", 5, "01", MORNING)),
    )
    transport = httpx.ASGITransport(api_of(service.runtime))
    async with httpx.AsyncClient(transport=transport, base_url="http://service") as client:
        refused = await client.get("/adapters", headers=issuer.bearer("rm"))
        answer = await client.get("/adapters", headers=issuer.bearer("operator"))
    assert refused.status_code == 403
    assert "marked" not in answer.text and "62220" not in answer.text
    adapters = {one["topic"]: one for one in answer.json()["adapters"]}
    assert sorted(adapters) == ["fineract.savings-accounts", "fineract.savings-transactions", LEGACY]
    legacy = adapters[LEGACY]
    counts = {name: legacy[name] for name in ("received", "applied", "duplicate", "dead_lettered", "parked")}
    assert counts == {"received": 3, "applied": 1, "duplicate": 0, "dead_lettered": 1, "parked": 1}
    faults = [(one["field"], one["fault"], one["records"]) for one in legacy["faults"]]
    assert faults == [("account_id", "before-its-account", 1), ("kind", "unknown-code", 1)]
    (figures,) = service.runtime.composition.figures
    async with service.runtime.engine.connect() as connection:
        assert await figures.read(connection) == {
            (LEGACY, "account_id", "before-its-account"): 1,
            (LEGACY, "kind", "unknown-code"): 1,
        }
