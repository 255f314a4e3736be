"""An alert that rests, or that another release left without times, goes on as any other does."""

import json
from typing import Any

import httpx
import pytest

from churn_alert.alert.handlers import follow_crossings, retime_outdated
from rapport.events.base import Event
from tests.churn_alert.alert.raising import told
from tests.churn_alert.alert.test_merging import act, sweep
from tests.churn_alert.conftest import SILENT_FROM
from tests.churn_alert.lives import DAY
from tests.support.consenting import consents
from tests.support.delivering import Delivering
from tests.support.grouping import merge
from tests.support.sight import managed

NOW = SILENT_FROM + 70 * DAY
_TIMES = "SELECT policy_version, waiting_since, answer_by, due_at, partition, revision FROM alerts"


@pytest.fixture
async def resting(api: httpx.AsyncClient, alert: str) -> str:
    """The path of an alert on c-1 that rests for another 20 days."""
    rested = await api.post(f"{alert}/snooze", json={"until": (NOW + 20 * DAY).isoformat()})
    assert rested.status_code == 201
    return alert


async def last_told(service: Delivering) -> dict[str, Any]:
    rows = await service.rows("SELECT value FROM outbox WHERE topic = 'churn-alert-changed' ORDER BY outbox_id")
    found: dict[str, Any] = json.loads(rows[-1].value)
    return found


@pytest.mark.parametrize(
    ("word", "outcome", "beside"),
    [
        (consents("c-1", refused=["churn-care"]), "consent-refused", "consent_refused"),
        (managed("c-1", None).model_copy(update={"relationship": "exited"}), "restricted", "restricted"),
        (managed("c-1", None).model_copy(update={"status": "deceased"}), "restricted", "restricted"),
    ],
)
async def test_who_refuses_left_or_died_is_warned_of_no_more_though_the_alert_rests(
    api: httpx.AsyncClient, service: Delivering, resting: str, word: Event, outcome: str, beside: str
) -> None:
    await service.deliver(service.feed.record(word, time=NOW + DAY))
    shown = (await api.get(resting)).json()
    assert (shown["status"], shown["outcome"], shown["snoozed_until"]) == ("closed", outcome, None)
    fact = await last_told(service)
    assert (fact["outcome"], fact[beside], fact["step"]) == (None, True, "closed")
    await service.rows_written(f"UPDATE stream_clocks SET position = '{(NOW + 30 * DAY).isoformat()}'")
    await sweep(service)
    assert (await api.get(resting)).json()["history"][-1]["step"] == "closed"


async def test_the_resting_alert_of_a_file_that_is_merged_closes_and_the_survivors_goes_on(
    api: httpx.AsyncClient, service: Delivering, resting: str
) -> None:
    await act(service, merge(1, "c-0", "c-1"))
    shown = (await api.get(resting)).json()
    assert (shown["status"], shown["outcome"], shown["snoozed_until"]) == ("closed", "merged", None)
    assert (await last_told(service))["merged_into"] in {"c-0", None}


async def test_what_was_crossed_untruly_is_over_and_told_beside_the_outcome(
    api: httpx.AsyncClient, service: Delivering, resting: str
) -> None:
    ((crossing_id,),) = await service.rows("SELECT crossing_id FROM alerts")
    alerting = service.runtime.composition.state["alerting"]
    async with service.runtime.transactions.begin(customers=["c-1"]) as tx:
        clearing = told(direction="down", clears=crossing_id, at=NOW + DAY)
        await follow_crossings(tx, [clearing], alerting=alerting)
    shown = (await api.get(resting)).json()
    assert (shown["status"], shown["outcome"]) == ("closed", "cleared")
    fact = await last_told(service)
    assert (fact["outcome"], fact["cleared"]) == (None, True)


async def test_an_alert_of_a_release_without_times_is_given_those_of_the_policy(
    service: Delivering, alert: str
) -> None:
    before = await service.rows(_TIMES)
    await service.rows_written(
        "UPDATE alerts SET policy_version = NULL, waiting_since = NULL, answer_by = NULL, due_at = NULL,"
        " partition = NULL"
    )
    composition = service.runtime.composition
    await retime_outdated(service.runtime.transactions, alerting=composition.state["alerting"])
    assert await service.rows(_TIMES) == before
    assert alert
