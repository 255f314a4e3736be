"""Attribute and activity are noted once a bank's day where they changed, dated to when they came about."""

import asyncio
from datetime import UTC, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.scoring.entitlement.counter import Counter, stage
from tests.scoring.facts import DAY, MONDAY, deliver, holdings, transaction

BEGAN = datetime(2025, 3, 2, 16, tzinfo=UTC)  # Monday in Shanghai


def days(first: int, last: int) -> list[object]:
    return [transaction(MONDAY + n * DAY) for n in range(first, last + 1)]


async def test_a_class_is_noted_when_it_changes_and_keeps_its_date_while_it_stays(counter: Counter) -> None:
    await deliver(counter.service, *days(0, 1))  # type: ignore[arg-type]
    assert await counter.note() == 1
    assert await counter.history("activity") == [("low", BEGAN)]
    assert await counter.note() == 0, "once a day"
    await deliver(counter.service, *days(2, 5))  # type: ignore[arg-type]
    await counter.note()
    assert await counter.history("activity") == [("low", BEGAN), ("medium", BEGAN + 2 * DAY)]
    await deliver(counter.service, *days(6, 7))  # type: ignore[arg-type]
    await counter.note()
    assert len(await counter.history("activity")) == 2
    assert (await counter.classes())["activity"] == ("medium", BEGAN + 2 * DAY)
    # A year of silence but for one holding: the class fell by time alone, on a day that a reckoning finds.
    await deliver(counter.service, holdings(1, "10.00", at=MONDAY + 300 * DAY))
    await counter.note()
    assert (await counter.history("activity"))[-1] == ("low", BEGAN + (5 + 90) * DAY)


async def test_the_attribute_turns_with_the_month_it_is_the_average_of(counter: Counter) -> None:
    await deliver(counter.service, holdings(1, "600000.00", at=MONDAY))
    await counter.note()
    assert [value for value, _ in await counter.history("attribute")] == ["ordinary"]
    await deliver(counter.service, holdings(2, "600000.00", at=MONDAY + 40 * DAY))
    assert (await counter.classes())["attribute"] == ("hnw", datetime(2025, 3, 31, 16, tzinfo=UTC))
    await counter.note()
    assert (await counter.history("attribute"))[-1] == ("hnw", datetime(2025, 3, 31, 16, tzinfo=UTC))
    assert (await counter.classes())["attribute"] == ("hnw", datetime(2025, 3, 31, 16, tzinfo=UTC))


async def test_a_book_of_many_pages_is_noted_whole_and_a_batch_that_died_is_done_again(counter: Counter) -> None:
    await deliver(counter.service, *[holdings(1, "5.00", customer_id=f"c-{n}") for n in range(1001)])
    assert await counter.note() == 3
    rows = await counter.service.rows("SELECT customer_id FROM class_changes WHERE dimension = 'attribute'")
    assert len({row.customer_id for row in rows}) == len(rows) == 1001
    await counter.service.rows_written("UPDATE class_runs SET finished_at = NULL, noted_up_to = 'c-500'")
    await counter.note()
    assert len(await counter.service.rows("SELECT 1 FROM class_changes")) == 2002


async def test_none_is_noted_while_the_log_is_still_being_read(counter: Counter) -> None:
    await deliver(counter.service, *days(0, 1))  # type: ignore[arg-type]
    await counter.service.rows_written("UPDATE consumer_offsets SET log_end_offset = next_offset + 6000")
    assert await counter.note() == 0
    assert await counter.history("activity") == []


async def test_the_events_of_the_bank_ask_nothing_of_classes_and_policies(counter: Counter) -> None:
    tables = "customer_classes, class_changes, class_runs, policies, policy_acts"
    async with counter.service.runtime.engine.begin() as elsewhere:
        await elsewhere.execute(text(f"LOCK TABLE {tables} IN ACCESS EXCLUSIVE MODE"))
        async with asyncio.timeout(20):
            await deliver(counter.service, *days(0, 9))  # type: ignore[arg-type]
            await deliver(counter.service, holdings(1, "5000.00", at=MONDAY + 10 * DAY))
    assert (await counter.asked())["tier"] == "middle"


async def test_what_was_noted_is_never_altered(counter: Counter) -> None:
    await deliver(counter.service, *days(0, 1), stage("new"))  # type: ignore[arg-type]
    await counter.note()
    with pytest.raises(DBAPIError, match="only grows"):
        await counter.service.rows_written("UPDATE class_changes SET value = 'hnw'")


async def test_a_run_by_a_policy_that_was_withdrawn_is_begun_anew_by_the_one_in_force(counter: Counter) -> None:
    await deliver(counter.service, *days(0, 1))  # type: ignore[arg-type]
    run = "INSERT INTO class_runs(due_at, policy_version, noted_up_to) VALUES ('{}', 7, '')"
    await counter.service.rows_written(run.format(BEGAN + DAY))
    await counter.note()
    assert await counter.history("activity") == [("low", BEGAN)]
    (noted,) = await counter.service.rows("SELECT policy_version, finished_at IS NOT NULL FROM class_runs")
    assert tuple(noted) == (1, True)
