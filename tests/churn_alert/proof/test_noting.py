"""Whom the recency rule would have warned of is noted once a month is over: nobody of whom nothing may be concluded."""

from dataclasses import replace
from datetime import date, datetime

import pytest

from churn_alert.proof.handlers import Measuring
from churn_alert.proof.noting import note_recency, spans
from rapport.privacy.catalogue.document import published
from rapport.privacy.catalogue.ending import kept_of_customers
from rapport.succession import succession
from tests.churn_alert.proof.pauses import AFTER, FIRST, MAY, OCTOBER, drawn, keep_up, warnings, written
from tests.support.delivering import Delivering

NOTED = "SELECT customer_id, opened_at, after_days, tier, stage FROM recency_warnings ORDER BY 1, 2"


@pytest.mark.usefixtures("lived")
async def test_a_month_is_noted_once_it_is_over_and_by_what_was_known_then(
    service: Delivering, measure: Measuring
) -> None:
    customers = drawn(60, seed=6)
    await written(service, customers)
    clock = "UPDATE stream_clocks SET position = '{}'"
    await service.rows_written(clock.format("2025-05-31 23:00+08"))
    await note_recency(service.runtime.transactions, measure=measure)
    assert await service.rows(NOTED) == [], "the month is not over"
    await service.rows_written(clock.format("2025-06-02 00:00+08"))
    await note_recency(service.runtime.transactions, measure=measure)
    noted = await service.rows(NOTED)
    expected = [
        (one.name, day)
        for one in sorted(customers, key=lambda one: one.name)
        for day in warnings(one.days, MAY, date(2025, 6, 1))
    ]
    assert expected
    assert [(row.customer_id, row.opened_at.astimezone(measure.zone).date()) for row in noted] == expected
    told = {one.name: one.tier if one.is_known else None for one in customers}
    assert all(row.tier == told[row.customer_id] for row in noted)
    # Who was noted stays noted, whatever is told afterwards; and judged is nobody whose window is not over.
    await service.rows_written("UPDATE tiers SET tier = 'middle'", "DELETE FROM recency_months")
    await keep_up(service, measure)
    assert await service.rows(NOTED) == noted
    assert await service.rows("SELECT * FROM recency_outcomes") == []


def test_months_are_noted_together_as_far_as_one_version_goes(measure: Measuring) -> None:
    later = replace(measure, version=2, recency_days=40)
    both = succession(
        [(datetime(2025, 1, 1, tzinfo=measure.zone), measure), (datetime(2025, 7, 10, tzinfo=measure.zone), later)]
    )
    first, second = spans(both, MAY, OCTOBER)
    assert (first.since, first.until, first.measure.recency_days) == (MAY, date(2025, 8, 1), AFTER)
    assert (second.since, second.until, second.measure.recency_days) == (date(2025, 8, 1), OCTOBER, 40)
    assert spans(both, MAY, MAY) == []


@pytest.mark.usefixtures("lived")
async def test_nobody_is_noted_who_refuses_care_or_is_restricted_or_is_merged_into_another(
    service: Delivering, measure: Measuring
) -> None:
    customers = [one for one in drawn(200, seed=7) if warnings(one.days, MAY, OCTOBER)]
    await written(service, customers)
    refusing, restricted, merged, survivor, *_ = (one.name for one in customers)
    await service.rows_written(
        f"UPDATE risks SET consent_refused = true WHERE customer_id = '{refusing}'",
        f"UPDATE risks SET is_restricted = true WHERE customer_id = '{restricted}'",
        f"INSERT INTO merged_files VALUES ('{merged}', '{survivor}', 1), ('{survivor}', '{survivor}', 1)",
    )
    await keep_up(service, measure)
    noted = {row.customer_id for row in await service.rows(NOTED)}
    assert noted.isdisjoint({refusing, restricted, merged})
    both = next(one.days for one in customers if one.name == merged) | next(
        one.days for one in customers if one.name == survivor
    )
    of_person = [row for row in await service.rows(NOTED) if row.customer_id == survivor]
    days = [row.opened_at.astimezone(measure.zone).date() for row in of_person]
    assert [day for day in days if day < OCTOBER] == warnings(both, MAY, OCTOBER)


@pytest.mark.parametrize("word", ["consent_refused", "is_restricted"])
@pytest.mark.usefixtures("lived")
async def test_nobody_is_noted_whose_no_or_restriction_lies_on_another_file(
    service: Delivering, measure: Measuring, word: str
) -> None:
    customers = [one for one in drawn(60, seed=7) if warnings(one.days, MAY, OCTOBER)]
    customers[1].days = {FIRST}
    await written(service, customers)
    survivor, merged, *_ = (one.name for one in customers)
    assert warnings(customers[0].days | {FIRST}, MAY, OCTOBER), "of the person there would be something to note"
    await service.rows_written(
        f"UPDATE risks SET {word} = true WHERE customer_id = '{merged}'",
        f"INSERT INTO merged_files VALUES ('{merged}', '{survivor}', 1), ('{survivor}', '{survivor}', 1)",
    )
    await keep_up(service, measure)
    noted = {row.customer_id for row in await service.rows(NOTED)}
    assert noted
    assert noted.isdisjoint({survivor, merged})


@pytest.mark.usefixtures("lived")
async def test_a_person_is_noted_by_the_days_of_the_other_file_where_the_survivor_has_none_of_its_own(
    service: Delivering, measure: Measuring
) -> None:
    customers = [one for one in drawn(60, seed=7) if warnings(one.days, MAY, OCTOBER)]
    await written(service, customers)
    survivor, merged, *_ = (one.name for one in customers)
    await service.rows_written(
        f"UPDATE risks SET active_days_from = NULL, active_days = NULL WHERE customer_id = '{survivor}'",
        f"INSERT INTO merged_files VALUES ('{merged}', '{survivor}', 1), ('{survivor}', '{survivor}', 1)",
    )
    await keep_up(service, measure)
    of_person = [row for row in await service.rows(NOTED) if row.customer_id == survivor]
    days = [row.opened_at.astimezone(measure.zone).date() for row in of_person]
    assert [day for day in days if day < OCTOBER] == warnings(customers[1].days, MAY, OCTOBER)


def test_what_is_noted_of_a_customer_ends_with_the_file(service: Delivering) -> None:
    kept = {one.table.name: one for one in kept_of_customers(service.runtime.composition.metadata, published())}
    assert kept["recency_warnings"].until == kept["alerts"].until == kept["recency_outcomes"].until
