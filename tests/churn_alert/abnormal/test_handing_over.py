"""Leads in a real database when files are merged and separated: one a person and finding, and nobody decides twice."""

from datetime import timedelta
from random import Random
from typing import Any

import pytest

from tests.churn_alert.abnormal.telling import cash
from tests.churn_alert.abnormal.test_handlers import DAY, HOUR, leads, steps, swept, tell
from tests.churn_alert.abnormal.test_merging import life
from tests.support.delivering import Delivering
from tests.support.grouping import AS_OF, merge, person, unmerge
from tests.support.serving import Start


async def true_leads(service: Delivering) -> list[tuple[Any, ...]]:
    rows = await service.rows("SELECT key, sum(count), sum(minor) FROM abnormal_activities WHERE is_true GROUP BY 1")
    return sorted((row.key, int(row[1]), int(row[2])) for row in rows)


@pytest.mark.parametrize("seed", range(3))
async def test_the_leads_that_are_kept_are_the_same_on_one_file_and_on_two_merged_at_any_time(
    running: Start, seed: int
) -> None:
    random = Random(seed)
    told = life(random, days=25)
    place = random.choice([0, len(told) // 2, len(told)])
    kept = []
    for is_one in (True, False):
        service = await running()
        for begin in range(0, len(told) + 1, 5):
            if begin <= place < begin + 5 and not is_one:
                await tell(service, *merge(1, "c-1", "c-2"), time=AS_OF)
            part = told[begin : begin + 5]
            dealt = [
                one if is_one else one.model_copy(update={"customer_id": random.choice(["c-1", "c-2"])}) for one in part
            ]
            await tell(service, *dealt)
            await swept(service)
        # The survivor's clock stands at what came on its own file: what was asked for of it has to have come due.
        end = max(one.occurred_at for one in told) + HOUR
        await tell(service, cash(end, "1.00", transaction_no="end"))
        await swept(service)
        assert (await service.counts())["dead_lettered"] == 0
        kept.append(await true_leads(service))
    assert kept[0] == kept[1]
    assert kept[0]


async def test_what_comes_on_the_survivor_on_a_day_that_another_file_met_a_rule_makes_the_lead_grow(
    service: Delivering,
) -> None:
    await tell(service, cash(DAY, "60000.00", "c-2"), cash(DAY, "10.00", "c-1", transaction_no="t-2"))
    await tell(service, *merge(1, "c-1", "c-2"), time=DAY + HOUR)
    await tell(service, cash(DAY + 2 * HOUR, "70000.00", "c-1", transaction_no="t-3"))
    assert await leads(service) == [
        ("c-1", "large-cash", "2025-03-05", "open", 3, 13_001_000),
        ("c-2", "large-cash", "2025-03-05", "withdrawn", 1, 6_000_000),
    ]


async def test_what_people_decided_of_a_lead_goes_with_it_to_the_survivor_and_its_due_date_too(
    service: Delivering,
) -> None:
    await tell(service, cash(DAY, "60000.00", "c-2"))
    await service.rows_written(
        "UPDATE abnormal_activities SET state = 'referred', decided_by = 'e-1', decided_at = now(), due_at = NULL"
    )
    (before,) = await service.rows(
        "SELECT detected_at, due_on, decided_by, decided_at, due_at FROM abnormal_activities"
    )
    await tell(service, *merge(1, "c-1", "c-2"), time=DAY + 40 * HOUR)
    (after,) = await service.rows(
        "SELECT detected_at, due_on, decided_by, decided_at, due_at FROM abnormal_activities WHERE customer_id = 'c-1'"
    )
    assert after == before
    assert [one[:4] for one in await leads(service)] == [
        ("c-1", "large-cash", "2025-03-05", "referred"),
        ("c-2", "large-cash", "2025-03-05", "referred"),
    ]
    assert [
        row.is_true for row in await service.rows("SELECT is_true FROM abnormal_activities ORDER BY customer_id")
    ] == [True, False]
    await tell(service, *unmerge(2, person("c-1"), person("c-2")), time=DAY + 41 * HOUR)
    assert [
        row.is_true for row in await service.rows("SELECT is_true FROM abnormal_activities ORDER BY customer_id")
    ] == [False, True]


async def test_what_is_late_for_the_person_is_added_once_though_it_is_not_late_for_its_file(
    service: Delivering,
) -> None:
    now = DAY + timedelta(days=60)
    await tell(service, cash(DAY, "60000.00", "c-1"), cash(DAY, "10.00", "c-2", transaction_no="t-2"))
    await tell(service, cash(now, "10.00", "c-1", transaction_no="now"))
    await tell(service, *merge(1, "c-1", "c-2"), time=now + HOUR)
    await tell(service, cash(DAY + HOUR, "52000.00", "c-2", transaction_no="late"))
    await tell(service, cash(DAY + HOUR, "1000.00", "c-2", transaction_no="later"))
    await swept(service)
    assert await leads(service) == [
        ("c-1", "large-cash", "2025-03-05", "open", 1, 6_000_000),
        ("c-2", "large-cash", "2025-03-05", "open", 2, 5_300_000),
    ]


async def test_of_a_day_that_was_found_on_the_survivor_even_a_small_late_sum_on_another_file_is_said(
    service: Delivering,
) -> None:
    now = DAY + timedelta(days=60)
    await tell(service, cash(DAY, "60000.00", "c-1"), cash(now, "10.00", "c-1", transaction_no="now"))
    await tell(service, cash(DAY + HOUR, "10.00", "c-2", transaction_no="own"))
    await tell(service, *merge(1, "c-1", "c-2"), time=now + HOUR)
    await tell(service, cash(DAY + HOUR, "1000.00", "c-2", transaction_no="late"))
    await swept(service)
    assert await true_leads(service) == [("2025-03-05|large-cash|credit|home", 2, 6_100_000)]
    assert (await steps(service)).count("found") == 2
