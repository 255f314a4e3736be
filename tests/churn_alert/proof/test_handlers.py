"""Each alert is judged once, when its window is over for its customer's clock, and by nothing that came later."""

from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from churn_alert.proof.domain.outcome import gone_on
from churn_alert.proof.handlers import judge_alerts
from rapport.behaviour.active_days import ActiveDays
from rapport.privacy.catalogue.document import published
from rapport.privacy.catalogue.ending import kept_of_customers
from rapport.succession import succession
from tests.churn_alert.conftest import SILENT_FROM, Live
from tests.churn_alert.lives import DAY
from tests.churn_alert.proof.conftest import Judge
from tests.support.delivering import Delivering

OUTCOMES = """
SELECT a.customer_id, o.warned_on, o.gone_on, o.definition FROM alert_outcomes o JOIN alerts a USING (alert_id)
ORDER BY a.customer_id, o.warned_on
"""


@pytest.mark.usefixtures("lived")
async def test_who_left_was_rightly_warned_of_and_who_came_back_was_not(service: Delivering, judge: Judge) -> None:
    await judge()
    found = await service.rows(OUTCOMES)
    gone = {row.customer_id: row.gone_on for row in found}
    assert gone == {
        "c-1": SILENT_FROM.date() + timedelta(days=60),
        "c-2": SILENT_FROM.date() + timedelta(days=60),
        "c-3": None,
    }
    opened = await service.rows("SELECT customer_id, opened_at FROM alerts ORDER BY 1")
    zone = service.runtime.composition.state["measure"].zone
    assert {row.customer_id: row.warned_on for row in found} == {
        row.customer_id: row.opened_at.astimezone(zone).date() for row in opened
    }


async def test_nobody_is_judged_before_the_window_is_over(service: Delivering, judge: Judge, live: Live) -> None:
    await live("c-1", until=SILENT_FROM + 70 * DAY)
    assert await service.rows("SELECT alert_id FROM alerts"), "an alert whose customer is gone already"
    await judge()
    assert await service.rows(OUTCOMES) == []


@pytest.mark.usefixtures("lived")
async def test_what_was_found_once_stays(service: Delivering, judge: Judge) -> None:
    await judge()
    before = await service.rows(OUTCOMES)
    await service.rows_written("UPDATE risks SET active_days = NULL, active_days_from = NULL")
    await judge()
    assert await service.rows(OUTCOMES) == before


@pytest.mark.usefixtures("lived")
async def test_an_alert_told_late_counts_from_when_staff_could_know_of_it(service: Delivering) -> None:
    """In wall time; by the moment it is about, as a naive count has it, it would look two months earlier."""
    measure = service.runtime.composition.state["measure"]
    service.service.is_stream_time = False
    await service.rows_written(
        "UPDATE alert_events e SET known_at = a.opened_at + interval '60 days' FROM alerts a "
        "WHERE a.alert_id = e.alert_id"
    )
    await judge_alerts(service.runtime.transactions, measure=measure)
    rows = await service.rows(
        "SELECT o.warned_on, o.gone_on, a.opened_at FROM alert_outcomes o JOIN alerts a USING (alert_id) "
        "WHERE a.customer_id = 'c-1'"
    )
    for row in rows:
        naive = row.opened_at.astimezone(measure.zone).date()
        assert row.warned_on == naive + timedelta(days=60)
        assert (row.gone_on - row.warned_on).days < 0 < (row.gone_on - naive).days


@pytest.mark.usefixtures("lived")
@pytest.mark.parametrize(("begins", "version", "silent_days"), [(0, 2, 90), (200, 1, 60)])
async def test_an_alert_is_judged_by_the_definition_in_force_when_staff_could_know_of_it(
    service: Delivering, begins: int, version: int, silent_days: int
) -> None:
    measure = service.runtime.composition.state["measure"]
    later = replace(measure, version=2, definition=replace(measure.definition, silent_days=90))
    both = succession([(SILENT_FROM, measure), (SILENT_FROM + begins * DAY, later)])
    await judge_alerts(service.runtime.transactions, measure=both)
    found = [row for row in await service.rows(OUTCOMES) if row.customer_id == "c-1"]
    assert {row.definition for row in found} == {version}
    assert {row.gone_on for row in found} == {SILENT_FROM.date() + timedelta(days=silent_days)}


def test_a_customer_who_was_never_active_is_not_gone(service: Delivering) -> None:
    assert gone_on(None, SILENT_FROM.date(), service.runtime.composition.state["measure"].definition) is None


def test_what_comes_after_the_window_changes_no_outcome(service: Delivering) -> None:
    definition, first = service.runtime.composition.state["measure"].definition, SILENT_FROM.date()
    days = ActiveDays.on(first)
    for number in range(100):
        days = days.add(first + timedelta(days=number))
    warned = first + timedelta(days=100)
    late = days.add(warned + timedelta(days=100))
    found = partial(gone_on, warned_on=warned, definition=definition)
    assert found(days) == found(late) == first + timedelta(days=160)


@pytest.mark.usefixtures("lived")
async def test_outcomes_end_with_the_file(service: Delivering, judge: Judge) -> None:
    await judge()
    kept = {one.table.name: one for one in kept_of_customers(service.runtime.composition.metadata, published())}
    assert kept["alert_outcomes"].until == kept["alerts"].until
