"""Leads in a real database: found once, grown, withdrawn, of a person over all files, kept when a file is archived."""

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from rapport.events.bank import ExchangeRateSet
from rapport.events.base import Event
from rapport.messaging.observer import Observer
from rapport.messaging.sweeper import Sweeper
from tests.churn_alert.abnormal.telling import at, cash, sent
from tests.churn_alert.lives import taken_back
from tests.support.delivering import Delivering
from tests.support.erasing import MARK, erased, found_in
from tests.support.grouping import merge, person, unmerge
from tests.support.sight import managed

DAY = at("2025-03-05")
HOUR = timedelta(hours=1)


async def tell(service: Delivering, *told: Event, time: Any = DAY) -> None:
    await service.deliver(*[service.feed.record(one, time=getattr(one, "occurred_at", time)) for one in told])


async def leads(service: Delivering) -> list[tuple[Any, ...]]:
    rows = await service.rows(
        "SELECT customer_id, rule, day::text, state, count, minor FROM abnormal_activities ORDER BY 1, 3, 2"
    )
    return [tuple(row) for row in rows]


async def steps(service: Delivering) -> list[str]:
    rows = await service.rows("SELECT step FROM abnormal_activity_steps ORDER BY lead_id, number")
    return [row.step for row in rows]


async def told_of(service: Delivering) -> list[dict[str, Any]]:
    rows = await service.rows("SELECT value FROM outbox WHERE topic = 'abnormal-activity-detected' ORDER BY outbox_id")
    return [json.loads(row.value) for row in rows]


async def swept(service: Delivering) -> None:
    sweeper = Sweeper(service.runtime.transactions, service.runtime.composition.sweeps, Observer())
    while await sweeper.sweep(range(service.service.partitions)):
        pass


async def test_a_day_that_reaches_the_threshold_is_told_once_and_grows_without_a_word(service: Delivering) -> None:
    first, second = cash(DAY, "30000.00"), cash(DAY + HOUR, "25000.00", transaction_no="t-2")
    await tell(service, first, second)
    await tell(service, cash(DAY + 2 * HOUR, "1000.00", transaction_no="t-3"))
    assert await leads(service) == [("c-1", "large-cash", "2025-03-05", "open", 3, 5_600_000)]
    assert await steps(service) == ["found"]
    (fact,) = await told_of(service)
    assert (fact["rule"], fact["transactions"], fact["amount"]) == ("large-cash", 2, "55000.00")
    assert (fact["due_on"], fact["withdrawn"]) == ("2025-03-12", False)


async def test_a_repeated_record_changes_nothing(service: Delivering) -> None:
    record = service.feed.record(cash(DAY, "30000.00"), time=DAY, identifier="0195f0a2-7c1e-7d3a-9a51-3c1f5f3f7a10")
    await service.deliver(record)
    again = service.feed.record(cash(DAY, "30000.00"), time=DAY, identifier="0195f0a2-7c1e-7d3a-9a51-3c1f5f3f7a10")
    await service.deliver(again)
    assert (await service.counts())["duplicate"] == 1
    assert await leads(service) == []


async def test_what_is_taken_back_withdraws_its_lead_which_stays_and_may_come_true_again(service: Delivering) -> None:
    first, second = cash(DAY, "30000.00"), cash(DAY + HOUR, "25000.00", transaction_no="t-2")
    await tell(service, first, second, taken_back(second, DAY + 48 * HOUR))
    assert await leads(service) == [("c-1", "large-cash", "2025-03-05", "withdrawn", 2, 5_500_000)]
    await tell(service, cash(DAY + 3 * HOUR, "40000.00", transaction_no="late"))
    assert await leads(service) == [("c-1", "large-cash", "2025-03-05", "open", 2, 7_000_000)]
    assert await steps(service) == ["found", "withdrawn", "found-again"]
    assert [fact["withdrawn"] for fact in await told_of(service)] == [False, True, False]


async def test_what_comes_after_a_month_is_judged_by_itself(service: Delivering) -> None:
    now = DAY + timedelta(days=60)
    await tell(service, cash(DAY, "30000.00"), cash(now, "10.00", transaction_no="now"))
    await tell(service, cash(DAY + HOUR, "30000.00", transaction_no="late-small"))
    assert await leads(service) == []
    await tell(service, cash(DAY + HOUR, "50000.00", transaction_no="late-large"))
    assert await leads(service) == [("c-1", "large-cash", "2025-03-05", "open", 1, 5_000_000)]


async def test_a_threshold_is_the_persons_over_all_files(service: Delivering) -> None:
    await tell(service, cash(DAY, "30000.00", "c-1"), cash(DAY, "15000.00", "c-2"))
    assert await leads(service) == []
    await tell(service, *merge(1, "c-1", "c-2"), time=DAY + HOUR)
    await tell(service, cash(DAY + 2 * HOUR, "5000.00", "c-2", transaction_no="t-2"))
    await tell(service, cash(DAY + 30 * HOUR, "1.00", "c-1", transaction_no="t-3"))
    await swept(service)
    assert await leads(service) == [("c-1", "large-cash", "2025-03-05", "open", 3, 5_000_000)]
    await tell(service, *unmerge(2, person("c-1"), person("c-2")), time=DAY + 40 * HOUR)
    assert [one[3] for one in await leads(service)] == ["withdrawn"]


async def test_files_that_meet_a_rule_each_are_one_lead_after_a_merge_and_two_once_separated(
    service: Delivering,
) -> None:
    await tell(service, cash(DAY, "60000.00", "c-1"), cash(DAY, "70000.00", "c-2"))
    before = await leads(service)
    await tell(service, *merge(1, "c-1", "c-2"), time=DAY + HOUR)
    assert [one[3:] for one in await leads(service)] == [("open", 2, 13_000_000), ("withdrawn", 1, 7_000_000)]
    assert [fact["step"] for fact in await told_of(service)] == ["found", "found", "grown", "withdrawn"]
    await tell(service, *unmerge(2, person("c-1"), person("c-2")), time=DAY + 2 * HOUR)
    assert await leads(service) == before


async def test_who_turns_out_to_be_an_organisation_is_judged_by_its_own_threshold(service: Delivering) -> None:
    await tell(service, sent(DAY, "600000.00"))
    assert [one[1] for one in await leads(service)] == ["large-transfer-person"]
    firm = managed("c-1", None).model_copy(update={"type": "corporate", "revision": 2})
    await tell(service, firm, time=DAY + HOUR)
    await tell(service, managed("c-1", None), time=DAY + HOUR)
    assert [one[3] for one in await leads(service)] == ["withdrawn"]


async def test_another_currency_is_valued_by_the_rate_of_the_day(service: Delivering) -> None:
    def rate(base: str, price: str, day: Any) -> ExchangeRateSet:
        return ExchangeRateSet(base=base, quote="CNY", rate=price, rate_date=day)

    rates = [rate("USD", "7.2", DAY.date()), rate("EUR", "7.92", DAY.date()), rate("EUR", "1", DAY.date() + 24 * HOUR)]
    await tell(service, *rates, time=DAY - HOUR)
    await tell(service, cash(DAY, "9090.90", currency="EUR"))
    assert await leads(service) == []
    await tell(service, cash(DAY + HOUR, "0.02", currency="EUR", transaction_no="t-2"))
    assert [one[1:4] for one in await leads(service)] == [("large-cash", "2025-03-05", "open")]


async def test_of_who_is_archived_every_lead_stays_and_of_who_is_destroyed_none(service: Delivering) -> None:
    beside = frozenset({MARK, "outbox"})
    await tell(service, cash(DAY, "60000.00"), cash(DAY, "60000.00", "c-2"))
    own = {"abnormal_activities", "activity_states"}
    await tell(service, erased("c-1", "archived"), time=DAY + HOUR)
    assert own <= set(await found_in(service.runtime.engine, "c-1", beside=beside))
    assert len(await leads(service)) == 2
    await tell(service, cash(DAY + HOUR, "9000.00", transaction_no="t-2"))
    assert (await leads(service))[0][5] == 6_900_000, "the law asks for it of an archived file too"
    await tell(service, erased("c-1"), time=DAY + 2 * HOUR)
    assert await found_in(service.runtime.engine, "c-1", beside=beside) == {}
    assert [one[0] for one in await leads(service)] == ["c-2"]
    assert await steps(service) == ["found"]


async def test_in_batches_of_any_size_the_same_leads_are_found_and_told(running: Any) -> None:
    told: Sequence[Event] = [
        cash(DAY + n * HOUR, f"{9 + n % 7}000.00", f"c-{n % 3}", transaction_no=f"t-{n}") for n in range(60)
    ]
    seen = []
    for size in (1, 7, 60):
        service = await running()
        identified = [service.feed.record(one, time=one.occurred_at, identifier=f"0195f0a2-7c1e-7d3a-9a51-{n:012x}") for n, one in enumerate(told)]  # fmt: skip  # noqa: E501
        for first in range(0, len(identified), size):
            await service.deliver(*identified[first : first + size])
        rows = await service.rows("SELECT event_id FROM outbox WHERE topic = 'abnormal-activity-detected' ORDER BY 1")
        seen.append((await leads(service), await steps(service), [row.event_id for row in rows]))
    assert seen[0] == seen[1] == seen[2]
    assert seen[0][0]


async def test_a_reversal_dated_far_ahead_makes_nothing_late(service: Delivering) -> None:
    ahead = cash(DAY + timedelta(days=900), "70000.00", transaction_no="ahead")
    await tell(service, cash(DAY, "30000.00"), taken_back(ahead, DAY + HOUR))
    await tell(service, cash(DAY + 2 * HOUR, "30000.00", transaction_no="t-2"))
    assert await leads(service) == [("c-1", "large-cash", "2025-03-05", "open", 2, 6_000_000)]
    await tell(service, ahead)
    assert len(await leads(service)) == 1, "what was taken back before it was told is nothing"
