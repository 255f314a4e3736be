"""Every experiment is measured: what is asked of who opened an account, bought or left follows from the occasion."""

from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from uuid import UUID

import pytest

from churn_alert.playbook.domain.playbooks import MEASURES
from churn_alert.proof.domain.outcome import Occasion, Use, achieved, silent_days
from churn_alert.proof.handlers import Measuring, judge_occasions
from rapport.behaviour.active_days import ActiveDays
from tests.churn_alert.conftest import SILENT_FROM
from tests.churn_alert.intervention.courses import SHELF
from tests.churn_alert.lives import DAY
from tests.support.delivering import Delivering

ONE = Occasion(UUID(int=1), "c-1", "new-product", "WM-1", SILENT_FROM)


def active(*days: date) -> ActiveDays:
    found = ActiveDays.on(days[0])
    for day in days[1:]:
        found = found.add(day)
    return found


@pytest.fixture
def measure(service: Delivering) -> Measuring:
    found: Measuring = service.runtime.composition.state["measure"]
    return found


def test_whoever_holds_somebody_out_has_a_measure() -> None:
    held_out = [one for one in SHELF.latest.playbooks if one.hold_out]
    assert held_out
    assert all(one.node in MEASURES for one in held_out)


def test_what_is_asked_is_asked_of_the_window_alone(measure: Measuring) -> None:
    day = SILENT_FROM.astimezone(measure.zone).date()
    window = measure.definition.window

    def came(asked: str, *, days: ActiveDays | None = None, uses: tuple[Use, ...] = (), back: tuple = ()) -> bool:
        return achieved(asked, ONE, days, uses, back, measure.definition, measure.zone)  # type: ignore[arg-type]

    assert not came("active")
    assert came("active", days=active(day, day + window - timedelta(days=5)))
    assert not came("active", days=active(day, day + timedelta(days=20)))
    assert not came("active", days=active(day, day + window + timedelta(days=1))), "after the window is too late"
    use = Use("WM-1", SILENT_FROM + DAY, SILENT_FROM + 5 * DAY)
    assert came("uses-product", uses=(use,))
    assert not came("uses-product", uses=(use._replace(product="WM-2"),))
    assert not came("uses-product", uses=(Use("WM-1", SILENT_FROM - 9 * DAY, SILENT_FROM - DAY),)), "used before alone"
    assert not came("uses-product", uses=(Use("WM-1", SILENT_FROM + 91 * DAY, SILENT_FROM + 92 * DAY),))
    assert came("won-back", back=(SILENT_FROM + 10 * DAY,))
    assert not came("won-back", back=(SILENT_FROM - DAY, SILENT_FROM + 91 * DAY))
    assert came("kept", days=active(day)), "who never was at home here cannot leave"


def test_silence_is_counted_up_to_the_day_itself() -> None:
    first = date(2025, 1, 1)
    days = active(first, first + timedelta(days=10), first + timedelta(days=30))
    assert silent_days(days, first + timedelta(days=16)) == 5
    assert silent_days(days, first + timedelta(days=11)) == 0
    assert silent_days(days, first) is None
    assert silent_days(None, first) is None


@pytest.mark.usefixtures("lived")
async def test_occasions_are_measured_once_their_window_is_over_each_by_its_own_measure(
    service: Delivering, measure: Measuring
) -> None:
    """c-1 fell silent, c-3 came back; of an intervention without an arm nothing is asked."""
    template = "(SELECT intervention_id FROM interventions WHERE customer_id = 'c-1' ORDER BY opened_at LIMIT 1)"
    base = (
        "'status', 'done', 'ended_at', i.opened_at, 'alert_id', null, "
        "'experiment', one.node, 'node', one.node, 'arm', one.arm"
    )
    listed = (
        "('c-1', 'account-opening', 'treated', 1), ('c-3', 'account-opening', 'held-out', 2), "
        "('c-1', 'regular', null, 3), ('c-3', 'new-product', 'treated', 4)"
    )
    await service.rows_written(
        "INSERT INTO interventions SELECT (jsonb_populate_record(i, jsonb_build_object("
        f"'intervention_id', lpad(n::text, 32, '0'), 'customer_id', customer, {base}, 'product', 'WM-1'))).* "
        f"FROM interventions i, (VALUES {listed}) AS one (customer, node, arm, n) "
        f"WHERE one.arm IS NOT NULL AND i.intervention_id = {template}",
        "INSERT INTO intervention_events (intervention_id, number, move, happened_at, known_at) "
        "SELECT intervention_id, 1, 'proposed', opened_at, opened_at FROM interventions WHERE alert_id IS NULL",
    )
    judge = partial(judge_occasions, service.runtime.transactions)
    far = replace(measure, definition=replace(measure.definition, silent_days=300))
    await judge(measure=far)
    assert await service.rows("SELECT * FROM intervention_outcomes") == []
    await judge(measure=measure)
    await judge(measure=measure)
    rows = await service.rows(
        "SELECT i.customer_id, o.measure, o.achieved FROM intervention_outcomes o JOIN interventions i "
        "USING (intervention_id) ORDER BY 1, 2"
    )
    assert [tuple(row) for row in rows] == [
        ("c-1", "active", False),
        ("c-3", "active", True),
        ("c-3", "uses-product", False),
    ]
